"""What else than a dark ship explains a silence: reports that come late, disturbed satellite navigation."""

import numpy as np
from fleets import COMPACT, world
from lawful import Duty, Records, World, found

from watchkeeper.behaviours import all_behaviours
from watchkeeper.model.behaviour import Found, Reference, behaviour
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Finding
from watchkeeper.model.picture import Context, Fixes
from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.time import MINUTE

DARK = 219_000_001


def gaps(batches: list[Records], one: World) -> tuple[list[Finding], dict[str, int]]:
    outcomes = Duty.begin(one, behaviours=[all_behaviours()["ais-gap"]]).take(batches).outcomes(one)
    closed = [f for f in found(outcomes) if f.end is not None]
    return closed, dict(outcomes["ais-gap"].set_aside)


def late(p: Positions, count: int, *, start: int, end: int) -> Positions:
    """Reports of the dark ship inside a time, as a slow receiver brings them."""
    t = np.linspace(start + 40 * MINUTE, end - 40 * MINUTE, count).astype("i8")
    mine = p.take(np.flatnonzero(p.mmsi == DARK)[:1]).take(np.zeros(count, int))
    mine.t, mine.row = t, 1_000_000 + np.arange(count)
    return mine


def test_a_gap_whose_fill_arrives_late_is_withdrawn():
    one = world(COMPACT)
    everything = (one.positions, one.statics)
    (gap,), _ = gaps([everything], one)
    mine = one.positions.t[one.positions.mmsi == DARK]
    start = int(mine[np.argmax(np.diff(mine))])
    end = int(mine[np.argmax(np.diff(mine)) + 1])
    assert gap.mmsi == DARK
    fill = (late(one.positions, 5, start=start, end=end), Statics.empty())
    withdrawn, aside = gaps([everything, fill], one)
    assert withdrawn == []
    assert aside["heard meanwhile: late reports, or another track of the same number"] == 1


def test_late_reports_from_outside_the_gap_do_not_withdraw_it():
    one = world(COMPACT)
    outside = one.positions.take(one.positions.mmsi == DARK).slice(2, 6)
    outside.row = 1_000_000 + np.arange(len(outside))
    kept, _ = gaps([(one.positions, one.statics), (outside, Statics.empty())], one)
    assert [f.mmsi for f in kept] == [DARK]


@behaviour(id="disturbed", version=1, references=(Reference("none", "none", "none"),), marks="unreliable")
def disturbed(fix: Fixes) -> Episodes:
    """Disturbed: every position of every ship.

    Why it matters: it stands for interference here.
    Innocent causes: none.
    Next step: none.
    """
    return fix.runs(fix.lat > -90.0, at_least_s=0.0, bridge_s=3600.0)


@disturbed.judge
def _judge(e: Episode, context: Context) -> Found:
    return Found((), "disturbed", "high", "always")


def test_where_satellite_navigation_is_disturbed_there_is_no_position_to_report():
    one = world(COMPACT)
    outcomes = Duty.begin(one, behaviours=[all_behaviours()["ais-gap"], disturbed])
    found_there = outcomes.take([(one.positions, one.statics)]).outcomes(one)["ais-gap"]
    assert found_there.findings == []
    assert (
        found_there.set_aside["satellite navigation disturbed: no position to report"] == 2
    )  # the second goes on
