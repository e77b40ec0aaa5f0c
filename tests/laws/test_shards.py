"""Sharding by vessel, and more vessels than sixteen bits can number.

What a behaviour *detects* of one vessel does not depend on the others, so its candidate episodes are the same in any
sharding. What it *judges* does: witnesses, learnt places, outages, lists and meetings need the whole picture, which is
why judging is a second step that sees all shards. The law therefore compares candidates, of behaviours on fixes that
do not use meetings. Every shard hears one more ship, the clock: the time until which it has heard is the same.
"""

from dataclasses import replace

import numpy as np
import pytest
from fleets import EVENTFUL, T0, Fleet, fleets, world
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from lawful import Duty, World, findings, whole

from watchkeeper.behaviours import all_behaviours
from watchkeeper.model.episodes import Episodes
from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.time import HOUR, MINUTE

CLOCK = 219_999_999
PER_VESSEL = [b.id for b in all_behaviours().values() if b.observes == "fixes" and b.id != "encounter"]


def with_clock(one: World) -> World:
    last = one.positions.slice(len(one.positions) - 1, len(one.positions))
    tick = replace(last, t=last.t + MINUTE, mmsi=np.array([CLOCK], "i4"), row=last.row + 1_000_000)
    return replace(one, positions=Positions.concat([one.positions, tick]))


def shard(one: World, mmsis: set[int]) -> World:
    mine = list(mmsis | {CLOCK})
    return replace(
        one,
        positions=one.positions.take(np.isin(one.positions.mmsi, mine)),
        statics=one.statics.take(np.isin(one.statics.mmsi, mine)),
    )


def candidates(one: World) -> dict[str, set[tuple[object, ...]]]:
    """Every candidate episode of each behaviour but those of the clock, by MMSI instead of the run's numbers."""
    duty = Duty.begin(one).take(whole(one))
    duty.engine.finish()
    mmsi = duty.engine.vessels.mmsi
    told: dict[str, set[tuple[object, ...]]] = {}
    for watch in duty.watches:
        assert watch.failure is None
        names = [n for n in Episodes.DTYPES if n not in ("vessel", "other")]
        told[watch.behaviour.id] = {
            (int(mmsi[e.vessel]), *(str(getattr(e, n)) for n in names))
            for e in Episodes.concat(watch.episodes)
            if mmsi[e.vessel] != CLOCK
        }
    return told


@settings(max_examples=15, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate))
@given(fleet=fleets, shards=st.integers(2, 4))
@example(fleet=EVENTFUL, shards=8)
@example(fleet=EVENTFUL, shards=3)
def test_sharding_by_vessel_gives_the_same_candidates(fleet: Fleet, shards: int):
    one = with_clock(world(fleet))
    mmsis = sorted(set(one.positions.mmsi.tolist()) - {CLOCK})
    parts = [candidates(shard(one, set(mmsis[k::shards]))) for k in range(shards)]
    together = candidates(one)
    for name in PER_VESSEL:
        assert set().union(*(part[name] for part in parts)) == together[name], name


@pytest.fixture(scope="module")
def crowd() -> World:
    """70,000 ships that report twice; the last ones meet, one of the last says an impossible speed."""
    n = 70_000
    mmsi = np.arange(n, dtype="i4") + 219_000_000
    lat, lon = -60.0 + (np.arange(n) // 280) * 0.48, -179.0 + (np.arange(n) % 280) * 1.27
    t = T0 + np.concatenate([np.arange(n) % 60_000, 20 * MINUTE + np.arange(n) % 60_000])
    twice = [np.concatenate([c, c]) for c in (mmsi, lat, lon)]
    sog = np.full(2 * n, 8.0, "f4")
    sog[-2] = 102.2
    quiet = _positions(t, *twice, sog)
    # The pair: one cable apart for three hours, numbered after all the others.
    slots = np.arange(0, 4 * HOUR, 5 * MINUTE)
    moving = (slots < 30 * MINUTE) | (slots > 210 * MINUTE)
    slow = np.where(moving, 4.0, 0.3).astype("f4")
    east, north = np.full(len(slots), 7.7), np.full(len(slots), 1.0009)
    pair = [
        _positions(
            T0 + 30 * MINUTE + slots + k,
            np.full(len(slots), 230_000_000 + k, "i4"),
            north + k * 0.001,
            east,
            slow,
        )
        for k in range(2)
    ]
    everything = Positions.concat([quiet, *pair])
    everything = everything.take(np.argsort(everything.t, kind="stable"))
    everything.row = np.arange(1, len(everything) + 1)
    return World(everything, Statics.empty())


def _positions(t, mmsi, lat, lon, sog) -> Positions:
    n = len(t)
    course = np.full(n, 90.0, "f4")
    return Positions(
        t, np.zeros(n, "i8"), mmsi, lat, lon, sog, course, course, np.zeros(n, "i1"), np.ones(n, "i1")
    )


def test_more_vessels_than_sixteen_bits_can_number(crowd: World):
    some = [
        all_behaviours()[name]
        for name in ("encounter", "impossible-value", "position-jump", "identity-clash")
    ]
    given = {(f.behaviour, f.mmsi, f.other_mmsi) for f in findings(crowd, behaviours=some)}
    assert given == {("impossible-value", 219_069_998, None), ("encounter", 230_000_000, 230_000_001)}
