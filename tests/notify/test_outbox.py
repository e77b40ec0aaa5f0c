"""The outbox: nothing is lost, nothing is told twice without need, and nobody is flooded."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.alarms.memory import MemoryLog
from cases.alarms.watching import Watch, at
from watchkeeper import notify
from watchkeeper.cases import alarms
from watchkeeper.model.event import Document, Query
from watchkeeper.model.time import MINUTE
from watchkeeper.notify.dispatch import Dispatcher
from watchkeeper.notify.faults import NotifyError
from watchkeeper.notify.message import Message
from watchkeeper.notify.outbox import ATTEMPTS, OUTBOX, item_of
from watchkeeper.notify.routes import Route


class Killed(BaseException):
    """The process ends here."""


class Post:
    """A watch with a dispatcher whose messages end in a list."""

    def __init__(self, muted: Callable[[int], Any] = lambda now: (), **other: Any) -> None:
        self.watch = Watch(MemoryLog((*alarms.projectors(), *notify.projectors())))
        fields: dict[str, Any] = {"name": "duty", "by": "webhook", "url": "https://x.org", "secret": "k"}
        self.routes = [Route(**(fields | other))]
        self.muted = muted
        self.sent: list[Message] = []
        self.faults: list[BaseException] = []
        self.restart()
        self.step()

    def restart(self) -> None:
        self.dispatcher = Dispatcher(
            self.watch.log, self.routes, self.muted, senders={"webhook": self._send, "mail": self._send}
        )

    def _send(self, route: Route, message: Message, now: int) -> None:
        if self.faults:
            fault = self.faults.pop(0)
            if isinstance(fault, Killed):
                self.sent.append(message)
            raise fault
        self.sent.append(message)

    def step(self) -> None:
        self.dispatcher.step(self.watch.now)

    def judge(self) -> None:
        self.watch.judge()
        self.step()

    @property
    def outbox(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for document in self.documents:
            counts[document.state] = counts.get(document.state, 0) + 1
        return counts

    @property
    def documents(self) -> list[Document]:
        return list(self.watch.log.documents(Query(collection=OUTBOX, limit=10_000)).items)


def test_an_alert_is_told_once() -> None:
    post = Post()
    post.watch.find("anchor-drag")
    post.judge()
    for _ in range(3):
        post.judge()
    assert [m.importance for m in post.sent] == ["raised"]
    assert post.sent[0].title == "Alert: SHIP 1 (MMSI 1)"


def test_what_happened_before_notifications_were_set_up_is_not_told() -> None:
    post = Post()
    old = Watch(MemoryLog((*alarms.projectors(), *notify.projectors())))
    old.find("anchor-drag")
    old.judge()
    post.watch = old
    post.restart()
    post.step()
    assert post.sent == []


def test_more_of_the_same_is_not_told_and_worse_is() -> None:
    post = Post(each_alert_every=5 * MINUTE)
    post.watch.find("ais-gap")
    post.judge()
    post.watch.wait(5)
    post.watch.find("ais-gap", number=1, start=at(3), end=at(4))
    post.judge()
    assert len(post.sent) == 1
    post.watch.find("anchor-drag", number=2, start=at(5), end=at(6))
    post.judge()
    assert [m.importance for m in post.sent] == ["raised", "worse"]
    assert "a new kind of finding: anchor-drag" in post.sent[1].text


def test_a_restart_neither_loses_nor_repeats() -> None:
    post = Post()
    post.watch.find("anchor-drag")
    post.watch.judge()
    post.restart()
    post.step()
    post.restart()
    post.step()
    assert len(post.sent) == 1


def test_killed_between_sending_and_writing_it_is_sent_again_with_the_same_id() -> None:
    post = Post()
    post.faults = [Killed()]
    post.watch.find("anchor-drag")
    with pytest.raises(Killed):
        post.judge()
    post.restart()
    post.step()
    assert len(post.sent) == 2
    assert post.sent[0].id == post.sent[1].id
    assert post.outbox == {"sent": 1}


@given(st.lists(st.sampled_from(["fail", "kill", "ok"]), max_size=6), st.integers(1, 4))
def test_whatever_fails_each_alert_is_told_at_least_once(faults: list[str], ships: int) -> None:
    made = {"fail": NotifyError("busy"), "kill": Killed(), "ok": None}
    post = Post()
    for mmsi in range(1, ships + 1):
        post.watch.find("anchor-drag", mmsi, mmsi)
    post.watch.judge()
    post.faults = [fault for name in faults if (fault := made[name]) is not None]
    for _ in range(40):
        try:
            post.step()
        except Killed:
            post.restart()
        post.watch.wait(10)
    assert {m.mmsi for m in post.sent} == set(range(1, ships + 1))
    assert post.outbox == {"sent": ships}
    kills = faults.count("kill")
    assert len(post.sent) <= ships + kills


def test_attempts_wait_longer_and_end() -> None:
    post = Post()
    post.faults = [NotifyError("busy") for _ in range(100)]
    post.watch.find("anchor-drag")
    post.judge()
    waits = []
    while post.outbox == {"queued": 1}:
        item = item_of(post.documents[0])
        waits.append((item.next_at - post.watch.now) / MINUTE)
        post.watch.now = item.next_at - 1
        post.step()
        assert item_of(post.documents[0]) == item, "not a moment early"
        post.watch.now = item.next_at
        post.step()
    assert waits == [1, 2, 4, 8, 16, 32, 64]
    assert len(waits) + 1 == ATTEMPTS
    assert post.outbox == {"given up": 1}
    assert item_of(post.documents[0]).error == "busy"


def test_what_can_never_work_is_given_up_at_once() -> None:
    post = Post()
    post.faults = [NotifyError("401", again=False)]
    post.watch.find("anchor-drag")
    post.judge()
    assert post.outbox == {"given up": 1}


def test_muted_and_low_ones_are_withheld_with_the_reason() -> None:
    post = Post(least_score=1000.0)
    post.watch.find("anchor-drag")
    post.judge()
    assert post.sent == []
    assert [item_of(d).error for d in post.documents] == ["score below 1000"]
    quiet: set[str] = set()
    post = Post(muted=lambda now: quiet)
    post.watch.find("anchor-drag")
    post.watch.judge()
    quiet.add(post.watch.alert.id)
    post.step()
    assert [item_of(d).error for d in post.documents] == ["muted"]
    quiet.clear()
    post.restart()
    post.step()
    assert post.sent == []


def test_a_supervisor_hears_of_escalations_only() -> None:
    post = Post(level=1)
    post.watch.find("anchor-drag")
    post.judge()
    assert post.sent == []
    post.watch.wait(60 * 5)
    post.watch.beat()
    post.step()
    assert [(m.importance, m.level) for m in post.sent] == [("escalated", 1)]
    assert post.sent[0].title.startswith("Escalated to the supervisor")


def test_an_alert_that_comes_back_from_a_snooze_says_why() -> None:
    post = Post(each_alert_every=0)
    post.watch.find("ais-gap")
    post.judge()
    post.watch.do("snooze")
    post.watch.wait(60)
    post.watch.beat()
    post.step()
    post.watch.do("snooze")
    post.watch.find("loitering", number=1, start=at(3), end=at(4))
    post.judge()
    assert [m.title.partition(":")[0] for m in post.sent] == ["Alert", "Alert is back", "Alert is back"]
    assert "the snooze is over" in post.sent[1].text
    assert "a new kind of finding: loitering" in post.sent[2].text


def test_an_alert_somebody_has_already_is_not_told() -> None:
    post = Post()
    post.watch.find("anchor-drag")
    post.watch.judge()
    post.watch.do("acknowledge")
    post.step()
    assert (post.sent, post.outbox) == ([], {"withheld": 1})


def test_one_alert_is_told_of_at_most_every_ten_minutes_and_then_the_latest() -> None:
    post = Post()
    post.watch.find("ais-gap")
    post.judge()
    for k, kind in enumerate(["loitering", "drifting", "anchor-drag"], 1):
        post.watch.wait(1)
        post.watch.find(kind, number=k, start=at(2 + k), end=at(3 + k))
        post.judge()
    assert len(post.sent) == 1
    post.watch.wait(9)
    post.step()
    assert len(post.sent) == 2
    assert "anchor-drag" in post.sent[1].text
    assert post.outbox == {"sent": 2, "superseded": 2}


def test_too_many_become_one_quiet_summary() -> None:
    post = Post(per_hour=5)
    for mmsi in range(1, 41):
        post.watch.find("anchor-drag" if mmsi == 7 else "ais-gap", mmsi, mmsi)
    post.judge()
    assert len(post.sent) == 5
    assert post.sent[0].mmsi == 7, "the highest score first"
    post.step()
    assert post.sent[5].importance == "summary"
    assert post.sent[5].title.startswith("35 more alerts since")
    assert post.sent[5].lines[-1] == "and 25 more: see the list"
    post.step()
    assert len(post.sent) == 6
    assert post.outbox == {"sent": 6, "summarised": 35}


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12))
def test_nobody_is_sent_more_than_the_limit_in_any_hour(waits: list[int]) -> None:
    post = Post(per_hour=3)
    times: list[int] = []
    number = 0
    for wait in waits:
        for _ in range(4):
            number += 1
            post.watch.find("ais-gap", number, number)
        before = len(post.sent)
        post.judge()
        single = [m for m in post.sent[before:] if m.importance != "summary"]
        times += [post.watch.now] * len(single)
        post.watch.wait(wait)
    for t in times:
        assert sum(t - 60 * MINUTE < other <= t for other in times) <= 3


def test_documents_made_again_are_the_same() -> None:
    post = Post(per_hour=2)
    for mmsi in range(1, 9):
        post.watch.find("ais-gap", mmsi, mmsi)
    post.judge()
    post.step()
    assert isinstance(post.watch.log, MemoryLog)
    assert post.watch.log.rebuilt().kept == post.watch.log.kept


def test_a_name_from_the_air_is_shown_safely() -> None:
    post = Post()
    post.watch.find("ais-gap", summary="\x1b[2J<b>GO\u202e\r\nBcc: x")
    post.judge()
    assert all(line.isprintable() for line in (post.sent[0].title, *post.sent[0].lines))


def test_what_is_rehearsed_is_not_sent_by_the_real_dispatcher() -> None:
    post = Post()
    from cases.making import finding, ship
    from watchkeeper.cases.alarms.wording import json_values
    from watchkeeper.model.event import Draft

    told = finding("anchor-drag", realm="exercise:1")
    body = {"finding": json_values(told), "reason": None}
    post.watch.log.append(
        [
            Draft(
                kind="finding.opened",
                subject="e1",
                at=post.watch.now,
                actor="x",
                body=body,
                realm="exercise:1",
            )
        ]
    )
    written = alarms.after_judging(post.watch.log, now=post.watch.now, ship_of=ship, realm="exercise:1")
    assert [event.kind for event in written] == ["alert.raised", "alarms.kept"]
    post.step()
    assert (post.sent, post.outbox) == ([], {})
