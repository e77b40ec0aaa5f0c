"""Stretches of a track in which a condition holds, with their beginnings remembered between batches."""

from typing import Any

import numpy as np

from watchkeeper.kernels.circles import MOMENTS, add_point, begin_points
from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.geodesy import distance_m, wrap_deg
from watchkeeper.model.records import Array
from watchkeeper.model.time import NO_TIME

# Columns of a run, of its state and of the result alike.
ACTIVE, START, END, FIRST, LAST, N, ASSET, LOW_T, LOW_ROW = range(9)
INTS = 9
(LAT0, LON0, LAT1, LON1, DLAT, DLON, LAT_MIN, LAT_MAX, LON_MIN, LON_MAX) = range(10)
PATH, SOG_MIN, SOG_MAX, SOG_SUM, SOG_N, VALUE_SUM, VALUE_N, LOW = range(10, 18)
NORTH, EAST, COURSES, CRAB_SUM, CRAB_N, EVERY_SUM, EVERY_N = range(18, 25)
FLOATS = 25
WIDE = FLOATS + MOMENTS
"""``LON_MIN`` and ``LON_MAX`` are relative to the first longitude, so that 180 degrees is no edge. ``NORTH`` and
``EAST`` add up the unit vectors of the courses. A state of ``WIDE`` columns also adds up what a circle is fitted to."""


# State is given as the whole table and a row number, and results go into tables made beforehand: a view of a row, or an
# array that is replaced by a larger one, costs numba counted references at every report (24 ns instead of 3).


@kernel
def _begin(ints: Array, floats: Array, k: int, t: int, row: int, lat: float, lon: float, asset: int) -> None:
    for column in range(INTS):
        ints[k, column] = 0
    for column in range(floats.shape[1]):
        floats[k, column] = 0.0
    ints[k, ACTIVE] = 1
    ints[k, START] = t
    ints[k, FIRST] = row
    ints[k, ASSET] = asset
    ints[k, LOW_T] = -1
    ints[k, LOW_ROW] = -1
    floats[k, LAT0] = lat
    floats[k, LON0] = lon
    floats[k, LAT1] = lat
    floats[k, LON1] = lon
    floats[k, LAT_MIN] = lat
    floats[k, LAT_MAX] = lat
    floats[k, SOG_MIN] = np.inf
    floats[k, SOG_MAX] = -np.inf
    floats[k, LOW] = np.inf


@kernel
def _extend(
    ints: Array,
    floats: Array,
    k: int,
    t: int,
    row: int,
    lat: float,
    lon: float,
    sog: float,
    value: float,
    low: float,
    asset: int,
    leg_m: float,
) -> None:
    floats[k, PATH] += leg_m
    ints[k, END] = t
    ints[k, LAST] = row
    ints[k, N] += 1
    dlon = wrap_deg(lon - floats[k, LON0])
    floats[k, LAT1] = lat
    floats[k, LON1] = lon
    floats[k, DLAT] += lat - floats[k, LAT0]
    floats[k, DLON] += dlon
    floats[k, LAT_MIN] = min(floats[k, LAT_MIN], lat)
    floats[k, LAT_MAX] = max(floats[k, LAT_MAX], lat)
    floats[k, LON_MIN] = min(floats[k, LON_MIN], dlon)
    floats[k, LON_MAX] = max(floats[k, LON_MAX], dlon)
    if sog == sog:
        floats[k, SOG_MIN] = min(floats[k, SOG_MIN], sog)
        floats[k, SOG_MAX] = max(floats[k, SOG_MAX], sog)
        floats[k, SOG_SUM] += sog
        floats[k, SOG_N] += 1
    if value == value:
        floats[k, VALUE_SUM] += value
        floats[k, VALUE_N] += 1
    if low < floats[k, LOW]:
        floats[k, LOW] = low
        ints[k, LOW_T] = t
        ints[k, LOW_ROW] = row
        ints[k, ASSET] = asset


@kernel
def _steer(floats: Array, k: int, cog_deg: float, heading_deg: float) -> None:
    """Add one course, and its difference to the heading."""
    if cog_deg != cog_deg:
        return
    floats[k, NORTH] += np.cos(np.radians(cog_deg))
    floats[k, EAST] += np.sin(np.radians(cog_deg))
    floats[k, COURSES] += 1
    if heading_deg == heading_deg:
        floats[k, CRAB_SUM] += abs(wrap_deg(heading_deg - cog_deg))
        floats[k, CRAB_N] += 1


@kernel
def _most_closed(track: Array, mask: Array) -> int:
    """No more runs can close in a batch: each was active before it, or begins with a report that it holds."""
    most = 0
    for i in range(len(track)):
        most += mask[i] or i == 0 or track[i] != track[i - 1]
    return most


@kernel
def runs(
    track: Array,
    mask: Array,
    begins: Array,
    t: Array,
    row: Array,
    lat: Array,
    lon: Array,
    sog_kn: Array,
    value: Array,
    low: Array,
    asset: Array,
    cog_deg: Array,
    heading_deg: Array,
    row_before: Array,
    leg_m: Array,
    courses: bool,
    split: bool,
    ints: Array,
    floats: Array,
    last_t: Array,
    at_least_ms: int,
    bridge_ms: int,
    silence_ms: int,
    at_most_ms: int,
) -> Any:
    """Close and extend the runs of each track.

    Args:
        track ... leg_m: ``(n,)`` columns, grouped by track, in time order. ``begins`` breaks a run; ``value`` is
            averaged; of ``low`` the least is kept, with its time, row and asset. ``row_before`` and ``leg_m`` are the
            previous report of the track and the way from it: what is known already is not measured again.
        courses: whether courses and headings are added up too.
        split: whether a change of ``asset`` ends a run.
        ints, floats, last_t: the state, ``(tracks, INTS)``, ``(tracks, FLOATS or WIDE)``, ``(tracks,)`` time of the
            previous report (any); changed in place.
        at_least_ms: shorter runs are dropped.
        bridge_ms: how long the condition may fail inside a run.
        silence_ms: a longer silence ends a run.
        at_most_ms: a run that would become longer ends before, and the next begins; 0 for no limit.

    Returns:
        Closed runs: tracks ``(m,)``, ints ``(m, INTS)``, floats ``(m, FLOATS or WIDE)``.
    """
    n = len(t)
    room = _most_closed(track, mask)
    width = floats.shape[1]
    out_track = np.empty(room, np.int32)
    out_ints = np.empty((room, INTS), np.int64)
    out_floats = np.empty((room, width), np.float64)
    count = 0
    k, before, active = -1, NO_TIME, 0
    for i in range(n):
        if track[i] != k:  # the state is touched once a track, as most rows neither begin nor extend a run
            if k >= 0:
                last_t[k] = before
            k = track[i]
            before = last_t[k]
            active = ints[k, ACTIVE]
        if not mask[i] and active == 0:
            before = t[i]
            continue
        if active:
            stop = begins[i] or t[i] - before > silence_ms or t[i] - ints[k, END] > bridge_ms
            full = at_most_ms > 0 and mask[i] and t[i] - ints[k, START] > at_most_ms
            if stop or full or (split and mask[i] and asset[i] != ints[k, ASSET]):
                if ints[k, END] - ints[k, START] >= at_least_ms:
                    out_track[count] = k
                    for column in range(INTS):
                        out_ints[count, column] = ints[k, column]
                    for column in range(width):
                        out_floats[count, column] = floats[k, column]
                    count += 1
                active = 0
                ints[k, ACTIVE] = 0
        if mask[i]:
            if active == 0:
                active = 1
                _begin(ints, floats, k, t[i], row[i], lat[i], lon[i], asset[i])
                if width > FLOATS:
                    begin_points(floats, k, FLOATS, lat[i])
            if width > FLOATS:
                dlat, dlon = lat[i] - floats[k, LAT0], wrap_deg(lon[i] - floats[k, LON0])
                add_point(floats, k, FLOATS, dlat, dlon)
            way_m = 0.0
            if ints[k, N] and ints[k, LAST] == row_before[i]:
                way_m = leg_m[i]
            elif ints[k, N]:
                way_m = distance_m(floats[k, LAT1], floats[k, LON1], lat[i], lon[i])
            _extend(
                ints, floats, k, t[i], row[i], lat[i], lon[i], sog_kn[i], value[i], low[i], asset[i], way_m
            )
            if courses:
                _steer(floats, k, cog_deg[i], heading_deg[i])
            if not begins[i] and before != NO_TIME and t[i] - before <= silence_ms:
                floats[k, EVERY_SUM] += t[i] - before
                floats[k, EVERY_N] += 1
        before = t[i]
    if k >= 0:
        last_t[k] = before
    # Copies: what is kept of a batch must not keep the room for all that could have closed.
    return out_track[:count].copy(), out_ints[:count].copy(), out_floats[:count].copy()
