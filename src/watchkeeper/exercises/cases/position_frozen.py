"""Ships that sail on while their position stays, and moored ships whose speed is wrong."""

from typing import Final

import numpy as np

from watchkeeper.exercises.at_sea import under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.ships import Heard
from watchkeeper.exercises.traffic import moored


def stays_where_it_was(day: Day) -> Case:
    """The position repeats for a while, speed and course go on; then she is miles on."""
    ship, begins, ends = under_way(day, 4.0)
    minutes = day.uniform(18.0, 75.0)
    start = begins + day.uniform(0.2, 0.8) * (ends - begins - minutes * 60.0)
    case = Case("position-frozen", True, ship, start, start + minutes * 60.0, "")
    case.what = f"The position repeats for {minutes:.0f} min while the ship sails on."

    def edit(heard: Heard) -> None:
        chosen = np.flatnonzero((heard.t >= case.start_s) & (heard.t <= case.end_s))
        heard.lat[chosen], heard.lon[chosen] = heard.lat[chosen[0]], heard.lon[chosen[0]]

    ship.edits.append(edit)
    add(day, ship)
    return case


def wrong_speed(day: Day) -> Case:
    """A moored ship, her position steady to the metre, says 3 to 8 knots for hours."""
    ship = moored(day)
    start, end = day.window(1.0, 4.0)
    knots = day.uniform(3.0, 8.0)

    def edit(heard: Heard) -> None:
        if len(heard.t):
            heard.lat[:], heard.lon[:] = heard.lat[0], heard.lon[0]
        heard.sog_kn[(heard.t >= start) & (heard.t <= end)] = np.round(knots, 1)

    ship.edits.append(edit)
    add(day, ship)
    return Case("position-frozen", False, ship, start, end, "A moored ship reports a wrong speed.")


def steady(day: Day) -> Case:
    """A moored ship whose position never changes by a metre."""
    ship = moored(day)

    def edit(heard: Heard) -> None:
        if len(heard.t):
            heard.lat[:], heard.lon[:] = heard.lat[0], heard.lon[0]

    ship.edits.append(edit)
    add(day, ship)
    return Case("position-frozen", False, ship, 0.0, day.seconds, "A moored ship, steady to the metre.")


POSITION_FROZEN: Final = Injection("position-frozen", (stays_where_it_was,), (wrong_speed, steady))
