"""The frame of an injected case, and the table of who builds which."""

from collections.abc import Callable
from dataclasses import dataclass

from watchkeeper.exercises.day import Day
from watchkeeper.exercises.ships import Ship


@dataclass(slots=True)
class Case:
    """A case while it is being made. Times are seconds from the start; an edit may set them later."""

    behaviour: str
    positive: bool
    ship: Ship
    start_s: float
    end_s: float
    what: str
    other: Ship | None = None
    asset: str | None = None


Builder = Callable[[Day], Case]
"""Adds ships to the day (or chooses one there) and returns the case they make."""


@dataclass(frozen=True, slots=True)
class Injection:
    """How a behaviour is shown, and the innocent things that look like it."""

    behaviour: str
    shown: tuple[Builder, ...]
    look_alikes: tuple[Builder, ...]


def inject(day: Day, injection: Injection, count: int) -> list[Case]:
    """``count`` positives and ``count`` look-alikes, each kind in turn."""
    cases = []
    for builders in (injection.shown, injection.look_alikes):
        for number in range(count):
            case = builders[number % len(builders)](day)
            for ship in (case.ship, case.other):
                if ship is not None:
                    ship.busy = True
            cases.append(case)
    return cases


def add(day: Day, *ships: Ship) -> None:
    """Put ships of a case on the sea."""
    day.ships.extend(ships)
