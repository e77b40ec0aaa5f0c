"""A ship that goes to and fro over a line, and those that do so elsewhere, or wander over one."""

from typing import Final

import numpy as np

from watchkeeper.exercises.at_sea import all_day, cruise_kn, line_place, wander
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.geo import KNOT, displaced
from watchkeeper.exercises.motion import UNDER_WAY, sail
from watchkeeper.exercises.routes import Passage, Route
from watchkeeper.exercises.traffic import survey, trawler


def to_and_fro(day: Day) -> Case:
    """Parallel legs of a mile or so over a line, on any course, for two to five hours."""
    line, lat, lon = line_place(day)
    start, end = day.window(2.5, 5.0)
    speed, leg_m, course = (
        day.uniform(3.5, 6.0),
        day.uniform(1_700.0, 3_000.0),
        np.radians(day.uniform(0.0, 180.0)),
    )
    legs = int(speed * KNOT * (end - start) / leg_m) + 1
    side = np.where((np.arange(2 * legs) + 1) % 4 < 2, 0.5, -0.5) * leg_m
    row = (np.repeat(np.arange(legs), 2) - 0.5 * legs) * min(40.0, 900.0 / legs)
    lats, lons = displaced(
        lat,
        lon,
        side * np.cos(course) - row * np.sin(course),
        side * np.sin(course) + row * np.cos(course),
    )
    route = Route.through(lats, lons, corner_m=60.0, spacing_m=80.0)
    stay = sail(day.ticks, Passage.at_speed(route, speed), start, UNDER_WAY, UNDER_WAY)
    role = ("research", "cargo")[int(day.rng.integers(2))]
    motion = day.call_at((float(lats[0]), float(lons[0])), start, stay, end, cruise_kn(day))
    ship = day.registry.ship(role, motion)
    add(day, ship)
    what = f"A {role} ship sails {legs} reciprocal legs of {leg_m / 1852:.1f} nmi over {line.name} at {speed:.1f} kn."
    return Case("asset-pattern", True, ship, start, end, what, asset=line.id)


def survey_elsewhere(day: Day) -> Case:
    return all_day(day, "asset-pattern", survey(day), "A research ship on survey lines in open water.")


def trawl_over_line(day: Day) -> Case:
    _, lat, lon = line_place(day)
    return all_day(day, "asset-pattern", trawler(day, (lat, lon)), "A trawler tows over a line.")


def wanders_over_line(day: Day) -> list[Case]:
    """About a line on every course: no pattern, but slow."""
    line, lat, lon = line_place(day)
    start, end = day.window(2.3, 5.0)
    stay = wander(day, (lat, lon), 1_200.0, day.uniform(2.0, 3.0), start, end)
    ship = day.registry.ship("cargo", day.call_at((lat, lon), start, stay, end, cruise_kn(day)))
    add(day, ship)
    what = f"A ship wanders about slowly over {line.name}."
    return [
        Case("asset-pattern", False, ship, start, end, what, asset=line.id),
        Case("asset-slowdown", True, ship, start, end, what, asset=line.id),
    ]


ASSET_PATTERN: Final = Injection(
    "asset-pattern", (to_and_fro,), (survey_elsewhere, trawl_over_line, wanders_over_line)
)
