"""Who may do what when: the table itself, and what no sequence of actions can get around."""

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.alarms.memory import MemoryLog
from cases.alarms.watching import Watch, at, finding, later
from watchkeeper.cases.alarms.alert import DONE, OPEN
from watchkeeper.cases.alarms.rules import rules
from watchkeeper.cases.alarms.states import ACTIONS, MOVE_KINDS, PEOPLE, TABLE, act, allowed
from watchkeeper.errors import UsageError
from watchkeeper.model.event import Draft
from watchkeeper.model.time import DAY, MINUTE

STATES = (*OPEN, *DONE)
NEEDED = {"reason": "a fishing vessel known to us", "to": "bo"}

MAY = {
    "new": {"acknowledge", "assign", "snooze", "confirm", "dismiss"},
    "acknowledged": {"assign", "snooze", "confirm", "dismiss"},
    "assigned": {"assign", "snooze", "confirm", "dismiss"},
    "snoozed": {"acknowledge", "assign", "snooze", "confirm", "dismiss"},
    "confirmed": {"snooze", "close"},
    "dismissed": {"close", "reopen"},
    "closed": {"reopen"},
}
"""What an analyst may do, written again by hand."""
WAYS = {
    "new": [],
    "acknowledged": ["acknowledge"],
    "assigned": ["assign"],
    "snoozed": ["snooze"],
    "confirmed": ["confirm"],
    "dismissed": ["dismiss"],
    "closed": ["confirm", "close"],
}


def watch_in(state: str) -> Watch:
    watch = Watch()
    watch.find("ais-gap")
    watch.judge()
    for action in WAYS[state]:
        watch.do(action, **NEEDED)
    assert watch.alert.state == state
    return watch


@pytest.mark.parametrize("state", STATES)
def test_the_table_says_what_an_analyst_may_do(state: str) -> None:
    assert set(allowed(state, "analyst")) == MAY[state]


def test_a_viewer_may_do_nothing_and_more_rights_never_take_one_away() -> None:
    for state in STATES:
        assert allowed(state, "viewer") == []
        for less, more in pairwise(PEOPLE):
            assert set(allowed(state, less)) <= set(allowed(state, more))


def test_people_may_not_do_what_the_watch_does_by_itself() -> None:
    own = {move.action for move in TABLE if move.role == "system"}
    for state, role in product(STATES, PEOPLE):
        assert not own & set(allowed(state, role))
    with pytest.raises(UsageError, match="nothing that can be done"):
        act(watch_in("new").alert, "escalate", at=0, actor="user:anna")


@pytest.mark.parametrize(("state", "action"), [*product(STATES, ACTIONS)])
def test_an_action_works_where_the_table_has_it_and_nowhere_else(state: str, action: str) -> None:
    watch = watch_in(state)
    if action in MAY[state]:
        watch.do(action, **NEEDED)
        row = next(move for move in TABLE if move.action == action)
        assert watch.alert.state == row.to
        assert watch.standing.last.actor == "user:anna"
        assert watch.standing.last.at == watch.now
    else:
        with pytest.raises(UsageError, match=r"may not|cannot be"):
            watch.do(action, **NEEDED)
        assert watch.alert.state == state


def test_only_a_supervisor_takes_a_confirmation_back() -> None:
    watch = watch_in("confirmed")
    with pytest.raises(UsageError, match="Ask a supervisor"):
        watch.do("dismiss", reason="x")
    watch.do("dismiss", reason="x", role="supervisor")
    assert watch.alert.state == "dismissed"


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("dismiss", {"reason": "  "}),
        ("dismiss", {"reason": "x" * 2001}),
        ("assign", {"to": " "}),
        ("snooze", {"until": 0}),
        ("snooze", {"until": 2**60}),
    ],
)
def test_what_an_action_needs_is_asked_for(action: str, said: dict[str, object]) -> None:
    with pytest.raises(UsageError) as error:
        watch_in("new").do(action, **said)
    assert error.value.next_step


def test_of_two_officers_who_decide_at_once_the_first_counts() -> None:
    watch = watch_in("new")
    seen = watch.alert
    watch.do("dismiss", seen, reason="known", actor="user:anna")
    watch.do("confirm", seen, actor="user:bo")
    assert watch.alert.state == "dismissed"
    assert (watch.standing.not_taken, watch.standing.last.actor) == (1, "user:anna")


@given(st.lists(st.sampled_from(sorted(MOVE_KINDS)), max_size=12), st.booleans())
def test_no_sequence_of_events_leaves_the_table(kinds: list[str], found_more: bool) -> None:
    """Even of events that nobody checked before they were written."""
    watch = watch_in("new")
    edges = {(source, move.to) for move in TABLE for source in move.sources}
    for k, kind in enumerate(kinds):
        before = watch.alert.state
        body = {"to": "assigned", "until": watch.now, "reason": "x", "into": "y", "role": "analyst"}
        watch.log.append([Draft(kind=kind, subject=watch.alert.id, at=watch.now, actor="user:x", body=body)])
        after = watch.alert.state
        assert after in STATES
        assert before == after or (before, after) in edges or (before, "<") in edges
        if found_more and k == 3:
            watch.find("loitering", number=7, start=at(3), end=at(4))
            watch.judge()
        watch.wait(1)
    assert isinstance(watch.log, MemoryLog)
    assert watch.log.rebuilt().kept == watch.log.kept


@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 300)), max_size=10))
def test_people_and_time_together_stay_in_the_table(steps: list[tuple[str, int]]) -> None:
    watch = watch_in("new")
    for action, minutes in steps:
        watch.wait(minutes)
        watch.beat()
        before = watch.alert.state
        if action in MAY[before]:
            watch.do(action, **NEEDED)
        else:
            with pytest.raises(UsageError):
                watch.do(action, **NEEDED)
        assert watch.beat() == []


class TestSnooze:
    def test_sixty_minutes_are_usual(self) -> None:
        watch = watch_in("snoozed")
        assert watch.standing.snoozed_until == watch.now + 60 * MINUTE
        watch.wait(59)
        watch.beat()
        assert watch.alert.state == "snoozed"
        watch.wait(1)
        assert [e.kind for e in watch.beat()] == ["alert.woken"]
        assert watch.alert.state == "new"

    def test_it_comes_back_to_where_it_was(self) -> None:
        watch = watch_in("assigned")
        watch.do("snooze", until=watch.now + 5 * MINUTE)
        watch.do("snooze", until=watch.now + 9 * MINUTE)
        watch.wait(9)
        watch.beat()
        assert (watch.alert.state, watch.standing.assigned_to) == ("assigned", "bo")

    def test_a_new_kind_of_finding_wakes_it(self) -> None:
        watch = watch_in("snoozed")
        watch.find("loitering", number=1, start=at(3), end=at(5))
        watch.judge()
        assert (watch.alert.state, watch.standing.reason) == ("new", "a new kind of finding: loitering")

    def test_more_of_the_same_does_not(self) -> None:
        watch = watch_in("snoozed")
        watch.find("ais-gap", number=1, start=at(3), end=at(5))
        watch.judge()
        assert watch.alert.state == "snoozed"
        assert len(watch.standing.says.findings) == 2

    def test_interference_around_the_ship_does_not(self) -> None:
        watch = watch_in("snoozed")
        watch.find("gnss-interference", number=1, start=at(3), end=at(5))
        watch.judge()
        assert watch.alert.state == "snoozed"

    def test_half_again_the_score_wakes_it(self) -> None:
        watch = Watch()
        gap = watch.find("ais-gap", confidence="low")
        watch.judge()
        watch.do("snooze")
        watch.tell("updated", later(gap, confidence="high"))
        watch.judge()
        assert watch.alert.state == "new"
        assert "the score rose" in (watch.standing.reason or "")

    @given(st.lists(st.sampled_from(["low", "medium", "high"]), min_size=1, max_size=15))
    def test_a_score_that_swings_wakes_it_at_most_once_for_each_new_height(self, swings: list[str]) -> None:
        watch = Watch()
        gap = watch.find("ais-gap", confidence="low")
        watch.judge()
        woken = 0
        for confidence in swings:
            if watch.alert.state == "new":
                watch.do("snooze", until=watch.now + DAY)
            watch.tell("updated", later(gap, confidence=confidence))
            woken += sum(event.kind == "alert.woken" for event in watch.judge())
            watch.wait(1)
        assert woken <= (1 if "high" in swings or "medium" in swings else 0) + ("high" in swings)


class TestDecided:
    @pytest.mark.parametrize("state", ["dismissed", "closed"])
    def test_the_same_kind_leaves_a_decision_alone(self, state: str) -> None:
        watch = watch_in(state)
        watch.find("ais-gap", number=1, start=at(4), end=at(9))
        watch.judge()
        assert watch.alert.state == state

    @pytest.mark.parametrize("state", ["dismissed", "closed"])
    def test_another_kind_raises_it_again(self, state: str) -> None:
        watch = watch_in(state)
        watch.find("anchor-drag", number=1, start=at(4), end=at(9))
        watch.judge()
        assert (watch.alert.state, watch.standing.raised) == ("new", 2)
        watch.do("dismiss", reason="again known")
        watch.find("anchor-drag", number=2, start=at(10), end=at(11))
        watch.judge()
        assert watch.alert.state == "dismissed"

    def test_a_kind_that_comes_and_goes_raises_it_once(self) -> None:
        watch = watch_in("dismissed")
        drag = finding("anchor-drag", number=1, start=at(4), end=at(9))
        raised = 0
        for _ in range(5):
            watch.tell("opened", drag)
            raised += sum(e.kind == "alert.raised-again" for e in watch.judge())
            if watch.alert.state == "new":
                watch.do("dismiss", reason="known")
            watch.tell("withdrawn", drag, "set aside")
            watch.judge()
            watch.wait(1)
        assert raised == 1


class TestEscalation:
    def test_nobody_acknowledges(self) -> None:
        watch = watch_in("new")
        minutes = rules().band(watch.alert.score).after_ms / MINUTE
        watch.wait(minutes - 1)
        assert watch.beat() == []
        watch.wait(1)
        (event,) = watch.beat()
        assert (event.kind, event.body["told"]) == ("alert.escalated", "supervisor")
        assert watch.beat() == []
        watch.wait(minutes)
        assert watch.beat()[0].body["level"] == 2
        watch.wait(minutes * 100)
        assert watch.beat() == [], "there is nobody above the last level"
        assert watch.alert.state == "new"

    @pytest.mark.parametrize("state", [state for state in STATES if state not in ("new", "snoozed")])
    def test_what_somebody_has_is_not_escalated(self, state: str) -> None:
        watch = watch_in(state)
        watch.wait(10_000)
        assert watch.beat() == []

    def test_higher_scores_wait_less(self) -> None:
        waits = [rules().band(score).after_ms for score in (5.0, 30.0, 60.0, 500.0)]
        assert waits == sorted(waits, reverse=True)
        assert waits[0] > waits[-1]

    def test_a_time_that_runs_backwards_escalates_nothing(self) -> None:
        watch = watch_in("new")
        watch.wait(-1_000_000)
        assert watch.beat() == []
