"""A ship that slows as if she dragged her anchor over a line, and those that slow for other reasons."""

from typing import Final

import numpy as np

from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.crossing import (
    BASELINE_M,
    LANES_TRIED,
    cross,
    crossing_lane,
    crossings,
    steady_crossing,
)
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import KNOT, displaced
from watchkeeper.exercises.motion import passage
from watchkeeper.exercises.routes import Route
from watchkeeper.exercises.world import BedLine, Port

_CLEAR_OF_LINES_M: Final = 4_000.0
"""A ship that stops at sea stops this far from any line."""


def dragged(day: Day) -> Case:
    """A ship slows by 20-35 % shortly before a crossing, on a steady heading, and keeps that for a while."""
    before_s = day.uniform(3.0, 38.0) * 60.0
    slow_s = before_s + day.uniform(12.0, 120.0) * 60.0
    slow_s = max(slow_s, 1_900.0)
    cruise, drop = day.uniform(10.0, 12.5), day.uniform(0.21, 0.34)
    pace = cruise * (1.0 - drop) * KNOT
    start, end, route, line, at = crossing_lane(day, pace * (slow_s - before_s) + 5_000.0)
    begins, ends = at - pace * before_s, at + pace * (slow_s - before_s)
    ramp = np.interp(route.s, (begins - 500.0, begins, ends, ends + 800.0), (0.0, 1.0, 1.0, 0.0))
    voyage = passage(day.rng, route, cruise, (not start.gateway, not end.gateway), 1.0 - drop * ramp)
    motion, depart = cross(day, (start, end), voyage, at)
    role = "cargo" if day.rng.random() < 0.5 else "tanker"
    ship = day.registry.ship(role, motion)
    add(day, ship)
    what = (
        f"From {cruise:.1f} kn a ship slows by {100 * drop:.0f} % {before_s / 60:.0f} min before crossing "
        f"{line.name} and keeps that for {slow_s / 60:.0f} min on a steady heading."
    )
    return Case(
        "anchor-drag", True, ship, depart + voyage.time_at(begins), depart + voyage.time_at(ends), what,
        asset=line.id
    )  # fmt: skip


def braked(day: Day) -> Case:
    """A ship loses an eighth to a sixth of her speed for minutes, just while she crosses, and regains it."""
    cruise, drop, minutes = day.uniform(10.0, 12.5), day.uniform(0.13, 0.17), day.uniform(6.0, 12.0)
    pace = cruise * (1.0 - drop) * KNOT
    start, end, route, line, at = crossing_lane(day, 25_000.0)
    before = day.uniform(0.3, 0.7) * pace * minutes * 60.0
    begins, ends = at - before, at - before + pace * minutes * 60.0
    ramp = np.interp(route.s, (begins - 450.0, begins, ends, ends + 450.0), (0.0, 1.0, 1.0, 0.0))
    voyage = passage(day.rng, route, cruise, (not start.gateway, not end.gateway), 1.0 - drop * ramp)
    motion, depart = cross(day, (start, end), voyage, at)
    ship = day.registry.ship("cargo", motion)
    add(day, ship)
    what = (
        f"From {cruise:.1f} kn a ship slows by {100 * drop:.0f} % for {minutes:.0f} min while she crosses {line.name}, "
        f"and regains her speed."
    )
    return Case(
        "anchor-drag", True, ship, depart + voyage.time_at(begins), depart + voyage.time_at(ends), what,
        asset=line.id
    )  # fmt: skip


def steady(day: Day) -> Case:
    return steady_crossing(day, "anchor-drag")


def port_approach(day: Day) -> Case:
    """A ship slows for a port whose approach a cable crosses."""
    for _ in range(LANES_TRIED):
        port = day.world.ports[int(day.rng.integers(3))]
        line = next(line for line in day.world.lines if line.name == f"{port.name} Inshore")
        origin = day.port(gateways=True)
        if origin is port:
            continue
        route = day.own_line(origin, port)
        hits = crossings(route, line)
        if len(hits) and route.length_m > BASELINE_M:
            break
    else:
        raise NoRoomError("no approach crosses a line")
    voyage = passage(day.rng, route, day.uniform(10.5, 13.0), (not origin.gateway, True))
    motion, depart = cross(day, (origin, port), voyage, float(hits[-1]))
    ship = day.registry.ship("cargo", motion)
    add(day, ship)
    middle = depart + voyage.time_at(float(hits[-1]))
    what = f"A ship slows for {port.name} and crosses {line.name} in the approach."
    return Case("anchor-drag", False, ship, middle - 5_400.0, middle + 5_400.0, what, asset=line.id)


def slow_turn(day: Day) -> Case:
    """A ship crosses a line and slows by a quarter for a large turn just after it."""
    grid = day.world.grid
    for _ in range(200):
        start, _, route, line, at = crossing_lane(day, 6_000.0)
        turn_m = at + 2_500.0
        here = route.at(np.array([turn_m]))
        course = float(route.courses()[np.searchsorted(route.s, turn_m)])
        for angle in (65.0, -65.0):
            way = np.radians(course + angle)
            legs = np.array([12_000.0, 40_000.0])
            lat, lon = displaced(here[0], here[1], legs * np.cos(way), legs * np.sin(way))
            clear = day.world.line_distance_m(lat[-1:], lon[-1:])[0] > _CLEAR_OF_LINES_M
            if clear and grid.visible(float(here[0][0]), float(here[1][0]), float(lat[-1]), float(lon[-1])):
                first = route.part(0.0, turn_m)
                turned = Route.through(np.append(first.lat, lat), np.append(first.lon, lon), corner_m=1_500.0)
                return _slow_turn(day, start, turned, line, at)
    raise NoRoomError("no room for a turn after a crossing")


def _slow_turn(day: Day, start: Port, route: Route, line: BedLine, at: float) -> Case:
    edges = (at - 800.0, at + 300.0, at + 5_500.0, at + 7_500.0)
    ramp = np.interp(route.s, edges, (0.0, 1.0, 1.0, 0.0))
    voyage = passage(day.rng, route, day.uniform(10.5, 12.5), (not start.gateway, False), 1.0 - 0.25 * ramp)
    motion, depart = cross(day, (start, start), voyage, at)
    if start.gateway:
        motion.on |= day.ticks >= depart + voyage.seconds
    ship = day.registry.ship("cargo", motion)
    add(day, ship)
    middle = depart + voyage.time_at(at)
    what = f"A ship slows for a turn of 65 deg just after crossing {line.name}."
    return Case("anchor-drag", False, ship, middle - 3_600.0, middle + 3_600.0, what, asset=line.id)


ANCHOR_DRAG: Final = Injection("anchor-drag", (dragged, braked), (steady, port_approach, slow_turn))
