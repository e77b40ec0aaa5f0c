"""Pages of a collection, as one reader is given them: what the gate withholds is not there, nor told of."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchkeeper.exchange.hub.finding import after_moment, find
from watchkeeper.exchange.hub.hiding import hidden_from, mentioned_in
from watchkeeper.exchange.hub.shelves import View
from watchkeeper.exchange.hub.tables import objects
from watchkeeper.exchange.hub.words import MEDIA_OF, Collection, Filter, Page, Row
from watchkeeper.exchange.redaction import redacted

MOST_PAGE_BYTES: Final = 16 << 20
"""A page ends before it has more, but for a single object that is larger."""

_WALKS: Final = 20
"""So often a page is looked for; whoever is given nothing of all that gets an empty page, and where to go on."""

_AT_ONCE: Final = 500
_O: Final = objects.c


def page(
    connection: Connection,
    collection: Collection,
    view: View,
    asked: Filter,
    after: int,
    most: int,
    *,
    with_bytes: bool = True,
) -> Page:
    """The objects that fit and are given, with ``seq`` above ``after``, ``most`` of them or fewer.

    Args:
        view: what the reader is given.
        with_bytes: whether their bytes are wanted.
    """
    if asked.added_after is not None:
        after = max(after, after_moment(connection, collection.number, asked.added_after))
    fitting = [number for number, shelf in view.shelves.items() if _fits(shelf.type, shelf.spec, asked)]
    chosen = {number for number in fitting if number in view.given}
    withheld: dict[str, int] = {}
    page_ = Page(rows=(), more=True, end=after)
    for _ in range(_WALKS):
        found = find(
            connection, collection.number, asked, chosen, len(chosen) == len(view.shelves), page_.end, most
        )
        for shelf, count in found.passed.items():
            rule = view.denied.get(shelf)
            if rule is not None and shelf in fitting:
                withheld[rule] = withheld.get(rule, 0) + count
        if not found.seqs:
            page_ = Page(rows=(), end=page_.end)
            break
        page_ = _rows(connection, collection.number, view, found.seqs, with_bytes, withheld)
        page_ = msgspec.structs.replace(page_, more=page_.more or found.more)
        # A page of nothing but what cannot stand alone says nothing; the next may.
        if page_.rows or not page_.more:
            break
    return msgspec.structs.replace(page_, withheld=withheld)


def is_there(connection: Connection, collection: Collection, view: View, id: str) -> bool:
    """Whether any version of an object is given."""
    asked = Filter(ids=(id,), specs=tuple(MEDIA_OF), versions=("all",))
    return bool(page(connection, collection, view, asked, 0, 1, with_bytes=False).rows)


def _fits(type_: str, spec: str, asked: Filter) -> bool:
    return (asked.types is None or type_ in asked.types) and (asked.specs is None or spec in asked.specs)


def _rows(
    connection: Connection,
    collection: int,
    view: View,
    seqs: Sequence[int],
    with_bytes: bool,
    withheld: dict[str, int],
) -> Page:
    """The objects of a walk as they are given; ``more`` where some were left for the next page: these fill it."""
    rows, shelves, more = _described(connection, collection, view, seqs, with_bytes)
    restricted = bool(view.denied) or any(view.given[shelf] for shelf in shelves)
    end = rows[-1].seq  # the next page begins after it, whether it is given or not
    if not with_bytes and not restricted:
        return Page(rows=tuple(rows), more=more, end=end)
    stored = _stored(connection, collection, [row.seq for row in rows])
    if not restricted:
        return Page(rows=tuple(rows), bytes=tuple(stored), more=more, end=end)
    hidden = hidden_from(connection, collection, view, stored) if view.denied else frozenset()
    kept_rows: list[Row] = []
    kept_bytes: list[bytes] = []
    for row, shelf, raw in zip(rows, shelves, stored, strict=True):
        given = _given(raw, view, shelf, hidden)
        if given is None:
            withheld["reference"] = withheld.get("reference", 0) + 1
            continue
        kept_rows.append(row)
        kept_bytes.append(given)
    return Page(rows=tuple(kept_rows), bytes=tuple(kept_bytes), more=more, end=end, withheld=withheld)


def _described(
    connection: Connection, collection: int, view: View, seqs: Sequence[int], with_bytes: bool
) -> tuple[list[Row], list[int], bool]:
    bounded = with_bytes or bool(view.denied)  # what is withheld is found by looking into all
    rows: list[Row] = []
    shelves: list[int] = []
    size = 0
    for found in _of_seqs(connection, _DESCRIBED, collection, seqs):
        seq, id_, version, added_us, shelf, length = found
        size += length
        if bounded and rows and size > MOST_PAGE_BYTES:
            return rows, shelves, True
        rows.append(Row(seq=seq, id=id_, version=version, added_us=added_us, spec=view.shelves[shelf].spec))
        shelves.append(shelf)
    return rows, shelves, False


def _stored(connection: Connection, collection: int, seqs: Sequence[int]) -> list[bytes]:
    return [bytes(raw) for _, raw in _of_seqs(connection, _STORED, collection, seqs)]


def _of_seqs(connection: Connection, asked: "_BySeqs", collection: int, seqs: Sequence[int]) -> Iterable[Any]:
    for start in range(0, len(seqs), _AT_ONCE):
        some = seqs[start : start + _AT_ONCE]
        if some[-1] - some[0] + 1 == len(some):
            given: dict[str, Any] = {"collection": collection, "first": some[0], "last": some[-1]}
            yield from connection.execute(asked.between, given).all()
        else:
            yield from connection.execute(asked.among, {"collection": collection, "seqs": some}).all()


class _BySeqs:
    """A question about objects by ``seq``: a stretch without gaps, or some."""

    def __init__(self, *columns: sa.ColumnElement[Any]) -> None:
        whole = sa.select(*columns).where(_O.collection == sa.bindparam("collection")).order_by(_O.seq)
        first, last = (sa.bindparam(name, type_=sa.BigInteger) for name in ("first", "last"))
        self.between = whole.where(_O.seq.between(first, last))
        self.among = whole.where(_O.seq.in_(sa.bindparam("seqs", expanding=True)))


_DESCRIBED: Final = _BySeqs(_O.seq, _O.id, _O.version, _O.added_us, _O.shelf, sa.func.length(_O.bytes))
_STORED: Final = _BySeqs(_O.seq, _O.bytes)


def _given(raw: bytes, view: View, shelf: int, hidden: frozenset[str]) -> bytes | None:
    """An object as the reader is given it: as it is stored, unless parts or references are withheld."""
    if view.shelves[shelf].poster == view.party:
        return raw
    parts = view.given[shelf]
    mentions = mentioned_in(raw) & hidden if hidden else set()
    if not parts and not mentions:
        return raw
    left = redacted(json.loads(raw), parts, mentions)  # whole numbers of any size stay whole
    return None if left is None else json.dumps(left, ensure_ascii=False, separators=(",", ":")).encode()
