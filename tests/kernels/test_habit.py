"""Slower than usual, and the first report of a slot, against a loop over plain numbers."""

from math import isnan, nan

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.kernels.habit import first_of_slot, slower_than_usual

knots = st.one_of(st.just(nan), st.floats(0, 30, width=32))


@given(
    st.lists(st.tuples(knots, knots, knots, st.sampled_from([nan, 10.0, 119.0, 120.0, 600.0])), max_size=30)
)
def test_slower_than_usual_is_what_a_loop_says(rows: list[tuple[float, float, float, float]]):
    def slower(sog: float, usual: float, leg_kn: float, leg_s: float) -> bool:
        speed = leg_kn if leg_s >= 120 and leg_kn < sog else sog
        return not isnan(speed) and usual >= 6 and 3 <= speed <= (1 - 0.25) * usual

    sog, usual, leg_kn, leg_s = (
        (np.array(c, float) for c in zip(*rows, strict=True)) if rows else [np.empty(0)] * 4
    )
    found = slower_than_usual(sog.astype("f4"), usual, leg_kn, leg_s, 0.25, 3.0, 6.0, 120.0)
    assert found.tolist() == [slower(*row) for row in rows]


@given(st.lists(st.integers(0, 60_000), min_size=1, max_size=40), st.lists(knots, min_size=40, max_size=40))
def test_one_report_a_slot(steps: list[int], sog: list[float]):
    t = np.cumsum(np.array(steps, np.int64))
    before = np.concatenate([[np.nan], t[:-1].astype(float)])
    found = first_of_slot(t, before, np.array(sog[: len(t)], np.float32), 3.0, 120_000)
    for k in range(len(t)):
        new = k == 0 or t[k] // 120_000 != t[k - 1] // 120_000
        assert found[k] == (new and sog[k] >= 3.0)
