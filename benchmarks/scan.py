"""A whole scan beside duckdb's bare reading, sorting and writing of the same file; and how cost grows.

``python benchmarks/scan.py [--rows N] [--rounds N] [--growth] [--work DIR]``
"""

import argparse
import json
import math
import sys
from pathlib import Path

import numpy as np

import measure

POLYLINES, POINTS = 500, 101
DUCKDB = """
import duckdb, sys
duckdb.connect(config={"threads": 2}).execute(
    f"COPY (SELECT * FROM read_csv('{sys.argv[1]}') ORDER BY MMSI, \\"# Timestamp\\") "
    f"TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd)")
"""


def day(folder: Path, rows: int) -> Path:
    """A simulated day of about so many rows, made once."""
    csv = folder / f"day-{rows}.csv"
    if not csv.exists():
        from watchkeeper.exercises.csv_out import write_dma
        from watchkeeper.exercises.simulate import simulate
        from watchkeeper.exercises.simulation import SimulationSpec

        write_dma(simulate(SimulationSpec(seed=7, rows=rows)), csv)
    return csv


def many_lines(path: Path) -> Path:
    """500 lines of 100 segments through the region, about 800 m a segment."""
    rng = np.random.default_rng(7)
    features = []
    for k in range(POLYLINES):
        lon, lat = rng.uniform(12, 24), rng.uniform(54.5, 60)
        heading = rng.uniform(0, 2 * math.pi) + np.cumsum(rng.normal(0, 0.1, POINTS))
        xs = lon + np.cumsum(np.sin(heading)) * 0.013
        ys = lat + np.cumsum(np.cos(heading)) * 0.0072
        features.append(
            {
                "type": "Feature",
                "properties": {"name": f"line {k}", "kind": "cable"},
                "geometry": {"type": "LineString", "coordinates": np.stack([xs, ys], 1).round(6).tolist()},
            }
        )
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def scan(csv: Path, layer: Path, out: Path) -> list[str]:
    """The command that is measured: all behaviours, all outputs."""
    program = str(Path(sys.executable).parent / "watchkeeper")
    return [program, "scan", str(csv), "--out", str(out), "--force", "--layer", str(layer)]


def main() -> None:
    """Measure and print Markdown."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=10_000_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--growth", action="store_true", help="1, 3, 10 and 30 million rows")
    options.add_argument("--work", type=Path, default=Path("bench-work"))
    given = options.parse_args()
    given.work.mkdir(exist_ok=True)
    layer = many_lines(given.work / "lines.geojson")
    if given.growth:
        _growth(given.work, layer)
        return
    csv = day(given.work, given.rows)
    duckdb = [sys.executable, "-c", DUCKDB, str(csv), str(given.work / "duckdb.parquet")]
    runs = measure.interleaved(
        {"watchkeeper scan": scan(csv, layer, given.work / "out"), "duckdb read, sort, write": duckdb},
        given.rounds,
    )
    rows = [
        [name, *(f"{measure.median(r, w):.1f}" for w in ("wall_s", "cpu_s", "peak_mb"))]
        for name, r in runs.items()
    ]
    ratios = sorted(
        a.wall_s / b.wall_s
        for a, b in zip(runs["watchkeeper scan"], runs["duckdb read, sort, write"], strict=True)
    )
    print(measure.table(["command", "wall [s]", "CPU [s]", "peak [MB]"], rows))
    print(
        f"\nwall, ratio pair by pair: median {ratios[len(ratios) // 2]:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )


def _growth(work: Path, layer: Path) -> None:
    rows = []
    for count in (1_000_000, 3_000_000, 10_000_000, 30_000_000):
        csv = day(work, count)
        done = measure.run(scan(csv, layer, work / "out"))
        read = json.loads((work / "out" / "run.json").read_text())["rows"]["read"]
        per_row = done.cpu_s / read * 1e6
        rows.append(
            [f"{read:,}", f"{done.wall_s:.1f}", f"{done.cpu_s:.1f}", f"{per_row:.2f}", f"{done.peak_mb:.0f}"]
        )
    print(measure.table(["rows", "wall [s]", "CPU [s]", "CPU a row [us]", "peak [MB]"], rows))


if __name__ == "__main__":
    main()
