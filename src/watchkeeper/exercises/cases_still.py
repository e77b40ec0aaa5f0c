"""Cases of ships that hardly move: encounters, loitering, drifting, loitering over a line on the sea bed."""

from typing import Final

import numpy as np

from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.company import bunkering, convoy, pilotage, tow, trawler_pair
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import KNOT, distance_to_line_m
from watchkeeper.exercises.motion import UNDER_WAY, Motion, beside, drift, lie, sail, swing
from watchkeeper.exercises.routes import Passage, wandering
from watchkeeper.exercises.ships import Ship
from watchkeeper.exercises.traffic import anchored, dredger, survey, trader, trawler
from watchkeeper.exercises.world import BedLine

_FROM_PLACES_M: Final = 12_000.0
_APART_M: Final = 9_000.0


def _role(day: Day) -> str:
    return "cargo" if day.rng.random() < 0.5 else "tanker"


def _cruise(day: Day) -> float:
    return day.uniform(9.5, 13.0)


# Encounters


def transfer(day: Day) -> Case:
    """Two ships meet at sea and lie beside each other for hours."""
    start, end = day.window(2.8, 6.0)
    place = day.open_water(apart_m=15_000.0)
    course = day.uniform(0.0, 360.0)
    lead_s, stays_s = day.uniform(20.0, 50.0) * 60.0, day.uniform(10.0, 40.0) * 60.0
    speed = day.uniform(0.2, 0.6)
    first = drift(day.rng, day.ticks, start - lead_s, place, speed, course, course + day.uniform(-20.0, 20.0))
    gap_m = day.uniform(130.0, 330.0)
    lat, lon = beside(first, gap_m, day.uniform(-40.0, 40.0))
    second = Motion(lat, lon, first.heading, first.nav, first.on.copy())
    one = day.registry.ship(
        "tanker", day.call_at(first.at(start - lead_s), start - lead_s, first, end + stays_s, _cruise(day))
    )
    two = day.registry.ship(_role(day), day.call_at(second.at(start), start, second, end, _cruise(day)))
    add(day, one, two)
    hours = (end - start) / 3600.0
    what = f"Two ships lie {gap_m:.0f} m apart in open water for {hours:.1f} h at {speed:.1f} kn."
    return Case("encounter", True, one, start, end, what, two)


def bunkering_quiet(day: Day) -> Case:
    ships, start, end = bunkering(day)
    add(day, *ships)
    return Case("encounter", False, ships[0], start, end, "A barge bunkers a ship in an anchorage.", ships[1])


def berth_neighbours(day: Day) -> Case:
    port = day.port()
    heading = port.approach_deg + 90.0
    ships = [
        day.registry.ship("cargo", lie(day.ticks, *port.take_berth(), heading % 360.0)) for _ in range(2)
    ]
    add(day, *ships)
    return Case("encounter", False, ships[0], 0.0, day.seconds, "Two ships at neighbouring berths.", ships[1])


def tow_quiet(day: Day) -> Case:
    ships = tow(day)
    add(day, *ships)
    return Case(
        "encounter", False, ships[0], 0.0, day.seconds, "A tug with her tow 300 m astern at 6 kn.", ships[1]
    )


def convoy_quiet(day: Day) -> Case:
    ships = convoy(day)
    add(day, *ships)
    return Case("encounter", False, ships[0], 0.0, day.seconds, "Two ships in company at 10 kn.", ships[1])


def pilot_quiet(day: Day) -> Case:
    ships, start, end = pilotage(day)
    add(day, *ships)
    return Case("encounter", False, ships[0], start, end, "A pilot boards a ship under way.", ships[1])


def trawlers_quiet(day: Day) -> Case:
    ships = trawler_pair(day)
    add(day, *ships)
    return Case("encounter", False, ships[0], 0.0, day.seconds, "Two trawlers with one net.", ships[1])


# Loitering


def _wander(
    day: Day, place: tuple[float, float], radius_m: float, speed_kn: float, start: float, end: float
) -> Motion:
    route = wandering(day.rng, *place, radius_m, 1.15 * speed_kn * KNOT * (end - start))
    pace = speed_kn * (1.0 + 0.1 * np.sin(route.s / 700.0))
    return sail(day.ticks, Passage.at_speed(route, pace), start, UNDER_WAY, UNDER_WAY)


def loiter(day: Day) -> Case:
    """A cargo ship or tanker goes about slowly in open sea."""
    start, end = day.window(4.5, 9.5)
    place = day.open_water()
    speed = day.uniform(0.5, 1.2)
    stay = _wander(day, place, day.uniform(1_200.0, 2_200.0), speed, start, end)
    ship = day.registry.ship(_role(day), day.call_at(place, start, stay, end, _cruise(day)))
    add(day, ship)
    what = f"A ship wanders at {speed:.1f} kn in open sea for {(end - start) / 3600.0:.1f} h."
    return Case("loitering", True, ship, start, end, what)


def _quiet(day: Day, behaviour: str, ship: Ship, what: str) -> Case:
    add(day, ship)
    return Case(behaviour, False, ship, 0.0, day.seconds, what)


def anchored_loiter(day: Day) -> Case:
    return _quiet(day, "loitering", anchored(day), "A ship at anchor in an anchorage.")


def pilot_station(day: Day) -> Case:
    ships, start, end = pilotage(day)
    add(day, *ships)
    return Case("loitering", False, ships[0], start, end, "A pilot boat waits at her station.")


def trawler_loiter(day: Day) -> Case:
    return _quiet(day, "loitering", trawler(day), "A trawler at work.")


def survey_quiet(day: Day) -> Case:
    return _quiet(day, "loitering", survey(day), "A research ship on survey lines.")


def dredger_quiet(day: Day) -> Case:
    return _quiet(
        day, "loitering", dredger(day), "A dredger at work, restricted in her ability to manoeuvre."
    )


# Drifting


def adrift(day: Day) -> Case:
    """Engine stopped at sea: carried sideways."""
    start, end = day.window(1.3, 4.8)
    speed = day.uniform(0.9, 2.6)
    place = day.open_water(coast_m=10_000.0 + speed * KNOT * (end - start) * 0.6)
    course = day.uniform(0.0, 360.0)
    angle = day.uniform(50.0, 115.0) * (1.0 if day.rng.random() < 0.5 else -1.0)
    stay = drift(day.rng, day.ticks, start, place, speed, course, course + angle)
    ship = day.registry.ship(_role(day), day.call_at(place, start, stay, end, _cruise(day)), gyro=True)
    add(day, ship)
    hours = (end - start) / 3600.0
    what = f"Engine stopped: {speed:.1f} kn, course {abs(angle):.0f} deg off the heading, {hours:.1f} h."
    return Case("drifting", True, ship, start, end, what)


def anchored_drift(day: Day) -> Case:
    return _quiet(day, "drifting", anchored(day), "A ship swinging at anchor.")


def slow_ahead(day: Day) -> Case:
    start, end = day.window(2.5, 4.0)
    place = day.open_water()
    stay = _wander(day, place, 7_000.0, day.uniform(2.0, 2.6), start, end)
    ship = day.registry.ship(_role(day), day.call_at(place, start, stay, end, _cruise(day)), gyro=True)
    add(day, ship)
    return Case("drifting", False, ship, start, end, "A ship steams slowly, heading where she goes.")


def crabbing(day: Day) -> Case:
    ship = trader(day, least_m=150_000.0)
    ship.gyro = True
    moving = ship.motion.speed_kn() > 5.0
    offset = day.uniform(13.0, 17.0)
    ship.motion.heading[moving] = (ship.motion.heading[moving] + offset) % 360.0
    return _quiet(day, "drifting", ship, f"A ship crabs {offset:.0f} deg across a strong current.")


# Loitering over a line


def line_place(day: Day) -> tuple[BedLine, float, float]:
    """A point of a sea-bed line in open water, away from ports, anchorages and other scenes."""
    grid = day.world.grid
    for _ in range(4_000):
        line = day.world.lines[int(day.rng.integers(len(day.world.lines)))]
        leg = int(day.rng.integers(len(line.lat) - 1))
        u = float(day.rng.random())
        lat = float(line.lat[leg] + u * (line.lat[leg + 1] - line.lat[leg]))
        lon = float(line.lon[leg] + u * (line.lon[leg + 1] - line.lon[leg]))
        point = np.array([lat]), np.array([lon])
        if grid.coast_distance_m(*point)[0] < 7_000.0 or not day.is_free(lat, lon, _APART_M):
            continue
        if (
            day.world.place_distance_m(*point)[0] > _FROM_PLACES_M
            and np.isin(grid.cell(*point), day.world.room)[0]
        ):
            day.taken.append((lat, lon))
            return line, lat, lon
    raise NoRoomError("no free place on a line")


def over_line(day: Day) -> Case:
    """A ship goes about slowly over a cable or pipeline."""
    line, lat, lon = line_place(day)
    start, end = day.window(2.3, 5.0)
    speed = day.uniform(0.6, 1.5)
    stay = _wander(day, (lat, lon), 520.0, speed, start, end)
    role = ("cargo", "tanker", "fishing", "research")[int(day.rng.integers(4))]
    ship = day.registry.ship(role, day.call_at((lat, lon), start, stay, end, _cruise(day)))
    add(day, ship)
    what = f"A ship stays within 0.3 nmi of {line.name} at {speed:.1f} kn for {(end - start) / 3600.0:.1f} h."
    return Case("asset-loitering", True, ship, start, end, what, asset=line.id)


def trawl_over_line(day: Day) -> Case:
    line, lat, lon = line_place(day)
    ship = trawler(day, (lat, lon))
    add(day, ship)
    return Case(
        "asset-loitering", False, ship, 0.0, day.seconds, "A trawler tows across a line.", asset=line.id
    )


def anchored_near_line(day: Day) -> Case:
    port = day.world.ports[int(day.rng.integers(3))]
    line = next(line for line in day.world.lines if line.name == f"{port.name} Inshore")
    lats, lons = np.array(port.anchors).T
    near = np.argsort(distance_to_line_m(lats, lons, line.lat, line.lon))[:4]
    at = port.anchors[int(near[int(day.rng.integers(4))])]
    ship = day.registry.ship(_role(day), swing(day.rng, day.ticks, *at))
    add(day, ship)
    what = "A ship lies in an anchorage that a cable passes."
    return Case("asset-loitering", False, ship, 0.0, day.seconds, what, asset=line.id)


STILL: Final = (
    Injection(
        "encounter",
        (transfer,),
        (bunkering_quiet, berth_neighbours, tow_quiet, convoy_quiet, pilot_quiet, trawlers_quiet),
    ),
    Injection(
        "loitering", (loiter,), (anchored_loiter, pilot_station, trawler_loiter, survey_quiet, dredger_quiet)
    ),
    Injection("drifting", (adrift,), (anchored_drift, slow_ahead, crabbing)),
)
