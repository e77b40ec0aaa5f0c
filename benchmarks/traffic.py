"""Ships without end for measurements that last: what stations would send of them now, as NMEA with tag blocks."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from watchkeeper.exercises import nmea_kernels

SEAS: Final = (
    (54.0, 57.5, 2.0, 6.0), (44.0, 47.0, -12.0, -5.0), (37.5, 40.0, 4.5, 7.5), (33.0, 35.0, 20.0, 30.0),
    (12.0, 22.0, 60.0, 70.0), (6.0, 15.0, 84.0, 92.0), (12.0, 19.0, 112.0, 118.0), (26.0, 31.0, 123.0, 128.0),
    (30.0, 40.0, 145.0, 175.0), (20.0, 40.0, -160.0, -135.0), (24.0, 29.0, -95.0, -85.0), (25.0, 45.0, -65.0, -25.0),
    (-30.0, -10.0, -30.0, -5.0), (-35.0, -15.0, 60.0, 100.0),
)  # fmt: skip
"""Boxes of open sea: south, north, west, east [deg]."""

_TAG: Final = np.frombuffer(b"s:traffic,c:", np.uint8)
_TALKER: Final = np.frombuffer(b"AIVDM,", np.uint8)
_LETTERS: Final = 47
_STATIC_S: Final = 360.0
_KNOT_DEG_S: Final = 1.0 / 216_000.0
_HOUR_S: Final = 3600.0
FIRST_MMSI: Final = 210_000_000


@dataclass(frozen=True, slots=True)
class Chances:
    """How often what happens [per ship and hour]: a ship falls silent (for 1 to 8 h), stops (for 2 to 8 h), turns; how
    many numbers are misread [per second]."""

    silent: float = 0.002
    stops: float = 0.002
    turns: float = 0.5
    misread: float = 0.2


class Traffic:
    """Ships that sail, stop, fall silent and come back.

    Args:
        ships: how many.
        rate: sentences a second of all together.
        start: when they begin [s].
        seed: of the dice.
        chances: what happens to them.
    """

    def __init__(
        self, ships: int, rate: float, start: float, seed: int = 1, chances: Chances | None = None
    ) -> None:
        self.dice = np.random.default_rng(seed)
        dice, self.count, self.chances = self.dice, ships, chances or Chances()
        sea = np.array(SEAS)[dice.integers(0, len(SEAS), ships)]
        self.south, self.north, self.west, self.east = sea.T
        self.lat = dice.uniform(self.south, self.north)
        self.lon = dice.uniform(self.west, self.east)
        self.mmsi = (FIRST_MMSI + np.arange(ships) * 7 % 500_000_000).astype(np.int64)
        self.sog = dice.uniform(8.0, 18.0, ships)
        self.cog = dice.uniform(0.0, 360.0, ships)
        self.silent_until = np.full(ships, start)
        self.stopped_until = np.full(ships, start)
        interval = dice.choice([2.0, 3.33, 6.0, 10.0], ships, p=[0.05, 0.2, 0.35, 0.4])
        static_rate = 2 * ships / _STATIC_S
        self.interval = interval * (1.0 / interval).sum() / max(rate - static_rate, 1.0)
        self.due = start + dice.uniform(0, 1, ships) * self.interval
        self.said = start + dice.uniform(0, 1, ships) * _STATIC_S
        self.moved = np.full(ships, start)
        self.at = start
        self._texts = np.zeros((ships + 1, _LETTERS), np.int64)
        self._texts[:ships] = dice.integers(1, 27, (ships, _LETTERS))
        self._size = np.tile(np.array([100, 40, 12, 12, 95], np.int64), (ships, 1))
        self._imo = _imo_numbers(ships)
        self._type = np.full(ships, 70, np.int64)
        self._word = np.zeros(80, np.int64)
        self._misread = 0.0

    def until(self, at: float) -> bytes:
        """What is sent up to a time [s], in order."""
        hours = (at - self.at) / _HOUR_S
        self._happens(hours, at)
        self._misread += self.chances.misread * min(at - self.at, 1.0)
        now = np.flatnonzero(self.due <= at)
        heard = now[self.silent_until[now] <= at]
        self._move(now, at)
        self.due[now] = np.maximum(self.due[now] + self.interval[now], at)
        talks = np.flatnonzero(self.said <= at)
        self.said[talks] += _STATIC_S * (np.floor((at - self.said[talks]) / _STATIC_S) + 1.0)
        talks = talks[self.silent_until[talks] <= at]
        self.at = at
        return self._static(talks, at) + self._positions(heard, at, self.mmsi[heard]) + self._wrong(at)

    def history(self, start: float, until: float, every_s: float) -> bytes:
        """A thin past: every ship each so many seconds, the next part at each call; empty at its end."""
        self._misread, at = 0.0, max(start, self.at) + every_s
        if at > until:
            return b""
        self.due[:], self.said[:] = at, np.where(self.at <= start, at, self.said)
        lines = self.until(at)
        self.due[:] = until + self.dice.uniform(0, 1, self.count) * self.interval
        return lines

    def _happens(self, hours: float, at: float) -> None:
        dice, n, chances = self.dice, self.count, self.chances
        for until, chance, most in (
            (self.silent_until, chances.silent, 8.0), (self.stopped_until, chances.stops, 8.0),
        ):  # fmt: skip
            hit = dice.integers(0, n, dice.poisson(chance * hours * n))
            until[hit] = at + dice.uniform(1.0, most, len(hit)) * _HOUR_S
        turns = dice.integers(0, n, dice.poisson(chances.turns * hours * n))
        self.cog[turns] = (self.cog[turns] + dice.normal(0.0, 25.0, len(turns))) % 360.0

    def _move(self, now: np.ndarray, at: float) -> None:
        seconds = at - self.moved[now]
        self.moved[now] = at
        kn = np.where(self.stopped_until[now] > at, 0.3, self.sog[now])
        way = kn * seconds * _KNOT_DEG_S
        course = np.radians(self.cog[now])
        lat = self.lat[now] + way * np.cos(course)
        lon = self.lon[now] + way * np.sin(course) / np.cos(np.radians(lat))
        out = (
            (lat < self.south[now])
            | (lat > self.north[now])
            | (lon < self.west[now])
            | (lon > self.east[now])
        )
        self.cog[now[out]] = (self.cog[now[out]] + 180.0) % 360.0
        self.lat[now], self.lon[now] = (np.where(out, self.lat[now], lat), np.where(out, self.lon[now], lon))

    def _positions(self, who: np.ndarray, at: float, mmsi: np.ndarray) -> bytes:
        n = len(who)
        if not n:
            return b""
        out = np.empty(n * nmea_kernels.LINE_BYTES, np.uint8)
        stopped = self.stopped_until[who] > at
        end = nmea_kernels.position_lines(
            out, 0, self._word, np.full(n, int(at)), np.zeros((n, 6), np.int64), np.zeros(n, np.int64),
            mmsi, self.lat[who], self.lon[who],
            np.where(stopped, 0.3, self.sog[who]), self.cog[who], np.floor(self.cog[who]),
            np.zeros(n, np.int64), self._texts, np.full(n, self.count), _TAG, _TALKER,
        )  # fmt: skip
        return out[:end].tobytes()

    def _static(self, who: np.ndarray, at: float) -> bytes:
        n = len(who)
        if not n:
            return b""
        out = np.empty(n * nmea_kernels.LINE_BYTES, np.uint8)
        end = nmea_kernels.static_lines(
            out, 0, self._word, np.full(n, int(at)), np.zeros(n, bool), self.mmsi[who], self._imo, self._type,
            self._size, self._texts, who, _TAG, _TALKER,
        )  # fmt: skip
        return out[:end].tobytes()

    def _wrong(self, at: float) -> bytes:
        """Numbers that no ship has, heard once: bits that were misread."""
        many, self._misread = int(self._misread), self._misread % 1.0
        who = self.dice.integers(0, self.count, many)
        return self._positions(who, at, self.dice.integers(201_000_000, 775_000_000, many))


def _imo_numbers(n: int) -> np.ndarray:
    """Numbers whose last digit is right."""
    stem = 900_000 + np.arange(n) % 99_999
    digits = stem[:, None] // 10 ** np.arange(5, -1, -1) % 10
    return stem * 10 + (digits * np.arange(7, 1, -1)).sum(axis=1) % 10
