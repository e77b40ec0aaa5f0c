"""A WebSocket server that behaves like aisstream.io, and as badly."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Response

from feeds.watching_feeds import has, picture, receiving, spooled, until
from watchkeeper.feeds import websocket
from watchkeeper.feeds.health import State

KEY = "the-right-key"
POSITION = {
    "MessageType": "PositionReport",
    "MetaData": {"MMSI": 259000420, "ShipName": "AUGUSTSON", "time_utc": "2026-10-01 18:22:32.318353 +0000 UTC"},
    "Message": {"PositionReport": {"UserID": 259000420, "Latitude": 66.02, "Longitude": 12.25, "Sog": 3.5}},
}  # fmt: skip


class Stream:
    """The server. ``then`` is what it does with a subscriber."""

    def __init__(self) -> None:
        self.subscriptions: list[dict[str, Any]] = []
        self.then: Callable[[ServerConnection], Awaitable[None]] = self.two_messages
        self.status = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))
        self._thread.start()
        self._ready.wait(10)

    async def two_messages(self, socket: ServerConnection) -> None:
        for _ in range(2):
            await socket.send(json.dumps(POSITION).encode())
        await socket.wait_closed()

    async def silence(self, socket: ServerConnection) -> None:
        await socket.wait_closed()

    async def cut(self, socket: ServerConnection) -> None:
        await socket.send(json.dumps(POSITION))
        socket.transport.abort()

    async def deaf(self, socket: ServerConnection) -> None:
        """It stops reading, and so never answers a ping."""
        await socket.send(json.dumps(POSITION))
        socket.transport.pause_reading()
        await self._stop.wait()

    async def _one(self, socket: ServerConnection) -> None:
        asked = json.loads(await socket.recv())
        self.subscriptions.append(asked)
        if asked.get("APIKey") != KEY:
            await socket.send(json.dumps({"error": "Api Key Is Not Valid"}))
            return
        await self.then(socket)

    def _answer(self, connection: ServerConnection, request: Any) -> Response | None:
        if not self.status:
            return None
        return Response(self.status, "No", Headers({"Location": "ws://127.0.0.1:9/"}), b"")

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        async with serve(
            self._one, "127.0.0.1", 0, process_request=self._answer, close_timeout=0.1
        ) as server:
            self.port = server.sockets[0].getsockname()[1]
            self._ready.set()
            await self._stop.wait()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stream]:
    server = Stream()
    real = websocket.aisstream

    def here(address: Any, key: str, clock: Any) -> websocket.WebSocket:
        made = real(address, key, clock, url=f"ws://127.0.0.1:{server.port}/v0/stream")
        made._ping_s = 0.2
        return made

    monkeypatch.setattr(websocket, "aisstream", here)
    yield server
    server.close()


def with_key(key: str = KEY) -> dict[str, str]:
    return {"AISSTREAM_API_KEY": key}


def test_the_subscription_and_its_messages(tmp_path: Path, stream: Stream) -> None:
    address = "aisstream://?bbox=170,-10,-170,10&types=PositionReport,ShipStaticData"
    with receiving(tmp_path, address, environment=with_key()) as receiver:
        lines = has(tmp_path, "aisstream", 2)
        until(lambda: picture(receiver, "aisstream").messages == 2)
        assert picture(receiver, "aisstream").clock_ms is not None
    assert stream.subscriptions[0] == {
        "APIKey": KEY,
        "BoundingBoxes": [[[-10.0, 170.0], [10.0, 180.0]], [[-10.0, -180.0], [10.0, -170.0]]],
        "FilterMessageTypes": ["PositionReport", "ShipStaticData"],
    }
    said = json.loads(lines[0])
    assert said.pop("heard") > 0
    assert said == POSITION


def test_a_wrong_key_is_said_and_not_tried_again_at_once(tmp_path: Path, stream: Stream) -> None:
    with receiving(tmp_path, "aisstream://", environment=with_key("wrong")) as receiver:
        until(lambda: picture(receiver, "aisstream").state is State.DOWN)
        assert "Api Key Is Not Valid" in picture(receiver, "aisstream").reason
        assert KEY not in picture(receiver, "aisstream").reason
    assert len(stream.subscriptions) == 1
    assert b"Api Key Is Not Valid" in spooled(tmp_path, "aisstream")[0], "what was said is kept"


def test_connected_but_nothing_comes(tmp_path: Path, stream: Stream) -> None:
    stream.then = stream.silence
    now = [1_790_000_000_000]
    with receiving(tmp_path, "aisstream://", environment=with_key(), clock=lambda: now[0]) as receiver:
        until(lambda: receiver._feeds["aisstream"].health._connected)
        now[0] += 65_000
        until(lambda: picture(receiver, "aisstream").state is State.SILENT)


@pytest.mark.parametrize("how", ["cut", "deaf"])
def test_an_abrupt_end_and_a_deaf_server_are_connected_anew(tmp_path: Path, stream: Stream, how: str) -> None:
    stream.then = getattr(stream, how)
    with receiving(tmp_path, "aisstream://", environment=with_key()) as receiver:
        has(tmp_path, "aisstream", 2)
        assert receiver._feeds["aisstream"].health.reconnects >= 1
    assert len(stream.subscriptions) >= 2


def test_redirects_are_not_followed_and_refusals_are_told(tmp_path: Path, stream: Stream) -> None:
    stream.status = 302
    with receiving(tmp_path, f"ws://127.0.0.1:{stream.port}/x?name=w") as receiver:
        reason = until(lambda: receiver._feeds["w"].health._why)
        assert "answered 302" in reason
        stream.status = 403
        until(lambda: picture(receiver, "w").state is State.DOWN)
        assert "answered 403" in picture(receiver, "w").reason


def test_a_link_local_address_is_refused_without_a_connection(tmp_path: Path) -> None:
    with receiving(tmp_path, "ws://169.254.169.254/latest/meta-data?name=w") as receiver:
        until(lambda: picture(receiver, "w").state is State.DOWN)
        assert "link-local" in picture(receiver, "w").reason


def test_a_subscription_of_ones_own(tmp_path: Path, stream: Stream) -> None:
    asked = '{"APIKey":"the-right-key"}'
    with receiving(tmp_path, f"ws://127.0.0.1:{stream.port}/x?name=w&subscribe={asked}"):
        has(tmp_path, "w", 2)
    assert stream.subscriptions == [{"APIKey": KEY}]
