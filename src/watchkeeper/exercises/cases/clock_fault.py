"""Reports stamped with a wrong time, and fixes that only happen to lie astern."""

from typing import Final

import numpy as np

from watchkeeper.exercises.at_sea import ATTEMPTS, reports_within, ticks_between, under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import angle_between
from watchkeeper.exercises.motion import TICK_S
from watchkeeper.exercises.ships import Heard, Ship

_STRAIGHT_DEG: Final = 6.0


def _straight(day: Day, hours: float) -> tuple[Ship, float]:
    """A new trader, and a time from which she keeps one course for so long."""
    for _ in range(ATTEMPTS):
        ship, begins, ends = under_way(day, hours + 0.5)
        for _ in range(8):
            start = begins + day.uniform(0.0, 1.0) * max(0.0, ends - begins - hours * 3600.0)
            course = ship.motion.course_deg()[ticks_between(day, start, start + hours * 3600.0)]
            if len(course) * TICK_S < hours * 3500.0:
                continue
            if float(angle_between(course, course[len(course) // 2]).max()) < _STRAIGHT_DEG:
                return ship, start
    raise NoRoomError("no ship keeps one course that long")


def second_clock(day: Day) -> Case:
    """One of two receivers is some minutes behind or ahead: half of the reports are stamped so."""
    lag = day.uniform(18.0, 40.0) * 60.0
    hours = 1.2 + 2.0 * lag / 3600.0
    ship, begins = _straight(day, hours)
    start, end = begins + lag, begins + hours * 3600.0 - lag
    early = bool(day.rng.random() < 0.3)
    case = Case("clock-fault", True, ship, start, end, "")
    case.what = f"Half of the reports are stamped {lag / 60.0:.0f} min too {'early' if early else 'late'}."
    half = int(day.rng.integers(2))

    def edit(heard: Heard) -> None:
        chosen = np.flatnonzero((heard.t >= start) & (heard.t <= end))[half::2]
        true_t = heard.t[chosen] + (lag if early else -lag)
        lat, lon = np.interp(true_t, heard.t, heard.lat), np.interp(true_t, heard.t, heard.lon)
        heard.lat[chosen], heard.lon[chosen] = lat, lon

    ship.edits.append(edit)
    add(day, ship)
    return case


def fixed_astern(day: Day) -> list[Case]:
    """Eight fixes at one place astern, 11 to 28 nmi away: where the ship was an hour and a half before, and more."""
    ship, begins = _straight(day, 2.0)
    place = ship.motion.at(begins)
    what = "Fixes at one place astern: the position is wrong, not the time."
    jump = Case("position-jump", True, ship, begins + 5_400.0, begins + 7_200.0, what)

    def edit(heard: Heard) -> None:
        chosen = reports_within(heard, begins + 5_400.0, begins + 7_200.0, 8, 0.5)
        heard.lat[chosen], heard.lon[chosen] = place
        jump.start_s, jump.end_s = float(heard.t[chosen[0]]), float(heard.t[chosen[-1] + 1])

    ship.edits.append(edit)
    add(day, ship)
    return [jump, Case("clock-fault", False, ship, begins, begins + 7_200.0, what)]


CLOCK_FAULT: Final = Injection("clock-fault", (second_clock,), (fixed_astern,))
