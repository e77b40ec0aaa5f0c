"""A watch without its network: lines of a spool through decoder, all behaviours, lake and log; restart with many ships.

``python benchmarks/watch.py [--rows N] [--vessels N] [--work DIR]``
"""

import argparse
import resource
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import measure
from watchkeeper.behaviours import all_behaviours
from watchkeeper.config import load_settings
from watchkeeper.engine.checkpoint import Checkpoints, fingerprint
from watchkeeper.engine.engine import Engine, Watch
from watchkeeper.engine.places import still_watch
from watchkeeper.model.event import Document, Draft, Event, Page, Query
from watchkeeper.model.finding import REAL
from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.settings import EngineSettings
from watchkeeper.model.time import from_iso
from watchkeeper.sources.options import ReadOptions
from watchkeeper.store.lake.lake import Lake
from watchkeeper.surroundings import load_surroundings
from watchkeeper.watching.intake import Intake
from watchkeeper.watching.keeping import StoreKeeping
from watchkeeper.watching.parts import Beats
from watchkeeper.watching.runner import Vigil

NOW = from_iso("2026-11-01")
SETTINGS = load_settings(None, {}, ())


class Log:
    """Takes events and keeps none: what the log costs is measured on its own."""

    def append(self, drafts: Sequence[Draft]) -> list[Event]:
        return [
            Event(kind=d.kind, subject=d.subject, at=d.at, actor=d.actor, body=d.body, seq=1, hash="")
            for d in drafts
        ]

    def read(self, after: int = 0, **_: object) -> list[Event]:
        return []

    def head(self) -> int:
        return 0

    def document(self, collection: str, id: str) -> Document | None:
        return None

    def documents(self, query: Query) -> Page:
        return Page(items=(), total=0)


class File:
    """A log file as the spool of a feed."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._file = path.open("rb")
        self._line = 1
        self._rest = b""

    def read(self, most: int) -> tuple[bytes, int]:
        block = self._rest + self._file.read(most - len(self._rest))
        cut = block.rfind(b"\n") + 1
        self._rest = block[cut:]
        first, self._line = self._line, self._line + block.count(b"\n", 0, cut)
        return block[:cut], first

    def seek(self, line: int) -> None:
        assert line == 1

    def raw(self, feed: str, line: int) -> bytes | None:
        return b""

    def release(self, feed: str, line: int) -> None:
        pass

    def sync(self) -> None:
        pass


def day(folder: Path, rows: int) -> Path:
    """A simulated day as an NMEA log, its map layer and its list."""
    log = folder / f"watch-{rows}.nmea"
    if not log.exists():
        from watchkeeper.exercises.simulate import simulate
        from watchkeeper.exercises.simulation import SimulationSpec
        from watchkeeper.exercises.writers import write_layers, write_nmea

        simulated = simulate(SimulationSpec(seed=7, rows=rows))
        write_nmea(simulated, log)
        write_layers(simulated, folder / "watch-assets.geojson")
    return log


def new_engine(around) -> Engine:
    watches = [Watch(b, SETTINGS.behaviours[b.id]) for b in all_behaviours().values()]
    settings = EngineSettings(**{**SETTINGS.engine, "lateness": 2.0})
    return Engine([*watches, Watch(still_watch(), {})], settings, around.asset_index, around.reach_m)


def through(folder: Path, rows: int) -> list[list[str]]:
    """A day as fast as it goes."""
    log = day(folder, rows)
    around = load_surroundings((folder / "watch-assets.geojson",), ())
    feed = File(log)
    shutil.rmtree(folder / "watch-lake", ignore_errors=True)
    lake = Lake.open(str(folder / "watch-lake"), write=True)
    keeping = StoreKeeping(lake, folder, REAL, [feed.name], feed)
    checkpoints = Checkpoints(folder / "watch-checkpoints", fingerprint("benchmark"))
    vigil = Vigil(
        Intake([feed], ReadOptions(now=NOW)), new_engine(around), around, keeping, Log(), lambda *_: (),
        checkpoints, folder, [feed.name], REAL, Beats(),
    )  # fmt: skip
    vigil.turn(NOW)
    lines = vigil.counts.lines
    wall, cpu = time.perf_counter(), time.process_time()
    while turn := vigil.turn(NOW + round((time.perf_counter() - wall) * 1000)):
        if not turn.lines:
            break
    vigil.flush()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    lines = vigil.counts.lines - lines
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    begin = time.perf_counter()
    vigil.checkpoint()
    written = time.perf_counter() - begin
    return [
        ["sentences", f"{lines:,}"],
        ["sentences a second", f"{lines / wall:,.0f}"],
        ["sentences a second of processor time", f"{lines / cpu:,.0f}"],
        ["judged", f"{vigil.counts.judged:,} times"],
        ["peak memory [MB]", f"{peak:.0f}"],
        ["a checkpoint [s]", f"{written:.2f}"],
    ]


def restart(folder: Path, vessels: int) -> list[list[str]]:
    """How long it takes to go on with so many ships in memory."""
    around = load_surroundings((), ())
    engine = new_engine(around)
    rng = np.random.default_rng(1)
    t0 = from_iso("2025-03-01")
    for step in range(12):
        t = np.sort(t0 + step * 600_000 + rng.integers(0, 600_000, vessels))
        n = np.arange(vessels)
        rng.shuffle(n)
        engine.push(
            Positions(
                t, step * vessels + np.arange(vessels) + 1, (200_000_000 + n).astype("i4"),
                (n % 1400) / 10.0 - 70.0 + step * 0.002, (n // 1400) * 0.7 % 360 - 180.0 + 0.0 * step,
                np.where(n % 2, 0.1, 12.0).astype("f4"), np.full(vessels, 0.0, "f4"), np.full(vessels, 0.0, "f4"),
                np.zeros(vessels, "i1"), np.ones(vessels, "i1"),
            ),
            Statics.empty(),
        )  # fmt: skip
    checkpoints = Checkpoints(folder / "many-checkpoints", fingerprint("benchmark"))
    begin = time.perf_counter()
    path = checkpoints.write(engine.snapshot(), {}, 1)
    written = time.perf_counter() - begin
    other = new_engine(around)
    begin = time.perf_counter()
    found = checkpoints.newest()
    assert found is not None
    other.restore(found[0])
    read = time.perf_counter() - begin
    return [
        ["ships", f"{engine.vessels.count:,}"],
        ["checkpoint [MB]", f"{path.stat().st_size / 1e6:.0f}"],
        ["written in [s]", f"{written:.2f}"],
        ["read and ready in [s]", f"{read:.2f}"],
    ]


def main() -> None:
    """Measure and print Markdown."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=3_000_000)
    options.add_argument("--vessels", type=int, default=100_000)
    options.add_argument("--work", type=Path, default=Path("bench-work"))
    given = options.parse_args()
    given.work.mkdir(exist_ok=True)
    print("As fast as it goes, through decoder, all behaviours and lake:\n")
    print(measure.table(["what", "figure"], through(given.work, given.rows)))
    print("\nGoing on after a restart:\n")
    print(measure.table(["what", "figure"], restart(given.work, given.vessels)))


if __name__ == "__main__":
    sys.exit(main())
