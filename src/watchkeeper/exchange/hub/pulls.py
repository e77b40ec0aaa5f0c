"""Who was given what: a row for every page of objects that was answered.

A row is written *before* the page leaves, in a way that outlives the end of the process (``kill -9``) but may lose the
last half second to a power cut; within that half second it is an event ``exchange.pulled`` of the log of decisions,
which is chained and written through. The rows are the index by which holders are found; the events are the proof.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from watchkeeper.errors import StoreError
from watchkeeper.exchange.hub.tables import pulls
from watchkeeper.model.event import Decisions, Draft
from watchkeeper.model.finding import REAL
from watchkeeper.store.decisions.engines import reading, sqlite_engine, writing
from watchkeeper.store.decisions.faults import steadily

PULLED: Final = "exchange.pulled"
_LOG: Final = logging.getLogger("watchkeeper.exchange")
_EVERY_S: Final = 0.5
_AT_ONCE: Final = 500


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """A page of objects of a collection (by its id) that was given to an organisation, at a time [ms UTC].

    ``withheld`` counts what stood between them and was not given, by rule of the gate; where there was too much to
    count it is what was counted. ``event`` is the ``seq`` of its event in the log, None while that is on its way.
    """

    organisation: str
    user: str
    collection: str
    seqs: tuple[int, ...]
    at: int
    withheld: dict[str, int] = {}
    number: int = 0
    event: int | None = None


class Pulls:
    """The pulls of a hub. :meth:`start` begins to write their events, :meth:`stop` writes the rest.

    Args:
        engine: of the store's database.
        decisions: the log; None where only reading is meant.
        realms: of collections, by their ids.
    """

    def __init__(
        self, engine: Engine, decisions: Decisions | None, realms: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        self._engine, self._decisions, self._realms = engine, decisions, realms
        self._quick = _quick(engine)
        self._waiting: list[_Ticket] = []
        self._gate, self._turn = threading.Lock(), threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, pull: Pull) -> None:
        """Write a pull down; when this returns, it is written. Several that come at once are written at once.

        Raises:
            StoreError: it cannot be written, so nothing may be given.
        """
        ticket = _Ticket(pull)
        with self._gate:
            self._waiting.append(ticket)
        with self._turn:
            if not ticket.done:
                with self._gate:
                    batch, self._waiting = self._waiting, []
                self._write(batch)
        if ticket.error is not None:
            raise ticket.error

    def _write(self, batch: "list[_Ticket]") -> None:
        try:
            steadily(lambda: self._insert([_row(ticket.pull) for ticket in batch]), lambda: None)
        except StoreError as error:
            for ticket in batch:
                ticket.error = error
        for ticket in batch:
            ticket.done = True

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        with _writing_quickly(self._quick) as connection:
            connection.execute(pulls.insert(), rows)

    def pulls_of(
        self,
        *,
        organisation: str | None = None,
        collection: str | None = None,
        seq: int | None = None,
        after: int = 0,
        limit: int = 1000,
    ) -> list[Pull]:
        """Pulls in the order in which they were written, with ``number`` above ``after``.

        Args:
            organisation: by whom.
            collection: of which collection, by its id.
            seq: only those that gave this object (of the collection).
            after: the ``number`` of the last one of the page before.
            limit: so many at most.
        """
        asked = pulls.select().order_by(pulls.c.number).limit(limit)
        if organisation is not None:
            asked = asked.where(pulls.c.organisation == organisation)
        if collection is not None:
            asked = asked.where(pulls.c.collection == collection)
        if seq is not None:
            asked = asked.where(pulls.c.first <= seq, pulls.c.last >= seq)
        found: list[Pull] = []
        with reading(self._engine) as connection:
            while len(found) < limit:
                rows = connection.execute(asked.where(pulls.c.number > after)).mappings().all()
                made = map(_pull, rows)
                found += [pull for pull in made if seq is None or seq in pull.seqs]
                if len(rows) < limit:
                    break
                after = rows[-1]["number"]
        return found[:limit]

    def holders(self, collection: str, seq: int) -> dict[str, int]:
        """The organisations that were given an object of a collection, each with when it first was [ms UTC]."""
        asked = (
            sa.select(pulls.c.organisation, pulls.c.at, pulls.c.seqs)
            .where(pulls.c.collection == collection, pulls.c.first <= seq, pulls.c.last >= seq)
            .order_by(pulls.c.at.desc())
        )
        with reading(self._engine) as connection:
            rows = connection.execute(asked).all()
        return {who: at for who, at, seqs in rows if seq in set(seqs_of(seqs))}

    # The log

    def start(self) -> None:
        """Begin to write events."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="pulls", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write the rest and end."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()

    def flush(self) -> None:
        """Make events of all pulls that are none yet; safe to do again wherever it was interrupted."""
        if self._decisions is None:
            return
        while rows := self._without_event():
            realms = self._realms()
            made = self._decisions.append([_draft(row, realms) for row in rows])
            numbers = [{"n": row.number, "e": event.seq} for row, event in zip(rows, made, strict=True)]
            with writing(self._engine) as connection:
                done = pulls.update().where(pulls.c.number == sa.bindparam("n"))
                connection.execute(done.values(event=sa.bindparam("e")), numbers)

    def _without_event(self) -> list[Pull]:
        asked = pulls.select().where(pulls.c.event.is_(None)).order_by(pulls.c.number).limit(_AT_ONCE)
        with reading(self._engine) as connection:
            return [_pull(row) for row in connection.execute(asked).mappings()]

    def _run(self) -> None:
        while not self._stopping.wait(_EVERY_S):
            try:
                self.flush()
            except StoreError as error:
                _LOG.warning("pulls wait to be written to the log: %s", error)


class _Ticket:
    """A pull that waits to be written, and what came of it."""

    def __init__(self, pull: Pull) -> None:
        self.pull = pull
        self.done = False
        self.error: StoreError | None = None


def ranges(seqs: Iterable[int]) -> str:
    """Rising numbers, compactly: ``1-100,105``."""
    parts: list[list[int]] = []
    for seq in seqs:
        if parts and parts[-1][1] + 1 == seq:
            parts[-1][1] = seq
        else:
            parts.append([seq, seq])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def seqs_of(text: str) -> Iterator[int]:
    """The numbers that :func:`ranges` wrote."""
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _draft(pull: Pull, realms: Mapping[str, str]) -> Draft:
    body = {
        "organisation": pull.organisation,
        "collection": pull.collection,
        "seqs": ranges(pull.seqs),
        "withheld": pull.withheld,
        "pull": pull.number,
    }
    return Draft(
        kind=PULLED,
        subject=pull.collection,
        at=pull.at,
        actor=f"user:{pull.user}",
        body=body,
        realm=realms.get(pull.collection, REAL),
        key=f"{PULLED}:{pull.number}",
    )


def _row(pull: Pull) -> dict[str, Any]:
    return {
        "organisation": pull.organisation,
        "user": pull.user,
        "collection": pull.collection,
        "first": pull.seqs[0],
        "last": pull.seqs[-1],
        "seqs": ranges(pull.seqs),
        "withheld": msgspec.json.encode(pull.withheld).decode(),
        "at": pull.at,
    }


def _pull(row: Any) -> Pull:
    return Pull(
        organisation=row["organisation"],
        user=row["user"],
        collection=row["collection"],
        seqs=tuple(seqs_of(row["seqs"])),
        at=row["at"],
        withheld=msgspec.json.decode(row["withheld"]),
        number=row["number"],
        event=row["event"],
    )


def _quick(engine: Engine) -> Engine:
    """The database for rows whose loss in a power cut (not in a crash) can be borne: no wait for the disk."""
    if engine.dialect.name != "sqlite":
        return engine
    made = sqlite_engine(Path(str(engine.url.database)))
    sa.event.listen(made, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = NORMAL"))
    return made


@contextmanager
def _writing_quickly(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
        yield connection
