"""Alerts on ourselves, what is kept quiet, and what is told to the next shift."""

import pytest

from cases.alarms.watching import NOON, Watch, at
from watchkeeper.cases.alarms.alert import OPEN
from watchkeeper.cases.alarms.handover import Handover, handed_over, handover, text
from watchkeeper.cases.alarms.keeping import everything, muted_alerts
from watchkeeper.cases.alarms.listing import listed
from watchkeeper.cases.alarms.mutes import MUTES, Rule, in_force, lift, set_mute
from watchkeeper.errors import UsageError
from watchkeeper.model.event import Query
from watchkeeper.model.time import DAY, HOUR

HOSTILE = "\x1b[2J[red]LOTUS\u202e\n<b>OK"


def mutes_of(watch: Watch) -> list:
    return everything(watch.log, Query(collection=MUTES))


def mute(watch: Watch, days: float = 1, **rule: object) -> None:
    draft = set_mute(
        Rule(**rule),  # type: ignore[arg-type]
        reason="trials",
        until=watch.now + round(days * DAY),
        at=watch.now,
        actor="user:anna",
    )
    watch.log.append([draft])


def shift(watch: Watch, hours: float = 8, note: str = "") -> Handover:
    return handover(
        watch.alerts,
        mutes_of(watch),
        everything(watch.log, Query(collection="health")),
        watch.log.read(kinds=("alert.", "feed.", "behaviour.")),
        begins=watch.now - round(hours * HOUR),
        ends=watch.now,
        by="user:anna",
        note=note,
    )


class TestOurselves:
    def test_a_silent_feed_is_an_alert(self) -> None:
        watch = Watch()
        watch.health("feed.silent", "kystverket")
        assert [e.kind for e in watch.beat()] == ["alert.raised"]
        assert watch.beat() == []
        assert "Feed kystverket is silent since 2025-03-02T12:00:00Z: no message for 90 s" in (
            watch.standing.says.headline
        )

    def test_one_that_was_always_live_is_none(self) -> None:
        watch = Watch()
        watch.health("feed.live", "kystverket")
        assert watch.beat() == []

    def test_a_feed_that_comes_and_goes_is_one_alert_that_does_not_flap(self) -> None:
        watch = Watch()
        told = []
        for _ in range(20):
            watch.health("feed.silent", "kystverket")
            told += watch.beat()
            watch.wait(2)
            watch.health("feed.live", "kystverket")
            told += watch.beat()
            watch.wait(2)
        kinds = [event.kind for event in told]
        assert kinds.count("alert.raised") == 1
        assert not [e for e in told if e.body.get("worse")]
        assert watch.alert.state == "new"

    def test_it_is_closed_when_the_feed_was_live_for_an_hour_and_raised_again_later(self) -> None:
        watch = Watch()
        watch.health("feed.silent", "kystverket")
        watch.beat()
        watch.do("acknowledge")
        watch.health("feed.live", "kystverket")
        watch.wait(59)
        watch.beat()
        assert watch.alert.state == "acknowledged"
        watch.wait(1)
        watch.beat()
        assert watch.alert.state == "closed"
        assert watch.beat() == []
        watch.health("feed.silent", "kystverket")
        watch.beat()
        assert (watch.alert.state, watch.standing.raised) == ("new", 2)

    def test_worse_wakes_a_snooze(self) -> None:
        watch = Watch()
        watch.health("feed.degraded", "kystverket")
        watch.beat()
        watch.do("snooze")
        watch.health("feed.down", "kystverket")
        watch.beat()
        assert watch.alert.state == "new"

    def test_what_an_officer_closed_stays_closed_while_it_lasts(self) -> None:
        watch = Watch()
        watch.health("feed.down", "kystverket")
        watch.beat()
        watch.do("dismiss", reason="maintenance")
        for _ in range(3):
            watch.wait(1)
            watch.health("feed.down", "kystverket", "refused")
            watch.beat()
        assert watch.alert.state == "dismissed"

    def test_a_behaviour_that_stopped_says_that_nothing_is_known(self) -> None:
        watch = Watch()
        watch.health("behaviour.failed", "ais-gap", "ValueError: x")
        watch.beat()
        assert "what it would find is unknown" in watch.standing.says.headline
        assert watch.standing.says.about == "behaviour"

    def test_ships_and_feeds_do_not_touch_each_other(self) -> None:
        watch = Watch()
        watch.find("ais-gap")
        watch.health("feed.down", "a")
        assert [e.kind for e in watch.judge()] == ["alert.raised", "alarms.kept", "alert.raised"]


class TestMutes:
    def test_a_muted_alert_is_counted_stands_below_and_is_not_escalated(self) -> None:
        watch = Watch()
        watch.find("anchor-drag", 1)
        watch.find("ais-gap", 2, 1)
        watch.judge()
        mute(watch, mmsi=1)
        assert muted_alerts(watch.log, watch.now) == {a.id for a in watch.alerts if a.mmsi == 1}
        assert muted_alerts(watch.log, watch.now + DAY) == frozenset()
        rows = listed(watch.alerts, in_force(mutes_of(watch), watch.now), watch.now)
        assert [(r.standing.says.mmsi, bool(r.muted_by)) for r in rows] == [(2, False), (1, True)]
        watch.wait(60 * 12)
        escalated = {event.subject for event in watch.beat() if event.kind == "alert.escalated"}
        assert escalated == {rows[0].id}

    @pytest.mark.parametrize(
        ("rule", "quiet"),
        [
            ({"mmsi": 1}, True),
            ({"mmsi": 2}, False),
            ({"behaviour": "ais-gap"}, True),
            ({"behaviour": "ais-gap", "mmsi": 2}, False),
            ({"asset": "C-Lion1"}, True),
            ({"area": (17.0, 56.0, 19.0, 58.0)}, True),
            ({"area": (170.0, 56.0, -170.0, 58.0)}, False),
            ({"area": (17.0, 58.0, 19.0, 59.0)}, False),
        ],
    )
    def test_a_rule_covers_what_it_says(self, rule: dict[str, object], quiet: bool) -> None:
        watch = Watch()
        watch.find("ais-gap", 1, asset="C-Lion1")
        watch.judge()
        mute(watch, **rule)
        (row,) = listed(watch.alerts, in_force(mutes_of(watch), watch.now), watch.now)
        assert bool(row.muted_by) == quiet

    def test_one_finding_that_is_not_covered_is_heard(self) -> None:
        watch = Watch()
        watch.find("ais-gap", 1)
        watch.find("loitering", 1, 1, start=at(3), end=at(4))
        watch.judge()
        mute(watch, behaviour="ais-gap")
        (row,) = listed(watch.alerts, in_force(mutes_of(watch), watch.now), watch.now)
        assert row.muted_by == ()
        mute(watch, behaviour="loitering")
        (row,) = listed(watch.alerts, in_force(mutes_of(watch), watch.now), watch.now)
        assert len(row.muted_by) == 2

    def test_it_ends(self) -> None:
        watch = Watch()
        mute(watch, mmsi=1)
        watch.wait(24 * 60)
        assert in_force(mutes_of(watch), watch.now) == []
        assert [e.kind for e in watch.beat()] == ["mute.ended"]
        assert watch.beat() == []

    def test_it_is_lifted(self) -> None:
        watch = Watch()
        mute(watch, mmsi=1)
        (document,) = mutes_of(watch)
        watch.log.append([lift(document, at=watch.now, actor="user:bo")])
        (document,) = mutes_of(watch)
        assert document.state == "lifted"
        with pytest.raises(UsageError, match="ended already"):
            lift(document, at=watch.now, actor="user:bo")

    @pytest.mark.parametrize(
        ("rule", "days", "reason"),
        [({}, 1, "x"), ({"mmsi": 1}, 31, "x"), ({"mmsi": 1}, 0, "x"), ({"mmsi": 1}, 1, " ")],
    )
    def test_everything_for_ever_or_without_reason_is_refused(
        self, rule: dict[str, int], days: int, reason: str
    ) -> None:
        with pytest.raises(UsageError):
            set_mute(Rule(**rule), reason=reason, until=NOON + days * DAY, at=NOON, actor="user:anna")


class TestHandover:
    def test_it_says_what_to_look_at_first(self) -> None:
        watch = Watch()
        for k in range(7):
            watch.find("anchor-drag" if k == 6 else "ais-gap", 100 + k, k)
        watch.judge()
        watch.do("assign", watch.alerts[0], to="bo")
        told = shift(watch)
        assert told.look_first[0].mmsi == 106
        assert (len(told.look_first), len(told.also_open)) == (5, 2)
        assert told.raised == 7
        page = text(told)
        assert (
            page.index("LOOK AT FIRST (5 of 7 open)")
            < page.index("ALSO OPEN")
            < page.index("THIS SHIFT: 7 raised")
        )
        assert "anna assigned" in page

    def test_a_feed_that_is_down_stands_above_everything(self) -> None:
        watch = Watch()
        watch.health("feed.down", "kystverket", "connection refused")
        watch.beat()
        watch.wait(60 * 24)
        page = text(shift(watch))
        assert page.index("NOT LIVE NOW") < page.index("LOOK AT FIRST")
        assert "kystverket: down, connection refused" in page

    def test_a_quiet_shift_says_so(self) -> None:
        page = text(shift(Watch()))
        assert "Nothing is waiting." in page
        assert "MUTED: nothing" in page

    def test_names_from_the_air_cannot_move_the_page(self) -> None:
        watch = Watch()
        watch.find("ais-gap", summary=HOSTILE)
        watch.health("feed.down", HOSTILE, HOSTILE)
        watch.judge()
        mute(watch, asset=HOSTILE)
        page = text(shift(watch, note=HOSTILE))
        assert not [c for c in page if not c.isprintable() and c != "\n"]
        assert "\n<b>" not in page

    def test_it_is_kept_in_the_log(self) -> None:
        watch = Watch()
        told = shift(watch, note="Quiet.")
        watch.log.append([handed_over(told, at=watch.now, actor="user:anna")])
        (document,) = everything(watch.log, Query(collection="handovers"))
        assert document.body["text"] == text(told)
        assert document.body["by"] == "user:anna"

    def test_lines_are_short_enough_to_read(self) -> None:
        watch = Watch()
        watch.find("ais-gap")
        watch.judge()
        assert max(map(len, text(shift(watch)).splitlines())) <= 100


def test_open_states_are_those_of_the_list() -> None:
    assert listed([], [], 0, OPEN) == []
