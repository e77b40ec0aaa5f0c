"""Who saw what: a row for every answer about a ship, an alert or a case, and for what was done with users.

Rows are gathered and written by a thread, many at a time, so that an answer does not wait for the disk. What is
gathered is bounded: when it cannot be written, answers are refused rather than given without a row.
"""

import logging
import threading
from collections import deque
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from watchkeeper.api.access.tables import audit
from watchkeeper.api.access.who import Who
from watchkeeper.store.decisions.engines import for_writing

_LOG: Final = logging.getLogger("watchkeeper.audit")
_EVERY_S: Final = 0.5
_AT_ONCE: Final = 1000
MOST_WAITING: Final = 50_000


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit. ``did`` is the route; ``ids`` what the answer was about; ``at`` in ms UTC."""

    at: int
    user: str
    name: str
    organisation: str | None
    key: str | None
    did: str
    about: str
    ids: tuple[str, ...]
    realm: str
    address: str
    request: str
    id: int = 0


class Audit:
    """The audit of a database. :meth:`start` begins writing, :meth:`stop` writes the rest."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._writing = engine, for_writing(engine)
        self._waiting: deque[Row] = deque()
        self._stopping = threading.Event()
        self._flushing = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write what is noted."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write the rest and end."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()

    @property
    def full(self) -> bool:
        """Whether no more rows can be taken, so that nothing may be answered."""
        return len(self._waiting) >= MOST_WAITING

    def note(self, row: Row) -> None:
        """Take a row; it is written within about half a second."""
        self._waiting.append(row)

    def flush(self) -> None:
        """Write what waits; what cannot be written goes on waiting."""
        with self._flushing:
            while self._waiting:
                rows = [self._waiting[k] for k in range(min(_AT_ONCE, len(self._waiting)))]
                try:
                    with self._writing.begin() as c:
                        c.execute(audit.insert(), [_values(row) for row in rows])
                except sa.exc.SQLAlchemyError as error:
                    _LOG.warning("the audit cannot be written, %d rows wait: %s", len(self._waiting), error)
                    return
                for _ in rows:
                    self._waiting.popleft()

    def page(
        self,
        before: int | None,
        limit: int,
        *,
        user: str | None = None,
        about: str | None = None,
        id: str | None = None,
    ) -> list[Row]:
        """Rows from the latest back, beginning before a row's id."""
        self.flush()
        asked = audit.select().order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            asked = asked.where(audit.c.id < before)
        if user is not None:
            asked = asked.where(audit.c.user == user)
        if about is not None:
            asked = asked.where(audit.c.about == about)
        if id is not None:
            asked = asked.where(audit.c.ids.contains(msgspec.json.encode(id).decode(), autoescape=True))
        with self._engine.connect() as c:
            return [_row(row) for row in c.execute(asked).mappings()]

    def _run(self) -> None:
        while not self._stopping.wait(_EVERY_S):
            self.flush()


def row_of(
    who: Who, *, at: int, did: str, about: str, ids: tuple[str, ...], realm: str, address: str, request: str
) -> Row:
    """A row about what somebody saw or did."""
    return Row(
        at=at,
        user=who.user,
        name=who.name,
        organisation=who.organisation,
        key=who.key,
        did=did,
        about=about,
        ids=ids,
        realm=realm,
        address=address,
        request=request,
    )


def _values(row: Row) -> dict[str, Any]:
    values = msgspec.structs.asdict(row)
    del values["id"]
    return values | {"ids": msgspec.json.encode(row.ids).decode(), "address": row.address[:64]}


def _row(row: Any) -> Row:
    return Row(**(dict(row) | {"ids": tuple(msgspec.json.decode(row["ids"]))}))
