"""Where a silent ship can have been, as a shape for the map."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.cases.attribution.reach import CELLS, Silent, Water
from watchkeeper.cases.attribution.stretch import Floats
from watchkeeper.kernels.plane import from_plane, to_plane

_GRID_DEG = 1e-4
"""Vertices are rounded to ten metres: the cells are wider by far."""


def possible_area(silent: Silent) -> dict[str, Any] | None:
    """GeoJSON of the cells from which both ends were within reach; None where it holds a pole, or no cell's middle."""
    first, second = silent.ways
    at = (np.arange(CELLS) + 0.5) * first.cell - first.half
    x, y = (column.ravel() for column in np.meshgrid(at, at))
    wet, _ = silent.water.grid(silent.half)
    inside = ((first.to(x, y) + second.to(x, y)) <= silent.limit).reshape(CELLS, CELLS) & wet
    return _outline(silent.water, inside, first.cell, first.half) if inside.any() else None


def _outline(water: Water, inside: NDArray[np.bool_], cell: float, half: float) -> dict[str, Any] | None:
    """Cells as polygons in degrees, cut at the antimeridian (RFC 7946, 3.1.9)."""
    import shapely

    edges = np.diff(inside.astype(np.int8), axis=1, prepend=0, append=0)
    rows, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    boxes = shapely.box(
        starts * cell - half, rows * cell - half, ends * cell - half, (rows + 1) * cell - half
    )
    shape = shapely.simplify(shapely.union_all(boxes), cell)
    lat0, lon0 = water.stretch.lat, water.stretch.lon

    def degrees(xy: Floats) -> Floats:
        lat, lon = from_plane(lat0, lon0, np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1]))
        return np.column_stack([lon0 + (lon - lon0 + 180.0) % 360.0 - 180.0, lat])

    west, south, east, north = shapely.bounds(shape)
    x, y = to_plane(lat0, lon0, np.array([90.0, -90.0]), np.array([0.0, 0.0]))
    if ((x > west) & (x < east) & (y > south) & (y < north)).any():
        return None
    turned = shapely.make_valid(shapely.transform(shape, degrees))
    parts = [
        shapely.transform(shapely.intersection(turned, shapely.box(k - 180, -90, k + 180, 90)), _shifted(k))
        for k in (-360.0, 0.0, 360.0)
    ]
    whole = shapely.union_all([shapely.set_precision(part, _GRID_DEG) for part in parts])
    geometry: dict[str, Any] = shapely.geometry.mapping(whole)
    return geometry


def _shifted(degrees: float) -> Callable[[Floats], Floats]:
    return lambda xy: xy - np.array([degrees, 0.0])
