"""Records in time order: reordering within the allowed lateness, and several inputs as one stream."""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

import numpy as np

from watchkeeper.model.records import Batch, Positions, Statics
from watchkeeper.model.time import NO_TIME

Records = TypeVar("Records", Positions, Statics)


class DisorderedError(Exception):
    """The records do not come in time order; they must be sorted before."""


class Reorder(Generic[Records]):
    """Release records of one kind in time order, ties in order of their raw rows.

    A record that is older than the newest one before it by more than the lateness is late: not released, given back.
    What is released does not depend on how the stream is cut into batches.

    Args:
        kind: positions or statics.
        lateness_ms: how late a record may be.
        least_rows: work only when so many new records wait; 0 for a feed that must not wait.
    """

    def __init__(self, kind: type[Records], lateness_ms: int, least_rows: int = 0) -> None:
        self.kind: type[Records] = kind
        self.lateness_ms = lateness_ms
        self.least_rows = least_rows
        self.newest = NO_TIME
        # Each in time order. Most of them are older than nothing that comes: only the oldest are looked into.
        self._waiting: list[Records] = []
        self._new_rows = 0

    @property
    def pending(self) -> Records:
        """All that waits."""
        return self.kind.concat(self._waiting)

    @pending.setter
    def pending(self, records: Records) -> None:
        self._waiting, self._new_rows = [in_time_order(records)] if len(records) else [], 0

    def push(self, records: Records) -> tuple[Records, Records]:
        """Take new records; return those that are now in their final order, and the late ones."""
        late = self.kind.empty()
        if not len(records):
            return late, late
        before = np.empty(len(records), np.int64)
        before[0] = self.newest
        np.maximum.accumulate(records.t[:-1], out=before[1:])
        np.maximum(before, self.newest, out=before)
        on_time = (records.t >= before - self.lateness_ms) | (before == NO_TIME)
        if not on_time.all():
            late, records = records.take(~on_time), records.take(on_time)
        self.newest = int(max(before[-1], records.t[-1] if len(records) else NO_TIME))
        if len(records):
            self._waiting.append(in_time_order(records))
            self._new_rows += len(records)
        if self._new_rows < self.least_rows:
            return self.kind.empty(), late
        self._new_rows = 0
        return self._released(self.newest - self.lateness_ms), late

    def _released(self, before: int) -> Records:
        """Take what is older than a time [ms UTC], in order."""
        ready, waiting = [], []
        for part in self._waiting:
            cut = int(np.searchsorted(part.t, before, side="left")) if part.t[0] < before else 0
            if cut:
                ready.append(part.slice(0, cut))
            if cut < len(part):
                waiting.append(part.slice(cut, len(part)) if cut else part)
        self._waiting = waiting
        return in_time_order(self.kind.concat(ready)) if ready else self.kind.empty()

    def finish(self) -> Records:
        """All that still waits."""
        rest, self.pending = in_time_order(self.pending), self.kind.empty()
        return rest


def in_time_order(records: Records) -> Records:
    """The same rows sorted by time, ties by raw row, however they arrived; the same object where they are already."""
    if not np.all(records.t[1:] >= records.t[:-1]):
        records = records.take(np.argsort(records.t, kind="stable"))
    ties = records.t[1:] == records.t[:-1]
    if np.all((records.row[1:] > records.row[:-1]) | ~ties):
        return records
    return records.take(np.lexsort((records.row, records.t)))


class Readable(Protocol):
    """An opened input."""

    def batches(self) -> Iterator[Batch]:
        """Its batches, in file order."""
        ...


def merge(
    inputs: Sequence[Readable], tally: Callable[[int, Batch], None]
) -> Iterator[tuple[Positions, Statics]]:
    """One stream from several inputs, in time order between them.

    Files of successive days are read one after the other, files of several receivers side by side, so that no
    record is late only because another file was read first. At most a batch of each input is held.

    Args:
        inputs: the opened inputs.
        tally: called with the number of the input and each batch read, for its counts.
    """
    streams = [i.batches() for i in inputs]
    positions = [Positions.empty() for _ in inputs]
    statics = [Statics.empty() for _ in inputs]
    frontier: dict[int, int] = {}

    def read(k: int) -> None:
        batch = next(streams[k], None)
        if batch is None:
            frontier.pop(k, None)
            return
        tally(k, batch)
        positions[k] = Positions.concat([positions[k], batch.positions])
        statics[k] = Statics.concat([statics[k], batch.statics])
        newest = [int(c.t.max()) for c in (batch.positions, batch.statics) if len(c)]
        frontier[k] = max(frontier.get(k, NO_TIME), *newest) if newest else frontier.get(k, NO_TIME)

    for k in range(len(inputs)):
        read(k)
    while frontier:
        behind = min(frontier, key=lambda k: (frontier[k], k))
        yield _release(positions, frontier[behind]), _release(statics, frontier[behind])
        read(behind)
    yield _release(positions, None), _release(statics, None)


def _release(held: list[Records], until: int | None) -> Records:
    """Take from ``held`` what is not newer than ``until`` (everything for None), in time order."""
    parts = []
    for k, columns in enumerate(held):
        ready = np.ones(len(columns), bool) if until is None else columns.t <= until
        if ready.all():
            parts.append(columns)
            held[k] = type(columns).empty()
        else:
            parts.append(columns.take(ready))
            held[k] = columns.take(~ready)
    joined = type(held[0]).concat(parts)
    return joined if len(held) == 1 else in_time_order(joined)
