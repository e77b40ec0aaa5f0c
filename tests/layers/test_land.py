"""The packaged land against shapely, on both sides of every cut, and its distances and outline."""

import time

import numpy as np
import pytest
import shapely

from watchkeeper.errors import WatchkeeperError
from watchkeeper.kernels.geodesy import distances_m
from watchkeeper.layers import land as land_module
from watchkeeper.layers.land import Land


@pytest.fixture(scope="module")
def land():
    try:
        return Land.load()
    except WatchkeeperError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def polygons(land):
    return shapely.STRtree(land.polygons)


def is_land(land, lat, lon):
    return bool(land.is_land(np.array([float(lat)]), np.array([float(lon)]))[0])


def by_shapely(polygons, lat, lon):
    on = np.zeros(len(lat), bool)
    on[polygons.query(shapely.points(lon, lat), predicate="within")[0]] = True
    return on


# Where the ground is, by the gazetteer.
@pytest.mark.parametrize(
    ("name", "lat", "lon", "expected"),
    [
        ("Copenhagen airport", 55.62, 12.63, True),
        ("The Sound", 55.90, 12.70, False),
        ("Bornholm", 55.13, 14.92, True),
        ("Null Island", 0.0, 0.0, False),
        ("Caspian Sea", 42.0, 50.5, False),
        ("Baku", 40.42, 49.80, True),
        ("Taveuni, Fiji, east of the antimeridian", -16.80, -179.97, True),
        ("Vanua Levu, Fiji, west of it", -16.60, 179.40, True),
        ("Koro Sea on the antimeridian", -17.8, 180.0, False),
        ("Chukotka, west", 67.0, 179.9, True),
        ("Chukotka, east", 67.0, -179.9, True),
        ("Chukotka on the antimeridian", 67.0, 180.0, True),
        ("the same", 67.0, -180.0, True),
        ("the same, another turn", 67.0, 540.0, True),
        ("Wrangel Island, west", 71.2, 179.9, True),
        ("Wrangel Island, east", 71.2, -179.9, True),
        ("South Pole", -90.0, 0.0, True),
        ("next to it", -89.9, 179.99, True),
        ("Vostok station", -78.46, 106.84, True),
        ("Weddell Sea", -70.0, -40.0, False),
        ("Southern Ocean on the antimeridian", -65.0, 180.0, False),
        ("Arctic Ocean", 89.0, 10.0, False),
        ("North Pole", 90.0, 0.0, False),
    ],
)
def test_well_known_places(land, name, lat, lon, expected):
    assert is_land(land, lat, lon) is expected, name


def test_nowhere_is_not_land(land):
    assert not land.is_land(np.array([np.nan, 91.0, 50.0]), np.array([0.0, 0.0, np.nan])).any()


def test_agrees_with_shapely_all_over_the_world_and_along_the_coast(land, polygons):
    random = np.random.default_rng(3)
    lat, lon = np.degrees(np.arcsin(random.uniform(-1, 1, 2000))), random.uniform(-180, 180, 2000)
    np.testing.assert_array_equal(land.is_land(lat, lon), by_shapely(polygons, lat, lon))
    near = land.coast[random.integers(0, len(land.coast), 3000)]
    lat = np.clip(near[:, 1] + random.normal(0, 0.01, 3000), -89.9, 89.9)
    lon = np.clip(near[:, 0] + random.normal(0, 0.01, 3000), -179.99, 179.99)
    np.testing.assert_array_equal(land.is_land(lat, lon), by_shapely(polygons, lat, lon))


def test_no_island_is_missed(land):
    """A point inside each of the thousands of islands, however small, is land."""
    whole = land.polygons[shapely.is_valid(land.polygons)]
    inside = shapely.point_on_surface(whole)
    lon, lat = np.ascontiguousarray(shapely.get_coordinates(inside).T)
    clear = shapely.distance(shapely.boundary(whole), inside) > 1e-7
    assert clear.sum() > 3500
    assert land.is_land(lat, lon)[clear].all()


def test_the_coast_has_no_cut_edges(land):
    x1, y1, x2, _ = land.coast.T
    assert not ((np.abs(x1) == 180) & (np.abs(x2) == 180)).any()
    assert y1.min() > -86
    assert np.abs(x2 - x1).max() < 6


def test_coast_distance_against_every_vertex(land):
    random = np.random.default_rng(4)
    lat, lon = random.uniform(50, 60, 12), random.uniform(0, 25, 12)
    got = land.coast_distance_m(lat, lon, 100_000.0)
    vertices = np.ascontiguousarray(land.coast[:, :2].T)
    for i in range(12):
        column = np.full(vertices.shape[1], lat[i]), np.full(vertices.shape[1], lon[i])
        nearest_vertex = distances_m(*column, vertices[1], vertices[0]).min()
        if nearest_vertex < 90_000:
            # The nearest point of the coast is between vertices, at most one edge away.
            assert got[i] <= nearest_vertex + 10
            assert got[i] >= nearest_vertex - 20_000
    assert np.isinf(land.coast_distance_m(np.array([-40.0]), np.array([-120.0]), 200_000.0)).all()


def test_coast_distance_is_the_same_on_both_sides_of_the_antimeridian(land):
    # Inside Chukotka on the antimeridian the coast is far: the cut there is no coast.
    assert land.coast_distance_m(np.array([67.0]), np.array([180.0]), 5_000.0)[0] == np.inf
    either = land.coast_distance_m(np.array([69.2, 69.2]), np.array([179.99999, -179.99999]), 100_000.0)
    assert either[0] == pytest.approx(either[1], abs=3)


def test_the_geometry_is_all_of_the_land(land):
    whole = land.geometry()
    assert whole.bounds == pytest.approx((-180.0, -90.0, 180.0, 83.634), abs=0.01)
    assert len(shapely.get_parts(whole)) == len(land.polygons)


def test_loading_is_light(land):
    start = time.perf_counter()
    again = Land.load()
    again.is_land(np.array([56.0]), np.array([11.0]))
    assert time.perf_counter() - start < 2.0  # 0.2 s on a quiet machine


def test_missing_data_say_how_to_build_them(monkeypatch):
    monkeypatch.setattr(land_module, "_BUILT", "data/nowhere.npz")
    with pytest.raises(WatchkeeperError, match="make setup"):
        Land.load()
