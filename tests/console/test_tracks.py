"""Thinning keeps what an eye would miss; encoding gives back what was put in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.console.tracks import (
    POSITION_SCALE,
    SILENT_MS,
    SPEED_SCALE,
    Track,
    encode,
    share_points,
    thin,
)
from watchkeeper.model.time import MINUTE, SECOND


def walk(seed: int, n: int) -> Track:
    rng = np.random.default_rng(seed)
    t = np.cumsum(rng.choice([10 * SECOND, MINUTE, 2 * SILENT_MS], n, p=[0.6, 0.39, 0.01]))
    speed = np.where(rng.random(n) < 0.1, np.nan, rng.uniform(0, 20, n))
    return Track(t, 57 + np.cumsum(rng.normal(0, 1e-3, n)), 19 + np.cumsum(rng.normal(0, 1e-3, n)), speed)


@given(st.integers(0, 1000), st.integers(1, 3000), st.integers(5, 500))
def test_thinning_keeps_ends_extremes_and_silences(seed: int, n: int, points: int) -> None:
    track = walk(seed, n)
    thinned = thin(track, points)
    kept = np.isin(track.t, thinned.t)
    silences = np.flatnonzero(np.diff(track.t) > SILENT_MS)
    assert kept[[0, -1]].all()
    assert kept[silences].all()
    assert kept[silences + 1].all()
    assert np.nanmax(thinned.sog_kn, initial=-1) == np.nanmax(track.sog_kn, initial=-1)
    assert len(thinned) <= max(points, 5) + 2 * len(silences)
    assert encode(thinned)["silent"] == np.flatnonzero(np.diff(thinned.t) > SILENT_MS).tolist() or n > points


def test_thinning_keeps_the_turn() -> None:
    n = 1001
    there = np.minimum(np.arange(n), np.arange(n)[::-1]) / 1e4
    track = Track(np.arange(n) * MINUTE, 57 + there, np.full(n, 19.0), np.full(n, 10.0))
    assert thin(track, 5).lat.max() == pytest.approx(57.05)


def test_thinning_over_the_antimeridian_sees_no_detour() -> None:
    n = 999
    east = 179.9 + np.arange(n) / 5000
    track = Track(np.arange(n) * MINUTE, np.full(n, 60.0), (east + 180) % 360 - 180, np.full(n, 10.0))
    shifted = Track(track.t, track.lat, np.full(n, 10.0) + np.arange(n) / 5000, track.sog_kn)
    assert len(thin(track, 50)) == len(thin(shifted, 50))


@given(st.integers(0, 1000), st.integers(1, 200))
def test_encoding_gives_back_the_track(seed: int, n: int) -> None:
    track = walk(seed, n)
    columns = encode(track)
    assert np.cumsum(columns["t"]) * SECOND == pytest.approx(track.t, abs=SECOND)
    assert np.cumsum(columns["lat"]) / POSITION_SCALE == pytest.approx(track.lat, abs=1e-5)
    assert np.cumsum(columns["lon"]) / POSITION_SCALE == pytest.approx(track.lon, abs=1e-5)
    speed = np.cumsum(columns["sog"]) / SPEED_SCALE
    assert np.where(speed < 0, np.nan, speed) == pytest.approx(track.sog_kn, abs=0.051, nan_ok=True)


def test_shares_of_many_and_of_none() -> None:
    assert share_points(0, 300_000) == 3_000
    assert share_points(1_000, 300_000) == 300
    assert share_points(100_000, 300_000) == 100
