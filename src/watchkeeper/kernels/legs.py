"""What lies between two reports of one track: time, distance, speed, and the ship's own usual speed."""

from typing import Any

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.geodesy import distance_m
from watchkeeper.model.records import Array

STATE = 8
"""Columns of the state of a track: known, t, lat, lon, sog, row, usual speed, seconds under way behind it."""

T, LAT, LON, SOG, ROW, METRES, SECONDS, KNOTS, USUAL = range(9)
"""Columns of the result of :func:`legs`."""

DOUBT_KN = 5.0
DOUBT_SHARE = 0.5
"""A reported speed that differs from that of the leg by more than the larger of the two (knots, or share of it) is
not borne out by the positions (a faulty sensor) and does not become the ship's habit. 5 kn is the error of a leg
of 10 s between two fixes 25 m off."""


@kernel
def legs(
    track: Array,
    begins: Array,
    t: Array,
    lat: Array,
    lon: Array,
    sog_kn: Array,
    row: Array,
    state: Array,
    under_way_kn: float,
    rise_s: float,
    fall_s: float,
    known_s: float,
) -> Any:
    """Join each report with the previous one of its track.

    Args:
        track, begins, t, lat, lon, sog_kn, row: ``(n,)``, grouped by track, in time order.
        state: ``(tracks, STATE)`` float64; changed in place.
        under_way_kn: slower reports do not count towards the usual speed [kn].
        rise_s, fall_s: how quickly the usual speed follows a higher, a lower speed (time constants) [s].
        known_s: time under way before the usual speed is known [s].

    Returns:
        ``(9, n)`` float64 (previous t [ms], lat, lon, sog [kn], metres, seconds, knots of the leg, usual speed
        before the report [kn]; NaN where there is none) with row ROW unused, and ``(n,)`` int64 previous raw rows.
    """
    n = len(t)
    out = np.empty((9, n), np.float64)
    row_before = np.empty(n, np.int64)
    for i in range(n):
        v = track[i]
        if begins[i] or state[v, 0] == 0:
            state[v, 0] = 1
            state[v, 6] = np.nan
            state[v, 7] = 0.0
            for k in range(9):
                out[k, i] = np.nan
            row_before[i] = -1
        else:
            seconds = (t[i] - state[v, 1]) / 1000.0
            metres = distance_m(state[v, 2], state[v, 3], lat[i], lon[i])
            out[T, i] = state[v, 1]
            out[LAT, i] = state[v, 2]
            out[LON, i] = state[v, 3]
            out[SOG, i] = state[v, 4]
            out[METRES, i] = metres
            out[SECONDS, i] = seconds
            out[KNOTS, i] = metres / seconds * 3600.0 / 1852.0 if seconds > 0 else 0.0
            out[USUAL, i] = state[v, 6] if state[v, 7] >= known_s else np.nan
            row_before[i] = np.int64(state[v, 5])
            borne_out = abs(sog_kn[i] - out[KNOTS, i]) <= max(DOUBT_KN, DOUBT_SHARE * out[KNOTS, i])
            if seconds < 3600.0 and sog_kn[i] >= under_way_kn and borne_out:
                if state[v, 6] != state[v, 6]:
                    state[v, 6] = sog_kn[i]
                else:
                    tau = rise_s if sog_kn[i] > state[v, 6] else fall_s
                    state[v, 6] += (sog_kn[i] - state[v, 6]) * (seconds / (tau + seconds))
                state[v, 7] += seconds
        state[v, 1] = t[i]
        state[v, 2] = lat[i]
        state[v, 3] = lon[i]
        state[v, 4] = sog_kn[i]
        state[v, 5] = row[i]
    return out, row_before
