"""The whole command killed by the system again and again: ``python benchmarks/kills.py [--kills N] [--seed N]``.

A day grows line by line while ``watchkeeper watch`` is killed with SIGKILL at random moments; in the end its findings
must be those of a scan, its lake must hold every row once, and log and lake must verify.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from e2e.watched import END_S, kept, rows_of, scanned, simulated, watching


def main() -> None:
    """Kill, compare, print."""
    options = argparse.ArgumentParser()
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    dice = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = simulated(folder, 60_000, 10.0)
        store, growing = folder / "store", folder / "grown" / "day.nmea"
        growing.parent.mkdir()
        growing.touch()
        lines = (world / "day.nmea").read_bytes().splitlines(keepends=True)
        share = len(lines) // given.kills
        command = watching(world, store, str(growing))
        began = time.monotonic()
        for k in range(given.kills):
            with growing.open("ab") as file:
                file.writelines(lines[k * share : (k + 1) * share])
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(dice.uniform(1.0, 8.0))
            process.send_signal(signal.SIGKILL)
            process.wait()
        with growing.open("ab") as file:
            file.writelines(lines[given.kills * share :])
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=END_S
        )
        assert kept(store) == scanned(world, "day.nmea"), "other findings than a scan's"
        rows = rows_of(store)
        assert len(rows) == len(set(rows)), "rows twice"
        whole = folder / "whole"
        subprocess.run(
            watching(world, whole, str(world / "day.nmea")),
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=END_S,
        )  # fmt: skip
        assert rows == rows_of(whole), "rows lost"
        print(
            f"{given.kills} kills in {time.monotonic() - began:.0f} s: same findings, {len(rows):,} rows each once"
        )


if __name__ == "__main__":
    main()
