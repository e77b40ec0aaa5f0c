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

OUTSIDE: Final = 0
INSIDE: Final = 1
_MIXED: Final = 2  # and above: 2 + 2 * (number of the mixed cell) + (is the reference point inside)

# Where in its cell the reference point lies: an odd place, so that round coordinates never hit it.
_REF_X: Final = 0.5137
_REF_Y: Final = 0.4871
_TOUCH_DEG: Final = 1e-9

Floats = NDArray[np.float64]


class PolygonGrid(NamedTuple):
    """The raster, ``cells`` row by row from the south-west, and the edges of mixed cell ``k``: rows
    ``starts[k]`` to ``starts[k + 1]`` of ``edges``, each ``x1, y1, x2, y2`` [deg]. An edge in several cells
    is there several times, so that one cell's edges lie together in memory."""

    west: float
    south: float
    cell: float
    n_cols: int
    n_rows: int
    cells: NDArray[np.int32]
    starts: NDArray[np.int64]
    edges: Floats


def build(
    x1: Floats, y1: Floats, x2: Floats, y2: Floats, bounds: tuple[float, float, float, float], cell: float
) -> PolygonGrid:
    """Build the grid of polygons given by their edges (each shape ``(n,)``, any order, holes included).

    Args:
        bounds: west, south, east, north of the raster [deg]. Nothing outside it is inside a polygon, and
            the meridian of the first column is outside at its northern end.
        cell: cell size [deg].
    """
    west, south, east, north = bounds
    n_cols = math.ceil((east - west) / cell - 1e-9)
    n_rows = math.ceil((north - south) / cell - 1e-9)
    counts = np.zeros(n_cols * n_rows, np.int32)
    none = np.empty(0, np.int32)
    _visit(x1, y1, x2, y2, west, south, cell, n_cols, n_rows, counts, none)
    ends = np.cumsum(counts, dtype=np.int64)
    members = np.empty(int(ends[-1]), np.int32)
    _visit(x1, y1, x2, y2, west, south, cell, n_cols, n_rows, (ends - counts).astype(np.int32), members)
    edges = np.column_stack([x1[members], y1[members], x2[members], y2[members]])
    cells = _reference_states(x1, y1, x2, y2, west, south, cell, n_cols, n_rows)
    mixed = np.flatnonzero(counts)
    cells[mixed] += _MIXED + 2 * np.arange(len(mixed), dtype=np.int32)
    starts = np.concatenate([[0], ends[mixed]])
    return PolygonGrid(west, south, cell, n_cols, n_rows, cells, starts, edges)


@kernel
def _visit(
    x1: Floats,
    y1: Floats,
    x2: Floats,
    y2: Floats,
    west: float,
    south: float,
    cell: float,
    n_cols: int,
    n_rows: int,
    cursor: NDArray[np.int32],
    members: NDArray[np.int32],
) -> None:
    """Advance ``cursor`` at every cell each edge touches; write the edge there when ``members`` has room."""
    for i in range(len(x1)):
        low, high = min(y1[i], y2[i]), max(y1[i], y2[i])
        slope = (x2[i] - x1[i]) / (y2[i] - y1[i]) if high - low > _TOUCH_DEG else 0.0
        left, right = min(x1[i], x2[i]), max(x1[i], x2[i])
        first = max(0, int(math.floor((low - _TOUCH_DEG - south) / cell)))
        last = min(n_rows - 1, int(math.floor((high + _TOUCH_DEG - south) / cell)))
        for row in range(first, last + 1):
            a, b = left, right
            if slope != 0.0:
                enter = x1[i] + slope * (south + row * cell - y1[i])
                leave = enter + slope * cell
                a = max(left, min(enter, leave) - abs(slope) * _TOUCH_DEG)
                b = min(right, max(enter, leave) + abs(slope) * _TOUCH_DEG)
            from_col = max(0, int(math.floor((a - _TOUCH_DEG - west) / cell)))
            to_col = min(n_cols - 1, int(math.floor((b + _TOUCH_DEG - west) / cell)))
            for col in range(from_col, to_col + 1):
                at = row * n_cols + col
                if len(members):
                    members[cursor[at]] = i
                cursor[at] += 1


@kernel
def _reference_states(
    x1: Floats,
    y1: Floats,
    x2: Floats,
    y2: Floats,
    west: float,
    south: float,
    cell: float,
    n_cols: int,
    n_rows: int,
) -> NDArray[np.int32]:
    """Whether each cell's reference point is inside: count crossings down the first column, then along rows."""
    # flips[row, col]: crossings between the reference point of the column before and that of this one
    flips = np.zeros((n_rows, n_cols), np.int32)
    down = np.zeros(n_rows + 1, np.int32)
    first_x = west + _REF_X * cell
    for i in range(len(x1)):
        if (x1[i] <= first_x) != (x2[i] <= first_x):
            y = y1[i] + (first_x - x1[i]) * (y2[i] - y1[i]) / (x2[i] - x1[i])
            below = int(math.floor((y - south) / cell - _REF_Y)) + 1
            down[min(max(below, 0), n_rows)] += 1
        low, high = min(y1[i], y2[i]), max(y1[i], y2[i])
        row = max(0, int(math.ceil((low - south) / cell - _REF_Y)))
        while row < n_rows:
            y = south + (row + _REF_Y) * cell
            if y >= high:
                break
            if (y1[i] <= y) != (y2[i] <= y):
                x = x1[i] + (y - y1[i]) * (x2[i] - x1[i]) / (y2[i] - y1[i])
                after = int(math.ceil((x - west) / cell - _REF_X))
                if 0 < after < n_cols:
                    flips[row, after] += 1
            row += 1
    crossed = 0
    for row in range(n_rows - 1, -1, -1):
        crossed += down[row + 1]
        flips[row, 0] = crossed
    for row in range(n_rows):
        inside = 0
        for col in range(n_cols):
            inside ^= flips[row, col] & 1
            flips[row, col] = inside
    return flips.reshape(n_rows * n_cols)


@kernel
def contains(grid: Any, lat: Floats, lon: Floats) -> NDArray[np.bool_]:
    """Whether each point is inside the polygons of a :class:`PolygonGrid`. Shapes ``(n,)`` in, ``(n,)`` out.

    Exact but for points on an edge, which may fall on either side. NaN is outside.
    """
    result = np.zeros(len(lat), np.bool_)
    for i in range(len(lat)):
        x = wrap_deg(lon[i])
        col = (x - grid.west) / grid.cell
        row = (lat[i] - grid.south) / grid.cell
        if not (0.0 <= col < grid.n_cols and 0.0 <= row < grid.n_rows):
            continue
        state = grid.cells[int(row) * grid.n_cols + int(col)]
        if state >= _MIXED:
            result[i] = _inside_mixed(grid, x, lat[i], int(col), int(row), state)
        else:
            result[i] = state == INSIDE
    return result


@kernel
def _inside_mixed(grid: Any, x: float, y: float, col: int, row: int, state: int) -> bool:
    ref_x = grid.west + (col + _REF_X) * grid.cell
    ref_y = grid.south + (row + _REF_Y) * grid.cell
    dx, dy = ref_x - x, ref_y - y
    inside = (state & 1) == 1
    number = (state - _MIXED) >> 1
    for k in range(grid.starts[number], grid.starts[number + 1]):
        ax, ay, bx, by = grid.edges[k, 0], grid.edges[k, 1], grid.edges[k, 2], grid.edges[k, 3]
        # The signs are half-open, so a way through a vertex counts one of its two edges.
        if (dx * (ay - y) - dy * (ax - x) >= 0.0) != (dx * (by - y) - dy * (bx - x) >= 0.0):
            ex, ey = bx - ax, by - ay
            if (ex * (y - ay) - ey * (x - ax) >= 0.0) != (ex * (ref_y - ay) - ey * (ref_x - ax) >= 0.0):
                inside = not inside
    return inside
