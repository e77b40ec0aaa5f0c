"""What is written into a lake is read out of it, in a folder and in object storage alike."""

import numpy as np
import pytest
from lake_rows import (
    DAY,
    HOUR,
    MINUTE,
    SOURCES,
    T0,
    as_rows,
    expected,
    in_order,
    positions,
    random_positions,
    statics,
)

from watchkeeper.errors import StateError, StoreError
from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.time import NO_TIME
from watchkeeper.store.lake import BUCKETS, Lake, bucket_of, scan

FOREVER = (0, T0 + 10_000 * DAY)
NONE = Statics.empty()


def everything(lake: Lake, realm: str = "real") -> list:
    """All rows, by the way that workers read them."""
    return in_order(row for batch in lake.scan(*FOREVER, realm=realm) for row in as_rows(batch))


def test_what_is_appended_is_read(where: str):
    lake = Lake.open(where, write=True)
    given = random_positions(1, 500, span=3 * DAY)
    rng = np.random.default_rng(2)
    track = rng.integers(0, 2, 500).astype("i1")
    heard = np.where(rng.random(500) < 0.5, NO_TIME, given.t + 5_000)
    lake.append(1, "real", given, NONE, sources=SOURCES, track=track, heard=heard)
    want = expected(given, track=track, heard=heard)

    other = Lake.open(where)
    assert everything(other) == want
    for mmsi in (219_000_003, 219_000_017):
        assert as_rows(other.track(mmsi, *FOREVER)) == [r for r in want if r[0] == mmsi]
    noon = T0 + 12 * HOUR
    assert as_rows(other.track(219_000_003, T0, noon)) == [
        r for r in want if r[0] == 219_000_003 and r[2] < noon
    ]
    assert other.span() == (want[0][2], want[-1][2])
    assert other.verify() == []


def test_a_range_begins_with_its_first_millisecond_and_ends_before_its_last(where: str):
    lake = Lake.open(where, write=True)
    lake.append(1, "real", positions([0, 1000, 2000]), NONE, sources=["a"])
    assert [r[2] - T0 for r in as_rows(lake.track(219_000_001, T0, T0 + 2000))] == [0, 1000]
    assert [r[2] - T0 for b in lake.scan(T0 + 1000, T0 + 2001) for r in as_rows(b)] == [1000, 2000]
    assert lake.track(219_000_001, T0 + 5, T0 + 5).num_rows == 0


def test_a_flush_over_midnight_is_cut_by_date(where: str):
    lake = Lake.open(where, write=True)
    given = positions([DAY - 1, DAY, DAY + 1])
    lake.append(1, "real", given, statics([DAY - 1, DAY]), sources=["a"])
    assert lake.info().dates == {"real": ("2026-01-05", "2026-01-06")}
    assert as_rows(lake.track(219_000_001, *FOREVER)) == expected(given, sources=["a"])
    assert lake.statics(*FOREVER).num_rows == 2


def test_realms_are_apart(where: str):
    lake = Lake.open(where, write=True)
    lake.append(1, "real", positions([0]), NONE, sources=["a"])
    hostile = "exercise:../../real/date=2026-01-05"
    lake.append(1, hostile, positions([1, 2]), statics([1]), sources=["b"])
    assert len(everything(lake)) == 1
    assert len(everything(lake, hostile)) == 2
    assert lake.statics(*FOREVER).num_rows == 0
    assert lake.box(17, 56, 19, 58, T0 + 10, 100).num_rows == 1
    assert lake.info().epochs == {"real": 1, hostile: 1}
    assert lake.verify() == []
    assert lake.expire(T0 + 10 * DAY, now=T0, realm=hostile) == [(hostile, "2026-01-05")]
    assert len(everything(lake)) == 1
    assert everything(lake, hostile) == []


def test_statics_come_back_as_they_were(where: str):
    lake = Lake.open(where, write=True)
    given = statics([5, 6], name="БАЛТИКА".encode())
    lake.append(1, "real", Positions.empty(), given, sources=["a"])
    table = lake.statics(*FOREVER, mmsi=[219_000_001])
    assert table.column("name").to_pylist() == ["БАЛТИКА"] * 2
    assert table.column("beam_m").to_pylist() == [None, None]
    assert lake.statics(*FOREVER, mmsi=[1]).num_rows == 0
    ((empty, back),) = lake.replay(*FOREVER).batches()
    assert len(empty) == 0
    for name in Statics.DTYPES:
        np.testing.assert_array_equal(getattr(back, name), getattr(given, name), err_msg=name)


def test_bytes_that_are_no_text_are_replaced(tmp_path):
    lake = Lake.open(str(tmp_path), write=True)
    lake.append(1, "real", Positions.empty(), statics([5], name=b"AB\xff"), sources=["a"])
    assert lake.statics(*FOREVER).column("name").to_pylist() == ["AB\ufffd"]


@pytest.mark.parametrize("joined", [False, True])
def test_a_replay_is_in_time_order(where: str, joined: bool):
    lake = Lake.open(where, write=True)
    parts = [random_positions(k, 200, begin=k * HOUR, line=1 + 200 * k) for k in range(4)]
    for epoch, part in enumerate(parts, 1):
        lake.append(epoch, "real", part, statics([epoch * HOUR]), sources=SOURCES)
    if joined:
        assert lake.compact(4, now=T0 + 3 * DAY) > 0
    given = Positions.concat(parts)
    replay = lake.replay(*FOREVER, sources=SOURCES)
    read = Positions.concat(list(replay))
    order = np.lexsort((given.row, given.t))
    for name in Positions.DTYPES:
        np.testing.assert_array_equal(getattr(read, name), getattr(given.take(order), name), err_msg=name)
    assert replay.sources == list(SOURCES)
    assert sum(len(s) for _, s in lake.replay(*FOREVER).batches()) == 4


def test_a_replay_numbers_the_sources_it_was_not_told(tmp_path):
    lake = Lake.open(str(tmp_path), write=True)
    lake.append(1, "real", positions([0, 0, 0], source=[0, 1, 2]), NONE, sources=SOURCES)
    replay = lake.replay(*FOREVER, sources=["ключ"])
    assert replay.sources == ["ключ", "a file.csv", "tcp-1"]
    (batch,) = replay
    assert (batch.row >> 40).tolist() == [0, 1, 2]


def test_slices_are_bounded_and_lose_nothing(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("watchkeeper.store.lake.scan.SLICE_ROWS", 100)
    monkeypatch.setattr("watchkeeper.store.lake.scan.BATCH_ROWS", 40)
    held = []

    def slice_(*given):
        held.append(whole(*given))
        return held[-1]

    whole = scan._slice
    monkeypatch.setattr(scan, "_slice", slice_)
    lake = Lake.open(str(tmp_path), write=True)
    parts = [random_positions(k, 500, span=6 * HOUR, line=1 + 500 * k) for k in range(3)]
    for epoch, part in enumerate(parts, 1):
        lake.append(epoch, "real", part, NONE, sources=SOURCES)
    want = expected(Positions.concat(parts))
    sizes = [len(p) for p in lake.replay(*FOREVER)]
    assert sum(sizes) == 1500
    assert max(sizes) <= 40
    assert len(held) > 10
    assert max(h.num_rows for h in held) < 150
    assert everything(lake) == want
    for bucket in range(BUCKETS):
        got = [r for b in lake.scan(*FOREVER, buckets=[bucket]) for r in as_rows(b)]
        assert got == [r for r in want if bucket_of(np.array([r[0]]))[0] == bucket]


def test_a_scan_gives_what_is_asked_for(where: str):
    lake = Lake.open(where, write=True)
    given = random_positions(3, 300)
    lake.append(1, "real", given, NONE, sources=SOURCES)
    ships = [219_000_002, 219_000_009]
    batches = list(lake.scan(*FOREVER, ["mmsi", "lat"], mmsi=ships))
    assert {b.schema.names[0] for b in batches} == {"mmsi"}
    got = sorted(r for b in batches for r in as_rows(b))
    assert got == sorted((r[0], r[4]) for r in expected(given) if r[0] in ships)


def test_a_box_gives_the_last_report_of_each_ship_inside(where: str):
    lake = Lake.open(where, write=True)
    lake.append(
        1,
        "real",
        positions(
            [0, 5 * MINUTE, 0, 8 * MINUTE, 40 * MINUTE, 0],
            [1, 1, 2, 2, 3, 4],
            [57.0, 57.1, 57.0, 57.3, 57.0, 59.0],
            18.0,
        ),
        NONE,
        sources=["a"],
    )
    got = lake.box(17.9, 56.9, 18.1, 57.2, T0 + 10 * MINUTE, 10 * MINUTE + 1)
    # Ship 2 has left, 3 comes later, 4 is elsewhere.
    assert [(r[0], r[4]) for r in as_rows(got)] == [(1, 57.1)]
    assert lake.box(17.9, 56.9, 18.1, 57.2, T0 + 10 * MINUTE, 10 * MINUTE).num_rows == 1
    assert lake.box(17.9, 56.9, 18.1, 57.2, T0 + 4 * MINUTE, 5 * MINUTE).num_rows == 2


def test_a_box_tells_two_hulls_of_one_number_apart(tmp_path):
    lake = Lake.open(str(tmp_path), write=True)
    hulls = np.array([0, 1, 0], "i1")
    lake.append(1, "real", positions([0, 1, 2], lat=[57, 57.5, 57]), NONE, sources=["a"], track=hulls)
    assert [r[1:3] for r in as_rows(lake.box(17, 56, 19, 58, T0 + 10, 100))] == [(0, T0 + 2), (1, T0 + 1)]


@pytest.mark.parametrize(
    ("box", "ships"),
    [
        ((170, -10, -170, 10), {1, 2, 3, 4}),
        ((179.5, -10, 180, 10), {1, 3, 4}),
        ((-180, -10, -179.5, 10), {2, 3, 4}),
        ((-180, -90, 180, 90), {1, 2, 3, 4, 5, 6, 7}),
        ((0, 80, 20, 90), {5, 6}),
        ((0, -90, 20, -80), {7}),
        ((0, 80, 20, 89.99), {6}),
        ((-170, -10, 170, 10), set()),
        ((530, -10, 550, 10), {1, 2, 3, 4}),
    ],
)
def test_a_box_at_the_edges_of_the_map(tmp_path, box, ships):
    lake = Lake.open(str(tmp_path), write=True)
    lat = [0, 0, 0, 0, 90, 85, -90]
    lon = [179.75, -179.75, 180, -180, 77, 10, -77]
    lake.append(1, "real", positions([0] * 7, range(1, 8), lat, lon), NONE, sources=["a"])
    west, south, east, north = box
    got = lake.box(west, south, east, north, T0, 1)
    assert set(got.column("mmsi").to_pylist()) == ships


def test_going_on_from_a_checkpoint_forgets_later_epochs(where: str):
    lake = Lake.open(where, write=True)
    parts = [random_positions(k, 50, span=2 * DAY, line=1 + 50 * k) for k in range(3)]
    for epoch, part in enumerate(parts, 1):
        lake.append(epoch, "real", part, NONE, sources=SOURCES)
    again = Lake.open(where, write=True)
    again.truncate_after(1)
    assert everything(again) == expected(parts[0])
    with pytest.raises(StateError, match="Epoch 1 of real was written before; the lake is at 1"):
        again.append(1, "real", parts[1], NONE, sources=SOURCES)
    again.append(2, "real", parts[2], NONE, sources=SOURCES)
    assert everything(again) == expected(Positions.concat([parts[0], parts[2]]))
    # What nobody names is removed once it is old enough; nothing else is.
    later = 2**50
    assert again.sweep(now=T0) == 0
    assert again.sweep(now=later) == 8
    assert again.verify() == []
    assert len(everything(again)) == 100


def test_joining_changes_nothing_but_the_number_of_files(where: str):
    lake = Lake.open(where, write=True)
    parts = [random_positions(k, 80, begin=k * MINUTE, line=1 + 80 * k) for k in range(10)]
    for epoch, part in enumerate(parts, 1):
        lake.append(epoch, "real", part, statics([epoch], line=[epoch]), sources=SOURCES)
    want = expected(Positions.concat(parts))
    box = as_rows(lake.box(-20, -50, 60, 70, T0 + HOUR, HOUR))
    assert len(box) > 3
    before = lake.info()

    # The date is not over: files of one level are joined, and only of epochs that will not be taken back.
    growing = T0 + 6 * HOUR
    assert lake.compact(9, now=growing) == 9 * 3
    assert everything(lake) == want
    assert lake.info().files == 6
    with pytest.raises(StateError, match="cannot go back to epoch 5: epochs 1 to 9"):
        lake.truncate_after(5)
    assert lake.compact(10, now=growing) == 0

    # It is over: by bucket, and by half hours.
    assert lake.compact(10, now=T0 + 2 * DAY) == 6
    assert everything(lake) == want
    assert as_rows(lake.box(-20, -50, 60, 70, T0 + HOUR, HOUR)) == box
    after = lake.info()
    assert (after.rows, after.span) == (before.rows, before.span)
    buckets = len({int(b) for b in bucket_of(np.array([r[0] for r in want]))})
    assert after.files == buckets + 1 + 1
    assert lake.statics(*FOREVER).num_rows == 10
    assert lake.verify() == []
    assert lake.compact(10, now=T0 + 2 * DAY) == 0


def test_a_late_row_does_not_rewrite_a_date(tmp_path):
    lake = Lake.open(str(tmp_path), write=True)
    lake.append(1, "real", random_positions(1, 500), NONE, sources=SOURCES)
    lake.compact(1, now=T0 + 2 * DAY)
    lake.append(2, "real", positions([0], 219_000_003, line=501), NONE, sources=SOURCES)
    assert lake.compact(2, now=T0 + 2 * DAY) == 0
    assert len(everything(lake)) == 501


def test_replaced_files_stay_for_an_hour(where: str):
    lake = Lake.open(where, write=True)
    for epoch in (1, 2):
        lake.append(epoch, "real", random_positions(epoch, 20, line=20 * epoch), NONE, sources=SOURCES)
    old = lake.paths("tracks", *FOREVER)
    now = 2**50
    lake.compact(2, now=now, over=now)
    assert not set(old) & set(lake.paths("tracks", *FOREVER))
    assert lake.sweep(now=now + HOUR - 1) == 0
    assert lake.sweep(now=now + HOUR) == 4
    assert lake.sweep(now=now + HOUR) == 0
    assert len(everything(lake)) == 40
    assert lake.verify() == []


def test_a_reader_outlives_a_joining_that_takes_its_files(where: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("watchkeeper.store.lake.scan.SLICE_ROWS", 30)
    writer = Lake.open(where, write=True)
    parts = [random_positions(k, 100, line=1 + 100 * k) for k in range(3)]
    for epoch, part in enumerate(parts, 1):
        writer.append(epoch, "real", part, NONE, sources=SOURCES)
    reader = Lake.open(where).replay(*FOREVER, sources=SOURCES)
    stream = iter(reader)
    got = [next(stream)]
    now = 2**50
    assert writer.compact(3, now=now, over=now) == 6
    assert writer.sweep(now=now + HOUR) == 6
    got += stream
    given = Positions.concat(parts)
    np.testing.assert_array_equal(Positions.concat(got).row, given.row[np.lexsort((given.row, given.t))])


def test_retention_goes_by_whole_dates(where: str):
    lake = Lake.open(where, write=True)
    lake.append(1, "real", positions([0, DAY, 2 * DAY]), statics([0]), sources=["a"])
    assert lake.expire(T0 + DAY - 1, now=T0) == []
    assert lake.expire(T0 + 2 * DAY, now=T0) == [("real", "2026-01-05"), ("real", "2026-01-06")]
    assert [r[2] for r in everything(lake)] == [T0 + 2 * DAY]
    assert lake.info().dates == {"real": ("2026-01-07",)}
    assert lake.verify() == []
    # A date may come back.
    lake.append(2, "real", positions([5]), NONE, sources=["a"])
    assert len(everything(lake)) == 2


def test_an_empty_flush_counts_as_an_epoch(where: str):
    lake = Lake.open(where, write=True)
    lake.append(4, "real", Positions.empty(), NONE, sources=[])
    assert Lake.open(where).epoch() == 4
    assert lake.span() is None
    assert everything(lake) == []
    assert list(lake.replay(*FOREVER)) == []
    assert lake.box(-180, -90, 180, 90, T0, HOUR).num_rows == 0


def test_what_is_not_a_lake_is_said(where: str):
    with pytest.raises(StoreError, match="holds no lake"):
        Lake.open(where)
    Lake.open(where, write=True).append(1, "real", positions([0]), NONE, sources=["a"])
    reader = Lake.open(where)
    with pytest.raises(StoreError, match="was opened for reading"):
        reader.append(2, "real", positions([0]), NONE, sources=["a"])
    with pytest.raises(StoreError, match="was opened for reading"):
        reader.compact(1, now=T0)


def test_an_address_without_a_bucket_is_refused():
    with pytest.raises(StoreError, match="names no bucket"):
        Lake.open("s3://")


def test_a_server_that_is_not_there_is_said(bucket: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WATCHKEEPER_S3_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(StoreError, match=r"lake\.json cannot be read"):
        Lake.open(f"s3://{bucket}/x")
