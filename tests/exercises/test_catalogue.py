"""The folder of cases is the registry; the case of the guide is one; one kind more leaves the others alone."""

import re
from pathlib import Path

import numpy as np
import pytest

from watchkeeper.exercises import catalogue
from watchkeeper.exercises.cases import Case, Injection
from watchkeeper.exercises.catalogue import all_injections
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-behaviour.md"
SMALL = {"seed": 2, "rows": 40_000, "hours": 12.0, "cases_per_behaviour": 1}


def test_the_folder_is_the_registry() -> None:
    """A file for every behaviour, and nothing else in the folder."""
    names = {path.stem for path in Path(catalogue.cases.__path__[0]).glob("[a-z]*.py")}
    assert names == {behaviour.replace("-", "_") for behaviour in all_injections()}
    for behaviour, declared in all_injections().items():
        assert any(injection.shown for injection in declared), behaviour


def test_the_case_of_the_guide_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, object] = {}
    source = next(
        code
        for code in re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.S)
        if "Injection" in code
    )
    exec(compile(source, "guide", "exec"), names)
    injection = names["STATUS_MISMATCH"]
    assert isinstance(injection, Injection)
    with_it = all_injections() | {injection.behaviour: (injection,)}
    for module in ("simulate", "simulation"):
        monkeypatch.setattr(f"watchkeeper.exercises.{module}.all_injections", lambda: with_it)
    day = simulate(SimulationSpec(**SMALL, behaviours=(injection.behaviour,)))
    shown, quiet = day.truth
    assert (shown.positive, quiet.positive) == (True, False)
    track = day.reports.mmsi == shown.mmsi
    assert ((day.reports.nav_status[track] == 5) & (day.reports.sog_kn[track] > 5)).sum() > 10


def test_what_one_kind_draws_does_not_change_another() -> None:
    alone = simulate(SimulationSpec(**SMALL, behaviours=("position-jump",)))
    among = simulate(SimulationSpec(**SMALL, behaviours=("identity-change", "position-jump")))
    mine = [case for case in among.truth if case.behaviour == "position-jump"]
    assert [case.mmsi for case in mine] == [case.mmsi for case in alone.truth]


def test_more_ships_report_more_rarely() -> None:
    days = [
        simulate(SimulationSpec(**SMALL, density=density, behaviours=("loitering",)))
        for density in (1.0, 8.0)
    ]
    rows = [len(day.reports) for day in days]
    assert rows[1] == pytest.approx(rows[0], rel=0.1)
    assert days[1].vessel_days > 1.5 * days[0].vessel_days
    assert len(np.unique(days[1].reports.mmsi)) > len(np.unique(days[0].reports.mmsi))


def test_a_case_without_room_is_counted_and_the_others_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(day: Day) -> Case:
        raise NoRoomError("full")

    (jump,) = all_injections()["position-jump"]
    full = {"position-jump": (Injection("position-jump", (nowhere, *jump.shown), jump.look_alikes),)}
    monkeypatch.setattr("watchkeeper.exercises.simulate.all_injections", lambda: full)
    spec = {**SMALL, "cases_per_behaviour": 4, "behaviours": ("position-jump",)}
    day = simulate(SimulationSpec(**spec))
    assert day.no_room == {"position-jump: nowhere": 2}
    assert sum(case.positive for case in day.truth) == 2
