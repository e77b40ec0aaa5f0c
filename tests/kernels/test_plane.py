"""The plane around a centre: true distances, and back again, everywhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from watchkeeper.kernels.plane import from_plane, to_plane

WGS84 = Geod(ellps="WGS84")


@given(
    lat=st.floats(-90.0, 90.0),
    lon=st.floats(-180.0, 180.0),
    course=st.floats(0.0, 360.0),
    metres=st.floats(1.0, 1_000_000.0),
)
def test_there_and_back(lat, lon, course, metres):
    far_lon, far_lat, _ = WGS84.fwd(lon, lat, course, metres)
    x, y = to_plane(lat, lon, np.array([far_lat]), np.array([far_lon]))
    assert np.hypot(x, y)[0] == pytest.approx(metres, rel=1e-4, abs=1.0)
    back_lat, back_lon = from_plane(lat, lon, x, y)
    assert WGS84.inv(far_lon, far_lat, back_lon[0], back_lat[0])[2] < max(2.0, 1e-4 * metres)
