"""Intervals that are what they say, sums over days, the gate, and memory and file that agree."""

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.config import load_settings
from watchkeeper.engine.judging import Outcome
from watchkeeper.errors import InputError
from watchkeeper.exercises.evaluate import Quality, add_up, plan, score_day
from watchkeeper.exercises.evaluate_floors import Floor, floor_of, floors_text, gate, load_floors, worse
from watchkeeper.exercises.evaluate_table import COLUMNS, remarks, row
from watchkeeper.exercises.intervals import poisson, quantile, wilson
from watchkeeper.exercises.rehearse import rehearse
from watchkeeper.exercises.simulate import packaged_land, simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.stage import of_simulation
from watchkeeper.exercises.writers import write_dma, write_layers, write_list
from watchkeeper.model.finding import REAL
from watchkeeper.model.time import from_iso
from watchkeeper.scan import ScanRequest, scan

GOOD = Quality("ais-gap", 100, 98, 2, 5, 100, 1, 3, 3000.0, tuple(float(k) for k in range(98)), ())


@pytest.mark.parametrize(
    ("hits", "trials", "expected"),
    [  # Newcombe (1998), Statistics in Medicine 17:857, table I, method 3
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_wilson_is_the_published_one(hits: int, trials: int, expected: tuple[float, float]) -> None:
    assert wilson(hits, trials) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("count", "expected"),
    [  # Garwood (1936), table of 95 % limits
        (0, (0.0, 3.689)),
        (1, (0.0253, 5.572)),
        (10, (4.795, 18.39)),
        (100, (81.36, 121.63)),
    ],
)
def test_poisson_is_the_published_one(count: int, expected: tuple[float, float]) -> None:
    assert poisson(count, 1.0) == pytest.approx(expected, rel=1e-3)
    assert poisson(count, 4.0) == pytest.approx([end / 4.0 for end in expected], rel=1e-3)


@given(st.integers(0, 400), st.integers(0, 400))
def test_an_interval_holds_its_estimate_and_narrows(hits: int, misses: int) -> None:
    trials = hits + misses
    low, high = wilson(hits, trials)
    assert 0.0 <= low <= (hits / trials if trials else 0.5) <= high <= 1.0
    tenfold = wilson(10 * hits, 10 * trials)
    assert tenfold[1] - tenfold[0] <= high - low
    least, most = poisson(hits, 7.0)
    assert least <= hits / 7.0 <= most


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300), st.sampled_from([0.5, 0.95]))
def test_a_quantile_lies_in_its_interval(values: list[float], share: float) -> None:
    at, low, high = quantile(values, share)
    assert low <= at <= high
    assert min(values) <= at <= max(values)


def test_a_quantile_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(400):
        _, low, high = quantile(rng.exponential(size=40).tolist(), 0.5)
        inside += low <= math.log(2.0) <= high
    assert inside / 400 > 0.93
    assert math.isinf(quantile([1.0, 2.0], 0.95)[2])
    assert math.isnan(quantile([], 0.5)[0])
    assert quantile(rng.random(5_000).tolist(), 0.5)[0] == pytest.approx(0.5, abs=0.03)


def test_every_seed_and_sea_has_a_day_with_cases_and_a_quiet_one() -> None:
    days = plan(range(4), ["baltic", "arctic"], 50_000, 2, [1.0, 3.0], [0.0, 1.0])
    assert len(days) == 16
    assert [day.cases_per_behaviour for day in days] == [2, 0] * 8
    assert all(busy.density < quiet.density for busy, quiet in zip(days[::2], days[1::2], strict=True))
    for region in ("baltic", "arctic"):
        settings = {(day.density, day.dirt) for day in days[::2] if day.region == region}
        assert len(settings) == 4, "every density and dirt level in every sea"


def test_memory_and_file_give_the_same_findings(tmp_path: Path) -> None:
    day = simulate(SimulationSpec(seed=5, rows=120_000, cases_per_behaviour=1))
    in_memory = rehearse(of_simulation(day), REAL, packaged_land())
    write_dma(day, tmp_path / "day.csv")
    write_layers(day, tmp_path / "assets.geojson")
    write_list(day, tmp_path / "list.csv")
    request = ScanRequest(
        inputs=(str(tmp_path / "day.csv"),), out=tmp_path / "out", settings=load_settings(None, {}, ()),
        now=from_iso("2026-11-01"), layers=(tmp_path / "assets.geojson",), lists=(tmp_path / "list.csv",),
        report=False, simulated=True,
    )  # fmt: skip
    from_file = scan(request, lambda _: None).findings
    told = [(f.id, f.behaviour, f.mmsi, f.start, f.end) for f in from_file]
    kept = [(f.id, f.behaviour, f.mmsi, f.start, f.end) for o in in_memory.values() for f in o.findings]
    assert len(kept) > 8
    assert sorted(kept) == sorted(told)


def test_days_add_up() -> None:
    busy, quiet = plan([1], ["baltic"], 30_000, 1)
    truth = simulate(only_gaps(busy)).truth
    nothing = {"ais-gap": Outcome(failure="ValueError: no")}
    days = [score_day(busy, truth, 50.0, nothing), score_day(quiet, [], 150.0, nothing)]
    total = {quality.behaviour: quality for quality in add_up([*days, *days])}
    gap = total["ais-gap"]
    assert (gap.cases, gap.found, gap.quiet_vessel_days) == (2, 0, 300.0)
    assert gap.failures == ("ValueError: no",)
    assert {kind.kind for kind in gap.kinds if kind.positive} == {"goes_silent"}
    assert any("goes silent" in line for line in remarks([gap]))
    assert any("ValueError" in line for line in remarks([gap]))


def only_gaps(spec: SimulationSpec) -> SimulationSpec:
    """The same day with one behaviour."""
    return SimulationSpec(seed=spec.seed, rows=spec.rows, cases_per_behaviour=1, behaviours=("ais-gap",))


def test_a_behaviour_without_cases_is_said_to_be_not_measured() -> None:
    unknown = msgspec.structs.replace(GOOD, behaviour="loitering", cases=0, found=0, start_errors_min=())
    assert "not measured" in row(unknown)
    assert len(row(unknown)) == len(row(GOOD)) == len(COLUMNS)
    assert any("not measured" in line and "loitering" in line for line in remarks([unknown]))
    assert any("no-such" in line for line in remarks([msgspec.structs.replace(GOOD, behaviour="no-such")]))


@pytest.mark.parametrize(
    ("change", "red"),
    [
        ({}, ""),
        ({"cases": 6, "found": 6, "extra": 0, "start_errors_min": (40.0, 50.0, 90.0)}, ""),
        ({"cases": 12, "found": 11}, ""),
        ({"cases": 12, "found": 5, "extra": 0}, "recall"),
        ({"cases": 0, "found": 0, "extra": 40, "start_errors_min": ()}, "precision"),
        ({"extra": 40}, "precision"),
        ({"quiet_findings": 60}, "quiet"),
        ({"quiet_findings": 1, "quiet_vessel_days": 60.0}, ""),
        ({"start_errors_min": (90.0,) * 30}, "start"),
        ({"failures": ("KeyError: x",)}, "KeyError"),
    ],
)
def test_worse_means_beyond_what_chance_allows(change: dict[str, object], red: str) -> None:
    faults = worse(msgspec.structs.replace(GOOD, **change), floor_of(GOOD))
    assert bool(faults) == bool(red)
    assert all(red in fault for fault in faults)


def test_floors_are_written_and_read(tmp_path: Path) -> None:
    unmeasured = msgspec.structs.replace(GOOD, behaviour="loitering", cases=0, found=0)
    path = tmp_path / "quality.lock"
    path.write_text(floors_text([GOOD, unmeasured]), "utf-8")
    floors = load_floors(path)
    assert floors == {"ais-gap": floor_of(GOOD)}
    assert gate([GOOD, unmeasured], floors) == {}
    assert "no floor" in gate([GOOD], {})["ais-gap"][0]
    path.write_text("[ais-gap]\nrecal = 1\n", "utf-8")
    with pytest.raises(InputError):
        load_floors(path)


def test_a_floor_is_lenient_to_rounding() -> None:
    floor = floor_of(GOOD)
    assert floor.recall <= GOOD.recall[1][0]
    assert floor.quiet_per_1000_vessel_days >= GOOD.quiet_rate[1][1]
    assert isinstance(floor, Floor)
    assert worse(GOOD, floor) == []
