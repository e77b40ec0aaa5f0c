"""Listed ships that will cross a line soon after the data end, and those that are not listed or not on their way."""

from typing import Final

from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.cases.listed_vessel import entry_of
from watchkeeper.exercises.crossing import crossing_lane
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.motion import passage, sail
from watchkeeper.exercises.ships import Ship
from watchkeeper.exercises.traffic import leave_coverage, moored
from watchkeeper.exercises.world import BedLine

_LATELY_S: Final = 1_200.0


def _bound_for_line(day: Day) -> tuple[Ship, BedLine, float]:
    """A ship on a straight course that will cross a line within the hour after the data end."""
    hours = day.uniform(0.2, 1.0)
    start, end, route, line, at = crossing_lane(day, 5_000.0)
    voyage = passage(day.rng, route, day.uniform(10.0, 13.0), (not start.gateway, not end.gateway))
    depart = day.seconds + hours * 3_600.0 - voyage.time_at(at)
    motion = leave_coverage(day, sail(day.ticks, voyage, depart), voyage, depart, start, end)
    return day.registry.ship("tanker", motion), line, hours


def listed_ahead(day: Day) -> Case:
    ship, line, hours = _bound_for_line(day)
    day.listed.append(entry_of(day, ship))
    add(day, ship)
    what = f"When the data end a listed ship is {hours:.1f} h from {line.name}, on a straight course."
    return Case("asset-approach", True, ship, day.seconds - _LATELY_S, day.seconds, what, asset=line.id)


def unlisted_ahead(day: Day) -> Case:
    ship, line, hours = _bound_for_line(day)
    add(day, ship)
    what = f"When the data end an ordinary ship is {hours:.1f} h from {line.name}."
    return Case("asset-approach", False, ship, day.seconds - _LATELY_S, day.seconds, what, asset=line.id)


def listed_moored(day: Day) -> Case:
    ship = moored(day, "tanker")
    day.listed.append(entry_of(day, ship))
    add(day, ship)
    what = "A listed ship lies in port."
    return Case("asset-approach", False, ship, 0.0, day.seconds, what, shows=("listed-vessel",))


ASSET_APPROACH: Final = Injection("asset-approach", (listed_ahead,), (unlisted_ahead, listed_moored))
