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
ZONE_AT, ZONE_M = (LON - 0.1, LAT - 0.05), 1500.0
"""Longitude, latitude and radius of the zone: where ships meet."""
NMI_DEG = 1.0 / 60.0
"""Degrees of latitude a nautical mile."""

ACTS = (
    "sail", "lie", "drift", "silent", "jump", "twin", "meet", "slow", "absurd", "creep", "survey", "ring", "freeze",
    "lag",
)  # fmt: skip
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
    away: tuple[float, float] | None = None
    """Where she begins, in degrees north and east of the middle; beside the others where not given."""
    told: tuple[tuple[str, Any, Any], ...] = ()
    """Fields of her static data that read otherwise: first, and in the second half of her time."""


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
    _plain(("sail", 46), ("creep", 70), ("sail", 130), course=90),
    _plain(("lie", 190), ("lie", 190), ("sail", 30), course=90, knots=6.0),
    _plain(("sail", 10), ("silent", 70), ("sail", 130), course=90),
    _plain(("sail", 60), ("survey", 190), ("sail", 30), course=90, knots=6.0),
    _plain(
        ("lie", 70),
        ("sail", 130),
        ("lie", 130),
        course=180,
        knots=20.0,
        ship_type=80,
        away=(-1.0, 1.5),
        told=(("destination", b"FARHAVEN", b"FARHAVEN"),),
    ),
    _plain(
        ("sail", 190),
        ("lie", 70),
        ("sail", 170),
        course=100,
        away=(1.5, 1.5),
        told=(("draught_m", 6.0, 10.5), ("length_m", 120.0, 190.0)),
    ),
    _plain(("sail", 70), course=60, away=(0.3, -0.6), told=(("imo", IMOS[0] - 1, IMOS[0] - 1),)),
    _plain(("sail", 30), ("lie", 190), ("sail", 30), knots=4.0, ship_type=80, course=30),
    *(
        _plain(
            ("sail", 30),
            ("silent", 70),
            ("sail", 30),
            ("jump", 30),
            ("sail", 30),
            knots=4.0,
            course=110,
            away=(0.9 + 0.03 * k, -0.9),
            seed=3,
        )
        for k in range(4)
    ),
    _plain(("ring", 130), ("sail", 10), knots=7.0, away=(-0.6, -0.6)),
    _plain(("sail", 30), ("freeze", 30), ("sail", 30), course=250, away=(-0.6, -0.8)),
    _plain(("sail", 30), ("lag", 30), ("sail", 30), course=250, away=(-0.7, -0.6)),
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
    return World(positions, statics, (cable(), zone()), ports(), listed)


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


def ports(east_deg: float = 0.0, mirrored: bool = False) -> tuple[Asset, ...]:
    """Ports of two countries and one far away, or as they lie in a turned or mirrored world."""
    at = (("Oldport", -1.0, 1.5, "RU"), ("Newport", -1.72, 1.5, "DK"), ("Farhaven", 3.0, 0.0, "DK"))
    return tuple(
        Asset(
            id=name.lower(),
            name=name,
            kind="port",
            buffer_m=20_000.0,
            geometry={
                "type": "Point",
                "coordinates": [_wrapped(LON + x + east_deg), -(LAT + y) if mirrored else LAT + y],
            },
            country=country,
        )
        for name, y, x, country in at
    )


def zone(east_deg: float = 0.0, mirrored: bool = False) -> Asset:
    """A round zone west of the cable, or as it lies in a turned or mirrored world."""
    lon, lat = ZONE_AT
    return Asset(
        id="zone-1",
        name="Zone 1",
        kind="zone",
        buffer_m=ZONE_M,
        geometry={"type": "Point", "coordinates": [_wrapped(lon + east_deg), -lat if mirrored else lat]},
        position_class="charted",
    )


def listed(ship: Any) -> list[Any]:
    """A list that names one IMO number."""
    from watchkeeper.model.picture import ListMatch

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
    return replace(
        one,
        positions=p,
        assets=(cable(east_deg, mirrored), zone(east_deg, mirrored)),
        places=ports(east_deg, mirrored),
    )


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
    north, east = ship.away or (0.02 * (number % 3), 0.02 * (number // 3))
    lat, lon = LAT + north, LON + east
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
        if act == "creep":
            course, knots_at = 0.0, 0.4 * knots_at
        way = np.full(len(t), course)
        if act == "survey":
            way = np.where(np.floor(3.0 * gone) % 2 == 0, 0.0, 180.0)
        if act == "meet":
            part, lat, lon = _to_meeting(number, gone, lat, lon)
        elif act == "ring":
            part, way = _round(gone, lat, lon, ship.knots)
        else:
            steps = np.concatenate([[0.0], knots_at[:-1] * np.diff(gone)])[: len(t)] * NMI_DEG
            turned = np.concatenate([way[:1], way[:-1]])
            part = {
                "lat": lat + np.cumsum(steps * np.cos(np.radians(turned))),
                "lon": lon + np.cumsum(steps * np.sin(np.radians(turned))) / np.cos(np.radians(LAT)),
                "sog_kn": knots_at + rng.normal(0, 0.05, len(t)).clip(0.0 if knots == 0 else -1.0),
            }
            if len(t):
                _where_she_was(act, part, lat, lon)
                lat, lon = float(part["lat"][-1]), float(part["lon"][-1])
        part["t"] = t
        part["cog_deg"] = way + rng.normal(0, 2, len(t))
        part["heading_deg"] = part["cog_deg"] + (80.0 if act == "drift" else 0.0)
        part["twin"] = np.zeros(len(t), bool)
        parts.append(_spoilt(act, part, rng))
        minute += minutes
        course += float(rng.integers(-20, 21))
    joined = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    return joined.pop("t"), joined


def _round(gone: Array, lat: float, lon: float, knots: float) -> tuple[dict[str, Array], Array]:
    """On a ring of half a mile about where she is, and her course there."""
    angle = knots * gone / 0.5
    part = {
        "lat": lat + 0.5 * NMI_DEG * np.cos(angle),
        "lon": lon + 0.5 * NMI_DEG * np.sin(angle) / np.cos(np.radians(LAT)),
        "sog_kn": np.full(len(gone), knots),
    }
    return part, np.degrees(angle) + 90.0


def _where_she_was(act: str, part: dict[str, Array], lat: float, lon: float) -> None:
    """Frozen, all but the last report are from where the act began; lagging, each second one is from far astern."""
    last = len(part["lat"]) - 1
    if act == "freeze":
        part["lat"][:last], part["lon"][:last] = lat, lon
    elif act == "lag" and last > 0:
        # As long ago as the act lasts: as far astern of each place as the end is ahead of the beginning.
        back = part["lat"][last] - part["lat"][0], part["lon"][last] - part["lon"][0]
        part["lat"][1:last:2] -= back[0]
        part["lon"][1:last:2] -= back[1]


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
        part["lat"] = part["lat"] + np.where(part["twin"], 2.4, 0.0)
    if act == "absurd":
        part["sog_kn"] = np.where(rng.random(n) < 0.5, 102.2, part["sog_kn"])
    return part


def _said(number: int, ship: Ship, mmsi: int, until: float) -> Statics:
    t = np.arange(0.05 + 0.1 * number, until + 1.0, 15.0)
    n = len(t)
    later = t > until / 2.0 if ship.renamed else np.zeros(n, bool)
    half = np.arange(n) % 3 == 1  # as part A of type 24: the name alone
    name, other = NAMES[number % 3], NAMES[(number + 1) % 3]
    statics = Statics(
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
    for field, first, then in ship.told:
        column = getattr(statics, field)
        setattr(statics, field, np.where(t > until / 2.0, then, first).astype(column.dtype))
    return statics
