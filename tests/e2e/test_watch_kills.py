"""Forty watches killed with SIGKILL at random moments, one after the other: nothing is lost, nothing is twice."""

import json
import subprocess
import sys
from pathlib import Path

from e2e.watched import COMMAND, END_S, kept, rows_of, scanned, simulated, watching

KILLS = 40
KILLING = Path(__file__).with_name("killed_watch.py")


def test_forty_kills(tmp_path: Path) -> None:
    world = simulated(tmp_path, 30_000, 8.0)
    store = tmp_path / "store"
    done = subprocess.run(
        [sys.executable, str(KILLING), str(world), str(store), str(KILLS), "11"],
        capture_output=True, text=True, timeout=5 * END_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"killed": KILLS, "checkpoints": _many(done.stdout), "end": 0}
    assert kept(store) == scanned(world, "day.nmea")
    rows = rows_of(store)
    assert len(rows) == len(set(rows))
    whole = watching(world, tmp_path / "whole", str(world / "day.nmea"))
    assert whole[: len(COMMAND)] == COMMAND
    subprocess.run(whole, check=True, capture_output=True, timeout=END_S)
    assert rows == rows_of(tmp_path / "whole")


def _many(told: str) -> int:
    """So many that the kills came while it worked, not while it was starting."""
    seen = int(json.loads(told)["checkpoints"])
    assert seen > KILLS / 5
    return seen
