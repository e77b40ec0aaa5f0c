"""One pass over a track file: the legs that touch a time and could touch a place."""

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.geodesy import distance_m, wrap_deg
from watchkeeper.model.records import Array

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

FIX_T, FIX_LAT, FIX_LON, FIX_AWAY, FIX_KNOWN = range(5)
"""Columns of a remembered report: time [ms], place [deg], distance from the centre [m] (infinite where it is far beyond
what counts), whether there is one."""

_DEG: Final = math.pi / 180.0
_LEAST_RADIUS_M: Final = 6_335_000.0
"""Least radius of curvature of WGS84, with which angles come out too wide."""


class Search(NamedTuple):
    """What is looked for: legs that overlap ``start`` to ``end`` [ms], within ``radius_m`` of a centre [deg].

    A leg of more than ``dark_ms`` counts where a ship of ``fastest`` metres per ms could have come within the radius
    on the way; one longer than ``longest_ms`` is not followed. Reports within ``hear_m`` (not less than ``radius_m``)
    of the centre are counted by slots of ``slot_ms``.
    """

    start: int
    end: int
    lat: float
    lon: float
    radius_m: float
    dark_ms: int
    longest_ms: int
    fastest: float
    hear_m: float
    slot_ms: int


class Legs(NamedTuple):
    """Consecutive reports of one track: its number, then time [ms] and place [deg] of both. Shapes ``(n,)``."""

    track: Array
    t0: Array
    lat0: Array
    lon0: Array
    t1: Array
    lat1: Array
    lon1: Array


@kernel
def legs_near(
    search: Any, track: Array, t: Times, lat: Floats, lon: Floats, last: Floats, first: Floats, heard: Array
) -> Any:
    """Legs that pass the test of :class:`Search`, as row numbers of their second report and columns of the first.

    Args:
        search: a :class:`Search`.
        track: ``(n,)`` int32 track numbers; rows of one track in order of time.
        t, lat, lon: ``(n,)``.
        last, first: ``(tracks, 5)``: the last and the first report of each track; changed in place.
        heard: ``(slots,)`` int64 reports near the centre in each slot from ``start``; changed in place.

    Returns:
        ``(k,)`` int64 rows and ``(3, k)`` float64 time, latitude and longitude of the report before each.
    """
    start, end, lat0, lon0, radius_m = search.start, search.end, search.lat, search.lon, search.radius_m
    half_lat, half_lon = box(lat0, search.hear_m)
    rows, before = np.empty(len(t), np.int64), np.empty((3, len(t)))
    found = 0
    for i in range(len(t)):
        s = last[track[i]]
        begins = s[FIX_KNOWN] == 0.0
        previous, away_before = s[FIX_T], s[FIX_AWAY]
        # Outside the box the distance is greater than any that counts, unless a silence is to be judged.
        away = math.inf
        if abs(lat[i] - lat0) <= half_lat and abs(wrap_deg(lon[i] - lon0)) <= half_lon:
            away = distance_m(lat0, lon0, lat[i], lon[i])
            if away <= search.hear_m and start <= t[i] <= end:
                heard[(t[i] - start) // search.slot_ms] += 1
        if not begins and previous <= end and t[i] >= start and t[i] - previous <= search.longest_ms:
            near = min(away, away_before) <= radius_m
            if not near and t[i] - previous > search.dark_ms:
                ways = distance_m(lat0, lon0, lat[i], lon[i]) + distance_m(lat0, lon0, s[FIX_LAT], s[FIX_LON])
                near = ways - 2.0 * radius_m <= search.fastest * (t[i] - previous)
            if near:
                rows[found] = i
                before[0, found], before[1, found], before[2, found] = previous, s[FIX_LAT], s[FIX_LON]
                found += 1
        s[FIX_T], s[FIX_LAT], s[FIX_LON], s[FIX_AWAY], s[FIX_KNOWN] = t[i], lat[i], lon[i], away, 1.0
        if begins:
            first[track[i]] = s
    return rows[:found].copy(), before[:, :found].copy()


@kernel
def box(lat: float, metres: float) -> tuple[float, float]:
    """Half the height and width [deg] of a box in latitude and longitude that holds a circle about a latitude."""
    angle = metres / _LEAST_RADIUS_M
    half_lat = angle / _DEG
    if abs(lat) + half_lat >= 90.0 or angle >= 0.5 * math.pi:
        return half_lat, 180.0
    # The meridians that touch the circle: sin(turn) = sin(radius) / cos(latitude).
    return half_lat, math.asin(min(1.0, math.sin(angle) / math.cos(lat * _DEG))) / _DEG
