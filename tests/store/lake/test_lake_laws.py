"""What was appended is what is read, however it was cut, joined, taken back and written again."""

from collections.abc import Iterator
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_rows import DAY, HOUR, SOURCES, T0, as_rows, expected, in_order, positions

from watchkeeper.model.records import Positions, Statics
from watchkeeper.store.lake import Lake
from watchkeeper.store.lake.read import Box
from watchkeeper.store.lake.rows import bucket_of, cell_of, order_of

FOREVER = (0, T0 + 100 * DAY)

flushes = st.lists(
    st.tuples(
        st.integers(0, 3 * DAY - 1),
        st.integers(1, 5),
        st.floats(-90, 90),
        st.floats(-180, 180),
        st.integers(0, 2),
    ),
    max_size=12,
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("append"), flushes),
        st.tuples(st.just("join"), st.integers(0, 3 * DAY)),
        st.tuples(st.just("back"), st.integers(1, 3)),
        st.tuples(st.just("reopen"), st.none()),
    ),
    min_size=1,
    max_size=9,
)


def reports(rows: list, line: int) -> Positions:
    t, mmsi, lat, lon, source = (list(c) for c in zip(*rows, strict=True)) if rows else ([],) * 5
    return positions(t, mmsi, lat, lon, line=np.arange(line, line + len(rows)), source=source)


def every_way(lake: Lake) -> Iterator[list]:
    yield in_order(r for batch in lake.scan(*FOREVER) for r in as_rows(batch))
    yield in_order(r for m in range(1, 6) for r in as_rows(lake.track(m, *FOREVER)))
    replay = lake.replay(*FOREVER, sources=SOURCES)
    yield expected(Positions.concat(list(replay)))


def follow(where: str, todo: list) -> tuple[Lake, list[Positions]]:
    """Do the steps; the lake, and what should be in it."""
    lake, kept, line, safe = Lake.open(where, write=True), {}, 1, 0
    for what, value in todo:
        epoch = max(kept, default=0)
        if what == "append":
            kept[epoch + 1] = reports(value, line)
            line += len(value)
            lake.append(epoch + 1, "real", kept[epoch + 1], Statics.empty(), sources=SOURCES)
        elif what == "join":
            safe = epoch
            lake.compact(safe, now=T0 + value, over=T0 + value)
        elif what == "back":
            to = max(safe, epoch - value)
            kept = {e: p for e, p in kept.items() if e <= to}
            if to < epoch:
                lake.truncate_after(to)
                kept.setdefault(to, Positions.empty())
        else:
            lake = Lake.open(where, write=True)
    return lake, list(kept.values())


@settings(max_examples=50)
@given(todo=steps)
def test_nothing_is_lost_and_nothing_doubled(todo):
    with TemporaryDirectory() as where, pytest.MonkeyPatch.context() as patch:
        patch.setattr("watchkeeper.store.lake.compact.FAN_IN", 2)
        patch.setattr("os.fsync", lambda _: None)
        lake, kept = follow(where, todo)
        want = expected(Positions.concat(kept))
        for got in every_way(lake):
            assert got == want
        lake.sweep(now=2**50)
        assert lake.verify() == []


def test_the_same_in_object_storage(bucket: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("watchkeeper.store.lake.compact.FAN_IN", 2)
    row = (DAY - 5, 1, 1.0, 2.0, 0)
    add, more = ("append", [row, (5, 2, 1.0, 2.0, 1)]), ("append", [(DAY + 7, 1, 3.0, 4.0, 2)])
    todo = [add, add, ("join", 0), more, ("back", 1), more, ("reopen", None), add, ("join", 2 * DAY), more]
    lake, kept = follow(f"s3://{bucket}/x", todo)
    for got in every_way(lake):
        assert got == expected(Positions.concat(kept))
    lake.sweep(now=2**50)
    assert lake.verify() == []


@settings(max_examples=40)
@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 3 * HOUR), st.integers(1, 6), st.floats(-90, 90), st.floats(-180, 180), st.just(0)
        ),
        max_size=25,
    ),
    box=st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90)),
    t=st.integers(0, 3 * HOUR),
    cut=st.integers(0, 25),
)
def test_a_box_is_what_looking_at_every_row_gives(rows, box, t, cut):
    west, south, east, north = box
    south, north = min(south, north), max(south, north)
    given_rows = reports(rows, 1)
    within = 2 * HOUR
    with TemporaryDirectory() as where:
        lake = Lake.open(where, write=True)
        lake.append(1, "real", given_rows.slice(0, cut), Statics.empty(), sources=SOURCES)
        lake.append(2, "real", given_rows.slice(cut, len(rows)), Statics.empty(), sources=SOURCES)
        got = {(r[0], r[2], r[12]) for r in as_rows(lake.box(west, south, east, north, T0 + t, within))}
    seen = Box(west, south, east, north).widened(120.0)
    last = {}
    for row in expected(given_rows):
        if T0 + t - within < row[2] <= T0 + t and seen.inside(np.array([row[4]]), np.array([row[5]]))[0]:
            last[row[0]] = row
    inside = Box(west, south, east, north).inside
    assert got == {
        (r[0], r[2], r[12]) for r in last.values() if inside(np.array([r[4]]), np.array([r[5]]))[0]
    }


@given(
    keys=st.lists(
        st.tuples(st.integers(-(2**62), 2**62), st.integers(-5, 5), st.integers(0, 2**31)),
        min_size=1,
        max_size=50,
    ),
    small=st.booleans(),
)
def test_an_order_is_that_of_tuples(keys, small):
    keys = [(k[0] % 1000, *k[1:]) for k in keys] if small else keys
    columns = [np.array(c, np.int64) for c in zip(*keys, strict=True)]
    assert [keys[k] for k in order_of(*columns)] == sorted(keys)


def test_every_ship_has_a_bucket_that_will_never_change():
    ships = np.array([1, 219_000_001, 273_123_456, 999_999_999, 2**31 - 1], "i4")
    assert bucket_of(ships).tolist() == [9, 2, 14, 0, 14]
    many = np.bincount(bucket_of(np.arange(200_000_000, 200_100_000)), minlength=16)
    assert many.min() > 0.9 * many.max()


@given(
    row=st.integers(0, 719),
    place=st.integers(0, 1439),
    within=st.tuples(st.floats(0, 0.249), st.floats(0, 0.249)),
)
def test_a_cell_is_a_quarter_of_a_degree(row, place, within):
    south, west = row / 4 - 90, place / 4 - 180
    cells = cell_of(np.array([south, south + within[0]]), np.array([west, west + within[1]]))
    assert cells[0] == cells[1] < 2**22
    bits = [(int(cells[0]) >> k) & 1 for k in range(22)]
    assert sum(b << k for k, b in enumerate(bits[0::2])) == place
    assert sum(b << k for k, b in enumerate(bits[1::2])) == row
