"""Taking objects out of a collection; the versions that are left close ranks."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchkeeper.exchange.hub.tables import collections, objects, shelves
from watchkeeper.exchange.hub.words import Account, Collection, Filter

_O: Final = objects.c
_AT_ONCE: Final = 500


def delete(
    connection: Connection, collection: Collection, id: str, asked: Filter, account: Account
) -> list[int]:
    """Delete the versions of an object that fit, as far as its own organisation posted them; their ``seq``.

    An operator deletes whatever anybody posted. ``versions`` and ``specs`` of the filter count; nothing asked is all.
    """
    connection.execute(
        sa.select(collections.c.number).where(collections.c.number == collection.number).with_for_update()
    )
    columns = (_O.seq, _O.version_us, _O.last, _O.current, shelves.c.spec, shelves.c.poster)
    rows = connection.execute(
        sa.select(*columns)
        .join(shelves, shelves.c.number == _O.shelf)
        .where(_O.collection == collection.number, _O.id == id)
        .order_by(_O.version_us)
    ).all()
    own = [row for row in rows if account.operator or row.poster == account.party]
    fitting = _fitting(own, asked)
    gone = sorted(row.seq for row in fitting)
    for start in range(0, len(gone), _AT_ONCE):
        part = _O.seq.in_(gone[start : start + _AT_ONCE])
        connection.execute(objects.delete().where(_O.collection == collection.number, part))
    if gone:
        _close_ranks(connection, collection.number, [row for row in rows if row not in fitting])
    return gone


def _fitting(rows: Sequence[Any], asked: Filter) -> list[Any]:
    rows = [row for row in rows if asked.specs is None or row.spec in asked.specs]
    if not rows or "all" in asked.versions:
        return list(rows)
    wanted = set(asked.versions)
    if "first" in wanted:
        wanted.add(rows[0].version_us)
    if "last" in wanted:
        wanted.add(rows[-1].version_us)
    return [row for row in rows if row.version_us in wanted]


def _close_ranks(connection: Connection, collection: int, left: Sequence[Any]) -> None:
    """Mark again which of the versions that are left (in their order) are last and current."""
    newest = {row.spec: row.seq for row in left}
    is_21 = "2.1" in newest
    for row in left:
        last, current = int(newest[row.spec] == row.seq), int(row.spec == "2.1" or not is_21)
        if (last, current) != (row.last, row.current):
            here = objects.update().where(_O.collection == collection, _O.seq == row.seq)
            connection.execute(here.values(last=last, current=current))
