"""How fast one node pulls from another and pushes to it, and in how much memory. Prints a table.

``python benchmarks/sync.py [--objects N]`` (1,000,000 by default). Stores on this machine, each served by a process of
its own; the exchange is a third process, measured from outside. Every page is compared with what the other node says
that it gives, and is on the disk with its provenance before the next is asked for.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import pytest

import measure

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from exchange.sync.nodes import Node, introduce, prepared, thing
from watchkeeper.exchange.sync.peers import Peers

WATCHKEEPER = (sys.executable, "-c", "from watchkeeper.cli.edge import main; main()")
ONE, OTHER, THIRD = "One", "Other", "Third"
_PART = 5000


@contextmanager
def serving(node: Node) -> Iterator[None]:
    """A node, served by a process of its own."""
    said = node.store.where.parent / f"{node.us}.said"
    with said.open("w") as out:
        process = subprocess.Popen(
            [*WATCHKEEPER, "serve", "--port", "0", "--store", str(node.store.where)], stderr=out
        )
    while not (found := re.search(r"serving at (http://\S+)", said.read_text())):
        time.sleep(0.1)
    node.url = found[1]
    yield
    process.terminate()
    process.wait(30)


def fill(node: Node, count: int) -> None:
    """Put so many objects into a node."""
    for start in range(0, count, _PART):
        node.put(*(thing(k, ONE, description="x" * 300) for k in range(start, min(count, start + _PART))))
        print(f"\r{start:,}", end="", file=sys.stderr)


def exchanged(node: Node, name: str, peer: object, count: int) -> tuple[str, ...]:
    """One run of a peer as a process: a line of the table."""
    Peers(node.store.engine).add(msgspec.structs.replace(peer, name=name, take_in=False))  # type: ignore[type-var]
    command = [*WATCHKEEPER, "sync", "run", name, "--by", node.us, "--store", str(node.store.where), "--json"]
    begin, kept = time.perf_counter(), [0.0, 0.0]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watching = threading.Thread(target=_memory, args=(process.pid, kept), daemon=True)
        watching.start()
        assert process.stdout is not None
        ran = json.loads(process.stdout.read())
    wall = time.perf_counter() - begin
    assert ran["complete"], ran
    counts = ran["counts"]
    assert counts["expected"] == counts["received"] == count, counts
    return name, f"{count:,}", f"{wall:,.0f}", f"{count / wall:,.0f}", f"{kept[0]:.0f}", f"{kept[1]:.0f}"


def _memory(pid: int, kept: list[float]) -> None:
    """Memory of a process: after its first seconds, and the most [MB]."""
    begin = time.monotonic()
    while Path(f"/proc/{pid}/status").exists():
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        if found is None:
            return
        now = int(found[1]) / 1000
        kept[0] = now if time.monotonic() - begin < 5 else kept[0]
        kept[1] = max(kept[1], now)
        time.sleep(0.2)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=1_000_000)
    count = parser.parse_args().objects
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack, pytest.MonkeyPatch.context() as said:
        one, other, third = (
            stack.enter_context(prepared(Path(folder) / us, us)) for us in (ONE, OTHER, THIRD)
        )
        introduce(said, one, other)
        introduce(said, one, third)
        fill(one, count)
        for node in (one, third):
            stack.enter_context(serving(node))
        rows = [
            exchanged(other, "pull", other.peer(one), count),
            exchanged(one, "push", one.peer(third, direction="push"), count),
        ]
    print(measure.table(("way", "objects", "s", "objects/s", "MB after 5 s", "MB at most"), rows))
    print(f"\nload {os.getloadavg()[0]:.1f} after", file=sys.stderr)


if __name__ == "__main__":
    main()
