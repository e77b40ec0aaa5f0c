"""Which static reports say something new."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.kernels.changes import changed, row_hash


@given(st.lists(st.binary(min_size=6, max_size=6), min_size=1, max_size=20))
def test_equal_rows_have_equal_hashes_and_blank_rows_zero(rows: list[bytes]):
    hashes = row_hash(np.frombuffer(b"".join(rows), np.uint8).reshape(-1, 6)).tolist()
    assert len({(r, h) for r, h in zip(rows, hashes, strict=True)}) == len(set(rows)) == len(set(hashes))
    assert all((h == 0) == (r == bytes(6)) for r, h in zip(rows, hashes, strict=True))


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30),
    st.integers(0, 30),
)
def test_a_known_part_that_differs_from_the_last_is_new(reports: list[tuple[int, int, int]], cut: int):
    vessel = np.array([v for v, *_ in reports], np.int32)
    parts = np.array([p for _, *p in reports], np.uint64)
    last = np.zeros((3, 2), np.uint64)
    cut %= len(reports) + 1
    told = [
        *changed(vessel[:cut], parts[:cut], last).tolist(),
        *changed(vessel[cut:], parts[cut:], last).tolist(),
    ]
    said: dict[tuple[int, int], int] = {}
    for new, (v, *known) in zip(told, reports, strict=True):
        fresh = [k for k, part in enumerate(known) if part and said.get((v, k)) != part]
        assert new == bool(fresh)
        said |= {(v, k): known[k] for k in fresh}
