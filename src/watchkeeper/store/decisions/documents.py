"""What projections keep: documents within a transaction, and pages of them."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchkeeper.errors import InputError
from watchkeeper.model.event import Document, Event, Order, Page, Projector, Query
from watchkeeper.store.decisions.rows import (
    GREATEST,
    LEAST,
    document_of,
    document_row,
    fits,
    sought,
    storable,
)
from watchkeeper.store.decisions.tables import documents

MOST: Final = 10_000
"""Documents of a page."""

COUNTED: Final = 10_000
"""How far documents are counted: counting a million takes longer than the page that is asked for."""

_KEPT_AT_ONCE: Final = 5_000
Place = tuple[Order, float | int | str, str]


class Standing:
    """The documents as a transaction sees and changes them. What was changed is written by :meth:`flush`.

    Args:
        connection: of the transaction.
        table: where the documents are: ``documents``, or another of the same columns.
    """

    def __init__(self, connection: Connection, table: sa.Table = documents) -> None:
        self._connection, self._table = connection, table
        self._put = _upsert(table)
        self._one = table.select().where(
            table.c.collection == sa.bindparam("collection"), table.c.id == sa.bindparam("id")
        )
        self._changed: dict[tuple[str, str], dict[str, Any]] = {}

    def get(self, collection: str, id: str) -> Document | None:
        """The document as it is now."""
        if not (storable(collection) and storable(id)):
            return None
        row: Any = self._changed.get((collection, id))
        if row is None:
            asked = {"collection": collection, "id": id}
            row = self._connection.execute(self._one, asked).mappings().first()
        return None if row is None else document_of(row)

    def project(self, event: Event, projectors: Sequence[Projector]) -> None:
        """Let the projectors see an event."""
        for projector in projectors:
            if event.kind in projector.kinds:
                for document in projector.apply(event, self.get):
                    self._changed[document.collection, document.id] = document_row(document, event.seq)
        if len(self._changed) >= _KEPT_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what was changed, in the order of its names."""
        if self._changed:
            rows = [self._changed[name] for name in sorted(self._changed)]
            self._connection.execute(self._put, rows)
            self._changed.clear()


def _upsert(table: sa.Table) -> sa.TextClause:
    names = [c.name for c in table.columns]
    kept = ("collection", "id")
    changed = ", ".join(f"{name} = excluded.{name}" for name in names if name not in kept)
    return sa.text(
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(f':{n}' for n in names)}) "  # noqa: S608
        f"ON CONFLICT (collection, id) DO UPDATE SET {changed}"
    )


def page(connection: Connection, query: Query) -> Page:
    """A page of documents. The same query gives the same page, however often, while nothing is changed.

    Raises:
        InputError: ``after`` was not given by a page in this order, or ``limit`` is out of range.
    """
    if not 0 <= query.limit <= MOST:
        raise InputError(f"A page of {query.limit} cannot be had.", f"Ask for 0 to {MOST:,}.")
    if not _can_be(query):
        return Page(items=(), total=0)
    chosen = _chosen(query, connection.dialect.name)
    asked = documents.select().where(*chosen)
    if query.after is not None:
        asked = asked.where(*_behind(query))
    rows = connection.execute(_ordered(asked, query.order).limit(query.limit + 1)).mappings().all()
    shown = [document_of(row) for row in rows[: query.limit]]
    total = _counted(connection, chosen)
    more = shown and len(rows) > query.limit
    return Page(items=tuple(shown), total=total, next=_cursor(query.order, shown[-1]) if more else None)


def _counted(connection: Connection, chosen: Sequence[sa.ColumnElement[bool]]) -> int | None:
    """How many there are; None where they are more than are counted."""
    some = sa.select(documents.c.seq).where(*chosen).limit(COUNTED + 1).subquery()
    count: int = connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()
    return count if count <= COUNTED else None


def _can_be(query: Query) -> bool:
    """Whether any document could be as asked: what cannot be kept is not there."""
    texts = (query.collection, query.realm, *query.states)
    return all(map(storable, texts)) and storable(sought(query.text)) and fits(query.mmsi or 0)


def _in_range(t: int) -> int:
    return max(LEAST, min(t, GREATEST))


def _chosen(query: Query, dialect: str) -> list[sa.ColumnElement[bool]]:
    c = documents.c
    chosen: list[sa.ColumnElement[bool]] = [c.collection == query.collection, c.realm == query.realm]
    if query.states:
        chosen.append(c.state.in_(query.states))
    if query.mmsi is not None:
        chosen.append(c.mmsi == query.mmsi)
    if query.t_from is not None:
        chosen.append(c.t >= _in_range(query.t_from))
    if query.t_to is not None:
        chosen.append(c.t <= _in_range(query.t_to))
    if query.text:
        chosen.append(_holds(dialect, sought(query.text)))
    return chosen


def _holds(dialect: str, text: str) -> sa.ColumnElement[bool]:
    """Where a text stands in another is asked without patterns: ``LIKE`` differs between databases."""
    place = sa.func.strpos if dialect == "postgresql" else sa.func.instr
    return place(documents.c.sought, text) > 0


def _ordered(asked: "sa.Select[Any]", order: Order) -> "sa.Select[Any]":
    c = documents.c
    match order:
        case "score":
            return asked.order_by(c.score.desc(), c.id)
        case "t":
            return asked.order_by(c.t.desc(), c.id)
        case "id":
            return asked.order_by(c.id)


def _behind(query: Query) -> list[sa.ColumnElement[bool]]:
    """What stands behind the last document of the page before. The first condition is for the index."""
    order, value, id = _place(query)
    c = documents.c
    if order == "id":
        return [c.id > id]
    column: sa.Column[Any] = c.score if order == "score" else c.t
    return [column <= value, sa.or_(column < value, c.id > id)]


def _cursor(order: Order, last: Document) -> str:
    value = last.score if order == "score" else last.t if order == "t" else ""
    return base64.urlsafe_b64encode(msgspec.json.encode((order, value, last.id))).decode().rstrip("=")


def _place(query: Query) -> Place:
    after = query.after or ""
    try:
        text = base64.urlsafe_b64decode(after.encode("ascii") + b"=" * (-len(after) % 4))
        place = msgspec.json.decode(text, type=tuple[Order, float | int | str, str])
    except (UnicodeEncodeError, binascii.Error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _not_a_place(after) from error
    order, value, id = place
    kind = {"score": (float, int), "t": (int,), "id": (str,)}[order]
    good = order == query.order and isinstance(value, kind) and storable(id)
    if not good or (isinstance(value, int) and not fits(value)):
        raise _not_a_place(after)
    return place


def _not_a_place(after: str) -> InputError:
    return InputError(
        f"{after[:40]!r} is no place in this list.",
        "Begin again without it; give the order it was made with.",
    )
