"""Faults of lines on the sea bed, each made by one ship among the ordinary ones: who, when and where is known.

Speeds follow the public cases: 14 % slower for some minutes (Newnew Polar Bear, ERR 2024-09-25) and 26 % slower for
hours (Yi Peng 3, Telegraph 2024-11-29). Half of the ships are not heard while they cross.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from watchkeeper.exercises.crossing import crossing_lane
from watchkeeper.exercises.day import Day, NoRoomError
from watchkeeper.exercises.geo import METRES_PER_NMI, displaced, distance_m
from watchkeeper.exercises.motion import TICK_S, passage, sail
from watchkeeper.exercises.ships import Edit, Heard, Ship
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.traffic import leave_coverage
from watchkeeper.model.time import HOUR, SECOND

_BRIEF, _LONG = 0.14, 0.26
_BRIEF_M: Final = 2_000.0
"""Half of the way sailed slowly in a brief case: 11 kn for 6 min."""

_LONG_M: Final = (9_000.0, 40_000.0)
_COURSE_NOISE_DEG: Final = (1.0, 25.0)
_DARK_MIN: Final = (20.0, 150.0)
_WINDOW_H: Final = (2.0, 6.0)
_UNCERTAINTY_NMI: Final = (2.0, 10.0)
_STRAIGHT_M: Final = 12_000.0
_APART_M, _APART_H = 120_000.0, 8.0
_ATTEMPTS: Final = 200

KINDS: Final = tuple(product((False, True), (_BRIEF, _LONG), _COURSE_NOISE_DEG))
"""Silent over the crossing, share of speed lost, noise of the course [deg]: the kinds come in turn."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is known afterwards (asset, window [ms UTC], place [deg] and its uncertainty [m]), and the truth: the ship
    and its crossing [ms UTC]."""

    asset: str
    start: int
    end: int
    lat: float
    lon: float
    uncertainty_m: float
    mmsi: int
    crossed: int
    silent: bool
    lost: float
    course_noise_deg: float


class Faults:
    """Puts ``count`` faults into a day (give it to ``simulate`` as ``scene``); :attr:`made` has them afterwards."""

    def __init__(self, spec: SimulationSpec, count: int) -> None:
        self._spec, self._count = spec, count
        self.made: list[Fault] = []

    def __call__(self, day: Day) -> None:
        day.throw("faults")
        for number in range(self._count):
            self.made.append(self._apart(day, *KINDS[(number + self._spec.seed) % len(KINDS)]))

    def _apart(self, day: Day, silent: bool, lost: float, noise_deg: float) -> Fault:
        """A fault so far from the others that no ship of theirs is slow or silent here too."""
        for _ in range(_ATTEMPTS):
            ship, fault = self._fault(day, silent, lost, noise_deg)
            if not any(_near(fault, other) for other in self.made):
                day.ships.append(ship)
                return fault
        raise NoRoomError("too many faults for a day")

    def _fault(self, day: Day, silent: bool, lost: float, noise_deg: float) -> tuple[Ship, Fault]:
        start, end, route, line, at = crossing_lane(day, _STRAIGHT_M)
        cruise = day.uniform(10.0, 13.0)
        before_m, after_m = (
            (_BRIEF_M, _BRIEF_M) if lost == _BRIEF else (day.uniform(*_LONG_M), day.uniform(*_LONG_M))
        )
        slow = np.array([at - before_m, at + min(after_m, route.length_m - at - 20_000.0)])
        edges = (slow[0] - 500.0, slow[0], slow[1], slow[1] + 800.0)
        ramp = np.interp(route.s, edges, (0.0, 1.0, 1.0, 0.0))
        voyage = passage(day.rng, route, cruise, (not start.gateway, not end.gateway), 1.0 - lost * ramp)
        depart = day.uniform(0.3, 0.75) * day.seconds - voyage.time_at(at)
        motion = leave_coverage(day, sail(day.ticks, voyage, depart), voyage, depart, start, end)
        crossed = depart + voyage.time_at(at)
        ship = day.registry.ship("cargo" if day.rng.random() < 0.5 else "tanker", motion)
        first, last = (depart + voyage.time_at(float(m)) for m in slow)
        ship.edits.append(_unsteady(first, last, noise_deg, int(day.rng.integers(2**32))))
        if silent:
            dark = [crossed - day.uniform(*_DARK_MIN) * 60.0, crossed + day.uniform(*_DARK_MIN) * 60.0]
            motion.on[max(0, int(dark[0] / TICK_S)) : int(dark[1] / TICK_S) + 1] = False
        ship.busy = True
        lat, lon = (float(c[0]) for c in route.at(np.array([at])))
        return ship, self._known(day, line.id, ship.mmsi, crossed, (lat, lon), (silent, lost, noise_deg))

    def _known(
        self, day: Day, asset: str, mmsi: int, crossed_s: float, at: tuple[float, float],
        kind: tuple[bool, float, float],
    ) -> Fault:  # fmt: skip
        """What the owner of the line would know: a window of hours, a place that is off by miles."""
        crossed = self._spec.start_ms + round(crossed_s * SECOND)
        length = day.uniform(*_WINDOW_H) * HOUR
        start = crossed - day.uniform(0.1, 0.9) * length
        radius = day.uniform(*_UNCERTAINTY_NMI) * METRES_PER_NMI
        off, course = radius * 0.9 * np.sqrt(day.rng.random()), day.uniform(0.0, 2.0 * np.pi)
        lat, lon = displaced(*at, off * np.cos(course), off * np.sin(course))
        return Fault(asset, round(start), round(start + length), float(lat), (float(lon) + 180.0) % 360.0 - 180.0,
                     radius, mmsi, crossed, *kind)  # fmt: skip


def _near(one: Fault, other: Fault) -> bool:
    """Whether two faults could have each other's ships in their windows."""
    away = float(distance_m(one.lat, one.lon, other.lat, other.lon))
    return away < _APART_M and abs(one.crossed - other.crossed) < _APART_H * HOUR


def _unsteady(first_s: float, last_s: float, noise_deg: float, seed: int) -> Edit:
    """Courses that scatter while the ship is slowed."""

    def edit(heard: Heard) -> None:
        rng = np.random.default_rng(seed)
        slowed = (heard.t >= first_s) & (heard.t <= last_s)
        noise = noise_deg * rng.standard_normal(int(slowed.sum()))
        heard.cog_deg[slowed] = np.round(heard.cog_deg[slowed] + noise, 1) % 360.0

    return edit
