"""Stretches of a track in which a condition holds, with their beginnings remembered between batches."""

from typing import Any

import numpy as np

from watchkeeper.kernels.circles import MOMENTS, add_point, begin_points
from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.geodesy import distance_m
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


@kernel
def _begin(ints: Array, floats: Array, t: int, row: int, lat: float, lon: float, asset: int) -> None:
    for k in range(INTS):
        ints[k] = 0
    for k in range(len(floats)):
        floats[k] = 0.0
    ints[ACTIVE] = 1
    ints[START] = t
    ints[FIRST] = row
    ints[ASSET] = asset
    ints[LOW_T] = -1
    ints[LOW_ROW] = -1
    floats[LAT0] = lat
    floats[LON0] = lon
    floats[LAT1] = lat
    floats[LON1] = lon
    floats[LAT_MIN] = lat
    floats[LAT_MAX] = lat
    floats[SOG_MIN] = np.inf
    floats[SOG_MAX] = -np.inf
    floats[LOW] = np.inf


@kernel
def _extend(
    ints: Array,
    floats: Array,
    t: int,
    row: int,
    lat: float,
    lon: float,
    sog: float,
    value: float,
    low: float,
    asset: int,
) -> None:
    floats[PATH] += distance_m(floats[LAT1], floats[LON1], lat, lon)
    ints[END] = t
    ints[LAST] = row
    ints[N] += 1
    dlon = lon - floats[LON0]
    dlon = (dlon + 540.0) % 360.0 - 180.0
    floats[LAT1] = lat
    floats[LON1] = lon
    floats[DLAT] += lat - floats[LAT0]
    floats[DLON] += dlon
    floats[LAT_MIN] = min(floats[LAT_MIN], lat)
    floats[LAT_MAX] = max(floats[LAT_MAX], lat)
    floats[LON_MIN] = min(floats[LON_MIN], dlon)
    floats[LON_MAX] = max(floats[LON_MAX], dlon)
    if sog == sog:
        floats[SOG_MIN] = min(floats[SOG_MIN], sog)
        floats[SOG_MAX] = max(floats[SOG_MAX], sog)
        floats[SOG_SUM] += sog
        floats[SOG_N] += 1
    if value == value:
        floats[VALUE_SUM] += value
        floats[VALUE_N] += 1
    if low < floats[LOW]:
        floats[LOW] = low
        ints[LOW_T] = t
        ints[LOW_ROW] = row
        ints[ASSET] = asset


@kernel
def _steer(floats: Array, cog_deg: float, heading_deg: float) -> None:
    """Add one course, and its difference to the heading."""
    if cog_deg != cog_deg:
        return
    floats[NORTH] += np.cos(np.radians(cog_deg))
    floats[EAST] += np.sin(np.radians(cog_deg))
    floats[COURSES] += 1
    if heading_deg == heading_deg:
        floats[CRAB_SUM] += abs((heading_deg - cog_deg + 540.0) % 360.0 - 180.0)
        floats[CRAB_N] += 1


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
        track ... heading_deg: ``(n,)`` columns, grouped by track, in time order. ``begins`` breaks a run; ``value`` is
            averaged; of ``low`` the least is kept, with its time, row and asset.
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
    room = 16
    out_track = np.empty(room, np.int32)
    out_ints = np.empty((room, INTS), np.int64)
    width = floats.shape[1]
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
                    if count == room:
                        room *= 2
                        grown = np.empty(room, np.int32)
                        grown[:count] = out_track
                        out_track = grown
                        more = np.empty((room, INTS), np.int64)
                        more[:count] = out_ints
                        out_ints = more
                        wide = np.empty((room, width), np.float64)
                        wide[:count] = out_floats
                        out_floats = wide
                    out_track[count] = k
                    out_ints[count] = ints[k]
                    out_floats[count] = floats[k]
                    count += 1
                active = 0
                ints[k, ACTIVE] = 0
        if mask[i]:
            if active == 0:
                active = 1
                _begin(ints[k], floats[k], t[i], row[i], lat[i], lon[i], asset[i])
                if width > FLOATS:
                    begin_points(floats[k, FLOATS:], lat[i])
            if width > FLOATS:
                add_point(
                    floats[k, FLOATS:],
                    lat[i] - floats[k, LAT0],
                    (lon[i] - floats[k, LON0] + 540.0) % 360.0 - 180.0,
                )
            _extend(ints[k], floats[k], t[i], row[i], lat[i], lon[i], sog_kn[i], value[i], low[i], asset[i])
            if courses:
                _steer(floats[k], cog_deg[i], heading_deg[i])
            if not begins[i] and before != NO_TIME and t[i] - before <= silence_ms:
                floats[k, EVERY_SUM] += t[i] - before
                floats[k, EVERY_N] += 1
        before = t[i]
    if k >= 0:
        last_t[k] = before
    return out_track[:count], out_ints[:count], out_floats[:count]
