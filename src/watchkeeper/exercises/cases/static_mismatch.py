"""Size and type that become another ship's, and small or passing changes."""

from typing import Final

import msgspec

from watchkeeper.exercises.at_sea import under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.company import tow
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.ships import Ship

_CARGO, _TANKER = 70, 80


def _changes(day: Day, ship: Ship, at: float, **fields: object) -> None:
    ship.identities.append((at, msgspec.structs.replace(ship.identity, **fields)))
    add(day, ship)


def _span(day: Day) -> tuple[Ship, float]:
    ship, begins, ends = under_way(day, 5.0)
    return ship, begins + day.uniform(0.4, 0.6) * (ends - begins)


def longer(day: Day) -> Case:
    """The length becomes another."""
    ship, at = _span(day)
    length = round(ship.identity.length_m * day.uniform(1.35, 1.8)) + 8
    _changes(day, ship, at, length_m=length)
    what = f"The length sent becomes {length} m, from {ship.identity.length_m} m."
    return Case("static-mismatch", True, ship, at, min(day.seconds, at + 3_600.0), what)


def other_type(day: Day) -> Case:
    """A cargo ship says that she is a tanker, or the other way round."""
    ship, at = _span(day)
    _changes(day, ship, at, ship_type=_CARGO if ship.identity.ship_type >= _TANKER else _TANKER)
    return Case(
        "static-mismatch",
        True,
        ship,
        at,
        min(day.seconds, at + 3_600.0),
        "The type becomes another kind of ship.",
    )


def _quiet(day: Day, ship: Ship, what: str) -> Case:
    return Case("static-mismatch", False, ship, 0.0, day.seconds, what)


def put_right(day: Day) -> Case:
    ship, at = _span(day)
    _changes(day, ship, at, length_m=ship.identity.length_m + 6)
    return _quiet(day, ship, "The length is put right by 6 m.")


def slip(day: Day) -> Case:
    ship, at = _span(day)
    ship.said_once.append((at, msgspec.structs.replace(ship.identity, length_m=ship.identity.length_m * 2)))
    add(day, ship)
    return _quiet(day, ship, "One static message has twice the length.")


def filled_in(day: Day) -> Case:
    ship, at = _span(day)
    whole = ship.identity
    ship.identities = [(-1e9, msgspec.structs.replace(whole, length_m=0, ship_type=0)), (at, whole)]
    add(day, ship)
    return _quiet(day, ship, "Length and type are not available at first.")


def other_cargo(day: Day) -> Case:
    ship, at = _span(day)
    _changes(day, ship, at, ship_type=ship.identity.ship_type // 10 * 10 + 9)
    return _quiet(day, ship, "Another digit for the cargo, the same kind of ship.")


def tow_made_fast(day: Day) -> Case:
    ships = tow(day)
    tug = ships[0]
    tug.identities.append((0.4 * day.seconds, msgspec.structs.replace(tug.identity, length_m=180)))
    add(day, *ships)
    return _quiet(day, tug, "A tug counts her tow in her length.")


STATIC_MISMATCH: Final = Injection(
    "static-mismatch", (longer, other_type), (put_right, slip, filled_in, other_cargo, tow_made_fast)
)
