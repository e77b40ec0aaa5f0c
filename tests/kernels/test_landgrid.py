"""Inside or outside, against shapely."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.kernels import landgrid


def edges_of(shape):
    rings = [r for p in shapely.get_parts(shape) for r in (p.exterior, *p.interiors)]
    return np.concatenate([np.hstack([xy[:-1], xy[1:]]) for xy in map(shapely.get_coordinates, rings)])


def grid_of(shape, cell):
    west, south, east, north = shape.bounds
    return landgrid.build(edges_of(shape), (west - cell, south - cell, east + cell, north + cell), cell)


def star(centre, radii):
    """A polygon without self-intersection: one vertex a direction."""
    angle = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    return shapely.Polygon(
        np.column_stack([np.cos(angle), np.sin(angle)]) * np.array(radii)[:, None] + centre
    )


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.floats(0.02, 5), min_size=3, max_size=40),
    st.tuples(st.floats(-170, 170), st.floats(-80, 80)),
    st.sampled_from([0.05, 0.3, 1.0, 20.0]),
)
def test_agrees_with_shapely_whatever_the_cell(radii, centre, cell):
    shape = star(np.array(centre), radii)
    x, y = (np.random.default_rng(1).uniform(-6, 6, (300, 2)) + centre).T
    inside = landgrid.contains(grid_of(shape, cell), np.ascontiguousarray(y), np.ascontiguousarray(x))
    clear = shapely.distance(shape.boundary, shapely.points(x, y)) > 1e-9
    np.testing.assert_array_equal(inside[clear], shapely.contains_xy(shape, x, y)[clear])


def test_holes_islands_in_them_and_several_polygons():
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(2, 2, 8, 8))
    shape = shapely.MultiPolygon([ring, shapely.box(4, 4, 6, 6), shapely.box(20, 0, 21, 1)])
    grid = grid_of(shape, 0.7)
    lat, lon = np.array([1.0, 3.0, 5.0, 0.5, 0.5]), np.array([1.0, 3.0, 5.0, 20.5, 15.0])
    assert landgrid.contains(grid, lat, lon).tolist() == [True, False, True, True, False]


@pytest.mark.parametrize("centre", [(10.05, 55.05), (10.0, 55.0), (10.099, 55.001)])
def test_an_island_much_smaller_than_a_cell_is_found(centre):
    x, y = centre
    grid = landgrid.build(edges_of(shapely.box(x - 1e-4, y - 1e-4, x + 1e-4, y + 1e-4)), (0, 50, 20, 60), 0.1)
    lat, lon = np.array([y, y + 3e-4, y]), np.array([x, x, x - 3e-4])
    assert landgrid.contains(grid, lat, lon).tolist() == [True, False, False]


def test_a_long_edge_through_cells_without_a_vertex():
    shape = shapely.Polygon([(0, 0), (100, 1.5), (0, 3)])
    random = np.random.default_rng(2)
    x, y = random.uniform(0, 100, 5000), random.uniform(0, 3, 5000)
    np.testing.assert_array_equal(
        landgrid.contains(grid_of(shape, 0.1), y, x), shapely.contains_xy(shape, x, y)
    )


def test_points_level_with_vertices_and_cell_edges():
    shape = shapely.Polygon([(0, 0), (1, 1), (2, 0), (3, 1), (3, -2), (0, -2)])
    x, y = (c.ravel() for c in np.meshgrid(np.arange(-1, 4.1, 0.25), np.arange(-3, 2.1, 0.25)))
    clear = shapely.distance(shape.boundary, shapely.points(x, y)) > 1e-9
    inside = landgrid.contains(grid_of(shape, 0.25), y, x)
    np.testing.assert_array_equal(inside[clear], shapely.contains_xy(shape, x, y)[clear])


def test_what_is_nowhere_is_outside():
    grid = grid_of(shapely.box(0, 0, 1, 1), 0.1)
    lat, lon = np.array([np.nan, 0.5, 91.0, 0.5, np.inf]), np.array([0.5, np.nan, 0.5, 360.5, 0.5])
    assert landgrid.contains(grid, lat, lon).tolist() == [False, False, False, True, False]
