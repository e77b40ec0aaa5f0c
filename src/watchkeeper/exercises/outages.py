"""Areas in which something happens to every ship: a receiver fails and hears none, satellite positions are wrong."""

from typing import Final

import numpy as np

from watchkeeper.exercises.cases import Case
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import KNOT, Array, distance_m
from watchkeeper.exercises.hearing import Outage
from watchkeeper.exercises.motion import TICK_S
from watchkeeper.exercises.ships import Ship

RADIUS_M: Final = 60_000.0
_MARGIN_M: Final = 15_000.0
_MARGIN_S: Final = 3_600.0
_ATTEMPTS: Final = 300


def fail_receiver(day: Day, least_ships: int) -> tuple[Outage, list[Ship]]:
    """An outage that touches no injected case, and the ships under way that it silences from end to end.

    Raises:
        NoRoomError: nowhere are so many ships silenced by an outage that leaves the cases alone.
    """
    outage, inside = free_area(day, least_ships, (1.2, 1.9), RADIUS_M)
    day.outages.append(outage)
    return outage, inside


def free_area(
    day: Day, least_ships: int, hours: tuple[float, float], radius_m: float
) -> tuple[Outage, list[Ship]]:
    """A circle for some hours that touches no injected case, and the ships under way that stay in it.

    The circle gets smaller, down to four tenths, where there is no room.

    Raises:
        NoRoomError: nowhere do so many ships stay in one that leaves the cases alone.
    """
    shown = [case for case in day.cases if case.positive]
    idle = [ship for ship in day.ships if ship.role in ("cargo", "tanker") and not ship.busy]
    tracks = [np.array([getattr(ship.motion, name) for ship in idle]) for name in ("lat", "lon", "on")]
    for attempt in range(_ATTEMPTS if idle else 0):
        start, end = day.window(*hours)
        traders = [idle[i] for i in _under_way(tracks, start, end)]
        if not traders:
            continue
        lat, lon = traders[int(day.rng.integers(len(traders)))].motion.at((start + end) / 2.0)
        area = Outage(lat, lon, radius_m * (1.0 - 0.6 * attempt / _ATTEMPTS), start, end)
        if any(touches(case, area) for case in shown):
            continue
        inside = [ship for ship in traders if _stays_inside(ship, area)]
        if len(inside) >= least_ships:
            return area, inside
    raise NoRoomError("no area that leaves the cases alone")


def ships_in(day: Day, area: Outage) -> list[Ship]:
    """Every ship that is in the area at some time of it, and on the air."""
    ticks = slice(int(area.start_s / TICK_S), int(area.end_s / TICK_S) + 1)
    inside = []
    for ship in day.ships:
        motion = ship.motion
        away = distance_m(motion.lat[ticks], motion.lon[ticks], area.lat, area.lon)
        if bool(((away < area.radius_m) & motion.on[ticks]).any()):
            inside.append(ship)
    return inside


def silent_through(day: Day, outage: Outage) -> int:
    """How many ships of any kind are in the area from end to end, and so silent at one time."""
    return sum(_stays_inside(ship, outage) for ship in ships_in(day, outage))


def _under_way(tracks: list[Array], start_s: float, end_s: float) -> Array:
    """Which ships are heard and at sea speed at the beginning, the middle and the end of a span.

    ``tracks``: latitudes, longitudes and whether they are on the air, ships by ticks.
    """
    ticks = np.array([int(second / TICK_S) for second in (start_s, (start_s + end_s) / 2.0, end_s)])
    lat, lon, on = (column[:, ticks] for column in tracks)
    metres = distance_m(lat, lon, tracks[0][:, ticks + 1], tracks[1][:, ticks + 1])
    return np.flatnonzero((metres > 6.0 * KNOT * TICK_S).all(axis=1) & on.all(axis=1))


def _stays_inside(ship: Ship, outage: Outage) -> bool:
    """In the area from its silence to its end."""
    ticks = slice(int(outage.start_s / TICK_S), int(outage.end_s / TICK_S) + 1)
    motion = ship.motion
    away = distance_m(motion.lat[ticks], motion.lon[ticks], outage.lat, outage.lon)
    return bool(away.max() < outage.radius_m and motion.on[ticks].all())


def touches(case: Case, area: Outage) -> bool:
    """Whether a case's ship is near the area at the time, or within an hour of it."""
    if case.end_s + _MARGIN_S < area.start_s or case.start_s - _MARGIN_S > area.end_s:
        return False
    for ship in (case.ship, case.other, *case.also):
        if ship is None:
            continue
        ticks = slice(
            max(0, int((area.start_s - _MARGIN_S) / TICK_S)), int((area.end_s + _MARGIN_S) / TICK_S)
        )
        away = distance_m(ship.motion.lat[ticks], ship.motion.lon[ticks], area.lat, area.lon)
        if away.min() < area.radius_m + _MARGIN_M:
            return True
    return False
