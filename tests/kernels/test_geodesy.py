"""Distance, bearing and destination against GeographicLib (pyproj)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from watchkeeper.kernels import geodesy

WGS84 = Geod(ellps="WGS84")
N = 20_000

angles = st.floats(-720, 720)
latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


def scattered(seed, length_m, polar=False):
    """Points over the whole world (or within two degrees of the poles) and where geodesics from them end."""
    random = np.random.default_rng(seed)
    lat = np.degrees(np.arcsin(random.uniform(-1, 1, N)))
    if polar:
        lat = random.uniform(88, 90, N) * random.choice([-1, 1], N)
    lon = random.uniform(-180, 180, N)
    bearing = random.uniform(0, 360, N)
    length = random.uniform(0.5, 1, N) * length_m
    lon2, lat2, _ = WGS84.fwd(lon, lat, bearing, length)
    return lat, lon, lat2, lon2, bearing, length


@pytest.mark.parametrize("polar", [False, True])
@pytest.mark.parametrize("length_m", [10, 1e3, 5e4, 1e5, 1e6, 1.5e7])
def test_distance_is_within_the_stated_error(length_m, polar):
    lat, lon, lat2, lon2, _, length = scattered(1, length_m, polar)
    error = np.abs(geodesy.distances_m(lat, lon, lat2, lon2) - length) / length
    assert error.max() < (1e-5 if length_m <= 1e5 else 4e-6)


@pytest.mark.parametrize("length_m", [1.9e7, 2.0e7])
def test_distance_near_the_antipode_is_within_the_stated_error(length_m):
    lat, lon, lat2, lon2, *_ = scattered(2, length_m)
    exact = WGS84.inv(lon, lat, lon2, lat2)[2]
    assert np.max(np.abs(geodesy.distances_m(lat, lon, lat2, lon2) - exact) / exact) < 4e-3


@pytest.mark.parametrize("polar", [False, True])
@pytest.mark.parametrize("length_m", [10, 1e3, 1e5, 1e6, 1.5e7])
def test_bearing_is_within_the_stated_error(length_m, polar):
    lat, lon, lat2, lon2, bearing, _ = scattered(3, length_m, polar)
    got = geodesy.bearings_deg(lat, lon, lat2, lon2)
    assert np.max(np.abs((got - bearing + 180) % 360 - 180)) < 0.002
    assert got.min() >= 0
    assert got.max() < 360


@pytest.mark.parametrize("length_m", [10, 1e5, 1.9e7])
def test_destination_is_within_the_stated_error(length_m):
    lat, lon, lat2, lon2, bearing, length = (column[:3000] for column in scattered(4, length_m))
    ends = np.array([geodesy.destination(*four) for four in zip(lat, lon, bearing, length, strict=True)])
    assert WGS84.inv(ends[:, 1], ends[:, 0], lon2, lat2)[2].max() < 1e-3
    assert ends[:, 1].min() >= -180
    assert ends[:, 1].max() < 180


@given(latitudes, longitudes, latitudes, longitudes)
def test_distance_is_symmetric_and_blind_to_whole_turns(lat1, lon1, lat2, lon2):
    there = geodesy.distance_m(lat1, lon1, lat2, lon2)
    assert there >= 0
    assert there == pytest.approx(geodesy.distance_m(lat2, lon2, lat1, lon1), rel=1e-9, abs=1e-6)
    assert there == pytest.approx(geodesy.distance_m(lat1, lon1 + 360, lat2, lon2), rel=1e-9, abs=1e-5)


def test_the_antimeridian_and_the_poles_are_places_like_any_other():
    across = geodesy.distance_m(56.0, 179.99, 56.0, -179.99)
    assert across == pytest.approx(geodesy.distance_m(56.0, 9.99, 56.0, 10.01), abs=1e-6)
    assert geodesy.bearing_deg(56.0, 179.99, 56.0, -179.99) == pytest.approx(90, abs=0.02)
    assert geodesy.distance_m(89.9, 0.0, 89.9, 180.0) == pytest.approx(
        WGS84.inv(0, 89.9, 180, 89.9)[2], rel=1e-5
    )
    assert geodesy.distance_m(90.0, 12.0, 90.0, -100.0) == pytest.approx(0, abs=1e-6)


def test_what_is_not_available_stays_not_available():
    assert math.isnan(geodesy.distance_m(math.nan, 0.0, 1.0, 1.0))
    assert math.isnan(geodesy.distance_m(50.0, 0.0, 60.0, math.nan))
    assert math.isnan(geodesy.bearing_deg(50.0, 0.0, 60.0, math.nan))
    assert math.isnan(geodesy.wrap_deg(math.nan))


def test_the_same_point_has_no_distance_and_bearing_zero():
    assert geodesy.distance_m(56.0, 11.0, 56.0, 11.0) == 0
    assert geodesy.bearing_deg(56.0, 11.0, 56.0, 371.0) == 0


@given(angles)
def test_wrap_keeps_the_angle(angle):
    wrapped = geodesy.wrap_deg(angle)
    assert -180 <= wrapped < 180
    assert math.remainder(wrapped - angle, 360) == pytest.approx(0, abs=1e-9)


@given(angles, angles)
def test_angle_between_is_the_smaller_one(a, b):
    between = geodesy.angle_between_deg(a, b)
    assert 0 <= between <= 180
    assert between == pytest.approx(geodesy.angle_between_deg(b, a), abs=1e-9)
    assert between == pytest.approx(abs(math.remainder(a - b, 360)), abs=1e-9)


def test_implied_speed():
    assert geodesy.implied_speed_kn(1852.0, 3_600_000) == pytest.approx(1)
    assert geodesy.implied_speed_kn(0.0, 0) == 0
    assert geodesy.implied_speed_kn(1.0, 0) == math.inf
    assert geodesy.implied_speed_kn(1852.0, -3_600_000) == pytest.approx(1)
