"""Shortest ways over water on a square grid, in sixteen directions."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.compiled import kernel

Floats = NDArray[np.float64]

LONGEST_SHARE: Final = 1.0275
"""A way in sixteen directions is at most this much longer than the straight one: with steps at 26.565 degrees to
each other's axis the worst course lies half way between, 1 / cos(26.565 / 2) = 1.0275."""


@kernel
def ways(water: NDArray[np.bool_], row: int, column: int, cell_m: float, limit_m: float) -> Floats:
    """Length of the shortest way over water from one cell to every other [m], infinite beyond ``limit_m``.

    Args:
        water: whether each cell can be sailed, shape ``(rows, columns)``; the first cell need not be water.
        row, column: where the way begins.
        cell_m: width of a cell [m].

    Returns:
        ``(rows, columns)``; at most :data:`LONGEST_SHARE` too long in open water.
    """
    rows, columns = water.shape
    far = np.full((rows, columns), np.inf)
    waiting = np.zeros((rows, columns), np.bool_)
    size = rows * columns
    queue = np.empty(size, np.int64)
    head, count = 0, 1
    queue[0] = row * columns + column
    far[row, column] = 0.0
    while count:
        here = queue[head]
        head = (head + 1) % size
        count -= 1
        r, c = here // columns, here % columns
        waiting[r, c] = False
        so_far = far[r, c]
        for dr in range(-2, 3):
            for dc in range(-2, 3):
                # The king's and the knight's moves; the others repeat a direction.
                if dr * dr + dc * dc not in (1, 2, 5):
                    continue
                a, b = r + dr, c + dc
                if a < 0 or b < 0 or a >= rows or b >= columns or not water[a, b]:
                    continue
                longer = so_far + cell_m * math.sqrt(dr * dr + dc * dc)
                if longer >= far[a, b] or longer > limit_m:
                    continue
                if dr * dr + dc * dc == 5 and not _between(water, r, c, dr, dc):
                    continue
                far[a, b] = longer
                if not waiting[a, b]:
                    waiting[a, b] = True
                    queue[(head + count) % size] = a * columns + b
                    count += 1
    return far


@kernel
def _between(water: NDArray[np.bool_], r: int, c: int, dr: int, dc: int) -> bool:
    """Whether one of the two cells that a knight's move passes is water."""
    along_r, along_c = (dr // 2, 0) if abs(dr) == 2 else (0, dc // 2)
    return bool(water[r + along_r, c + along_c] or water[r + dr - along_r, c + dc - along_c])
