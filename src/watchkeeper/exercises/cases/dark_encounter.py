"""Two ships lie together at sea and one of them is silent; and ships that lie alone."""

from typing import Final

from watchkeeper.exercises.at_sea import cruise_kn, ticks_between, trade
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.geo import displaced
from watchkeeper.exercises.motion import Motion, beside, drift
from watchkeeper.exercises.ships import Ship
from watchkeeper.exercises.traffic import pleasure, trawler

_WITNESSES: Final = 4
_GROUND_M: Final = 7_000.0
_BRIEFLY: Final = (2.1, 2.8)
"""Hours: long enough to lie together, too short to be loitering."""


def _lying(day: Day, low_h: float = 3.0, high_h: float = 5.5) -> tuple[Ship, Motion, float, float]:
    """A tanker that lies in open water among trawlers: ship, her stay, its start and end [s]."""
    start, end = day.window(low_h, high_h)
    place = day.open_water(coast_m=18_000.0, apart_m=18_000.0)
    course = day.uniform(0.0, 360.0)
    stay = drift(day.rng, day.ticks, start, place, day.uniform(0.2, 0.6), course, course + 15.0)
    ship = day.registry.ship("tanker", day.call_at(place, start, stay, end, cruise_kn(day)))
    for side in range(_WITNESSES):
        ground = displaced(*place, _GROUND_M * (-1) ** side, _GROUND_M * (-1) ** (side // 2))
        add(day, trawler(day, (float(ground[0]), float(ground[1]))))
    add(day, ship)
    return ship, stay, start, end


def one_dark(day: Day) -> Case:
    """The other ship falls silent before she comes alongside and is heard again after she left."""
    ship, stay, start, end = _lying(day)
    lat, lon = beside(stay, day.uniform(60.0, 200.0))
    alongside = Motion(lat, lon, stay.heading, stay.nav, stay.on.copy())
    comes, leaves = start + 600.0, end - 600.0
    motion = day.call_at(alongside.at(comes), comes, alongside, leaves, cruise_kn(day))
    other = day.registry.ship(trade(day), motion)
    off, on = comes - day.uniform(10.0, 40.0) * 60.0, leaves + day.uniform(10.0, 40.0) * 60.0
    motion.on[ticks_between(day, off, on)] = False
    add(day, other)
    what = f"A tanker lies at sea for {(end - start) / 3600.0:.1f} h; another, silent, lies beside her."
    return Case("dark-encounter", True, ship, start, end, what, other)


def alone(day: Day) -> Case:
    ship, _, start, end = _lying(day, *_BRIEFLY)
    return Case(
        "dark-encounter", False, ship, start, end, "A tanker waits at sea for orders; nobody is silent."
    )


def yacht(day: Day) -> Case:
    """The silent craft near a waiting tanker is a yacht."""
    ship, stay, start, end = _lying(day, *_BRIEFLY)
    craft = pleasure(day, afar=True)
    middle = stay.at(0.5 * (start + end))
    craft.motion.lat += middle[0] + 0.03 - craft.motion.lat[0]
    craft.motion.lon += middle[1] - craft.motion.lon[0]
    craft.motion.on[ticks_between(day, start, end)] = False
    add(day, craft)
    return Case("dark-encounter", False, ship, start, end, "A yacht near a waiting tanker is not heard.")


def passes(day: Day) -> Case:
    """A ship passes a waiting tanker, silent for too short a time to lie beside her."""
    ship, stay, start, end = _lying(day, *_BRIEFLY)
    middle = 0.5 * (start + end)
    motion = day.call_at(stay.at(middle), middle, stay, middle + 60.0, cruise_kn(day))
    other = day.registry.ship("cargo", motion)
    motion.on[ticks_between(day, middle - 1_500.0, middle + 1_500.0)] = False
    add(day, other)
    return Case(
        "dark-encounter", False, ship, start, end, "A ship passes a waiting tanker, silent for 50 min.", other
    )


DARK_ENCOUNTER: Final = Injection("dark-encounter", (one_dark,), (alone, yacht, passes))
