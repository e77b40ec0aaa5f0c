"""Stretches in which a condition holds, against a loop over lists, however they are cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.kernels import runs as r

reports = st.lists(
    st.tuples(st.integers(1, 30), st.booleans(), st.sampled_from([False] * 9 + [True]), st.integers(-1, 1)),
    min_size=1,
    max_size=40,
)
AT_LEAST, BRIDGE, SILENCE = 10_000, 15_000, 25_000


def run(columns, cuts, *, split):
    n = len(columns)
    step, mask, begins, asset = (np.array(c) for c in zip(*columns, strict=True))
    t = np.cumsum(step) * 1000
    state = np.zeros((1, r.INTS), np.int64), np.zeros((1, r.FLOATS)), np.full(1, -(2**63))
    lat, lon = 57 + np.arange(n) / 1000, (179.99 + np.arange(n) / 1000 + 540) % 360 - 180
    found = []
    edges = [0, *sorted(c % (n + 1) for c in cuts), n]
    for a, b in [(edges[k], edges[k + 1]) for k in range(len(edges) - 1)]:
        _, ints, _ = r.runs(
            np.zeros(b - a, np.int32), mask[a:b], begins[a:b], t[a:b], np.arange(a, b), lat[a:b], lon[a:b],
            np.full(b - a, 5.0, np.float32), np.arange(a, b, dtype=float), -np.arange(a, b, dtype=float),
            asset[a:b].astype(np.int32), split, *state, AT_LEAST, BRIDGE, SILENCE,
        )  # fmt: skip
        found += [(int(x[r.FIRST]), int(x[r.LAST]), int(x[r.N])) for x in ints]
    return found, state


def plain(columns, *, split):
    t, members, last_t, found = 0, [], None, []
    for k, (step, holds, begins, asset) in enumerate(columns):
        t += step * 1000
        if members:
            over = begins or t - last_t > SILENCE or t - members[-1][1] > BRIDGE
            if over or (split and holds and asset != members[-1][2]):
                if members[-1][1] - members[0][1] >= AT_LEAST:
                    found.append((members[0][0], members[-1][0], len(members)))
                members = []
        if holds:
            members.append((k, t, asset))
        last_t = t
    return found


@given(reports, st.lists(st.integers(0, 40), max_size=4), st.booleans())
def test_closed_runs_are_those_of_a_loop(columns, cuts: list[int], split: bool):
    assert run(columns, cuts, split=split)[0] == plain(columns, split=split)


def test_what_a_run_measures():
    _, (ints, floats, _) = run([(1, True, False, 0)] * 21, [7], split=False)
    f = floats[0]
    assert ints[0, r.ACTIVE] == 1
    assert ints[0, r.N] == 21
    assert f[r.VALUE_SUM] / f[r.VALUE_N] == 10.0
    assert (f[r.LOW], ints[0, r.LOW_ROW], ints[0, r.LOW_T]) == (-20.0, 20, 21_000)
    # Twenty thousandths of a degree each way, over the antimeridian.
    assert f[r.LON_MAX] - f[r.LON_MIN] == pytest.approx(0.02)
    assert f[r.LAT_MAX] - f[r.LAT_MIN] == pytest.approx(0.02)
    assert f[r.PATH] == pytest.approx(20 * np.hypot(111.36, 60.7), rel=0.005)
