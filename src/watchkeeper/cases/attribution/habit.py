"""A ship against itself: its usual speed, its course and heading, and how it departed from them at a time.

Speeds are means over three minutes (three reports at least): one report errs by more than a ship can slow.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchkeeper.cases.attribution.settings import settings
from watchkeeper.cases.attribution.stretch import Floats
from watchkeeper.kernels.geodesy import distances_m
from watchkeeper.kernels.nearby import Times
from watchkeeper.model.records import Array
from watchkeeper.model.time import MINUTE
from watchkeeper.model.units import METRES_PER_NMI, MS_PER_HOUR

Flags = NDArray[np.bool_]

_MEAN_MS: Final = 3 * MINUTE
_MEAN_REPORTS: Final = 3
_LONGEST_STEP_MS: Final = 5 * MINUTE
_AT_MS: Final = 5 * MINUTE
_LOCAL_MS: Final = 120 * MINUTE
_LOCAL_KNOWN_MS: Final = 20 * MINUTE
_UNEVEN_LAG_MS: Final = 20 * MINUTE
_TURN_FROM_MS, _TURN_TO_MS = 8 * MINUTE, 25 * MINUTE
_COURSE_KN: Final = 2.0
_REST_KN: Final = 1.0
_NORMAL: Final = 1.4826
"""Standard deviation over median absolute deviation of a normal error."""


class Track(NamedTuple):
    """Reports of one ship in order of time: t [ms], place [deg], speed [kn], course, heading [deg]; NaN unknown."""

    t: Array
    lat: Array
    lon: Array
    sog_kn: Array
    cog_deg: Array
    heading_deg: Array

    def between(self, start: float, end: float) -> "Track":
        """The reports from ``start`` to ``end`` [ms], both included."""
        lo, hi = np.searchsorted(self.t, start, "left"), np.searchsorted(self.t, end, "right")
        return Track(*(column[lo:hi] for column in self))


@dataclass(frozen=True, slots=True)
class Habit:
    """What a ship did around a time, and what it does else. Knots and degrees; NaN where not known.

    ``at_kn`` at the crossing; ``usual_kn`` its upper quartile under way; ``local_kn`` its median in two hours around;
    ``lowest_kn`` the least near the crossing, and when; ``uneven`` how much its speed changes in 20 minutes by habit
    (a share); ``arrival`` whether it lay still shortly before or after.
    """

    at_kn: float
    usual_kn: float
    local_kn: float
    lowest_kn: float
    lowest_t: int
    uneven: float
    turn_deg: float
    scatter_deg: float
    usual_scatter_deg: float
    crab_deg: float
    usual_crab_deg: float
    arrival: bool

    @property
    def dip(self) -> float:
        """Brief loss of speed as a share, its own unevenness taken off; 0 where not known."""
        return _share_lost(self.lowest_kn, self.local_kn, self.uneven)

    @property
    def slow(self) -> float:
        """Loss of speed against the usual one as a share, its own unevenness taken off; 0 where not known."""
        return _share_lost(self.at_kn, self.usual_kn, self.uneven)


def _share_lost(speed: float, usual: float, uneven: float) -> float:
    if not usual >= settings().of("under_way") or speed != speed:
        return 0.0
    return max(0.0, 1.0 - speed / usual - uneven)


class Habits:
    """The whole track of a ship, prepared once for questions about its times."""

    def __init__(self, track: Track) -> None:
        self.track = track
        self.speed = _means(track)
        step = np.minimum(np.diff(track.t, append=track.t[-1:]), _LONGEST_STEP_MS)
        self._step = step.astype(np.float64)
        self._moving = self.speed >= settings().of("under_way")

    @cached_property
    def top(self) -> tuple[float, float]:
        """The speed [kn] that the ship exceeds in one hundredth of its time under way, and that time [ms]."""
        step = self._step[self._moving]
        return _quantile(self.speed[self._moving], step, 0.99), float(step.sum())

    def speed_at(self, t: Array) -> Floats:
        """Speed at the reports next to times [kn]."""
        at = np.clip(np.searchsorted(self.track.t, t), 0, len(self.track.t) - 1)
        return np.asarray(self.speed[at])

    def at(self, start: int, end: int) -> Habit:
        """The ship around a crossing between two times [ms]: equal where it was seen, apart where it was not heard."""
        rules, track, speed, step = settings(), self.track, self.speed, self._step
        away = np.maximum(np.maximum(start - track.t, track.t - end), 0)
        near = away <= rules.of("dip_within")
        moving = self._moving & ~near
        local = moving & (away <= _LOCAL_MS)
        usual = _quantile(speed[moving], step[moving], 0.75)
        lowest = int(np.argmin(np.where(near & np.isfinite(speed), speed, np.inf)))
        sailing, else_ = speed >= _COURSE_KN, away > 3 * rules.of("dip_within")
        rest = (track.sog_kn < _REST_KN) & (away <= rules.of("arrival"))
        known = step[local].sum() >= _LOCAL_KNOWN_MS
        return Habit(
            at_kn=_mean(speed[away <= _AT_MS]),
            usual_kn=usual if step[moving].sum() >= _LOCAL_KNOWN_MS else np.nan,
            local_kn=_quantile(speed[local], step[local], 0.5) if known else np.nan,
            lowest_kn=float(speed[lowest]) if near.any() else np.nan,
            lowest_t=int(track.t[lowest]),
            uneven=_unevenness(track.t, speed, moving, usual),
            turn_deg=_turn(track, start, end),
            scatter_deg=_scatter(track.cog_deg, near & sailing),
            usual_scatter_deg=_scatter(track.cog_deg, else_ & sailing),
            crab_deg=_crab(track, near & sailing),
            usual_crab_deg=_crab(track, else_ & sailing),
            arrival=bool(rest.any()),
        )


def _means(track: Track) -> Floats:
    """Mean speed [kn] of three minutes around each report; from the way where the ship sends no speed."""
    sog = track.sog_kn
    if np.isnan(sog).mean() > 0.5 and len(sog) > 1:
        metres = distances_m(track.lat[:-1], track.lon[:-1], track.lat[1:], track.lon[1:])
        hours = np.maximum(np.diff(track.t), 1) / MS_PER_HOUR
        sog = np.append(metres / METRES_PER_NMI / hours, np.nan)
    known = np.isfinite(sog)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, sog, 0.0))])
    count = np.concatenate([[0], np.cumsum(known)])
    n = np.arange(len(sog))
    half = _MEAN_REPORTS // 2
    low = np.minimum(np.searchsorted(track.t, track.t - _MEAN_MS / 2), np.maximum(n - half, 0))
    high = np.maximum(
        np.searchsorted(track.t, track.t + _MEAN_MS / 2, "right"), np.minimum(n + half + 1, len(sog))
    )
    reports = count[high] - count[low]
    with np.errstate(invalid="ignore"):
        return np.where(reports > 0, (total[high] - total[low]) / reports, np.nan)


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _quantile(values: Floats, weights: Floats, share: float) -> float:
    """Weighted quantile; NaN of nothing."""
    if not len(values) or weights.sum() <= 0.0:
        return float("nan")
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) >= share * weights.sum()
    return float(values[order][int(np.argmax(reached))])


def _unevenness(t: Times, speed: Floats, moving: Flags, usual: float) -> float:
    """How much the speed differs from that 20 minutes later, by habit, as a share of the usual one."""
    later = np.searchsorted(t, t + _UNEVEN_LAG_MS)
    inside = later < len(t)
    both = np.flatnonzero(inside & moving)
    both = both[moving[later[both]]]
    if not len(both) or usual != usual:
        return 0.0
    return float(_NORMAL * np.median(np.abs(speed[later[both]] - speed[both])) / np.sqrt(2.0) / usual)


def _turn(track: Track, start: int, end: int) -> float:
    """Change between the mean courses before and after [deg]."""
    before = track.between(start - _TURN_TO_MS, start - _TURN_FROM_MS).cog_deg
    after = track.between(end + _TURN_FROM_MS, end + _TURN_TO_MS).cog_deg
    courses = [np.angle(np.nanmean(np.exp(1j * np.radians(c)))) if np.isfinite(c).any() else np.nan
               for c in (before, after)]  # fmt: skip
    return float(np.degrees(np.abs(np.angle(np.exp(1j * (courses[1] - courses[0]))))))


def _wrapped(degrees: Floats) -> Floats:
    return (degrees + 180.0) % 360.0 - 180.0


def _scatter(cog: Floats, where: Flags) -> float:
    """Standard deviation of the course from report to report [deg]; a steady turn does not count."""
    both = where[1:] & where[:-1]
    change = np.abs(_wrapped(np.diff(cog)[both]))
    change = change[np.isfinite(change)]
    return float(_NORMAL * np.median(change) / np.sqrt(2.0)) if len(change) >= _MEAN_REPORTS else float("nan")


def _crab(track: Track, where: Flags) -> float:
    """Mean difference of heading and course, without sign of single reports [deg]."""
    side = np.exp(1j * np.radians(track.heading_deg[where] - track.cog_deg[where]))
    side = side[np.isfinite(side)]
    return float(np.degrees(np.abs(np.angle(side.mean())))) if len(side) >= _MEAN_REPORTS else float("nan")
