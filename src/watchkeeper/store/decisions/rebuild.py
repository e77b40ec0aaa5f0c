"""Documents made again from the events."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchkeeper.model.event import Projector
from watchkeeper.store.decisions.documents import Standing
from watchkeeper.store.decisions.rows import COLUMNS, EventRow
from watchkeeper.store.decisions.tables import documents, events

AT_ONCE: Final = 5_000
"""Events that are in memory at a time."""


def rows_of(
    connection: Connection, after: int = 0, *chosen: sa.ColumnElement[bool], least: bool = False
) -> Iterator[EventRow]:
    """All rows of ``events`` above a ``seq``, in order; with ``least`` also those at and below it."""
    asked = sa.select(*(events.c[name] for name in COLUMNS)).where(*chosen).order_by(events.c.seq)
    if least:
        first = connection.execute(sa.select(sa.func.min(events.c.seq))).scalar()
        after = after if first is None else min(after, first - 1)
    while True:
        found = connection.execute(asked.where(events.c.seq > after).limit(AT_ONCE)).all()
        for row in found:
            yield EventRow(*row)
        if len(found) < AT_ONCE:
            return
        after = found[-1].seq


def project_into(connection: Connection, table: sa.Table, projectors: Sequence[Projector]) -> None:
    """Put the documents of all events into an empty table."""
    standing = Standing(connection, table)
    kinds = frozenset[str]().union(*(projector.kinds for projector in projectors))
    if not kinds:
        return
    for row in rows_of(connection, 0, events.c.kind.in_(sorted(kinds))):
        standing.project(row.event(), projectors)
    standing.flush()


def beside(connection: Connection) -> sa.Table:
    """An empty table like ``documents`` that lives as long as the connection, and that nobody else sees."""
    columns: list[Any] = [sa.Column(c.name, c.type, primary_key=c.primary_key) for c in documents.columns]
    table = sa.Table("documents_rebuilt", sa.MetaData(), *columns, prefixes=["TEMPORARY"])
    connection.execute(sa.schema.DropTable(table, if_exists=True))
    connection.execute(sa.schema.CreateTable(table))
    return table
