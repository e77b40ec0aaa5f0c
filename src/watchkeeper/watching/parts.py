"""What a watch is made of: how often what is done, where things are kept, what a turn did."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from watchkeeper.engine.fixes import Columns
from watchkeeper.model.event import Decisions, Event
from watchkeeper.model.records import Quarantined, Statics
from watchkeeper.model.time import HOUR, MINUTE, SECOND
from watchkeeper.watching.judgement import Judged


@dataclass(frozen=True, slots=True)
class Beats:
    """How often what is done [ms]. ``judge`` is event time; the rest is the caller's clock.

    ``horizon``: what is older is forgotten by the engine (the lake and the log keep it). ``glance``: looking at what
    need not wait for the judging of everything.
    """

    judge: int = MINUTE
    alarms: int = MINUTE
    latest: int = SECOND
    flush: int = 10 * SECOND
    checkpoint: int = MINUTE
    compact: int = 5 * MINUTE
    horizon: int = 36 * HOUR
    glance: int = SECOND // 4


class Keeping(Protocol):
    """Where observations are kept: the lake, and the raw lines of feeds."""

    def append(self, epoch: int, batches: Sequence[Columns], said: Sequence[Statics]) -> None:
        """Write what was observed, as epoch ``epoch``."""
        ...

    def truncate_after(self, epoch: int) -> None:
        """Forget later epochs."""
        ...

    def sync(self) -> None:
        """Bring to the disk what a checkpoint leans on."""
        ...

    def compact(self, until_epoch: int, now: int) -> None:
        """Join small files of epochs up to this one, beside the work."""
        ...

    def epoch(self) -> int:
        """The last epoch."""
        ...

    def texts(self, wanted: Collection[tuple[str, int]]) -> dict[tuple[str, int], str | None]:
        """The texts of lines (feed, number). May be called from another thread than all else."""
        ...

    def quarantine(self, records: Sequence[Quarantined]) -> None:
        """Keep what could not be read."""
        ...

    def released(self, places: dict[str, int]) -> None:
        """Lines before these will not be asked for again by a restart."""
        ...


NOT_LIVE: Final = ("degraded", "silent", "down")
"""States of a feed in which what is not heard through it says nothing: of a degraded one something was lost."""


@dataclass(frozen=True, slots=True)
class Change:
    """A feed is in another state: ``starting``, ``live``, ``degraded``, ``silent`` or ``down``.

    ``since`` [ms UTC]: not live since its last message, live since its first one again.
    """

    feed: str
    state: str
    since: int
    reason: str


@dataclass(slots=True)
class Turn:
    """What a turn did: lines read, and what was written to the log."""

    lines: int
    events: list[Event] = field(default_factory=list)


@dataclass(slots=True)
class Counts:
    """Since the start: lines, rows by what became of them, and how long judging took last [s]."""

    lines: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    judged: int = 0
    judging_s: float = 0.0


Beat = Callable[[Decisions, int], Sequence[Event]]
"""Writes what time and the health of feeds make due, also while nothing is heard."""

Alarms = Callable[[Judged, Decisions, int], Sequence[Event]]
"""Brings the alerts in the log up to date after a judgement, at a time [ms UTC]; the events it wrote."""
