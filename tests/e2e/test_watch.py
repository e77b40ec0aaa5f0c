"""The command as it is used: killed by the system at random moments, it finds what a scan of the same lines finds."""

import json
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.config import load_settings
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_layers, write_list, write_nmea
from watchkeeper.model.event import Query
from watchkeeper.model.time import from_iso
from watchkeeper.projectors import projectors
from watchkeeper.scan import ScanRequest, scan
from watchkeeper.store.folder import Store

COMMAND = [sys.executable, "-c", "from watchkeeper.cli import main; main()"]
KILLS = 8
END_S = 120.0


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated day as a log, and what a scan finds in it with the patience of a watch."""
    folder = tmp_path_factory.mktemp("world")
    day = simulate(SimulationSpec(seed=4, rows=60_000, hours=10.0, cases_per_behaviour=1))
    write_nmea(day, folder / "day.nmea")
    write_layers(day, folder / "assets.geojson")
    write_list(day, folder / "list.csv")
    scan(
        ScanRequest(
            inputs=(str(folder / "day.nmea"),),
            out=folder / "out",
            settings=load_settings(None, {}, ("engine.lateness=2min",)),
            now=from_iso("2026-11-01"),
            layers=(folder / "assets.geojson",),
            lists=(folder / "list.csv",),
            report=False,
            simulated=True,
        ),
        lambda _: None,
    )
    return folder


def watching(world: Path, store: Path, *sources: str, quiet: str = "3 s") -> list[str]:
    return [
        *COMMAND, "watch", *sources, "--store", str(store), "--layer", str(world / "assets.geojson"),
        "--list", str(world / "list.csv"), "--end-after", quiet, "--json",
    ]  # fmt: skip


def scanned(world: Path, source: str) -> dict[str, dict[str, Any]]:
    lines = (world / "out" / "findings.ndjson").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    for one in found:
        for evidence in one["evidence"]:
            evidence["source"] = source
    return {one["id"]: one for one in found}


def kept(store: Path) -> dict[str, dict[str, Any]]:
    with Store.open(store, write=False, projectors=projectors()) as held:
        assert held.decisions.verify() == []
        assert held.lake.verify() == []
        page = held.decisions.documents(Query(collection="findings", limit=1000))
        assert page.next is None
        return {d.id: d.body["finding"] for d in page.items if d.state != "withdrawn"}


def rows_of(store: Path) -> list[int]:
    with Store.open(store, write=False) as held:
        return sorted(row for batch in held.lake.scan(0, 2**62, ("row",)) for row in batch["row"].to_pylist())


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
    assert any(e["kind"] == "feed.live" and e["subject"] == "day.nmea" for e in events)


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
