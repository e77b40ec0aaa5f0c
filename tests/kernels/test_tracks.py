"""Hulls under one number, and second receptions."""

import numpy as np
import pytest

from watchkeeper.kernels import tracks as tr

MINUTE = 60_000


def separated(*reports: tuple[float, float, float]) -> tuple[list[int], list[float]]:
    """Minutes, latitude and speed of one vessel's reports; the bits and distances of each."""
    minutes, lat, sog = (np.array(c, float) for c in zip(*reports, strict=True))
    t = (minutes * MINUTE).astype(np.int64)
    lon, sog = np.full(len(t), 18.0), sog.astype(np.float32)
    bits, other = tr.separate(
        np.zeros(len(t), np.int32), t, lat, lon, tr.sameness(t, lat, lon, sog, sog),
        np.zeros((1, tr.STATE)), np.zeros((1, tr.RECENT), np.uint64), np.full((1, tr.RECENT), -(2**62)),
        60.0, 1852.0, 5_000, 60_000,
    )  # fmt: skip
    return bits.tolist(), other[0].tolist()


def sailing(start: int, stop: int, lat: float) -> list[tuple[float, float, float]]:
    return [(m, lat + m / 1000, 10.0) for m in range(start, stop)]


def test_one_ship_is_one_track():
    bits, _ = separated(*sailing(0, 5, 57.0))
    assert bits == [tr.KEEP | tr.BEGINS, *[tr.KEEP] * 4]


def test_a_jump_and_back_is_displaced():
    bits, apart = separated(*sailing(0, 4, 57.0), *sailing(4, 7, 59.0), *sailing(7, 9, 57.0))
    assert [bool(b & tr.DISPLACED) for b in bits] == [*[False] * 4, *[True] * 3, *[False] * 2]
    assert [bool(b & tr.SECOND) for b in bits] == [*[False] * 4, *[True] * 3, *[False] * 2]
    assert bits[4] & tr.BEGINS
    assert not any(b & tr.REENTRY for b in bits)
    assert apart[4] == pytest.approx(2 * 111_380, rel=0.002)
    assert np.isnan(apart[0])


def test_an_odd_first_report_does_not_displace_the_ship():
    bits, _ = separated((0, 40.0, 1.0), *sailing(1, 6, 57.0))
    assert not any(b & tr.DISPLACED for b in bits)


def test_two_hulls_after_a_while_alternate():
    turns = [p for m in range(5, 9) for p in ((m, 57 + m / 1000, 10.0), (m + 0.5, 60 + m / 1000, 9.0))]
    bits, _ = separated(*sailing(0, 5, 57.0), *turns)
    assert [bool(b & tr.REENTRY) for b in bits[5:]] == [False, False, False, True, False, True, False, True]


def test_two_hulls_from_the_first_report_on_are_seen_too():
    turns = [p for m in range(8) for p in ((m, 57 + m / 1000, 10.0), (m + 0.5, 60 + m / 1000, 9.0))]
    bits, _ = separated(*turns)
    second = bits[1::2]
    assert all(b & tr.SECOND for b in second)
    assert not any(b & tr.DISPLACED for b in bits[::2])
    assert sum(bool(b & tr.REENTRY) for b in second) >= 5


def test_second_receptions():
    again = [
        (0, 57.0, 10.0),
        (0.02, 57.0, 10.0),
        (0.2, 57.0, 10.0),
        (0.3, 57.001, 10.0),
        (0.4, 57.0, 10.0),
        (2, 57.0, 10.0),
    ]
    bits, _ = separated(*again)
    # Within 5 s of the same report; kept: 12 s later, still the same; an echo after she moved; kept: two minutes later.
    assert [bool(b & tr.KEEP) for b in bits] == [True, False, True, True, False, True]


def test_partition_puts_track_by_track():
    vessel = np.array([7, 7, 7, 7, 3, 3], np.int32)
    bits = np.array([1, 1 | tr.SECOND, 1, 0, 1 | tr.SECOND, 1], np.uint8)
    assert tr.partition(vessel, bits).tolist() == [0, 2, 1, 5, 4]


def test_not_available_is_not_zero_speed():
    t = np.zeros(2, np.int64)
    lat, cog = np.full(2, 57.0), np.full(2, np.nan, np.float32)
    a, b = tr.sameness(t, lat, lat, np.array([np.nan, 0.0], np.float32), cog).tolist()
    assert a != b
