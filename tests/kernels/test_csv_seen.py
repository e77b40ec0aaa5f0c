"""The memory of lines against a plain list, the memory of ships against a dict."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.kernels.csv_seen import LastSaid, SeenLines


def repeated(values: list[int], cuts: list[int], generation: int) -> list[bool]:
    seen = SeenLines(generation)
    column = np.array(values, np.uint64)
    parts = np.split(column, sorted(c % (len(values) + 1) for c in cuts))
    return np.concatenate([seen.repeated(p, np.ones(len(p), np.bool_)) for p in parts]).tolist()


@given(st.lists(st.integers(0, 40), max_size=200), st.lists(st.integers(0, 300), max_size=4))
def test_every_copy_is_found_while_a_generation_lasts(values: list[int], cuts: list[int]) -> None:
    once = [v or 1 for v in values]  # 0 marks an empty place and is kept as 1
    expected = [v in once[:i] for i, v in enumerate(once)]
    assert repeated(values, cuts, generation=1000) == expected


@given(st.lists(st.integers(1, 60), max_size=300), st.lists(st.integers(0, 300), max_size=4))
def test_a_copy_is_found_within_a_generation_however_the_stream_is_cut(
    values: list[int], cuts: list[int]
) -> None:
    found = repeated(values, cuts, generation=8)
    assert found == repeated(values, [], generation=8)
    for i, value in enumerate(values):
        if found[i]:
            assert value in values[:i]
        for back in range(i - 1, -1, -1):
            if values[back] == value and len(set(values[back + 1 : i])) <= 8:
                assert found[i]
                break


def test_memory_grows_with_the_file_and_then_no_more() -> None:
    seen = SeenLines()
    hashes = np.arange(1, 6_000_001, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    assert not seen.repeated(hashes, np.ones(len(hashes), np.bool_)).any()
    assert seen.repeated(hashes[-2_000_000:], np.ones(2_000_000, np.bool_)).all()
    assert seen._now.nbytes + seen._before.nbytes <= 64 << 20


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3), st.booleans()), max_size=100))
def test_a_ship_speaks_anew_when_it_says_something_else(rows: list[tuple[int, int, bool]]) -> None:
    said, last, expected = LastSaid(), dict[int, int](), []
    for ship, text, wanted in rows:
        expected.append(wanted and last.get(ship) != text)
        if wanted:
            last[ship] = text
    columns = [np.array(c) for c in zip(*rows, strict=True)] if rows else [np.empty(0, int)] * 3
    found = said.changed(columns[0].astype(np.int32), columns[1].astype(np.uint64), columns[2].astype(bool))
    assert found.tolist() == expected


def test_ships_are_remembered_when_the_table_grows() -> None:
    said = LastSaid()
    ships = np.arange(200_000_000, 200_100_000, dtype=np.int32)
    hashes, all_of_them = np.ones(len(ships), np.uint64), np.ones(len(ships), np.bool_)
    assert said.changed(ships, hashes, all_of_them).all()
    assert not said.changed(ships, hashes, all_of_them).any()
