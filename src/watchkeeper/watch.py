"""The watch: feeds in; what they show in a store, for as long as it is kept."""

import ctypes
import os
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Flag
from typing import Any, Final

import msgspec

from watchkeeper.behaviours import all_behaviours
from watchkeeper.cases.alarms import after_judging, beat, muted_alerts
from watchkeeper.cases.combinations import load as load_combinations
from watchkeeper.config import DEFAULT, Settings
from watchkeeper.engine.checkpoint import Checkpoints, fingerprint
from watchkeeper.engine.engine import Engine, Watch
from watchkeeper.engine.places import still_watch
from watchkeeper.errors import StateError
from watchkeeper.feeds.address import Address
from watchkeeper.feeds.health import Picture, State
from watchkeeper.feeds.receiver import Receiver
from watchkeeper.feeds.spooled import count_lines, files_of
from watchkeeper.model.event import Decisions, Event
from watchkeeper.model.finding import REAL
from watchkeeper.model.settings import EngineSettings
from watchkeeper.model.time import NO_TIME
from watchkeeper.notify.dispatch import Dispatcher
from watchkeeper.notify.routes import routes_of
from watchkeeper.notify.running import Courier
from watchkeeper.outputs import asset_feature, write_features
from watchkeeper.projectors import projectors
from watchkeeper.sources.options import ReadOptions
from watchkeeper.store.folder import Store, is_store
from watchkeeper.stored import ASSETS
from watchkeeper.storing import CHECKPOINTS
from watchkeeper.surroundings import Surroundings, load_surroundings
from watchkeeper.watching.intake import Intake
from watchkeeper.watching.judgement import Judged
from watchkeeper.watching.keeping import StoreKeeping
from watchkeeper.watching.loop import keep_watch
from watchkeeper.watching.parts import Beats, Change
from watchkeeper.watching.runner import Vigil

SPOOL: Final = "spool"
LATENESS_MIN: Final = 2.0
"""How long a watch waits for late reports, where nothing else is set: base stations buffer for minutes. A finding comes
that much later; a file is read with more patience."""

_LATENESS: Final = "engine.lateness"
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
"""Names of malloc.h."""
_LARGE_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """What to watch.

    ``fresh``: forget what a checkpoint remembers and begin with what comes now. ``quiet_ms``: end when nothing has come
    for so long; never, if None.
    """

    feeds: tuple[Address, ...]
    store: Path
    settings: Settings
    layers: tuple[Path, ...] = ()
    lists: tuple[Path, ...] = ()
    combinations: tuple[Path, ...] = ()
    fresh: bool = False
    quiet_ms: int | None = None
    beats: Beats = field(default_factory=Beats)


@dataclass(frozen=True, slots=True)
class Progress:
    """How a watch stands: feeds, lines worked through, ships in memory, the newest event time [ms UTC]; how often
    everything was judged, and how long that took last [s]."""

    feeds: Sequence[Picture]
    lines: int
    ships: int
    heard_until: int
    judged: int = 0
    judging_s: float = 0.0


def watch(
    request: WatchRequest,
    clock: Callable[[], int],
    stop: Flag,
    told: Callable[[Sequence[Event]], object],
    progress: Callable[[Progress], object] = lambda progress: None,
) -> None:
    """Keep a watch until ``stop`` is set. Killed at any moment, the next one goes on without loss and without doubles.

    Args:
        request: what to watch.
        clock: the present [ms UTC].
        stop: set by whoever wants it to end.
        told: called with what was written to the log.
        progress: called a few times a second.

    Raises:
        FeedError, StoreError, StateError, LayerError, ListError: with the next step.
    """
    _give_memory_back()
    around = load_surroundings(request.layers, request.lists)
    combinations = load_combinations(request.combinations, all_behaviours())
    routes = routes_of(request.settings.notify, os.environ)
    if not is_store(request.store):
        Store.create(request.store)
    with Store.open(request.store, write=True, projectors=projectors()) as store:
        engine = engine_of(request.settings, around)
        checkpoints = Checkpoints(request.store / CHECKPOINTS, _made_for(request, around))
        if request.fresh:
            checkpoints.clear()
        found = checkpoints.look()
        if found is None and not request.fresh and store.lake.epoch(REAL) > 0:
            raise StateError(
                f"{request.store} holds observations, but no watch.", "Watch into a store of its own."
            )
        places = found["places"] if found is not None else {}
        usual = found.get("usual", {}) if found is not None else {}
        write_features(request.store / ASSETS, map(asset_feature, around.assets))
        receiver = Receiver(request.store / SPOOL, request.feeds, places=places, usual=usual, clock=clock)
        try:
            feeds = [address.name for address in request.feeds]
            keeping = StoreKeeping(store.lake, request.store, REAL, feeds, receiver, store.ensure)

            def alarms(judged: Judged, decisions: Decisions, now: int) -> Sequence[Event]:
                return after_judging(
                    decisions,
                    now=now,
                    ship_of=judged.ship_of,
                    known_of=judged.known_of,
                    combinations=combinations,
                )

            vigil = Vigil(
                Intake(receiver.readers(), ReadOptions(now=clock())),
                engine,
                around,
                keeping,
                store.decisions,
                alarms,
                checkpoints,
                request.store,
                feeds,
                REAL,
                request.beats,
                lambda decisions, now: beat(decisions, now=now),
                beside=True,
            )
            vigil.describe = lambda: {
                "usual": {p.feed: p.usual_ms for p in receiver.pictures() if p.usual_ms is not None}
            }
            vigil.go_on(_ends(request) if request.fresh else {})
            received = _Received(receiver, vigil, clock, request.quiet_ms, progress)
            receiver.start()
            out = Dispatcher(store.decisions, routes, lambda now: muted_alerts(store.decisions, now))
            with Courier(out, clock) if routes else nullcontext():
                keep_watch(vigil, received, clock, stop, told)
        finally:
            receiver.stop()


def _give_memory_back() -> None:
    """Let large arrays be the system's again as soon as they are freed. The GNU allocator raises its threshold for that
    with every large array it frees, and its heap then grows for days."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        mallopt(_M_TRIM_THRESHOLD, _LARGE_BYTES)


def engine_of(settings: Settings, around: Surroundings) -> Engine:
    """An engine for a watch: all behaviours, and the one that learns where ships lie still."""
    watches = [Watch(b, settings.behaviours[b.id]) for b in all_behaviours().values()]
    return Engine(
        [*watches, Watch(still_watch(), {})],
        EngineSettings(**_engine_settings(settings)),
        around.asset_index,
        around.reach_m,
    )


def _ends(request: WatchRequest) -> dict[str, int]:
    """The line behind the last one of each spool."""
    ends = {}
    for address in request.feeds:
        files = files_of(request.store / SPOOL / address.name)
        ends[address.name] = files[-1].first + count_lines(files[-1]) if files else 1
    return ends


def _engine_settings(settings: Settings) -> dict[str, float]:
    """The engine's settings, less patient than for a file where nothing is said."""
    said = next(one for one in settings.in_force if one.setting.key == _LATENESS)
    return settings.engine | ({"lateness": LATENESS_MIN} if said.origin == DEFAULT else {})


def _made_for(request: WatchRequest, around: Surroundings) -> str:
    """What the state of the engine depends on. Feeds may come and go at the end of their list."""
    versions = {b.id: b.version for b in all_behaviours().values()}
    assets: list[Any] = [msgspec.to_builtins(asset) for asset in around.assets]
    return fingerprint(versions, request.settings.behaviours, _engine_settings(request.settings), assets)


class _Received:
    """The receiver, seen from the loop."""

    def __init__(
        self,
        receiver: Receiver,
        vigil: Vigil,
        clock: Callable[[], int],
        quiet_ms: int | None,
        progress: Callable[[Progress], object],
    ) -> None:
        self._receiver, self._vigil, self._clock = receiver, vigil, clock
        self._quiet_ms, self._progress = quiet_ms, progress
        self._lines, self._since = -1, clock()

    def changes(self) -> list[Change]:
        counts, engine = self._vigil.counts, self._vigil.engine
        self._progress(
            Progress(
                self._receiver.pictures(),
                counts.lines,
                engine.vessels.count,
                engine.data_end,
                counts.judged,
                counts.judging_s,
            )
        )
        return [
            Change(
                t.feed, t.after, t.at if t.after == State.LIVE or t.since == NO_TIME else t.since, t.reason
            )
            for t in self._receiver.transitions()
        ]

    def over(self) -> bool:
        if self._receiver.ended():
            return True
        lines, now = self._vigil.counts.lines, self._clock()
        if lines != self._lines:
            self._lines, self._since = lines, now
        return self._quiet_ms is not None and now - self._since >= self._quiet_ms
