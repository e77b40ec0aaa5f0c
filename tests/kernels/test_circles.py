"""Circles fitted from sums, against circles drawn and against least squares on the points themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from watchkeeper.kernels.circles import MOMENTS, add_point, begin_points, fit_circles

GEOD = Geod(ellps="WGS84")


def fitted(lat, lon) -> np.ndarray:
    sums = np.zeros((1, MOMENTS))
    begin_points(sums, 0, 0, lat[0])
    for a, b in zip(lat, lon, strict=True):
        add_point(sums, 0, 0, a - lat[0], (b - lon[0] + 540.0) % 360.0 - 180.0)
    return fit_circles(np.array([len(lat)]), sums)[:, 0]


def on_a_circle(lat, lon, radius, turns, points, off=0.0, seed=0):
    at = np.linspace(0.0, 360.0 * turns, points)
    away = radius + off * np.random.default_rng(seed).standard_normal(points)
    lons, lats, _ = GEOD.fwd(np.full(points, lon), np.full(points, lat), at, away)
    return lats, lons


@given(
    lat=st.floats(-75, 75), lon=st.sampled_from([0.0, 18.0, 179.999, -179.999]), radius=st.floats(100, 10_000),
    turns=st.integers(1, 4), way=st.sampled_from([-1, 1]), per_turn=st.integers(16, 60), seed=st.integers(0, 9),
)  # fmt: skip
def test_a_circle_is_found_with_its_radius_scatter_and_turns(lat, lon, radius, turns, way, per_turn, seed):
    off = 0.02 * radius
    found, scatter, turned = fitted(*on_a_circle(lat, lon, radius, way * turns, per_turn * turns, off, seed))
    # The plane's scale is that of one latitude: over 20 km at 75 degrees it changes by half a percent.
    assert found == pytest.approx(radius, rel=0.03)
    assert 0.4 * off <= scatter <= 2.0 * off
    # Bearings grow clockwise; an open circle of few points is a polygon a little smaller than it.
    assert turned == pytest.approx(-way * turns, rel=0.15)


def test_the_sums_say_what_the_points_say():
    lats, lons = on_a_circle(57.0, 18.0, 1500.0, 1.4, 50, 60.0, 3)
    north, east = (lats - lats[0]) * 111_364.0, (lons - lons[0]) * 60_772.0
    design = np.stack([east, north, np.ones(50)], axis=1)
    d, e, f = np.linalg.lstsq(design, -(east**2 + north**2), rcond=None)[0]
    radius = np.sqrt((d * d + e * e) / 4 - f)
    away = np.hypot(east + d / 2, north + e / 2) - radius
    found, scatter, _ = fitted(lats, lons)
    assert found == pytest.approx(radius, rel=1e-3)
    assert scatter == pytest.approx(np.sqrt((away**2).mean()), rel=0.1)


def test_a_straight_way_is_no_circle():
    away = np.arange(30) * 200.0
    lons, lats, _ = GEOD.fwd(np.full(30, 18.0), np.full(30, 57.0), np.full(30, 77.0), away)
    radius, _, turns = fitted(lats, lons)
    assert np.isnan(radius) or (radius > 50_000.0 and abs(turns) < 0.1)


def test_there_and_back_is_no_turn():
    at = np.concatenate([np.linspace(0, 350, 30), np.linspace(350, 0, 30)])
    lons, lats, _ = GEOD.fwd(np.full(60, 18.0), np.full(60, 57.0), at, np.full(60, 900.0))
    assert abs(fitted(lats, lons)[2]) < 0.05


def test_too_few_points_and_none_are_unknown():
    assert np.isnan(fitted([57.0, 57.1, 57.0], [18.0, 18.0, 18.1])).all()
    assert np.isnan(fitted([57.0] * 9, [18.0] * 9)).all()
    assert fit_circles(np.array([5]), np.empty((1, 0))).shape == (3, 1)
    assert np.isnan(fit_circles(np.array([5]), np.empty((1, 0)))).all()
