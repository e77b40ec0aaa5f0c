"""What marks positions is judged first; what rests on them says so, or is explained away."""

from itertools import product

import numpy as np
import pytest
from fleets import EVENTFUL, Fleet, fleets, world
from hypothesis import Phase, example, given, settings
from lawful import Duty, World, found, whole
from making import T0, positions

from watchkeeper.behaviours import all_behaviours
from watchkeeper.engine.context import TRUST_STATES
from watchkeeper.engine.judging import Outcome
from watchkeeper.model.behaviour import Behaviour, Found, Reference, behaviour
from watchkeeper.model.episodes import Episodes
from watchkeeper.model.finding import Confidence, Finding, TrustState
from watchkeeper.model.records import Statics
from watchkeeper.model.time import MINUTE, from_iso

law = settings(max_examples=20, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate))


def says(
    name: str, start: int, end: int, *, confidence: Confidence = "high", together: bool = False, **declared
) -> Behaviour:
    """A behaviour that finds one thing of every vessel: from one minute to another."""

    def detect(fix) -> Episodes:
        """Says: a test's own.

        Why it matters: it does not.
        Innocent causes: none.
        Next step: none.
        """
        at = np.flatnonzero(fix.t == T0 + start * MINUTE)
        return Episodes.build(
            len(at), vessel=fix.vessel[at], start=fix.t[at], end=fix.t[at] + (end - start) * MINUTE,
            first_row=fix.row[at], lat0=fix.lat[at], lon0=fix.lon[at],
        )  # fmt: skip

    made = behaviour(id=name, version=1, references=(Reference("none", "none", "none"),), **declared)(detect)
    made.judge(lambda e, context: Found((), f"{name} of {len(context.event(e))}", confidence, "said so"))
    if together:
        made.together(lambda episodes: np.zeros(len(episodes), np.int64))
    return made


def judged(*behaviours: Behaviour, ships: int = 1) -> dict[str, Outcome]:
    t = np.tile(np.arange(0, 121, 1), ships) * MINUTE
    mmsi = np.repeat(np.arange(ships) + 219_000_001, 121)
    reports = positions(t, mmsi=mmsi, lat=57.0 + t / MINUTE / 1000.0)
    one = World(reports.take(np.argsort(reports.t, kind="stable")), Statics.empty())
    return Duty.begin(one, behaviours=behaviours).take(whole(one)).outcomes(one)


@pytest.mark.parametrize(
    ("state", "before", "after"),
    [("unreliable", "high", "low"), ("unreliable", "medium", "low"), ("suspect", "high", "medium"),
     ("suspect", "medium", "low"), ("suspect", "low", "low"), ("unreliable", "low", "low")],
)  # fmt: skip
def test_what_rests_on_marked_positions_says_so(state: TrustState, before: Confidence, after: Confidence):
    rests = says("a-rests", 30, 60, confidence=before)
    for order in (
        (rests, says("z-marks", 50, 70, marks=state)),
        (says("z-marks", 50, 70, marks=state), rests),
    ):
        (finding,) = judged(*order)["a-rests"].findings
        assert (finding.trust, finding.confidence) == (state, after)
        assert finding.trust_reason == "z-marks: z-marks of 1"
        assert finding.confidence_reason == f"said so; the ship's positions are {state}"
        (mark,) = judged(*order)["z-marks"].findings
        assert (mark.trust, mark.confidence) == ("trusted", "high")


TIMES = [(10, 49, "trusted"), (71, 90, "trusted"), (10, 50, "suspect"), (70, 90, "suspect")]


@pytest.mark.parametrize(("start", "end", "trust"), TIMES)
def test_only_the_time_that_was_marked_is_doubted(start: int, end: int, trust: TrustState):
    (finding,) = judged(says("a", start, end), says("m", 50, 70, marks="suspect"))["a"].findings
    assert finding.trust == trust


def test_the_worst_mark_counts():
    marks = [
        says("m1", 50, 70, marks="suspect"),
        says("m2", 60, 70, marks="unreliable"),
        says("m3", 50, 60, marks="suspect"),
    ]
    (finding,) = judged(says("a", 50, 90), *marks)["a"].findings
    assert (finding.trust, finding.trust_reason) == ("unreliable", "m2: m2 of 1")


def test_what_a_mark_explains_is_set_aside_with_the_reason_in_any_order_of_names():
    chain = [
        says("a-last", 50, 70, explained_by=("b-middle",)),
        says("b-middle", 50, 60, marks="suspect", explained_by=("c-first",)),
        says("c-first", 100, 110, marks="unreliable"),
    ]
    outcomes = judged(*chain)
    assert outcomes["a-last"].set_aside == {"explained by b-middle": 1}
    assert len(outcomes["b-middle"].findings) == 1
    # Explained itself, it explains nothing.
    chain[2] = says("c-first", 45, 50, marks="unreliable")
    outcomes = judged(*chain)
    assert outcomes["b-middle"].set_aside == {"explained by c-first": 1}
    assert len(outcomes["a-last"].findings) == 1


@pytest.mark.parametrize(("start", "explained"), [(69, True), (84, True), (86, False)])
def test_what_follows_a_mark_at_once_is_explained_by_it(start: int, explained: bool):
    outcome = judged(says("m", 50, 70, marks="suspect"), says("a", start, 90, explained_by=("m",)))["a"]
    assert bool(outcome.set_aside) == explained


def test_an_event_is_seen_by_each_of_its_members():
    apart = judged(says("a", 50, 70), ships=3)["a"].findings
    one = judged(says("a", 50, 70, together=True), ships=3)["a"].findings
    assert [f.summary for f in apart] == ["a of 1"] * 3
    assert [f.summary for f in one] == ["a of 3"] * 3


def test_a_grouping_that_raises_makes_the_behaviour_unknown():
    broken = says("a", 50, 70)
    broken.together(lambda episodes: 1 / 0)
    assert judged(broken)["a"].failure == "ZeroDivisionError: division by zero"


def overlaps(a: Finding, b: Finding) -> bool:
    ends = [from_iso(f.end) if f.end else 2**62 for f in (a, b)]
    return from_iso(a.start) <= ends[1] and from_iso(b.start) <= ends[0]


@law
@given(fleet=fleets)
@example(fleet=EVENTFUL)
def test_findings_carry_the_worst_mark_of_their_ships_and_time(fleet: Fleet):
    """Over all behaviours: trust is what the findings that mark say of the same ships at the same time."""
    one = world(fleet)
    declared = all_behaviours()
    everything = found(Duty.begin(one).take(whole(one)).outcomes(one))
    marks = [f for f in everything if declared[f.behaviour].marks != "trusted"]
    for f in everything:
        if declared[f.behaviour].marks != "trusted" or declared[f.behaviour].observes == "vessels":
            assert f.trust == "trusted"
            continue
        if f.end is None:
            continue  # how far an open one has been looked at is not written down
        ships = {f.mmsi, f.other_mmsi or f.mmsi}
        touching = [
            declared[m.behaviour].marks
            for m in marks
            if m.end is not None and {m.mmsi, m.other_mmsi or m.mmsi} & ships and overlaps(f, m)
        ]
        worst = max(touching, key=TRUST_STATES.index, default="trusted")
        if any(m.end is None for m in marks):
            assert TRUST_STATES.index(f.trust) >= TRUST_STATES.index(worst), (f, touching)
        else:
            assert f.trust == worst, (f, touching)
        if f.trust == "unreliable":
            assert f.confidence == "low"


def test_every_explanation_names_a_behaviour_that_marks():
    declared = all_behaviours()
    for name, explained in ((b.id, e) for b in declared.values() for e in b.explained_by):
        assert declared[explained].marks != "trusted", (name, explained)
    for a, b in product(declared.values(), repeat=2):
        assert not (a.id in b.explained_by and b.id in a.explained_by), "explained in a circle"
