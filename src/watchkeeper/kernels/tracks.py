"""Separate the hulls that send one MMSI, and drop what several receivers heard of one report.

A vessel has two tracks. A report belongs to the track from which it can have been reached; when it can
be reached from neither, it begins one of the two anew: the displaced one, else the one heard longer ago.
This is the idea of segment building (Global Fishing Watch, gpsdio-segment) reduced to two hulls and constant
memory.
"""

from typing import Any

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.geodesy import distance_m
from watchkeeper.model.records import Array

KEEP, DISPLACED, REENTRY, BEGINS, SECOND = 1, 2, 4, 8, 16
"""Bits of the result: the report is kept; its track began by a jump; the vessel comes back to such a track;
the track begins here; it is the vessel's track number 1 (not 0)."""

STATE = 12
"""Columns of the state of a vessel: per track t, lat, lon, reports, displaced (2 x 5), last track, reports in all."""

RECENT = 8
"""How many reports of a vessel are remembered to recognise second receptions."""


@kernel
def _replaceable(state: Array, v: int, last: int) -> int:
    """The track that a report reachable from neither begins anew: the displaced one, else the older one."""
    other = 1 - last
    if state[v, 5 * other + 3] == 0:
        return other
    if state[v, 5 * last + 4] != state[v, 5 * other + 4]:
        return last if state[v, 5 * last + 4] > 0 else other
    return other if state[v, 5 * other] <= state[v, 5 * last] else last


@kernel
def separate(
    vessel: Array,
    t: Array,
    lat: Array,
    lon: Array,
    same: Array,
    state: Array,
    recent: Array,
    recent_t: Array,
    max_kn: float,
    slack_m: float,
    repeat_ms: int,
    echo_ms: int,
) -> Any:
    """Decide for each report (grouped by vessel, in time order) which track it belongs to.

    Args:
        vessel, t, lat, lon: ``(n,)`` dense number, ms UTC, degrees.
        same: ``(n,)`` uint64, a hash of what the report says; equal for two receptions of one report.
        state: ``(vessels, STATE)`` float64, reports 0 for a vessel not seen; changed in place.
        recent, recent_t: ``(vessels, RECENT)`` uint64 hashes and int64 times of the last kept reports; changed in
            place.
        max_kn, slack_m: a report is reachable within slack_m + max_kn x time.
        repeat_ms: a report equal to the last one within this time is a second reception, not kept.
        echo_ms: so is one equal to an earlier one, after the ship had moved on, within this time.

    Returns:
        ``(n,)`` uint8 of the bits above, and ``(4, n)`` float64 of the other track where displaced, else NaN: its
        distance [m], its last latitude and longitude [deg], and the seconds since.
    """
    out = np.empty(len(t), np.uint8)
    other_track = np.full((4, len(t)), np.nan)
    speed = max_kn * 1852.0 / 3_600_000.0
    for i in range(len(t)):
        v = vessel[i]
        seen = state[v, 11] > 0
        last = int(state[v, 10])
        newest = int(state[v, 11]) % RECENT
        heard_before = False
        for k in range(RECENT):
            window = repeat_ms if k == newest or same[i] == recent[v, newest] else echo_ms
            if seen and same[i] == recent[v, k] and t[i] - recent_t[v, k] <= window:
                heard_before = True
        if heard_before:
            out[i] = 0
            continue
        track = -1
        least = 0.0
        for k in range(2):
            if state[v, 5 * k + 3] > 0:
                away = distance_m(state[v, 5 * k + 1], state[v, 5 * k + 2], lat[i], lon[i])
                # Within the slack of the ship's own track it is hers: a displaced one that ended on her way, or
                # begins there, must not draw her over to it as she passes.
                if away <= slack_m and state[v, 5 * k + 4] == 0 and state[v, 5 * (1 - k) + 4] > 0:
                    track = k
                    break
                if away <= slack_m + speed * (t[i] - state[v, 5 * k]) and (track < 0 or away < least):
                    track = k
                    least = away
        bits = KEEP
        if track < 0:
            bits |= BEGINS
            track = 0
            if seen:
                track = _replaceable(state, v, last)
            other = 1 - track
            # A track of one or two reports before the jump was itself the odd one.
            jumped = state[v, 5 * other + 3] >= 3 and state[v, 5 * other + 4] == 0
            state[v, 5 * track + 3] = 0
            state[v, 5 * track + 4] = 1.0 if jumped else 0.0
        elif track != last:
            # Two hulls from the beginning: neither jumped, both go on. The one heard second is the displaced one.
            if track == 1 and state[v, 9] == 0 and state[v, 4] == 0 and state[v, 8] >= 2 and state[v, 3] >= 3:
                state[v, 9] = 1.0
            if state[v, 5 * track + 4] > 0:
                bits |= REENTRY
        if state[v, 5 * track + 4] > 0:
            bits |= DISPLACED
            other = 5 * (1 - track)
            other_track[0, i] = distance_m(state[v, other + 1], state[v, other + 2], lat[i], lon[i])
            other_track[1, i] = state[v, other + 1]
            other_track[2, i] = state[v, other + 2]
            other_track[3, i] = (t[i] - state[v, other]) / 1000.0
        if track == 1:
            bits |= SECOND
        state[v, 5 * track] = t[i]
        state[v, 5 * track + 1] = lat[i]
        state[v, 5 * track + 2] = lon[i]
        state[v, 5 * track + 3] += 1
        state[v, 10] = track
        state[v, 11] += 1
        recent[v, int(state[v, 11]) % RECENT] = same[i]
        recent_t[v, int(state[v, 11]) % RECENT] = t[i]
        out[i] = bits
    return out, other_track


@kernel
def sameness(t: Array, lat: Array, lon: Array, sog_kn: Array, cog_deg: Array) -> Any:
    """A hash of position, speed and course ``(n,)`` uint64: equal for two receptions of one report."""
    out = np.empty(len(t), np.uint64)
    mix = np.uint64(0x9E3779B97F4A7C15)
    for i in range(len(t)):
        h = np.uint64(np.int64(np.round(lat[i] * 1e6)))
        h = (h ^ (h >> np.uint64(29))) * mix + np.uint64(np.int64(np.round(lon[i] * 1e6)))
        sog = np.int64(sog_kn[i] * 10 + 0.5) if sog_kn[i] == sog_kn[i] else np.int64(-1)
        cog = np.int64(cog_deg[i] * 10 + 0.5) if cog_deg[i] == cog_deg[i] else np.int64(-1)
        h = (h ^ (h >> np.uint64(29))) * mix + np.uint64(sog * 4096 + cog)
        out[i] = (h ^ (h >> np.uint64(32))) * mix
    return out


@kernel
def partition(vessel: Array, bits: Array) -> Any:
    """The kept rows, tracks 0 before tracks 1 within each vessel's group; order inside a track unchanged.

    Args:
        vessel, bits: ``(n,)``, grouped by vessel.

    Returns:
        ``(kept,)`` int32 positions.
    """
    n = len(vessel)
    out = np.empty(n, np.int32)
    count = 0
    i = 0
    while i < n:
        j = i
        mixed = False
        while j < n and vessel[j] == vessel[i]:
            if bits[j] & KEEP:
                if bits[j] & SECOND:
                    mixed = True
                else:
                    out[count] = j
                    count += 1
            j += 1
        if mixed:
            for k in range(i, j):
                if bits[k] & SECOND:
                    out[count] = k
                    count += 1
        i = j
    return out[:count]
