"""Assets and places found from positions."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from watchkeeper.kernels.geodesy import destination, distance_m
from watchkeeper.layers.index import AssetIndex
from watchkeeper.layers.segments import divide_geodesic, divide_straight, of_geometry
from watchkeeper.model.asset import Asset

WGS84 = Geod(ellps="WGS84")


def asset(name, shape, kind="cable", buffer_m=1852.0):
    geometry = shapely.geometry.mapping(shape)
    return Asset(id=name, name=name, kind=kind, buffer_m=buffer_m, geometry=geometry)


def at(*points):
    lat, lon = np.array(points, float).T
    return np.ascontiguousarray(lat), np.ascontiguousarray(lon)


@pytest.fixture
def index():
    return AssetIndex(
        [
            asset("cable", shapely.LineString([(11.0, 56.0), (11.0, 57.0)])),
            asset("pipeline", shapely.LineString([(12.0, 56.0), (12.0, 57.0)]), "pipeline", 500.0),
            asset("zone", shapely.box(13.0, 56.0, 13.5, 56.5), "zone", 0.0),
        ]
    )


def test_nearest_and_within_buffer(index):
    lat, lon = at((56.5, 11.02), (56.5, 12.02), (56.25, 13.25), (56.25, 13.51), (50.0, 0.0))
    who, distance = index.nearest(lat, lon, 2000.0)
    assert who.tolist() == [0, 1, 2, 2, -1]
    assert distance[0] == pytest.approx(distance_m(56.5, 11.02, 56.5, 11.0), abs=1)
    assert distance[2] == 0
    assert np.isinf(distance[4])
    assert index.within_buffer(lat, lon)[0].tolist() == [0, -1, 2, -1, -1]


@pytest.mark.parametrize("max_m", [0.0, 1900.0, 7000.0, 40_000.0, 199_000.0])
def test_nearest_to_any_distance_is_the_nearest(index, max_m):
    random = np.random.default_rng(1)
    lat, lon = random.uniform(55, 58, 400), random.uniform(9, 15, 400)
    who, distance = index.nearest(lat, lon, max_m)
    everywhere, least = index.nearest(lat, lon, 200_000.0)
    near = least <= max_m
    np.testing.assert_array_equal(who, np.where(near, everywhere, -1))
    np.testing.assert_array_equal(distance[near], least[near])


def test_a_distance_out_of_range_is_refused(index):
    for wrong in (-1.0, 200_001.0, np.nan):
        with pytest.raises(ValueError, match="at most 200000 m"):
            index.nearest(*at((56.0, 11.0)), wrong)
    with pytest.raises(ValueError, match="too wide"):
        AssetIndex([asset("a", shapely.Point(0, 0), buffer_m=1e6)])


def test_crossings_of_lines_and_outlines(index):
    ends = (*at((56.5, 10.95), (56.25, 12.9), (56.5, 14.0)), *at((56.5, 11.05), (56.25, 13.1), (56.5, 14.1)))
    leg, who, fraction = index.crossings(*ends)
    assert leg.tolist() == [0, 1]
    assert who.tolist() == [0, 2]
    assert fraction.tolist() == pytest.approx([0.5, 0.5], abs=1e-3)


def test_no_assets_at_all():
    index = AssetIndex([])
    assert len(index) == 0
    assert index.nearest(*at((56.0, 11.0)), 1000.0)[0].tolist() == [-1]
    assert index.within_buffer(*at((56.0, 11.0)))[0].tolist() == [-1]
    assert len(index.crossings(*at((56.0, 11.0)), *at((56.1, 11.0)))[0]) == 0


def test_a_cable_over_the_antimeridian_given_whole_or_cut():
    whole = shapely.LineString([(179.5, 52.0), (-179.5, 52.0)])
    cut = shapely.MultiLineString([[(179.5, 52.0), (180.0, 52.0)], [(-180.0, 52.0), (-179.5, 52.0)]])
    for shape in (whole, cut):
        index = AssetIndex([asset("cable", shape)])
        lat, lon = at((52.01, 179.99), (52.01, -179.99), (52.01, 180.0), (52.01, 0.0), (52.01, 178.0))
        assert index.within_buffer(lat, lon)[0].tolist() == [0, 0, 0, -1, -1]
        leg, *_ = index.crossings(*at((51.99, 179.999)), *at((52.02, -179.999)))
        assert leg.tolist() == [0]


def test_a_zone_cut_at_the_antimeridian_has_no_edge_there():
    zone = shapely.MultiPolygon(
        [shapely.box(179.0, 50.0, 180.0, 51.0), shapely.box(-180.0, 50.0, -179.0, 51.0)]
    )
    index = AssetIndex([asset("zone", zone, "zone", 1000.0)])
    who, distance = index.within_buffer(
        *at((50.5, 179.9999), (50.5, 180.0), (50.5, -179.9999), (50.5, -178.0))
    )
    assert who.tolist() == [0, 0, 0, -1]
    assert distance[:3].tolist() == [0, 0, 0]
    assert len(index.crossings(*at((50.5, 179.99)), *at((50.5, -179.99)))[0]) == 0
    assert len(index.crossings(*at((50.5, -179.01)), *at((50.5, -178.99)))[0]) == 1


def test_a_hole_in_a_zone_is_outside():
    ring = shapely.box(10, 55, 12, 57).difference(shapely.box(10.5, 55.5, 11.5, 56.5))
    index = AssetIndex([asset("zone", ring, "zone", 0.0)])
    assert index.within_buffer(*at((56.0, 11.0), (55.2, 10.2)))[0].tolist() == [-1, 0]


def test_places_cover_by_shape_or_buffer():
    places = AssetIndex(
        [
            asset("port", shapely.Point(10.0, 56.0), "port", 3000.0),
            asset("anchorage", shapely.box(11.0, 56.0, 11.1, 56.1), "anchorage", 0.0),
            asset("port on the pole", shapely.Point(0.0, 90.0), "port", 3000.0),
        ]
    )
    assert len(places) == 3
    lat, lon = at((56.02, 10.0), (56.03, 10.0), (56.05, 11.05), (56.05, 11.11), (89.99, 123.0))
    assert places.within_buffer(lat, lon)[0].tolist() == [0, -1, 1, -1, 2]


def test_many_places_against_distances():
    random = np.random.default_rng(2)
    where = np.column_stack(
        [random.uniform(-180, 180, 500), np.degrees(np.arcsin(random.uniform(-1, 1, 500)))]
    )
    places = AssetIndex([asset(str(i), shapely.Point(p), "port", 30_000.0) for i, p in enumerate(where)])
    lat, lon = np.degrees(np.arcsin(random.uniform(-1, 1, 800))), random.uniform(-180, 180, 800)
    got = places.within_buffer(lat, lon)[0]
    distance = np.array(
        [
            WGS84.inv(where[:, 0], where[:, 1], np.full(500, x), np.full(500, y))[2]
            for y, x in zip(lat, lon, strict=True)
        ]
    )
    np.testing.assert_array_equal(got, np.where(distance.min(1) <= 30_000, distance.argmin(1), -1))
    assert (got >= 0).sum() > 1


@settings(deadline=None, max_examples=50)
@given(st.floats(-89, 89), st.floats(-180, 180), st.floats(0, 360), st.floats(1, 400_000))
def test_a_long_cable_is_divided_along_the_geodesic(lat, lon, bearing, length):
    end = destination(lat, lon, bearing, length)
    parts = divide_geodesic(*(np.array([v]) for v in (lat, lon, *end)))
    pieces = WGS84.inv(parts.lon1, parts.lat1, parts.lon2, parts.lat2)[2]
    assert pieces.max() <= 5000
    assert pieces.sum() == pytest.approx(length, rel=1e-6, abs=1e-3)
    assert (parts.lat1[0], parts.lon1[0], parts.lat2[-1], parts.lon2[-1]) == (lat, lon, *end)
    np.testing.assert_array_equal(parts.lat1[1:], parts.lat2[:-1])


def test_an_outline_is_divided_along_the_parallel():
    parts = divide_straight(*(np.array([v]) for v in (60.0, 10.0, 60.0, 20.0)))
    np.testing.assert_allclose(parts.lat1, 60.0)
    assert WGS84.inv(parts.lon1, parts.lat1, parts.lon2, parts.lat2)[2].max() <= 5000


def test_every_kind_of_geometry_becomes_segments():
    line, ring = shapely.LineString([(0, 0), (0.01, 0)]), shapely.box(1, 1, 1.01, 1.01)
    mixed = shapely.GeometryCollection(
        [shapely.MultiPoint([(2, 2), (3, 3)]), shapely.MultiLineString([line]), ring]
    )
    parts = of_geometry(mixed, 7)
    assert len(parts.lat1) == 2 + 1 + 4
    assert set(parts.owner) == {7}
