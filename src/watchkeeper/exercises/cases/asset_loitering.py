"""A ship that stays over a cable or pipeline, and those that cross, trawl or anchor there."""

from typing import Final

import numpy as np

from watchkeeper.exercises.at_sea import cruise_kn, line_place, trade, wander
from watchkeeper.exercises.cases import Case, Injection, add
from watchkeeper.exercises.crossing import steady_crossing
from watchkeeper.exercises.day import Day
from watchkeeper.exercises.geo import distance_to_line_m
from watchkeeper.exercises.motion import swing
from watchkeeper.exercises.traffic import trawler


def over_line(day: Day) -> Case:
    """A ship goes about slowly over a cable or pipeline."""
    line, lat, lon = line_place(day)
    start, end = day.window(2.3, 5.0)
    speed = day.uniform(0.6, 1.5)
    stay = wander(day, (lat, lon), 520.0, speed, start, end)
    role = ("cargo", "tanker", "fishing", "research")[int(day.rng.integers(4))]
    ship = day.registry.ship(role, day.call_at((lat, lon), start, stay, end, cruise_kn(day)))
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
    ship = day.registry.ship(trade(day), swing(day.rng, day.ticks, *at))
    add(day, ship)
    what = "A ship lies in an anchorage that a cable passes."
    return Case("asset-loitering", False, ship, 0.0, day.seconds, what, asset=line.id)


def quick_crossing(day: Day) -> Case:
    return steady_crossing(day, "asset-loitering")


ASSET_LOITERING: Final = Injection(
    "asset-loitering", (over_line,), (quick_crossing, trawl_over_line, anchored_near_line)
)
