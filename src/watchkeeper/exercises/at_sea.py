"""What several cases need: a ship under way at sea, a stretch of her reports, fixes put elsewhere."""

from typing import Final

import numpy as np

from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import Array, displaced
from watchkeeper.exercises.motion import TICK_S
from watchkeeper.exercises.ships import Heard, Ship
from watchkeeper.exercises.traffic import trader

ATTEMPTS: Final = 400


def ticks_between(day: Day, start: float, end: float) -> slice:
    return slice(max(0, int(start / TICK_S)), int(end / TICK_S) + 1)


def under_way(day: Day, least_h: float) -> tuple[Ship, float, float]:
    """A new trader at sea speed for at least ``least_h`` (less on a short day), and that span [s]."""
    least_s = min(least_h, 0.4 * day.hours) * 3600.0
    for _ in range(ATTEMPTS):
        ship = trader(day, least_m=min(200_000.0, least_s * 6.0))
        sailing = (ship.motion.speed_kn() > 7.0) & ship.motion.on
        edges = np.flatnonzero(np.diff(np.concatenate(([0], sailing.astype(np.int8), [0]))))
        for begins, ends in edges.reshape(-1, 2) * TICK_S:
            if ends - begins >= least_s:
                return ship, float(begins), min(float(ends), day.seconds)
    raise NoRoomError("no ship sails that long")


def displace(heard: Heard, chosen: Array, north_m: Array | float, east_m: Array | float) -> None:
    heard.lat[chosen], heard.lon[chosen] = displaced(heard.lat[chosen], heard.lon[chosen], north_m, east_m)


def reports_within(heard: Heard, begins: float, ends: float, count: int, at: float) -> Array:
    """``count`` consecutive reports within a span, at a fraction ``at`` of it."""
    inside = np.flatnonzero((heard.t > begins) & (heard.t < ends))
    assert len(inside) > count + 2, "too few reports for the case: ask for more rows"
    first = int(at * (len(inside) - count - 2)) + 1
    return inside[first : first + count]
