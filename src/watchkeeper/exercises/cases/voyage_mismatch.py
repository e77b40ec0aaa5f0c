"""Destinations that ships do not go to, and those that are only vague or set late."""

from dataclasses import replace
from typing import Final

import msgspec

from watchkeeper.exercises.at_sea import ATTEMPTS, trade
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import KNOT, METRES_PER_NMI, distance_m
from watchkeeper.exercises.ships import Ship, Trip
from watchkeeper.exercises.traffic import sailing
from watchkeeper.exercises.world import Port

_APART_M: Final = 45.0 * METRES_PER_NMI
_AWAY_M: Final = 125.0 * METRES_PER_NMI
_LEFT_M: Final = 60.0 * METRES_PER_NMI
"""The port first declared is not left a hundred miles behind."""


def _says(ship: Ship, destination: str, since: float = -1e9) -> None:
    said = msgspec.structs.replace(ship.identity, destination=destination.upper())
    if since < 0.0:
        ship.identities[0] = (since, said)
    else:
        ship.identities.append((since, said))


def _arriving(day: Day) -> tuple[Ship, Port, float, Port]:
    """A trader that comes to a port by day: ship, port, arrival [s], and another port far from it."""
    for _ in range(ATTEMPTS):
        start, end, middle = day.lane(90_000.0)
        others = [p for p in day.world.ports if distance_m(p.lat, p.lon, end.lat, end.lon) > _APART_M]
        if not end.berths or not others:
            continue
        speed = day.uniform(10.0, 15.0)
        arrives = day.uniform(0.5, 0.75) * day.seconds
        depart = arrives - middle.length_m / (speed * KNOT) - 3_600.0
        ship = sailing(day, trade(day), Trip(start, end, speed, depart))
        return ship, end, arrives, others[int(day.rng.integers(len(others)))]
    raise NoRoomError("no port far from the others")


def another_port(day: Day) -> Case:
    """A ship declares one port and lies in another."""
    ship, port, arrives, other = _arriving(day)
    _says(ship, other.name)
    add(day, ship)
    what = f"Declares {other.name} and lies in {port.name}."
    return Case("voyage-mismatch", True, ship, arrives, day.seconds, what)


def away(day: Day) -> Case:
    """A ship declares the port that she leaves farther and farther behind."""
    for _ in range(ATTEMPTS):
        start, end, middle = day.lane(_AWAY_M)
        straight = distance_m(start.lat, start.lon, end.lat, end.lon)
        if not start.berths or straight < max(_AWAY_M, 0.85 * middle.length_m):
            continue
        trip = Trip(start, end, day.uniform(13.0, 16.0), day.uniform(0.05, 0.1) * day.seconds)
        ship = sailing(day, trade(day), trip)
        _says(ship, start.name)
        add(day, ship)
        what = f"Declares {start.name} while she sails away from it."
        return Case("voyage-mismatch", True, ship, 0.0, day.seconds, what)
    raise NoRoomError("no lane long enough")


def _quiet(ship: Ship, day: Day, what: str) -> Case:
    add(day, ship)
    return Case("voyage-mismatch", False, ship, 0.0, day.seconds, what)


def agrees(day: Day) -> Case:
    ship, port, _, _ = _arriving(day)
    return _quiet(ship, day, f"Declares {port.name} and goes there.")


def changed(day: Day) -> Case:
    """A ship changes her destination at sea; the first was not left far behind."""
    for _ in range(ATTEMPTS):
        ship, port, arrives, other = _arriving(day)
        begun, then = (distance_m(*ship.motion.at(t), other.lat, other.lon) for t in (0.0, arrives - 3_600.0))
        if then - begun < _LEFT_M:
            _says(ship, other.name)
            _says(ship, port.name, arrives - 3_600.0)
            return _quiet(ship, day, f"Changes her destination to {port.name} an hour before.")
    raise NoRoomError("every port is left behind")


def vague(day: Day) -> Case:
    ship, _, _, _ = _arriving(day)
    _says(ship, "FOR ORDERS")
    return _quiet(ship, day, "Declares no port.")


def set_early(day: Day) -> Case:
    """Alongside, a ship declares her next port long before she sails."""
    ship, _, _, other = _arriving(day)
    assert ship.trip is not None
    trip = replace(ship.trip, depart_s=-5.0 * day.seconds)
    lying = sailing(day, "cargo", trip)
    _says(lying, other.name, 0.3 * day.seconds)
    return _quiet(lying, day, f"Alongside, declares {other.name}, her next port.")


VOYAGE_MISMATCH: Final = Injection(
    "voyage-mismatch", (another_port, away), (agrees, changed, vague, set_early)
)
