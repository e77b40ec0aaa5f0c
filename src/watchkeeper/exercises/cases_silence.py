"""Silence: a ship that goes dark among others that are heard, and ships that are merely not heard."""

from typing import Final

import numpy as np

from watchkeeper.exercises.at_sea import ATTEMPTS, ticks_between, under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import METRES_PER_NMI, displaced, distance_m
from watchkeeper.exercises.motion import TICK_S, passage, sail
from watchkeeper.exercises.ships import Ship, Station
from watchkeeper.exercises.traffic import leave_coverage, moored, pleasure

_WITNESSES: Final = 5
_WITNESS_M: Final = 12.0 * METRES_PER_NMI
_CLEAR_OF_PORT_M: Final = 25_000.0


def goes_silent(day: Day) -> Case:
    """A ship under way is not heard for hours while others near her are."""
    hours = day.uniform(2.3, min(9.0, 0.35 * day.hours))
    ship, begins, ends = under_way(day, hours + 2.5)
    spare = ends - begins - hours * 3600.0
    start = begins + day.uniform(0.4, 0.6) * spare
    end = start + hours * 3600.0
    add(day, *_witnesses(day, ship, start))
    ship.motion.on[ticks_between(day, start, end)] = False
    add(day, ship)
    what = f"Under way at sea, not heard for {hours:.1f} h while other ships near her are."
    return Case("ais-gap", True, ship, start, end, what)


def _witnesses(day: Day, ship: Ship, start: float) -> list[Ship]:
    """Further traffic on the same track, as many ships as are missing to the wanted number of witnesses."""
    tick = int(start / TICK_S)
    here = ship.motion.at(start)
    near = sum(
        bool(other.motion.on[tick]) and float(distance_m(*here, *other.motion.at(start))) < _WITNESS_M
        for other in day.ships if other.station is Station.CLASS_A
    )  # fmt: skip
    more = []
    for _ in range(max(0, _WITNESSES - near)):
        lag = int(day.uniform(12.0, 45.0) * 60.0 / TICK_S) * (1 if day.rng.random() < 0.5 else -1)
        more.append(_follower(day, ship, lag))
    return more


def _follower(day: Day, ship: Ship, lag: int) -> Ship:
    """A ship that sails the same track ``lag`` ticks later (earlier where negative), a little to one side."""
    index = np.clip(np.arange(len(day.ticks)) - lag, 0, len(day.ticks) - 1)
    motion = ship.motion
    side = day.uniform(250.0, 600.0)
    bow = np.radians(motion.heading[index].astype(float))
    lat, lon = displaced(motion.lat[index], motion.lon[index], -side * np.sin(bow), side * np.cos(bow))
    follower = type(motion)(lat, lon, motion.heading[index], motion.nav[index], motion.on[index])
    return day.registry.ship("cargo", follower)


def moored_off(day: Day) -> Case:
    ship = moored(day)
    start, end = day.window(4.0, 7.0)
    ship.motion.on[ticks_between(day, start, end)] = False
    add(day, ship)
    return Case("ais-gap", False, ship, start, end, "A moored ship switches off.")


def leaves_coverage(day: Day) -> Case:
    """A ship sails out of the region."""
    for _ in range(ATTEMPTS):
        gateway = day.world.gateways[int(day.rng.integers(len(day.world.gateways)))]
        port = day.port()
        route = day.berthed(day.offset(day.world.lane(port, gateway)), port, gateway)
        voyage = passage(day.rng, route, day.uniform(10.0, 14.0), (True, False))
        gone = day.uniform(0.3, 0.6) * day.seconds
        depart = gone - voyage.seconds
        motion = leave_coverage(day, sail(day.ticks, voyage, depart), voyage, depart, port, gateway)
        if route.length_m > _CLEAR_OF_PORT_M:
            ship = day.registry.ship("cargo", motion)
            add(day, ship)
            return Case("ais-gap", False, ship, gone, day.seconds, "A ship leaves the edge of coverage.")
    raise NoRoomError("no gateway far enough from a port")


def fades(day: Day) -> Case:
    ship = pleasure(day, afar=True)
    add(day, ship)
    return Case("ais-gap", False, ship, 0.0, day.seconds, "A class B yacht far out is heard now and then.")


SILENCE: Final = (Injection("ais-gap", (goes_silent,), (moored_off, leaves_coverage, fades)),)
