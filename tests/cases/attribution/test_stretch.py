"""The stretch: cut by the place's circle, wherever on the Earth; doubled vertices and no length."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from watchkeeper.cases.attribution.stretch import Line, Place, stretch_of
from watchkeeper.layers.segments import of_geometry

WGS84 = Geod(ellps="WGS84")


def line(*points: tuple[float, float]) -> Line:
    """A line through (lat, lon) points."""
    return Line(*of_geometry(shapely.LineString([(lon, lat) for lat, lon in points]), 0)[:4])


@given(
    lat=st.floats(-89.0, 89.0),
    lon=st.floats(-180.0, 180.0),
    course=st.floats(0.0, 360.0),
    within_m=st.floats(500.0, 60_000.0),
)
def test_a_line_through_the_place_keeps_a_diameter(lat, lon, course, within_m):
    ends = [WGS84.fwd(lon, lat, course + side, 100_000.0)[:2] for side in (180.0, 0.0)]
    whole = line((ends[0][1], ends[0][0]), (lat, lon), (ends[1][1], ends[1][0]))
    stretch = stretch_of(whole, Place(lat, lon, within_m))
    assert stretch.inside.length_m == pytest.approx(2 * within_m, rel=2e-3)
    assert stretch.outside.length_m == pytest.approx(200_000.0 - 2 * within_m, rel=2e-3)
    assert stretch.radius_m == pytest.approx(within_m, rel=2e-2)


def test_a_place_beside_the_line_leaves_a_chord():
    stretch = stretch_of(line((57.0, 18.0), (58.0, 18.0)), Place(57.5, 18.04, 5_000.0))
    away = WGS84.inv(18.04, 57.5, 18.0, 57.5)[2]
    assert stretch.inside.length_m == pytest.approx(2 * np.sqrt(5_000.0**2 - away**2), rel=0.002)


def test_nothing_within_reach_is_nothing():
    stretch = stretch_of(line((57.0, 18.0), (57.0, 19.0)), Place(58.0, 18.5, 5_000.0))
    assert not stretch.inside


def test_doubled_vertices_are_left_out_and_a_line_of_them_has_no_length():
    doubled = line((57.0, 18.0), (57.0, 18.0), (57.0, 18.1), (57.0, 18.1))
    assert stretch_of(doubled, None).inside.length_m == pytest.approx(
        line((57.0, 18.0), (57.0, 18.1)).length_m
    )
    same = np.full(2, 57.0)
    assert not stretch_of(Line(same, same, same, same), None).inside


@pytest.mark.parametrize(
    "points",
    [
        [(65.0, 179.5), (65.5, -179.5)],
        [(89.9, 10.0), (89.95, -170.0)],
        [(-89.9, 0.0), (-90.0, 0.0)],
        [(57.0, 18.0), (57.5, 18.5), (57.5, 18.0), (57.0, 18.5)],
    ],
    ids=["antimeridian", "over the pole", "to the pole", "self-crossing"],
)
def test_a_circle_holds_the_whole_line(points):
    stretch = stretch_of(line(*points), None)
    for lats, lons in (
        (stretch.inside.lat1, stretch.inside.lon1),
        (stretch.inside.lat2, stretch.inside.lon2),
    ):
        n = len(lats)
        away = WGS84.inv(np.full(n, stretch.lon), np.full(n, stretch.lat), lons, lats)[2]
        assert (away <= stretch.radius_m * 1.001 + 1.0).all()
    assert stretch.radius_m < 150_000.0
