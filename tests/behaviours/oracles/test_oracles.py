"""What the engine detects is what the plain rules detect: same ships, times and rows, measures within tolerance."""

from math import isnan
from typing import Any

import numpy as np
import pytest
from fleets import EVENTFUL, LAT, LON, ZONE_AT, ZONE_M, Fleet, fleets, world
from hypothesis import Phase, example, given, settings
from lawful import Duty, World, whole
from plain import GEOD, Row, followed
from rules import RULES

from watchkeeper.behaviours import all_behaviours
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import Simulation, SimulationSpec
from watchkeeper.model.episodes import Episodes
from watchkeeper.model.mmsi import MmsiClass, classify
from watchkeeper.model.records import Positions, Statics

EXACT = ("open", "last_row", "n")
MEASURED = ("path_m", "sog_mean", "value", "low")
CABLE_LON, REACH_M = LON + 0.25, 1852.0


def detected(one: World) -> tuple[dict[str, dict[Any, dict[str, Any]]], dict[str, dict[str, float]]]:
    """The engine's candidates of each behaviour by ship, other ship, start, end and first row; the thresholds."""
    duty = Duty.begin(one).take(whole(one))
    duty.engine.finish()
    mmsi = duty.engine.vessels.mmsi
    told: dict[str, dict[Any, dict[str, Any]]] = {}
    for watch in duty.watches:
        assert watch.failure is None
        mine = told[watch.behaviour.id] = {}
        for e in Episodes.concat(watch.episodes):
            other = int(mmsi[e.other]) if e.other >= 0 else None
            mine[int(mmsi[e.vessel]), other, e.start, e.end, e.first_row] = {
                n: getattr(e, n) for n in EXACT + MEASURED
            }
    return told, {w.behaviour.id: w.thresholds for w in duty.watches}


def rows_of(p: Positions, *, with_cable: bool) -> list[Row]:
    columns = (
        p.t,
        p.row,
        p.mmsi,
        p.lat,
        p.lon,
        p.sog_kn,
        p.cog_deg,
        p.heading_deg,
        p.ais_class,
        p.nav_status,
    )
    names = ("t", "row", "mmsi", "lat", "lon", "sog", "cog", "heading", "cls", "nav")
    rows = [
        dict(zip(names, values, strict=True)) for values in zip(*(c.tolist() for c in columns), strict=True)
    ]
    for row in rows:
        # The cable lies along a meridian: its nearest point is due east or west, to a centimetre within a mile.
        away = GEOD.inv(row["lon"], row["lat"], CABLE_LON, row["lat"])[2] if with_cable else float("inf")
        row["asset_m"] = away if away <= REACH_M and abs(row["lat"] - LAT) < 2 else float("inf")
        if with_cable:
            row["cable_lon"], row["zone_reach_m"] = CABLE_LON, ZONE_M
            row["zone_m"] = GEOD.inv(row["lon"], row["lat"], *ZONE_AT)[2]
            if row["asset_m"] > REACH_M and row["zone_m"] <= REACH_M:
                row["asset_m"] = row["zone_m"]
    return rows


def said_of(s: Statics) -> list[dict[str, Any]]:
    names = tuple(Statics.DTYPES)
    return [
        dict(zip(names, v, strict=True)) for v in zip(*(getattr(s, n).tolist() for n in names), strict=True)
    ]


def assert_same(name: str, engine: dict[Any, dict[str, Any]], plain: list[dict[str, Any]]) -> None:
    by_key = {(e["mmsi"], e["other"], e["start"], e["end"], e["first_row"]): e for e in plain}
    assert set(engine) == set(by_key), name
    for key, mine in engine.items():
        theirs = by_key[key]
        for what in EXACT:
            if what in theirs:
                assert mine[what] == theirs[what], (name, key, what)
        for what in MEASURED:
            if what in theirs and not isnan(theirs[what]):
                # Half a metre: what the index of assets allows itself; a thousandth: distances summed over legs.
                assert mine[what] == pytest.approx(theirs[what], rel=1e-3, abs=1.0), (name, key, what)
            elif what in theirs:
                assert isnan(mine[what]), (name, key, what)


def assert_engine_does_what_the_rules_say(
    one: World, names: list[str], *, with_cable: bool
) -> dict[str, int]:
    engine, thresholds = detected(one)
    kept, said = followed(rows_of(one.positions, with_cable=with_cable)), said_of(one.statics)
    for name in names:
        assert_same(name, engine[name], RULES[name](kept, said, thresholds[name]))
    return {name: len(engine[name]) for name in names}


def test_every_behaviour_has_a_plain_rule():
    assert set(RULES) == set(all_behaviours())


@settings(max_examples=25, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate))
@given(fleet=fleets)
@example(fleet=EVENTFUL)
def test_random_fleets(fleet: Fleet):
    assert_engine_does_what_the_rules_say(world(fleet), list(RULES), with_cable=True)


def test_the_eventful_fleet_has_candidates_of_every_behaviour():
    found = assert_engine_does_what_the_rules_say(world(EVENTFUL), list(RULES), with_cable=True)
    assert all(found.values()), found


@pytest.fixture(scope="module")
def day() -> Simulation:
    return simulate(SimulationSpec(seed=4, rows=60_000, hours=12, cases_per_behaviour=1))


def test_a_small_simulated_day(day: Simulation):
    """Positions of a dirty day in order of time; the lines of its world are the index's own tests."""
    r = day.reports
    keep = (np.abs(r.lat) <= 90) & (classify(r.mmsi) == MmsiClass.SHIP)
    order = np.flatnonzero(keep)[np.argsort(r.t[keep], kind="stable")]
    n = len(order)
    positions = Positions(
        r.t[order], np.arange(1, n + 1), r.mmsi[order], r.lat[order], r.lon[order], r.sog_kn[order], r.cog_deg[order],
        r.heading_deg[order], r.nav_status[order], np.where(np.isnan(r.heading_deg[order]), 2, 1).astype("i1"),
    )  # fmt: skip
    names = [b.id for b in all_behaviours().values() if b.id not in ("asset-loitering", "identity-change")]
    found = assert_engine_does_what_the_rules_say(World(positions, Statics.empty()), names, with_cable=False)
    assert 10_000 < n < 80_000
    assert sum(count > 0 for count in found.values()) >= 7, found
