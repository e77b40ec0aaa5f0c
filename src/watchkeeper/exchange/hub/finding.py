"""Finding objects of a collection: walks along indexes, from a place on, over the shelves that are given.

Where most of what comes is given, the walk goes over everything; where little of it is, it goes shelf by shelf.
Neither depends on how much is in the collection, or on where in it the page begins.
"""

from collections.abc import Collection as Sized
from heapq import nsmallest
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchkeeper.exchange.hub.tables import objects
from watchkeeper.exchange.hub.words import Filter

_LOOKED_AT: Final = 2000
"""Entries of the index that are looked at before the walk goes shelf by shelf."""

_AT_ONCE: Final = 500
_O: Final = objects.c
_LAST: Final[sa.ColumnElement[bool]] = sa.literal_column("last = 1")
_CURRENT: Final[sa.ColumnElement[bool]] = sa.literal_column("current = 1")
"""Literally as in the partial indexes, which a value that is bound would not fit."""

_SEQ_UNINDEXED: Final = sa.literal_column("+seq", sa.BigInteger)
"""``seq`` where another index than that of ``seq`` is meant."""


class Found:
    """What a walk found: ``seqs`` in order, whether ``more`` follow, how many of each shelf were ``passed`` over."""

    def __init__(self, seqs: list[int], more: bool, passed: dict[int, int]) -> None:
        self.seqs, self.more, self.passed = seqs, more, passed


def find(
    connection: Connection,
    collection: int,
    asked: Filter,
    chosen: Sized[int],
    all_of_them: bool,
    after: int,
    most: int,
) -> Found:
    """Objects that fit, on the shelves that were chosen, with ``seq`` above ``after``.

    Args:
        chosen: numbers of shelves.
        all_of_them: whether these are all shelves of the collection.
        most: so many at most.
    """
    if not chosen:
        return Found([], False, {})
    conditions = [_O.collection == collection, *_versions(asked)]
    if asked.ids is not None:
        return _by_ids(connection, conditions, asked.ids, chosen, after, most)
    if all_of_them:
        walk = sa.select(_O.seq).where(*conditions, _O.seq > after).order_by(_O.seq).limit(most + 1)
        seqs = list(connection.execute(walk).scalars())
        return Found(seqs[:most], len(seqs) > most, {})
    return _in_turn(connection, conditions, chosen, after, most)


def after_moment(connection: Connection, collection: int, added_after: int) -> int:
    """The last object that was added up to a moment [us]."""
    asked = sa.select(_O.seq).where(_O.collection == collection, _O.added_us <= min(added_after, 2**62))
    return connection.execute(asked.order_by(_O.added_us.desc()).limit(1)).scalar() or 0


def _versions(asked: Filter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if asked.specs is None:
        conditions.append(_CURRENT)
    if "all" in asked.versions:
        return conditions
    if asked.versions == ("last",):
        return [_LAST, *conditions]
    ways: list[sa.ColumnElement[bool]] = []
    if "last" in asked.versions:
        ways.append(_LAST)
    if "first" in asked.versions:
        other = objects.alias("other")
        earlier = sa.select(sa.literal(1)).where(
            other.c.collection == _O.collection, other.c.id == _O.id, other.c.version_us < _O.version_us,
            other.c.current == _O.current,
        )  # fmt: skip
        ways.append(~earlier.exists())
    moments = [moment for moment in asked.versions if isinstance(moment, int)]
    if moments:
        ways.append(_O.version_us.in_(moments))
    return [sa.or_(*ways), *conditions]


def _by_ids(
    connection: Connection,
    conditions: list[sa.ColumnElement[bool]],
    ids: tuple[str, ...],
    chosen: Sized[int],
    after: int,
    most: int,
) -> Found:
    seqs: list[int] = []
    passed: dict[int, int] = {}
    for start in range(0, len(ids), _AT_ONCE):
        part = _O.id.in_(ids[start : start + _AT_ONCE])
        walk = sa.select(_O.seq, _O.shelf).where(*conditions, part, after < _SEQ_UNINDEXED)
        for seq, shelf in connection.execute(walk):
            if shelf in chosen:
                seqs.append(seq)
            else:
                passed[shelf] = passed.get(shelf, 0) + 1
    seqs.sort()
    return Found(seqs[:most], len(seqs) > most, passed)


def _in_turn(
    connection: Connection,
    conditions: list[sa.ColumnElement[bool]],
    chosen: Sized[int],
    after: int,
    most: int,
) -> Found:
    """Look at everything that comes, for a while; where that does not fill the page, shelf by shelf."""
    looked_at = max(_LOOKED_AT, 4 * most)
    walk = sa.select(_O.seq, _O.shelf).where(*conditions, _O.seq > after).order_by(_O.seq).limit(looked_at)
    seqs: list[int] = []
    passed: dict[int, int] = {}
    rows = connection.execute(walk).all()
    for seq, shelf in rows:
        if shelf not in chosen:
            passed[shelf] = passed.get(shelf, 0) + 1
            continue
        if len(seqs) == most:
            return Found(seqs, True, passed)
        seqs.append(seq)
    if len(rows) < looked_at:
        return Found(seqs, False, passed)
    return _by_shelf(connection, conditions, chosen, after, most, passed)


def _by_shelf(
    connection: Connection,
    conditions: list[sa.ColumnElement[bool]],
    chosen: Sized[int],
    after: int,
    most: int,
    passed: dict[int, int],
) -> Found:
    best: list[int] = []
    end = 2**62
    walk = (
        sa.select(_O.seq)
        .where(
            *conditions,
            _O.shelf == sa.bindparam("on"),
            _O.seq > after,
            _O.seq < sa.bindparam("before", type_=sa.BigInteger),
        )
        .order_by(_O.seq)
        .limit(most + 1)
    )
    for shelf in chosen:
        best = nsmallest(most + 1, [*best, *connection.execute(walk, {"on": shelf, "before": end}).scalars()])
        if len(best) > most:
            end = best[-1]
    return Found(best[:most], len(best) > most, passed)
