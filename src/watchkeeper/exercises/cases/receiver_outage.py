"""A receiver that hears nobody for an hour, and harbours whose ships switch off each in her own time."""

from typing import Final

from watchkeeper.exercises.at_sea import ticks_between
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.outages import fail_receiver, ships_in
from watchkeeper.exercises.traffic import moored

_LEAST_SHIPS: Final = 5
_OUTAGES: Final = 4
"""Of all kinds of case together: each silences a part of the sea."""


def hears_nobody(day: Day) -> list[Case]:
    """A receiver fails, where no other case is touched."""
    if len(day.outages) >= _OUTAGES:
        return []
    try:
        outage, inside = fail_receiver(day, _LEAST_SHIPS)
    except NoRoomError:
        return []
    what = "A receiver fails: every ship of the area is silent."
    span = outage.start_s, outage.end_s
    return [Case("receiver-outage", True, inside[0], *span, what, also=ships_in(day, outage))]


def switch_off(day: Day) -> Case:
    """Five moored ships switch off for the night, each from and to her own time."""
    ships = [moored(day) for _ in range(_LEAST_SHIPS)]
    start, end = day.window(4.0, 7.0)
    for ship in ships:
        off, on = start + day.uniform(0.0, 5_400.0), end - day.uniform(0.0, 5_400.0)
        ship.motion.on[ticks_between(day, off, on)] = False
    add(day, *ships)
    what = "Moored ships switch off for some hours, each in her own time."
    return Case("receiver-outage", False, ships[0], start, end, what, also=ships[1:])


RECEIVER_OUTAGE: Final = Injection("receiver-outage", (), (switch_off,))
RECEIVERS: Final = Injection("receiver-outage", (hears_nobody,), (), last=True)
