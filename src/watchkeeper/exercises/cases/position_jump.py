"""Positions that jump far from the track, and ships that are only fast or long unheard."""

from typing import Final

import numpy as np

from watchkeeper.exercises.at_sea import displace, reports_within, ticks_between, under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.geo import METRES_PER_NMI
from watchkeeper.exercises.ships import Heard
from watchkeeper.exercises.traffic import fast_ferry, helicopter, pleasure


def jumps(day: Day) -> Case:
    """Several fixes far from the track, then back on it."""
    ship, begins, ends = under_way(day, 4.0)
    case = Case("position-jump", True, ship, begins, ends, "")
    count, at = int(day.rng.integers(3, 11)), day.uniform(0.2, 0.8)
    far, way = day.uniform(25.0, 110.0) * METRES_PER_NMI, np.radians(day.uniform(0.0, 360.0))
    circle = bool(day.rng.random() < 0.3)

    def edit(heard: Heard) -> None:
        chosen = reports_within(heard, begins, ends, count, at)
        turn = np.arange(count) * (2.0 * np.pi / count)
        swing = 5_000.0 * circle
        displace(
            heard, chosen, far * np.cos(way) + swing * np.cos(turn), far * np.sin(way) + swing * np.sin(turn)
        )
        case.start_s, case.end_s = float(heard.t[chosen[0]]), float(heard.t[chosen[-1] + 1])

    ship.edits.append(edit)
    add(day, ship)
    shape = "on a circle " if circle else ""
    case.what = f"{count} fixes {shape}{far / METRES_PER_NMI:.0f} nmi from the track, then back."
    return case


def fast_quiet(day: Day) -> Case:
    ship = fast_ferry(day)
    add(day, ship)
    return Case("position-jump", False, ship, 0.0, day.seconds, "A high-speed ferry at 40 kn.")


def helicopter_quiet(day: Day) -> Case:
    ship = helicopter(day)
    add(day, ship)
    return Case("position-jump", False, ship, 0.0, day.seconds, "A rescue aircraft at 120 kn.")


def long_way_unheard(day: Day) -> Case:
    ship = pleasure(day, afar=True)
    start, end = day.window(2.0, 3.0)
    ship.motion.on[ticks_between(day, start, end)] = False
    add(day, ship)
    what = "A yacht is heard again far away after hours, at a feasible speed."
    return Case("position-jump", False, ship, start - 60.0, end + 900.0, what)


POSITION_JUMP: Final = Injection("position-jump", (jumps,), (fast_quiet, helicopter_quiet, long_way_unheard))
