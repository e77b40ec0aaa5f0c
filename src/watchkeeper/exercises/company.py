"""Ships in company, for good reason: pairs trawling, tows, convoys, bunkering, pilots."""

import numpy as np

from watchkeeper.exercises.day import Day
from watchkeeper.exercises.geo import KNOT
from watchkeeper.exercises.motion import (
    FISHING,
    RESTRICTED,
    TOWING,
    UNDER_WAY,
    Motion,
    beside,
    joined,
    passage,
    sail,
    swing,
)
from watchkeeper.exercises.routes import Passage, Route, wandering
from watchkeeper.exercises.ships import Ship
from watchkeeper.exercises.traffic import leave_coverage, trawler


def trawler_pair(day: Day) -> list[Ship]:
    """Two boats with one net between them."""
    first = trawler(day, day.open_water(coast_m=16_000.0))
    lat, lon = beside(first.motion, day.uniform(220.0, 380.0))
    return [first, day.registry.ship("fishing", Motion.along(lat, lon, FISHING), gyro=True)]


def tow(day: Day) -> list[Ship]:
    """A tug and her tow, 300 m astern, at 6 kn for hours."""
    start, end, _ = day.lane(80_000.0)
    route = day.own_line(start, end)
    speed = day.uniform(5.0, 6.5)
    voyage = passage(day.rng, route, speed, (not start.gateway, not end.gateway))
    depart = day.uniform(-0.5, -0.2) * voyage.seconds
    motion = leave_coverage(day, sail(day.ticks, voyage, depart, TOWING), voyage, depart, start, end)
    lag = day.uniform(250.0, 350.0) / (speed * KNOT)
    behind = leave_coverage(day, sail(day.ticks, voyage, depart + lag), voyage, depart + lag, start, end)
    return [day.registry.ship("tug", motion), day.registry.ship("cargo", behind)]


def convoy(day: Day) -> list[Ship]:
    """Two ships 400 m apart at 10 kn for hours."""
    start, end, _ = day.lane(120_000.0)
    route = day.own_line(start, end)
    voyage = passage(day.rng, route, day.uniform(9.5, 10.5), (not start.gateway, not end.gateway))
    depart = day.uniform(-0.4, 0.0) * voyage.seconds
    lag = day.uniform(350.0, 430.0) / (10.0 * KNOT)
    return [
        day.registry.ship("cargo", leave_coverage(day, sail(day.ticks, voyage, at), voyage, at, start, end))
        for at in (depart, depart + lag)
    ]


def bunkering(day: Day) -> tuple[list[Ship], float, float]:
    """A barge alongside an anchored ship for three hours. Ships (barge first), start and end [s]."""
    port = day.port()
    host = swing(day.rng, day.ticks, *port.take_anchor(), chain_m=140.0)
    start, end = day.window(2.8, 3.6)
    lat, lon = beside(host, 55.0)
    alongside = Motion(lat, lon, host.heading, np.full(len(lat), RESTRICTED, np.int8), host.on.copy())
    berth = port.take_berth()
    sea = day.world.grid.centre(port.open_cell)

    def way(second: float) -> Route:
        there = alongside.at(second)
        lats = np.array([berth[0], sea[0], there[0]], float)
        return Route.through(lats, np.array([berth[1], sea[1], there[1]], float), corner_m=800.0)

    out = passage(day.rng, way(start), 8.0, (True, False))
    back = passage(day.rng, way(end).reverse(), 8.0, (False, True))
    barge = joined(
        day.ticks,
        sail(day.ticks, out, start - out.seconds),
        [(start, alongside), (end, sail(day.ticks, back, end))],
    )
    role = "tanker" if day.rng.random() < 0.5 else "cargo"
    return [day.registry.ship("bunker", barge), day.registry.ship(role, host)], start, end


def pilotage(day: Day) -> tuple[list[Ship], float, float]:
    """A pilot boat waits at her station, meets a ship coming in and runs alongside for ten minutes.

    Returns:
        the boat and the ship, and the span [s] from her arrival at the station to the end of the transfer.
    """
    port = day.port()
    origin = day.world.gateways[int(day.rng.integers(len(day.world.gateways)))]
    route = day.own_line(origin, port)
    left = route.s[-1] - route.s
    slow = np.interp(left, (9_000.0, 11_000.0, 14_000.0, 17_000.0), (1.0, 0.52, 0.52, 1.0))
    voyage = passage(day.rng, route, 13.0, (False, True), slow)
    meet = day.uniform(0.35, 0.75) * day.seconds
    station_m = float(route.s[-1] - min(13_500.0, 0.6 * route.s[-1]))
    depart = meet - voyage.time_at(station_m)
    ship = leave_coverage(day, sail(day.ticks, voyage, depart), voyage, depart, origin, port)
    transfer = meet + 600.0
    wait_s = meet - day.uniform(1.0, 2.0) * 3600.0
    station = route.at(np.array([station_m]))
    around = wandering(day.rng, float(station[0][0]), float(station[1][0]), 500.0, 0.6 * KNOT * 9_000.0)
    wait = sail(day.ticks, Passage.at_speed(around, 0.5), wait_s, UNDER_WAY, UNDER_WAY)
    out = passage(day.rng, route.reverse().part(0.0, float(route.s[-1]) - station_m), 21.0, (True, False))
    alongside = Motion.along(*beside(ship, 35.0), UNDER_WAY)
    ahead = route.s > float(np.interp(transfer - depart, voyage.t, route.s))
    here = alongside.at(transfer)
    off = Route.through(
        np.append(here[0], route.lat[ahead]), np.append(here[1], route.lon[ahead]), corner_m=0.0
    )
    back = passage(day.rng, off, 21.0, (False, True))
    boat = joined(
        day.ticks,
        sail(day.ticks, out, wait_s - out.seconds),
        [(wait_s, wait), (meet, alongside), (transfer, sail(day.ticks, back, transfer))],
    )
    return [day.registry.ship("pilot", boat, gyro=True), day.registry.ship("cargo", ship)], wait_s, transfer
