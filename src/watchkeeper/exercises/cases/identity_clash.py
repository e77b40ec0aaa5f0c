"""One number on two hulls, and a ship with single bad fixes."""

from typing import Final

import numpy as np

from watchkeeper.exercises.at_sea import ATTEMPTS, displace, reports_within, ticks_between, under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import METRES_PER_NMI, distance_m
from watchkeeper.exercises.ships import Heard
from watchkeeper.exercises.traffic import trader

_APART_M: Final = 36.0 * METRES_PER_NMI


def two_hulls(day: Day) -> Case:
    """Two ships far apart send the same MMSI for hours."""
    first, begins, ends = under_way(day, 6.0)
    start = begins + 600.0
    end = min(ends - 600.0, start + day.uniform(3.0, 8.0) * 3600.0)
    span = ticks_between(day, start, end)
    for _ in range(ATTEMPTS):
        second = trader(day)
        apart = distance_m(
            first.motion.lat[span], first.motion.lon[span], second.motion.lat[span], second.motion.lon[span]
        )
        if apart.min() > _APART_M and second.motion.on[span].all():
            break
    else:
        raise NoRoomError("no second hull far enough away")
    second.mmsi = first.mmsi
    if day.rng.random() < 0.5:
        second.identities = first.identities
    second.motion.on[: span.start] = False
    second.motion.on[span.stop :] = False
    add(day, first, second)
    what = f"Two hulls at least {apart.min() / METRES_PER_NMI:.0f} nmi apart send one MMSI."
    return Case("identity-clash", True, first, start, end, what)


def bad_fixes(day: Day) -> Case:
    """Single fixes far off, each followed by an honest one."""
    ship, begins, ends = under_way(day, 4.0)
    case = Case(
        "identity-clash", False, ship, begins, ends, "Single bad fixes 30 nmi and more off the track."
    )
    at, way = day.rng.uniform(0.1, 0.9, 2), day.rng.uniform(0.0, 6.28, 2)

    def edit(heard: Heard) -> None:
        for where, angle in zip(at, way, strict=True):
            off = 35.0 * METRES_PER_NMI
            displace(
                heard, reports_within(heard, begins, ends, 1, where), off * np.cos(angle), off * np.sin(angle)
            )

    ship.edits.append(edit)
    add(day, ship)
    return case


IDENTITY_CLASH: Final = Injection("identity-clash", (two_hulls,), (bad_fixes,))
