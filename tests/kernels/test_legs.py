"""What lies between two reports of a track, and the usual speed."""

import numpy as np
import pytest
from pyproj import Geod

from watchkeeper.kernels.legs import KNOTS, METRES, ROW, SECONDS, STATE, USUAL, T, legs

GEOD = Geod(ellps="WGS84")
KNOT_DEG_PER_MIN = 1 / 3600


def run(minutes, knots, *, track=None, begins=None, lat=None, state=None):
    minutes, knots = np.asarray(minutes, float), np.asarray(knots, np.float32)
    n = len(minutes)
    if lat is None:
        lat = 57 + np.concatenate([[0], np.cumsum(knots[1:] * np.diff(minutes))]) * KNOT_DEG_PER_MIN
    return legs(
        np.zeros(n, np.int32) if track is None else np.asarray(track, np.int32),
        np.zeros(n, bool) if begins is None else np.asarray(begins),
        (minutes * 60_000).astype(np.int64), lat, np.full(n, 18.0), knots, np.arange(n) + 100,
        np.zeros((4, STATE)) if state is None else state, 4.0, 1200.0, 21_600.0, 1200.0,
    )  # fmt: skip


def test_distance_time_and_speed():
    out, row_before = run([0, 1, 3], [10, 10, 10])
    assert row_before.tolist() == [-1, 100, 101]
    assert np.isnan(np.delete(out[:, 0], ROW)).all()
    assert out[SECONDS, 1:].tolist() == [60.0, 120.0]
    lat = 57 + 10 / 3600
    assert out[METRES, 1] == pytest.approx(GEOD.inv(18, 57, 18, lat)[2], abs=0.01)
    assert out[KNOTS, 2] == pytest.approx(10, rel=0.005)


def test_tracks_do_not_mix_and_a_beginning_forgets():
    out, row_before = run(
        [0, 1, 2, 3], [10] * 4, track=[0, 2, 0, 2], lat=np.array([57.0, 60.0, 57.01, 60.01])
    )
    assert row_before.tolist() == [-1, -1, 100, 101]
    assert out[SECONDS, 2:].tolist() == [120.0, 120.0]
    _, row_before = run([0, 1, 2], [10] * 3, begins=[True, False, True])
    assert row_before.tolist() == [-1, 100, -1]


def test_the_state_goes_on_between_batches():
    minutes, knots = np.arange(40.0), np.full(40, 10.0)
    lat = 57 + np.arange(40) * 10 * KNOT_DEG_PER_MIN
    whole, _ = run(minutes, knots, lat=lat)
    state = np.zeros((4, STATE))
    first, _ = run(minutes[:17], knots[:17], lat=lat[:17], state=state)
    second, _ = run(minutes[17:], knots[17:], lat=lat[17:], state=state)
    np.testing.assert_array_equal(np.delete(np.hstack([first, second]), ROW, 0), np.delete(whole, ROW, 0))


def test_the_usual_speed_is_known_after_a_while_and_falls_slowly():
    out, _ = run(np.arange(120.0), np.r_[np.full(60, 12.0), np.full(60, 8.0)])
    usual = out[USUAL]
    assert np.isnan(usual[:20]).all()
    assert usual[59] == pytest.approx(12.0, abs=0.01)
    # An hour at 8 kn pulls 12 kn down by a time constant of 6 h.
    assert 8 + 4 * np.exp(-1 / 6) == pytest.approx(usual[119], abs=0.1)


def test_a_speed_that_the_positions_do_not_bear_out_is_no_habit():
    knots = np.full(60, 10.0)
    lat = 57 + np.arange(60) * 10 * KNOT_DEG_PER_MIN
    knots[30:40] = 60.0
    out, _ = run(np.arange(60.0), knots, lat=lat)
    assert out[USUAL, 59] == pytest.approx(10.0, abs=0.01)


def test_standing_still_is_no_habit():
    out, _ = run(np.arange(60.0), np.full(60, 0.1))
    assert np.isnan(out[USUAL]).all()
    assert out[T, 1] == 0
