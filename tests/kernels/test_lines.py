"""The segment grid, and crossings on it, against brute force and GeographicLib, anywhere on Earth."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from watchkeeper.kernels import lines
from watchkeeper.kernels.crossings import crossings
from watchkeeper.kernels.geodesy import destination, wrap_deg

WGS84 = Geod(ellps="WGS84")
# Where a small world is put: open sea, both sides of the antimeridian, near and on the poles.
PLACES = [
    (0.0, 0.0),
    (56.0, 11.0),
    (56.0, 180.0),
    (-17.0, -179.99),
    (75.0, 179.9),
    (89.8, 40.0),
    (-90.0, 0.0),
]
KM = 1000.0


def spread(lat, lon, n, radius_m, seed):
    """Points around a centre, by bearing and distance, so that they are alike everywhere on Earth."""
    random = np.random.default_rng(seed)
    bearing, distance = random.uniform(0, 360, n), radius_m * np.sqrt(random.uniform(0, 1, n))
    points = np.array([destination(lat, lon, b, d) for b, d in zip(bearing, distance, strict=True)])
    return points[:, 0].copy(), points[:, 1].copy()


def random_grid(lat, lon, n, seed, reach_m, radius_m=60 * KM):
    """Segments of up to 5 km around a centre, three to an asset, and their grid."""
    lat1, lon1 = spread(lat, lon, n, radius_m, seed)
    random = np.random.default_rng(seed + 1)
    ends = np.array(
        [
            destination(a, b, random.uniform(0, 360), random.uniform(0, 4990))
            for a, b in zip(lat1, lon1, strict=True)
        ]
    )
    ends[random.random(n) < 0.05] = np.nan
    single = np.isnan(ends[:, 0])  # a few points without length
    lat2, lon2 = np.where(single, lat1, ends[:, 0]), np.where(single, lon1, ends[:, 1])
    asset = (np.arange(n) // 3).astype(np.int32)
    reach = np.full(n, float(reach_m))
    return (lat1, lon1, lat2, lon2, asset), lines.build(lat1, lon1, lat2, lon2, asset, reach)


def brute_distances(segments, lat, lon):
    """Distance of every point to every segment in space, without a grid; shape (points, segments)."""
    lat1, lon1, lat2, lon2, _ = segments

    def space(la, lo):
        return np.array([lines.surface_point(float(a), float(o)) for a, o in zip(la, lo, strict=True)])

    start, end, point = space(lat1, lon1), space(lat2, lon2), space(lat, lon)
    along = end - start
    length2 = np.maximum((along**2).sum(1), 1e-9)
    t = np.clip(((point[:, None] - start) * along).sum(2) / length2, 0, 1)
    return np.linalg.norm(point[:, None] - start - t[..., None] * along, axis=2)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("reach_m", [500, 1852, 20_000])
def test_no_pair_is_missed_at_any_cell_edge(place, reach_m):
    segments, grid = random_grid(*place, 150, 1, reach_m)
    lat, lon = spread(*place, 2000, 70 * KM, 9)
    who, distance = lines.nearest(grid, lat, lon, np.full(50, float(reach_m)))
    exact = brute_distances(segments, lat, lon)
    nearest = exact.min(axis=1)
    near = nearest <= reach_m
    assert near.any()
    assert not near.all() or reach_m == 20_000
    np.testing.assert_array_equal(who >= 0, near)
    np.testing.assert_allclose(distance[near], nearest[near], rtol=1e-6, atol=1e-3)
    np.testing.assert_array_equal(who[near], segments[4][exact.argmin(axis=1)][near])
    assert np.isinf(distance[~near]).all()


@settings(deadline=None, max_examples=60)
@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.floats(0, 360),
    st.floats(0, 4900),
    st.floats(0, 360),
    st.floats(0, 1990),
)
def test_a_point_within_reach_of_one_segment_is_found(lat, lon, heading, length, aside, distance):
    lat2, lon2 = destination(lat, lon, heading, length)
    middle = destination(lat, lon, heading, length / 2)
    y, x = destination(*middle, aside, distance)
    columns = [np.array([v]) for v in (lat, lon, lat2, lon2)]
    grid = lines.build(*columns, np.zeros(1, np.int32), np.array([2000.0]))
    who, found = lines.nearest(grid, np.array([y]), np.array([x]), np.array([2000.0]))
    assert who[0] == 0
    assert found[0] <= distance + 1.0


def test_distance_agrees_with_the_geodesic():
    """Against the least of many geodesic distances along the segment, within the stated half metre."""
    for lat, lon in PLACES:
        lat2, lon2 = destination(lat, lon, 70.0, 4900.0)
        ends = [np.array([v]) for v in (lat, lon, lat2, lon2)]
        grid = lines.build(*ends, np.zeros(1, np.int32), np.array([20_000.0]))
        y, x = spread(lat, lon, 60, 18 * KM, 4)
        _, got = lines.nearest(grid, y, x, np.array([25_000.0]))
        forth = WGS84.inv(lon, lat, lon2, lat2)
        steps = np.linspace(0, forth[2], 4001)
        on_lon, on_lat, _ = WGS84.fwd(np.full(4001, lon), np.full(4001, lat), np.full(4001, forth[0]), steps)
        for i in range(len(y)):
            best = WGS84.inv(np.full(4001, x[i]), np.full(4001, y[i]), on_lon, on_lat)[2].min()
            if np.isfinite(got[i]):
                assert got[i] == pytest.approx(best, abs=0.6)


def test_each_asset_has_its_own_limit():
    """A near asset with a small limit does not hide a farther one with a large limit."""
    lat, lon = np.array([56.0, 56.02]), np.array([11.0, 11.0])
    grid = lines.build(lat, lon, lat, lon + 0.02, np.array([0, 1], np.int32), np.array([3000.0, 3000.0]))
    who, distance = lines.nearest(grid, np.array([56.005]), np.array([11.01]), np.array([100.0, 2500.0]))
    assert who[0] == 1
    assert distance[0] == pytest.approx(1670, abs=5)
    assert lines.nearest(grid, np.array([56.005]), np.array([11.01]), np.array([1000.0, 2500.0]))[0][0] == 0


def test_nothing_there_and_nothing_known():
    none = np.empty(0)
    empty = lines.build(none, none, none, none, np.empty(0, np.int32), none)
    who, distance = lines.nearest(empty, np.array([0.0, np.nan]), np.array([0.0, 0.0]), none)
    assert who.tolist() == [-1, -1]
    assert np.isinf(distance).all()
    leg, _, _ = crossings(empty, np.zeros(1), np.zeros(1), np.zeros(1), np.ones(1), 1e6)
    assert len(leg) == 0
    _, grid = random_grid(56.0, 11.0, 30, 1, 2000)
    bad = np.array([np.nan, 56.0, 91.0, np.inf])
    who, _ = lines.nearest(grid, bad, np.array([11.0, np.nan, 11.0, np.inf]), np.full(10, 2000.0))
    assert who.tolist() == [-1, -1, -1, -1]


def flat(lat, lon, la, lo):
    """Azimuthal equidistant metres around a centre: the oracle's plane."""
    azimuth, _, distance = WGS84.inv(np.full(len(la), lon), np.full(len(la), lat), lo, la)
    return np.column_stack([distance * np.sin(np.radians(azimuth)), distance * np.cos(np.radians(azimuth))])


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("leg_m", [200, 5_000, 45_000])
def test_crossings_against_plane_geometry(place, leg_m):
    segments, grid = random_grid(*place, 150, 2, 1852, radius_m=25 * KM)
    lat0, lon0 = spread(*place, 6000 if leg_m < 1000 else 300, 25 * KM, 5)
    random = np.random.default_rng(6)
    ends = np.array(
        [destination(a, b, random.uniform(0, 360), leg_m) for a, b in zip(lat0, lon0, strict=True)]
    )
    lat1, lon1 = ends[:, 0].copy(), ends[:, 1].copy()
    leg, asset, fraction = crossings(grid, lat0, lon0, lat1, lon1, 50 * KM)
    p, q = flat(*place, lat0, lon0), flat(*place, lat1, lon1)
    a, b = flat(*place, segments[0], segments[1]), flat(*place, segments[2], segments[3])
    tracks = shapely.linestrings(np.stack([p, q], axis=1))
    wires = shapely.linestrings(np.stack([a, b], axis=1))
    expected = {(i, j) for i, j in shapely.STRtree(wires).query(tracks, predicate="crosses").T}
    got = sorted(zip(leg.tolist(), asset.tolist(), strict=True))
    want = sorted((i, int(segments[4][j])) for i, j in expected)
    # The plane is not exact for 45 km: allow a grazing pair in a hundred to differ.
    assert len(want) > 20
    differing = len(set(got) ^ set(want)) + abs(len(got) - len(want))
    assert differing <= (0.01 * len(want) + 1 if leg_m > 5000 else 0)
    assert ((fraction >= 0) & (fraction <= 1)).all()
    order = np.lexsort((fraction, leg))
    assert (order == np.arange(len(leg))).all()


@pytest.mark.parametrize("place", PLACES[:-2])
def test_a_polyline_is_crossed_once_through_a_vertex_and_by_legs_that_meet_on_it(place):
    lat, lon = place
    north, south = destination(lat, lon, 0.0, 3000.0), destination(lat, lon, 180.0, 3000.0)
    west, east = destination(lat, lon, 270.0, 2000.0), destination(lat, lon, 90.0, 2000.0)
    cable = np.array([north, (lat, lon), south])
    columns = (cable[:-1, 0], cable[:-1, 1], cable[1:, 0], cable[1:, 1])
    grid = lines.build(*map(np.ascontiguousarray, columns), np.zeros(2, np.int32), np.full(2, 1852.0))
    track = np.array([west, (lat, wrap_deg(lon)), east])
    ends = [np.ascontiguousarray(c) for c in (track[:-1, 0], track[:-1, 1], track[1:, 0], track[1:, 1])]
    assert len(crossings(grid, *ends, 50 * KM)[0]) == 1
    whole = [np.array([v]) for v in (*west, *east)]
    leg, asset, fraction = crossings(grid, *whole, 50 * KM)
    assert leg.tolist() == asset.tolist() == [0]
    assert fraction[0] == pytest.approx(0.5, abs=1e-6)


def test_a_leg_too_long_or_beside_or_without_length_crosses_nothing():
    cable = [np.array([v]) for v in (56.0, 11.0, 56.04, 11.0)]
    grid = lines.build(*cable, np.zeros(1, np.int32), np.array([1852.0]))

    def crossed(*leg, longest=50 * KM):
        return len(crossings(grid, *(np.array([v]) for v in leg), longest)[0])

    assert crossed(56.02, 10.9, 56.02, 11.1) == 1
    assert crossed(56.02, 10.9, 56.02, 11.1, longest=10 * KM) == 0
    assert crossed(56.05, 10.9, 56.05, 11.1) == 0
    assert crossed(56.02, 10.9, 56.02, 10.99) == 0
    assert crossed(56.02, 11.0, 56.02, 11.0) == 0
    assert crossed(np.nan, 10.9, 56.02, 11.1) == 0


def test_crossings_of_one_leg_come_in_order():
    x = np.array([11.3, 11.1, 11.2])
    grid = lines.build(
        np.full(3, 56.0), x, np.full(3, 56.04), x, np.arange(3, dtype=np.int32), np.full(3, 1852.0)
    )
    leg = [np.array([v]) for v in (56.02, 11.0, 56.02, 11.4)]
    _, asset, fraction = crossings(grid, *leg, 50 * KM)
    assert asset.tolist() == [1, 2, 0]
    assert fraction.tolist() == pytest.approx([0.25, 0.5, 0.75], abs=1e-3)
