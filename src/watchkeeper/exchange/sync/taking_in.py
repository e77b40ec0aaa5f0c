"""Making known to the store what was pulled: findings, cases and indicators, as an import of a file does."""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from watchkeeper.errors import LimitError
from watchkeeper.exchange.hub.hiding import mentioned_in
from watchkeeper.exchange.hub.tables import objects, shelves
from watchkeeper.exchange.hub.words import Collection
from watchkeeper.exchange.received import OBJECT, Provenance, drafts
from watchkeeper.exchange.stix.reading import read
from watchkeeper.exchange.sync.links import Links
from watchkeeper.exchange.sync.peers import Peer
from watchkeeper.model.event import Decisions
from watchkeeper.store.decisions.engines import reading

_AT_ONCE: Final = 1000
_LOOK_UPS: Final = 400
_DEEP: Final = 3
"""A sighting leans on observed data, and that on ships and places."""

_O: Final = objects.c


def take_in(engine: Engine, decisions: Decisions, collection: Collection, peer: Peer, now: int) -> int:
    """Make known what a peer gave since the last time; how many objects are new to the store. Safe to do again.

    Args:
        now: the time [ms UTC].
    """
    links = Links(engine)
    new = 0
    while True:
        link = links.one(peer.name, "pull")
        rows = _rows(engine, collection, peer.organisation, link.taken_in)
        if not rows:
            return new
        new += _made_known(engine, decisions, collection, peer, rows, now)
        links.set(peer.name, "pull", msgspec.structs.replace(link, taken_in=rows[-1][0]))


def _made_known(
    engine: Engine,
    decisions: Decisions,
    collection: Collection,
    peer: Peer,
    rows: Sequence[tuple[int, bytes]],
    now: int,
) -> int:
    raws = [raw for _, raw in rows]
    with reading(engine) as connection:
        around = _around(connection, collection.number, raws)
    try:
        incoming = read(b'{"objects":[' + b",".join([*around, *raws]) + b"]}")
    except LimitError:
        if len(rows) == 1:
            raise
        middle = len(rows) // 2
        halves = (rows[:middle], rows[middle:])
        return sum(_made_known(engine, decisions, collection, peer, half, now) for half in halves)
    name = f"{peer.name} {collection.alias or collection.id} {rows[0][0]}-{rows[-1][0]}"
    source = Provenance(sender=peer.organisation, format="stix", file=name, sha256=_hash(raws))
    before = decisions.head()
    waiting = drafts(incoming, source, at=now, actor=f"sync:{peer.name}")
    new = 0
    while part := list(islice(waiting, _AT_ONCE)):
        events = decisions.append(part)
        new += sum(event.seq > before and event.kind == OBJECT for event in events)
    return new


def _hash(raws: Iterable[bytes]) -> str:
    """The SHA-256 of objects one after the other, hex."""
    made = hashlib.sha256()
    for raw in raws:
        made.update(raw)
    return made.hexdigest()


def _rows(engine: Engine, collection: Collection, source: str, after: int) -> list[tuple[int, bytes]]:
    asked = (
        sa.select(_O.seq, _O.bytes)
        .join(shelves, shelves.c.number == _O.shelf)
        .where(_O.collection == collection.number, _O.seq > after, shelves.c.poster == source)
        .order_by(_O.seq)
        .limit(_AT_ONCE)
    )
    with reading(engine) as connection:
        return [(row.seq, bytes(row.bytes)) for row in connection.execute(asked)]


def _around(connection: Connection, collection: int, raws: Sequence[bytes]) -> list[bytes]:
    """The objects that some lean on, and what these lean on: they may have come long ago."""
    seen = {_id(raw) for raw in raws}
    found: list[bytes] = []
    level = list(raws)
    for _ in range(_DEEP):
        wanted = sorted({id for raw in level for id in mentioned_in(raw)} - seen)
        if not wanted or len(found) > _AT_ONCE:
            break
        seen |= set(wanted)
        level = _latest(connection, collection, wanted)
        found += level
    return found


def _latest(connection: Connection, collection: int, ids: Sequence[str]) -> list[bytes]:
    found: list[bytes] = []
    asked = sa.select(_O.bytes).where(_O.collection == collection, sa.literal_column("last = 1"))
    for start in range(0, len(ids), _LOOK_UPS):
        part: Any = asked.where(_O.id.in_(ids[start : start + _LOOK_UPS]))
        found += [bytes(raw) for raw in connection.execute(part).scalars()]
    return found


def _id(raw: bytes) -> str:
    return str(msgspec.json.decode(raw).get("id", ""))
