"""Common times and close pairs, against all pairs by Geod."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from watchkeeper.kernels import meetings
from watchkeeper.kernels.meetings import (
    close_pairs,
    close_unseen,
    degrees_m,
    extend_pairs,
    fill_table,
    samples,
    vessels_near,
)

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
    i, j, metres = close_pairs(lat, lon, vessel, degrees_m(lat), 500.0)
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


@given(spots)
def test_vessels_near_are_counted_once_each(spots):
    rows = sorted((57.0 + y, 18.0 + x, v) for y, x, v in spots)
    lat, lon, vessel = (np.array([row[k] for row in rows], d) for k, d in enumerate(("f8", "f8", "i4")))
    near = vessels_near(lat, lon, vessel, 500.0)
    for a in range(len(rows)):
        away = [GEOD.inv(lon[a], lat[a], lon[b], lat[b])[2] for b in range(len(rows))]
        if all(abs(m - 500.0) > 0.5 for m in away):
            assert near[a] == len({v for v, m in zip(vessel.tolist(), away, strict=True) if m < 500.0})


@given(st.lists(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=8), max_size=12))
def test_pairs_go_on_and_close_as_in_a_dictionary(slots):
    """The table of pairs, kept in place, beside a plain dictionary of (first slot, last slot, times)."""
    vessels = np.arange(7, dtype=np.int32)
    zero = np.zeros(7)
    lengths = degrees_m(zero)
    ints, floats = np.empty((100, meetings.PAIR_INTS), np.int64), np.empty((100, meetings.PAIR_FLOATS))
    table, count, bridge = np.empty(256, np.int32), 0, 1
    fill_table(ints, count, table)
    going: dict[tuple[int, int], list[int]] = {}
    for slot, met in enumerate(slots):
        gone = {key for key, pair in going.items() if slot - pair[1] > bridge}
        expected_gone = sorted(going.pop(key) for key in gone)
        count, closed, _ = close_unseen(ints, floats, count, slot, bridge)
        fill_table(ints, count, table)
        columns = [meetings.FIRST, meetings.LAST, meetings.SLOTS]
        assert sorted(closed[:, columns].tolist()) == expected_gone
        pairs = sorted({(min(a, b), max(a, b)) for a, b in met if a != b})
        for pair in pairs:
            begun = going.setdefault(pair, [slot, slot, 0])
            begun[1:] = [slot, begun[2] + 1]
        i, j = (np.array([pair[k] for pair in pairs], np.int32) for k in (0, 1))
        count = extend_pairs(
            ints, floats, count, table, i, j, np.ones(len(i)), zero, zero, zero, vessels.astype(np.int64),
            vessels, vessels, lengths, slot,
        )  # fmt: skip
        assert sorted(ints[:count, columns].tolist()) == sorted(going.values())
        assert {(k >> 32, k & 0xFFFFFFFF) for k in ints[:count, meetings.KEY].tolist()} == set(going)
