"""Stretches in which a condition holds, against a loop over lists, however they are cut."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.kernels import runs as r
from watchkeeper.kernels.geodesy import distances_m

reports = st.lists(
    st.tuples(st.integers(1, 30), st.booleans(), st.sampled_from([False] * 9 + [True]), st.integers(-1, 1)),
    min_size=1,
    max_size=40,
)
AT_LEAST, BRIDGE, SILENCE = 10_000, 15_000, 25_000


def run(columns, cuts, *, split=False, at_most=0, width=r.WIDE):
    n = len(columns)
    step, mask, begins, asset = (np.array(c) for c in zip(*columns, strict=True))
    t = np.cumsum(step) * 1000
    state = np.zeros((1, r.INTS), np.int64), np.zeros((1, width)), np.full(1, -(2**63))
    lat, lon = 57 + np.arange(n) / 1000, (179.99 + np.arange(n) / 1000 + 540) % 360 - 180
    leg_m = np.append(np.nan, distances_m(lat[:-1], lon[:-1], lat[1:], lon[1:])) if n else np.empty(0)
    course = np.where(np.arange(n) % 2, 350.0, 10.0).astype(np.float32)
    found = []
    edges = [0, *sorted(c % (n + 1) for c in cuts), n]
    for a, b in pairwise(edges):
        _, ints, floats = r.runs(
            np.zeros(b - a, np.int32), mask[a:b], begins[a:b], t[a:b], np.arange(a, b), lat[a:b], lon[a:b],
            np.full(b - a, 5.0, np.float32), np.arange(a, b, dtype=float), -np.arange(a, b, dtype=float),
            asset[a:b].astype(np.int32), course[a:b], course[a:b] + np.float32(5.0),
            np.arange(a, b) - 1, leg_m[a:b], True, split, *state,
            AT_LEAST, BRIDGE, SILENCE, at_most,
        )  # fmt: skip
        assert floats.shape[1] == width
        found += [(int(x[r.FIRST]), int(x[r.LAST]), int(x[r.N])) for x in ints]
    return found, state


def plain(columns, *, split=False, at_most=0):
    t, members, last_t, found = 0, [], None, []
    for k, (step, holds, begins, asset) in enumerate(columns):
        t += step * 1000
        if members:
            over = begins or t - last_t > SILENCE or t - members[-1][1] > BRIDGE
            full = at_most and holds and t - members[0][1] > at_most
            if over or full or (split and holds and asset != members[-1][2]):
                if members[-1][1] - members[0][1] >= AT_LEAST:
                    found.append((members[0][0], members[-1][0], len(members)))
                members = []
        if holds:
            members.append((k, t, asset))
        last_t = t
    return found


@given(reports, st.lists(st.integers(0, 40), max_size=4), st.booleans(), st.sampled_from([r.FLOATS, r.WIDE]))
def test_closed_runs_are_those_of_a_loop(columns, cuts: list[int], split: bool, width: int):
    assert run(columns, cuts, split=split, width=width)[0] == plain(columns, split=split)


@given(reports, st.lists(st.integers(0, 40), max_size=4), st.integers(10_000, 90_000))
def test_windows_are_runs_that_never_get_longer(columns, cuts: list[int], at_most: int):
    found, _ = run(columns, cuts, at_most=at_most)
    assert found == plain(columns, at_most=at_most)
    t = np.cumsum([c[0] for c in columns]) * 1000
    assert all(t[last] - t[first] <= at_most for first, last, _ in found)


def test_what_a_run_measures():
    _, (ints, floats, _) = run([(1, True, False, 0)] * 21, [7])
    f = floats[0]
    assert ints[0, r.ACTIVE] == 1
    assert ints[0, r.N] == 21
    assert f[r.VALUE_SUM] / f[r.VALUE_N] == 10.0
    assert (f[r.LOW], ints[0, r.LOW_ROW], ints[0, r.LOW_T]) == (-20.0, 20, 21_000)
    # Twenty thousandths of a degree each way, over the antimeridian.
    assert f[r.LON_MAX] - f[r.LON_MIN] == pytest.approx(0.02)
    assert f[r.LAT_MAX] - f[r.LAT_MIN] == pytest.approx(0.02)
    assert f[r.PATH] == pytest.approx(20 * np.hypot(111.36, 60.7), rel=0.005)
    # Courses of 10 and 350 degrees: north on the mean, each ten degrees off; the bow five degrees off each course.
    assert f[r.EAST] == pytest.approx(np.sin(np.radians(10.0)), abs=1e-4)
    assert f[r.NORTH] / f[r.COURSES] == pytest.approx(np.cos(np.radians(10.0)), abs=1e-6)
    assert f[r.CRAB_SUM] / f[r.CRAB_N] == pytest.approx(5.0, abs=1e-4)
