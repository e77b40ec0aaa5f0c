"""Questions to a lake of a month beside duckdb on plain Parquet files by date; writing and joining.

``python benchmarks/lake.py [--days 30] [--rows 300_000_000] [--ships 20_000] [--rounds 20] [--work DIR]``

The month is made once, in the layout that a lake has once its dates are over; duckdb's files are the same rows by date,
in time order, as they came in, of the dates that are asked for: it is told which. Needs about 60 bytes of disk a row.
"""

import argparse
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import msgspec
import numpy as np
import pyarrow as pa

import measure
from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.time import DAY, HOUR, MINUTE
from watchkeeper.store.lake import BUCKETS, Lake
from watchkeeper.store.lake.files import Files
from watchkeeper.store.lake.manifest import JOINED, Manifest, RealmHead, date_of, read_head, write
from watchkeeper.store.lake.parts import write_file
from watchkeeper.store.lake.rows import arranged, bucket_of, column, positions_table

T0 = 1_767_225_600_000  # 2026-01-01
FLUSH_ROWS = 250_000
BOX = (10.0, 54.0, 14.0, 57.0)


def fleet(ships: int) -> np.ndarray:
    """MMSIs, sorted by bucket and number."""
    mmsi = np.unique(np.random.default_rng(1).integers(201_000_000, 776_000_000, ships)).astype("i4")
    return mmsi[np.lexsort((mmsi, bucket_of(mmsi)))]


def day(mmsi: np.ndarray, number: int, each: int) -> Positions:
    """A day of straight ways in the Baltic and the North Sea, ship after ship, in time order."""
    rng = np.random.default_rng(number)
    n, ships = len(mmsi) * each, len(mmsi)
    step = DAY // each
    t = T0 + number * DAY + np.tile(np.arange(each) * step, ships) + rng.integers(0, step // 1000, n) * 1000
    hours = np.tile(np.arange(each) * step / HOUR, ships)
    speed = np.repeat(np.maximum(rng.normal(6, 6, ships), 0), each)
    course = np.repeat(rng.uniform(0, 2 * np.pi, ships), each)
    lat = np.repeat(rng.uniform(53, 60, ships), each) + hours * speed * np.cos(course) / 60
    lon = np.repeat(rng.uniform(3, 22, ships), each) + hours * speed * np.sin(course) / 35
    return Positions(
        t=t,
        row=_ranks(t),
        mmsi=np.repeat(mmsi, each),
        lat=np.round(np.clip(lat, -90, 90), 5),
        lon=np.round(lon, 5),
        sog_kn=np.round(speed + rng.normal(0, 0.1, n), 1).astype("f4"),
        cog_deg=np.round(np.degrees(course) + rng.normal(0, 1, n), 1).astype("f4"),
        heading_deg=np.round(np.degrees(course) + rng.normal(0, 2, n)).astype("f4"),
        nav_status=np.zeros(n, "i1"),
        ais_class=np.ones(n, "i1"),
    )


def _ranks(t: np.ndarray) -> np.ndarray:
    """The line of each report, from 1, in a file in time order."""
    ranks = np.empty(len(t), np.int64)
    ranks[np.argsort(t)] = np.arange(1, len(t) + 1)
    return ranks


def month(work: Path, days: int, each: int, ships: int) -> None:
    """A lake of whole dates; of those that are there already none is made again."""
    files = Files(str(work / "lake"))
    Lake.open(files.where, write=True)
    mmsi = fleet(ships)
    for number in range(days):
        date = date_of(T0 + number * DAY)
        head = read_head(files)
        if date in head.realms.get("real", RealmHead()).dates:
            continue
        begin = time.perf_counter()
        table = positions_table(day(mmsi, number, each), ["feed"], "real", None, None)
        in_time = table.take(pa.array(np.argsort(column(table, "row"))))
        entries = list(_files_of(files, date, table, in_time, number + 1))
        write(files, Manifest(lake=head.id, realm="real", date=date, sources=("feed",), files=tuple(entries)))
        dates = (*head.realms.get("real", RealmHead()).dates, date)
        write(files, msgspec.structs.replace(head, realms={"real": RealmHead(number + 1, dates)}))
        print(f"{date}: {table.num_rows:,} rows, {time.perf_counter() - begin:.0f} s", file=sys.stderr)


def _files_of(files: Files, date: str, table: pa.Table, in_time: pa.Table, epoch: int) -> Iterator:
    own = bucket_of(column(table, "mmsi"))
    for bucket in range(BUCKETS):
        begin, end = np.searchsorted(own, [bucket, bucket + 1])
        part = arranged("tracks", table.slice(begin, end - begin))
        yield write_file(
            files, "real", date, "tracks", part, "made", (epoch, epoch), level=JOINED, number=bucket
        )
    t = column(in_time, "t")
    midnight = t.min() // DAY * DAY
    for part, first in enumerate(range(0, 24, 4)):
        begin, end = np.searchsorted(t, [midnight + first * HOUR, midnight + (first + 4) * HOUR])
        cells = arranged("cells", in_time.slice(begin, end - begin))
        yield write_file(
            files, "real", date, "cells", cells, "made", (epoch, epoch), level=JOINED, number=part
        )


def plain(work: Path, con: duckdb.DuckDBPyConnection, lake: Lake, midnight: int) -> None:
    """A date as one file in time order, as duckdb writes it."""
    to = work / "plain" / f"{date_of(midnight)}.parquet"
    if not to.exists():
        to.parent.mkdir(exist_ok=True)
        files = lake.paths("cells", midnight, midnight + DAY)
        con.execute(
            f"COPY (SELECT * EXCLUDE (realm) FROM read_parquet($files) ORDER BY t) TO '{to}' (COMPRESSION zstd)",
            {"files": files},
        )


def timed(ask: Callable[[int], int], rounds: int) -> tuple[float, float, int]:
    """Median and slowest [ms] of several questions, each asked anew; how many rows the last one gave."""
    ask(0)
    took, rows = [], 0
    for k in range(rounds):
        begin = time.perf_counter()
        rows = ask(k)
        took.append((time.perf_counter() - begin) * 1000)
    return statistics.median(took), max(took), rows


def questions(work: Path, days: int, ships: int, rounds: int) -> list[list[str]]:
    """Both questions, to both."""
    lake = Lake.open(str(work / "lake"))
    con = duckdb.connect(config={"threads": 2})
    for number in (days - 2, days - 1):
        plain(work, con, lake, T0 + number * DAY)
    mmsi = fleet(ships)
    rng = np.random.default_rng(3)
    # One ship, one day: a day before the last, so that its date and the next are touched, another ship each time.
    asked = [(int(m), T0 + (days - 2) * DAY + 6 * HOUR) for m in rng.choice(mmsi, rounds)]
    at = [T0 + (days - 2) * DAY + 12 * HOUR + int(m) * MINUTE for m in rng.integers(0, 600, rounds)]
    west, south, east, north = BOX

    def file(t: int) -> str:
        return (
            f"read_parquet(['{work}/plain/{date_of(t)}.parquet', '{work}/plain/{date_of(t + DAY)}.parquet'])"
        )

    def duck_track(k: int) -> int:
        m, t = asked[k]
        query = f"SELECT * FROM {file(t)} WHERE mmsi = ? AND t >= epoch_ms(?) AND t < epoch_ms(?) ORDER BY t"
        return con.sql(query, params=[m, t, t + DAY]).to_arrow_table().num_rows

    def duck_box(k: int) -> int:
        query = f"""SELECT arg_max(lat, t), arg_max(lon, t), mmsi, max(t)
            FROM {file(at[k])} WHERE t > epoch_ms(?) AND t <= epoch_ms(?) GROUP BY mmsi
            HAVING arg_max(lat, t) BETWEEN ? AND ? AND arg_max(lon, t) BETWEEN ? AND ?"""
        given = [at[k] - 30 * MINUTE, at[k], south, north, west, east]
        return con.sql(query, params=given).to_arrow_table().num_rows

    con.execute("SET TimeZone = 'UTC'")
    table = [
        ("track of one ship, 24 h: lake", lambda k: lake.track(*asked[k], asked[k][1] + DAY).num_rows),
        ("track of one ship, 24 h: duckdb, told the dates", duck_track),
        (
            "ships in 4° × 3° at a time, of 30 min: lake",
            lambda k: lake.box(*BOX, at[k], 30 * MINUTE).num_rows,
        ),
        ("ships in 4° × 3° at a time, of 30 min: duckdb, told the dates", duck_box),
    ]
    return [
        [name, *(f"{x:,.1f}" for x in timed(ask, rounds)[:2]), f"{ask(rounds - 1):,}"] for name, ask in table
    ]


def writing(work: Path, ships: int) -> list[list[str]]:
    """Flushes of a quarter million rows, then their joining, then a replay."""
    where = work / "written"
    shutil.rmtree(where, ignore_errors=True)
    lake = Lake.open(str(where), write=True)
    given = day(fleet(ships), 0, max(2_000_000 // ships, 1))
    given = given.take(np.argsort(given.t))
    parts = [given.slice(k, k + FLUSH_ROWS) for k in range(0, len(given), FLUSH_ROWS)]
    rows = []

    def line(name: str, work_on: Callable[[], object]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        work_on()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        rows.append(
            [
                name,
                f"{wall:.1f}",
                f"{cpu:.1f}",
                f"{len(given) / wall / 1000:,.0f}",
                f"{len(given) / cpu / 1000:,.0f}",
            ]
        )

    def append() -> None:
        for epoch, part in enumerate(parts, 1):
            lake.append(epoch, "real", part, Statics.empty(), sources=["feed"])

    line(f"append, {FLUSH_ROWS:,} rows at a time", append)
    line("compact (last layout)", lambda: lake.compact(len(parts), now=T0 + 100 * DAY))
    line("replay", lambda: sum(len(p) for p in lake.replay(T0, T0 + DAY)))
    line("scan, all columns", lambda: sum(b.num_rows for b in lake.scan(T0, T0 + DAY)))
    line("verify", lake.verify)
    shutil.rmtree(where)
    return rows


def main() -> None:
    """Measure and print Markdown."""
    options = argparse.ArgumentParser()
    options.add_argument("--days", type=int, default=30)
    options.add_argument("--rows", type=int, default=300_000_000)
    options.add_argument("--ships", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--work", type=Path, default=Path("bench-work"))
    given = options.parse_args()
    each = given.rows // given.days // given.ships
    work = given.work / f"lake-{given.ships}-{each}"
    work.mkdir(parents=True, exist_ok=True)
    print(
        measure.table(
            ["writing", "wall [s]", "CPU [s]", "rows/ms wall", "rows/ms CPU"], writing(work, given.ships)
        )
    )
    month(work, given.days, each, given.ships)
    info = Lake.open(str(work / "lake")).info()
    count = info.rows["cells"]
    size = sum(info.bytes.values())
    print(
        f"\n{given.days} days, {count:,} positions, {info.files} files, {size / count:.1f} bytes a position.\n"
    )
    asked = questions(work, given.days, given.ships, given.rounds)
    print(measure.table(["question", "median [ms]", "slowest [ms]", "rows"], asked))


if __name__ == "__main__":
    main()
