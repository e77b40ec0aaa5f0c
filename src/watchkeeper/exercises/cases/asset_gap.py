"""A ship that is not heard while she crosses a line, and those that are heard, or cross nothing meanwhile."""

from typing import Final

import numpy as np

from watchkeeper.exercises.at_sea import ATTEMPTS, ticks_between, under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.cases.ais_gap import witnesses
from watchkeeper.exercises.crossing import cross, crossing_lane, steady_crossing
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.motion import passage
from watchkeeper.exercises.ships import Trip

_OUT_OF_REACH_M: Final = 22_000.0


def dark_crossing(day: Day) -> Case:
    """Off for one and a half to three hours about the time of a crossing, others heard."""
    start, end, route, line, at = crossing_lane(day, 20_000.0)
    cruise = day.uniform(10.0, 13.0)
    voyage = passage(day.rng, route, cruise, (not start.gateway, not end.gateway))
    motion, depart = cross(day, (start, end), voyage, at)
    ship = day.registry.ship("tanker", motion)
    ship.trip = Trip(start, end, cruise, depart)
    crossing = depart + voyage.time_at(at)
    gone = crossing - day.uniform(0.6, 1.3) * 3_600.0
    back = crossing + day.uniform(0.6, 1.3) * 3_600.0
    add(day, *witnesses(day, ship, gone))
    ship.motion.on[ticks_between(day, gone, back)] = False
    add(day, ship)
    what = f"Not heard for {(back - gone) / 3_600.0:.1f} h while she crosses {line.name}; others near are."
    return Case("asset-gap", True, ship, gone, back, what, asset=line.id)


def dark_elsewhere(day: Day) -> Case:
    """Off for as long where no line is within reach."""
    for _ in range(ATTEMPTS):
        ship, begins, ends = under_way(day, 3.0)
        gone = begins + 0.5 * (ends - begins) - 2_700.0
        span = ticks_between(day, gone, gone + 5_400.0)
        lat, lon = ship.motion.lat[span][::10], ship.motion.lon[span][::10]
        if day.world.line_distance_m(np.asarray(lat), np.asarray(lon)).min() > _OUT_OF_REACH_M:
            ship.motion.on[span] = False
            add(day, ship)
            what = "Not heard for 1.5 h where no line is within reach."
            return Case("asset-gap", False, ship, gone, gone + 5_400.0, what, shows=("ais-gap",))
    raise NoRoomError("no ship sails that far from any line")


def heard_crossing(day: Day) -> Case:
    return steady_crossing(day, "asset-gap")


ASSET_GAP: Final = Injection("asset-gap", (dark_crossing,), (dark_elsewhere, heard_crossing))
