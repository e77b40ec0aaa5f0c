"""A coarse grid of a sea: where there is water, how far the coast is, the shortest way round the land."""

import heapq
from dataclasses import dataclass
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from watchkeeper.exercises.geo import Array, metres_per_degree, wrap_lon
from watchkeeper.exercises.regions import Region

CELL_DEG: Final = 0.05
"""Height of a cell: 3 nmi."""

FINE: Final = 6
"""Land is looked up on a lattice this many times finer."""

COAST_SHY_M: Final = 10_000.0
"""Ships pay for being nearer to the coast than a few times this distance."""


class LandMask(Protocol):
    """What the simulator asks of :class:`watchkeeper.layers.land.Land`."""

    def is_land(self, lat: Array, lon: Array) -> NDArray[np.bool_]: ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of ``CELL_DEG`` latitude and about the same distance in longitude, row-major from the south-west.

    ``water`` is true where the cell and half a cell around it hold no land; ``coast_m`` the distance over
    water to the nearest cell that is not; ``fine_land`` the lattice behind it.
    """

    south: float
    west: float
    dlat: float
    dlon: float
    water: Array
    coast_m: Array
    fine_land: Array

    @classmethod
    def of(cls, region: Region, land: LandMask) -> Self:
        """Look the land up and measure the distance to the coast."""
        middle = np.radians((region.south + region.north) / 2.0)
        dlat, dlon = CELL_DEG, CELL_DEG / float(np.cos(middle))
        rows = int((region.north - region.south) / dlat)
        columns = int((region.east - region.west) / dlon)
        lat = region.south + (np.arange(-2, rows * FINE + 2) + 0.5) * dlat / FINE
        lon = region.west + (np.arange(-2, columns * FINE + 2) + 0.5) * dlon / FINE
        at_lat, at_lon = np.meshgrid(lat, lon, indexing="ij")
        fine = land.is_land(at_lat.ravel(), wrap_lon(at_lon.ravel())).reshape(at_lat.shape)
        window = np.lib.stride_tricks.sliding_window_view(fine, (2 * FINE, 2 * FINE))[::FINE, ::FINE]
        water = np.logical_not(window.any(axis=(2, 3)))
        blind = cls(region.south, region.west, dlat, dlon, water, np.zeros(water.shape), fine)
        coast, _ = blind.shortest(np.flatnonzero(~water.ravel()), shy=False)
        return cls(region.south, region.west, dlat, dlon, water, coast.reshape(water.shape), fine)

    def centre(self, cell: Array | int) -> tuple[Array, Array]:
        """Latitude and longitude of the middle of flat cell numbers."""
        row, column = np.divmod(cell, self.water.shape[1])
        return self.south + (row + 0.5) * self.dlat, self.west + (column + 0.5) * self.dlon

    def cell(self, lat: Array | float, lon: Array | float) -> Array:
        """Flat number of the cell that holds each point, points outside taken to the edge."""
        rows, columns = self.water.shape
        row = np.clip(np.floor((np.asarray(lat) - self.south) / self.dlat), 0, rows - 1)
        column = np.clip(np.floor((np.asarray(lon) - self.west) / self.dlon), 0, columns - 1)
        number: Array = (row * columns + column).astype(np.int64)
        return number

    def coast_distance_m(self, lat: Array, lon: Array) -> Array:
        """Distance to the coast [m], to about a cell."""
        distance: Array = self.coast_m.ravel()[self.cell(lat, lon)]
        return distance

    def visible(self, lat1: float, lon1: float, lat2: float, lon2: float) -> bool:
        """Whether the straight line crosses water cells only."""
        steps = int(max(abs(lat2 - lat1) / self.dlat, abs(lon2 - lon1) / self.dlon) * 4.0) + 2
        u = np.linspace(0.0, 1.0, steps)
        return bool(self.water.ravel()[self.cell(lat1 + u * (lat2 - lat1), lon1 + u * (lon2 - lon1))].all())

    def shortest(self, sources: Array, shy: bool = True) -> tuple[Array, Array]:
        """Dijkstra from ``sources`` over water: distance [m] and the cell before, for every cell.

        With ``shy`` a step near the coast counts for more, as ships keep an offing.
        """
        rows, columns = self.water.shape
        lat, _ = self.centre(np.arange(rows) * columns)
        north, east = metres_per_degree(lat)
        steps = [
            (dr, dc, np.hypot(dr * self.dlat * north, dc * self.dlon * east).tolist())
            for dr in (-1, 0, 1) for dc in (-1, 0, 1) if dr or dc
        ]  # fmt: skip
        price = (1.0 + np.exp(-self.coast_m / COAST_SHY_M) * shy).ravel().tolist()
        water = self.water.ravel().tolist()
        far = [np.inf] * (rows * columns)
        before = [-1] * (rows * columns)
        queue = [(0.0, int(cell)) for cell in sources]
        for _, cell in queue:
            far[cell] = 0.0
        heapq.heapify(queue)
        while queue:
            distance, cell = heapq.heappop(queue)
            if distance > far[cell]:
                continue
            row, column = divmod(cell, columns)
            for dr, dc, length in steps:
                r, c = row + dr, column + dc
                if not (0 <= r < rows and 0 <= c < columns):
                    continue
                other = r * columns + c
                longer = distance + length[row] * price[other]
                if water[other] and longer < far[other]:
                    far[other] = longer
                    before[other] = cell
                    heapq.heappush(queue, (longer, other))
        return np.array(far), np.array(before)

    def way(self, before: Array, cell: int) -> tuple[Array, Array]:
        """Waypoints from ``cell`` back to the source of ``before``, straight wherever water allows."""
        cells = [cell]
        while before[cells[-1]] >= 0:
            cells.append(int(before[cells[-1]]))
        lat, lon = self.centre(np.array(cells))
        kept = [0]
        while kept[-1] < len(cells) - 1:
            here = kept[-1]
            reach = here + 1
            for ahead in _further(here, len(cells)):
                if self.visible(lat[here], lon[here], lat[ahead], lon[ahead]):
                    reach = ahead
                    break
            kept.append(reach)
        return lat[kept], lon[kept]


def _further(here: int, count: int) -> list[int]:
    """Positions after ``here`` to try, far ones first."""
    left = count - 1 - here
    fractions = (1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.06, 0.03)
    return sorted({here + max(1, int(left * f)) for f in fractions}, reverse=True)
