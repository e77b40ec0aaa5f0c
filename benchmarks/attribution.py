"""Simulated faults in dense traffic, and the rank of the ship of each: ``python benchmarks/attribution.py``.

Weights and limits were chosen on seeds below 1,000; what is printed here is of seeds from 1,000 on.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import measure
from watchkeeper.attribute import Request, attribute
from watchkeeper.config import load_settings
from watchkeeper.exercises.faults import Fault, Faults
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_dma, write_layers
from watchkeeper.model.time import DAY, MINUTE, from_iso
from watchkeeper.scan import ScanRequest, scan

FIRST_SEED = 1_000
DENSITY = 4.0
"""Four times the usual number of ships, so about 1,500 a day, which report the more rarely."""

REGIONS = ("baltic", "baltic", "baltic", "antimeridian", "arctic")
OTHERS = ("loitering", "encounter", "drifting", "position-jump")
"""Other behaviours of each day, so that the ship sought is not the only one that stands out."""
RIVALS = ("ais-gap", "anchor-drag", "asset-loitering")
"""With --rivals also ships that are silent, or slow over assets: where one crosses in the window, both are right."""


class Outcome(NamedTuple):
    """One fault: where its ship came (0: not listed), among how many, how far off in time [min], seconds taken."""

    fault: Fault
    rank: int
    candidates: int
    seen: int
    off_min: float
    seconds: float


def one_day(seed: int, faults: int, rows: int, behaviours: tuple[str, ...], folder: Path) -> list[Outcome]:
    """Simulate a day with faults, scan it, ask about each."""
    spec = SimulationSpec(
        seed=seed, region=REGIONS[seed % len(REGIONS)], rows=rows, density=DENSITY, cases_per_behaviour=3,
        behaviours=behaviours,
    )  # fmt: skip
    scene = Faults(spec, faults)
    day = simulate(spec, scene=scene)
    write_dma(day, folder / "day.csv")
    write_layers(day, folder / "assets.geojson")
    scan(
        ScanRequest(
            inputs=(str(folder / "day.csv"),),
            out=folder / "out",
            settings=load_settings(None, {}, ()),
            now=spec.start_ms + 2 * DAY,
            layers=(folder / "assets.geojson",),
            report=False,
            simulated=True,
        ),
        lambda _: None,
    )
    return [ask(fault, folder / "out") for fault in scene.made]


def ask(fault: Fault, data: Path) -> Outcome:
    """The rank of the ship that made a fault."""
    begin = time.perf_counter()
    place = (fault.lat, fault.lon)
    answer = attribute(Request(data, fault.asset, fault.start, fault.end, place, fault.uncertainty_m))
    seconds = time.perf_counter() - begin
    found = next((c for c in answer.candidates if c.mmsi == fault.mmsi), None)
    seen = sum(c.crossing.how == "seen" for c in answer.candidates)
    off = float("nan")
    if found is not None:
        off = abs(from_iso(found.crossing.likeliest) - fault.crossed) / MINUTE
    return Outcome(fault, found.rank if found else 0, len(answer.candidates), seen, off, seconds)


def row(name: str, outcomes: list[Outcome]) -> list[str]:
    """One line of the table."""
    first = sum(o.rank == 1 for o in outcomes)
    third = sum(1 <= o.rank <= 3 for o in outcomes)
    listed = sum(o.rank > 0 for o in outcomes)
    return [
        name, str(len(outcomes)), str(first), str(third), str(listed),
        f"{statistics.median(o.candidates for o in outcomes):.0f} ({max(o.candidates for o in outcomes)})",
        f"{statistics.median(o.seen for o in outcomes):.0f}",
        f"{statistics.median([o.off_min for o in outcomes if o.rank] or [float('nan')]):.1f}",
    ]  # fmt: skip


def main() -> None:
    """Simulate, ask and print Markdown."""
    options = argparse.ArgumentParser()
    options.add_argument("--days", type=int, default=10)
    options.add_argument("--faults", type=int, default=10, help="a day")
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--rivals", action="store_true", help="inject silences and drags of other ships too")
    options.add_argument("--seed", type=int, default=FIRST_SEED)
    options.add_argument("--missed", action="store_true", help="say which were not first")
    given = options.parse_args()
    behaviours = OTHERS + RIVALS * given.rivals
    outcomes: list[Outcome] = []
    for seed in range(given.seed, given.seed + given.days):
        with tempfile.TemporaryDirectory() as folder:
            outcomes += one_day(seed, given.faults, given.rows, behaviours, Path(folder))
    groups = {
        "all": outcomes,
        "heard while crossing": [o for o in outcomes if not o.fault.silent],
        "not heard while crossing": [o for o in outcomes if o.fault.silent],
        "14 % slower for minutes": [o for o in outcomes if o.fault.lost < 0.2],
        "26 % slower for hours": [o for o in outcomes if o.fault.lost > 0.2],
        "course noise 1 deg": [o for o in outcomes if o.fault.course_noise_deg < 10],
        "course noise 25 deg": [o for o in outcomes if o.fault.course_noise_deg > 10],
    }
    print(
        f"{given.days} days of about {given.rows:,} rows, {DENSITY:g} times the usual number of ships, seeds from "
        f"{given.seed}; "
        f"windows of 2 to 6 h, places off by up to 2 to 10 nmi; also injected: {', '.join(behaviours)}. "
        f"Median {statistics.median(o.seconds for o in outcomes):.1f} s a question.\n"
    )
    head = ["faults", "cases", "first", "first three", "listed", "ships listed, median (most)", "seen crossing",
            "time off by, median [min]"]  # fmt: skip
    print(measure.table(head, [row(name, group) for name, group in groups.items() if group]))
    if given.missed:
        for o in outcomes:
            if o.rank != 1:
                print(o)


if __name__ == "__main__":
    main()
