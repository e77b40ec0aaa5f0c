"""The ordinary sea: builders of ships that do what ships of their trade do all day."""

from typing import Final

import msgspec
import numpy as np

from watchkeeper.exercises.day import Day
from watchkeeper.exercises.geo import KNOT, displaced
from watchkeeper.exercises.motion import (
    FISHING,
    HIGH_SPEED,
    MOORED,
    RESTRICTED,
    UNDEFINED,
    UNDER_WAY,
    Motion,
    lie,
    passage,
    sail,
    swing,
)
from watchkeeper.exercises.routes import Passage, Route, wandering
from watchkeeper.exercises.ships import Ship, Station, Trip
from watchkeeper.exercises.world import Port

WRONG_STATUS_MOORED: Final = 0.3
"""Share of moored ships whose crew left the status at *under way*: common in every real file."""


def trader(day: Day, role: str | None = None, least_m: float = 0.0) -> Ship:
    """A cargo ship or tanker on a lane at 9-16 kn."""
    role = role or ("cargo" if day.rng.random() < 0.62 else "tanker")
    start, end, middle = day.lane(least_m)
    speed = day.uniform(9.0, 16.0)
    seconds = middle.length_m / (speed * KNOT)
    depart = day.uniform(-0.85 * seconds, day.seconds - 0.25 * min(day.seconds, seconds))
    return sailing(day, role, Trip(start, end, speed, depart))


def sailing(day: Day, role: str, trip: Trip) -> Ship:
    """A ship on a trip, on her own line in the lane and to berths of her own."""
    route = day.own_line(trip.start, trip.end)
    voyage = passage(day.rng, route, trip.speed_kn, (not trip.start.gateway, not trip.end.gateway))
    motion = sail(day.ticks, voyage, trip.depart_s)
    ship = day.registry.ship(role, leave_coverage(day, motion, voyage, trip.depart_s, trip.start, trip.end))
    ship.trip = trip
    ship.identities[0] = (
        ship.identities[0][0],
        msgspec.structs.replace(ship.identity, destination=trip.end.name.upper()),
    )
    return ship


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
    route = day.own_line(here, there)
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


def helicopter(day: Day) -> Ship:
    """A search-and-rescue aircraft (MMSI 111MIDxxx) at 120 kn."""
    _, _, route = day.lane(100_000.0)
    voyage = Passage.at_speed(route, day.uniform(110.0, 130.0))
    depart = day.uniform(0.2, 0.7) * day.seconds
    motion = sail(day.ticks, voyage, depart, 15, 15)
    motion.on &= (day.ticks >= depart) & (day.ticks <= depart + voyage.seconds)
    mmsi = 111_000_000 + day.world.region.mids[0] * 1_000 + int(day.rng.integers(100, 999))
    return Ship(mmsi, Station.SAR_AIRCRAFT, motion, [(-1e9, day.registry.identity("sar"))], gyro=False)
