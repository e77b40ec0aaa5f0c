"""From a finding to a message that arrives: the log that is shipped, a real server, and a thread between them."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

from cases.alarms.watching import Watch
from notify.servers import HttpServer, running
from watchkeeper.cases.alarms import muted_alerts
from watchkeeper.errors import StoreError
from watchkeeper.model.event import Query
from watchkeeper.notify.dispatch import Dispatcher
from watchkeeper.notify.routes import Route
from watchkeeper.notify.running import Courier
from watchkeeper.projectors import projectors
from watchkeeper.store.folder import Store

PATIENCE_S = 30.0


def until(true: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    give_up = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > give_up:
            raise TimeoutError
        time.sleep(0.01)


def test_a_finding_becomes_a_message_at_a_receiver_that_fails_at_first(tmp_path: Path) -> None:
    Store.create(tmp_path / "watch")
    with (
        running(HttpServer()) as server,
        Store.open(tmp_path / "watch", write=True, projectors=projectors()) as store,
    ):
        watch = Watch(store.decisions)
        server.answers = [503]
        route = Route(name="duty", by="webhook", url=server.url, secret="key", private=True)
        out = Dispatcher(store.decisions, [route], lambda now: muted_alerts(store.decisions, now))
        out.step(watch.now)
        with Courier(out, lambda: watch.now, every_s=0.01) as courier:
            watch.find("anchor-drag", 219000606)
            watch.judge()
            until(lambda: len(server.requests) == 1)
            watch.wait(1)
            until(lambda: len(server.requests) == 2)
            until(lambda: store.decisions.documents(Query(collection="outbox", states=("sent",))).total == 1)
        assert courier.failed is None
        first, second = (json.loads(request.body) for request in server.requests)
        assert first == second
        assert first["mmsi"] == 219000606
        assert store.decisions.verify() == []


class Shaky:
    """A dispatcher whose database is away at first."""

    def __init__(self, error: BaseException) -> None:
        self.error: BaseException | None = error
        self.steps = 0
        self.done = threading.Event()

    def step(self, now: int) -> None:
        self.steps += 1
        error, self.error = self.error, None
        if error is not None:
            raise error
        self.done.set()


def test_a_database_that_is_gone_for_a_moment_is_waited_for() -> None:
    shaky = Shaky(StoreError("The database is locked."))
    with Courier(shaky, lambda: 0, every_s=0.01) as courier:  # type: ignore[arg-type]
        assert shaky.done.wait(PATIENCE_S)
    assert courier.failed is None


def test_a_fault_of_the_program_is_not_hidden() -> None:
    seen = []
    before, threading.excepthook = threading.excepthook, seen.append
    try:
        with Courier(Shaky(KeyError("x")), lambda: 0, every_s=0.01) as courier:  # type: ignore[arg-type]
            until(lambda: bool(seen))
    finally:
        threading.excepthook = before
    assert isinstance(courier.failed, KeyError)
