"""Land and sea: is a point on land, how far is the coast, and the outline for a map.

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

Floats = NDArray[np.float64]

_WORLD: Final = (-180.0, -90.0, 180.0, 90.0)
# 0.1 degree: 26 MB for the world, and about eight edges in a cell on the coast.
_CELL_DEG: Final = 0.1
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

    @classmethod
    def load(cls) -> Self:
        """The packaged land.

        Raises:
            WatchkeeperError: the package was built without it.
        """
        path = files("watchkeeper.layers").joinpath(_BUILT)
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as built:
                vertices = np.cumsum(built["steps"], axis=0, dtype=np.int64) * float(
                    built["degrees_per_unit"]
                )
                return cls(vertices, built["ring_sizes"], built["polygon_rings"])
        except FileNotFoundError as missing:
            raise WatchkeeperError(
                f"The land outline {path} is missing.", "Run `make setup` to build it."
            ) from missing

    @cached_property
    def coast(self) -> tuple[Floats, Floats, Floats, Floats]:
        """The coastline's edges as longitude, latitude of both ends [deg], without the cuts between polygons."""
        start, end = self._vertices[:-1], self._vertices[1:]
        last = np.cumsum(self._ring_sizes)[:-1] - 1
        real = np.ones(len(start), bool)
        real[last] = False
        along_antimeridian = (np.abs(start[:, 0]) == _WORLD[2]) & (np.abs(end[:, 0]) == _WORLD[2])
        along_pole = (np.abs(start[:, 1]) == _WORLD[3]) & (np.abs(end[:, 1]) == _WORLD[3])
        real &= ~(along_antimeridian | along_pole)
        columns = (start[real, 0], start[real, 1], end[real, 0], end[real, 1])
        return tuple(np.ascontiguousarray(column) for column in columns)  # type: ignore[return-value]

    @cached_property
    def _grid(self) -> landgrid.PolygonGrid:
        return landgrid.build(*self.coast, _WORLD, _CELL_DEG)

    def is_land(self, lat: Floats, lon: Floats) -> NDArray[np.bool_]:
        """Whether each point is on land. Degrees, shapes ``(n,)`` in, ``(n,)`` out; NaN is not land."""
        return landgrid.contains(self._grid, lat, lon)
