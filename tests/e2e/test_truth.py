"""Simulated days against their truth, in every region: found, quiet where it must be, few extras.

The figures of full days of 3 million rows are in docs/reference/benchmarks.md; this is the same at a size for
every run of the tests.
"""

from pathlib import Path

import msgspec
import pytest

from watchkeeper.config import load_settings
from watchkeeper.exercises.scoring import score
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_dma, write_layers, write_list
from watchkeeper.model.time import from_iso
from watchkeeper.scan import ScanRequest, scan

RECALL = 0.95
EXTRA_PER_1000_VESSEL_DAYS = 5.0


@pytest.mark.parametrize("region", ["baltic", "antimeridian", "arctic"])
def test_a_day_against_its_truth(region: str, tmp_path: Path) -> None:
    day = simulate(SimulationSpec(seed=11, region=region, rows=400_000, cases_per_behaviour=4))
    write_dma(day, tmp_path / "day.csv")
    write_layers(day, tmp_path / "assets.geojson")
    write_list(day, tmp_path / "list.csv")
    request = ScanRequest(
        inputs=(str(tmp_path / "day.csv"),),
        out=tmp_path / "out",
        settings=load_settings(None, {}, ()),
        now=from_iso("2026-11-01"),
        layers=(tmp_path / "assets.geojson",),
        lists=(tmp_path / "list.csv",),
        report=False,
        simulated=True,
    )
    result = scan(request, lambda _: None)
    board = score(day.truth, [msgspec.to_builtins(f) for f in result.findings], day.vessel_days)
    assert not board.violated
    for line in board.behaviours:
        assert line.cases == 4, line
        assert line.recall >= RECALL, (line, board.missed)
        # One extra in so small a fleet is already 3 per 1,000 vessel-days.
        assert line.extra <= 1 or line.extra_per_1000_vessel_days <= EXTRA_PER_1000_VESSEL_DAYS, line
