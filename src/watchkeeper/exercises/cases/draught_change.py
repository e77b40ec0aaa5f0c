"""Draughts that change at sea, in port, by a little, or by a slip of the keys."""

from dataclasses import replace
from typing import Final

import msgspec

from watchkeeper.exercises.at_sea import ATTEMPTS, cruise_kn, ticks_between, trade, under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.motion import drift
from watchkeeper.exercises.ships import Identity, Ship
from watchkeeper.exercises.traffic import moored, sailing, trader

_BEFORE_S: Final = 6.4 * 3600.0
"""A port call is longer ago than that in the cases that are shown."""


def _other(identity: Identity, by_m: float) -> Identity:
    """The same ship, deeper by so much (or higher, where she would be too deep)."""
    deeper = identity.draught_m + by_m
    higher = identity.draught_m - by_m
    return msgspec.structs.replace(identity, draught_m=round(deeper if higher < 2.0 else higher, 1))


def _changes(day: Day, ship: Ship, at: float, by_m: float) -> None:
    ship.identities.append((at, _other(ship.identity, by_m)))
    add(day, ship)


def after_a_stay(day: Day) -> Case:
    """A ship lies at sea for hours and goes on with another draught."""
    start, end = day.window(6.6, 8.0)
    place, course = day.open_water(apart_m=15_000.0), day.uniform(0.0, 360.0)
    stay = drift(day.rng, day.ticks, start, place, 0.2, course, course)
    ship = day.registry.ship(trade(day), day.call_at(place, start, stay, end, cruise_kn(day)))
    at, by_m = end - 600.0, day.uniform(1.5, 4.0)
    _changes(day, ship, at, by_m)
    what = f"Lies at sea for {(end - start) / 3600.0:.1f} h; then her draught is another by {by_m:.1f} m."
    return Case("draught-change", True, ship, at, min(day.seconds, at + 3_600.0), what)


def at_sea(day: Day) -> Case:
    """The draught changes under way, long after the last port."""
    ship, begins, ends = under_way(day, 8.5)
    at, by_m = min(begins + _BEFORE_S + day.uniform(0.0, 2_400.0), ends - 900.0), day.uniform(1.5, 4.0)
    _changes(day, ship, at, by_m)
    what = f"Under way, her draught changes by {by_m:.1f} m."
    return Case("draught-change", True, ship, at, min(day.seconds, at + 3_600.0), what)


def after_silence(day: Day) -> Case:
    """A ship comes back from a silence with another draught."""
    ship, begins, ends = under_way(day, 8.5)
    at, by_m = min(begins + _BEFORE_S + day.uniform(0.0, 2_400.0), ends - 900.0), day.uniform(1.5, 4.0)
    ship.motion.on[ticks_between(day, at - 9_900.0, at - 60.0)] = False
    _changes(day, ship, at, by_m)
    what = f"Not heard for 2.7 h, then heard with a draught that differs by {by_m:.1f} m."
    return Case("draught-change", True, ship, at, min(day.seconds, at + 3_600.0), what)


def _quiet(ship: Ship, day: Day, what: str) -> Case:
    return Case("draught-change", False, ship, 0.0, day.seconds, what)


def in_port(day: Day) -> Case:
    ship = moored(day, "tanker")
    _changes(day, ship, day.uniform(0.4, 0.7) * day.seconds, 3.0)
    return _quiet(ship, day, "Loads alongside.")


def late(day: Day) -> Case:
    """A ship sails, and the crew sets the draught two hours later."""
    for _ in range(ATTEMPTS):
        drawn = trader(day).trip
        assert drawn is not None
        if drawn.start.berths:
            trip = replace(drawn, depart_s=day.uniform(0.15, 0.4) * day.seconds)
            ship = sailing(day, trade(day), trip)
            _changes(day, ship, trip.depart_s + day.uniform(1.0, 2.5) * 3600.0, 3.0)
            return _quiet(ship, day, "Leaves a port and says her new draught an hour or two later.")
    raise NoRoomError("no lane begins in a port")


def a_little(day: Day) -> Case:
    ship, begins, ends = under_way(day, 6.0)
    _changes(day, ship, 0.5 * (begins + ends), 0.6)
    return _quiet(ship, day, "Ballast: her draught changes by 0.6 m under way.")


def slip(day: Day) -> Case:
    ship, begins, ends = under_way(day, 6.0)
    ship.said_once.append((0.5 * (begins + ends), _other(ship.identity, 4.0)))
    add(day, ship)
    return _quiet(ship, day, "One static message has another draught.")


DRAUGHT_CHANGE: Final = Injection(
    "draught-change", (after_a_stay, at_sea, after_silence), (in_port, late, a_little, slip)
)
