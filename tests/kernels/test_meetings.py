"""Common times and close pairs, against all pairs by Geod."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from watchkeeper.kernels.meetings import close_pairs, samples

GEOD = Geod(ellps="WGS84")
SLOT, LEG = 600_000, 3_600_000

spots = st.lists(st.tuples(st.floats(-0.02, 0.02), st.floats(-0.04, 0.04), st.integers(0, 9)), max_size=25)


@given(
    spots,
    st.sampled_from([(57.0, 18.0), (36.0, 0.0), (-17.0, 180.0), (0.0, -180.0), (89.95, 10.0), (-89.98, 0.0)]),
)
def test_close_pairs_are_those_of_all_pairs(spots, centre: tuple[float, float]):
    rows = sorted(
        (max(-90.0, min(90.0, centre[0] + y)), (centre[1] + x + 540) % 360 - 180, v) for y, x, v in spots
    )
    lat, lon, vessel = (np.array([row[k] for row in rows], d) for k, d in enumerate(("f8", "f8", "i4")))
    i, j, metres = close_pairs(lat, lon, vessel, 500.0)
    found = dict(zip(zip(i.tolist(), j.tolist(), strict=True), metres.tolist(), strict=True))
    for a in range(len(rows)):
        for b in range(a + 1, len(rows)):
            away = GEOD.inv(lon[a], lat[a], lon[b], lat[b])[2]
            if abs(away - 500.0) > 0.5:
                assert ((a, b) in found) == (away < 500.0 and vessel[a] != vessel[b])
            if (a, b) in found:
                assert found[a, b] == pytest.approx(away, abs=0.5)


def sampled(t0: int, t1: int, lon=(18.0, 18.2), sog=1.0, slower=3.0):
    f = [np.array([x]) for x in (57.0, 57.0)]
    return samples(
        np.array([t1]), f[0], np.array([lon[1]]), np.array([sog], np.float32), np.array([float(t0)]), f[1],
        np.array([lon[0]]), np.array([2.5]), np.array([True]), SLOT, LEG, slower,
    )  # fmt: skip


def test_every_tenth_minute_of_a_leg_is_a_sample():
    _, slot, place = sampled(300_000, 300_000 + 2 * SLOT)
    assert slot.tolist() == [1, 2]
    assert place[1] == pytest.approx([18.05, 18.15])


def test_ends_of_legs_belong_to_one_leg_only():
    assert sampled(0, SLOT)[1].tolist() == [1]
    assert sampled(SLOT, 2 * SLOT)[1].tolist() == [2]


def test_a_leg_over_the_antimeridian_stays_there():
    assert sampled(300_000, 900_000, lon=(179.9, -179.9))[2][1] == pytest.approx([-180.0])


def test_long_legs_fast_ships_and_first_reports_give_none():
    assert len(sampled(0, LEG + 1)[1]) == 0
    assert len(sampled(0, LEG)[1]) == 6
    assert len(sampled(0, SLOT, sog=3.0)[1]) == 0


def test_without_a_speed_that_of_the_leg_counts():
    assert len(sampled(0, SLOT, sog=np.nan)[1]) == 1
    assert len(sampled(0, SLOT, sog=np.nan, slower=2.0)[1]) == 0
