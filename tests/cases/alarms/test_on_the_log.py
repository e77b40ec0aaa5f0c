"""The projections on the log that is shipped: the same documents as in memory, and verified against the events."""

from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.alarms.memory import MemoryLog
from cases.alarms.watching import Watch, at, later
from cases.making import some_findings
from watchkeeper import notify
from watchkeeper.cases import alarms, register
from watchkeeper.cases.alarms.keeping import everything
from watchkeeper.cases.alarms.states import ACTIONS, allowed
from watchkeeper.cases.register.actions import Worker, open_case
from watchkeeper.model.event import Document, Query
from watchkeeper.model.finding import Finding
from watchkeeper.notify.dispatch import Dispatcher
from watchkeeper.notify.message import Message
from watchkeeper.notify.routes import Route
from watchkeeper.store.folder import Store

COLLECTIONS = (
    "findings", "findings-of-other", "health", "alerts", "mutes", "handovers", "marks", "cases", "reports", "outbox",
)  # fmt: skip
KINDS = ["encounter", "loitering", "ais-gap", "anchor-drag", "listed-vessel", "gnss-interference"]


def projectors() -> tuple[Any, ...]:
    return (*alarms.projectors(), *register.projectors(), *notify.projectors())


def documents(log: Any) -> dict[tuple[str, str], Document]:
    found = (d for c in COLLECTIONS for d in everything(log, Query(collection=c, order="id")))
    return {(d.collection, d.id): d for d in found}


def story(watch: Watch, findings: list[Finding], actions: list[str]) -> None:
    """A night: findings come, people act, a feed falls silent and comes back, time passes."""
    sent: list[Message] = []
    route = Route(name="duty", by="webhook", url="https://x.org", secret="k", per_hour=2)
    out = Dispatcher(watch.log, [route], senders={"webhook": lambda r, message, now: sent.append(message)})
    out.step(watch.now)
    for k, told in enumerate(findings):
        watch.tell("opened" if told.end is None else "closed", told)
        if k % 3 == 1:
            watch.tell("withdrawn", findings[k - 1], "set aside")
        watch.judge()
        watch.health("feed.silent" if k % 2 else "feed.live", "kystverket")
        for alert in watch.alerts[:1]:
            action = actions[k % len(actions)] if actions else "acknowledge"
            if action in allowed(alert.state, "analyst"):
                watch.do(action, alert, reason="known", to="bo")
        watch.wait(45)
        watch.beat()
        out.step(watch.now)
    if watch.alerts:
        (opened,) = watch.log.append(
            [open_case("Cable", at=watch.now, actor="user:anna", alerts=watch.alerts[:2])]
        )
        case = watch.log.document("cases", opened.subject)
        assert case is not None
        watch.log.append([Worker(case, at=watch.now, actor="user:anna").tag(["rsit:availability:sabotage"])])


@settings(max_examples=15)
@given(findings=some_findings(KINDS, ships=3, most=6), actions=st.lists(st.sampled_from(ACTIONS), max_size=5))
def test_both_logs_keep_the_same_documents(
    tmp_path_factory: Any, findings: list[Finding], actions: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("store") / "watch"
    memory = MemoryLog(projectors())
    story(Watch(memory), findings, actions)
    Store.create(folder)
    with Store.open(folder, write=True, projectors=projectors()) as store:
        story(Watch(store.decisions), findings, actions)
        kept = documents(store.decisions)
        assert kept == documents(memory)
        assert store.decisions.verify() == []
        store.decisions.rebuild()
        assert documents(store.decisions) == kept


def test_an_officer_decides_beside_the_watch_that_writes(tmp_path: Path) -> None:
    Store.create(tmp_path / "watch")
    with Store.open(tmp_path / "watch", write=True, projectors=projectors()) as store:
        watch = Watch(store.decisions)
        gap = watch.find("ais-gap", end=None)
        watch.judge()
        with Store.open(tmp_path / "watch", write=False, decide=True, projectors=projectors()) as beside:
            Watch(beside.decisions).do("acknowledge")
        watch.tell("updated", later(gap, summary="Silent for 9 h.", end=at(9)))
        watch.judge()
        assert watch.alert.state == "acknowledged"
        assert watch.standing.says.headline == "Silent for 9 h."
        assert msgspec.convert(watch.alert.body["last"], dict)["actor"] == "user:anna"
