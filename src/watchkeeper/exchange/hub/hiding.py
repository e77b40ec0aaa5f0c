"""Which of the ids that some objects mention a reader must not learn: of what is here and not given to it.

What says nothing without something that is not given is not given either, and so on; also where it stands on another
page.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchkeeper.exchange.hub.shelves import View
from watchkeeper.exchange.hub.tables import objects
from watchkeeper.exchange.redaction import redacted
from watchkeeper.exchange.required import REFERRING

_AT_ONCE: Final = 500
_O: Final = objects.c
_IDS: Final = re.compile(
    rb"[a-z0-9-]+--[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
)


def mentioned_in(raw: bytes) -> set[str]:
    """All ids in an object, its own among them."""
    return {id.decode() for id in _IDS.findall(raw)}


def hidden_from(
    connection: Connection, collection: int, view: View, stored: Iterable[bytes]
) -> frozenset[str]:
    """Of the ids that some objects mention, those of objects that are here and not given."""
    hidden: set[str] = set()
    may_fall: dict[str, tuple[bytes, int]] = {}
    seen: set[str] = set()
    next_ones = {id for raw in stored for id in mentioned_in(raw)}
    while next_ones:
        seen |= next_ones
        rows = _looked_up(connection, collection, sorted(next_ones))
        hidden |= {id for id, shelf in rows.items() if shelf not in view.given}
        referring = [id for id, shelf in rows.items() if shelf in view.given and _refers(view, shelf)]
        found = _bytes_of(connection, collection, referring)
        may_fall |= {id: (raw, rows[id]) for id, raw in found.items()}
        next_ones = {id for raw in found.values() for id in mentioned_in(raw)} - seen
    _let_fall(view, may_fall, hidden)
    return frozenset(hidden)


def _refers(view: View, shelf: int) -> bool:
    """Whether what stands there says nothing without what it refers to."""
    return view.shelves[shelf].type in REFERRING and view.shelves[shelf].poster != view.party


def _let_fall(view: View, may_fall: dict[str, tuple[bytes, int]], hidden: set[str]) -> None:
    """Add to the hidden ids those of what cannot stand without them, until nothing changes."""
    mentions = {id: mentioned_in(raw) for id, (raw, _) in may_fall.items()}
    grown = True
    while grown:
        grown = False
        for id, (raw, shelf) in list(may_fall.items()):
            if mentions[id].isdisjoint(hidden):
                continue
            if redacted(msgspec.json.decode(raw), view.given[shelf], hidden) is None:
                hidden.add(id)
                del may_fall[id]
                grown = True


def _looked_up(connection: Connection, collection: int, ids: Sequence[str]) -> dict[str, int]:
    """The shelves of the latest versions by id."""
    rows = _of_ids(connection, sa.select(_O.id, _O.shelf), collection, ids)
    return {row.id: row.shelf for row in rows}


def _bytes_of(connection: Connection, collection: int, ids: Sequence[str]) -> dict[str, bytes]:
    rows = _of_ids(connection, sa.select(_O.id, _O.bytes), collection, ids)
    return {row.id: bytes(row.bytes) for row in rows}


def _of_ids(
    connection: Connection, asked: sa.Select[Any], collection: int, ids: Sequence[str]
) -> Iterable[Any]:
    for start in range(0, len(ids), _AT_ONCE):
        part = _O.id.in_(ids[start : start + _AT_ONCE])
        chosen = asked.where(_O.collection == collection, sa.literal_column("last = 1"), part)
        yield from connection.execute(chosen).all()
