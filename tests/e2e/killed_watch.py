"""Runs a watch in one process after the other, each a copy of this one that has everything loaded, and kills each.

``python killed_watch.py WORLD STORE KILLS SEED``; prints how many were killed and how many checkpoints were seen.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from threading import Event as Flag

from watchkeeper import watch as watching
from watchkeeper.config import load_settings
from watchkeeper.feeds.address import parse_all
from watchkeeper.model.time import from_iso
from watchkeeper.projectors import projectors
from watchkeeper.sources import nmea
from watchkeeper.sources.options import ReadOptions
from watchkeeper.store import lake
from watchkeeper.store.folder import Store
from watchkeeper.surroundings import load_surroundings
from watchkeeper.watching.judgement import judge_now
from watchkeeper.watching.parts import Beats

SETTINGS = load_settings(None, {}, ("engine.lateness=2min",))
BEATS = Beats(latest=50, flush=60, checkpoint=150, compact=200, alarms=200)


def present() -> int:
    return time.time_ns() // 1_000_000


def main() -> None:
    world, store, kills, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    around = load_surroundings((world / "assets.geojson",), (world / "list.csv",))
    watching.load_surroundings = lambda layers, lists: around  # read once, for all copies
    _warm(world, around)
    lines = (world / "day.nmea").read_bytes().splitlines(keepends=True)
    growing = store.with_suffix(".grown") / "day.nmea"
    growing.parent.mkdir()
    growing.touch()
    share = len(lines) // (kills + 1)
    dice, killed, checkpoints = random.Random(seed), 0, set()
    with growing.open("ab") as file:
        file.writelines(lines[:share])
    life = _life(store, growing)
    for k in range(1, kills + 1):
        with growing.open("ab") as file:
            file.writelines(lines[k * share : (k + 1) * share])
        child = os.fork()
        if child == 0:
            _watch(store, growing, None)
        time.sleep(dice.uniform(0.1, 1.3) * life)
        if k % 4 == 0:  # however slow the machine is now: some kills come behind a new checkpoint
            _wait_for_another(store, checkpoints)
            time.sleep(dice.uniform(0.0, 0.1) * life)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"a watch ended by itself with {status}"
        killed += 1
        checkpoints |= _checkpoints(store)
    with growing.open("ab") as file:
        file.writelines(lines[(kills + 1) * share :])
    child = os.fork()
    if child == 0:
        _watch(store, growing, 2_000)
    _, status = os.waitpid(child, 0)
    sys.stdout.write(json.dumps({"killed": killed, "checkpoints": len(checkpoints), "end": status}))


def _checkpoints(store: Path) -> set[str]:
    return {p.name for p in (store / "checkpoints").glob("*.state")}


def _wait_for_another(store: Path, seen: set[str]) -> None:
    deadline = time.monotonic() + 60.0
    while not _checkpoints(store) - seen:
        time.sleep(0.01)
        assert time.monotonic() < deadline, "the watch wrote no checkpoint"


def _life(store: Path, growing: Path) -> float:
    """How long it takes until a watch has written a checkpoint of its work [s]: kills come before and after."""
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _watch(store, growing, None)
    deadline = began + 60.0
    while len(_checkpoints(store)) < 2:  # the first is of the beginning
        time.sleep(0.01)
        assert time.monotonic() < deadline, "the watch wrote no checkpoint"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return time.monotonic() - began


def _watch(store: Path, growing: Path, quiet_ms: int | None) -> None:
    request = watching.WatchRequest(
        feeds=tuple(parse_all([str(growing)])), store=store, settings=SETTINGS, quiet_ms=quiet_ms, beats=BEATS
    )
    watching.watch(request, present, Flag(), lambda events: None)
    os._exit(0)


def _warm(world: Path, around: watching.Surroundings) -> None:
    """Load the kernels, without a thread: a copy has only the thread that made it."""
    engine = watching.engine_of(SETTINGS, around)
    with (world / "day.nmea").open("rb") as file:
        for batch in nmea.batches(file, 0, "day.nmea", ReadOptions(now=from_iso("2026-11-01"))):
            engine.push(batch.positions, batch.statics)
    judge_now(engine, around, ["day.nmea"], (), "real")
    engine.snapshot()
    assert lake.Lake, "loaded"
    Store.create(world / "scratch")
    Store.open(world / "scratch", write=True, projectors=projectors()).close()


if __name__ == "__main__":
    main()
