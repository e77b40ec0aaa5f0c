"""Two ships that lie beside each other at sea, and those that rightly keep company."""

from typing import Final

from watchkeeper.exercises.at_sea import cruise_kn, trade
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.company import bunkering, convoy, pilotage, tow, trawler_pair
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.motion import Motion, beside, drift, lie


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
        "tanker", day.call_at(first.at(start - lead_s), start - lead_s, first, end + stays_s, cruise_kn(day))
    )
    two = day.registry.ship(trade(day), day.call_at(second.at(start), start, second, end, cruise_kn(day)))
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


ENCOUNTER: Final = Injection(
    "encounter",
    (transfer,),
    (bunkering_quiet, berth_neighbours, tow_quiet, convoy_quiet, pilot_quiet, trawlers_quiet),
)
