"""Land and sea: is a point on land, how far is the coast, and the shapes for a map.

The shapes are Natural Earth's 1:10,000,000 land (public domain) as quantised by the npm package
``world-atlas``: vertices lie within about 200 m of the original, which itself generalises the coast by up
to a kilometre. Good for *at sea or not* and for maps; not for navigation, nor for berths and quays.
"""

from functools import cached_property
from importlib.resources import files
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import WatchkeeperError
from watchkeeper.kernels import landgrid
from watchkeeper.layers.segments import FARTHEST_M, SegmentIndex, cut_edges, divide_straight

Floats = NDArray[np.float64]

CREDIT: Final = "Land: Natural Earth (public domain)"

_WORLD: Final = (-180.0, -90.0, 180.0, 90.0)
# 0.1 degree: 26 MB for the world, and about five edges in a cell on the coast.
_CELL_DEG: Final = 0.1
# Distances to the coast are asked for in one sea at a time; its edges are indexed tile by tile.
_TILE_DEG: Final = 10.0
_FIRST_REACH_M: Final = 32_000.0
_LEAST_DEGREE_M: Final = 110_500.0
_POLAR_DEG: Final = 88.0
_BUILT: Final = "data/land.npz"


class Land:
    """The land polygons of the world, indexed.

    Args:
        vertices: longitude, latitude [deg] of closed rings one after the other, shape ``(n, 2)``. Polygons
            are cut at the antimeridian and closed at the poles, as GeoJSON wants them (RFC 7946, 3.1.9).
        ring_sizes: number of vertices of each ring.
        polygon_rings: number of rings of each polygon, the outer one first.
    """

    def __init__(
        self, vertices: Floats, ring_sizes: NDArray[np.int32], polygon_rings: NDArray[np.int32]
    ) -> None:
        self._vertices = vertices
        self._ring_sizes = ring_sizes
        self._polygon_rings = polygon_rings
        self._tiles: dict[tuple[int, int], SegmentIndex] = {}

    @classmethod
    def load(cls) -> Self:
        """The packaged land.

        Raises:
            WatchkeeperError: the package was built without it.
        """
        path = files("watchkeeper.layers").joinpath(_BUILT)
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as built:
                units = np.cumsum(built["steps"], axis=0, dtype=np.int32).astype(np.float64)
                units /= built["units_per_degree"]
                return cls(units, built["ring_sizes"], built["polygon_rings"])
        except FileNotFoundError as missing:
            what = "The land outline was not built into this installation."
            raise WatchkeeperError(what, "Run `make setup`.") from missing

    @cached_property
    def coast(self) -> Floats:
        """The coastline as edges lon, lat, lon, lat [deg], shape ``(n, 4)``, cuts left out."""
        start, end = self._vertices[:-1], self._vertices[1:]
        real = np.ones(len(start), bool)
        real[np.cumsum(self._ring_sizes)[:-1] - 1] = False
        real &= ~cut_edges(start[:, 1], start[:, 0], end[:, 1], end[:, 0])
        return np.hstack([start[real], end[real]])

    @cached_property
    def _grid(self) -> landgrid.PolygonGrid:
        return landgrid.build(self.coast, _WORLD, _CELL_DEG)

    @cached_property
    def _coast_boxes(self) -> Floats:
        """South, north, west, east of every edge of the coast, shape ``(4, n)``."""
        x1, y1, x2, y2 = self.coast.T
        return np.array([np.minimum(y1, y2), np.maximum(y1, y2), np.minimum(x1, x2), np.maximum(x1, x2)])

    def _coast_around(self, row: int, column: int) -> SegmentIndex:
        """The coast within reach of a tile; the world's at once would take a second and 100 MB."""
        if (row, column) not in self._tiles:
            south, west = row * _TILE_DEG, column * _TILE_DEG
            aside = FARTHEST_M / _LEAST_DEGREE_M
            poleward = max(abs(south), abs(south + _TILE_DEG)) + aside
            around = aside / np.cos(np.radians(poleward)) if poleward < _POLAR_DEG else 360.0
            low, high, left, right = self._coast_boxes
            near = np.zeros(len(low), bool)
            for turn in (-360.0, 0.0, 360.0):
                near |= (right + turn >= west - around) & (left + turn <= west + _TILE_DEG + around)
            near &= (high >= south - aside) & (low <= south + _TILE_DEG + aside)
            x1, y1, x2, y2 = np.ascontiguousarray(self.coast[near].T)
            self._tiles[row, column] = SegmentIndex(divide_straight(y1, x1, y2, x2), _FIRST_REACH_M)
        return self._tiles[row, column]

    @cached_property
    def polygons(self) -> Any:
        """The polygons as an array of shapely geometries in longitude, latitude."""
        import shapely

        rings = shapely.linearrings(
            self._vertices, indices=np.repeat(np.arange(len(self._ring_sizes)), self._ring_sizes)
        )
        return shapely.polygons(
            rings, indices=np.repeat(np.arange(len(self._polygon_rings)), self._polygon_rings)
        )

    def geometry(self) -> Any:
        """All land as one shapely multipolygon, WGS84 degrees, cut at the antimeridian."""
        import shapely

        return shapely.multipolygons(self.polygons)

    def is_land(self, lat: Floats, lon: Floats) -> NDArray[np.bool_]:
        """Whether each point is on land. Degrees, shapes ``(n,)`` in, ``(n,)`` out; NaN is not land."""
        return landgrid.contains(self._grid, lat, lon)

    def coast_distance_m(self, lat: Floats, lon: Floats, max_m: float) -> NDArray[np.float32]:
        """Distance to the nearest coastline, at sea or on land [m]; infinite beyond ``max_m`` (up to 200 km).

        Degrees, shapes ``(n,)`` in, ``(n,)`` out. The outline itself errs by a kilometre.
        """
        distance = np.full(len(lat), np.inf, np.float32)
        tile = np.floor(np.stack([lat, (lon + 180.0) % 360.0 - 180.0]) / _TILE_DEG)
        for row, column in np.unique(tile[:, np.isfinite(tile).all(axis=0)], axis=1).T.astype(int).tolist():
            here = np.flatnonzero((tile[0] == row) & (tile[1] == column))
            distance[here] = self._coast_around(row, column).nearest(lat[here], lon[here], max_m)[1]
        return distance
