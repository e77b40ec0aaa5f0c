"""A ship that goes about slowly in open sea, and those that work or wait there."""

from typing import Final

from watchkeeper.exercises.at_sea import all_day, cruise_kn, trade, wander
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.company import pilotage
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.traffic import anchored, dredger, survey, trawler


def loiter(day: Day) -> Case:
    """A cargo ship or tanker goes about slowly in open sea."""
    start, end = day.window(4.5, 9.5)
    place = day.open_water()
    speed = day.uniform(0.5, 1.2)
    stay = wander(day, place, day.uniform(1_200.0, 2_200.0), speed, start, end)
    ship = day.registry.ship(trade(day), day.call_at(place, start, stay, end, cruise_kn(day)))
    add(day, ship)
    what = f"A ship wanders at {speed:.1f} kn in open sea for {(end - start) / 3600.0:.1f} h."
    return Case("loitering", True, ship, start, end, what)


def anchored_loiter(day: Day) -> Case:
    return all_day(day, "loitering", anchored(day), "A ship at anchor in an anchorage.")


def pilot_station(day: Day) -> Case:
    ships, start, end = pilotage(day)
    add(day, *ships)
    return Case("loitering", False, ships[0], start, end, "A pilot boat waits at her station.")


def trawler_loiter(day: Day) -> Case:
    return all_day(day, "loitering", trawler(day), "A trawler at work.")


def survey_quiet(day: Day) -> Case:
    return all_day(day, "loitering", survey(day), "A research ship on survey lines.")


def dredger_quiet(day: Day) -> Case:
    return all_day(
        day, "loitering", dredger(day), "A dredger at work, restricted in her ability to manoeuvre."
    )


LOITERING: Final = Injection(
    "loitering",
    (loiter,),
    (anchored_loiter, pilot_station, trawler_loiter, survey_quiet, dredger_quiet),
)
