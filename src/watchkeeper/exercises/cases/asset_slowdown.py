"""A ship that becomes much slower over a line and goes on, and those that slow down elsewhere or for a port."""

from typing import Final

import numpy as np

from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.cases.anchor_drag import port_approach
from watchkeeper.exercises.crossing import cross, crossing_lane, steady_crossing
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import KNOT
from watchkeeper.exercises.motion import passage
from watchkeeper.exercises.world import PLACE_CLEAR_M

_CLEAR_M: Final = 6_000.0
_TRIED: Final = 60


def slowed_over_line(day: Day) -> Case:
    """From sea speed to a third of it, two kilometres before and after a crossing."""
    cruise, left = day.uniform(10.0, 12.5), day.uniform(0.3, 0.42)
    start, end, route, line, at = crossing_lane(day, 25_000.0)
    half = day.uniform(1_700.0, 2_600.0)
    ramp = np.interp(
        route.s, (at - half - 900.0, at - half, at + half, at + half + 900.0), (0.0, 1.0, 1.0, 0.0)
    )
    voyage = passage(day.rng, route, cruise, (not start.gateway, not end.gateway), 1.0 - (1.0 - left) * ramp)
    motion, depart = cross(day, (start, end), voyage, at)
    ship = day.registry.ship("cargo", motion)
    add(day, ship)
    begins, ends = (depart + voyage.time_at(at + side * half) for side in (-1.0, 1.0))
    what = f"From {cruise:.1f} kn a ship slows to {100 * left:.0f} % of it over {line.name}, and goes on."
    return Case("asset-slowdown", True, ship, begins, ends, what, asset=line.id)


def slowed_elsewhere(day: Day) -> Case:
    """The same where no line is near."""
    for _ in range(_TRIED):
        start, end, middle = day.lane(120_000.0)
        route = day.own_line(start, end)
        at = day.uniform(0.4, 0.6) * middle.length_m
        lat, lon = route.at(np.linspace(at - 6_000.0, at + 6_000.0, 13))
        if day.world.line_distance_m(lat, lon).min() > _CLEAR_M and (
            day.world.place_distance_m(lat, lon).min() > PLACE_CLEAR_M
        ):
            break
    else:
        raise NoRoomError("no lane keeps off the lines")
    ramp = np.interp(route.s, (at - 4_000.0, at - 3_000.0, at + 3_000.0, at + 4_000.0), (0.0, 1.0, 1.0, 0.0))
    voyage = passage(day.rng, route, 11.0, (not start.gateway, not end.gateway), 1.0 - 0.6 * ramp)
    motion, depart = cross(day, (start, end), voyage, at)
    ship = day.registry.ship("cargo", motion)
    add(day, ship)
    middle_s = depart + voyage.time_at(at)
    span = 6_000.0 / (4.4 * KNOT)
    what = "A ship slows to two fifths of her speed where no line is near."
    return Case("asset-slowdown", False, ship, middle_s - span, middle_s + span, what)


def steady(day: Day) -> Case:
    return steady_crossing(day, "asset-slowdown")


def approach(day: Day) -> Case:
    case = port_approach(day)
    case.behaviour = "asset-slowdown"
    return case


ASSET_SLOWDOWN: Final = Injection("asset-slowdown", (slowed_over_line,), (steady, approach, slowed_elsewhere))
