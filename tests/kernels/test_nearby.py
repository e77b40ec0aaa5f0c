"""One pass: the legs found do not depend on how the file is cut, and none that matters is missed."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from watchkeeper.kernels.geodesy import distances_m
from watchkeeper.kernels.nearby import FIX_T, Search, box, legs_near

WGS84 = Geod(ellps="WGS84")
MIN = 60_000
SEARCH = Search(60 * MIN, 120 * MIN, 57.0, 18.0, 20_000.0, 15 * MIN, 600 * MIN, 0.01, 40_000.0, 15 * MIN)
"""Ships of 10 m/s within 20 km of 57 N 18 E in the second hour."""


def world(seed: int, n: int = 400):
    rng = np.random.default_rng(seed)
    t = np.sort(rng.integers(0, 180 * MIN, n))
    return (
        rng.integers(0, 8, n).astype(np.int32),
        t,
        57.0 + rng.normal(0, 0.4, n),
        18.0 + rng.normal(0, 0.7, n),
    )


def run(track, t, lat, lon, cuts):
    last, first = np.zeros((8, 5)), np.zeros((8, 5))
    heard = np.zeros(5, np.int64)
    found = []
    for lo, hi in zip([0, *cuts], [*cuts, len(t)], strict=True):
        rows, before = legs_near(SEARCH, track[lo:hi], t[lo:hi], lat[lo:hi], lon[lo:hi], last, first, heard)
        found += [(int(lo + r), *map(float, b)) for r, b in zip(rows, before.T, strict=True)]
    return found, last, first, heard


def plain(track, t, lat, lon):
    """Every leg by the words of :class:`Search`."""
    away = distances_m(np.full(len(t), 57.0), np.full(len(t), 18.0), lat, lon)
    found = []
    for k in range(8):
        mine = np.flatnonzero(track == k)
        for a, b in pairwise(mine.tolist()):
            if t[a] > SEARCH.end or t[b] < SEARCH.start:
                continue
            dark = t[b] - t[a] > SEARCH.dark_ms
            reach = away[a] + away[b] - 2 * SEARCH.radius_m <= SEARCH.fastest * (t[b] - t[a])
            if min(away[a], away[b]) <= SEARCH.radius_m or (dark and reach):
                found.append((int(b), float(t[a]), lat[a], lon[a]))
    return sorted(found)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), cuts=st.lists(st.integers(0, 400), max_size=4).map(sorted))
def test_as_said_in_words_however_it_is_cut(seed, cuts):
    track, t, lat, lon = world(seed)
    found, last, first, heard = run(track, t, lat, lon, cuts)
    assert sorted(found) == plain(track, t, lat, lon)
    for k in set(track.tolist()):
        assert last[k, FIX_T] == t[track == k].max()
        assert first[k, FIX_T] == t[track == k].min()
    away = distances_m(np.full(len(t), 57.0), np.full(len(t), 18.0), lat, lon)
    inside = (t >= SEARCH.start) & (t <= SEARCH.end) & (away <= SEARCH.hear_m)
    assert heard.sum() == inside.sum()


@given(
    lat=st.floats(-90.0, 90.0), lon=st.floats(-180.0, 180.0), course=st.floats(0.0, 360.0), km=st.floats(0.1, 3_000.0),
    share=st.floats(0.0, 1.0),
)  # fmt: skip
def test_the_box_holds_the_circle(lat, lon, course, km, share):
    half_lat, half_lon = box(lat, km * 1000.0)
    far_lon, far_lat, _ = WGS84.fwd(lon, lat, course, km * 1000.0 * share)
    assert abs(far_lat - lat) <= half_lat
    assert abs((far_lon - lon + 180.0) % 360.0 - 180.0) <= half_lon or abs(far_lat) > 89.9999
