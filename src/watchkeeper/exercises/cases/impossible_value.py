"""Speeds no ship makes, and values that only look impossible."""

from typing import Final

import msgspec
import numpy as np

from watchkeeper.exercises.at_sea import reports_within, under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.ships import Heard, Ship
from watchkeeper.exercises.traffic import anchored, fast_ferry


def impossible_speed(day: Day, ship: Ship, begins: float, ends: float, speed_kn: float, what: str) -> Case:
    case = Case("impossible-value", True, ship, begins, ends, what)
    count, at = int(day.rng.integers(3, 8)), day.uniform(0.2, 0.8)

    def edit(heard: Heard) -> None:
        chosen = reports_within(heard, begins, ends, count, at)
        heard.sog_kn[chosen] = speed_kn
        case.start_s, case.end_s = float(heard.t[chosen[0]]), float(heard.t[chosen[-1]])

    ship.edits.append(edit)
    add(day, ship)
    return case


def anchored_at_102_kn(day: Day) -> Case:
    ship = anchored(day)
    what = "At anchor, the speed reads 102.2 kn for some reports."
    return impossible_speed(day, ship, 0.1 * day.seconds, 0.9 * day.seconds, 102.2, what)


def cargo_at_80_kn(day: Day) -> Case:
    ship, begins, ends = under_way(day, 4.0)
    speed = round(day.uniform(76.0, 88.0), 1)
    return impossible_speed(day, ship, begins, ends, speed, f"At sea speed, the log reads {speed} kn.")


def not_available(day: Day) -> Case:
    ship, _, _ = under_way(day, 3.0)

    def edit(heard: Heard) -> None:
        for column in (heard.sog_kn, heard.cog_deg, heard.heading_deg):
            column[::3] = np.nan

    ship.edits.append(edit)
    ship.identities = [(-1e9, msgspec.structs.replace(ship.identity, draught_m=0.0))]
    add(day, ship)
    return Case("impossible-value", False, ship, 0.0, day.seconds, "Values that say *not available*.")


def very_fast(day: Day) -> Case:
    ship = fast_ferry(day, (44.0, 46.0))
    add(day, ship)
    return Case("impossible-value", False, ship, 0.0, day.seconds, "A high-speed craft at 45 kn.")


IMPOSSIBLE_VALUE: Final = Injection(
    "impossible-value", (anchored_at_102_kn, cargo_at_80_kn), (not_available, very_fast)
)
