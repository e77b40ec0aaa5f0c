"""Ships far below their own speed for hours, and those that are slow for good reasons."""

from typing import Final

import numpy as np

from watchkeeper.exercises.at_sea import ATTEMPTS, trade
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import KNOT
from watchkeeper.exercises.motion import passage, sail
from watchkeeper.exercises.routes import Route
from watchkeeper.exercises.ships import Ship
from watchkeeper.exercises.traffic import leave_coverage, trawler
from watchkeeper.exercises.world import Port

_LEAD_M: Final = 55_000.0
_AFTER_M: Final = 48_000.0
_STEADY: Final = 0.97
_CLEAR_M: Final = 15_000.0
"""From ports and anchorages at both ends of the stretch."""


def _straight(day: Day, slow_m: float) -> tuple[Port, Port, Route, float]:
    """A lane with a straight stretch far from both ends: ports, route and where the stretch begins [m]."""
    for _ in range(ATTEMPTS):
        start, end, middle = day.lane(_LEAD_M + slow_m + _AFTER_M)
        spare = middle.length_m - slow_m - _AFTER_M - _LEAD_M
        route = day.own_line(start, end)
        begins = _LEAD_M + day.uniform(0.0, max(spare, 0.0))
        course = np.radians(route.courses()[(route.s >= begins) & (route.s <= begins + slow_m)])
        ends = route.at(np.array([begins, begins + slow_m]))
        steady = len(course) and np.hypot(np.cos(course).mean(), np.sin(course).mean()) >= _STEADY
        if steady and day.world.place_distance_m(*ends).min() > _CLEAR_M:
            return start, end, route, begins
    raise NoRoomError("no straight lane that long")


def _slowed(day: Day, drop: float, hours: float, role: str) -> tuple[Ship, float, float]:
    """A ship slower by a share for hours, in the middle of the day: the ship, and the span [s]."""
    cruise = day.uniform(10.5, 13.0)
    slow_m = cruise * (1.0 - drop) * KNOT * hours * 3600.0
    start, end, route, begins = _straight(day, slow_m)
    edges = (begins - 500.0, begins, begins + slow_m, begins + slow_m + 500.0)
    ramp = np.interp(route.s, edges, (0.0, 1.0, 1.0, 0.0))
    voyage = passage(day.rng, route, cruise, (not start.gateway, not end.gateway), 1.0 - drop * ramp)
    at = day.uniform(0.2, 0.5) * day.seconds
    depart = at - voyage.time_at(begins)
    motion = leave_coverage(day, sail(day.ticks, voyage, depart), voyage, depart, start, end)
    ship = day.registry.ship(role, motion)
    add(day, ship)
    return ship, at, depart + voyage.time_at(begins + slow_m)


def slower(day: Day) -> Case:
    """A third slower for more than two hours on a straight stretch, then at sea speed again."""
    drop, hours = day.uniform(0.32, 0.45), day.uniform(2.1, 2.8)
    ship, start, end = _slowed(day, drop, hours, trade(day))
    what = f"Slower by {100.0 * drop:.0f} % for {hours:.1f} h on a straight stretch."
    return Case("speed-anomaly", True, ship, start, end, what)


def a_tenth(day: Day) -> Case:
    ship, start, end = _slowed(day, 0.1, 2.0, trade(day))
    return Case("speed-anomaly", False, ship, start, end, "A tenth slower for two hours: wind and current.")


def brief(day: Day) -> Case:
    ship, start, end = _slowed(day, 0.35, 0.7, trade(day))
    return Case("speed-anomaly", False, ship, start, end, "A third slower for 40 min, for traffic.")


def ferry_slow(day: Day) -> Case:
    ship, start, end = _slowed(day, 0.35, 2.0, "passenger")
    return Case("speed-anomaly", False, ship, start, end, "A passenger ship keeps to her timetable.")


def trawling(day: Day) -> Case:
    ship = trawler(day)
    add(day, ship)
    return Case("speed-anomaly", False, ship, 0.0, day.seconds, "A trawler at three knots.")


SPEED_ANOMALY: Final = Injection("speed-anomaly", (slower,), (a_tenth, brief, ferry_slow, trawling))
