"""kill -9 of a process that receives, at random moments: the spool's lines stay whole and numbered without a gap."""

import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds.watching_feeds import has, receiving, spooled
from watchkeeper.feeds.spooled import files_of, raw_line

CHILD = """
import sys, time
from pathlib import Path
from watchkeeper.feeds.address import parse_all
from watchkeeper.feeds.receiver import Keep, Receiver
receiver = Receiver(
    Path(sys.argv[1]), parse_all(sys.argv[2:]), keep=Keep(sync_ms=10, file_bytes=40_000), pauses_s=(0.01, 0.02)
)
receiver.start()
print("up", flush=True)
time.sleep(60)
"""


class Source:
    """A server that sends numbered lines without end, in odd pieces, to one client after the other."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._stopped = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        chance = random.Random(5)
        number = 0
        while not self._stopped:
            try:
                client = self._socket.accept()[0]
            except OSError:
                return
            with client:
                waiting = b""
                while not self._stopped:
                    while len(waiting) < 2_000:
                        number += 1
                        waiting += b"line %d %s\n" % (number, b"x" * (number % 50))
                    size = chance.randrange(1, 1_500)
                    try:
                        client.sendall(waiting[:size])
                    except OSError:
                        break
                    waiting = waiting[size:]
                    time.sleep(0.0005)

    def close(self) -> None:
        self._stopped = True
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
def source() -> Iterator[Source]:
    source = Source()
    yield source
    source.close()


def test_spools_survive_any_kill(tmp_path: Path, source: Source) -> None:
    chance = random.Random(11)
    log = tmp_path / "grown.log"
    log.write_bytes(b"")
    addresses = [f"tcp://127.0.0.1:{source.port}?name=rx", f"file:{log}?name=log"]
    seen: dict[str, list[bytes]] = {"rx": [], "log": []}
    written = 0
    for _ in range(12):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path / "s"), *addresses], stdout=subprocess.PIPE, text=True
        )
        with child, log.open("ab") as grow:
            assert child.stdout is not None
            assert child.stdout.readline() == "up\n"
            end = time.monotonic() + chance.uniform(0.02, 0.4)
            while time.monotonic() < end:
                grow.write(b"".join(b"entry %d\n" % (written + k) for k in range(1, 101)))
                grow.flush()
                written += 100
                time.sleep(0.002)
            child.kill()
        for name, before in seen.items():
            lines = spooled(tmp_path / "s", name)
            assert lines[: len(before)] == before, "what was there stays, under its number"
            seen[name] = lines
    with receiving(tmp_path / "s", addresses[1]):
        lines = has(tmp_path / "s", "log", written)
    assert lines == [b"entry %d" % k for k in range(1, written + 1)], "nothing lost, nothing twice"

    received = seen["rx"]
    assert len(received) > 200
    whole = [int(line.split()[1]) for line in received if is_whole(line)]
    assert whole == sorted(set(whole))
    assert len(received) - len(whole) <= 2 * 12, "at most the line that was cut at a kill, and its rest"
    files = files_of(tmp_path / "s" / "rx")
    assert len(files) > 1
    for line in (1, len(received) // 2, len(received)):
        assert raw_line(tmp_path / "s" / "rx", line) == received[line - 1]


def is_whole(line: bytes) -> bool:
    words = line.split(b" ")
    return (
        len(words) == 3
        and words[0] == b"line"
        and words[1].isdigit()
        and words[2] == b"x" * (int(words[1]) % 50)
    )
