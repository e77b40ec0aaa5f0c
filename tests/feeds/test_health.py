"""Dead or quiet: states by a feed's own interval. No thread, no clock."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.feeds.health import DOWN_MS, SILENT_LEAST_MS, Health, State, Transition
from watchkeeper.model.time import HOUR, MINUTE, NO_TIME, SECOND

START = 1_790_000_000_000


class Sea:
    """A feed that is looked at every second."""

    def __init__(self, usual_ms: int | None = None) -> None:
        self.now = START
        self.health = Health("rx", START, usual_ms)
        self.changes: list[Transition] = []
        self.health.connected(self.now)

    def run(self, seconds: float, every_s: float | None = None, many: int = 1) -> None:
        """Time passes; messages come every so many seconds."""
        end = self.now + round(seconds * SECOND)
        beat = round(every_s * SECOND) if every_s is not None else None
        following = self.now + beat if beat else None
        while self.now < end:
            self.now += SECOND
            while following is not None and following <= self.now:
                self.health.heard(following, many, 80 * many)
                following += beat
            change = self.health.look(self.now)
            if change is not None:
                self.changes.append(change)

    @property
    def states(self) -> list[State]:
        return [c.after for c in self.changes]


def test_connected_but_zero_messages_becomes_silent() -> None:
    sea = Sea()
    sea.run(55)
    assert sea.states == []
    sea.run(10)
    assert sea.states == [State.SILENT]
    assert sea.changes[0].since == NO_TIME
    assert "connected, but nothing came for 61 s" in sea.changes[0].reason


def test_a_feed_that_falls_silent_and_comes_back() -> None:
    sea = Sea()
    sea.run(600, every_s=0.5)
    last = sea.health.last
    sea.run(SILENT_LEAST_MS / 1000 - 2)
    assert sea.states == [State.LIVE]
    sea.run(4)
    assert sea.states == [State.LIVE, State.SILENT]
    assert sea.changes[-1].since == last
    sea.run(600)
    sea.run(1.0, every_s=1.0)
    assert sea.states[2:] == [State.DEGRADED]
    sea.run(20, every_s=1.0)
    assert sea.states[2:] == [State.DEGRADED, State.LIVE]


def test_a_quiet_sea_stays_live() -> None:
    sea = Sea()
    sea.run(12 * 3600, every_s=45)
    assert sea.states == [State.LIVE]
    assert sea.health.limit_ms == 20 * 45_000


def test_a_very_quiet_sea_is_silent_once_at_most_and_not_after_a_restart() -> None:
    sea = Sea()
    sea.run(24 * 3600, every_s=600)
    assert sea.states.count(State.SILENT) <= 2
    assert sea.health.state is State.LIVE
    again = Sea(usual_ms=sea.health.usual_ms)
    again.run(12 * 3600, every_s=600)
    assert State.SILENT not in again.states


def test_one_late_message_of_a_dead_feed_does_not_make_it_live() -> None:
    sea = Sea()
    sea.run(900, every_s=1)
    sea.run(120)
    sea.run(3, every_s=2)
    sea.run(120)
    assert sea.states == [State.LIVE, State.SILENT, State.DEGRADED, State.SILENT]


def test_a_feed_that_became_slower_for_good_is_learnt() -> None:
    sea = Sea()
    sea.run(900, every_s=1)
    sea.run(6 * 3600, every_s=50)
    assert sea.health.state is State.LIVE
    changes = len(sea.changes)
    sea.run(6 * 3600, every_s=50)
    assert len(sea.changes) == changes, "and then it stays"


def test_a_short_break_is_no_break_and_a_long_one_is_down() -> None:
    sea = Sea()
    sea.run(100, every_s=1)
    sea.health.apart(sea.now, "closed")
    sea.run(DOWN_MS / 1000 - 2)
    sea.health.connected(sea.now)
    sea.run(10, every_s=1)
    assert sea.states == [State.LIVE]
    sea.health.apart(sea.now, "closed")
    for _ in range(12):
        sea.run(1)
        sea.health.apart(sea.now, "nobody there")
    assert sea.states == [State.LIVE, State.DOWN]
    assert sea.changes[-1].reason == "nobody there"
    sea.health.connected(sea.now)
    sea.run(5)
    assert sea.states[2:] == []
    assert "connected again" in sea.health.reason
    sea.run(10, every_s=1)
    assert sea.states[2:] == [State.DEGRADED, State.LIVE]
    assert sea.health.limit_ms == SILENT_LEAST_MS, "the break is no interval of the sea"


def test_a_connection_that_stands_again_and_says_nothing_is_silent() -> None:
    sea = Sea()
    sea.run(100, every_s=1)
    sea.health.apart(sea.now, "closed")
    sea.run(3600)
    sea.health.connected(sea.now)
    sea.run(60)
    assert sea.states == [State.LIVE, State.DOWN, State.SILENT]


def test_a_wrong_key_is_down_at_once() -> None:
    sea = Sea()
    sea.health.apart(sea.now, "the key is wrong", refused=True)
    sea.run(1)
    assert sea.states == [State.DOWN]
    assert sea.health.reason == "the key is wrong"


def test_a_connection_that_breaks_often_and_losses_are_degraded() -> None:
    sea = Sea()
    sea.run(20, every_s=1)
    for _ in range(3):
        sea.health.apart(sea.now, "closed")
        sea.health.connected(sea.now)
        sea.run(5, every_s=1)
    assert sea.states == [State.LIVE, State.DEGRADED]
    sea.run(600, every_s=1)
    assert sea.states[-1] is State.LIVE
    sea.health.trouble(sea.now, "too fast", 7)
    sea.run(5, every_s=1)
    assert sea.states[-1] is State.DEGRADED
    sea.run(70, every_s=1)
    assert sea.states[-1] is State.LIVE
    assert sea.health.picture(sea.now).dropped == 7


def test_figures() -> None:
    sea = Sea()
    for k in range(101):
        sea.health.heard(START + k * SECOND, 50, 4_000, START + k * SECOND - (2_500 if k % 10 else 10**9))
    sea.health.compared(200, 50)
    found = sea.health.picture(START + 100 * SECOND)
    assert found.clock_ms == 2_500, "one wrong clock in ten does not move the median"
    assert 49 <= found.per_s <= 52
    assert found.messages == 5_050
    assert found.duplicates == 0.25
    assert found.usual_ms == 1_000


def test_a_clock_that_is_set_back_does_not_hide_silence() -> None:
    sea = Sea()
    sea.run(100, every_s=1)
    sea.now -= HOUR
    sea.run(40)
    assert sea.states == [State.LIVE, State.SILENT]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["messages", "nothing", "apart", "connected", "trouble", "refused"]),
            st.integers(1, 200),
            st.floats(0.1, 60),
        ),
        max_size=15,
    )
)
def test_whatever_happens_changes_are_a_chain_and_silence_is_seen(
    steps: list[tuple[str, int, float]],
) -> None:
    sea = Sea()
    for what, seconds, every_s in steps:
        match what:
            case "messages":
                sea.run(seconds, every_s=every_s)
            case "apart" | "refused":
                sea.health.apart(sea.now, "closed", refused=what == "refused")
            case "connected":
                sea.health.connected(sea.now)
            case "trouble":
                sea.health.trouble(sea.now, "lost")
        sea.run(seconds / 10)
    for before, after in pairwise(sea.changes):
        assert before.after is after.before
        assert before.at <= after.at
    sea.health.connected(sea.now)
    sea.run(max(sea.health.limit_ms, MINUTE) / 1000 + 5)
    assert sea.health.state is State.SILENT
