"""Where a ship is through the day: under way, moored, swinging at anchor, adrift, and pieced together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from watchkeeper.exercises.geo import KNOT, Array, course_deg, displaced, distance_m
from watchkeeper.exercises.routes import Passage, Route

TICK_S: Final = 30.0
"""Motion is kept at this step; a ship goes straight between two ticks."""

MOORED, AT_ANCHOR, UNDER_WAY, FISHING = 5, 1, 0, 7
NOT_UNDER_COMMAND, RESTRICTED, SAILING, TOWING, HIGH_SPEED, UNDEFINED = 2, 3, 8, 11, 9, 15
"""Navigational status codes of ITU-R M.1371, table 45."""

# Speed allowed at a distance from the berth [m -> kn]: manoeuvring, harbour, pilotage, then sea speed.
_OFF_BERTH_M: Final = (0.0, 500.0, 3_700.0, 11_000.0)
_HARBOUR_KN: Final = (2.0, 4.0, 8.0, 40.0)
# Stopping in open water: way is lost over the last mile.
_OFF_STOP_M: Final = (0.0, 300.0, 1_800.0, 3_600.0)
_STOPPING_KN: Final = (0.8, 2.5, 8.0, 40.0)

_TIDE_S: Final = 12.42 * 3600.0
"""Period of the principal lunar tide, M2."""

STILL_KN: Final = 0.2


@dataclass(slots=True)
class Motion:
    """Columns over the day's ticks: place [deg], heading [deg], navigational status, whether it transmits."""

    lat: Array
    lon: Array
    heading: Array
    nav: Array
    on: Array

    @classmethod
    def along(cls, lat: Array, lon: Array, nav: int | Array, rest_heading: float = 0.0) -> Self:
        """A track whose heading is its course, kept from before where the ship lies still."""
        heading = headings(lat, lon, rest_heading)
        status = np.broadcast_to(np.asarray(nav, np.int8), lat.shape).copy()
        return cls(lat, lon, heading, status, np.ones(lat.shape, np.bool_))

    def speed_kn(self) -> Array:
        """Speed from each tick to the next [kn], the last one repeated. Shape ``(n,)``."""
        step = distance_m(self.lat[:-1], self.lon[:-1], self.lat[1:], self.lon[1:])
        return np.append(step, step[-1]) / TICK_S / KNOT

    def course_deg(self) -> Array:
        """Course from each tick to the next [deg], the last one repeated."""
        leg = course_deg(self.lat[:-1], self.lon[:-1], self.lat[1:], self.lon[1:])
        return np.append(leg, leg[-1])

    def at(self, second: float) -> tuple[float, float]:
        """Place at a time (s from the start)."""
        tick = min(max(int(second / TICK_S), 0), len(self.lat) - 1)
        return float(self.lat[tick]), float(self.lon[tick])


def headings(lat: Array, lon: Array, rest_heading: float) -> Array:
    """Course at each tick; where still, the course last sailed (``rest_heading`` before any)."""
    step = distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
    moving = np.append(step, 0.0) > STILL_KN * KNOT * TICK_S
    leg = np.append(course_deg(lat[:-1], lon[:-1], lat[1:], lon[1:]), 0.0)
    last = np.maximum.accumulate(np.where(moving, np.arange(len(lat)), -1))
    return np.where(last >= 0, leg[np.maximum(last, 0)], rest_heading).astype(np.float32)


def passage(
    rng: np.random.Generator,
    route: Route,
    cruise_kn: float,
    berth: tuple[bool, bool] = (True, True),
    factor: Array | float = 1.0,
) -> Passage:
    """Sail ``route``: slow near its ends (a harbour where ``berth`` says so), and never quite even between.

    ``factor`` multiplies the sea speed along the route (one value or one for each point).
    """
    noise = 1.0 + 0.015 * np.sin(route.s / 9_000.0 + rng.random() * 6.28) + 0.01 * np.sin(route.s / 2_300.0)
    speed = cruise_kn * noise * factor
    for from_end, is_berth in ((route.s, berth[0]), (route.s[-1] - route.s, berth[1])):
        allowed = np.interp(from_end, _OFF_BERTH_M, _HARBOUR_KN) if is_berth else np.interp(
            from_end, _OFF_STOP_M, _STOPPING_KN
        )  # fmt: skip
        speed = np.minimum(speed, allowed)
    return Passage.at_speed(route, speed)


def sail(
    ticks: Array, voyage: Passage, depart_s: float, nav: int = UNDER_WAY, rest_nav: int = MOORED
) -> Motion:
    """A passage that begins at ``depart_s``; at rest at its ends before and after."""
    lat, lon = voyage.at(ticks - depart_s)
    moving = (ticks >= depart_s) & (ticks <= depart_s + voyage.seconds)
    first = float(
        course_deg(voyage.route.lat[0], voyage.route.lon[0], voyage.route.lat[1], voyage.route.lon[1])
    )
    return Motion.along(lat, lon, np.where(moving, nav, rest_nav), first)


def lie(ticks: Array, lat: float, lon: float, heading: float, nav: int = MOORED) -> Motion:
    """Alongside: nothing moves."""
    n = len(ticks)
    return Motion(
        np.full(n, lat),
        np.full(n, lon),
        np.full(n, heading, np.float32),
        np.full(n, nav, np.int8),
        np.ones(n, np.bool_),
    )


def swing(rng: np.random.Generator, ticks: Array, lat: float, lon: float, chain_m: float = 160.0) -> Motion:
    """At anchor: the ship lies downstream of its anchor, turns with the tide and yaws about it."""
    phase = 2.0 * np.pi * ticks / _TIDE_S + 0.3 * lon
    stream = np.radians(70.0 + 20.0 * rng.standard_normal()) + np.pi / 2.0 * (
        1.0 + np.tanh(3.0 * np.sin(phase))
    )
    yaw = np.radians(8.0) * np.sin(2.0 * np.pi * ticks / (600.0 + 300.0 * rng.random()))
    reach = chain_m * (1.0 + 0.05 * np.sin(ticks / 1_700.0 + rng.random() * 6.28))
    bearing = stream + yaw
    at_lat, at_lon = displaced(lat, lon, reach * np.cos(bearing), reach * np.sin(bearing))
    heading = (np.degrees(bearing) + 180.0) % 360.0
    n = len(ticks)
    return Motion(
        at_lat, at_lon, heading.astype(np.float32), np.full(n, AT_ANCHOR, np.int8), np.ones(n, np.bool_)
    )


def drift(
    rng: np.random.Generator,
    ticks: Array,
    start_s: float,
    start: tuple[float, float],
    speed_kn: float,
    course: float,
    heading: float,
) -> Motion:
    """Engine stopped at ``start_s``: carried along ``course``, the bow elsewhere, both turning slowly."""
    seconds = np.maximum(ticks - start_s, 0.0)
    way = np.radians(course + 6.0 * np.sin(seconds / 3_900.0 + rng.random() * 6.28))
    pace = 1.0 + 0.08 * np.sin(seconds / 1_500.0 + rng.random() * 6.28)
    step = speed_kn * KNOT * TICK_S * pace * (ticks >= start_s)
    lat, lon = displaced(*start, _before(step * np.cos(way)), _before(step * np.sin(way)))
    bow = (heading + 5.0 * np.sin(seconds / 1_100.0 + rng.random() * 6.28)) % 360.0
    n = len(ticks)
    return Motion(lat, lon, bow.astype(np.float32), np.full(n, UNDER_WAY, np.int8), np.ones(n, np.bool_))


def _before(step: Array) -> Array:
    """The sum of all earlier steps."""
    return np.concatenate(([0.0], np.cumsum(step)[:-1]))


def beside(motion: Motion, right_m: float, ahead_m: float = 0.0) -> tuple[Array, Array]:
    """The track of a place fixed in a ship's frame: metres to starboard and ahead of her."""
    bow = np.radians(motion.heading.astype(float))
    north = ahead_m * np.cos(bow) - right_m * np.sin(bow)
    east = ahead_m * np.sin(bow) + right_m * np.cos(bow)
    return displaced(motion.lat, motion.lon, north, east)


def joined(ticks: Array, first: Motion, rest: Sequence[tuple[float, Motion]]) -> Motion:
    """``first``, and from each given second on the next motion. All span the whole day."""
    names = ("lat", "lon", "heading", "nav", "on")
    columns = [getattr(first, name).copy() for name in names]
    for start_s, motion in rest:
        later = ticks >= start_s
        for column, name in zip(columns, names, strict=True):
            column[later] = getattr(motion, name)[later]
    return Motion(*columns)
