"""One identity on two ships, and two numbers on one."""

from typing import Final

import msgspec
import numpy as np

from watchkeeper.exercises.at_sea import ATTEMPTS, under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import distance_m
from watchkeeper.exercises.motion import Motion, beside
from watchkeeper.exercises.ships import Identity, Ship, Station

_FAR_M: Final = 60_000.0


def _two(day: Day) -> tuple[Ship, Ship, float, float]:
    """Two ships under way far from each other, and the time in which both are [s]."""
    first, begins, ends = under_way(day, 5.0)
    for _ in range(ATTEMPTS):
        second, start, end = under_way(day, 5.0)
        start, end = max(begins, start), min(ends, end)
        ticks = (day.ticks >= start) & (day.ticks <= end)
        if end - start < 3.0 * 3600.0 or not ticks.any():
            continue
        a, b = first.motion, second.motion
        if np.min(distance_m(a.lat[ticks], a.lon[ticks], b.lat[ticks], b.lon[ticks])) > _FAR_M:
            return first, second, start, end
    raise NoRoomError("no two ships far from each other")


def _as(day: Day, ship: Ship, other: Ship, **fields: object) -> None:
    """The other ship says so of herself, and both sail."""
    other.identities = [(-1e9, msgspec.structs.replace(other.identity, **fields))]
    add(day, ship, other)


def one_imo(day: Day) -> Case:
    """Two ships far apart send one IMO number."""
    ship, other, start, end = _two(day)
    _as(day, ship, other, imo=ship.identity.imo)
    return Case("identity-shared", True, ship, start, end, "Two ships far apart send one IMO number.", other)


def one_name(day: Day) -> Case:
    """Two ships far apart send one name and call sign."""
    ship, other, start, end = _two(day)
    _as(day, ship, other, imo=0, name=ship.identity.name, callsign=ship.identity.callsign)
    what = "Two ships far apart send one name and call sign."
    return Case("identity-shared", True, ship, start, end, what, other)


def two_units(day: Day) -> Case:
    """A ship has a class A unit and a class B unit, both with her name and call sign."""
    ship, _, _ = under_way(day, 5.0)
    motion = ship.motion
    copy = Motion(*beside(motion, 5.0), motion.heading, motion.nav, motion.on.copy())
    identity: Identity = ship.identity
    unit = Ship(day.registry.mmsi(), Station.CLASS_B, copy, [(-1e9, identity)], gyro=False, role=ship.role)
    add(day, ship, unit)
    what = "Two units on one ship send one name and call sign."
    return Case("identity-shared", False, ship, 0.0, day.seconds, what, unit)


def names_alike(day: Day) -> Case:
    """Two ships far apart have one name, each with a call sign of her own."""
    ship, other, _, _ = _two(day)
    _as(day, ship, other, name=ship.identity.name)
    what = "Two ships far apart have one name and call signs of their own."
    return Case("identity-shared", False, ship, 0.0, day.seconds, what, other)


IDENTITY_SHARED: Final = Injection("identity-shared", (one_imo, one_name), (two_units, names_alike))
