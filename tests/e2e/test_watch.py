"""The command as it is used: killed by the system at random moments, it finds what a scan of the same lines finds."""

import json
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from e2e.watched import END_S, kept, rows_of, scanned, simulated, watching

KILLS = 8


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulated(tmp_path_factory.mktemp("world"), 60_000, 10.0)


def test_a_file_that_was_all_there(world: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        watching(world, tmp_path / "store", str(world / "day.nmea")),
        capture_output=True,
        text=True,
        timeout=END_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert kept(tmp_path / "store") == scanned(world, "day.nmea")
    kinds = {json.loads(line)["kind"] for line in done.stdout.splitlines()}
    assert {"finding.closed", "alert.raised"} <= kinds


def test_killed_again_and_again_by_the_system(world: Path, tmp_path: Path) -> None:
    """The file grows while the watch is killed with SIGKILL at random moments, in receiving, working or writing."""
    dice = random.Random(7)
    store, growing = tmp_path / "store", tmp_path / "day.nmea"
    lines = (world / "day.nmea").read_bytes().splitlines(keepends=True)
    growing.write_bytes(b"")
    share = len(lines) // KILLS
    for k in range(KILLS):
        with growing.open("ab") as file:
            file.writelines(lines[k * share : (k + 1) * share])
        process = subprocess.Popen(
            watching(world, store, str(growing)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(dice.uniform(1.5, 5.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
    with growing.open("ab") as file:
        file.writelines(lines[KILLS * share :])
    done = subprocess.run(
        watching(world, store, str(growing)), capture_output=True, text=True, timeout=END_S, check=False
    )
    assert done.returncode == 0, done.stderr
    assert kept(store) == scanned(world, "day.nmea")
    rows = rows_of(store)
    assert len(rows) == len(set(rows)) > 30_000


def test_a_feed_over_the_network_whose_connection_breaks(world: Path, tmp_path: Path) -> None:
    lines = (world / "day.nmea").read_bytes().splitlines(keepends=True)
    with _server(lines, breaks=3) as port:
        done = subprocess.run(
            watching(world, tmp_path / "store", f"tcp://127.0.0.1:{port}?name=day.nmea", quiet="15 s"),
            capture_output=True,
            text=True,
            timeout=END_S,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert kept(tmp_path / "store") == scanned(world, "day.nmea")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    states = {e["kind"] for e in events if e["subject"] == "day.nmea"}
    assert states & {"feed.live", "feed.degraded"}, (
        "degraded, where it broke three times before it was looked at"
    )


@contextmanager
def _server(lines: list[bytes], breaks: int) -> Iterator[int]:
    """Serves the lines once, to whoever connects, and hangs up between two lines so many times on the way."""
    share = len(lines) // (breaks + 1) + 1
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(END_S)

    def serve() -> None:
        for begin in range(0, len(lines), share):
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"".join(lines[begin : begin + share]))
        try:
            connection, _ = server.accept()  # the last connection stays open and quiet
        except OSError:
            return
        held.append(connection)

    held: list[socket.socket] = []
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.close()
        thread.join(5.0)
        for connection in held:
            connection.close()
