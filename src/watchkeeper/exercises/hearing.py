"""What a shore network hears: reporting intervals, loss with distance, outages, the reports."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from watchkeeper.exercises.geo import Array, distance_m
from watchkeeper.exercises.grid import Grid
from watchkeeper.exercises.motion import AT_ANCHOR, MOORED, TICK_S, Motion
from watchkeeper.exercises.ships import Heard, Ship, Station

# ITU-R M.1371-5, annex 1, tables 1 and 2: reporting intervals [s] by speed [kn].
_A_SPEEDS: Final = (14.0, 23.0)
_A_INTERVAL: Final = np.array([10.0, 6.0, 2.0])
_A_TURNING: Final = np.array([10.0 / 3.0, 2.0, 2.0])
_A_AT_REST_S: Final = 180.0
_A_AT_REST_KN: Final = 3.0
_B_SPEEDS: Final = (2.0, 14.0, 23.0)
_B_INTERVAL: Final = np.array([180.0, 30.0, 15.0, 5.0])
_OTHER_INTERVAL: Final = {Station.BASE: 10.0, Station.ATON: 180.0, Station.SAR_AIRCRAFT: 10.0,
                          Station.SART: 60.0, Station.MOB: 60.0}  # fmt: skip
_TURNING_DEG: Final = 5.0
"""A heading this far from that of half a minute ago is a change of course (M.1371, annex 2, 3.3.4)."""

STATIC_INTERVAL_S: Final = 360.0
_STATIC_HEARD: Final = 0.85

# Loss by distance offshore: 5 % at the coast, 30 % from 60 nmi on; a class B transmitter (2 W) is worse.
_LOSS: Final = ((0.0, 111_000.0), (0.05, 0.30))
_LOSS_CLASS_B: Final = 0.10
_FAR_M: Final = 45_000.0
_QUARTER_S: Final = 900.0
_QUARTER_LOST_B: Final = 0.25

_GPS_NOISE_M: Final = 3.0
_SPEED_NOISE_KN: Final = 0.06


@dataclass(frozen=True, slots=True)
class Outage:
    """A receiver that hears nothing: middle, radius [m], span [s]."""

    lat: float
    lon: float
    radius_m: float
    start_s: float
    end_s: float

    def silences(self, lat: Array, lon: Array, t: Array) -> Array:
        """Which reports are lost to it."""
        inside = (t >= self.start_s) & (t <= self.end_s)
        if inside.any():
            inside[inside] = distance_m(lat[inside], lon[inside], self.lat, self.lon) < self.radius_m
        return inside


def intervals(ship: Ship) -> Array:
    """The reporting interval of ITU-R M.1371 at each tick [s]."""
    if ship.station in _OTHER_INTERVAL:
        return np.full(len(ship.motion.lat), _OTHER_INTERVAL[ship.station])
    speed = ship.motion.speed_kn()
    if ship.station is Station.CLASS_B:
        return _B_INTERVAL[np.searchsorted(_B_SPEEDS, speed)]
    heading = ship.motion.heading.astype(float)
    turn = np.abs((np.diff(heading, prepend=heading[:1]) + 180.0) % 360.0 - 180.0) > _TURNING_DEG
    band = np.searchsorted(_A_SPEEDS, speed)
    interval = np.where(turn & (speed > 1.0), _A_TURNING[band], _A_INTERVAL[band])
    at_rest = np.isin(ship.motion.nav, (AT_ANCHOR, MOORED)) & (speed <= _A_AT_REST_KN)
    return np.where(at_rest, _A_AT_REST_S, interval)


def chance_heard(rng: np.random.Generator, grid: Grid, ship: Ship) -> Array:
    """Chance that a report sent at each tick is received."""
    motion = ship.motion
    coast = grid.coast_distance_m(motion.lat, motion.lon)
    heard = 1.0 - np.interp(coast, *_LOSS)
    if ship.station is Station.CLASS_B:
        heard -= _LOSS_CLASS_B
        quarter = (np.arange(len(coast)) * TICK_S / _QUARTER_S).astype(int)
        lost = rng.random(quarter[-1] + 1) < _QUARTER_LOST_B
        heard = np.where(lost[quarter] & (coast > _FAR_M), 0.0, heard)
    return heard * motion.on


def floor_for(durations: dict[float, float], rows: float) -> float:
    """The least interval [s] at which the network forwards one ship, so that ``rows`` reports result.

    ``durations``: seconds of transmission that would be heard, by reporting interval.
    """
    low, high = 1.0, 7_200.0
    interval = np.array(list(durations))
    seconds = np.array(list(durations.values()))
    for _ in range(60):
        middle = float(np.sqrt(low * high))
        expected = float((seconds / np.maximum(interval, middle)).sum())
        low, high = (middle, high) if expected > rows else (low, middle)
    return high


def hear(
    rng: np.random.Generator, ship: Ship, chance: Array, interval: Array, outages: list[Outage]
) -> Heard:
    """The received reports of one ship, honest but for the errors of its sensors."""
    due = np.concatenate(([0.0], np.cumsum(TICK_S / interval)[:-1])) + rng.random()
    count = int(due[-1])
    t = np.interp(np.arange(1, count + 1), due, np.arange(len(due)) * TICK_S)
    t += rng.uniform(-0.4, 0.4, count)
    tick = np.clip((t / TICK_S).astype(np.int64), 0, len(due) - 2)
    kept = (rng.random(count) < chance[tick]) & (t >= 0.0)
    t, tick = t[kept], tick[kept]
    motion = ship.motion
    u = t / TICK_S - tick
    lat = motion.lat[tick] + u * (motion.lat[tick + 1] - motion.lat[tick])
    lon = motion.lon[tick] + u * (motion.lon[tick + 1] - motion.lon[tick])
    quiet = np.zeros(len(t), np.bool_)
    for outage in outages:
        quiet |= outage.silences(lat, lon, t)
    if quiet.any():
        t, tick, lat, lon = (column[~quiet] for column in (t, tick, lat, lon))
    return _measured(rng, ship, motion, t, tick, lat, lon)


def _measured(
    rng: np.random.Generator, ship: Ship, motion: Motion, t: Array, tick: Array, lat: Array, lon: Array
) -> Heard:
    """Add what the ship's sensors measure: speed, course, heading, each with its noise and resolution."""
    n = len(t)
    speed = np.maximum(0.0, motion.speed_kn()[tick] + _SPEED_NOISE_KN * rng.standard_normal(n))
    speed = np.where(speed < 0.1, 0.0, np.round(speed, 1))
    # Course over ground is noise where the ship hardly moves.
    scatter = np.degrees(np.arctan2(0.12, np.maximum(speed, 0.02)))
    course = (motion.course_deg()[tick] + scatter * rng.standard_normal(n)) % 360.0
    heading = (np.round(motion.heading[tick] + 0.6 * rng.standard_normal(n))) % 360.0
    north = rng.standard_normal(n) * _GPS_NOISE_M / 111_200.0
    east = rng.standard_normal(n) * _GPS_NOISE_M / 111_200.0 / np.cos(np.radians(lat))
    return Heard(
        t, lat + north, lon + east, speed, np.round(course, 1) % 360.0,
        heading if ship.gyro else np.full(n, np.nan), motion.nav[tick].copy(),
    )  # fmt: skip


def static_times(rng: np.random.Generator, ship: Ship, chance: Array) -> Array:
    """When static messages of a ship are received [s]."""
    t = np.arange(rng.random() * STATIC_INTERVAL_S, len(chance) * TICK_S, STATIC_INTERVAL_S)
    tick = np.minimum((t / TICK_S).astype(np.int64), len(chance) - 1)
    return t[rng.random(len(t)) < chance[tick] * _STATIC_HEARD]
