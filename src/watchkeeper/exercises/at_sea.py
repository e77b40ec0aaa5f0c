"""What several cases need: a ship under way at sea, a stay, a place on a line, fixes put elsewhere."""

from typing import Final

import numpy as np

from watchkeeper.errors import UsageError
from watchkeeper.exercises.cases import Case, add
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import KNOT, Array, displaced
from watchkeeper.exercises.motion import TICK_S, UNDER_WAY, Motion, sail
from watchkeeper.exercises.routes import Passage, wandering
from watchkeeper.exercises.ships import Heard, Ship
from watchkeeper.exercises.traffic import trader
from watchkeeper.exercises.world import BedLine

ATTEMPTS: Final = 400
_FROM_PLACES_M: Final = 12_000.0
_APART_M: Final = 9_000.0


def ticks_between(day: Day, start: float, end: float) -> slice:
    """The ticks of a span [s]."""
    return slice(max(0, int(start / TICK_S)), int(end / TICK_S) + 1)


def under_way(day: Day, least_h: float) -> tuple[Ship, float, float]:
    """A new trader at sea speed for at least ``least_h`` (less on a short day), and that span [s]."""
    least_s = min(least_h, 0.4 * day.hours) * 3600.0
    for _ in range(ATTEMPTS):
        ship = trader(day, least_m=min(200_000.0, least_s * 6.0))
        sailing = (ship.motion.speed_kn() > 7.0) & ship.motion.on
        edges = np.flatnonzero(np.diff(np.concatenate(([0], sailing.astype(np.int8), [0]))))
        for begins, ends in edges.reshape(-1, 2) * TICK_S:
            if ends - begins >= least_s:
                return ship, float(begins), min(float(ends), day.seconds)
    raise NoRoomError("no ship sails that long")


def displace(heard: Heard, chosen: Array, north_m: Array | float, east_m: Array | float) -> None:
    """Put reports elsewhere."""
    heard.lat[chosen], heard.lon[chosen] = displaced(heard.lat[chosen], heard.lon[chosen], north_m, east_m)


def reports_within(heard: Heard, begins: float, ends: float, count: int, at: float) -> Array:
    """``count`` consecutive reports within a span, at a fraction ``at`` of it.

    Raises:
        UsageError: so few rows were asked for that the ship does not report so often.
    """
    inside = np.flatnonzero((heard.t > begins) & (heard.t < ends))
    if len(inside) <= count + 2:
        hours = (ends - begins) / 3600.0
        raise UsageError(
            f"A ship has {len(inside)} reports in {hours:.1f} h, too few for a case.",
            "Ask for more rows, or for fewer cases or ships.",
        )
    first = int(at * (len(inside) - count - 2)) + 1
    return inside[first : first + count]


def trade(day: Day) -> str:
    """Cargo ship or tanker."""
    return "cargo" if day.rng.random() < 0.5 else "tanker"


def cruise_kn(day: Day) -> float:
    """A merchant ship's sea speed."""
    return day.uniform(9.5, 13.0)


def wander(
    day: Day, place: tuple[float, float], radius_m: float, speed_kn: float, start: float, end: float
) -> Motion:
    """Under way slowly about a place."""
    route = wandering(day.rng, *place, radius_m, 1.15 * speed_kn * KNOT * (end - start))
    pace = speed_kn * (1.0 + 0.1 * np.sin(route.s / 700.0))
    return sail(day.ticks, Passage.at_speed(route, pace), start, UNDER_WAY, UNDER_WAY)


def all_day(day: Day, behaviour: str, ship: Ship, what: str) -> Case:
    """A look-alike that lasts as long as the data."""
    add(day, ship)
    return Case(behaviour, False, ship, 0.0, day.seconds, what)


def line_place(day: Day) -> tuple[BedLine, float, float]:
    """A point of a sea-bed line in open water, away from ports, anchorages and other scenes."""
    grid = day.world.grid
    for _ in range(4_000):
        line = day.world.lines[int(day.rng.integers(len(day.world.lines)))]
        leg = int(day.rng.integers(len(line.lat) - 1))
        u = float(day.rng.random())
        lat = float(line.lat[leg] + u * (line.lat[leg + 1] - line.lat[leg]))
        lon = float(line.lon[leg] + u * (line.lon[leg + 1] - line.lon[leg]))
        point = np.array([lat]), np.array([lon])
        if grid.coast_distance_m(*point)[0] < 7_000.0 or not day.is_free(lat, lon, _APART_M):
            continue
        if (
            day.world.place_distance_m(*point)[0] > _FROM_PLACES_M
            and np.isin(grid.cell(*point), day.world.room)[0]
        ):
            day.taken.append((lat, lon))
            return line, lat, lon
    raise NoRoomError("no free place on a line")
