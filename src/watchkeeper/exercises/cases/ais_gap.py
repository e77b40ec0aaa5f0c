"""Silence: a ship that goes dark among others that are heard, and ships that are merely not heard."""

from dataclasses import replace
from typing import Final

from watchkeeper.exercises.at_sea import ATTEMPTS, ticks_between, under_way
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import METRES_PER_NMI, distance_m
from watchkeeper.exercises.motion import TICK_S, passage, sail
from watchkeeper.exercises.outages import fail_receiver, ships_in, silent_through
from watchkeeper.exercises.ships import Ship, Station
from watchkeeper.exercises.traffic import leave_coverage, moored, pleasure, sailing

_WITNESSES: Final = 5
_WITNESS_M: Final = 12.0 * METRES_PER_NMI
_CLEAR_OF_PORT_M: Final = 25_000.0
_OUTAGES: Final = 2
_NAMED: Final = 3
"""Silenced ships written down as look-alikes, for each outage."""
_MISSED: Final = 4
"""Ships that are silent from end to end: with so many an outage can be told from ships' own doing."""


def goes_silent(day: Day) -> Case:
    """A ship under way is not heard for hours while others near her are."""
    hours = day.uniform(2.3, min(9.0, 0.35 * day.hours))
    ship, begins, ends = under_way(day, hours + 2.5)
    spare = ends - begins - hours * 3600.0
    start = begins + day.uniform(0.4, 0.6) * spare
    end = start + hours * 3600.0
    add(day, *witnesses(day, ship, start))
    ship.motion.on[ticks_between(day, start, end)] = False
    add(day, ship)
    what = f"Under way at sea, not heard for {hours:.1f} h while other ships near her are."
    return Case("ais-gap", True, ship, start, end, what)


def witnesses(day: Day, ship: Ship, start: float) -> list[Ship]:
    """Further traffic in the lane, as many ships as are missing to the wanted number of witnesses."""
    tick = int(start / TICK_S)
    here = ship.motion.at(start)
    near = sum(
        bool(other.motion.on[tick]) and float(distance_m(*here, *other.motion.at(start))) < _WITNESS_M
        for other in day.ships if other.station is Station.CLASS_A
    )  # fmt: skip
    assert ship.trip is not None
    lags = [day.uniform(12.0, 45.0) * 60.0 * side for side in day.rng.choice((-1.0, 1.0), _WITNESSES)]
    return [
        sailing(day, "cargo", replace(ship.trip, depart_s=ship.trip.depart_s + lag))
        for lag in lags[: max(0, _WITNESSES - near)]
    ]


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
        route = day.own_line(port, gateway)
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


def receiver_fails(day: Day) -> list[Case]:
    """A receiver fails and an area falls silent: up to two a day, where no case is touched."""
    if len(day.outages) == _OUTAGES:
        return []
    try:
        outage, inside = fail_receiver(day, _NAMED)
    except NoRoomError:
        return []  # a sea with few ships has no area that would be missed
    what = "A receiver fails: every ship of the area is silent."
    span = outage.start_s, outage.end_s
    cases = [Case("ais-gap", False, ship, *span, what) for ship in inside[:_NAMED]]
    if silent_through(day, outage) >= _MISSED:
        cases.append(Case("receiver-outage", True, inside[0], *span, what, also=ships_in(day, outage)))
    return cases


AIS_GAP: Final = Injection("ais-gap", (goes_silent,), (moored_off, leaves_coverage, fades))
RECEIVERS: Final = Injection("ais-gap", (), (receiver_fails,), last=True)
