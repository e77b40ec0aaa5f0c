"""The first report of each vessel in each quarter hour: where she was about then, and when nobody heard her."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from watchkeeper.engine.memory import RowsByVessel
from watchkeeper.kernels.geodesy import distances_m
from watchkeeper.model.records import Array
from watchkeeper.model.time import HOUR, SECOND
from watchkeeper.model.units import METRES_PER_NMI, MS_PER_HOUR
from watchkeeper.model.whereabouts import BothHeard, Silence

SLACK_M = 1852.0
"""Position error and clock error, as in the engine's separation of hulls."""
SILENT_MS = 2 * HOUR


@dataclass(slots=True)
class _Silences:
    """Columns of all silences of :data:`SILENT_MS` or more, between two sightings."""

    vessel: Array
    start: Array
    end: Array
    lat0: Array
    lon0: Array
    lat1: Array
    lon1: Array


class Sightings:
    """Sightings ``(n,)`` in any order; repeats within a quarter hour are dropped but for the first."""

    def __init__(self, vessel: Array, t: Array, lat: Array, lon: Array, slot_ms: int) -> None:
        order = _ordered(vessel, t, lat, lon)
        vessel, t = vessel[order], t[order]
        slot = t // slot_ms
        first = np.ones(len(t), bool)
        first[1:] = (vessel[1:] != vessel[:-1]) | (slot[1:] != slot[:-1])
        self._vessel, self._t, self._slot = vessel[first], t[first], slot[first]
        self._of = RowsByVessel(self._vessel)
        self._lat, self._lon = lat[order][first], lon[order][first]

    def position(self, vessel: int, t: int) -> tuple[float, float] | None:
        """The sighting nearest in time; None for a vessel never heard."""
        mine = self._of[vessel]
        if mine.start == mine.stop:
            return None
        k = mine.start + int(np.argmin(np.abs(self._t[mine] - t)))
        return float(self._lat[k]), float(self._lon[k])

    def both_heard(self, vessel: int, other: int, max_kn: float) -> BothHeard:
        """Two vessels in the quarter hours in which both were heard."""
        a, b = self._of[vessel], self._of[other]
        _, i, j = np.intersect1d(self._slot[a], self._slot[b], assume_unique=True, return_indices=True)
        i, j = i + a.start, j + b.start
        if not len(i):
            return BothHeard(0, 0, -1, float("nan"), float("nan"))
        away = distances_m(self._lat[i], self._lon[i], self._lat[j], self._lon[j])
        seconds = np.abs(self._t[i] - self._t[j]) / SECOND
        far = away > SLACK_M + max_kn * METRES_PER_NMI / 3600.0 * seconds
        t = int(self._t[i[np.argmax(far)]]) if far.any() else -1
        return BothHeard(len(i), int(far.sum()), t, float(away.min()), float(away.max()))

    @cached_property
    def _silences(self) -> _Silences:
        at = np.flatnonzero(
            (self._vessel[1:] == self._vessel[:-1]) & (self._t[1:] - self._t[:-1] >= SILENT_MS)
        )
        return _Silences(
            self._vessel[at],
            self._t[at],
            self._t[at + 1],
            self._lat[at],
            self._lon[at],
            self._lat[at + 1],
            self._lon[at + 1],
        )

    def silences_near(
        self, vessel: int, lat: float, lon: float, start: int, end: int, max_kn: float
    ) -> list[Silence]:
        """Silences of other vessels in which they can have come to a place, lain there in a time, and gone again.

        In order of vessel and time.
        """
        s = self._silences
        touching = np.flatnonzero((s.vessel != vessel) & (s.start < end) & (s.end > start))
        here = np.full(len(touching), lat), np.full(len(touching), lon)
        per_m = MS_PER_HOUR / (max_kn * METRES_PER_NMI)
        arrives = s.start[touching] + per_m * distances_m(s.lat0[touching], s.lon0[touching], *here)
        leaves = s.end[touching] - per_m * distances_m(s.lat1[touching], s.lon1[touching], *here)
        stay = np.minimum(leaves, end) - np.maximum(arrives, start)
        return [
            Silence(
                int(s.vessel[k]),
                int(s.start[k]),
                int(s.end[k]),
                float(s.lat0[k]),
                float(s.lon0[k]),
                float(s.lat1[k]),
                float(s.lon1[k]),
                float(hours),
            )
            for k, hours in zip(touching[stay > 0], stay[stay > 0] / MS_PER_HOUR, strict=True)
        ]

    def longest_silence(self, vessel: int, start: int, end: int) -> float:
        """The longest time between two sightings, or since the last, that touches a time [h]."""
        t = self._t[self._of[vessel]]
        inside = np.concatenate([[start], t[(t > start) & (t < end)], [end]])
        return float(np.diff(inside).max() / MS_PER_HOUR)


def _ordered(vessel: Array, t: Array, lat: Array, lon: Array) -> Array:
    """The order by vessel, time, latitude, longitude: sorted by one number, and what is equal in that by the places."""
    if not len(t):
        return np.empty(0, np.int64)
    begin = t.min()
    key = (vessel.astype(np.int64) << int(t.max() - begin).bit_length()) | (t - begin)
    order = np.argsort(key, kind="stable")
    again = key[order[1:]] == key[order[:-1]]
    if again.any():
        equal = np.flatnonzero(np.r_[again, False] | np.r_[False, again])
        rows = order[equal]
        order[equal] = rows[np.lexsort((lon[rows], lat[rows], key[rows]))]
    return order
