"""A watch finds what a scan of the same lines finds, however it is cut, stopped and disturbed."""

import io
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from watching.stand_ins import Kept, Log, Spooled
from watchkeeper.behaviours import all_behaviours
from watchkeeper.config import Settings, load_settings
from watchkeeper.engine.checkpoint import Checkpoints, fingerprint
from watchkeeper.engine.engine import Engine, Watch
from watchkeeper.engine.places import still_watch
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_layers, write_list, write_nmea
from watchkeeper.model.finding import REAL
from watchkeeper.model.settings import EngineSettings
from watchkeeper.model.time import HOUR, MINUTE, from_iso
from watchkeeper.scan import ScanRequest, scan
from watchkeeper.sources import nmea
from watchkeeper.sources.options import ReadOptions
from watchkeeper.surroundings import Surroundings, load_surroundings
from watchkeeper.watching.intake import Intake
from watchkeeper.watching.parts import Beats
from watchkeeper.watching.runner import Vigil

NOW = from_iso("2026-11-01")
SETTINGS: Settings = load_settings(None, {}, ())
EVERYTHING = Beats(horizon=10**12)


class World:
    """A simulated day as an NMEA log, what surrounds it, and what a scan finds in it."""

    def __init__(self, folder: Path) -> None:
        day = simulate(SimulationSpec(seed=3, rows=60_000, hours=10.0, cases_per_behaviour=1))
        self.log = folder / "day.nmea"
        write_nmea(day, self.log)
        write_layers(day, folder / "assets.geojson")
        write_list(day, folder / "list.csv")
        layers, lists = (folder / "assets.geojson",), (folder / "list.csv",)
        self.around: Surroundings = load_surroundings(layers, lists)
        self.lines = self.log.read_bytes()
        request = ScanRequest(
            inputs=(str(self.log),), out=folder / "out", settings=SETTINGS, now=NOW, layers=layers, lists=lists,
            report=False, simulated=True,
        )  # fmt: skip
        scan(request, lambda _: None)
        self.found = [
            json.loads(line) for line in (folder / "out" / "findings.ndjson").read_text().splitlines()
        ]
        for one in self.found:
            for evidence in one["evidence"]:
                evidence["source"] = "day.nmea"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"))


def vigil(
    world: World, feeds: list[Spooled], log: Log, kept: Kept, folder: Path, beats: Beats = EVERYTHING
) -> Vigil:
    watches = [Watch(b, SETTINGS.behaviours[b.id]) for b in all_behaviours().values()]
    engine = Engine(
        [*watches, Watch(still_watch(), {})],
        EngineSettings(**SETTINGS.engine),
        world.around.asset_index,
        world.around.reach_m,
    )
    checkpoints = Checkpoints(folder / "checkpoints", fingerprint("the same"))
    intake = Intake(feeds, ReadOptions(now=NOW))
    names = [feed.name for feed in feeds]
    return Vigil(
        intake, engine, world.around, kept, log, lambda *_: (), checkpoints, folder, names, REAL, beats
    )


def clock() -> Iterator[int]:
    now = NOW
    while True:
        now += 2_000
        yield now


def work_off(watch: Vigil, feeds: list[Spooled], steps: Callable[[], int], now: Iterator[int]) -> None:
    """Let lines appear some at a time, and turn the watch until all is read."""
    while any(feed.there < len(feed) for feed in feeds):
        for feed in feeds:
            feed.there = min(len(feed), feed.there + steps())
        watch.turn(next(now))
    while watch.turn(next(now)).lines:
        pass


def by_id(findings: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in findings}


def same(log: Log, world: World) -> None:
    mine, theirs = log.standing, by_id(world.found)
    assert set(mine) == set(theirs)
    for id, finding in theirs.items():
        assert json.loads(json.dumps(mine[id])) == finding


@pytest.mark.parametrize("lines", [400, 7_000, 10**9])
def test_it_finds_what_a_scan_finds(world: World, tmp_path: Path, lines: int) -> None:
    assert len({one["behaviour"] for one in world.found}) > 15
    feed = Spooled("day.nmea", world.lines)
    feed.there = 0
    log, kept = Log(), Kept([feed])
    watch = vigil(world, [feed], log, kept, tmp_path)
    now = clock()
    work_off(watch, [feed], lambda: lines, now)
    watch.end(next(now))
    same(log, world)
    assert len(kept.rows) == len(set(kept.rows)) > 30_000


def test_nothing_is_lost_or_doubled_by_kills(world: World, tmp_path: Path) -> None:
    """State in memory is thrown away at random moments; what was kept and written stays."""
    dice = random.Random(5)
    feed = Spooled("day.nmea", world.lines)
    feed.there = 0
    log, kept = Log(), Kept([feed])
    now = clock()
    beats = Beats(horizon=10**12, checkpoint=20_000, flush=8_000)
    watch = vigil(world, [feed], log, kept, tmp_path, beats)
    kills = 0
    while feed.there < len(feed):
        feed.there = min(len(feed), feed.there + dice.randrange(200, 4_000))
        watch.turn(next(now))
        if dice.random() < 0.3:
            watch = vigil(world, [feed], log, kept, tmp_path, beats)
            watch.go_on()
            kills += 1
    while watch.turn(next(now)).lines:
        pass
    watch.end(next(now))
    assert kills >= 5
    same(log, world)
    assert len(kept.rows) == len(set(kept.rows))
    whole = vigil(world, [again := Spooled("day.nmea", world.lines)], Log(), kept2 := Kept([again]), tmp_path)
    work_off(whole, [again], lambda: 10**9, now)
    whole.end(next(now))
    assert kept.rows == kept2.rows


def test_order_of_arrival_within_the_lateness_changes_nothing_but_line_numbers(
    world: World, tmp_path: Path
) -> None:
    messages = _messages(world.lines)
    t = np.array([int(m.partition(b"c:")[2][:10]) for m in messages])
    late = np.random.default_rng(1).uniform(0, 600, len(t))  # the engine waits for 15 minutes
    feed = Spooled("day.nmea", b"".join(messages[k] for k in np.argsort(t + late, kind="stable")))
    log = Log()
    watch = vigil(world, [feed], log, Kept([feed]), tmp_path)
    now = clock()
    work_off(watch, [feed], lambda: 3_000, now)
    watch.end(next(now))

    def payload(evidence: dict[str, Any]) -> str:
        """Of two receptions of one report the one that came first counts: they differ in what the station says."""
        sentence = str(evidence["raw"]).partition("!")[2]
        return sentence.split(",")[5]

    def told(findings: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        return sorted(
            (
                f["behaviour"],
                f["mmsi"],
                f["start"],
                f["end"],
                json.dumps(f["measured"]),
                [payload(e) for e in f["evidence"]],
            )
            for f in findings
        )

    assert told(list(log.standing.values())) == told(world.found)


def _messages(lines: bytes) -> list[bytes]:
    """The lines of each message together."""
    messages: list[bytes] = []
    for line in lines.splitlines(keepends=True):
        goes_on = line.partition(b"!")[2].split(b",")[2:3] not in ([], [b"1"])
        if goes_on:
            messages[-1] += line
        else:
            messages.append(line)
    return messages


def test_a_feed_that_dies_is_unknown_and_not_dark(world: World, tmp_path: Path) -> None:
    """One ship is heard through a feed of her own, which dies for three hours while she sails."""
    start = from_iso("2025-03-01")
    times = [(start + k * HOUR, start + (k + 3) * HOUR) for k in (3, 5, 6, 2)]
    for dead, mmsi in ((when, ship) for when in times for ship in _sailing(world, when)):
        feeds = _apart(world, mmsi, dead)
        dark = _silences(world, mmsi, feeds, tmp_path, [])
        if dark:
            assert not _silences(world, mmsi, feeds, tmp_path, [dead])
            # Out for ten minutes in the middle, she was silent for more than an hour before and after.
            middle = (dead[0] + dead[1]) // 2
            brief = _silences(world, mmsi, feeds, tmp_path, [(middle, middle + 10 * MINUTE)])
            assert {f["behaviour"] for f in brief} == {f["behaviour"] for f in dark}
            return
    pytest.fail("no ship whose silence would be told")


def _silences(
    world: World, mmsi: int, feeds: list[Spooled], folder: Path, outs: list[tuple[int, int]]
) -> list[dict[str, Any]]:
    """What is found of a ship and rests on silence, where her feed is said to have been out."""
    for feed in feeds:
        feed.seek(1)
    log = Log()
    watch = vigil(world, feeds, log, Kept(feeds), folder)
    for start, end in outs:
        watch.outs.went("her own", start)
        watch.outs.came("her own", end)
    now = clock()
    work_off(watch, feeds, lambda: 10**9, now)
    watch.end(next(now))
    mine = [f for f in log.standing.values() if f["mmsi"] == mmsi]
    return [f for f in mine if all_behaviours()[f["behaviour"]].rests_on == "silence"]


def _sailing(world: World, when: tuple[int, int]) -> list[int]:
    """Ships that are under way and often heard in a time, the most often heard first."""
    heard: dict[int, list[float]] = {}
    for batch in nmea.batches(io.BytesIO(world.lines), 0, "day", ReadOptions(now=NOW)):
        p = batch.positions
        inside = (p.t >= when[0] - HOUR) & (p.t < when[1] + HOUR) & (p.ais_class == 1)
        for mmsi, sog in zip(p.mmsi[inside].tolist(), p.sog_kn[inside].tolist(), strict=True):
            heard.setdefault(mmsi, []).append(sog)
    steady = {m: len(s) for m, s in heard.items() if min(s) > 8.0}
    return sorted(steady, key=lambda m: -steady[m])[:8]


def _apart(world: World, mmsi: int, dead: tuple[int, int]) -> list[Spooled]:
    """The log as two feeds: one ship, without the time in which her feed is dead, and all others."""
    decoder = nmea.Decoder(0, "day", ReadOptions(now=NOW))
    lines = world.lines.splitlines(keepends=True)
    mine: set[int] = set()
    gone: set[int] = set()
    for batch in decoder.push(world.lines):
        for records in (batch.positions, batch.statics):
            hers = records.mmsi == mmsi
            rows, t = records.row[hers], records.t[hers]
            mine.update(rows.tolist())
            gone.update(rows[(t >= dead[0]) & (t < dead[1])].tolist())
    own = b"".join(lines[k - 1] for k in sorted(mine - gone) if b",1,1," in lines[k - 1])
    rest = b"".join(line for k, line in enumerate(lines, 1) if k not in mine)
    return [Spooled("all others", rest), Spooled("her own", own)]
