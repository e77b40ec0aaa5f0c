"""Areas in which ships are shown elsewhere, and units that fall back to one place each in her own time."""

from collections.abc import Callable
from typing import Final

import numpy as np

from watchkeeper.exercises.at_sea import ATTEMPTS, displace, reports_within, ticks_between, under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day, Effect, NoRoomError
from watchkeeper.exercises.geo import METRES_PER_NMI, Array, displaced, distance_m
from watchkeeper.exercises.hearing import Outage
from watchkeeper.exercises.outages import free_area, ships_in
from watchkeeper.exercises.ships import Heard, Ship

_LEAST_SHIPS: Final = 5
_RADIUS_M: Final = 35_000.0
_AREAS: Final = 3
"""A day: each spoils the positions of a part of the sea."""

_DEFAULT_FAR_M: Final = 25.0 * METRES_PER_NMI
"""A default place nearer than this to the ship that shows it would hardly be a jump."""

Shown = Callable[[int], tuple[Array, Array]]
"""Where so many successive reports are shown: metres north and east of the middle of the area."""


def _area(day: Day, shown: Shown, what: str) -> list[Case]:
    """Show every ship of an area elsewhere, but those of other cases."""
    if len(day.effects) >= _AREAS:
        return []
    try:
        area, _ = free_area(day, _LEAST_SHIPS, (0.8, 2.5), _RADIUS_M)
    except NoRoomError:
        return []
    touched = [ship for ship in ships_in(day, area) if not ship.busy]
    for ship in touched:
        ship.busy = True
    day.effects.append(_effect(area, touched, shown))
    first, *others = touched
    return [Case("gnss-interference", True, first, area.start_s, area.end_s, what, also=others)]


def _effect(area: Outage, touched: list[Ship], shown: Shown) -> Effect:
    numbers = {id(ship) for ship in touched}

    def spoil(ship: Ship, heard: Heard) -> None:
        if id(ship) not in numbers:
            return
        chosen = np.flatnonzero(area.silences(heard.lat, heard.lon, heard.t))
        north, east = shown(len(chosen))
        heard.lat[chosen], heard.lon[chosen] = displaced(area.lat, area.lon, north, east)

    return spoil


def _far(day: Day) -> tuple[float, float]:
    """A place far outside the area: metres north and east of its middle."""
    away, way = day.uniform(80_000.0, 180_000.0), np.radians(day.uniform(0.0, 360.0))
    return away * np.cos(way), away * np.sin(way)


def one_place(day: Day) -> list[Case]:
    """All ships are shown at one airfield."""
    north, east = _far(day)
    rng = np.random.default_rng(int(day.rng.integers(2**31)))

    def shown(count: int) -> tuple[Array, Array]:
        return north + 300.0 * rng.standard_normal(count), east + 300.0 * rng.standard_normal(count)

    return _area(day, shown, "Interference shows every ship of an area at one place far away.")


def one_ring(day: Day) -> list[Case]:
    """All ships are shown on a ring about one point."""
    north, east = _far(day)

    def shown(count: int) -> tuple[Array, Array]:
        turn = np.arange(count) * 0.35
        return north + 2_500.0 * np.cos(turn), east + 2_500.0 * np.sin(turn)

    return _area(day, shown, "Interference shows every ship of an area on one ring far away.")


def all_over(day: Day) -> list[Case]:
    """Every ship is shown now here, now there: a few reports at each of many places."""
    rng = np.random.default_rng(int(day.rng.integers(2**31)))

    def shown(count: int) -> tuple[Array, Array]:
        stay = np.cumsum(rng.random(count) < 0.2)
        away, way = rng.uniform(70_000.0, 200_000.0, count + 1), rng.uniform(0.0, 2.0 * np.pi, count + 1)
        return (away * np.cos(way))[stay], (away * np.sin(way))[stay]

    return _area(day, shown, "Interference scatters the positions of every ship of an area.")


def falls_back(day: Day) -> list[Case]:
    """Four units show one default place for a while, hours apart."""
    place = day.open_water()
    cases = []
    for turn in range(4):
        ship, begins, ends = _far_from(day, place)
        case = Case("position-jump", True, ship, begins, ends, "A unit shows a default place for a while.")
        ship.edits.append(_default(place, case, begins, ends, 0.15 + 0.2 * turn))
        add(day, ship)
        cases.append(case)
    quiet = "Units fall back to one default place, each in her own time."
    return [
        *cases,
        *(Case("gnss-interference", False, c.ship, c.start_s, c.end_s, quiet) for c in cases[:1]),
    ]


def _far_from(day: Day, place: tuple[float, float]) -> tuple[Ship, float, float]:
    """A ship under way, and the span [s] of it, in which she never comes so near that the place could be her own."""
    for _ in range(ATTEMPTS):
        ship, begins, ends = under_way(day, 4.0)
        span = ticks_between(day, begins, ends)
        if distance_m(ship.motion.lat[span], ship.motion.lon[span], *place).min() > _DEFAULT_FAR_M:
            return ship, begins, ends
    raise NoRoomError("no ship sails far from the place")


def _default(
    place: tuple[float, float], case: Case, begins: float, ends: float, at: float
) -> Callable[[Heard], None]:
    def edit(heard: Heard) -> None:
        chosen = reports_within(heard, begins, ends, 8, at)
        heard.lat[chosen], heard.lon[chosen] = place
        case.start_s, case.end_s = float(heard.t[chosen[0]]), float(heard.t[chosen[-1] + 1])

    return edit


def odd_fixes(day: Day) -> list[Case]:
    """Five ships that sail at one time send one odd fix each."""
    cases = []
    for _ in range(5):
        ship, begins, ends = under_way(day, 4.0)

        def edit(heard: Heard, begins: float = begins, ends: float = ends) -> None:
            displace(heard, reports_within(heard, begins, ends, 1, 0.5), 40.0 * METRES_PER_NMI, 0.0)

        ship.edits.append(edit)
        add(day, ship)
        cases.append(Case("gnss-interference", False, ship, begins, ends, "One odd fix."))
    return cases


GNSS_INTERFERENCE: Final = Injection("gnss-interference", (), (falls_back, odd_fixes))
AREAS: Final = Injection("gnss-interference", (one_place, one_ring, all_over), (), last=True)
