"""A watch: what feeds bring is worked through, found, kept; it can be stopped at any moment and goes on.

The caller turns it: :meth:`Vigil.turn` works through what is there and does what is due. It holds no clock. Judging
everything and writing checkpoints may be done beside, in threads, so that what comes meanwhile does not wait.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np

from watchkeeper.engine.checkpoint import KEPT, Checkpoints
from watchkeeper.engine.context import FeedOut
from watchkeeper.engine.engine import Engine
from watchkeeper.engine.fixes import Columns
from watchkeeper.model.event import Decisions, Draft, Event
from watchkeeper.model.records import Array, Quarantined, Statics
from watchkeeper.model.time import HOUR, NO_TIME, SECOND
from watchkeeper.surroundings import Surroundings
from watchkeeper.watching.changes import ACTOR, Standing
from watchkeeper.watching.feeds_out import FeedsOut
from watchkeeper.watching.glance import Glance
from watchkeeper.watching.intake import Takes
from watchkeeper.watching.judgement import Remembered, judge_now
from watchkeeper.watching.latest import KEPT_MS, Latest
from watchkeeper.watching.parts import NOT_LIVE, Alarms, Beat, Beats, Change, Counts, Keeping, Turn
from watchkeeper.watching.recording import Recorder

JUDGING_REST: Final = 4
"""After judging everything, at least four times as long goes to everything else: it takes a fifth of a core at most."""

GLANCE_REST: Final = 1
"""After a glance, as long: whoever waits for the next one waits for no more than two."""

MOST_UNWRITTEN: Final = 5_000_000
"""Reports that wait for a lake that takes nothing; then what comes waits in the spool."""

MOST_UNREAD: Final = 10_000
_SETTLED_MS: Final = 6 * HOUR
"""How far inside the horizon a finding must have begun to be withdrawn: its surroundings are then remembered whole."""

R = TypeVar("R")


class _Question(NamedTuple):
    """What is judged: what the engine remembers, the names of feeds, when they were not live, what the log says, and
    before when nothing is withdrawn [ms UTC]."""

    remembered: Remembered
    feeds: list[str]
    outs: list[FeedOut]
    known: dict[str, Standing]
    settled: int


class Vigil:
    """See the module.

    Args:
        intake: the feeds.
        engine: empty, of the configuration that ``checkpoints`` is for; its last watch learns where ships lie still.
        around: assets, places, lists.
        keeping: the lake and the spool.
        decisions: the log.
        alarms: makes alerts of findings.
        checkpoints: where the state is kept, or None for a watch that is not to go on.
        folder: where the newest positions are written, or None.
        feeds: their names, by number; a replay may learn of more.
        realm: ``real`` or ``exercise:<id>``.
        beats: how often what is done.
        beat: what is done every minute for the alarms.
        beside: judge, and write checkpoints, in threads of their own.
    """

    def __init__(
        self,
        intake: Takes,
        engine: Engine,
        around: Surroundings,
        keeping: Keeping,
        decisions: Decisions,
        alarms: Alarms,
        checkpoints: Checkpoints | None,
        folder: Path | None,
        feeds: Sequence[str],
        realm: str,
        beats: Beats | None = None,
        beat: Beat = lambda decisions, now: (),
        *,
        beside: bool = False,
    ) -> None:
        self.intake, self.engine, self.around = intake, engine, around
        self.keeping, self.decisions = keeping, decisions
        self.checkpoints, self.folder = checkpoints, folder
        self.beat = beat
        self.describe: Callable[[], dict[str, Any]] = dict
        """What else a checkpoint describes, as plain values."""
        self.feeds, self.realm, self.beats = feeds, realm, beats or Beats()
        self.latest = Latest()
        self.outs = FeedsOut(self.feeds)
        self.counts = Counts()
        self.epoch = 0
        self.recorder = Recorder(decisions, keeping.texts, alarms, realm)
        self._glance = Glance()
        self._talked: set[int] = set()
        self._observed: list[Columns] = []
        self._unwritten = 0
        self._said: list[Statics] = []
        self._unread: list[Quarantined] = []
        self._done_at: dict[str, int] = {}
        self._judged_at = 0
        self._now = NO_TIME
        self._rest_until = self._glance_rest = NO_TIME
        self._beside = ThreadPoolExecutor(2, "watch") if beside else None
        self._judging: Future[tuple[list[Event], float]] | None = None
        self._writing: Future[None] | None = None
        # Of the checkpoints that are kept; a lake must not join what a restart may have to drop.
        self._safe_epochs: tuple[int, ...] = (0,) * KEPT
        engine.sink, engine.said = self._observe, self._hear

    def go_on(self, places: dict[str, int] | None = None) -> bool:
        """Go on from the newest checkpoint; False where there is none, and the watch begins with the first line of each
        feed or with those given.

        Raises:
            StateError: the checkpoint was made for another configuration.
        """
        found = self.checkpoints.newest() if self.checkpoints is not None else None
        if found is None:
            self.recorder.recall(NO_TIME)
            self.epoch = self.keeping.epoch()
            self.intake.restore({}, places or {})
            self.checkpoint()  # from now on what lies beyond this epoch is this watch's own
            return False
        arrays, description = found
        self.engine.restore(_under(arrays, "engine."))
        self.intake.restore(_under(arrays, "intake."), description["places"])
        self.outs.restore(description["outs"])
        self.epoch, self._judged_at = description["epoch"], description["judged_at"]
        self.recorder.recall(self.engine.data_end - self.beats.horizon)
        self.keeping.truncate_after(self.epoch)
        return True

    def turn(self, now: int) -> Turn:
        """Work through what is there, at most a block of each feed, and do what is due at ``now`` [ms UTC].

        Raises:
            StoreError: the store takes nothing now. Nothing is lost: what could not be written waits, and the next
                turn goes on.
        """
        self._set_clock(now)
        if self._unwritten > MOST_UNWRITTEN:
            self.flush()
        taken = self.intake.take(now)
        self.counts.lines += taken.lines
        self.counts.rows += taken.rows
        self._unread = [*self._unread, *taken.quarantine][-MOST_UNREAD:]
        if len(taken.positions) or len(taken.statics):
            self.latest.push(taken.positions)
            self.engine.push(taken.positions, taken.statics)
        turn = Turn(taken.lines)
        self._look(turn, now)
        self._keep(now)
        return turn

    def health(self, change: Change, now: int) -> list[Event]:
        """A feed's state has changed: say so in the log; a silence of ships heard through it may be unknown now."""
        if change.state in NOT_LIVE:
            self.outs.went(change.feed, change.since)
        elif change.state == "live":
            self.outs.came(change.feed, change.since)
        body = {"reason": change.reason, "since": change.since}
        draft = Draft(
            kind=f"feed.{change.state}",
            subject=change.feed,
            at=now,
            actor=ACTOR,
            body=body,
            realm=self.realm,
            key=f"feed:{change.feed}:{change.state}:{change.since}",
        )
        return self.decisions.append([draft])

    def end(self, now: int) -> list[Event]:
        """The feeds have ended for good: work through what waits, judge, and keep it. The watch is over."""
        events = self._judged(now) if self._judging is not None else []
        self.engine.finish()
        events += self._judge(self._remembered(now), now, exact=True)[0]
        self._stopped()
        self.flush()
        self._write_latest(now)
        return events

    def stop(self, now: int) -> list[Event]:
        """Somebody wants it to end: wait for what is done beside, and keep the state; a restart goes on here."""
        events = self._judged(now) if self._judging is not None else []
        self._stopped()
        self.checkpoint()
        self._written()
        return events

    def flush(self) -> None:
        """Write to the lake what was observed since."""
        if self._unread:
            self.keeping.quarantine(self._unread)
            self._unread = []
        if not self._observed and not self._said:
            return
        self.keeping.append(self.epoch + 1, self._observed, self._said)
        self.epoch += 1
        self._observed, self._said, self._unwritten = [], [], 0

    def checkpoint(self) -> None:
        """Keep the state, so that a restart goes on here."""
        self.flush()
        if self.checkpoints is None:
            return
        state = {f"engine.{name}": array for name, array in self.engine.snapshot().items()}
        state |= {f"intake.{name}": array for name, array in self.intake.snapshot().items()}
        places = self.intake.places()
        description: dict[str, Any] = {
            "places": places,
            "outs": self.outs.snapshot(),
            "epoch": self.epoch,
            "judged_at": self._judged_at,
            **self.describe(),
        }
        self._written()
        self._writing = self._aside(self._write, state, description, places)
        if self._beside is None:
            self._written()

    def _look(self, turn: Turn, now: int) -> None:
        """Find, and say what is found: at once what can be, everything when it is time."""
        if now >= self._glance_rest and self._due("glance", self.beats.glance, now):
            begin = time.perf_counter()
            turn.events += self._glanced(now)
            self._glance_rest = now + round((time.perf_counter() - begin) * SECOND * GLANCE_REST)
        if self._judging is None and self._may_judge(now):
            self._judged_at = self.engine.data_end
            self._judging = self._aside(self._judge, self._remembered(now), now)
        if self._judging is not None and self._judging.done():
            turn.events += self._judged(now)
        if self._due("alarms", self.beats.alarms, now):
            turn.events += self.beat(self.decisions, now)

    def _keep(self, now: int) -> None:
        """Write what is to be kept, each at its time."""
        if self._due("latest", self.beats.latest, now):
            self._write_latest(now)
        if self._writing is not None and self._writing.done():
            self._written()
        if self._writing is None and self._due("checkpoint", self.beats.checkpoint, now):
            self.checkpoint()
        elif self._due("flush", self.beats.flush, now):
            self.flush()
        if self._due("compact", self.beats.compact, now):
            self.keeping.compact(self._safe_epochs[0], now)

    def _glanced(self, now: int) -> list[Event]:
        talked, self._talked = self._talked, set()
        found = self._glance.look(self.engine, self.around, self.feeds, self.realm, talked)
        return self.recorder.news(found, now) if found is not None else []

    def _remembered(self, now: int) -> "_Question":
        """What is to be judged now; what is older than the horizon is forgotten then."""
        question = _Question(
            Remembered.of(self.engine),
            list(self.feeds),
            self.outs.spans(now),
            self.recorder.known(),
            self.engine.data_end - self.beats.horizon + _SETTLED_MS,
        )
        self.engine.forget(self.engine.data_end - self.beats.horizon)
        self.outs.forget(self.engine.data_end - self.beats.horizon)
        self.counts.judged += 1
        return question

    def _judge(self, asked: "_Question", now: int, *, exact: bool = False) -> tuple[list[Event], float]:
        """Judge everything remembered, and bring the log up to date; what was written, and how long it took [s]."""
        begin = time.perf_counter()
        judged = judge_now(asked.remembered, self.around, asked.feeds, asked.outs, self.realm)
        events = self.recorder.everything(judged, asked.known, asked.settled, now, exact=exact)
        return events, time.perf_counter() - begin

    def _judged(self, now: int) -> list[Event]:
        """What the judging that is under way has written; waits for its end."""
        assert self._judging is not None
        judging, self._judging = self._judging, None
        events, seconds = judging.result()
        self.counts.judging_s = seconds
        self._rest_until = now + round(seconds * SECOND * JUDGING_REST)
        return events

    def _write(self, state: dict[str, Array], description: dict[str, Any], places: dict[str, int]) -> None:
        """Write a checkpoint; the lines it leans on are brought to the disk before."""
        assert self.checkpoints is not None
        self.keeping.sync()
        self.checkpoints.write(state, description, sum(places.values()) + description["epoch"])
        self._safe_epochs = (*self._safe_epochs, description["epoch"])[-KEPT:]
        self.keeping.released(places)

    def _written(self) -> None:
        """See what became of the last checkpoint; waits for it."""
        if self._writing is not None:
            writing, self._writing = self._writing, None
            writing.result()

    def _aside(self, work: Callable[..., R], *args: Any) -> "Future[R]":
        """Do it beside; at once where nothing is done beside."""
        if self._beside is not None:
            return self._beside.submit(work, *args)
        done: Future[R] = Future()
        done.set_result(work(*args))
        return done

    def _stopped(self) -> None:
        """From now on nothing is done beside."""
        if self._beside is not None:
            self._beside.shutdown()
            self._beside = None

    def _observe(self, columns: Columns) -> None:
        self._observed.append(columns)
        self._unwritten += len(columns.t)

    def _hear(self, news: Statics) -> None:
        if len(news):
            self._said.append(news)
            self._talked.update(news.mmsi.tolist())

    def _may_judge(self, now: int) -> bool:
        return self.engine.data_end - self._judged_at >= self.beats.judge and now >= self._rest_until

    def _set_clock(self, now: int) -> None:
        """A clock that is set back must not put off what is due until it has caught up."""
        if now < self._now:
            self._done_at.clear()
            self._rest_until = self._glance_rest = NO_TIME
        self._now = now

    def _due(self, what: str, every: int, now: int) -> bool:
        due = now - self._done_at.setdefault(what, now) >= every
        if due:
            self._done_at[what] = now
        return due

    def _write_latest(self, now: int) -> None:
        if self.folder is not None:
            self.latest.forget(now - KEPT_MS)
            self.latest.write(self.folder, np.array(self.feeds, object), now)


def _under(arrays: dict[str, Array], prefix: str) -> dict[str, Array]:
    return {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}
