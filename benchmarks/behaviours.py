"""Behaviours beside movingpandas' gap splitter, and the encounters of a day; in one process, data in memory.

``python benchmarks/behaviours.py [--rows N] [--rounds N]``
"""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd

import measure
from scan import day
from watchkeeper.behaviours import all_behaviours
from watchkeeper.engine.engine import Engine, Watch
from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.settings import EngineSettings
from watchkeeper.sources.inputs import open_inputs
from watchkeeper.sources.options import ReadOptions

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it announces an optional part that is not installed
    import movingpandas

BATCH = 150_000
PEER_VESSELS = 40


def positions(csv: Path) -> Positions:
    """All position reports of a file."""
    (one,) = open_inputs([str(csv)], ReadOptions(now=4_000_000_000_000))
    return Positions.concat([batch.positions for batch in one.batches()])


def median_s(work: Callable[[], object], rounds: int) -> float:
    """The median of so many runs after one that is not counted [s]."""
    taken = []
    for k in range(rounds + 1):
        begin = time.perf_counter()
        work()
        if k:
            taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def through(p: Positions, names: set[str]) -> None:
    """Run the engine with some behaviours over the reports."""
    watches = [
        Watch(b, {k: t.default for k, t in b.thresholds.items()})
        for b in all_behaviours().values()
        if b.id in names
    ]
    engine = Engine(watches, EngineSettings(), least_rows=BATCH)
    for start in range(0, len(p), BATCH):
        engine.push(p.slice(start, start + BATCH), Statics.empty())
    engine.finish()


def split_gaps(p: Positions) -> tuple[int, float]:
    """movingpandas' ObservationGapSplitter over some vessels: how many reports it had, and seconds."""
    chosen = np.isin(p.mmsi, np.unique(p.mmsi)[:PEER_VESSELS])
    q = p.take(chosen)
    frame = geopandas.GeoDataFrame(
        {"mmsi": q.mmsi},
        geometry=geopandas.points_from_xy(q.lon, q.lat),
        index=pd.to_datetime(q.t, unit="ms"),
        crs=4326,
    )
    collection = movingpandas.TrajectoryCollection(frame, "mmsi")
    begin = time.perf_counter()
    movingpandas.ObservationGapSplitter(collection).split(gap=pd.Timedelta(hours=1))
    return len(q), time.perf_counter() - begin


def main() -> None:
    """Measure and print Markdown."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=10_000_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--work", type=Path, default=Path("bench-work"))
    given = options.parse_args()
    p = positions(day(given.work, given.rows))
    per_vessel = {b for b in all_behaviours() if b != "encounter"}
    bare = median_s(lambda: through(p, set()), given.rounds)
    ours = median_s(lambda: through(p, per_vessel), given.rounds)
    gap = median_s(lambda: through(p, {"ais-gap"}), given.rounds)
    meetings = median_s(lambda: through(p, {"encounter"}), given.rounds) - bare
    peer_rows, peer_s = split_gaps(p)
    peer = peer_rows / peer_s
    rows = [
        ["grouping, tracks, legs, presence", f"{bare:.2f}", f"{len(p) / bare / 1e6:.1f}", ""],
        [
            "all per-vessel behaviours, grouping included",
            f"{ours:.2f}",
            f"{len(p) / ours / 1e6:.1f}",
            f"{len(p) / ours / peer:.0f}",
        ],
        [
            "ais-gap, grouping included",
            f"{gap:.2f}",
            f"{len(p) / gap / 1e6:.1f}",
            f"{len(p) / gap / peer:.0f}",
        ],
        [
            "movingpandas ObservationGapSplitter",
            f"{peer_s:.2f} for {peer_rows:,}",
            f"{peer / 1e6:.4f}",
            "1",
        ],
        ["encounters of the day, beyond grouping", f"{meetings:.2f}", "", ""],
    ]
    print(measure.table(["", f"seconds for {len(p):,} reports", "M reports/s", "ratio to the peer"], rows))


if __name__ == "__main__":
    main()
