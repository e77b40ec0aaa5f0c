"""A watch: what feeds bring is worked through, found, kept; it can be stopped at any moment and goes on.

The caller turns it: :meth:`Vigil.turn` works through what is there and does what is due. It holds no thread and no
clock.
"""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from watchkeeper.engine.checkpoint import KEPT, Checkpoints
from watchkeeper.engine.engine import Engine
from watchkeeper.engine.fixes import Columns
from watchkeeper.model.event import Decisions, Draft, Event, Query
from watchkeeper.model.finding import Evidence, Finding
from watchkeeper.model.records import Array, Statics
from watchkeeper.model.time import HOUR, NO_TIME, SECOND
from watchkeeper.surroundings import Surroundings
from watchkeeper.watching.changes import ACTOR, Standing, changes
from watchkeeper.watching.feeds_out import FeedsOut
from watchkeeper.watching.intake import Takes
from watchkeeper.watching.judgement import Judged, judge_now
from watchkeeper.watching.latest import KEPT_MS, Latest
from watchkeeper.watching.parts import NOT_LIVE, Alarms, Beat, Beats, Change, Counts, Keeping, Turn

_LOG = logging.getLogger(__name__)
_PAGE: Final = 1000
JUDGING_REST: Final = 10
"""After judging, at least ten times as long goes to everything else."""

_SETTLED_MS: Final = 6 * HOUR
"""How far inside the horizon a finding must have begun to be withdrawn: its surroundings are then remembered whole."""


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
    ) -> None:
        self.intake, self.engine, self.around = intake, engine, around
        self.keeping, self.decisions, self.alarms = keeping, decisions, alarms
        self.checkpoints, self.folder = checkpoints, folder
        self.beat = beat
        self.describe: Callable[[], dict[str, Any]] = dict
        """What else a checkpoint describes, as plain values."""
        self.feeds, self.realm, self.beats = feeds, realm, beats or Beats()
        self.latest = Latest()
        self.outs = FeedsOut(self.feeds)
        self.counts = Counts()
        self.epoch = 0
        self._observed: list[Columns] = []
        self._said: list[Statics] = []
        self._done_at: dict[str, int] = {}
        self._judged_at = 0
        self._rest_until = NO_TIME
        # Of the checkpoints that are kept; a lake must not join what a restart may have to drop.
        self._safe_epochs: tuple[int, ...] = (0,) * KEPT
        engine.sink, engine.said = self._observed.append, self._hear
        self._known = self._standing()

    def go_on(self, places: dict[str, int] | None = None) -> bool:
        """Go on from the newest checkpoint; False where there is none, and the watch begins with the first line of each
        feed or with those given.

        Raises:
            StateError: the checkpoint was made for another configuration.
        """
        found = self.checkpoints.newest() if self.checkpoints is not None else None
        if found is None:
            self.epoch = self.keeping.epoch()
            self.intake.restore({}, places or {})
            self.checkpoint()  # from now on what lies beyond this epoch is this watch's own
            return False
        arrays, description = found
        self.engine.restore(_under(arrays, "engine."))
        self.intake.restore(_under(arrays, "intake."), description["places"])
        self.outs.restore(description["outs"])
        self.epoch, self._judged_at = description["epoch"], description["judged_at"]
        self.keeping.truncate_after(self.epoch)
        return True

    def turn(self, now: int) -> Turn:
        """Work through what is there, at most a block of each feed, and do what is due at ``now`` [ms UTC]."""
        taken = self.intake.take(now)
        self.counts.lines += taken.lines
        self.counts.rows += taken.rows
        if taken.quarantine:
            self.keeping.quarantine(taken.quarantine)
        if len(taken.positions) or len(taken.statics):
            self.latest.push(taken.positions)
            self.engine.push(taken.positions, taken.statics)
        turn = Turn(taken.lines)
        if self._may_judge(now):
            begin = time.perf_counter()
            turn.events = self.judge(now)
            self._rest_until = now + round((time.perf_counter() - begin) * SECOND * JUDGING_REST)
        if self._due("alarms", self.beats.alarms, now):
            turn.events += self.beat(self.decisions, now)
        if self._due("latest", self.beats.latest, now):
            self._write_latest(now)
        if self._due("checkpoint", self.beats.checkpoint, now):
            self.checkpoint()
        elif self._due("flush", self.beats.flush, now):
            self.flush()
        if self._due("compact", self.beats.compact, now):
            self.keeping.compact(self._safe_epochs[0], now)
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

    def judge(self, now: int, *, exact: bool = False) -> list[Event]:
        """Judge everything remembered, and bring the log up to date."""
        judged = judge_now(self.engine, self.around, self.feeds, self.outs.spans(now), self.realm)
        self._judged_at = self.engine.data_end
        self.counts.judged += 1
        self.engine.forget(self.engine.data_end - self.beats.horizon)
        self.outs.forget(self.engine.data_end - self.beats.horizon)
        settled = self.engine.data_end - self.beats.horizon + _SETTLED_MS
        found = [self._with_lines(f) for f in judged.findings]
        drafts = changes(self._known, found, settled, now, judged.reasons, exact=exact)
        drafts += self._failures(judged, now)
        events = self.decisions.append(drafts)
        for event in events:
            if event.kind.startswith("finding."):
                finding = msgspec.convert(event.body["finding"], Finding)
                self._known[event.subject] = Standing(finding, event.seq, event.kind == "finding.withdrawn")
        return [*events, *self.alarms(judged, self.decisions, now)]

    def end(self, now: int) -> list[Event]:
        """The feeds have ended for good: work through what waits, judge, and keep it. The watch is over."""
        self.engine.finish()
        events = self.judge(now, exact=True)
        self.flush()
        self._write_latest(now)
        return events

    def flush(self) -> None:
        """Write to the lake what was observed since."""
        if not self._observed and not self._said:
            return
        self.epoch += 1
        self.keeping.append(self.epoch, self._observed, self._said)
        self._observed.clear()
        self._said.clear()

    def checkpoint(self) -> None:
        """Keep the state, so that a restart goes on here."""
        self.flush()
        if self.checkpoints is None:
            return
        self.keeping.sync()
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
        number = sum(places.values()) + self.epoch
        self.checkpoints.write(state, description, number)
        self._safe_epochs = (*self._safe_epochs, self.epoch)[-KEPT:]
        self.keeping.released(places)

    def _hear(self, news: Statics) -> None:
        if len(news):
            self._said.append(news)

    def _may_judge(self, now: int) -> bool:
        return self.engine.data_end - self._judged_at >= self.beats.judge and now >= self._rest_until

    def _due(self, what: str, every: int, now: int) -> bool:
        due = now - self._done_at.setdefault(what, now) >= every
        if due:
            self._done_at[what] = now
        return due

    def _write_latest(self, now: int) -> None:
        if self.folder is not None:
            self.latest.forget(now - KEPT_MS)
            self.latest.write(self.folder, np.array(self.feeds, object), now)

    def _standing(self) -> dict[str, Standing]:
        """Findings in the log that may still change."""
        known: dict[str, Standing] = {}
        after = None
        while True:
            page = self.decisions.documents(
                Query(collection="findings", realm=self.realm, order="t", limit=_PAGE, after=after)
            )
            for one in page.items:
                finding = msgspec.convert(one.body["finding"], Finding)
                known[one.id] = Standing(finding, one.seq, one.state == "withdrawn")
            after = page.next
            if after is None:
                return known

    def _with_lines(self, finding: Finding) -> Finding:
        """The finding with the text of its evidence rows; those written before have theirs."""
        before = self._known.get(finding.id)
        texts = {(e.source, e.row): e.raw for e in before.finding.evidence} if before else {}

        def filled(e: Evidence) -> Evidence:
            raw = texts.get((e.source, e.row)) or self.keeping.raw(e.source, e.row)
            return msgspec.structs.replace(e, raw=raw)

        return msgspec.structs.replace(finding, evidence=tuple(map(filled, finding.evidence)))

    def _failures(self, judged: Judged, now: int) -> list[Draft]:
        """A behaviour that raised is said once."""
        return [
            Draft(
                kind="behaviour.failed",
                subject=name,
                at=now,
                actor=ACTOR,
                body={"reason": outcome.failure},
                realm=self.realm,
                key=f"behaviour.failed:{name}:{outcome.failure}",
            )
            for name, outcome in judged.outcomes.items()
            if outcome.failure
        ]


def _under(arrays: dict[str, Array], prefix: str) -> dict[str, Array]:
    return {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}
