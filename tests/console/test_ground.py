"""Land is drawn where land is, finely near the ships, and no cut is drawn as a coast."""

import numpy as np
import pytest
import shapely

from watchkeeper.console.ground import ground

WEST, EAST = shapely.Point(10, 55).buffer(20, 512), shapely.box(-180, 50, -170, 70)
LAND = shapely.MultiPolygon([WEST, EAST])


def area(polygons: list[list[np.ndarray]]) -> float:
    return float(sum(shapely.Polygon(rings[0], rings[1:]).area for rings in polygons))


@pytest.mark.parametrize(
    "bounds", [(8, 70, 14, 78), (0, 40, 20, 60), (-180, -60, 180, 75), (170, 52, 185, 60)]
)
def test_all_land_is_there_once(bounds: tuple[float, float, float, float]) -> None:
    polygons, _ = ground(LAND, bounds)
    assert area(polygons) == pytest.approx(LAND.area, rel=0.01)


@pytest.mark.parametrize("bounds", [(8, 70, 14, 78), (174, 52, 184, 60)])
def test_no_cut_is_a_coast(bounds: tuple[float, float, float, float]) -> None:
    _, coast = ground(LAND, bounds)
    true_coast = shapely.union_all(
        [WEST.boundary, shapely.LineString([(-180, 50), (-170, 50), (-170, 70), (-180, 70)])]
    )
    assert all(true_coast.buffer(0.06).contains(shapely.LineString(line)) for line in coast)
    assert sum(shapely.LineString(line).length for line in coast) == pytest.approx(
        true_coast.length, rel=0.01
    )


def test_finer_near_the_ships() -> None:
    polygons, _ = ground(LAND, (8, 70, 14, 78))
    coarse, _ = ground(LAND, (100, 0, 101, 1))
    assert sum(len(r) for p in polygons for r in p) > 1.2 * sum(len(r) for p in coarse for r in p)
