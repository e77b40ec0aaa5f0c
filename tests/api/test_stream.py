"""Server-sent events: in order, from where one left off, for those who may, and no burden when one is slow."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
import pytest

from api.conftest import PLENTY
from api.sea import EXERCISE, Sea, sea
from watchkeeper.model.event import Draft

STREAM = "/api/v1/events/stream"


def said(served: Sea, count: int, kind: str = "note.made", realm: str = "real", pad: int = 0) -> int:
    """Append events; the number of the last."""
    drafts = [
        Draft(
            kind=kind, subject=str(k), at=served.clock(), actor="watch", realm=realm, body={"pad": "x" * pad}
        )
        for k in range(count)
    ]
    return served.log.append(drafts)[-1].seq


@contextmanager
def listening(served: Sea, role: str = "viewer", **given: object) -> Iterator[Iterator[dict]]:
    headers = given.pop("headers", {})
    client = served.client(role)
    with client.stream("GET", STREAM, params=given, headers=headers) as answer:  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events_of(answer)


def events_of(answer: httpx.Response) -> Iterator[dict]:
    """Events of a stream; those without data are given with their id only."""
    held: dict = {}
    for line in answer.iter_lines():
        name, _, value = line.partition(":")
        if not line:
            if held:
                yield held
            held = {}
        elif name in ("id", "event", "data"):
            held[name] = json.loads(value) if name == "data" else value.strip()


def take(events: Iterator[dict], count: int) -> list[dict]:
    found = []
    for event in events:
        if "data" in event:
            found.append(event)
        if len(found) == count:
            break
    return found


def test_new_events_come_in_order(served: Sea) -> None:
    with listening(served) as events:
        last = said(served, 5)
        got = take(events, 5)
    assert [int(e["id"]) for e in got] == list(range(last - 4, last + 1))
    assert got[0]["event"] == got[0]["data"]["kind"] == "note.made"
    assert got[0]["data"]["hash"]


def test_one_goes_on_where_one_left_off(served: Sea) -> None:
    before = served.log.head()
    with listening(served) as events:
        said(served, 3)
        seen = take(events, 2)
    last = said(served, 4)
    with listening(served, headers={"Last-Event-ID": seen[-1]["id"]}) as events:
        rest = take(events, 5)
    assert [int(e["id"]) for e in [*seen, *rest]] == list(range(before + 1, last + 1))


def test_all_of_the_log_from_the_beginning(served: Sea) -> None:
    head = said(served, 1)
    with listening(served, after=0) as events:
        assert [int(e["id"]) for e in take(events, head)] == list(range(1, head + 1))


def test_only_the_kinds_and_the_realm_that_are_asked_for(served: Sea) -> None:
    with listening(served, kind="odd.,even.one") as events:
        said(served, 1, "even.two")
        said(served, 1, "odd.any")
        said(served, 1, "odd.any", realm=EXERCISE)
        said(served, 1, "even.one")
        assert [e["event"] for e in take(events, 2)] == ["odd.any", "even.one"]


def test_heartbeats_keep_the_place(served: Sea) -> None:
    with listening(served, kind="nothing.") as events:
        head = said(served, 3)
        while True:
            event = next(events)
            assert "data" not in event
            if int(event["id"]) == head:
                break


def test_a_number_that_is_none_is_refused(served: Sea) -> None:
    for given in ("abc", "-1", "9" * 30):
        answer = served.client("viewer").get(STREAM, headers={"Last-Event-ID": given})
        assert answer.status_code == 400
    assert served.client("viewer").get(STREAM, params={"realm": EXERCISE}).status_code == 403
    assert served.client().get(STREAM).status_code == 401


def test_a_stream_ends_when_its_reader_may_no_longer_read(served: Sea) -> None:
    desk, now = served.services.desk, served.clock()
    user = desk.users.add("listener", "viewer", now)
    key, secret = desk.keys.make(user.id, "k", ["events:read"], 1, now)
    client = served.client()
    with client.stream("GET", STREAM, headers={"Authorization": f"Bearer {secret}"}) as answer:
        events = events_of(answer)
        said(served, 1)
        assert take(events, 1)
        desk.keys.revoke(user.id, key.id, now)
        said(served, 1)
        rest = [event for event in events if "data" in event]
    assert [event["event"] for event in rest] == ["ended"]


def test_a_key_reads_only_events_of_what_it_may_read(served: Sea) -> None:
    user, now = served.users["analyst"].id, served.clock()
    _, secret = served.services.desk.keys.make(user, "k", ["events:read", "feeds:read"], 1, now)
    client = served.client()
    client.headers["Authorization"] = f"Bearer {secret}"
    listed = client.get("/api/v1/events", params={"limit": 1000}).json()["items"]
    kinds = {event["kind"].partition(".")[0] for event in listed}
    assert "feed" in kinds
    assert not kinds & {"finding", "alert", "alarms", "case", "report"}
    with client.stream("GET", STREAM) as answer:
        events = events_of(answer)
        served.log.append(
            [
                Draft(kind=kind, subject="x", at=now, actor="watch", body={"reason": ""})
                for kind in ("case.noted", "report.seen", "feed.live")
            ]
        )
        assert [event["event"] for event in take(events, 1)] == ["feed.live"]


def test_too_many_streams_are_refused(served: Sea) -> None:
    opened = []
    try:
        for _ in range(PLENTY.streams):
            client = served.client("viewer")
            stream = client.stream("GET", STREAM)
            stream.__enter__()
            opened.append(stream)
        refused = served.client("viewer").get(STREAM)
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
    finally:
        for stream in opened:
            stream.__exit__(None, None, None)


def test_a_slow_reader_is_ended_and_does_not_hold_up_others(tmp_path: Path) -> None:
    limits = msgspec.structs.replace(PLENTY, send_seconds=0.5)
    with sea(tmp_path, limits=limits) as served:
        host, port = served.url.removeprefix("http://").split(":")
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect((host, int(port)))
            head_of_request = f"GET {STREAM}?after=0 HTTP/1.1\r\nHost: x\r\n"
            key = f"Authorization: Bearer {served.keys['viewer']}\r\n\r\n"
            slow.sendall((head_of_request + key).encode())
            head = said(served, 3000, pad=4000)
            with listening(served, after=0) as events:
                assert int(take(events, head)[-1]["id"]) == head
            figures = served.services.figures
            until = time.monotonic() + 20
            while figures.registry.get_sample_value("watchkeeper_http_slow_streams_total") != 1:
                assert time.monotonic() < until
                time.sleep(0.05)
        assert served.services.live.open <= 1


def test_streams_end_with_the_server(tmp_path: Path) -> None:
    ended = threading.Event()
    with sea(tmp_path, limits=PLENTY) as served:
        ready = threading.Event()

        def listen() -> None:
            with served.client("viewer").stream("GET", STREAM) as answer:
                ready.set()
                try:
                    for _ in answer.iter_lines():
                        pass
                except httpx.HTTPError:
                    pass
            ended.set()

        thread = threading.Thread(target=listen)
        thread.start()
        assert ready.wait(20)
    thread.join(20)
    assert ended.is_set()


def test_events_of_the_past_come_page_by_page(served: Sea) -> None:
    said(served, 3, "paged.one")
    said(served, 2, "paged.two", realm=EXERCISE)
    said(served, 3, "paged.two")
    found: list[dict] = []
    cursor: dict[str, str] = {}
    while True:
        page = (
            served.client("viewer")
            .get("/api/v1/events", params={"kind": "paged.", "limit": 2, **cursor})
            .json()
        )
        found += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert [e["kind"] for e in found] == ["paged.one"] * 3 + ["paged.two"] * 3


@pytest.mark.parametrize("count", [1, 700])
def test_a_burst_is_not_lost(served: Sea, count: int) -> None:
    with listening(served) as events:
        last = said(served, count)
        assert int(take(events, count)[-1]["id"]) == last
