"""Simulated days against their truth, through files and the whole scan: found, quiet where it must be, few extras.

The figures of many days are in docs/reference/quality.md; this is three days, one in each sea. So few cases leave wide
intervals: what fails here lies below the floors of quality.lock by more than chance.
"""

from pathlib import Path

import msgspec
import pytest

from watchkeeper.config import load_settings
from watchkeeper.exercises.evaluate_floors import load_floors
from watchkeeper.exercises.intervals import poisson, wilson
from watchkeeper.exercises.scoring import PER_VESSEL_DAYS, Scoreboard, score
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_dma, write_layers, write_list
from watchkeeper.model.time import from_iso
from watchkeeper.scan import ScanRequest, scan

FLOORS = load_floors(Path(__file__).parent.parent.parent / "quality.lock")
EXTRA_PER_1000_VESSEL_DAYS = 5.0
LOOK_ALIKES_REPORTED = 0.01
# Some thirty behaviours are asked at once: at 95 % one of them would fail by chance on most days.
CONFIDENCE = 0.999


def board_of(region: str, folder: Path) -> Scoreboard:
    folder.mkdir()
    day = simulate(SimulationSpec(seed=11, region=region, rows=400_000, cases_per_behaviour=4))
    write_dma(day, folder / "day.csv")
    write_layers(day, folder / "assets.geojson")
    write_list(day, folder / "list.csv")
    request = ScanRequest(
        inputs=(str(folder / "day.csv"),),
        out=folder / "out",
        settings=load_settings(None, {}, ()),
        now=from_iso("2026-11-01"),
        layers=(folder / "assets.geojson",),
        lists=(folder / "list.csv",),
        report=False,
        simulated=True,
    )
    found = scan(request, lambda _: None).findings
    return score(day.truth, [msgspec.to_builtins(f) for f in found], day.vessel_days)


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory) -> list[Scoreboard]:
    folder = tmp_path_factory.mktemp("truth")
    return [board_of(region, folder / region) for region in ("baltic", "antimeridian", "arctic")]


def test_what_was_done_is_found(boards: list[Scoreboard]) -> None:
    for lines in zip(*(board.behaviours for board in boards), strict=True):
        found, cases = sum(line.found for line in lines), sum(line.cases for line in lines)
        assert cases > 0, lines[0].behaviour
        _, at_best = wilson(found, cases, CONFIDENCE)
        assert at_best >= FLOORS[lines[0].behaviour].recall, (
            lines[0].behaviour,
            found,
            cases,
            [board.missed for board in boards],
        )


def test_what_only_looks_alike_stays_quiet(boards: list[Scoreboard]) -> None:
    look_alikes = sum(line.negatives for board in boards for line in board.behaviours)
    reported = [name for board in boards for name in board.violated]
    assert len(reported) <= LOOK_ALIKES_REPORTED * look_alikes, reported


def test_little_is_reported_beside_it(boards: list[Scoreboard]) -> None:
    vessel_days = sum(board.vessel_days for board in boards)
    for lines in zip(*(board.behaviours for board in boards), strict=True):
        extra = sum(line.extra for line in lines)
        at_least, _ = poisson(extra, vessel_days / PER_VESSEL_DAYS)
        assert at_least <= EXTRA_PER_1000_VESSEL_DAYS, (lines[0].behaviour, extra)
