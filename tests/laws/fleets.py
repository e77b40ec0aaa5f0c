"""Small invented fleets for the laws: recipes that hypothesis draws and shrinks, turned into records.

Eight hours at most around one point of the sea with a cable through it. Ships sail, lie, drift, fall silent, jump,
send beside a second hull, meet, slow down over the cable, say impossible speeds and change what they call themselves.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from lawful import World

from watchkeeper.model.asset import Asset
from watchkeeper.model.records import Array, Positions, Statics
from watchkeeper.model.time import MINUTE, from_iso

T0 = from_iso("2025-03-01T00:00:00Z")
LAT, LON = 57.03, 19.01
"""Off the edges of the quarter degrees in which presence is counted, so that a mirrored world has the same cells."""
NMI_DEG = 1.0 / 60.0
"""Degrees of latitude a nautical mile."""

ACTS = ("sail", "lie", "drift", "silent", "jump", "twin", "meet", "slow", "absurd")
TYPES = (-1, 30, 52, 70, 80, 80)
NAMES = (b"AMBER ARROW", b"OPAL WREN", b"QUIET HERON")
IMOS = (9074729, 9176187, 0)


@dataclass(frozen=True)
class Ship:
    """What one ship does: acts of so many minutes, on a course at a speed; what she says, and how badly heard."""

    acts: tuple[tuple[str, int], ...]
    course: int
    knots: float
    interval_s: int
    ship_type: int
    class_b: bool
    lost: float
    renamed: bool
    seed: int


Fleet = tuple[Ship, ...]

_acts = st.lists(
    st.tuples(st.sampled_from(ACTS), st.sampled_from((10, 30, 70, 130, 190))), min_size=1, max_size=4
).map(tuple)
_ships = st.builds(
    Ship,
    acts=_acts,
    course=st.integers(0, 359),
    knots=st.sampled_from((0.5, 4.0, 9.0, 16.0)),
    interval_s=st.sampled_from((60, 120, 180)),
    ship_type=st.sampled_from(TYPES),
    class_b=st.booleans(),
    lost=st.sampled_from((0.0, 0.0, 0.1, 1.0)),
    renamed=st.booleans(),
    seed=st.integers(0, 99),
)
fleets: st.SearchStrategy[Fleet] = st.lists(_ships, min_size=1, max_size=8).map(tuple)
"""Random fleets."""


def _plain(*acts: tuple[str, int], course: int = 80, knots: float = 9.0, **other: Any) -> Ship:
    told = {
        "interval_s": 60,
        "ship_type": 70,
        "class_b": False,
        "lost": 0.0,
        "renamed": False,
        "seed": 1,
    } | other
    return Ship(acts, course, knots, **told)


COMPACT: Fleet = (
    _plain(("sail", 70), ("silent", 130), ("sail", 30), knots=4.0),
    *(_plain(("sail", 190), ("lie", 130), knots=0.5, seed=k, course=40 * k) for k in range(7)),
)
"""One ship falls silent while seven others stay within a cell's width of her all the time."""

EVENTFUL: Fleet = (
    _plain(("sail", 70), ("silent", 130), ("sail", 70), knots=4.0),
    _plain(("sail", 30), ("meet", 190), ("sail", 70), ship_type=80, renamed=True, knots=4.0),
    _plain(("sail", 30), ("meet", 190), ("sail", 70), ship_type=80, seed=2, course=200, knots=4.0),
    _plain(("sail", 30), ("twin", 130), ("sail", 30), course=280, knots=4.0),
    _plain(("sail", 70), ("jump", 30), ("sail", 70), course=10, knots=4.0),
    _plain(("sail", 30), ("drift", 190), ("absurd", 10), course=120),
    _plain(("slow", 130), ("sail", 130), knots=9.0, course=90),
    _plain(("sail", 10), ("lie", 190), ("sail", 130), knots=4.0, course=350),
)
"""In this fleet every behaviour has something to find."""


def world(fleet: Fleet) -> World:
    """The records of a fleet, in order of time, with the cable and the list."""
    parts = [_sent(k, ship) for k, ship in enumerate(fleet)]
    positions = Positions.concat(p for p, _ in parts)
    statics = Statics.concat(s for _, s in parts)
    positions = positions.take(np.argsort(positions.t, kind="stable"))
    statics = statics.take(np.argsort(statics.t, kind="stable"))
    both = np.concatenate([statics.t, positions.t])
    line = np.empty(len(both), np.int64)
    line[np.argsort(both, kind="stable")] = np.arange(1, len(both) + 1)
    statics.row, positions.row = line[: len(statics)].copy(), line[len(statics) :].copy()
    return World(positions, statics, (cable(),), (), listed)


def cable(east_deg: float = 0.0, mirrored: bool = False) -> Asset:
    """A cable from south to north through the middle, or as it lies in a turned or mirrored world."""
    lats = (LAT - 2.0, LAT, LAT + 2.0)
    line = [[_wrapped(LON + 0.25 + east_deg), -lat if mirrored else lat] for lat in lats]
    return Asset(
        id="cable-1",
        name="Cable 1",
        kind="cable",
        buffer_m=1852.0,
        geometry={"type": "LineString", "coordinates": line},
        position_class="charted",
    )


def listed(ship: Any) -> list[Any]:
    """A list that names one IMO number."""
    from watchkeeper.model.behaviour import ListMatch

    if ship.imo != IMOS[0]:
        return []
    return [
        ListMatch("An invented list", "AMBER ARROW", "imo", "high", "same IMO number", "TEST", "2025-01-01")
    ]


def turned(one: World, east_deg: float, *, mirrored: bool = False) -> World:
    """The same world farther east, and seen in the mirror of the equator."""
    p = replace(one.positions)
    p.lon = _wrapped(p.lon + east_deg)
    if mirrored:
        p.lat = -p.lat
        p.cog_deg = ((540.0 - p.cog_deg) % 360.0).astype("f4")
        p.heading_deg = ((540.0 - p.heading_deg) % 360.0).astype("f4")
    return replace(one, positions=p, assets=(cable(east_deg, mirrored),))


def _wrapped(lon: Any) -> Any:
    return (lon + 540.0) % 360.0 - 180.0


def _sent(number: int, ship: Ship) -> tuple[Positions, Statics]:
    rng = np.random.default_rng((number, ship.seed))
    mmsi = 219_000_001 + number
    # Odd milliseconds keep two ships from ever reporting in the same instant: their order is then the same
    # however late they arrive.
    t, columns = _motion(number, ship, rng)
    n = len(t)
    for name in ("sog_kn", "cog_deg", "heading_deg"):
        columns[name] = np.where(rng.random(n) < ship.lost, np.nan, columns[name])
    positions = Positions(
        t=T0 + np.round(t * 60_000).astype("i8") + number,
        row=np.zeros(n, "i8"),
        mmsi=np.full(n, mmsi, "i4"),
        lat=columns["lat"],
        lon=_wrapped(columns["lon"]),
        sog_kn=columns["sog_kn"].astype("f4"),
        cog_deg=(columns["cog_deg"] % 360.0).astype("f4"),
        heading_deg=(columns["heading_deg"] % 360.0).astype("f4"),
        nav_status=np.zeros(n, "i1"),
        ais_class=np.where(columns["twin"], 3 - (1 + ship.class_b), 1 + ship.class_b).astype("i1"),
    )
    return positions, _said(number, ship, mmsi, float(t[-1]) if n else 1.0)


def _motion(number: int, ship: Ship, rng: np.random.Generator) -> tuple[Array, dict[str, Array]]:
    """Minutes and columns, act by act."""
    lat, lon = LAT + 0.02 * (number % 3), LON + 0.02 * (number // 3)
    minute, course, parts = 1.0 + 0.1 * number, float(ship.course), []
    for act, minutes in ship.acts:
        knots = {"lie": 0.0, "drift": 2.0, "meet": 8.0}.get(act, ship.knots)
        step = ship.interval_s / 60.0
        t = minute + np.arange(int(np.ceil(minutes / step - 1e-9))) * step
        gone = (t - minute) / 60.0
        if act == "slow":
            course = 90.0
            knots_at = np.where(gone < 0.5, ship.knots, 0.7 * ship.knots)
        else:
            knots_at = np.full(len(t), knots)
        if act == "meet":
            part, lat, lon = _to_meeting(number, gone, lat, lon)
        else:
            sailed = (
                np.concatenate([[0.0], np.cumsum(knots_at[:-1] * np.diff(gone))]) * NMI_DEG
                if len(t)
                else gone
            )
            part = {
                "lat": lat + sailed * np.cos(np.radians(course)),
                "lon": lon + sailed * np.sin(np.radians(course)) / np.cos(np.radians(LAT)),
                "sog_kn": knots_at + rng.normal(0, 0.05, len(t)).clip(0.0 if knots == 0 else -1.0),
            }
            if len(t):
                lat, lon = float(part["lat"][-1]), float(part["lon"][-1])
        part["t"] = t
        part["cog_deg"] = np.full(len(t), course) + rng.normal(0, 2, len(t))
        part["heading_deg"] = part["cog_deg"] + (80.0 if act == "drift" else 0.0)
        part["twin"] = np.zeros(len(t), bool)
        parts.append(_spoilt(act, part, rng))
        minute += minutes
        course += float(rng.integers(-20, 21))
    joined = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    return joined.pop("t"), joined


def _to_meeting(number: int, gone: Array, lat: float, lon: float) -> tuple[dict[str, Array], float, float]:
    """Sail to the meeting point at 8 kn, then lie there, 100 m from the next ship."""
    goal_lat, goal_lon = LAT - 0.05 + 0.0009 * (number % 4), LON - 0.1
    east = (goal_lon - lon) * np.cos(np.radians(LAT))
    nmi = max(np.hypot(goal_lat - lat, east) / NMI_DEG, 1e-6)
    share = np.minimum(gone * 8.0 / nmi, 1.0)
    part = {
        "lat": lat + share * (goal_lat - lat),
        "lon": lon + share * (goal_lon - lon),
        "sog_kn": np.where(share < 1.0, 8.0, 0.2),
    }
    if not len(gone):
        return part, lat, lon
    return part, float(part["lat"][-1]), float(part["lon"][-1])


def _spoilt(act: str, part: dict[str, Array], rng: np.random.Generator) -> dict[str, Array]:
    n = len(part["t"])
    if act == "silent":
        return {name: column[:0] for name, column in part.items()}
    if act == "jump":
        part["lat"] = part["lat"] + 3.0
    if act == "twin":
        part["twin"] = rng.random(n) < 0.5
        part["lat"] = part["lat"] + np.where(part["twin"], 3.0, 0.0)
    if act == "absurd":
        part["sog_kn"] = np.where(rng.random(n) < 0.5, 102.2, part["sog_kn"])
    return part


def _said(number: int, ship: Ship, mmsi: int, until: float) -> Statics:
    t = np.arange(0.05 + 0.1 * number, until + 1.0, 15.0)
    n = len(t)
    later = t > until / 2.0 if ship.renamed else np.zeros(n, bool)
    half = np.arange(n) % 3 == 1  # as part A of type 24: the name alone
    name, other = NAMES[number % 3], NAMES[(number + 1) % 3]
    return Statics(
        t=T0 + np.round(t * MINUTE).astype("i8") + number,
        row=np.zeros(n, "i8"),
        mmsi=np.full(n, mmsi, "i4"),
        imo=np.where(half, 0, np.where(later, IMOS[(number + 1) % 3], IMOS[number % 3])).astype("i4"),
        name=np.where(later, other, name).astype("S20"),
        callsign=np.where(half, b"", b"ABCD%d" % number).astype("S7"),
        ship_type=np.where(half, -1, ship.ship_type).astype("i2"),
        length_m=np.where(half, np.nan, 120.0).astype("f4"),
        beam_m=np.where(half, np.nan, 20.0).astype("f4"),
        draught_m=np.full(n, np.nan, "f4"),
        destination=np.full(n, b"", "S20"),
        ais_class=np.full(n, 1 + ship.class_b, "i1"),
    )
