"""The engine: a behaviour that raises stops alone; repeats are dropped and counted; a failure survives a snapshot."""

import logging

import numpy as np
import pytest
from making import engine, positions

from watchkeeper.behaviours import all_behaviours
from watchkeeper.engine.judging import judge
from watchkeeper.model.behaviour import Found, Reference, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.picture import Fixes
from watchkeeper.model.records import Statics

IMPOSSIBLE = all_behaviours()["impossible-value"]


def made(detect):
    return behaviour(id="made", version=1, references=(Reference("none", "none", "none"),))(detect)


def raising(fix: Fixes) -> Episodes:
    """Raising: divides by nothing.

    Why it matters: others must go on.
    Innocent causes: none.
    Next step: none.
    """
    raise ZeroDivisionError("no rows")


def every(fix: Fixes) -> Episodes:
    """Every: each pair.

    Why it matters: something to judge.
    Innocent causes: none.
    Next step: none.
    """
    return fix.pairs(np.ones(len(fix.t), bool))


def absurd() -> tuple:
    return positions([0, 60_000, 120_000], sog=[0.0, 102.2, 0.0]), Statics.empty()


def test_a_behaviour_that_raises_stops_itself_and_others_go_on(caplog: pytest.LogCaptureFixture):
    one = engine([made(raising), IMPOSSIBLE])
    with caplog.at_level(logging.ERROR):
        one.push(*absurd())
        one.finish()
    broken, good = one.watches
    assert broken.failure == "ZeroDivisionError: no rows"
    assert good.failure is None
    assert len(Episodes.concat(good.episodes)) == 1
    assert "made stopped" in caplog.text
    assert len(caplog.records) == 1


def test_a_failure_survives_a_snapshot():
    one = engine([made(raising), IMPOSSIBLE])
    one.push(*absurd())
    one._process(one._reorder.finish())
    again = engine([made(raising), IMPOSSIBLE])
    again.restore(one.snapshot())
    assert [w.failure for w in again.watches] == ["ZeroDivisionError: no rows", None]


def test_a_judge_that_raises_makes_the_behaviour_unknown():
    declared = made(every)

    @declared.judge
    def judging(e: Episode, context) -> Found:
        raise KeyError("vessel")

    one = engine([declared])
    one.push(*absurd())
    one.finish()

    class Context:
        def begin(self, candidates: Episodes, event: object) -> None:
            pass

    outcome = judge(one.watches[0], Context(), ["a.csv"], "real")
    assert outcome.failure == "KeyError: 'vessel'"
    assert outcome.findings == []


def test_second_receptions_are_dropped_and_counted():
    one = engine([made(every)])
    t = [0, 1_000, 60_000, 61_000, 62_000]
    one.push(positions(t, lat=[57.0, 57.0, 57.003, 57.003, 57.003]), Statics.empty())
    one.finish()
    assert one.counts["receiver_duplicate"] == 3
    assert len(Episodes.concat(one.watches[0].episodes)) == 1


def test_a_batch_of_nothing_but_repeats_changes_nothing():
    one = engine([made(every)])
    one.push(positions([0, 20 * 60_000]), Statics.empty())
    one._process(positions([1_000]))
    one.finish()
    assert one.counts["receiver_duplicate"] == 1


def test_a_ship_that_lies_quite_still_keeps_all_her_reports():
    """Equal reports ten seconds apart are the ship's own; an echo is one that comes after she has moved on."""
    one = engine()
    one.push(positions(np.arange(0, 600_000, 10_000), sog=0.0), Statics.empty())
    one.finish()
    assert one.counts["receiver_duplicate"] == 0
    one = engine()
    one.push(positions([0, 10_000, 20_000, 25_000], lat=[57.0, 57.001, 57.002, 57.0]), Statics.empty())
    one.finish()
    assert one.counts["receiver_duplicate"] == 1
