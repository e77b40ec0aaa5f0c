"""One pass over a track file: the legs that touch a time and could touch a place."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.geodesy import distance_m
from watchkeeper.model.records import Array

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

FIX_T, FIX_LAT, FIX_LON, FIX_AWAY, FIX_KNOWN = range(5)
"""Columns of a remembered report: time [ms], place [deg], distance from the centre [m] or -1, whether there is one."""


class Search(NamedTuple):
    """What is looked for: legs that overlap ``start`` to ``end`` [ms], within ``radius_m`` of a centre [deg].

    A leg of more than ``dark_ms`` counts where a ship of ``fastest`` metres per ms could have come within the radius
    on the way; one longer than ``longest_ms`` is not followed. Reports within ``hear_m`` of the centre are counted by
    slots of ``slot_ms``.
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
    rows, before = np.empty(len(t), np.int64), np.empty((3, len(t)))
    found = 0
    for i in range(len(t)):
        s = last[track[i]]
        begins = s[FIX_KNOWN] == 0.0
        previous, away_before = s[FIX_T], s[FIX_AWAY]
        away = -1.0
        inside = start <= t[i] <= end
        if inside or (not begins and previous <= end and t[i] >= start):
            away = distance_m(lat0, lon0, lat[i], lon[i])
        if inside and away <= search.hear_m:
            heard[(t[i] - start) // search.slot_ms] += 1
        if not begins and away >= 0.0 and t[i] - previous <= search.longest_ms:
            if away_before < 0.0:
                away_before = distance_m(lat0, lon0, s[FIX_LAT], s[FIX_LON])
            near = min(away, away_before) <= radius_m
            if not near and t[i] - previous > search.dark_ms:
                near = away + away_before - 2.0 * radius_m <= search.fastest * (t[i] - previous)
            if near:
                rows[found] = i
                before[0, found], before[1, found], before[2, found] = previous, s[FIX_LAT], s[FIX_LON]
                found += 1
        s[FIX_T], s[FIX_LAT], s[FIX_LON], s[FIX_AWAY], s[FIX_KNOWN] = t[i], lat[i], lon[i], away, 1.0
        if begins:
            first[track[i]] = s
    return rows[:found].copy(), before[:, :found].copy()
