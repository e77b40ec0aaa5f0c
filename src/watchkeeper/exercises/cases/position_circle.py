"""Rings of false positions, and ships that really circle: seiners, yachts, a compass being adjusted."""

from typing import Final

import numpy as np

from watchkeeper.exercises.at_sea import all_day, under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.geo import KNOT, METRES_PER_NMI, Array, displaced
from watchkeeper.exercises.motion import FISHING, UNDEFINED, UNDER_WAY, Motion, sail
from watchkeeper.exercises.routes import Passage, Route
from watchkeeper.exercises.ships import Heard, Ship


def _on_a_ring(
    day: Day, ship: Ship, begins: float, ends: float, centre: tuple[float, float], behaviour: str
) -> Case:
    """Show a stretch of a ship's reports on a ring about a point."""
    hours = day.uniform(2.2, 3.2)
    start = begins + day.uniform(0.1, 0.4) * (ends - begins - hours * 3600.0)
    case = Case(behaviour, True, ship, start, start + hours * 3600.0, "")
    speed = day.uniform(6.0, 14.0)
    radius = speed * KNOT * 3600.0 / (2.0 * np.pi * day.uniform(1.6, 3.5))
    side = 1.0 if day.rng.random() < 0.5 else -1.0
    case.what = f"Positions on a ring of {radius:.0f} m at {speed:.0f} kn for {hours:.1f} h."

    def edit(heard: Heard) -> None:
        chosen = (heard.t >= case.start_s) & (heard.t <= case.end_s)
        angle = side * speed * KNOT * (heard.t[chosen] - case.start_s) / radius
        away = radius + 12.0 * np.cos(5.0 * angle)
        heard.lat[chosen], heard.lon[chosen] = displaced(*centre, away * np.cos(angle), away * np.sin(angle))
        heard.sog_kn[chosen] = np.round(speed, 1)
        heard.cog_deg[chosen] = np.round(np.degrees(angle) + 90.0 * side, 1) % 360.0

    ship.edits.append(edit)
    add(day, ship)
    return case


def far_ring(day: Day) -> Case:
    """Onto a ring far away, and back."""
    ship, begins, ends = under_way(day, 5.0)
    far, way = day.uniform(30.0, 90.0) * METRES_PER_NMI, np.radians(day.uniform(0.0, 360.0))
    here = ship.motion.at((begins + ends) / 2.0)
    lat, lon = displaced(*here, far * np.cos(way), far * np.sin(way))
    return _on_a_ring(day, ship, begins, ends, (float(lat), float(lon)), "position-circle")


def shared_ring(day: Day) -> list[Case]:
    """Three ships about one point."""
    centre = day.open_water()
    return [_on_a_ring(day, *under_way(day, 5.0), centre, "position-circle") for _ in range(3)]


def _circling(
    day: Day, role: str, radius_m: float, knots: float, turns: int, nav: int
) -> tuple[Ship, float, float]:
    """A ship that really goes round, then on."""
    place = day.open_water()
    angle = np.linspace(0.0, 2.0 * np.pi * turns, 24 * turns)
    lats, lons = displaced(*place, radius_m * np.cos(angle), radius_m * np.sin(angle))
    out = displaced(*place, radius_m + 6_000.0, 0.0)
    route = Route.through(np.append(lats, out[0]), np.append(lons, out[1]), corner_m=0.0, spacing_m=60.0)
    start, _ = day.window(1.0, 2.0)
    motion = sail(day.ticks, Passage.at_speed(route, np.full(len(route.s), knots)), start, nav, nav)
    return (
        day.registry.ship(role, motion), start, start + 2.0 * np.pi * turns * radius_m / (knots * KNOT)
    )  # fmt: skip


def seiner(day: Day) -> Case:
    ship, *_ = _circling(day, "fishing", day.uniform(320.0, 500.0), 6.0, 4, FISHING)
    return all_day(day, "position-circle", ship, "A seiner goes round her net again and again.")


def compass(day: Day) -> Case:
    ship, *_ = _circling(day, "cargo", day.uniform(400.0, 700.0), 7.0, 2, UNDER_WAY)
    return all_day(day, "position-circle", ship, "A cargo ship goes round twice: a compass is adjusted.")


def race(day: Day) -> list[Case]:
    """Four yachts round three marks."""
    place = day.open_water(coast_m=6_000.0)
    north, east = _marks(1_500.0)
    cases = []
    for number in range(4):
        lats, lons = displaced(*place, north + 30.0 * number, east)
        route = Route.through(np.tile(lats, 5), np.tile(lons, 5), corner_m=50.0, spacing_m=60.0)
        passage = Passage.at_speed(route, np.full(len(route.s), 5.5 + 0.2 * number))
        ship = day.registry.ship("pleasure", _sail(day, passage, 0.3 * day.seconds + 60.0 * number))
        cases.append(all_day(day, "position-circle", ship, "Yachts race round three marks."))
    return cases


def _sail(day: Day, passage: Passage, start: float) -> Motion:
    return sail(day.ticks, passage, start, UNDEFINED, UNDEFINED)


def _marks(side_m: float) -> tuple[Array, Array]:
    return np.array([0.0, 0.0, 0.87]) * side_m, np.array([0.0, 1.0, 0.5]) * side_m


POSITION_CIRCLE: Final = Injection("position-circle", (far_ring, shared_ring), (seiner, compass, race))
