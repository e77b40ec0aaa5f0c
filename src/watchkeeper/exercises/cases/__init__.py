"""The frame of an injected case. One file per kind of case stands beside this one; the folder is the registry.

A kind declares an :class:`Injection`: builders that show a behaviour, and builders of the innocent things that look
like it. A builder puts ships (or faults of receivers and satellites) into a :class:`~watchkeeper.exercises.day.Day`
and says what it did. Everything it draws comes from ``day.rng`` and ``day.registry``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from watchkeeper.exercises.day import Day, NoRoomError
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
    shows: tuple[str, ...] = ()
    """Behaviours that a look-alike of this one rightly shows."""

    kind: str = ""
    """The name of the builder that made it, set by :func:`inject`."""

    also: list[Ship] = field(default_factory=list)
    """Further ships that show it: of an area where positions are disturbed, or a receiver hears nobody."""


Builder = Callable[[Day], Case | Sequence[Case]]
"""Adds ships to the day (or chooses some there) and returns the case, or the cases, they make.

Raises:
    NoRoomError: the day has no place for it.
"""


@dataclass(frozen=True, slots=True)
class Injection:
    """How a behaviour is shown, and the innocent things that look like it.

    ``last``: built when the cases of every other kind are there, because it works on whole areas and must know whom
    it touches (``day.cases``).
    """

    behaviour: str
    shown: tuple[Builder, ...]
    look_alikes: tuple[Builder, ...]
    last: bool = False


def inject(day: Day, injection: Injection, count: int, first: int = 0) -> list[Case]:
    """``count`` positives and ``count`` look-alikes, each builder in turn, beginning with number ``first``.

    What finds no room is counted in ``day.no_room``; a builder that found none is not asked again.
    """
    cases: list[Case] = []
    for builders in (injection.shown, injection.look_alikes):
        for number in range(first, first + count if builders else first):
            build = builders[number % len(builders)]
            if (made := _built(day, injection.behaviour, build)) is None:
                continue
            for case in (made,) if isinstance(made, Case) else made:
                case.kind = build.__name__
                for ship in (case.ship, case.other):
                    if ship is not None:
                        ship.busy = True
                cases.append(case)
    return cases


def _built(day: Day, behaviour: str, build: Builder) -> Case | Sequence[Case] | None:
    name = f"{behaviour}: {build.__name__}"
    if name not in day.no_room:
        try:
            return build(day)
        except NoRoomError:
            pass
    day.no_room[name] += 1
    return None


def add(day: Day, *ships: Ship) -> None:
    """Put ships of a case on the sea."""
    day.ships.extend(ships)
