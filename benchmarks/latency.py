"""From a message on the wire to the finding in the log, and to the map: the command at 20,000 sentences a second.

``python benchmarks/latency.py [--rate N] [--ships N] [--seconds S] [--lateness S]``

Every second a ship that stands on a list is heard for the first time. Her one message must wait for the lateness, so
that reports come into their order; what is counted is the time beyond it. The map does not wait.
"""

import argparse
import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow.feather as feather

import measure
from traffic import Traffic

TICK_S = 0.05
FIRST_MARKED = 311_900_000
COMMAND = [sys.executable, "-c", "from watchkeeper.cli import main; main()", "watch"]


class Sender:
    """The traffic, and a marked ship every second."""

    def __init__(self, rate: float, ships: int, seconds: float, warm_up: float) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._given = (rate, ships, seconds, warm_up)
        self.sent_at: dict[int, float] = {}
        self.sent = 0
        self.behind = 0.0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        rate, ships, seconds, warm_up = self._given
        client, _ = self._socket.accept()
        began = tick = time.time()
        traffic = Traffic(ships, rate, began)
        marked, due = FIRST_MARKED, began + warm_up
        while not self.over.is_set():
            tick += TICK_S
            time.sleep(max(0.0, tick - time.time()))
            lines = traffic.until(tick)
            if due <= tick < began + warm_up + seconds:
                due += 1.0
                # At a moment of her own within the second.
                time.sleep(float(traffic.dice.uniform(0, TICK_S / 2)))
                lines += traffic._positions(np.array([0]), tick, np.array([marked]))
                self.sent_at[marked] = time.time()
                marked += 1
            client.sendall(lines)
            self.sent += lines.count(b"\n")
            self.behind = max(self.behind, time.time() - tick)


def listen(process: subprocess.Popen, opened: dict[int, float]) -> None:
    """Note when the watch says that a finding is in its log."""
    for line in process.stdout:
        event = json.loads(line)
        if event["kind"].startswith("finding.") and event["body"]["finding"]["behaviour"] == "listed-vessel":
            opened.setdefault(event["body"]["finding"]["mmsi"], time.time())


def look(store: Path, seen: dict[int, float], over: threading.Event) -> None:
    """Note when a ship is on the map."""
    while not over.is_set():
        time.sleep(0.05)
        with contextlib.suppress(OSError):
            mmsi = feather.read_table(str(store / "latest.arrow"), columns=["mmsi"])["mmsi"].to_numpy()
            for one in mmsi[(mmsi >= FIRST_MARKED) & (mmsi < FIRST_MARKED + 100_000)].tolist():
                seen.setdefault(one, time.time())


def measured(given: argparse.Namespace, folder: Path) -> list[list[str]]:
    """Run it; rows of the table."""
    sender = Sender(given.rate, given.ships, given.seconds, given.warm_up)
    listed = folder / "list.csv"
    names = "".join(f"m{n},{FIRST_MARKED + n},MARKED {n}\n" for n in range(int(given.seconds) + 2))
    listed.write_text("id,mmsi,name\n" + names)
    sender.thread.start()
    process = subprocess.Popen(
        [*COMMAND, f"tcp://127.0.0.1:{sender.port}?name=traffic", "--store", str(folder / "store"),
         "--list", str(listed), "--set", f"engine.lateness={given.lateness:g} s", "--json"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    opened: dict[int, float] = {}
    seen: dict[int, float] = {}
    threading.Thread(target=listen, args=(process, opened), daemon=True).start()
    threading.Thread(target=look, args=(folder / "store", seen, sender.over), daemon=True).start()
    time.sleep(given.warm_up + given.seconds + given.lateness + 10)
    cpu = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    rss = next(
        line.split()[1]
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    )
    sender.over.set()
    process.terminate()
    process.wait()
    logged = [opened[m] - at - given.lateness for m, at in sender.sent_at.items() if m in opened]
    mapped = [seen[m] - at for m, at in sender.sent_at.items() if m in seen]
    return [
        ["sentences sent", f"{sender.sent:,}"],
        ["the sender behind at most [s]", f"{sender.behind:.2f}"],
        ["ships heard for the first time", f"{len(sender.sent_at)}"],
        ["in the log", f"{len(logged)}"],
        ["beyond the lateness, median [s]", f"{np.median(logged):.2f}"],
        ["beyond the lateness, p99 [s]", f"{np.percentile(logged, 99):.2f}"],
        ["beyond the lateness, longest [s]", f"{max(logged):.2f}"],
        ["on the map, median [s]", f"{np.median(mapped):.2f}"],
        ["on the map, p99 [s]", f"{np.percentile(mapped, 99):.2f}"],
        ["processor time of the watch [s]", f"{(int(cpu[11]) + int(cpu[12])) / 100:.0f}"],
        ["memory of the watch [MB]", f"{int(rss) / 1000:.0f}"],
    ]


def main() -> None:
    """Measure and print Markdown."""
    options = argparse.ArgumentParser()
    options.add_argument("--rate", type=float, default=20_000)
    options.add_argument("--ships", type=int, default=60_000)
    options.add_argument("--seconds", type=float, default=240)
    options.add_argument("--warm-up", type=float, default=60)
    options.add_argument("--lateness", type=float, default=10, help="in seconds")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measured(given, Path(folder))
    print(f"Lateness {given.lateness:g} s, {given.rate:,.0f} sentences a second of {given.ships:,} ships:\n")
    print(measure.table(["what", "figure"], rows))


if __name__ == "__main__":
    main()
