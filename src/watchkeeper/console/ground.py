"""The land under the map: fine where the ships are, coarse elsewhere, with no seam drawn between the two."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Line = NDArray[np.float64]
"""Longitude, latitude [deg], shape ``(n, 2)``."""
Polygon = list[Line]
"""Closed rings, the outer one first."""
Bounds = tuple[float, float, float, float]

FINE_DEG: Final = 0.002
COARSE_DEG: Final = 0.05
"""Tolerances: about 200 m, the accuracy of the outline itself, and 5 km, under a pixel of a world map."""
MARGIN: Final = 0.5
"""The fine part reaches beyond what is shown by this share of it, on every side."""
_FINE_MOST_DEG: Final = 40.0
"""A region wider than this is drawn coarse: at its scale no finer coast can be seen."""
_WORLD: Final = (-180.0, -90.0, 180.0, 90.0)


def ground(land: BaseGeometry, bounds: Bounds) -> tuple[list[Polygon], list[Line]]:
    """The land's polygons and its coastlines, for a map that opens on ``bounds``.

    Args:
        land: all land, WGS84 degrees, cut at the antimeridian.
        bounds: west, south, east, north [deg]; east may exceed 180.

    Returns:
        Polygons, and coastlines without the edges that cutting made between fine and coarse and at the
        antimeridian.
    """
    boxes = _boxes(bounds)
    coarse = shapely.make_valid(shapely.simplify(land, COARSE_DEG, preserve_topology=False))
    parts = [shapely.difference(coarse, shapely.union_all([shapely.box(*box) for box in boxes]))]
    parts += [
        shapely.make_valid(shapely.simplify(shapely.clip_by_rect(land, *box), FINE_DEG)) for box in boxes
    ]
    polygons = [_rings(p) for part in parts for p in _polygons(part)]
    meridians = np.array([edge for box in (_WORLD, *boxes) for edge in (box[0], box[2])])
    parallels = np.array([edge for box in (_WORLD, *boxes) for edge in (box[1], box[3])])
    coast = [line for rings in polygons for ring in rings for line in _uncut(ring, meridians, parallels)]
    return polygons, coast


def _boxes(bounds: Bounds) -> list[Bounds]:
    """The region drawn finely, in one or two parts within -180 and 180; none where it is too wide."""
    west, south, east, north = bounds
    if max(east - west, north - south) > _FINE_MOST_DEG:
        return []
    wide, high = (east - west) * MARGIN, (north - south) * MARGIN
    west, south, east, north = west - wide, max(-90.0, south - high), east + wide, min(90.0, north + high)
    # What lies beyond the antimeridian comes in again on the other side.
    turned = [(max(-180.0, west + turn), min(180.0, east + turn)) for turn in (-360.0, 0.0, 360.0)]
    return [(left, south, right, north) for left, right in turned if left < right]


def _polygons(geometry: BaseGeometry) -> Iterator[Any]:
    """Polygons of a geometry and of the collections inside it."""
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon" and not part.is_empty:
            yield part
        elif shapely.get_num_geometries(part) > 1:
            yield from _polygons(part)


def _rings(polygon: Any) -> Polygon:
    return [shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors)]


def _uncut(ring: Line, meridians: Line, parallels: Line) -> Iterator[Line]:
    """The stretches of a ring between its edges along a cut."""
    start, end = ring[:-1], ring[1:]
    along = (start == end) & np.stack(
        [np.isin(start[:, 0], meridians), np.isin(start[:, 1], parallels)], axis=1
    )
    cut = np.flatnonzero(along.any(axis=1))
    for first, last in zip(np.append(0, cut + 1), np.append(cut, len(ring) - 1), strict=True):
        if last > first:
            yield ring[first : last + 1]
