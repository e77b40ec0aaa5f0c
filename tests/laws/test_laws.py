"""Laws that hold for every registered behaviour, on random small fleets and on one where each has something to find."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from fleets import COMPACT, EVENTFUL, Fleet, fleets, turned, world
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from lawful import Duty, World, cut, delayed, findings, found, ids, read_only, told, whole

from watchkeeper.behaviours import all_behaviours
from watchkeeper.model.behaviour import Found, Reference, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Finding
from watchkeeper.model.picture import Fixes
from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.time import MINUTE

# The same examples every time, and none made smaller: a failing law must not take minutes to say so. To find the
# smallest example, add Phase.shrink.
law = settings(max_examples=30, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate))
shares = st.lists(st.floats(0.0, 1.0), max_size=6)


def assert_cut_changes_nothing(one: World, at: list[float], behaviours=None) -> None:
    assert told(findings(one, cut(one, at), behaviours=behaviours)) == told(
        findings(one, behaviours=behaviours)
    )


def test_every_behaviour_has_something_to_find_here():
    assert {f.behaviour for f in findings(world(EVENTFUL))} == set(all_behaviours())


@law
@given(fleet=fleets, at=shares)
@example(fleet=EVENTFUL, at=[k / 40 for k in range(40)])
@example(fleet=EVENTFUL, at=[0.0, 0.0, 0.5, 0.5, 1.0])
def test_cutting_the_stream_changes_nothing(fleet: Fleet, at: list[float]):
    assert_cut_changes_nothing(world(fleet), at)


@law
@given(fleet=fleets, at=shares)
@example(fleet=EVENTFUL, at=[k / 40 for k in range(40)])
def test_looking_at_a_batch_while_the_next_is_grouped_changes_nothing(fleet: Fleet, at: list[float]):
    one = world(fleet)
    duty = Duty.begin(one, overlap=True).take(cut(one, at))
    assert told(found(duty.outcomes(one))) == told(findings(one))


def test_one_row_at_a_time_changes_nothing():
    one = world(tuple(replace(ship, interval_s=180) for ship in EVENTFUL[:4]))
    _, last = one.span
    assert_cut_changes_nothing(one, [k / last for k in range(last)])


@behaviour(id="forgetful", version=1, references=(Reference("none", "none", "none"),))
def forgetful(fix: Fixes) -> Episodes:
    """Forgetful: looks at one batch only.

    Why it matters: it must not pass.
    Innocent causes: none.
    Next step: none.
    """
    first = np.arange(min(len(fix.t), 1))
    return Episodes.build(
        len(first), vessel=fix.vessel[first], start=fix.t[first], end=fix.t[first], first_row=fix.row[first]
    )


@forgetful.judge
def _judge(e: Episode, context) -> Found:
    return Found((), "the first of its batch", "low", "always")


def test_the_law_catches_a_behaviour_that_forgets_between_batches():
    one = world(EVENTFUL)
    assert_cut_changes_nothing(one, [], behaviours=[forgetful])
    with pytest.raises(AssertionError):
        assert_cut_changes_nothing(one, [0.3, 0.6], behaviours=[forgetful])


@law
@given(fleet=fleets, at=shares, seed=st.integers(0, 9))
@example(fleet=EVENTFUL, at=[k / 20 for k in range(20)], seed=1)
def test_arrival_out_of_order_within_the_lateness_changes_nothing(fleet: Fleet, at: list[float], seed: int):
    one = world(fleet)
    rng = np.random.default_rng(seed)
    batches = delayed(one, lambda n: rng.integers(0, 15 * MINUTE, n), at)
    assert told(findings(one, batches)) == told(findings(one))


@law
@given(fleet=fleets, at=shares.filter(len), where=st.integers(0, 99))
@example(fleet=EVENTFUL, at=[k / 20 for k in range(20)], where=11)
def test_going_on_from_a_snapshot_changes_nothing(fleet: Fleet, at: list[float], where: int):
    one = world(fleet)
    batches = cut(one, at)
    k = where % len(batches)
    saved = Duty.begin(one).take(batches[:k]).saved()
    resumed = Duty.begin(one)
    resumed.engine.restore(saved)
    assert told(found(resumed.take(batches[k:]).outcomes(one))) == told(findings(one))


def test_a_snapshot_is_not_changed_by_going_on():
    one = world(EVENTFUL)
    batches = cut(one, [0.5])
    duty = Duty.begin(one).take(batches[:1])
    snapshot = duty.engine.snapshot()
    before = {name: column.copy() for name, column in snapshot.items()}
    duty.take(batches[1:]).outcomes(one)
    assert all(
        np.array_equal(snapshot[name], before[name], equal_nan=column.dtype.kind == "f")
        for name, column in before.items()
    )


@law
@given(fleet=fleets)
@example(fleet=EVENTFUL)
def test_inputs_are_not_changed(fleet: Fleet):
    """Read-only arrays: a write into them raises, which stops the behaviour or the engine."""
    one = world(fleet)
    assert told(findings(read_only(one))) == told(findings(world(fleet)))


def test_nothing_in_nothing_out():
    empty = World(Positions.empty(), Statics.empty())
    assert findings(empty, []) == []
    assert findings(empty, whole(empty) * 3) == []


@pytest.mark.parametrize("line", range(1, 40, 3))
def test_one_position_is_no_finding_of_movement(line: int):
    one = world(EVENTFUL)
    single = World(one.positions.slice(line, line + 1), one.statics, one.assets)
    assert findings(single) == []
    assert findings(replace(single, statics=Statics.empty())) == []


def test_static_data_alone_are_no_finding():
    one = world(EVENTFUL)
    assert findings(replace(one, positions=Positions.empty())) == []


MONOTONE = [(b.id, name, sign) for b in all_behaviours().values() for name, sign in b.monotone.items()]


def assert_stricter_only_removes(
    one: World, name: str, threshold: str, sign: int, factors: tuple[float, ...]
) -> None:
    declared = all_behaviours()[name]
    default = declared.thresholds[threshold].default
    values = sorted((default * f for f in factors), key=lambda v: sign * v)
    given = [findings(one, behaviours=[declared], thresholds={name: {threshold: v}}) for v in values]
    for laxer, stricter in pairwise(given):
        assert set(ids(stricter)) <= set(ids(laxer)), (name, threshold, values)


@law
@given(fleet=fleets, which=st.sampled_from(MONOTONE), factors=st.tuples(*[st.floats(0.1, 3.0)] * 2))
def test_a_stricter_threshold_never_adds_findings(
    fleet: Fleet, which: tuple[str, str, int], factors: tuple[float, ...]
):
    assert_stricter_only_removes(world(fleet), *which, factors)


@pytest.mark.parametrize("which", MONOTONE, ids=lambda w: f"{w[0]}-{w[1]}")
def test_a_stricter_threshold_removes_findings_of_the_eventful_fleet(which: tuple[str, str, int]):
    assert_stricter_only_removes(world(EVENTFUL), *which, (0.1, 0.5, 1.0, 1.2, 2.0, 20.0))


def assert_same_but_place(here: list[Finding], there: list[Finding]) -> None:
    """Ids, times and confidences are the same, measured numbers nearly."""
    assert [(f.id, f.start, f.end, f.mmsi, f.other_mmsi, f.asset, f.confidence) for f in here] == [
        (f.id, f.start, f.end, f.mmsi, f.other_mmsi, f.asset, f.confidence) for f in there
    ]
    for a, b in zip(here, there, strict=True):
        for x, y in zip(a.measured, b.measured, strict=True):
            if x.name.startswith(("latitude", "longitude")):
                continue  # a place that was measured turns with the world
            if isinstance(x.value, float):
                assert y.value == pytest.approx(x.value, rel=1e-3, abs=0.1)
            elif isinstance(x.value, int):
                assert y.value == pytest.approx(x.value, abs=1)
            else:
                assert y.value == x.value


def but_gaps(those: list[Finding]) -> list[Finding]:
    """Witnesses are counted in cells whose edges do not turn with the world; gaps have a law of their own below."""
    return [f for f in those if f.behaviour not in ("ais-gap", "dark-encounter", "receiver-outage")]


@law
@given(fleet=fleets, east=st.floats(-180.0, 180.0))
@example(fleet=EVENTFUL, east=160.99)
@example(fleet=EVENTFUL, east=160.7)
@example(fleet=EVENTFUL, east=-19.01)
def test_a_world_turned_east_has_the_same_findings(fleet: Fleet, east: float):
    one = world(fleet)
    assert_same_but_place(but_gaps(findings(one)), but_gaps(findings(turned(one, east))))


@pytest.mark.parametrize("east", [160.99, 160.9, 161.2, 77.7, -19.01, -123.4])
def test_a_gap_with_near_witnesses_is_the_same_in_a_turned_world(east: float):
    one = world(COMPACT)
    here, there = (
        [f for f in findings(w) if f.behaviour == "ais-gap" and f.end] for w in (one, turned(one, east))
    )
    assert len(here) == 1
    assert_same_but_place(here, there)


@law
@given(fleet=fleets)
@example(fleet=EVENTFUL)
def test_a_mirrored_world_has_the_same_findings(fleet: Fleet):
    one = world(fleet)
    assert_same_but_place(findings(one), findings(turned(one, 0.0, mirrored=True)))


@law
@given(fleet=fleets)
@example(fleet=EVENTFUL)
def test_ids_are_unique_and_stable(fleet: Fleet):
    one = world(fleet)
    first = findings(one)
    assert len({f.id for f in first}) == len(first)
    assert ids(findings(one)) == ids(first)


def key(f: Finding) -> tuple[str, int, int | None, str]:
    return f.behaviour, f.mmsi, f.other_mmsi, f.start


@law
@given(fleet=fleets, share=st.floats(0.3, 1.0))
@example(fleet=EVENTFUL, share=0.7)
def test_a_finding_keeps_its_id_when_more_data_come(fleet: Fleet, share: float):
    one = world(fleet)
    early = findings(one, cut(one, [share])[:1])
    later = {key(f): f.id for f in findings(one)}
    for f in early:
        assert later.get(key(f), f.id) == f.id


def test_an_open_finding_is_closed_under_its_id():
    one = world(EVENTFUL)
    closed = {f.id: f for f in findings(one) if f.end is not None}
    ended = set()
    for share in np.linspace(0.3, 0.95, 14):
        early = findings(one, cut(one, [share])[:1])
        ended |= {f.behaviour for f in early if f.end is None and f.id in closed}
    assert ended >= {"ais-gap", "loitering", "drifting", "encounter", "asset-loitering", "identity-clash"}
