"""Cells and visits, anywhere on the earth."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from watchkeeper.kernels.presence import cell_of, fastest, neighbour_cells, visits

GEOD = Geod(ellps="WGS84")
lats, lons = st.floats(-90, 90), st.floats(-180, 180)


@given(lats, lons)
def test_a_position_is_in_one_of_its_own_cells(lat: float, lon: float):
    cells = neighbour_cells(lat, lon).tolist()
    assert cell_of(lat, lon) in cells
    assert len(set(cells)) == len(cells) <= 9
    assert all(0 <= c < 2**21 for c in cells)


@given(st.floats(-89, 89), lons, st.floats(0, 360), st.floats(0, 25_000))
def test_what_is_within_25_km_is_in_the_cells_around(lat: float, lon: float, bearing: float, away: float):
    there = GEOD.fwd(lon, lat, bearing, away)
    assert cell_of(there[1], there[0]) in neighbour_cells(lat, lon).tolist()


def test_visits_are_noted_when_cell_or_time_changes():
    t = np.array([0, 1, 900_000, 900_001])
    lat = np.array([57.0, 57.0, 57.0, 58.0])
    last = np.full(1, -1)
    keys, at = visits(np.zeros(4, np.int32), t, lat, np.full(4, 18.0), last, 900_000)
    assert (keys >> 21).tolist() == [0, 1, 1]
    assert len(set(keys.tolist())) == 3
    assert at.tolist() == [0, 2, 3]


def test_the_highest_speed_of_the_hour():
    table = np.full((2, 3), np.nan, np.float32)
    sog = np.array([3.0, 9.0, np.nan, np.nan], np.float32)
    fastest(
        np.array([0, 0, 1, 1], np.int32),
        np.array([0, 0, 1, 2]),
        sog,
        np.array([0.0, 0.0, 7.0, np.nan]),
        table,
    )
    np.testing.assert_array_equal(table, np.array([[9, np.nan, np.nan], [np.nan, 7, 0]], np.float32))
