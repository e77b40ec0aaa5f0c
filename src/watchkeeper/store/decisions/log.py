"""The log of decisions: events are appended, read, and projected into documents."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from watchkeeper.errors import InputError, StoreError
from watchkeeper.model.event import Document, Draft, Event, Page, Projector, Query
from watchkeeper.store.decisions import backup, damage, rebuild, schema, verify
from watchkeeper.store.decisions.documents import Standing, page
from watchkeeper.store.decisions.engines import reading, writing
from watchkeeper.store.decisions.faults import steadily
from watchkeeper.store.decisions.rows import COLUMNS, EventRow, chained, events_of, fits, row_of, storable
from watchkeeper.store.decisions.tables import documents, events, head

AT_ONCE: Final = 500
"""Keys that are asked for in one statement."""

MOST: Final = 100_000
"""Events of one read."""

_COLUMNS: Final = [events.c[name] for name in COLUMNS]


class Head(msgspec.Struct, frozen=True):
    """Which store a log belongs to, and its last event (0 and 64 zeros before the first)."""

    store: str
    seq: int
    hash: str
    schema: int


class DecisionLog:
    """Decisions in SQLite or PostgreSQL; see :class:`watchkeeper.model.event.Decisions`.

    Safe from any thread, and from several processes at once: whoever appends holds the head row until all is written,
    so that ``seq`` has no gaps and whoever reads on from the last ``seq`` it saw misses nothing.

    Args:
        engine: made by :func:`~watchkeeper.store.decisions.engines.engine_of`; the tables are there.
        projectors: make the documents, in the transaction of each append.
        write: whether events may be appended.
        guard: called before each append and each further attempt; raises where this process may no longer write.

    Raises:
        StoreError: there is no log in the database, or it is of another version.
        DatabaseError: from any method, where the database cannot do what is asked.
    """

    def __init__(
        self,
        engine: Engine,
        projectors: Sequence[Projector] = (),
        *,
        write: bool = True,
        guard: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine, self._write, self._guard = engine, write, guard
        self.projectors = tuple(projectors)
        with reading(engine) as connection:
            schema.check(engine, connection)

    @property
    def engine(self) -> Engine:
        """The engine, for tables of other rooms in the same database."""
        return self._engine

    # Writing

    def append(self, drafts: Sequence[Draft]) -> list[Event]:
        """Write all or none; the events as they stand in the log (those with a known ``key`` as first written).

        A database that is locked or gone for a moment is waited for. It is safe to append the same drafts again after
        any error, if they have keys.

        Raises:
            StoreError: a draft cannot be kept, or the log was opened for reading.
        """
        if not self._write:
            raise StoreError("The log of decisions was opened for reading.", "Open the store for deciding.")
        rows = [row_of(draft) for draft in drafts]
        if not rows:
            return []
        self._guard()
        attempt = _Attempt(self._engine, rows, self.projectors)
        return steadily(attempt.run, self._guard)

    def rebuild(self, projectors: Sequence[Projector] | None = None) -> int:
        """Make all documents again from the events, in one transaction; how many documents there are then."""
        if not self._write:
            raise StoreError("The log of decisions was opened for reading.", "Open the store for writing.")
        with writing(self._engine) as connection:
            _lock_head(connection)
            connection.execute(documents.delete())
            rebuild.project_into(
                connection, documents, self.projectors if projectors is None else tuple(projectors)
            )
            return connection.execute(sa.select(sa.func.count()).select_from(documents)).scalar_one()

    # Reading

    def read(
        self, after: int = 0, *, kinds: Sequence[str] = (), subject: str | None = None, limit: int = 1000
    ) -> list[Event]:
        """Events with ``seq`` above ``after``, in order; a kind ending in ``.`` stands for all that begin so."""
        if not 0 <= limit <= MOST:
            raise InputError(f"{limit} events cannot be read at once.", f"Ask for 0 to {MOST:,}.")
        if not (fits(after) and all(map(storable, (*kinds, subject or "")))):
            return []
        asked = sa.select(*_COLUMNS).where(events.c.seq > after).order_by(events.c.seq).limit(limit)
        if kinds:
            asked = asked.where(sa.or_(*map(_of_kind, kinds)))
        if subject is not None:
            asked = asked.where(events.c.subject == subject)
        with reading(self._engine) as connection:
            return events_of(connection.execute(asked).all())

    def head(self) -> int:
        """The ``seq`` of the last event, 0 for none."""
        return self.standing().seq

    def standing(self) -> Head:
        """The head: store, last event, schema. Its hash, noted elsewhere, proves later that nothing was changed."""
        with reading(self._engine) as connection:
            return _head_of(connection)

    def document(self, collection: str, id: str) -> Document | None:
        """One document."""
        with reading(self._engine) as connection:
            return Standing(connection).get(collection, id)

    def documents(self, query: Query) -> Page:
        """A page of documents."""
        with reading(self._engine) as connection:
            return page(connection, query)

    def counts(self) -> dict[str, int]:
        """How many documents each collection has, all realms."""
        asked = sa.select(documents.c.collection, sa.func.count()).group_by(documents.c.collection)
        with reading(self._engine) as connection:
            return {name: count for name, count in sorted(connection.execute(asked).all())}

    # Keeping

    def verify(
        self, *, project: bool = True, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> list[damage.Damage]:
        """What is damaged, and what that means; with ``project`` every document is made again and compared."""
        return verify.damages(self._engine, self.projectors if project else None, progress)

    def backup(
        self, to: Path, *, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> "backup.Summary":
        """Write all events as they are now into one file; see :mod:`watchkeeper.store.decisions.backup`."""
        return backup.write(self._engine, to, progress)

    def export(self, after: int = 0, *, kinds: Sequence[str] = ()) -> Iterator[bytes]:
        """Every event as a line of JSON (without its line break), body byte for byte as it was hashed."""
        chosen = [sa.or_(*map(_of_kind, kinds))] if kinds else []
        with reading(self._engine) as connection:
            for row in rebuild.rows_of(connection, after, *chosen):
                yield backup.line_of(row)


class _Attempt:
    """An append that may be tried more than once: it knows whether an earlier attempt was written after all."""

    def __init__(self, engine: Engine, rows: Sequence[EventRow], projectors: Sequence[Projector]) -> None:
        self._engine, self._rows, self._projectors = engine, rows, projectors
        self._planned: list[EventRow] = []
        self._answer: list[Event] = []
        self._new: list[Event] = []

    def run(self) -> list[Event]:
        """Append, unless that was done; the events of all drafts."""
        with writing(self._engine) as connection:
            now = _lock_head(connection)
            if self._planned and _is_there(connection, self._planned[-1]):
                # The connection was lost after the database had written, before it could say so.
                return self._answer
            known = _with_keys(connection, {row.key for row in self._rows if row.key is not None})
            self._answer, self._planned, self._new = _placed(self._rows, known, now)
            if self._planned:
                _write(connection, self._planned, self._new, self._projectors)
        return self._answer


def _placed(
    rows: Sequence[EventRow], known: dict[str, Event], now: Head
) -> tuple[list[Event], list[EventRow], list[Event]]:
    """The events of all rows; the rows that are new, at their places; the events of those."""
    answer: list[Event] = []
    new: list[EventRow] = []
    events_new: list[Event] = []
    seq, before = now.seq, now.hash
    for row in rows:
        event = known.get(row.key) if row.key is not None else None
        if event is None:
            placed = chained(row, now.store, seq + 1, before)
            seq, before = placed.seq, placed.hash
            new.append(placed)
            event = placed.event()
            events_new.append(event)
            if row.key is not None:
                known[row.key] = event
        answer.append(event)
    return answer, new, events_new


def _write(
    connection: Connection, rows: Sequence[EventRow], new: Sequence[Event], projectors: Sequence[Projector]
) -> None:
    connection.execute(events.insert(), [row._asdict() for row in rows])
    last = rows[-1]
    connection.execute(head.update().values(seq=last.seq, hash=last.hash))
    if projectors:
        standing = Standing(connection)
        for event in new:
            standing.project(event, projectors)
        standing.flush()


def _lock_head(connection: Connection) -> Head:
    """The head, which nobody else changes until the transaction ends. (SQLite has locked everything already.)"""
    return _head_of(connection, locked=True)


def _head_of(connection: Connection, *, locked: bool = False) -> Head:
    asked = sa.select(head.c.store, head.c.seq, head.c.hash, head.c.schema)
    row = connection.execute(asked.with_for_update() if locked else asked).one_or_none()
    if row is None:
        raise StoreError("The head of the log of decisions is missing.", "Run: watchkeeper store verify")
    return Head(*row)


def _is_there(connection: Connection, row: EventRow) -> bool:
    there = connection.execute(sa.select(events.c.hash).where(events.c.seq == row.seq)).scalar()
    return there == row.hash


def _with_keys(connection: Connection, keys: set[str]) -> dict[str, Event]:
    wanted = sorted(keys)
    found: dict[str, Event] = {}
    for start in range(0, len(wanted), AT_ONCE):
        asked = sa.select(*_COLUMNS).where(events.c.key.in_(wanted[start : start + AT_ONCE]))
        found |= {e.key: e for e in events_of(connection.execute(asked).all()) if e.key is not None}
    return found


def _of_kind(kind: str) -> sa.ColumnElement[bool]:
    if not kind.endswith("."):
        return events.c.kind == kind
    # Texts are compared by bytes, and ``/`` follows ``.``.
    return sa.and_(events.c.kind >= kind, events.c.kind < kind[:-1] + "/")
