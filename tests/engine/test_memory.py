"""State grows with the vessels and keeps what it knew."""

import numpy as np

from watchkeeper.engine.memory import Memory


def test_rows_appear_filled_and_old_ones_are_kept():
    memory = Memory()
    memory.rows("a", 3, 0, np.int64, -1)[:] = [1, 2, 3]
    grown = memory.rows("a", 5_000, 0, np.int64, -1)
    assert grown.shape == (5_000,)
    assert grown[:3].tolist() == [1, 2, 3]
    assert set(grown[3:].tolist()) == {-1}


def test_asking_for_fewer_rows_does_not_shrink():
    memory = Memory()
    memory.rows("a", 2_000, 2, np.float64, 0.0)[1_999] = 7.0
    assert memory.rows("a", 5, 2, np.float64, 0.0).shape == (5, 2)
    assert memory.rows("a", 2_000, 2, np.float64, 0.0)[1_999].tolist() == [7.0, 7.0]


def test_a_snapshot_stands_by_itself():
    memory = Memory()
    memory.rows("a", 2, 0, np.int64, 0)[:] = 5
    saved = memory.snapshot()
    memory.rows("a", 2, 0, np.int64, 0)[:] = 9
    other = Memory()
    other.restore(saved)
    assert other.rows("a", 2, 0, np.int64, 0).tolist() == [5, 5]
    other.rows("a", 2, 0, np.int64, 0)[:] = 1
    assert saved["a/rows"].tolist() == [5, 5]


def test_a_snapshot_holds_what_was_touched_and_no_more():
    memory = Memory()
    memory.rows("a", 100_000, 3, np.float64, np.nan)[70_000, 1] = 0.0
    memory.rows("b", 100_000, 0, np.int64, -1)[[3, 5]] = [0, -1]
    saved = memory.snapshot()
    assert saved["a/at"].tolist() == [70_000]
    assert saved["b/at"].tolist() == [3]
    other = Memory()
    other.restore(saved)
    np.testing.assert_array_equal(
        other.rows("a", 100_000, 3, np.float64, np.nan), memory.rows("a", 100_000, 3, np.float64, np.nan)
    )
    np.testing.assert_array_equal(
        other.rows("b", 100_000, 0, np.int64, -1), memory.rows("b", 100_000, 0, np.int64, -1)
    )
