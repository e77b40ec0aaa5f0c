"""Events against a plain search through all pairs, and in a turned world."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from watchkeeper.kernels.events import linked

GEOD = Geod(ellps="WGS84")
candidates = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20), st.integers(0, 8), st.integers(0, 3), st.booleans()),
    min_size=1,
    max_size=14,
)


def columns(given_):
    start, lasts, east, target, known = (np.array(c) for c in zip(*given_, strict=True))
    lon = 179.95 + east * 0.05
    lon2 = np.where(known, 30.0 + 3.0 * target, np.nan)
    lat = np.full(len(start), 50.01)
    return start * 60_000, (start + lasts) * 60_000, (lat, lon), (np.where(known, 60.0, np.nan), lon2)


def plain(start, end, first, second, within, first_m, second_m, same_end):
    n = len(start)
    group = list(range(n))
    for _ in range(n):
        for i in range(n):
            for j in range(n):
                if same_end:
                    near = abs(start[i] - start[j]) <= within and abs(end[i] - end[j]) <= within
                else:
                    near = start[i] <= end[j] + within and start[j] <= end[i] + within
                near &= GEOD.inv(first[1][i], first[0][i], first[1][j], first[0][j])[2] <= first_m
                nowhere = np.isnan(second[0][i]), np.isnan(second[0][j])
                near &= nowhere[0] == nowhere[1]
                if near and not any(nowhere):
                    near = GEOD.inv(second[1][i], second[0][i], second[1][j], second[0][j])[2] <= second_m
                if near:
                    group[i] = group[j] = min(group[i], group[j])
    return {frozenset(k for k in range(n) if group[k] == g) for g in group}


@given(candidates, st.booleans(), st.sampled_from([0.0, 90.0, 180.0]))
def test_events_are_those_of_all_pairs(given_, same_end: bool, turn: float):
    start, end, first, second = columns(given_)
    turned = first[0], (first[1] + turn + 540.0) % 360.0 - 180.0
    found = linked(
        start, end, turned, second, within_ms=300_000, first_m=5_000.0, second_m=20_000.0, same_end=same_end
    )
    sets = {frozenset(np.flatnonzero(found == g).tolist()) for g in found}
    assert sets == plain(start, end, first, second, 300_000, 5_000.0, 20_000.0, same_end)
    for g in set(found.tolist()):
        assert start[g] == start[found == g].min()


def test_nothing_is_no_event():
    none = np.empty(0)
    assert (
        len(
            linked(
                none, none, (none, none), (none, none), within_ms=1, first_m=1.0, second_m=1.0, same_end=False
            )
        )
        == 0
    )
