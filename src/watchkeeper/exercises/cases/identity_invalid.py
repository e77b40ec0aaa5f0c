"""Identities that no ship can have, and those that are only incomplete."""

from typing import Final

import msgspec

from watchkeeper.exercises.at_sea import under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.ships import Ship
from watchkeeper.exercises.traffic import pleasure

_NO_STATE: Final = (217, 291, 300, 490, 580, 600, 700)
"""Country codes that are allocated to no state."""
_NO_COAST: Final = (655, 669, 472, 451)
"""Malawi, Eswatini, Tajikistan, Kyrgyzstan."""


def _case(day: Day, ship: Ship, shown: bool, what: str) -> Case:
    add(day, ship)
    return Case("identity-invalid", shown, ship, 0.0, day.seconds, what)


def _says(ship: Ship, **fields: object) -> None:
    ship.identities[0] = (ship.identities[0][0], msgspec.structs.replace(ship.identity, **fields))


def wrong_digit(day: Day) -> Case:
    ship, _, _ = under_way(day, 4.0)
    imo = ship.identity.imo
    _says(ship, imo=imo + (1 if imo % 10 < 9 else -1))
    return _case(day, ship, True, "The check digit of the IMO number is wrong.")


def no_state(day: Day) -> Case:
    ship, _, _ = under_way(day, 4.0)
    ship.mmsi = day.registry.mmsi(int(day.rng.choice(_NO_STATE)))
    return _case(day, ship, True, "The country code of the MMSI is no state's.")


def no_coast(day: Day) -> Case:
    ship, _, _ = under_way(day, 4.0)
    ship.mmsi = day.registry.mmsi(int(day.rng.choice(_NO_COAST)))
    _says(ship, length_m=max(ship.identity.length_m, 130))
    return _case(day, ship, True, "A large ship under the flag of a state without a coast.")


def no_name(day: Day) -> Case:
    ship, _, _ = under_way(day, 4.0)
    _says(ship, name=("TEST", "NAUT", "0000", "XXXXXXXX")[int(day.rng.integers(4))])
    return _case(day, ship, True, "A placeholder for a name.")


def incomplete(day: Day) -> Case:
    ship, _, _ = under_way(day, 4.0)
    _says(ship, imo=0, name="")
    return _case(day, ship, False, "No IMO number and no name.")


def garbled(day: Day) -> Case:
    ship, begins, ends = under_way(day, 4.0)
    wrong = msgspec.structs.replace(ship.identity, imo=ship.identity.imo + 1)
    ship.said_once.append((0.5 * (begins + ends), wrong))
    return _case(day, ship, False, "One static message has a wrong digit in the IMO number.")


def numbered_boat(day: Day) -> Case:
    ship = pleasure(day)
    _says(ship, name=str(int(day.rng.integers(100, 99_999))))
    return _case(day, ship, False, "A yacht is called by her sail number.")


IDENTITY_INVALID: Final = Injection(
    "identity-invalid", (wrong_digit, no_state, no_coast, no_name), (incomplete, garbled, numbered_boat)
)
