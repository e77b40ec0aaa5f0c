"""Findings of simulated days against their truth: ``python benchmarks/quality.py [--rows N] [--cases N]``."""

import argparse
import tempfile
from pathlib import Path

import msgspec

import measure
from watchkeeper.config import load_settings
from watchkeeper.exercises.scoring import Scoreboard, score
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import REGIONS, SimulationSpec
from watchkeeper.exercises.writers import write_dma, write_layers, write_list
from watchkeeper.model.time import DAY
from watchkeeper.scan import ScanRequest, scan

SEED = 1


def against_truth(region: str, rows: int, cases: int, folder: Path) -> Scoreboard:
    """Simulate a day, scan it, score it."""
    day = simulate(SimulationSpec(seed=SEED, region=region, rows=rows, cases_per_behaviour=cases))
    write_dma(day, folder / "day.csv")
    write_layers(day, folder / "assets.geojson")
    write_list(day, folder / "list.csv")
    request = ScanRequest(
        inputs=(str(folder / "day.csv"),),
        out=folder / "out",
        settings=load_settings(None, {}, ()),
        now=day.spec.start_ms + 2 * DAY,
        layers=(folder / "assets.geojson",),
        lists=(folder / "list.csv",),
        report=False,
        simulated=True,
    )
    findings = scan(request, lambda _: None).findings
    return score(day.truth, [msgspec.to_builtins(f) for f in findings], day.vessel_days)


def main() -> None:
    """Score a day in every region and print Markdown."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=3_000_000)
    options.add_argument("--cases", type=int, default=10)
    given = options.parse_args()
    for region in REGIONS:
        with tempfile.TemporaryDirectory() as folder:
            board = against_truth(region, given.rows, given.cases, Path(folder))
        rows = [
            [
                b.behaviour,
                f"{b.found} of {b.cases}",
                f"{b.violated} of {b.negatives}",
                str(b.extra),
                f"{b.extra_per_1000_vessel_days:.1f}",
                "" if b.start_error_min is None else f"{b.start_error_min:.1f}",
            ]
            for b in board.behaviours
        ]
        head = [
            "behaviour",
            "found",
            "look-alikes reported",
            "extra",
            "extra per 1,000 vessel-days",
            "start off by [min]",
        ]
        print(
            f"Region {region}, about {given.rows:,} rows, {board.vessel_days:,.0f} vessel-days, seed {SEED}:\n"
        )
        print(measure.table(head, rows), end="\n\n")


if __name__ == "__main__":
    main()
