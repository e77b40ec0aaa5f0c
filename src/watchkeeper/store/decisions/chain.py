"""Walking along the chain of events, and telling what was done to it where it breaks."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, pairwise
from typing import Final, NamedTuple

import msgspec

from watchkeeper.model.time import to_iso
from watchkeeper.store.decisions.damage import Damage
from watchkeeper.store.decisions.rows import GENESIS, EventRow

_FAR: Final = 16
"""How many removed events are looked for where later ones were numbered anew."""

_TRIED: Final = 24
"""How many broken events are tried in each other's places."""

_RUN: Final = 3
"""Broken events in a row that are taken for those of another log."""


_ANEW: Final = "was put in; those behind it were numbered anew."


class Broken(NamedTuple):
    """An event whose hash is not that of what it says after the one before."""

    row: EventRow
    before: str


class Walk:
    """Goes along the rows in order of ``seq``. Afterwards ``damages`` says what was found, ``last`` where it ended."""

    def __init__(self, store: str) -> None:
        self._store = store
        self._found: list[Damage] = []
        self._broken: list[Broken] = []
        self._seq, self._hash, self._shift = 0, GENESIS, 0
        # The row before, and the hash before that.
        self._previous: EventRow | None = None
        self._earlier = GENESIS
        self.count = 0

    @property
    def last(self) -> tuple[int, str]:
        """``seq`` and hash of the last row as they are stored."""
        return self._seq, self._hash

    def along(self, rows: Iterable[EventRow], progress: Callable[[int], None]) -> None:
        """See every row."""
        ends: Iterator[EventRow | None] = chain(rows, (None,))
        for row, following in pairwise(ends):
            if row is not None:
                self._see(row, following)
                self.count += 1
                if self.count % 5_000 == 0:
                    progress(self.count)

    def damages(self) -> list[Damage]:
        """What was found, in the order of the log."""
        found = [*self._found, *_told(self._store, self._broken)]
        return sorted(found, key=lambda d: (d.seq_from or 0, d.kind))

    def _see(self, row: EventRow, following: EventRow | None) -> None:
        last, self._seq = self._seq, row.seq
        before = self._hash
        if row.seq < 1:
            self._found.append(_of_row("event-inserted", row, "stands before the first event."))
            self._seq = 0
            return
        if row.seq > last + 1:
            # What it follows is gone, so its own hash proves nothing.
            self._found.append(_gap(last + 1, row.seq - 1))
        elif not self._links(before, row) and self._put_in(row, following):
            return
        self._hash, self._earlier, self._previous = row.hash, before, row

    def _put_in(self, row: EventRow, following: EventRow | None) -> bool:
        """Tell why a row does not follow the one before; whether it is to be left out of the chain."""
        if following is not None and self._stands_between(self._hash, row, following):
            self._found.append(_of_row("event-inserted", row, _ANEW))
            self._shift += 1
            return True
        if self._previous is not None and self._stands_between(self._earlier, self._previous, row):
            self._found.append(_of_row("event-inserted", self._previous, _ANEW))
            self._shift += 1
        elif gone := self._removed(row, following):
            self._found.append(_removed_before(row, gone))
            self._shift -= gone
        else:
            self._broken.append(Broken(row, self._hash))
        return False

    def _stands_between(self, before: str, row: EventRow, following: EventRow) -> bool:
        """Whether the one that follows belongs where the row stands, and not the row behind it: they are exchanged."""
        return self._links(before, following, -1) and not self._links(following.hash, row, 1)

    def _removed(self, row: EventRow, following: EventRow | None) -> int:
        """How many events were removed before this one and the rest numbered anew; 0 if that is not so."""
        if following is None:
            return 0
        return next((n for n in range(1, _FAR + 1) if self._links(row.hash, following, n)), 0)

    def _links(self, before: str, row: EventRow, further: int = 0) -> bool:
        return row.hashed(self._store, before, row.seq - self._shift + further) == row.hash


def _told(store: str, broken: list[Broken]) -> Iterator[Damage]:
    moved = _exchanged(store, broken)
    if moved:
        seqs = sorted(moved)
        names = ", ".join(f"{a} was {b}" for a, b in sorted(moved.items()))
        yield Damage(
            kind="events-exchanged",
            where=f"events {', '.join(map(str, seqs))}",
            effect=f"Events stand in each other's places ({names}): what followed what is told wrongly.",
            seq_from=seqs[0],
            seq_to=seqs[-1],
            subjects=tuple(b.row.subject for b in broken if b.row.seq in moved),
            count=len(moved),
        )
    for run in _runs(_unexplained(store, broken, moved)):
        if len(run) >= _RUN:
            yield _foreign(run)
        else:
            yield from (_changed(b.row) for b in run)


def _exchanged(store: str, broken: list[Broken]) -> dict[int, int]:
    """Which events belong to the place of which other."""
    if not 2 <= len(broken) <= _TRIED:
        return {}
    places = [b.row.seq for b in broken]
    hashes = {b.before for b in broken} | {b.row.hash for b in broken}
    return {
        b.row.seq: place
        for b in broken
        for place in places
        if place != b.row.seq and any(b.row.hashed(store, h, place) == b.row.hash for h in hashes)
    }


def _unexplained(store: str, broken: list[Broken], moved: dict[int, int]) -> list[Broken]:
    right = {moved[b.row.seq]: b.row.hash for b in broken if b.row.seq in moved}
    return [
        b
        for b in broken
        if b.row.seq not in moved
        and not (b.row.seq - 1 in right and b.row.hashed(store, right[b.row.seq - 1]) == b.row.hash)
    ]


def _runs(broken: list[Broken]) -> Iterator[list[Broken]]:
    run: list[Broken] = []
    for each in broken:
        if run and each.row.seq != run[-1].row.seq + 1:
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _foreign(run: list[Broken]) -> Damage:
    first, last = run[0].row, run[-1].row
    return Damage(
        kind="events-foreign",
        where=f"events {first.seq} to {last.seq}",
        effect="They were not written by this store, or all were changed: nothing they say was decided here.",
        seq_from=first.seq,
        seq_to=last.seq,
        subjects=tuple(dict.fromkeys(b.row.subject for b in run))[:100],
        count=len(run),
    )


def _changed(row: EventRow) -> Damage:
    try:
        msgspec.json.decode(row.body)
    except (msgspec.MsgspecError, TypeError, UnicodeEncodeError):
        return _of_row("event-unreadable", row, "has a body that is no JSON: what was decided is lost.")
    return _of_row(
        "event-changed",
        row,
        f"is not what was written (or {row.seq - 1} was replaced together with its hash): do not rely on what it says.",
    )


def _gap(first: int, last: int) -> Damage:
    return Damage(
        kind="event-missing",
        where=f"event {first}" if first == last else f"events {first} to {last}",
        effect="Removed: what was decided there is lost.",
        seq_from=first,
        seq_to=last,
        count=last - first + 1,
    )


def _removed_before(row: EventRow, count: int) -> Damage:
    return Damage(
        kind="event-missing",
        where=f"before event {row.seq}",
        effect=f"{count} removed, and those behind numbered anew: what was decided there is lost.",
        seq_from=row.seq,
        seq_to=row.seq,
        count=count,
    )


def _of_row(kind: str, row: EventRow, what: str) -> Damage:
    told = f"{row.kind} of {row.subject}, by {row.actor}"
    fields = {
        "kind": kind,
        "where": f"event {row.seq}",
        "effect": f"It ({told}, {_moment(row.at)}) {what}",
        "seq_from": row.seq,
        "seq_to": row.seq,
        "subjects": (str(row.subject),),
    }
    return msgspec.convert(fields, Damage)


def _moment(at: int) -> str:
    try:
        return to_iso(at)
    except (ValueError, OverflowError, TypeError):
        return "at no time"
