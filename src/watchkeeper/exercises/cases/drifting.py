"""A ship carried sideways with her engine stopped, and those that only seem to be."""

from typing import Final

from watchkeeper.exercises.at_sea import all_day, cruise_kn, trade, wander
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.geo import KNOT
from watchkeeper.exercises.motion import drift
from watchkeeper.exercises.traffic import anchored, trader


def adrift(day: Day) -> Case:
    """Engine stopped at sea: carried sideways."""
    start, end = day.window(1.3, 4.8)
    speed = day.uniform(0.9, 2.6)
    place = day.open_water(coast_m=10_000.0 + speed * KNOT * (end - start) * 0.6)
    course = day.uniform(0.0, 360.0)
    angle = day.uniform(50.0, 115.0) * (1.0 if day.rng.random() < 0.5 else -1.0)
    stay = drift(day.rng, day.ticks, start, place, speed, course, course + angle)
    ship = day.registry.ship(trade(day), day.call_at(place, start, stay, end, cruise_kn(day)), gyro=True)
    add(day, ship)
    hours = (end - start) / 3600.0
    what = f"Engine stopped: {speed:.1f} kn, course {abs(angle):.0f} deg off the heading, {hours:.1f} h."
    return Case("drifting", True, ship, start, end, what)


def anchored_drift(day: Day) -> Case:
    return all_day(day, "drifting", anchored(day), "A ship swinging at anchor.")


def slow_ahead(day: Day) -> Case:
    start, end = day.window(2.5, 4.0)
    place = day.open_water()
    stay = wander(day, place, 7_000.0, day.uniform(2.0, 2.6), start, end)
    ship = day.registry.ship(trade(day), day.call_at(place, start, stay, end, cruise_kn(day)), gyro=True)
    add(day, ship)
    return Case("drifting", False, ship, start, end, "A ship steams slowly, heading where she goes.")


def crabbing(day: Day) -> Case:
    ship = trader(day, least_m=150_000.0)
    ship.gyro = True
    moving = ship.motion.speed_kn() > 5.0
    offset = day.uniform(13.0, 17.0)
    ship.motion.heading[moving] = (ship.motion.heading[moving] + offset) % 360.0
    return all_day(day, "drifting", ship, f"A ship crabs {offset:.0f} deg across a strong current.")


DRIFTING: Final = Injection("drifting", (adrift,), (anchored_drift, slow_ahead, crabbing))
