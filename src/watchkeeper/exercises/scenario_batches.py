"""From a scenario to the columns a source would give: what its ships send, in order of time."""

import msgspec
import numpy as np

from watchkeeper.errors import LimitError
from watchkeeper.exercises.geo import KNOT, Array, course_deg, displaced, distance_m, wrap_lon
from watchkeeper.exercises.scenario import (
    MOST_REPORTS,
    Change,
    Scenario,
    ScenarioShip,
    scenario_assets,
)
from watchkeeper.model.asset import Asset
from watchkeeper.model.records import CLASS_A, CLASS_B, Positions, Statics, pack_row
from watchkeeper.model.register import ShipFacts
from watchkeeper.model.time import MINUTE, SECOND

_STEP_S = 60.0
_STILL_KN = 0.3


def scenario_batches(scenario: Scenario) -> tuple[Positions, Statics, list[Asset], list[dict[str, object]]]:
    """Positions and static data in order of time, the assets, and the list entries as dicts.

    Rows are numbered from 1 over both kinds in order of time, as lines of one input.

    Raises:
        LimitError: the scenario makes more than 500 000 reports.
    """
    positions = Positions.concat(_positions(ship, scenario.start_ms) for ship in scenario.ships)
    statics = Statics.concat(_statics(ship, scenario.start_ms) for ship in scenario.ships)
    positions = positions.take(np.argsort(positions.t, kind="stable"))
    statics = statics.take(np.argsort(statics.t, kind="stable"))
    both = np.concatenate((statics.t, positions.t))
    line = np.empty(len(both), np.int64)
    line[np.argsort(both, kind="stable")] = np.arange(1, len(both) + 1)
    statics.row, positions.row = (pack_row(0, part) for part in (line[: len(statics)], line[len(statics) :]))
    listed = [
        {name: value for name in entry.__struct_fields__ if (value := getattr(entry, name)) is not None}
        for entry in scenario.listed
    ]
    return positions, statics, scenario_assets(scenario), listed


def scenario_register(scenario: Scenario) -> dict[int, ShipFacts]:
    """What the scenario's register says, by IMO number."""
    return {
        one.imo: ShipFacts(source="scenario register", **msgspec.structs.asdict(one))
        for one in scenario.registered
    }


def waypoints(ship: ScenarioShip) -> tuple[Array, Array, Array]:
    """Seconds, latitude and (continuous) longitude through which the ship goes."""
    if ship.track:
        minutes, lat, lon = np.array(ship.track, float).T
        return minutes * 60.0, lat, np.unwrap(lon, period=360.0)
    assert ship.begin is not None
    times, lats, lons = [ship.starts_at * 60.0], [ship.begin[0]], [ship.begin[1]]
    for leg in ship.legs:
        speed, course = leg.speed_kn * KNOT, leg.course_deg or 0.0
        if leg.to is not None:
            seconds = float(distance_m(lats[-1], lons[-1], *leg.to)) / speed
            times.append(times[-1] + seconds)
            lats.append(leg.to[0])
            lons.append(lons[-1] + float(wrap_lon(leg.to[1] - lons[-1])))
            continue
        assert leg.minutes is not None
        steps = max(1, round(leg.minutes * 60.0 / _STEP_S))
        length = speed * leg.minutes * 60.0 / steps
        for _ in range(steps):
            north, east = length * np.cos(np.radians(course)), length * np.sin(np.radians(course))
            lat, lon = displaced(lats[-1], lons[-1], north, east)
            times.append(times[-1] + leg.minutes * 60.0 / steps)
            lats.append(float(lat))
            lons.append(float(lon))
    return np.array(times), np.array(lats), np.array(lons)


def _positions(ship: ScenarioShip, start_ms: int) -> Positions:
    seconds, lats, lons = waypoints(ship)
    count = int((seconds[-1] - seconds[0]) / ship.interval_s) + 1
    if count > MOST_REPORTS:
        raise LimitError(
            f"Ship {ship.mmsi} would send {count} reports.", "Lengthen interval_s or shorten the track."
        )
    t = seconds[0] + np.arange(count) * ship.interval_s
    heard = ~_inside(t, ship.silent)
    t = t[heard]
    lat, lon = np.interp(t, seconds, lats), np.interp(t, seconds, lons)
    speed, course = _way_made_good(t, seconds, lats, lons)
    rng = np.random.default_rng((ship.noise.seed, ship.mmsi))
    n = len(t)
    north, east = ship.noise.position_m * rng.standard_normal((2, n))
    sog = np.maximum(0.0, speed + ship.noise.speed_kn * rng.standard_normal(n))
    cog = (course + ship.noise.course_deg * rng.standard_normal(n)) % 360.0
    heading = np.full(n, np.nan) if ship.ais_class == "B" else np.round(course) % 360.0
    status = np.full(n, 15 if ship.ais_class == "B" else ship.nav_status, float)
    lat, lon = displaced(lat, lon, north, east)
    for column, spans in ((sog, ship.sog), (cog, ship.cog), (heading, ship.heading), (status, ship.status)):
        for begin, end, value in spans:
            column[_inside(t, ((begin, end),))] = value
    for begin, end, *place in ship.moved:
        lat[_inside(t, ((begin, end),))], lon[_inside(t, ((begin, end),))] = place
    return Positions(
        t=start_ms + np.round(t * SECOND).astype("i8"), row=np.zeros(n, "i8"), mmsi=np.full(n, ship.mmsi,
        "i4"),
        lat=lat, lon=wrap_lon(lon), sog_kn=np.round(sog, 1).astype("f4"), cog_deg=np.round(cog,
        1).astype("f4") % 360,
        heading_deg=heading.astype("f4"), nav_status=status.astype("i1"),
        ais_class=np.full(n, CLASS_A if ship.ais_class == "A" else CLASS_B, "i1"),
    )  # fmt: skip


def _inside(t: Array, spans: tuple[tuple[float, float], ...]) -> Array:
    """Whether each second lies in a span of minutes, its ends included."""
    result = np.zeros(len(t), np.bool_)
    for begin, end in spans:
        result |= (t >= begin * 60.0) & (t <= end * 60.0)
    return result


def _way_made_good(t: Array, seconds: Array, lats: Array, lons: Array) -> tuple[Array, Array]:
    """Speed [kn] and course [deg] of the leg each time lies on; a ship at rest keeps her last course."""
    length = distance_m(lats[:-1], lons[:-1], lats[1:], lons[1:])
    speed = length / np.diff(seconds) / KNOT
    course = np.asarray(course_deg(lats[:-1], lons[:-1], lats[1:], lons[1:]))
    last = np.maximum.accumulate(np.where(speed > _STILL_KN, np.arange(len(speed)), -1))
    course = np.where(last >= 0, course[np.maximum(last, 0)], 0.0)
    leg = np.clip(np.searchsorted(seconds, t, side="right") - 1, 0, len(speed) - 1)
    return speed[leg], course[leg]


def _statics(ship: ScenarioShip, start_ms: int) -> Statics:
    seconds, _, _ = waypoints(ship)
    t = np.arange(seconds[0], seconds[-1] + 1.0, ship.static_every_s)
    t = t[~_inside(t, ship.silent)]
    who = [_who(ship, second) for second in t / 60.0]
    for change in ship.changes:
        if change.once:
            t = np.append(t, change.at * 60.0)
            who.append(_changed(_who(ship, change.at), change))
    n = len(t)

    def column(name: str, dtype: str) -> Array:
        values = [one[name] for one in who]
        return np.array([str(v).strip().encode() for v in values] if dtype[0] == "S" else values, dtype)

    return Statics(
        t=start_ms + np.round(t / 60.0 * MINUTE).astype("i8"), row=np.zeros(n, "i8"), mmsi=np.full(n,
        ship.mmsi, "i4"),
        imo=column("imo", "i4"), name=column("name", "S20"), callsign=column("callsign", "S7"),
        ship_type=column("ship_type", "i2"), length_m=column("length_m", "f4"),
        beam_m=np.full(n, ship.beam_m, "f4"), draught_m=column("draught_m", "f4"),
        destination=column("destination", "S20"),
        ais_class=np.full(n, CLASS_A if ship.ais_class == "A" else CLASS_B, "i1"),
    )  # fmt: skip


_CHANGEABLE = ("name", "callsign", "imo", "draught_m", "destination", "length_m", "ship_type")


def _who(ship: ScenarioShip, minute: float) -> dict[str, object]:
    """The static data valid at a minute."""
    who: dict[str, object] = {name: getattr(ship, name) for name in _CHANGEABLE}
    for change in sorted(ship.changes, key=lambda change: change.at):
        if not change.once and change.at <= minute:
            who = _changed(who, change)
    return who


def _changed(who: dict[str, object], change: Change) -> dict[str, object]:
    said = {name: getattr(change, name) for name in _CHANGEABLE}
    return who | {name: value for name, value in said.items() if value is not None}
