"""The possible way of a silent ship: from its last report to its next, by way of the stretch, round the land.

Everything errs towards *could have*: see ``docs/decisions/0009-attribution.md``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchkeeper.cases.attribution.stretch import Floats, Stretch
from watchkeeper.kernels.plane import from_plane, to_plane
from watchkeeper.kernels.water import LONGEST_SHARE, ways

CELLS: Final = 160
"""Cells across the grid."""

_SAMPLES: Final = 2
"""Points in a cell, each way: it is water if any of them is."""

_WIDER: Final = 1.5
"""From one grid to the next."""

_SLACK_CELLS: Final = 1.5
"""Both ends are taken to the middle of their cells, at most 0.7 cells away each."""

_COAST_ERROR_M: Final = 3_000.0
"""The coast outline errs by a kilometre and has no harbours: around a report there is water."""

_SMALLEST_M: Final = 10_000.0
_POINTS: Final = 400

_KN_PER_M_MS: Final = 3_600_000.0 / 1852.0
_NO_SPEED: Final = 1e-12

IsLand = Callable[[Floats, Floats], NDArray[np.bool_]]


class Fix(NamedTuple):
    """A report: time [ms UTC] and place [deg]."""

    t: int
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Possible:
    """A possible crossing: when at the earliest, at the latest, likeliest; where likeliest.

    ``way_m`` is the shortest way over the stretch, ``direct_m`` the shortest way at all (both over water);
    ``round_land`` whether land was looked at. ``evenness`` is the even speed over that way, divided by the greatest
    speed needed on either side of the stretch to be there in the window: 1 where an even speed does. With one end
    known both ways are equal and the speed is even.
    """

    earliest: int
    latest: int
    likeliest: int
    lat: float
    lon: float
    way_m: float
    direct_m: float
    evenness: float
    round_land: bool

    @property
    def directness(self) -> float:
        """Direct way over way by the stretch: 1 where the crossing was on the way, near 0 for a ship in port."""
        return self.direct_m / self.way_m if self.way_m > 0.0 else 1.0


class Impossible(NamedTuple):
    """Why the ship cannot have crossed: ``"speed"`` (with the speed it would have needed [kn]), ``"land"``,
    ``"window"`` (it could have crossed, but not in the window)."""

    why: str
    needed_kn: float


class Water:
    """Water around the stretch, on grids of growing width that are made when needed."""

    def __init__(self, stretch: Stretch, is_land: IsLand | None) -> None:
        self.stretch = stretch
        self._is_land = is_land
        self._grids: dict[float, NDArray[np.bool_]] = {}
        x1, y1 = self.plane(stretch.inside.lat1, stretch.inside.lon1)
        x2, y2 = self.plane(stretch.inside.lat2, stretch.inside.lon2)
        pieces = max(1, _POINTS // len(x1))
        share = (np.arange(pieces) + 0.5) / pieces
        self.x = (x1[:, None] + share * (x2 - x1)[:, None]).ravel()
        self.y = (y1[:, None] + share * (y2 - y1)[:, None]).ravel()

    def plane(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
        """Metres east and north of the middle of the stretch."""
        return to_plane(self.stretch.lat, self.stretch.lon, lat, lon)

    def place(self, point: int) -> tuple[float, float]:
        """Latitude and longitude of a point of the stretch."""
        lat, lon = from_plane(self.stretch.lat, self.stretch.lon, self.x[[point]], self.y[[point]])
        return float(lat[0]), float(lon[0])

    def grid(self, half_m: float) -> tuple[NDArray[np.bool_], float]:
        """Water cells of a square at least so wide on each side of the middle, and the width of a cell [m]."""
        half = _SMALLEST_M * _WIDER ** np.ceil(np.log(max(half_m / _SMALLEST_M, 1.0)) / np.log(_WIDER))
        if half not in self._grids:
            self._grids[half] = self._water(half)
        return self._grids[half], 2.0 * half / CELLS

    def _water(self, half: float) -> NDArray[np.bool_]:
        if self._is_land is None:
            return np.ones((CELLS, CELLS), np.bool_)
        n = CELLS * _SAMPLES
        at = (np.arange(n) + 0.5) * (2.0 * half / n) - half
        x, y = np.meshgrid(at, at)
        lat, lon = from_plane(self.stretch.lat, self.stretch.lon, x.ravel(), y.ravel())
        dry = self._is_land(lat, lon).reshape(CELLS, _SAMPLES, CELLS, _SAMPLES)
        return np.asarray(~dry.all(axis=(1, 3)))


class Ways:
    """Lengths of shortest ways [m] from a report to places in the plane, and over the grid where land is in between."""

    def __init__(self, water: Water, fix: Fix, half_m: float, limit_m: float) -> None:
        x, y = water.plane(np.array([fix.lat]), np.array([fix.lon]))
        self.x, self.y = float(x[0]), float(y[0])
        cells, self.cell = water.grid(half_m)
        self.half = self.cell * CELLS / 2.0
        self.far: Floats | None = None
        row, column = (int(np.clip((v + self.half) / self.cell, 0, CELLS - 1)) for v in (self.y, self.x))
        if not cells.all():
            wet = cells.copy()
            around = int(np.ceil(_COAST_ERROR_M / self.cell))
            wet[max(0, row - around) : row + around + 1, max(0, column - around) : column + around + 1] = True
            longest = (limit_m + 2.0 * _SLACK_CELLS * self.cell) * LONGEST_SHARE
            self.far = ways(wet, row, column, self.cell, longest)

    def to(self, x: Floats, y: Floats) -> Floats:
        """Shortest way to each place [m]; at most the true one. Infinite where no way over water is short enough."""
        straight: Floats = np.hypot(x - self.x, y - self.y)
        if self.far is None:
            return straight
        row = np.clip((y + self.half) / self.cell, 0, CELLS - 1).astype(np.int64)
        column = np.clip((x + self.half) / self.cell, 0, CELLS - 1).astype(np.int64)
        longer: Floats = self.far[row, column] / LONGEST_SHARE - _SLACK_CELLS * self.cell
        return np.maximum(straight, longer)


class Silent:
    """A silence between two reports: top speed [m/ms], the longest way in its time [m], and the ways from both ends."""

    def __init__(self, water: Water, before: Fix, after: Fix, top_m_per_ms: float) -> None:
        self.water, self.before, self.after = water, before, after
        self.duration = after.t - before.t
        x, y = water.plane(np.array([before.lat, after.lat]), np.array([before.lon, after.lon]))
        self.after_xy = x[1:], y[1:]
        self.straight = sum(np.hypot(water.x - x[k], water.y - y[k]) for k in (0, 1))
        apart = float(np.hypot(x[1] - x[0], y[1] - y[0]))
        self.top = max(top_m_per_ms, 1.01 * apart / self.duration)
        self.limit = self.top * self.duration
        # A place whose ways to both ends together are within the limit is no farther than this from either.
        self.half = float(np.hypot(x, y).min()) + (self.limit + apart) / 2.0

    @cached_property
    def ways(self) -> tuple[Ways, Ways]:
        """The ways from both reports."""
        return tuple(Ways(self.water, fix, self.half, self.limit) for fix in (self.before, self.after))  # type: ignore[return-value]

    def needed_kn(self, way_m: float) -> float:
        """The speed that a way takes in the time of the silence [kn]."""
        return way_m / self.duration * _KN_PER_M_MS


def possible_way(silent: Silent, window: tuple[int, int]) -> Possible | Impossible:
    """Whether a silent ship can have crossed the stretch inside the window (first and last time [ms UTC])."""
    water, before, after, top = silent.water, silent.before, silent.after, silent.top
    if silent.straight.min() > silent.limit:
        return Impossible("speed", silent.needed_kn(float(silent.straight.min())))
    first, second = silent.ways
    out, back = first.to(water.x, water.y), second.to(water.x, water.y)
    needed = silent.needed_kn(float((out + back).min()))
    at = np.flatnonzero(out + back <= silent.limit)
    if not len(at):
        return Impossible("land", needed)
    earliest, latest = before.t + out[at] / top, after.t - back[at] / top
    in_time = (earliest <= window[1]) & (latest >= window[0])
    if not in_time.any():
        return Impossible("window", needed)
    at, earliest, latest = at[in_time], earliest[in_time], latest[in_time]
    out, back = out[at], back[at]
    even = (out + back) / silent.duration
    most = np.maximum(
        out / np.maximum(window[1] - before.t, 1.0), back / np.maximum(after.t - window[0], 1.0)
    )
    evenness = np.minimum(1.0, even / np.maximum(most, _NO_SPEED))
    best = int(np.argmin((out + back) / evenness))
    low, high = max(window[0], earliest[best]), min(window[1], latest[best])
    way = float(out[best] + back[best])
    likeliest = before.t + silent.duration * float(out[best]) / max(way, 1.0)
    return Possible(
        int(max(window[0], earliest.min())),
        int(min(window[1], latest.max())),
        int(np.clip(likeliest, low, high)),
        *water.place(int(at[best])),
        way_m=way,
        direct_m=min(float(first.to(*silent.after_xy)[0]), way),
        evenness=float(evenness[best]),
        round_land=first.far is not None,
    )


def possible_from_one_end(
    water: Water, fix: Fix, until: int, top_m_per_ms: float, window: tuple[int, int]
) -> Possible | Impossible:
    """As :func:`possible_way` where the ship was heard on one side only.

    Args:
        until: when the silence ends [ms]; before ``fix.t`` where the ship was not heard *before* ``fix``.
    """
    forward = until > fix.t
    latest_arrival = min(window[1], until) if forward else max(window[0], until)
    limit = top_m_per_ms * abs(latest_arrival - fix.t)
    x, y = water.plane(np.array([fix.lat]), np.array([fix.lon]))
    straight = float(np.hypot(water.x - x, water.y - y).min())
    needed = straight / max(1, abs(latest_arrival - fix.t)) * _KN_PER_M_MS
    if straight > limit:
        return Impossible("speed", needed)
    legs = Ways(water, fix, float(np.hypot(x, y)[0]) + limit, limit)
    out = legs.to(water.x, water.y)
    best = int(np.argmin(out))
    if out[best] > limit:
        return Impossible("land", needed)
    soonest = int(fix.t + out[best] / top_m_per_ms) if forward else int(fix.t - out[best] / top_m_per_ms)
    span = (max(window[0], soonest), latest_arrival) if forward else (latest_arrival, min(window[1], soonest))
    way, round_land = float(out[best]), legs.far is not None
    return Possible(*span, int(np.clip(soonest, *span)), *water.place(best), way, way, 1.0, round_land)
