"""Values that cannot be: positions that jump, speeds no ship makes; and values that only look so."""

from typing import Final

import msgspec
import numpy as np

from watchkeeper.exercises.at_sea import displace, reports_within, ticks_between, under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.geo import METRES_PER_NMI
from watchkeeper.exercises.ships import Heard, Ship
from watchkeeper.exercises.traffic import anchored, fast_ferry, helicopter, pleasure


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


VALUES: Final = (
    Injection("position-jump", (jumps,), (fast_quiet, helicopter_quiet, long_way_unheard)),
    Injection("impossible-value", (anchored_at_102_kn, cargo_at_80_kn), (not_available, very_fast)),
)
