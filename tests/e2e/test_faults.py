"""Simulated faults in a day's traffic: the ship that made each is ranked first.

The figures of a hundred faults are in docs/reference/benchmarks.md (``benchmarks/attribution.py``); these twelve are
the same at a size for every run of the tests.
"""

from pathlib import Path

from watchkeeper.attribute import Request, attribute
from watchkeeper.config import load_settings
from watchkeeper.exercises.faults import KINDS, Faults
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_dma, write_layers
from watchkeeper.model.time import DAY, MINUTE, from_iso
from watchkeeper.scan import ScanRequest, scan

FAULTS = 12
FIRST_AT_LEAST = 11


def test_the_ship_of_each_fault_is_ranked_first(tmp_path: Path) -> None:
    spec = SimulationSpec(
        seed=500, rows=250_000, density=3.0, cases_per_behaviour=1, behaviours=("loitering",)
    )
    scene = Faults(spec, FAULTS)
    day = simulate(spec, scene=scene)
    write_dma(day, tmp_path / "day.csv")
    write_layers(day, tmp_path / "assets.geojson")
    scan(
        ScanRequest(
            inputs=(str(tmp_path / "day.csv"),),
            out=tmp_path / "out",
            settings=load_settings(None, {}, ()),
            now=spec.start_ms + 2 * DAY,
            layers=(tmp_path / "assets.geojson",),
            report=False,
            simulated=True,
        ),
        lambda _: None,
    )
    assert {(f.silent, f.lost, f.course_noise_deg) for f in scene.made} == set(KINDS)
    ranks = []
    for fault in scene.made:
        answer = attribute(
            Request(
                tmp_path / "out",
                fault.asset,
                fault.start,
                fault.end,
                (fault.lat, fault.lon),
                fault.uncertainty_m,
            )
        )
        found = next(c for c in answer.candidates if c.mmsi == fault.mmsi)
        ranks.append(found.rank)
        assert (found.crossing.how == "seen") is not fault.silent
        assert (
            from_iso(found.crossing.earliest) - MINUTE
            <= fault.crossed
            <= from_iso(found.crossing.latest) + MINUTE
        )
        assert answer.simulated
    assert sum(rank == 1 for rank in ranks) >= FIRST_AT_LEAST, ranks
    assert max(ranks) <= 3, ranks
