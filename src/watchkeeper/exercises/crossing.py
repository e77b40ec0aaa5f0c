"""Ships that sail across a cable or pipeline on a straight course."""

from typing import Final

import numpy as np

from watchkeeper.exercises.cases import Case, add
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import Array, angle_between
from watchkeeper.exercises.motion import Motion, passage, sail
from watchkeeper.exercises.routes import Passage, Route
from watchkeeper.exercises.traffic import leave_coverage
from watchkeeper.exercises.world import BedLine, Port

BASELINE_M: Final = 45_000.0
"""A ship has sailed this far before it crosses: two hours of her ordinary speed."""

LANES_TRIED: Final = 3_000
_STRAIGHT_DEG: Final = 12.0


def crossings(route: Route, line: BedLine) -> Array:
    """Distances along ``route`` [m] at which it crosses ``line``."""
    x1, y1, x2, y2 = (a[:, None] for a in (route.lon[:-1], route.lat[:-1], route.lon[1:], route.lat[1:]))
    x3, y3, x4, y4 = (a[None, :] for a in (line.lon[:-1], line.lat[:-1], line.lon[1:], line.lat[1:]))
    across = (x2 - x1) * (y4 - y3) - (y2 - y1) * (x4 - x3)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = ((x3 - x1) * (y4 - y3) - (y3 - y1) * (x4 - x3)) / across
        v = ((x3 - x1) * (y2 - y1) - (y3 - y1) * (x2 - x1)) / across
    leg, _ = np.nonzero((u >= 0.0) & (u < 1.0) & (v >= 0.0) & (v < 1.0))
    hit = (u >= 0.0) & (u < 1.0) & (v >= 0.0) & (v < 1.0)
    return np.sort(route.s[leg] + u[hit] * np.diff(route.s)[leg])


def crossing_lane(day: Day, after_m: float) -> tuple[Port, Port, Route, BedLine, float]:
    """A lane that crosses a line far from both ends, straight until ``after_m`` past the crossing."""
    for _ in range(LANES_TRIED):
        start, end, _ = day.lane(BASELINE_M + after_m + 30_000.0)
        route = day.own_line(start, end)
        line = day.world.lines[int(day.rng.integers(len(day.world.lines)))]
        for at in crossings(route, line):
            if at < BASELINE_M or route.length_m - at < after_m + 25_000.0:
                continue
            stretch = (route.s > at - 25_000.0) & (route.s < at + after_m)
            courses = route.courses()
            here = courses[np.searchsorted(route.s, at)]
            if angle_between(courses[stretch], here).max() < _STRAIGHT_DEG:
                return start, end, route, line, float(at)
    raise NoRoomError("no lane crosses a line on a straight course")


def cross(day: Day, ends: tuple[Port, Port], voyage: Passage, at_m: float) -> tuple[Motion, float]:
    """The voyage timed so that the crossing is within the day; returns its departure too."""
    start, end = ends
    depart = day.uniform(0.3, 0.75) * day.seconds - voyage.time_at(at_m)
    return leave_coverage(day, sail(day.ticks, voyage, depart), voyage, depart, start, end), depart


def steady_crossing(day: Day, behaviour: str) -> Case:
    """A look-alike of a behaviour about lines: across one at a constant speed."""
    start, end, route, line, at = crossing_lane(day, 15_000.0)
    voyage = passage(day.rng, route, day.uniform(10.5, 13.5), (not start.gateway, not end.gateway))
    motion, depart = cross(day, (start, end), voyage, at)
    ship = day.registry.ship("cargo", motion)
    add(day, ship)
    middle = depart + voyage.time_at(at)
    what = f"A ship crosses {line.name} at a constant speed."
    return Case(behaviour, False, ship, middle - 5_400.0, middle + 5_400.0, what, asset=line.id)
