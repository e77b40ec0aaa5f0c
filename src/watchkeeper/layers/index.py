"""Where assets are: nearest, within the buffer, crossed; for whole columns of positions."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels import landgrid, lines
from watchkeeper.kernels.crossings import crossings
from watchkeeper.layers.segments import FARTHEST_M, SegmentIndex, Segments, of_geometry
from watchkeeper.model.asset import Asset

Floats = NDArray[np.float64]
Who = NDArray[np.int32]
Distance = NDArray[np.float32]

MAX_LEG_M: Final = 50_000.0
"""Between fixes farther apart than this no crossing is claimed: the ship's way is unknown."""

# A small buffer still needs a cell to be found in, and legs are sampled twice per reach.
_LEAST_REACH_M: Final = 1_000.0
_CELLS_ACROSS: Final = 256
_LEAST_CELL_DEG: Final = 1e-3


class AssetIndex:
    """The assets of one or several layers, indexed for millions of positions.

    A point inside a polygon is at distance 0 from it, so in one index a zone hides the cables it covers:
    index lines and zones apart where both matter.
    """

    def __init__(self, assets: Sequence[Asset]) -> None:
        import shapely

        self.assets: Final = tuple(assets)
        shapes = [shapely.geometry.shape(asset.geometry) for asset in self.assets]
        self._segments: Final = Segments.concat(
            [of_geometry(shape, i) for i, shape in enumerate(shapes)] or [_none()]
        )
        self._any_distance: Final = SegmentIndex(self._segments)
        self._areas: Final = list(_areas(shapes))
        self._buffers: Final = np.array([asset.buffer_m for asset in self.assets], np.float64)
        widest = self._buffers.max(initial=0.0)
        if widest > FARTHEST_M:
            raise ValueError(f"a buffer of {widest} m is too wide, at most {FARTHEST_M:.0f} m")

    def __len__(self) -> int:
        return len(self.assets)

    @cached_property
    def _grid(self) -> lines.SegmentGrid:
        reach = np.maximum(self._buffers, _LEAST_REACH_M)[self._segments.owner]
        return lines.build(*self._segments, reach)

    def nearest(self, lat: Floats, lon: Floats, max_m: float) -> tuple[Who, Distance]:
        """The nearest asset within ``max_m`` metres (at most 200 km) of each point.

        Returns:
            Position in :attr:`assets` (-1 for none) and distance [m] (infinite for none), shapes ``(n,)``.
            Error below 0.5 m up to 10 km, 10 m at 200 km, plus half a metre on top of the line itself.
        """
        return self._or_inside(lat, lon, *self._any_distance.nearest(lat, lon, max_m))

    def within_buffer(self, lat: Floats, lon: Floats) -> tuple[Who, Distance]:
        """As :meth:`nearest`, with every asset's own ``buffer_m`` as its limit."""
        return self._or_inside(lat, lon, *lines.nearest(self._grid, lat, lon, self._buffers))

    def crossings(
        self, lat0: Floats, lon0: Floats, lat1: Floats, lon1: Floats, max_leg_m: float = MAX_LEG_M
    ) -> tuple[NDArray[np.int64], Who, Floats]:
        """Leg, asset and fraction along the leg of every crossing of a line or an outline.

        See :func:`watchkeeper.kernels.crossings.crossings`.
        """
        return crossings(self._grid, lat0, lon0, lat1, lon1, max_leg_m)

    def _or_inside(self, lat: Floats, lon: Floats, who: Who, distance: Distance) -> tuple[Who, Distance]:
        for number, area in self._areas:
            inside = landgrid.contains(area, lat, lon) & (distance > 0.0)
            who[inside], distance[inside] = number, 0.0
        return who, distance


def _none() -> Segments:
    import shapely

    return of_geometry(shapely.GeometryCollection(), 0)


def _areas(shapes: Sequence[Any]) -> Iterator[tuple[int, landgrid.PolygonGrid]]:
    """Number and grid of every shape that has an inside."""
    import shapely

    for number, shape in enumerate(shapes):
        polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
        if not rings:
            continue
        edges = np.concatenate([np.hstack([xy[:-1], xy[1:]]) for xy in map(shapely.get_coordinates, rings)])
        west, south, east, north = shape.bounds
        cell = max(_LEAST_CELL_DEG, max(east - west, north - south) / _CELLS_ACROSS)
        bounds = (west - cell, south - cell, east + cell, north + cell)
        yield number, landgrid.build(edges, bounds, cell)
