"""Voyages between a loading buoy of one country and ports of another, and ordinary ones."""

from typing import Final

from watchkeeper.exercises.at_sea import cruise_kn
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.geo import displaced
from watchkeeper.exercises.motion import AT_ANCHOR, Motion, joined, lie, passage, sail
from watchkeeper.exercises.routes import Route
from watchkeeper.exercises.ships import Ship
from watchkeeper.exercises.traffic import trader
from watchkeeper.exercises.world import Port


def _berth(day: Day) -> tuple[float, float]:
    """A place at the buoy, beside those of other ships."""
    north, east = day.uniform(-900.0, 900.0), day.uniform(-900.0, 900.0)
    lat, lon = displaced(*day.world.terminal, north, east)
    return float(lat), float(lon)


def _way(day: Day, port: Port, place: tuple[float, float]) -> Route:
    """From a berth of the port to the place."""
    berth, route = port.take_berth(), day.world.route_to_point(port, *place)
    return Route.through([berth[0], *route.lat], [berth[1], *route.lon], corner_m=0.0)


def _nearest(day: Day) -> Port:
    """The port from which the way is shortest: the voyage must fit into a day."""
    ways = {p.name: day.world.route_to_point(p, *day.world.terminal).length_m for p in day.world.ports}
    return min(day.world.ports, key=lambda port: ways[port.name])


def _from_buoy(day: Day, role: str, stay_h: float) -> tuple[Ship, float, float]:
    """Lies at the buoy, sails to a port: the ship, when she leaves and when she is alongside [s]."""
    place, port = _berth(day), _nearest(day)
    voyage = passage(day.rng, _way(day, port, place).reverse(), cruise_kn(day), berth=(False, True))
    depart = stay_h * 3600.0
    stay = lie(day.ticks, *place, day.uniform(0.0, 360.0), AT_ANCHOR)
    motion = joined(day.ticks, stay, [(depart, sail(day.ticks, voyage, depart))])
    return day.registry.ship(role, motion), depart, min(depart + voyage.seconds, day.seconds)


def _to_buoy(day: Day) -> tuple[Ship, float, float]:
    """Leaves a port in the morning and lies at the buoy from then on."""
    place, port = _berth(day), _nearest(day)
    voyage = passage(day.rng, _way(day, port, place), cruise_kn(day), berth=(True, False))
    depart = day.uniform(2.5, 4.0) * 3600.0
    arrives = depart + voyage.seconds
    stay: Motion = lie(day.ticks, *place, day.uniform(0.0, 360.0), AT_ANCHOR)
    motion = joined(day.ticks, sail(day.ticks, voyage, depart), [(arrives, stay)])
    return day.registry.ship("tanker", motion), depart, min(arrives, day.seconds)


def from_buoy(day: Day) -> Case:
    ship, start, end = _from_buoy(day, "tanker", day.uniform(2.5, 4.0))
    add(day, ship)
    return Case("port-visit", True, ship, start, end, "A tanker loads at the buoy and sails to a port.")


def to_buoy(day: Day) -> Case:
    ship, start, end = _to_buoy(day)
    add(day, ship)
    return Case("port-visit", True, ship, start, end, "A tanker leaves a port and lies at the buoy.")


def cargo(day: Day) -> Case:
    ship, _, _ = _from_buoy(day, "cargo", 3.0)
    add(day, ship)
    return Case("port-visit", False, ship, 0.0, day.seconds, "A cargo ship on the same way.")


def short(day: Day) -> Case:
    ship, _, _ = _from_buoy(day, "tanker", 0.6)
    add(day, ship)
    return Case("port-visit", False, ship, 0.0, day.seconds, "A tanker is at the buoy for half an hour.")


def elsewhere(day: Day) -> Case:
    ship = trader(day, "tanker")
    add(day, ship)
    return Case("port-visit", False, ship, 0.0, day.seconds, "A tanker between two ports of one country.")


PORT_VISIT: Final = Injection("port-visit", (from_buoy, to_buoy), (cargo, short, elsewhere))
