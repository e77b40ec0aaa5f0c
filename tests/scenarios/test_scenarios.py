"""Every scenario of every behaviour, through the engine and the judges, against what it expects."""

from functools import partial
from pathlib import Path

import pytest
from lawful import World, cut, findings, told

from watchkeeper.behaviours import all_behaviours
from watchkeeper.exercises.scenario import Expect, Scenario, load_scenario
from watchkeeper.exercises.scenario_batches import scenario_batches, scenario_register
from watchkeeper.lists.entries import ListEntry, VesselList
from watchkeeper.lists.matching import ListIndex
from watchkeeper.model.asset import PLACE_KINDS
from watchkeeper.model.finding import Finding
from watchkeeper.model.mmsi import MmsiClass, classify
from watchkeeper.model.picture import ListMatch, Ship
from watchkeeper.model.time import MINUTE, from_iso

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*/*.toml"))
KINDS = ("fires", "below", "innocent")


def world_of(scenario: Scenario) -> World:
    """What a source gives of the scenario: records of ships, as all that is no ship is counted at the door."""
    positions, statics, assets, listed = scenario_batches(scenario)
    return World(
        positions.take(classify(positions.mmsi) == MmsiClass.SHIP),
        statics.take(classify(statics.mmsi) == MmsiClass.SHIP),
        tuple(a for a in assets if a.kind not in PLACE_KINDS),
        tuple(a for a in assets if a.kind in PLACE_KINDS),
        partial(_matches, list_of(listed)),
        scenario_register(scenario).get,
    )


def _matches(index: ListIndex, ship: Ship) -> list[ListMatch]:
    return [
        ListMatch(
            "scenario",
            m.entry.name or m.entry.id,
            m.by,
            m.confidence,
            m.reason,
            "",
            m.entry.as_of or "",
            (("flag", m.entry.flag),) if m.entry.flag else (),
        )
        for m in index.match(ship.imo or None, ship.mmsi, ship.name, ship.flag, ship.callsign)
    ]


def list_of(listed: list[dict[str, object]]) -> ListIndex:
    """The scenario's list as the list readers give one."""
    entries = tuple(
        ListEntry(
            list="scenario",
            id=str(k),
            row=k,
            name=e.get("name"),
            imo=e.get("imo"),
            mmsi=e.get("mmsi"),
            flag=e.get("flag"),
            as_of=e["as_of"],
        )
        for k, e in enumerate(listed, 1)
    )
    one = VesselList(
        id="scenario",
        title="scenario",
        path="",
        format="scenario",
        as_of=None,
        file_written="",
        sha256="",
        entries=entries,
    )
    return ListIndex([one])


def fits(finding: Finding, expect: Expect, start_ms: int) -> bool:
    """Whether the finding is the one expected."""
    ships = {finding.mmsi, finding.other_mmsi}
    return (
        finding.behaviour == expect.behaviour
        and expect.mmsi in ships
        and (expect.other_mmsi is None or expect.other_mmsi in ships)
        and (expect.asset is None or finding.asset == expect.asset)
        and _near(finding.start, expect.start, start_ms, expect.tolerance)
        and (
            finding.end is None if expect.open else _near(finding.end, expect.end, start_ms, expect.tolerance)
        )
    )


def _near(found: str | None, minutes: float | None, start_ms: int, tolerance: float) -> bool:
    if minutes is None:
        return True
    return found is not None and abs(from_iso(found) - start_ms - minutes * MINUTE) <= tolerance * MINUTE


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_scenario(path: Path):
    scenario = load_scenario(path)
    given = findings(world_of(scenario))
    seen = [(f.behaviour, f.mmsi, f.start, f.end, f.summary) for f in given]
    for expect in scenario.expect:
        fitting = [f for f in given if fits(f, expect, scenario.start_ms)]
        assert bool(fitting) == expect.found, (expect, seen)


@pytest.mark.parametrize(
    "path", [p for p in FILES if p.stem.startswith("fires")], ids=lambda p: f"{p.parent.name}/{p.stem}"
)
def test_a_scenario_cut_into_pieces_gives_the_same(path: Path):
    world = world_of(load_scenario(path))
    assert told(findings(world, cut(world, [k / 7 for k in range(1, 7)]))) == told(findings(world))


@pytest.mark.parametrize("behaviour", all_behaviours())
@pytest.mark.parametrize("kind", KINDS)
def test_every_behaviour_has_every_kind_of_scenario(behaviour: str, kind: str):
    files = sorted((HERE / behaviour).glob(f"{kind}*.toml"))
    assert files, f"tests/scenarios/{behaviour}/ has no {kind}*.toml"
    for path in files:
        mine = [e.found for e in load_scenario(path).expect if e.behaviour == behaviour]
        assert mine, f"{path.name} expects nothing of {behaviour}"
        assert any(mine) if kind == "fires" else not any(mine), path.name


def test_no_scenario_is_astray():
    assert {p.parent.name for p in FILES} == set(all_behaviours())
    assert [p for p in FILES if not p.stem.startswith(KINDS)] == []
