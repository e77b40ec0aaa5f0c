"""From a seed to a day at sea: build the ships, hear them, spoil the file, write the truth down."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from watchkeeper.exercises import dirt
from watchkeeper.exercises.cases import Case, inject
from watchkeeper.exercises.catalogue import all_injections
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.fleet import background
from watchkeeper.exercises.geo import Array, wrap_lon
from watchkeeper.exercises.grid import LandMask
from watchkeeper.exercises.hearing import Outage, chance_heard, floor_for, hear, intervals, static_times
from watchkeeper.exercises.motion import TICK_S
from watchkeeper.exercises.ships import Heard, Identity, Registry, Ship, Station
from watchkeeper.exercises.simulation import (
    REPORT_DTYPES,
    Reports,
    Simulation,
    SimulationSpec,
    StaticMessages,
)
from watchkeeper.exercises.stations import stations
from watchkeeper.exercises.truth import TruthCase
from watchkeeper.exercises.world import build_world
from watchkeeper.layers.land import Land
from watchkeeper.model.time import SECOND, to_iso

Progress = Callable[[int, int], None]

ROWS_PER_SHIP_DAY: Final = 2_700
"""Rows an average ship gives in a day at one report per ten seconds: sets the size of the fleet."""

_LEAST_FLEET: Final = 50

DESTINATIONS: Final = ("FOR ORDERS", "AT SEA", "COASTAL", "ROADS")
"""What ships say that are bound for no one port; those on a lane say its end."""


def simulate(
    spec: SimulationSpec,
    progress: Progress | None = None,
    land: LandMask | None = None,
    scene: Callable[[Day], None] | None = None,
) -> Simulation:
    """Simulate a day. The same ``spec`` gives the same day.

    Args:
        spec: what to simulate.
        progress: called with ships heard so far and their number.
        land: where land is; the packaged land when not given.
        scene: puts further ships into the day, after the cases.
    """
    world = build_world(spec.region, land if land is not None else packaged_land())
    for port in world.ports:
        port.berths_taken = port.anchors_taken = 0
    rng = np.random.default_rng(spec.seed)
    registry = Registry(rng, world.region.mids, list(DESTINATIONS))
    ticks = np.arange(int(spec.hours * 3600.0 / TICK_S) + 2) * TICK_S
    day = Day(spec.seed, world, rng, registry, spec.hours, ticks)
    day.ships.extend(background(day, _fleet(spec)))
    _inject(day, spec)
    if scene is not None:
        scene(day)
    day.throw("stations")
    day.ships.extend(stations(day, spec.dirt))
    day.throw("reception")
    reports, statics, identities = _heard(day, spec, progress)
    heard = {int(number) for number in np.unique(reports.ship)}
    day.throw("dirt")
    dirt.spoil(day.rng, reports, spec.dirt)
    vessels = {
        ship.mmsi for number, ship in enumerate(day.ships)
        if number in heard and ship.station in (Station.CLASS_A, Station.CLASS_B)
    }  # fmt: skip
    return Simulation(
        spec=spec,
        reports=reports,
        statics=statics,
        stations=np.array([ship.station for ship in day.ships], np.int8),
        identities=identities,
        truth=_truth(spec, day.cases),
        assets=[*world.assets(), *day.zones],
        listed=day.listed,
        vessel_days=len(vessels) * spec.hours / 24.0,
        no_room=dict(day.no_room),
    )


@lru_cache(maxsize=1)
def packaged_land() -> Land:
    return Land.load()


def _fleet(spec: SimulationSpec) -> int:
    """How many ordinary ships. Those of the cases come on top, so that a kind of case more leaves the others alone."""
    wanted = spec.density * spec.rows / (ROWS_PER_SHIP_DAY * spec.hours / 24.0)
    return max(_LEAST_FLEET, round(wanted))


def _inject(day: Day, spec: SimulationSpec) -> None:
    """Every kind of case, each with its own dice; those that work on whole areas when the others are there.

    Which builder of a kind comes first goes round with the seed, so that few cases a day still show all of them.
    """
    for last in (False, True):
        for behaviour in spec.behaviours:
            for injection in all_injections()[behaviour]:
                if injection.last is last:
                    day.throw(f"{behaviour}{' of an area' * last}")
                    day.cases += inject(day, injection, spec.cases_per_behaviour, spec.seed)


def _heard(
    day: Day, spec: SimulationSpec, progress: Progress | None
) -> tuple[Reports, StaticMessages, list[Identity]]:
    """Every ship's reports and static messages, unspoilt, ship by ship."""
    rng, grid = day.rng, day.world.grid
    chances = [chance_heard(rng, grid, ship).astype(np.float32) for ship in day.ships]
    rates = [intervals(ship).astype(np.float32) for ship in day.ships]
    durations: dict[float, float] = defaultdict(float)
    for chance, rate in zip(chances, rates, strict=True):
        for value in np.unique(rate):
            durations[float(value)] += float(chance[rate == value].sum()) * TICK_S
    floor = floor_for(durations, spec.rows / (1.0 + dirt.ADDED * spec.dirt))
    parts: dict[str, list[Array]] = {name: [] for name in REPORT_DTYPES}
    said: dict[str, list[Array]] = {name: [] for name in ("t", "ship", "static", "mmsi")}
    identities: list[Identity] = []
    for number, ship in enumerate(day.ships):
        heard = hear(rng, ship, chances[number], np.maximum(rates[number], floor), day.outages)
        for edit in ship.edits:
            edit(heard)
        for effect in day.effects:
            effect(ship, heard)
        t, static = _statics(rng, ship, chances[number], day.outages, identities)
        _append(parts, spec, number, ship, heard, t, static)
        for name, column in (
            ("t", _ms(spec, t)), ("static", static), ("ship", np.full(len(t), number)), ("mmsi",
            np.full(len(t), ship.mmsi)),
        ):  # fmt: skip
            said[name].append(column)
        if progress is not None:
            progress(number + 1, len(day.ships))
    columns = {name: np.concatenate(parts.pop(name)).astype(dtype) for name, dtype in REPORT_DTYPES.items()}
    order = np.argsort(np.concatenate(said["t"]), kind="stable")
    messages = StaticMessages(
        *(np.concatenate(said[name])[order] for name in ("t", "ship", "static", "mmsi"))
    )
    return Reports(**columns), messages, identities


def _append(
    parts: dict[str, list[Array]],
    spec: SimulationSpec,
    number: int,
    ship: Ship,
    heard: Heard,
    t: Array,
    static: Array,
) -> None:
    inside = (heard.t >= 0.0) & (heard.t < spec.hours * 3600.0)
    latest = np.searchsorted(t, heard.t, side="right") - 1
    known = np.append(static, -1)[latest]
    n = len(heard.t)
    for name, column in (
        ("t", _ms(spec, heard.t)), ("ship", np.full(n, number, np.int32)), ("static", known.astype(np.int32)),
        ("mmsi", np.full(n, ship.mmsi, np.int32)), ("lat", heard.lat), ("lon", wrap_lon(heard.lon)),
        ("sog_kn", heard.sog_kn.astype(np.float32)), ("cog_deg", heard.cog_deg.astype(np.float32)),
        ("heading_deg", heard.heading_deg.astype(np.float32)), ("nav_status",
        heard.nav_status.astype(np.int8)),
    ):  # fmt: skip
        parts[name].append(column[inside])


def _ms(spec: SimulationSpec, t: Array) -> Array:
    """Seconds from the start as whole seconds in ms UTC: the files have no finer time."""
    return spec.start_ms + np.floor(t).astype(np.int64) * SECOND


def _statics(
    rng: np.random.Generator, ship: Ship, chance: Array, outages: Sequence[Outage], identities: list[Identity]
) -> tuple[Array, Array]:
    """Times and identity numbers of a ship's static messages, those said once included."""
    if ship.station not in (Station.CLASS_A, Station.CLASS_B, Station.ATON):
        return np.empty(0), np.empty(0, np.int32)
    base = len(identities)
    identities.extend(identity for _, identity in ship.identities)
    t = static_times(rng, ship, chance)
    tick = np.minimum((t / TICK_S).astype(np.int64), len(chance) - 1)
    for outage in outages:
        t, tick = (c[~outage.silences(ship.motion.lat[tick], ship.motion.lon[tick], t)] for c in (t, tick))
    begins = np.array([second for second, _ in ship.identities])
    static = base + np.searchsorted(begins, t, side="right") - 1
    for second, identity in ship.said_once:
        identities.append(identity)
        t, static = np.append(t, second), np.append(static, len(identities) - 1)
    order = np.argsort(t, kind="stable")
    return t[order], static[order].astype(np.int32)


def _truth(spec: SimulationSpec, cases: Sequence[Case]) -> list[TruthCase]:
    counts: dict[tuple[str, bool], int] = defaultdict(int)
    truth = []
    for case in cases:
        counts[case.behaviour, case.positive] += 1
        number = counts[case.behaviour, case.positive]
        truth.append(
            TruthCase(
                case=f"{case.behaviour}-{number:02d}"
                if case.positive
                else f"{case.behaviour}-quiet-{number:02d}",
                behaviour=case.behaviour,
                positive=case.positive,
                mmsi=case.ship.mmsi,
                other_mmsi=case.other.mmsi if case.other is not None else None,
                start=to_iso(int(_ms(spec, np.array([max(0.0, case.start_s)]))[0])),
                end=to_iso(int(_ms(spec, np.array([min(case.end_s, spec.hours * 3600.0)]))[0])),
                asset=case.asset,
                what=case.what,
                also=tuple(ship.mmsi for ship in case.also),
                kind=case.kind,
                shows=case.shows,
            )
        )
    return truth
