"""A stretch of a store again, at any speed, into a store of its own: the same engine, findings of another realm."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from typing import Final

from watchkeeper.behaviours import all_behaviours
from watchkeeper.cases.alarms import after_judging, beat
from watchkeeper.cases.combinations import load as load_combinations
from watchkeeper.config import Settings
from watchkeeper.errors import OutputError, UsageError
from watchkeeper.feeds.spooled import raw_lines
from watchkeeper.model.event import Decisions, Event
from watchkeeper.model.finding import REAL
from watchkeeper.outputs import asset_feature, write_features
from watchkeeper.projectors import projectors
from watchkeeper.store.folder import Store
from watchkeeper.stored import ASSETS
from watchkeeper.surroundings import load_surroundings
from watchkeeper.watch import SPOOL, engine_of
from watchkeeper.watching.judgement import Judged
from watchkeeper.watching.keeping import StoreKeeping
from watchkeeper.watching.replay import Replayed
from watchkeeper.watching.runner import Vigil

REALM: Final = "exercise:replay"
"""What is replayed is real no longer: it stands in a realm of its own."""

PAUSE_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """What to replay: the stretch ``[t_from, t_to)`` [ms UTC] of a store, into a folder, so many times as fast."""

    store: Path
    out: Path
    t_from: int
    t_to: int
    speed: float
    settings: Settings
    layers: tuple[Path, ...] = ()
    lists: tuple[Path, ...] = ()
    combinations: tuple[Path, ...] = ()


def replay(
    request: ReplayRequest,
    clock: Callable[[], int],
    stop: Flag,
    told: Callable[[Sequence[Event], int], object],
) -> None:
    """Replay until the end, or until ``stop`` is set.

    Args:
        request: what to replay.
        clock: the present [ms UTC].
        stop: set by whoever wants it to end.
        told: called with what was written to the log of the replay, and the time of the past [ms UTC].

    Raises:
        UsageError: nothing was observed in that stretch.
        OutputError: the folder is not empty.
        StoreError: the store cannot be read.
    """
    if request.out.exists() and any(request.out.iterdir()):
        raise OutputError(f"{request.out} is not empty.", "Choose another folder for the replay.")
    around = load_surroundings(request.layers, request.lists)
    combinations = load_combinations(request.combinations, all_behaviours())
    with Store.open(request.store, write=False) as past:
        span = past.lake.span(REAL)
        if span is None or span[1] < request.t_from or span[0] >= request.t_to:
            raise UsageError(
                "Nothing was observed in that time.", "`watchkeeper store info` says what there is."
            )
        Store.create(request.out)
        with Store.open(request.out, write=True, projectors=projectors()) as again:
            write_features(request.out / ASSETS, map(asset_feature, around.assets))
            replayed = Replayed(past.lake.replay(request.t_from, request.t_to))

            def alarms(judged: Judged, decisions: Decisions, now: int) -> Sequence[Event]:
                return after_judging(
                    decisions,
                    now=now,
                    ship_of=judged.ship_of,
                    known_of=judged.known_of,
                    combinations=combinations,
                    realm=REALM,
                )

            vigil = Vigil(
                replayed,
                engine_of(request.settings, around),
                around,
                StoreKeeping(again.lake, request.out, REALM, replayed.feeds, _Spools(request.store / SPOOL)),
                again.decisions,
                alarms,
                None,
                request.out,
                replayed.feeds,
                REALM,
                beat=lambda decisions, now: beat(decisions, now=now, realm=REALM),
            )
            _turn(vigil, replayed, request, clock, stop, told)


def _turn(
    vigil: Vigil,
    replayed: Replayed,
    request: ReplayRequest,
    clock: Callable[[], int],
    stop: Flag,
    told: Callable[[Sequence[Event], int], object],
) -> None:
    begun = clock()
    while not stop.is_set():
        then = min(request.t_from + round((clock() - begun) * request.speed), request.t_to)
        turn = vigil.turn(then)
        if turn.events:
            told(turn.events, then)
        if replayed.over:
            told(vigil.end(then), then)
            return
        stop.wait(PAUSE_S)
    vigil.flush()


class _Spools:
    """The raw lines of the store that is replayed, as far as they are kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def raws(self, feed: str, lines: Collection[int]) -> dict[int, bytes]:
        folder = self._folder / feed
        # A scan's source is a path, not a feed: what lies outside the spools is not looked into.
        return raw_lines(folder, lines) if folder.parent == self._folder and folder.is_dir() else {}

    def release(self, feed: str, line: int) -> None:
        """They are not this watch's to release."""

    def sync(self) -> None:
        """Nothing was received."""
