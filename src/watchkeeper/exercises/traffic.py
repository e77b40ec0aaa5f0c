"""The ordinary sea: builders of ships that do what ships of their trade do all day."""

from collections.abc import Callable
from typing import Final

import numpy as np

from watchkeeper.exercises.day import Day
from watchkeeper.exercises.geo import KNOT, displaced
from watchkeeper.exercises.motion import (
    FISHING,
    HIGH_SPEED,
    MOORED,
    RESTRICTED,
    SAILING,
    TOWING,
    UNDEFINED,
    UNDER_WAY,
    Motion,
    beside,
    joined,
    lie,
    passage,
    sail,
    swing,
)
from watchkeeper.exercises.routes import Passage, Route, wandering
from watchkeeper.exercises.ships import Ship
from watchkeeper.exercises.world import Port

WRONG_STATUS_MOORED: Final = 0.3
"""Share of moored ships whose crew left the status at *under way*: common in every real file."""


def trader(day: Day, role: str | None = None, least_m: float = 0.0) -> Ship:
    """A cargo ship or tanker on a lane at 9-16 kn."""
    role = role or ("cargo" if day.rng.random() < 0.62 else "tanker")
    start, end, route = day.lane(least_m)
    voyage = passage(day.rng, route, day.uniform(9.0, 16.0), (not start.gateway, not end.gateway))
    depart = day.uniform(-0.85 * voyage.seconds, day.seconds - 0.25 * min(day.seconds, voyage.seconds))
    return day.registry.ship(
        role, leave_coverage(day, sail(day.ticks, voyage, depart), voyage, depart, start, end)
    )


def leave_coverage(
    day: Day, motion: Motion, voyage: Passage, depart: float, start: Port, end: Port
) -> Motion:
    """A ship beyond a gateway is not heard."""
    if start.gateway:
        motion.on &= day.ticks > depart
    if end.gateway:
        motion.on &= day.ticks < depart + voyage.seconds
    return motion


def moored(day: Day, role: str = "cargo") -> Ship:
    """Alongside all day, beside others."""
    port = day.port()
    lat, lon = port.take_berth()
    status = UNDER_WAY if day.rng.random() < WRONG_STATUS_MOORED else MOORED
    if role in ("pleasure", "fishing"):
        status = UNDEFINED if role == "pleasure" else status
    heading = (port.approach_deg + (90.0 if day.rng.random() < 0.5 else 270.0)) % 360.0
    return day.registry.ship(role, lie(day.ticks, lat, lon, heading, status))


def anchored(day: Day) -> Ship:
    """In an anchorage, swinging."""
    lat, lon = day.port().take_anchor()
    role = "cargo" if day.rng.random() < 0.5 else "tanker"
    return day.registry.ship(role, swing(day.rng, day.ticks, lat, lon))


def ferry(day: Day, role: str = "passenger", knots: tuple[float, float] = (18.0, 25.0)) -> Ship:
    """To and fro between two ports not far apart, half an hour alongside at each."""
    ports = day.world.ports
    pairs = sorted(
        (
            (day.world.lane(a, b).length_m, i, j)
            for i, a in enumerate(ports)
            for j, b in enumerate(ports)
            if i < j
        )
    )
    near = pairs[: max(3, len(pairs) // 3)]
    _, i, j = near[int(day.rng.integers(len(near)))]
    here, there = ports[i], ports[j]
    route = day.berthed(day.offset(day.world.lane(here, there)), here, there)
    speed = day.uniform(*knots)
    out, back = passage(day.rng, route, speed), passage(day.rng, route.reverse(), speed)
    stay = 1_800.0
    cycle = out.seconds + back.seconds + 2.0 * stay
    t = (day.ticks + day.uniform(0.0, cycle)) % cycle
    returning = t >= out.seconds + stay
    lat, lon = (
        np.where(returning, b, a) for a, b in zip(out.at(t), back.at(t - out.seconds - stay), strict=True)
    )
    under = HIGH_SPEED if role == "fast" else UNDER_WAY
    alongside = ((t > out.seconds) & ~returning) | (t > cycle - stay)
    return day.registry.ship(role, Motion.along(lat, lon, np.where(alongside, MOORED, under)), gyro=True)


def fast_ferry(day: Day, knots: tuple[float, float] = (36.0, 42.0)) -> Ship:
    """A high-speed craft."""
    return ferry(day, "fast", knots)


def trawler(day: Day, place: tuple[float, float] | None = None) -> Ship:
    """Trawling at 3-4 kn about a ground, over cables too."""
    lat, lon = place or day.open_water(coast_m=16_000.0, line_m=0.0, apart_m=4_000.0)
    route = wandering(day.rng, lat, lon, 9_000.0, 4.3 * KNOT * day.seconds)
    speed = day.uniform(3.0, 4.0) * (1.0 + 0.06 * np.sin(route.s / 2_600.0))
    return day.registry.ship(
        "fishing", sail(day.ticks, Passage.at_speed(route, speed), 0.0, FISHING, FISHING)
    )


def trawler_pair(day: Day) -> list[Ship]:
    """Two boats with one net between them."""
    first = trawler(day, day.open_water(coast_m=16_000.0))
    lat, lon = beside(first.motion, day.uniform(220.0, 380.0))
    return [first, day.registry.ship("fishing", Motion.along(lat, lon, FISHING), gyro=True)]


def tow(day: Day) -> list[Ship]:
    """A tug and her tow, 300 m astern, at 6 kn for hours."""
    start, end, route = day.lane(80_000.0)
    speed = day.uniform(5.0, 6.5)
    voyage = passage(day.rng, route, speed, (not start.gateway, not end.gateway))
    depart = day.uniform(-0.5, -0.2) * voyage.seconds
    motion = leave_coverage(day, sail(day.ticks, voyage, depart, TOWING), voyage, depart, start, end)
    lag = day.uniform(250.0, 350.0) / (speed * KNOT)
    behind = leave_coverage(day, sail(day.ticks, voyage, depart + lag), voyage, depart + lag, start, end)
    return [day.registry.ship("tug", motion), day.registry.ship("cargo", behind)]


def convoy(day: Day) -> list[Ship]:
    """Two ships 400 m apart at 10 kn for hours."""
    start, end, route = day.lane(120_000.0)
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
    route = day.berthed(day.world.lane(origin, port), origin, port)
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


def pleasure(day: Day, afar: bool = False) -> Ship:
    """A class B yacht on a day sail from a port (or far out)."""
    port = day.port()
    if afar:
        lat, lon = day.open_water(coast_m=20_000.0, line_m=0.0, apart_m=3_000.0)
    else:
        lat, lon = (float(x) for x in day.world.grid.centre(port.open_cell))
    speed = day.uniform(4.0, 8.0)
    radius = 15_000.0 if afar else 4_500.0
    route = wandering(day.rng, lat, lon, radius, (speed + 1.0) * KNOT * day.seconds * (1.0 if afar else 0.35))
    voyage = Passage.at_speed(route, speed * (1.0 + 0.1 * np.sin(route.s / 1_900.0)))
    depart = 0.0 if afar else day.uniform(0.05, 0.55) * day.seconds
    return day.registry.ship("pleasure", sail(day.ticks, voyage, depart, UNDEFINED, UNDEFINED))


def lifeboat(day: Day) -> Ship:
    """A rescue vessel: at her berth, out at 20 kn for an exercise, back."""
    port = day.port()
    berth = port.take_berth()
    lat, lon = (float(x) for x in day.world.grid.centre(port.open_cell))
    around = wandering(day.rng, lat, lon, 5_000.0, 60_000.0)
    route = Route.through(np.append(berth[0], around.lat), np.append(berth[1], around.lon), corner_m=0.0)
    voyage = passage(day.rng, route.then(berth[0], berth[1]), day.uniform(16.0, 22.0))
    return day.registry.ship("sar", sail(day.ticks, voyage, day.uniform(0.1, 0.7) * day.seconds), gyro=True)


def survey(day: Day) -> Ship:
    """A research ship on parallel lines two miles apart at 4-5 kn."""
    lat, lon = day.open_water(coast_m=26_000.0, line_m=0.0)
    legs = 14
    row = np.repeat(np.arange(legs), 2) * 900.0 - 6_000.0
    side = np.where((np.arange(2 * legs) + 1) % 4 < 2, 9_000.0, -9_000.0)
    lats, lons = displaced(lat, lon, row, side)
    voyage = Passage.at_speed(Route.through(lats, lons, corner_m=400.0), day.uniform(4.0, 5.0))
    return day.registry.ship("research", sail(day.ticks, voyage, 0.0, RESTRICTED, RESTRICTED), gyro=True)


def dredger(day: Day) -> Ship:
    """To and fro over a short patch at 1-2 kn, dredging."""
    lat, lon = day.open_water(coast_m=12_000.0)
    turn = np.arange(400)
    lats, lons = displaced(lat, lon, (turn // 2 % 8) * 60.0, np.where((turn + 1) % 4 < 2, 700.0, -700.0))
    voyage = Passage.at_speed(Route.through(lats, lons, corner_m=60.0, spacing_m=60.0), day.uniform(1.2, 1.9))
    return day.registry.ship("dredger", sail(day.ticks, voyage, 0.0, RESTRICTED, RESTRICTED), gyro=True)


def sailing_yacht(day: Day) -> Ship:
    """A yacht under sail far out."""
    ship = pleasure(day, afar=True)
    ship.motion.nav[:] = SAILING
    return ship


def _pilot_boat(day: Day) -> list[Ship]:
    return pilotage(day)[0]


def _bunker_pair(day: Day) -> list[Ship]:
    return bunkering(day)[0]


def _one(builder: Callable[[Day], Ship]) -> Callable[[Day], list[Ship]]:
    return lambda day: [builder(day)]


MIX: Final[tuple[tuple[float, Callable[[Day], list[Ship]]], ...]] = (
    (0.33, _one(trader)),
    (0.23, _one(moored)),
    (0.05, lambda day: [moored(day, "fishing")]),
    (0.08, _one(anchored)),
    (0.09, lambda day: [moored(day, "pleasure")]),
    (0.06, _one(pleasure)),
    (0.02, lambda day: [pleasure(day, afar=True)]),
    (0.04, _one(ferry)),
    (0.005, _one(fast_ferry)),
    (0.045, _one(trawler)),
    (0.01, trawler_pair),
    (0.006, tow),
    (0.004, convoy),
    (0.008, _bunker_pair),
    (0.010, _pilot_boat),
    (0.006, _one(lifeboat)),
    (0.004, _one(survey)),
    (0.004, _one(dredger)),
)
"""Shares of the fleet, judged from Danish days: a third under way, a third alongside."""


def background(day: Day, count: int) -> list[Ship]:
    """About ``count`` ordinary ships."""
    shares = np.array([share for share, _ in MIX])
    drawn = day.rng.choice(len(MIX), size=count, p=shares / shares.sum())
    return [ship for which in drawn for ship in MIX[which][1](day)]
