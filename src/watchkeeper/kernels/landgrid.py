"""Is a point inside polygons: a coarse raster that answers for most points, exact edges for the rest.

Every cell that an edge touches is *mixed*: it keeps the edges in it and whether its reference point is
inside. A point in a mixed cell is inside when the straight way to the reference point crosses an odd
number of edges and the reference is outside, or an even number and it is inside; that way never leaves
the cell, so the few edges kept there decide exactly. All other cells are wholly inside or outside.
Because *edges* are rasterised, not vertices or cell centres, no island is too small and no long edge missed.

The plane is longitude, latitude in degrees, as in GeoJSON (RFC 7946, 3.1.1: edges are straight there).
"""

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.geodesy import wrap_deg

_INSIDE: Final = 1  # 0 is outside
_MIXED: Final = 2  # and above: 2 + 2 * (number of the mixed cell) + (is its reference point inside)

# Where in its cell the reference point lies: an odd place, so that round coordinates never hit it.
_REF_X: Final = 0.5137
_REF_Y: Final = 0.4871
_TOUCH_DEG: Final = 1e-9

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Raster(NamedTuple):
    """South-west corner, size of the square cells [deg] and their number."""

    west: float
    south: float
    cell: float
    n_cols: int
    n_rows: int


class PolygonGrid(NamedTuple):
    """The raster's ``cells``, row by row from the south-west, and the edges of mixed cell ``k``: rows
    ``starts[k]`` to ``starts[k + 1]`` of ``edges``, each ``x1, y1, x2, y2`` [deg]. An edge in several cells
    is there several times, so that one cell's edges lie together in memory."""

    raster: Raster
    cells: Ints
    starts: Ints
    edges: Floats


def build(edges: Floats, bounds: tuple[float, float, float, float], cell: float) -> PolygonGrid:
    """Build the grid of polygons.

    Args:
        edges: ``x1, y1, x2, y2`` [deg] of each edge, holes included, in any order; shape ``(n, 4)``.
        bounds: west, south, east, north of the raster [deg]. Nothing outside it is inside a polygon, and
            the meridian of the first column is outside at its northern end.
        cell: cell size [deg].
    """
    west, south, east, north = bounds
    n_cols = math.ceil((east - west) / cell - _TOUCH_DEG)
    n_rows = math.ceil((north - south) / cell - _TOUCH_DEG)
    raster = Raster(float(west), float(south), float(cell), n_cols, n_rows)
    counts = np.zeros(n_cols * n_rows, np.int32)
    _enter(raster, edges, counts, np.empty(0, np.int32))
    mixed = np.flatnonzero(counts)
    cursor = np.cumsum(counts, dtype=np.int32)
    members = np.empty(int(cursor[-1]), np.int32)
    cursor -= counts
    del counts  # a world of cells is 26 MB
    _enter(raster, edges, cursor, members)
    starts = np.concatenate([np.zeros(1, np.int32), cursor[mixed]])
    del cursor
    cells = _reference_states(raster, edges)
    cells[mixed] += _MIXED + 2 * np.arange(len(mixed), dtype=np.int32)
    return PolygonGrid(raster, cells, starts, edges[members])


@kernel
def _enter(raster: Raster, edges: Floats, cursor: Ints, members: Ints) -> None:
    """Advance ``cursor`` at every cell each edge touches; write the edge there when ``members`` has room."""
    west, south, cell, n_cols, n_rows = raster
    for i in range(len(edges)):
        x1, y1, x2, y2 = edges[i]
        low, high = min(y1, y2), max(y1, y2)
        left, right = min(x1, x2), max(x1, x2)
        slope = (x2 - x1) / (y2 - y1) if high - low > _TOUCH_DEG else 0.0
        blur = _TOUCH_DEG * (1.0 + abs(slope))
        first = max(0, math.floor((low - _TOUCH_DEG - south) / cell))
        last = min(n_rows - 1, math.floor((high + _TOUCH_DEG - south) / cell))
        for row in range(first, last + 1):
            a, b = left, right
            if slope != 0.0:
                enter = x1 + slope * (south + row * cell - y1)
                leave = enter + slope * cell
                a, b = max(left, min(enter, leave)), min(right, max(enter, leave))
            from_col = max(0, math.floor((a - blur - west) / cell))
            to_col = min(n_cols - 1, math.floor((b + blur - west) / cell))
            for col in range(from_col, to_col + 1):
                at = row * n_cols + col
                if len(members):
                    members[cursor[at]] = i
                cursor[at] += 1


@kernel
def _reference_states(raster: Raster, edges: Floats) -> Ints:
    """Whether each cell's reference point is inside: edges crossed down the first column, then along rows."""
    west, south, cell, n_cols, n_rows = raster
    # crossed[row, col]: edges between the reference point of the column before and that of this one
    crossed = np.zeros((n_rows, n_cols), np.int32)
    above = np.zeros(n_rows + 1, np.int32)
    first_x = west + _REF_X * cell
    for i in range(len(edges)):
        x1, y1, x2, y2 = edges[i]
        if (x1 <= first_x) != (x2 <= first_x):
            y = y1 + (first_x - x1) * (y2 - y1) / (x2 - x1)
            row = math.floor((y - south) / cell - _REF_Y) + 1
            above[min(max(row, 0), n_rows)] += 1
        row = max(0, math.ceil((min(y1, y2) - south) / cell - _REF_Y))
        while row < n_rows:
            y = south + (row + _REF_Y) * cell
            if y >= max(y1, y2):
                break
            if (y1 <= y) != (y2 <= y):
                x = x1 + (y - y1) * (x2 - x1) / (y2 - y1)
                col = math.ceil((x - west) / cell - _REF_X)
                if 0 < col < n_cols:
                    crossed[row, col] += 1
            row += 1
    total = 0
    for row in range(n_rows - 1, -1, -1):
        total += above[row + 1]
        inside = total & 1
        crossed[row, 0] = inside
        for col in range(1, n_cols):
            inside ^= crossed[row, col] & 1
            crossed[row, col] = inside
    return crossed.reshape(n_rows * n_cols)


@kernel
def contains(grid: Any, lat: Floats, lon: Floats) -> NDArray[np.bool_]:
    """Whether each point is inside the polygons of a :class:`PolygonGrid`. Shapes ``(n,)`` in, ``(n,)`` out.

    Exact but for points on an edge, which may fall on either side. NaN is outside.
    """
    raster, cells, starts, edges = grid.raster, grid.cells, grid.starts, grid.edges
    west, south, cell, n_cols, n_rows = raster
    result = np.zeros(len(lat), np.bool_)
    for i in range(len(lat)):
        x, y = wrap_deg(lon[i]), lat[i]
        col, row = (x - west) / cell, (y - south) / cell
        if not (0.0 <= col < n_cols and 0.0 <= row < n_rows):
            continue
        state = cells[int(row) * n_cols + int(col)]
        inside = (state & _INSIDE) == _INSIDE
        if state >= _MIXED:
            number = (state - _MIXED) >> 1
            ref_x, ref_y = west + (int(col) + _REF_X) * cell, south + (int(row) + _REF_Y) * cell
            for k in range(starts[number], starts[number + 1]):
                if _between(edges, k, x, y, ref_x, ref_y):
                    inside = not inside
        result[i] = inside
    return result


@kernel
def _between(edges: Floats, k: int, x: float, y: float, ref_x: float, ref_y: float) -> bool:
    """Whether edge ``k`` crosses the way from a point to the reference point."""
    ax, ay, bx, by = edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3]
    dx, dy = ref_x - x, ref_y - y
    # The signs are half-open, so of two edges that share a vertex on the way exactly one counts.
    if (dx * (ay - y) - dy * (ax - x) >= 0.0) == (dx * (by - y) - dy * (bx - x) >= 0.0):
        return False
    ex, ey = bx - ax, by - ay
    before = ex * (y - ay) - ey * (x - ax) >= 0.0
    after = ex * (ref_y - ay) - ey * (ref_x - ax) >= 0.0
    return bool(before != after)
