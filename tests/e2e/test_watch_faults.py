"""The command while what it stands on fails: disk, database, object storage, network, feeds. Nothing is lost, and it
says what is wrong; in the end it has found what a scan finds."""

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest
from moto.server import ThreadedMotoServer
from pyarrow import fs

from e2e.watched import (
    END_S,
    Station,
    Watching,
    kept,
    rows_of,
    scanned,
    scanning,
    simulated,
    told,
    until,
    watching,
)
from store.postgres_server import running
from watchkeeper.config import load_settings
from watchkeeper.feeds.address import parse_all
from watchkeeper.feeds.spooled import count_lines, files_of
from watchkeeper.model.event import Event
from watchkeeper.store.folder import DATABASE, Store
from watchkeeper.watch import WatchRequest, watch

PARTS = 10
TAKES_NOTHING = "The store takes nothing"
ROOM_BYTES = 120 << 20
FAST = 30
"""How much faster than the wall the clock of the silent feed runs."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulated(tmp_path_factory.mktemp("world"), 30_000, 8.0)


@pytest.fixture
def station() -> Iterator[Station]:
    with closing(Station()) as station:
        yield station


def parts(world: Path) -> list[bytes]:
    """The day in parts of whole lines."""
    lines = (world / "day.nmea").read_bytes().splitlines(keepends=True)
    share = len(lines) // PARTS + 1
    return [b"".join(lines[k : k + share]) for k in range(0, len(lines), share)]


def over_tcp(world: Path, store: Path, station: Station, quiet: str = "6 s") -> list[str]:
    return watching(world, store, f"tcp://127.0.0.1:{station.port}?name=day.nmea", quiet=quiet)


def received(store: Path, feed: str) -> int:
    """Lines in the spool of a feed."""
    return sum(count_lines(file) for file in files_of(store / "spool" / feed))


@contextmanager
def small_disk(where: Path) -> Iterator[Path]:
    """A file system in memory with little room."""
    where.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM_BYTES}", "tmpfs", str(where)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"a small disk cannot be mounted: {made.stderr.strip()}")
    try:
        yield where
    finally:
        subprocess.run(["umount", "-l", str(where)], check=True)


def test_a_full_disk(world: Path, tmp_path: Path, station: Station) -> None:
    """Filled while the watch works: what comes waits, and all is there when there is room again."""
    with small_disk(tmp_path / "disk") as disk:
        store, ballast = disk / "store", disk / "ballast"
        with Watching(over_tcp(world, store, station), tmp_path / "said") as watch:
            first, *rest = parts(world)
            station.send(first)
            until(lambda: (store / "latest.arrow").exists() and received(store, "day.nmea"), "the first part")
            with ballast.open("wb", buffering=0) as file, suppress(OSError):
                while True:
                    file.write(b"x" * 4096)
            sending = threading.Thread(target=lambda: [station.send(part) for part in rest])
            sending.start()
            until(lambda: TAKES_NOTHING in watch.said, "it says that the store takes nothing")
            time.sleep(2.0)
            assert watch.process.poll() is None, watch.said
            ballast.unlink()
            sending.join(END_S)
            watch.end()
        assert kept(store) == scanned(world, "day.nmea")
        rows = rows_of(store)
        assert len(rows) == len(set(rows)) > 15_000


def test_a_database_that_stops_and_comes_back(world: Path, tmp_path: Path, station: Station) -> None:
    with running() as server:
        environment = os.environ | {DATABASE: server.database()}
        store = tmp_path / "store"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(DATABASE, environment[DATABASE])
            Store.create(store)
            with Watching(
                over_tcp(world, store, station, "9 s"), tmp_path / "said", env=environment
            ) as watch:
                first, second, *rest = parts(world)
                station.send(first)
                until(lambda: (store / "latest.arrow").exists(), "the first part")
                server.stop()
                station.send(second)
                until(lambda: TAKES_NOTHING in watch.said, "it says that the database is gone")
                assert watch.process.poll() is None, watch.said
                server.start()
                for part in rest:
                    station.send(part)
                watch.end()
            assert kept(store) == scanned(world, "day.nmea")
            rows = rows_of(store)
            assert len(rows) == len(set(rows)) > 15_000


class Wire:
    """Leads connections to another port, unless it is cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.cut = False
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._socket.accept()
            except OSError:
                return
            if self.cut:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._to))
            self._ends += [near, far]
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self._lead, args=(a, b), daemon=True).start()

    def _lead(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(1 << 16):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def tear(self) -> None:
        self.cut = True
        for end in self._ends:
            with end:
                end.close()
        self._ends.clear()

    def close(self) -> None:
        self._socket.close()


def test_object_storage_that_is_away(world: Path, tmp_path: Path, station: Station) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    bucket = f"lake-{uuid.uuid4().hex[:8]}"
    with closing(Wire(server.get_host_and_port()[1])) as wire, pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "WATCHKEEPER_S3_ENDPOINT": f"http://127.0.0.1:{wire.port}",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_REGION": "us-east-1",
        }.items():
            patch.setenv(name, value)
        fs.S3FileSystem(
            scheme="http", endpoint_override=f"127.0.0.1:{wire.port}", allow_bucket_creation=True
        ).create_dir(bucket)
        store = tmp_path / "store"
        Store.create(store, lake=f"s3://{bucket}/watch")
        with Watching(over_tcp(world, store, station, "15 s"), tmp_path / "said") as watch:
            first, *rest = parts(world)
            station.send(first)
            until(lambda: (store / "latest.arrow").exists(), "the first part")
            wire.tear()
            for part in rest:
                station.send(part)
            until(lambda: TAKES_NOTHING in watch.said, "it says that the object storage is away")
            assert watch.process.poll() is None, watch.said
            wire.cut = False
            watch.end()
        assert kept(store) == scanned(world, "day.nmea")
        rows = rows_of(store)
        assert len(rows) == len(set(rows)) > 15_000
    server.stop()


RELAY = """
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
client, _ = server.accept()
while data := sys.stdin.buffer.read1(1 << 16):
    client.sendall(data)
"""


def _ip(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=False)


@contextmanager
def network() -> Iterator[str]:
    """A network of its own, of one host."""
    if shutil.which("ip") is None:
        pytest.skip("there is no ip command (iproute2)")
    name = f"wk{uuid.uuid4().hex[:6]}"
    made = _ip("netns", "add", name)
    if made.returncode:
        pytest.skip(f"no network namespace can be made: {made.stderr.strip()}")
    try:
        up = _ip("-n", name, "link", "set", "lo", "up")
        if up.returncode:
            pytest.skip(f"a network cannot be set up: {up.stderr.strip()}")
        yield name
    finally:
        _ip("netns", "del", name)


def test_a_line_that_is_cut(world: Path, tmp_path: Path) -> None:
    """Station and watch are in a network of their own, which goes down in the middle of the day, and up again."""
    with network() as name:
        within = ["ip", "netns", "exec", name]
        store = tmp_path / "store"
        first, *rest = parts(world)
        with subprocess.Popen(
            [*within, sys.executable, "-c", RELAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as station:
            assert station.stdin is not None
            assert station.stdout is not None
            source = f"tcp://127.0.0.1:{int(station.stdout.readline())}?name=day.nmea"
            command = watching(world, store, source, quiet="10 s")
            with Watching([*within, *command], tmp_path / "said") as watch:
                station.stdin.write(first)
                station.stdin.flush()
                until(lambda: received(store, "day.nmea"), "the first part")
                assert _ip("-n", name, "link", "set", "lo", "down").returncode == 0
                heard = received(store, "day.nmea")
                sending = threading.Thread(target=station.stdin.write, args=(b"".join(rest),))
                sending.start()
                time.sleep(2.0)
                assert received(store, "day.nmea") <= first.count(b"\n")
                assert heard > 0
                assert _ip("-n", name, "link", "set", "lo", "up").returncode == 0
                sending.join(END_S)
                station.stdin.flush()
                watch.end()
            station.stdin.close()
        assert kept(store) == scanned(world, "day.nmea")


def test_rubbish_and_nobody_who_reads_what_is_said(world: Path, tmp_path: Path, station: Station) -> None:
    """Bytes of anything, halves of sentences, ten megabytes without a line end; and its output is not read."""
    lines = (world / "day.nmea").read_bytes().splitlines(keepends=True)
    store = tmp_path / "store"
    process = subprocess.Popen(
        over_tcp(world, store, station, "10 s"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    third = len(lines) // 3
    station.send(
        b"".join(lines[:third]) + bytes(range(11, 256)) + b"\n!AIVDM,1,1,,A,15Mv\n" + b"\xff" * 1000 + b"\n"
    )
    station.send(b"x" * 10_000_000 + b"\n" + b"".join(lines[third : 2 * third]))
    station.send(b"\\c:99999999999*00\\!AIVDM,2,1,1,A,55\n" + b"".join(lines[2 * third :]))
    until(lambda: received(store, "day.nmea") > len(lines), "all is in the spool, read or not")
    with process:
        assert process.communicate(timeout=END_S)[0].count(b"\n") > 50
    assert process.returncode == 0
    assert told(kept(store).values()) == told(scanned(world, "day.nmea").values())
    assert (store / "quarantine.ndjson").read_bytes().count(b"\n") >= 3


def test_three_feeds_of_one_sea(world: Path, tmp_path: Path, station: Station) -> None:
    """TCP, UDP and a growing file hear parts of the traffic, much of it twice, and each in an order of its own."""
    heard = _three_receivers((world / "day.nmea").read_bytes())
    store, grown = tmp_path / "store", tmp_path / "file.nmea"
    grown.touch()
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        probe.bind(("127.0.0.1", 0))
        udp = probe.getsockname()
    sources = [
        f"file:{grown}?name=file",
        f"tcp://127.0.0.1:{station.port}?name=tcp",
        f"udp://127.0.0.1:{udp[1]}?name=udp",
    ]
    command = watching(world, store, *sources, quiet="8 s", lateness="10 min")
    names = ("file", "tcp", "udp")  # in the order in which a scan takes them: of equal times the first counts
    counts = dict.fromkeys(names, 0)
    with (
        Watching(command, tmp_path / "said") as watch,
        closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as out,
    ):
        until(lambda: (store / "spool" / "file").is_dir(), "it listens")
        time.sleep(0.5)
        for slices in zip(*heard, strict=True):
            for name, lines in zip(names, slices, strict=True):
                counts[name] += len(lines)
            with grown.open("ab") as file:
                file.writelines(slices[0])
            station.send(b"".join(slices[1]))
            for line in slices[2]:
                out.sendto(line, udp)
            until(lambda: all(received(store, n) >= counts[n] for n in names), f"{counts} lines")
        watch.end()
    spools = [files_of(store / "spool" / name)[0].path for name in names]
    scanning(world, tmp_path / "out", *spools, lateness="10 min")
    found = (tmp_path / "out" / "findings.ndjson").read_text().splitlines()
    assert told(kept(store).values()) == told(map(json.loads, found))
    assert len(found) > 5


def _three_receivers(log: bytes, slice_s: int = 240, late_s: int = 90) -> list[list[list[bytes]]]:
    """What three receivers make of a log, in slices of time: two thirds each, up to some seconds late, seeded."""
    dice = random.Random(3)
    arrivals: list[list[tuple[float, int, bytes]]] = [[], [], []]
    sentences = log.splitlines(keepends=True)
    k = 0
    while k < len(sentences):
        two = sentences[k].partition(b"!")[2].split(b",")[1:2] == [b"2"]
        message = sentences[k : k + 1 + two]
        at = int(message[0].partition(b"c:")[2][:10])
        for receiver in dice.sample(range(3), 2):
            late = dice.uniform(0, late_s)
            arrivals[receiver] += [(at + late, k + n, line) for n, line in enumerate(message)]
        k += 1 + two
    begin = min(a[0] for one in arrivals for a in one)
    end = max(a[0] for one in arrivals for a in one)
    slices = [[[] for _ in range(int((end - begin) // slice_s) + 1)] for _ in arrivals]
    for mine, given in zip(arrivals, slices, strict=True):
        for at, _, line in sorted(mine):
            given[int((at - begin) // slice_s)].append(line)
    return slices


def test_a_feed_that_stays_connected_and_says_nothing(world: Path, tmp_path: Path, station: Station) -> None:
    """It is an alert on ourselves, soon, and nobody is said to have gone dark."""
    began, real = 1_740_000_000_000, time.monotonic()
    events: list[Event] = []
    stop = Flag()
    request = WatchRequest(
        feeds=tuple(parse_all([f"tcp://127.0.0.1:{station.port}?name=harbour"])),
        store=tmp_path / "store",
        settings=load_settings(None, {}, ()),
    )

    def clock() -> int:
        return began + round((time.monotonic() - real) * 1000 * FAST)

    thread = threading.Thread(target=watch, args=(request, clock, stop, events.extend))
    thread.start()
    untagged = [line.rpartition(b"\\")[2] for line in parts(world)[0].splitlines(keepends=True)]

    def sends() -> None:
        for k in range(40):
            station.send(b"".join(untagged[20 * k : 20 * k + 20]))
            time.sleep(0.05)

    def alerts() -> list[Any]:
        return [e.body["says"]["headline"] for e in events if e.kind == "alert.raised"]

    try:
        sends()
        until(lambda: any(e.kind == "feed.live" for e in events), "the feed is live")
        until(lambda: any(e.kind == "feed.silent" and e.subject == "harbour" for e in events), "it is silent")
        until(lambda: any("harbour" in headline for headline in alerts()), "an alert on ourselves")
        sends()
        until(lambda: [e.kind for e in events if e.kind.startswith("feed.")][-1] == "feed.live", "live again")
    finally:
        stop.set()
        thread.join(END_S)
    silent = next(e for e in events if e.kind == "feed.silent")
    assert "connected, but nothing came" in silent.body["reason"]
    behaviours = {e.body["finding"]["behaviour"] for e in events if e.kind.startswith("finding.")}
    assert not behaviours & {"ais-gap", "asset-gap", "dark-encounter", "receiver-outage"}


def test_what_is_refused(world: Path, tmp_path: Path) -> None:
    """A second watch of a store, other thresholds than those remembered, a store of a later version."""
    store = tmp_path / "store"
    lines = (world / "day.nmea").read_bytes().splitlines(keepends=True)
    (tmp_path / "day.nmea").write_bytes(b"".join(lines[:3000]))
    first = watching(world, store, str(tmp_path / "day.nmea"), quiet="600 s")
    with Watching(first, tmp_path / "said") as held:
        until(lambda: (store / "latest.arrow").exists(), "the watch works")
        second = subprocess.run(first, capture_output=True, text=True, timeout=END_S, check=False)
        assert second.returncode == 9
        assert f"is being written by process {held.process.pid}" in second.stderr
        held.process.terminate()
        held.end()
    quick = watching(world, store, str(tmp_path / "day.nmea"), quiet="1 s")
    other = [*quick, "--set", "loitering.max_speed=1.5kn"]
    refused = subprocess.run(other, capture_output=True, text=True, timeout=END_S, check=False)
    assert refused.returncode == 9, refused.stderr
    assert "--fresh" in refused.stderr
    out = subprocess.run([*other, "--fresh"], capture_output=True, text=True, timeout=END_S, check=False)
    assert out.returncode == 0, out.stderr
    description = store / "store.toml"
    description.write_text(description.read_text().replace("schema = 1", "schema = 2"))
    newer = subprocess.run(quick, capture_output=True, text=True, timeout=END_S, check=False)
    assert newer.returncode == 9
    assert "schema 2, this program knows up to 1" in newer.stderr
