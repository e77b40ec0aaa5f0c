"""A watch for hours: traffic over TCP into the command, sampled from outside; is anything growing that should not?

``python benchmarks/soak.py [--rate N] [--ships N] [--hours H] [--out DIR]``

The engine remembers 36 h. So that memory is not growing only because it has not remembered for so long yet, the traffic
begins with a thin past of 38 h, sent at once; after it comes the present at ``--rate`` sentences a second.
"""

import argparse
import csv
import os
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from traffic import Traffic

PAST_S, PAST_EVERY_S = 38 * 3600.0, 900.0
TICK_S = 0.2
COMMAND = [sys.executable, "-c", "from watchkeeper.cli import main; main()", "watch"]
COLUMNS = (
    "minutes", "rss_mb", "files_open", "threads", "cpu_s", "spool_mb", "lake_mb", "lake_files", "checkpoint_mb",
    "decisions_mb", "events", "sent", "behind_sent", "lines", "ships", "engine_behind_s",
)  # fmt: skip
SHOWN = (
    "rss_mb", "files_open", "checkpoint_mb", "ships", "engine_behind_s", "events", "spool_mb", "lake_mb",
    "lake_files", "cpu_s",
)  # fmt: skip


class Server:
    """Sends the traffic to whoever is connected."""

    def __init__(self, rate: float, ships: int, *, past: bool) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.sent = 0
        self.behind = 0.0
        self.stopped = False
        self._given = (rate, ships, past)
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        rate, ships, past = self._given
        client, _ = self._socket.accept()
        now = time.time()
        traffic = Traffic(ships, rate, now - PAST_S if past else now)
        if past:
            while lines := traffic.history(now - PAST_S, now - 120, PAST_EVERY_S):
                self._send(client, lines)
        tick = time.time()
        while not self.stopped:
            tick += TICK_S
            time.sleep(max(0.0, tick - time.time()))
            self._send(client, traffic.until(tick))
            self.behind = time.time() - tick

    def _send(self, client: socket.socket, lines: bytes) -> None:
        client.sendall(lines)
        self.sent += lines.count(b"\n")


class Watching:
    """The command, and what it says of itself."""

    def __init__(self, port: int, store: Path, log: Path) -> None:
        command = [*COMMAND, f"tcp://127.0.0.1:{port}?name=traffic", "--store", str(store), "--json"]
        self._said = log.open("w")
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.lines = self.ships = 0
        self.engine_behind_s = float("nan")
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._said.write(line)
            self._said.flush()
            found = re.search(r"([\d,]+) lines, ([\d,]+) ships, worked through to (\S+)Z", line)
            if found:
                self.lines, self.ships = (int(x.replace(",", "")) for x in found.groups()[:2])
                then = _epoch(found[3])
                self.engine_behind_s = time.time() - then


def _epoch(iso: str) -> float:
    import datetime

    return datetime.datetime.fromisoformat(iso).replace(tzinfo=datetime.UTC).timestamp()


def sample(began: float, server: Server, watching: Watching, store: Path) -> list[float]:
    """A row."""
    proc = Path(f"/proc/{watching.process.pid}")
    status = dict(x.split(":", 1) for x in (proc / "status").read_text().splitlines() if ":" in x)
    stat = (proc / "stat").read_text().rpartition(")")[2].split()
    cpu = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
    spool, _ = _size(store / "spool")
    lake, files = _size(store / "lake")
    checkpoints = [p.stat().st_size for p in (store / "checkpoints").glob("*") if p.suffix != ".partial"]
    decisions = sum(p.stat().st_size for p in store.glob("decisions*"))
    return [
        round((time.time() - began) / 60, 2), int(status["VmRSS"].split()[0]) // 1000,
        len(list((proc / "fd").iterdir())), int(status["Threads"]), round(cpu, 1), spool, lake, files,
        round(max(checkpoints, default=0) / 1e6, 1), round(decisions / 1e6, 1), _events(store), server.sent,
        round(server.behind, 2), watching.lines, watching.ships, round(watching.engine_behind_s, 1),
    ]  # fmt: skip


def _size(folder: Path) -> tuple[float, int]:
    """Megabytes and files below a folder; files may go while it is looked at."""
    total = files = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(where) / name).stat().st_size
                files += 1
            except FileNotFoundError:
                continue
    return round(total / 1e6, 1), files


def _events(store: Path) -> int:
    try:
        with sqlite3.connect(f"file:{store / 'decisions.sqlite'}?mode=ro", uri=True) as log:
            return int(log.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0])
    except sqlite3.Error:
        return 0


def plot(head: Sequence[str], rows: Sequence[Sequence[float]], path: Path) -> None:
    """One small graph under the other, on one axis of time."""
    width, height, left = 900, 110, 150
    x = [row[0] for row in rows]
    most = max(x[-1], 1e-9)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{(height + 22) * len(SHOWN) + 30}"'
        ' font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
    ]
    for k, name in enumerate(SHOWN):
        y = [row[head.index(name)] for row in rows]
        good = [v for v in y if v == v]
        top, base = max(good, default=1) or 1, k * (height + 22) + 16
        points = " ".join(
            f"{left + a / most * (width - left - 20):.1f},{base + height - b / top * height:.1f}"
            for a, b in zip(x, y, strict=True)
            if b == b
        )
        parts += [
            f'<text x="8" y="{base + 14}">{name}</text><text x="8" y="{base + 32}">{top:,.1f}</text>',
            f'<rect x="{left}" y="{base}" width="{width - left - 20}" height="{height}" fill="#f4f6f8"/>',
            f'<polyline points="{points}" fill="none" stroke="#124e78" stroke-width="1.2"/>',
        ]
    parts.append(
        f'<text x="{left}" y="{(height + 22) * len(SHOWN) + 22}">0 to {most:.0f} minutes</text></svg>'
    )
    path.write_text("\n".join(parts))


def soak(given: argparse.Namespace, said: Callable[[str], object]) -> None:
    """Run it."""
    out: Path = given.out
    out.mkdir(parents=True, exist_ok=True)
    server = Server(given.rate, given.ships, past=not given.no_past)
    server.thread.start()
    watching = Watching(server.port, out / "store", out / "watch.log")
    began, rows = time.time(), []
    try:
        with (out / "soak.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            while time.time() - began < given.hours * 3600 and watching.process.poll() is None:
                time.sleep(given.every)
                rows.append(sample(began, server, watching, out / "store"))
                writer.writerow(rows[-1])
                file.flush()
                plot(COLUMNS, rows, out / "soak.svg")
        ended = watching.process.poll()
        said(f"it ended by itself: {ended}" if ended is not None else "the time is over")
    finally:
        server.stopped = True
        watching.process.terminate()
        watching.process.wait()


def main() -> None:
    """Measure and write ``soak.csv`` and ``soak.svg``."""
    options = argparse.ArgumentParser()
    options.add_argument("--rate", type=float, default=5_000)
    options.add_argument("--ships", type=int, default=30_000)
    options.add_argument("--hours", type=float, default=6.0)
    options.add_argument("--every", type=float, default=30.0)
    options.add_argument("--no-past", action="store_true")
    options.add_argument("--out", type=Path, default=Path("bench-work/soak"))
    soak(options.parse_args(), print)


if __name__ == "__main__":
    main()
