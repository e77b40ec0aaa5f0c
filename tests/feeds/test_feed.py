"""Pauses, drops, BarentsWatch by a local server, and the whole way from a socket to the same records as a scan's."""

import io
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest

from feeds.watching_feeds import has, picture, receiving, until
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_nmea
from watchkeeper.feeds import barentswatch
from watchkeeper.feeds.feed import LONGEST_PAUSE_S, Pauses
from watchkeeper.feeds.health import State
from watchkeeper.feeds.sockets import Udp, _Listener
from watchkeeper.model.records import Positions
from watchkeeper.model.time import from_iso
from watchkeeper.sources import nmea
from watchkeeper.sources.options import ReadOptions
from watchkeeper.watching.intake import Intake

NOW = from_iso("2026-11-01")


def test_pauses_grow_to_a_bound_and_are_spread() -> None:
    many = [Pauses(0.5, 60.0, seed=k) for k in range(200)]
    bounds = [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    for bound in bounds:
        found = np.array([p.next() for p in many])
        assert found.max() <= bound
        assert found.max() > 0.9 * bound
        assert found.min() < 0.1 * bound, "full jitter: some come back almost at once"
    many[0].reset()
    assert many[0].next() <= 0.5
    late = Pauses()
    assert all(late.next() <= LONGEST_PAUSE_S for _ in range(5_000))


def test_datagrams_that_come_too_fast_are_counted() -> None:
    udp = Udp("127.0.0.1", 0, lambda: 0, queue=3)
    listener = _Listener(udp)
    for k in range(5):
        listener.datagram_received(b"%d" % k, None)
    assert b"".join(listener.waiting) == b"0\n1\n2\n"
    assert udp.dropped == 2


class Barents(ThreadingHTTPServer):
    """Hands out tokens for one client and streams lines to whoever has one."""

    daemon_threads = True
    secret = "right"
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.stopping = threading.Event()


class _Answers(BaseHTTPRequestHandler):
    server: Barents

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        good = form["client_secret"] == [self.server.secret] and form["scope"] == ["ais"]
        self._say(
            200 if good else 400, json.dumps({"access_token": "T0"} if good else {"error": "invalid_client"})
        )

    def do_GET(self) -> None:
        if self.server.status != 200 or self.headers["Authorization"] != "Bearer T0":
            self._say(self.server.status if self.server.status != 200 else 401, "")
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"mmsi":257000001,"msgtime":"2026-10-01T12:00:00Z"}\n{"mmsi":2570')
        self.wfile.flush()
        self.wfile.write(b"00002}\n")
        self.wfile.flush()
        self.server.stopping.wait(30)

    def _say(self, code: int, body: str) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def barents(monkeypatch: pytest.MonkeyPatch) -> Iterator[Barents]:
    server = Barents()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    base = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setattr(
        barentswatch.BarentsWatch.__init__,
        "__kwdefaults__",
        {"token_url": f"{base}/t", "stream_url": f"{base}/s"},
    )
    yield server
    server.stopping.set()
    server.shutdown()
    thread.join()
    server.server_close()


def with_secret(secret: str) -> dict[str, str]:
    return {"BARENTSWATCH_CLIENT_ID": "me", "BARENTSWATCH_CLIENT_SECRET": secret}


def test_barentswatch_gives_a_token_and_then_lines(tmp_path: Path, barents: Barents) -> None:
    with receiving(tmp_path, "barentswatch://", environment=with_secret("right")):
        lines = has(tmp_path, "barentswatch", 2)
        barents.stopping.set()
    assert json.loads(lines[0])["mmsi"] == 257000001
    assert json.loads(lines[1])["mmsi"] == 257000002


def test_barentswatch_refuses_a_wrong_secret_and_may_be_ill(tmp_path: Path, barents: Barents) -> None:
    with receiving(tmp_path / "a", "barentswatch://", environment=with_secret("wrong")) as receiver:
        until(lambda: picture(receiver, "barentswatch").state is State.DOWN)
        assert "refused a token (400)" in picture(receiver, "barentswatch").reason
        assert "wrong" not in picture(receiver, "barentswatch").reason
    barents.status = 503
    with receiving(tmp_path / "b", "barentswatch://", environment=with_secret("right")) as receiver:
        until(lambda: "answered 503" in receiver._feeds["barentswatch"].health._why)
        barents.status = 200
        has(tmp_path / "b", "barentswatch", 2)
        barents.stopping.set()


def test_what_comes_through_a_socket_is_what_a_scan_reads(tmp_path: Path) -> None:
    day = simulate(SimulationSpec(seed=6, rows=6_000, hours=8.0, cases_per_behaviour=0, behaviours=()))
    write_nmea(day, tmp_path / "day.nmea")
    content = (tmp_path / "day.nmea").read_bytes()
    many = content.count(b"\n")
    server = socket.create_server(("127.0.0.1", 0))
    address = f"tcp://127.0.0.1:{server.getsockname()[1]}?name=rx"
    taken = []
    with server, receiving(tmp_path / "s", address) as receiver, server.accept()[0] as peer:
        intake = Intake(receiver.readers(), ReadOptions(now=NOW))
        for at in range(0, len(content), 7_777):
            peer.sendall(content[at : at + 7_777])
            taken.append(intake.take(NOW))

        def all_there() -> bool:
            taken.append(intake.take(NOW))
            return intake.places()["rx"] == many + 1

        until(all_there)
    live = Positions.concat(t.positions for t in taken)
    scanned = Positions.concat(
        b.positions for b in nmea.batches(io.BytesIO(content), 0, "rx", ReadOptions(now=NOW))
    )
    assert len(scanned) > 3_000
    for name in Positions.DTYPES:
        np.testing.assert_array_equal(getattr(live, name), getattr(scanned, name), err_msg=name)
