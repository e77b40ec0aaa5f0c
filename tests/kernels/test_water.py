"""Shortest ways over water against Dijkstra's plain form, and their stated error in open water."""

import heapq
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.kernels.water import LONGEST_SHARE, ways

MOVES = [(a, b) for a in range(-2, 3) for b in range(-2, 3) if a * a + b * b in (1, 2, 5)]


def plain(water: np.ndarray, row: int, column: int) -> np.ndarray:
    """Dijkstra with the same moves."""
    rows, columns = water.shape
    far = np.full(water.shape, np.inf)
    far[row, column] = 0.0
    queue = [(0.0, row, column)]
    while queue:
        so_far, r, c = heapq.heappop(queue)
        if so_far > far[r, c]:
            continue
        for dr, dc in MOVES:
            a, b = r + dr, c + dc
            if not (0 <= a < rows and 0 <= b < columns and water[a, b]):
                continue
            if abs(dr) == 2 and not (water[r + dr // 2, c] or water[r + dr // 2, b]):
                continue
            if abs(dc) == 2 and not (water[r, c + dc // 2] or water[a, c + dc // 2]):
                continue
            longer = so_far + math.hypot(dr, dc)
            if longer < far[a, b]:
                far[a, b] = longer
                heapq.heappush(queue, (longer, a, b))
    return far


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32), share=st.floats(0.0, 0.6), row=st.integers(0, 11), column=st.integers(0, 13)
)
def test_as_dijkstra(seed, share, row, column):
    water = np.random.default_rng(seed).random((12, 14)) >= share
    np.testing.assert_allclose(ways(water, row, column, 1.0, np.inf), plain(water, row, column))


def test_open_water_is_at_most_so_much_too_long():
    far = ways(np.ones((61, 61), np.bool_), 30, 30, 100.0, np.inf)
    r, c = np.indices(far.shape)
    straight = 100.0 * np.hypot(r - 30, c - 30)
    apart = straight > 0
    ratio = far[apart] / straight[apart]
    assert ratio.min() >= 1.0 - 1e-9
    assert ratio.max() == pytest.approx(LONGEST_SHARE, abs=5e-4)


def test_beyond_the_limit_is_infinite_and_inside_it_exact():
    water = np.ones((21, 21), np.bool_)
    whole, cut = ways(water, 10, 10, 1.0, np.inf), ways(water, 10, 10, 1.0, 6.0)
    assert np.array_equal(np.isfinite(cut), whole <= 6.0)
    assert np.array_equal(cut[np.isfinite(cut)], whole[whole <= 6.0])


def test_a_strait_is_passed_and_a_wall_is_not():
    water = np.ones((9, 9), np.bool_)
    water[:, 4] = False
    assert np.isinf(ways(water, 4, 0, 1.0, np.inf)[4, 8])
    water[0, 4] = True
    assert ways(water, 4, 0, 1.0, np.inf)[4, 8] > 8.0
