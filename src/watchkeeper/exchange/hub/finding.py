"""Finding objects of a collection: walks along indexes, from a place on, over the shelves that are given.

Where most of what comes is given, the walk goes over everything; where little of it is, it goes shelf by shelf.
Neither depends on how much is in the collection, or on where in it the page begins. Statements are made once for each
sort of question: making them takes longer than a small page.
"""

from collections.abc import Collection as Sized
from functools import lru_cache
from heapq import nsmallest
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchkeeper.exchange.hub.tables import objects
from watchkeeper.exchange.hub.words import Filter

_LOOKED_AT: Final = 2000
"""Entries of the index that are looked at before the walk goes shelf by shelf."""

_AT_ONCE: Final = 500
_LATEST: Final = 2**62
_O: Final = objects.c
_Flags = tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]
_LISTED: Final[_Flags] = (sa.literal_column("last = 1"), sa.literal_column("current = 1"))
"""*Last* and *current*, literally as in the partial indexes, which a value that is bound would not fit."""

_ANYWHERE: Final[_Flags] = (_O.last + 0 == 1, _O.current + 0 == 1)
"""The same for a walk along a shelf, which shall not go along an index of everything instead."""

_SEQ_UNINDEXED: Final = sa.literal_column("+seq", sa.BigInteger)
"""``seq`` where another index than that of ``seq`` is meant."""

_AFTER: Final = sa.bindparam("after", type_=sa.BigInteger)
_MOST: Final = sa.bindparam("most", type_=sa.Integer)
_IN: Final = _O.collection == sa.bindparam("collection")
_ADDED: Final = (
    sa.select(_O.seq)
    .where(_IN, _O.added_us <= sa.bindparam("moment", type_=sa.BigInteger))
    .order_by(_O.added_us.desc())
    .limit(1)
)


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
    walk = _Walk(connection, collection, asked, chosen, after, most)
    if asked.ids is not None:
        return walk.by_ids(asked.ids)
    return walk.over_everything() if all_of_them else walk.in_turn()


def after_moment(connection: Connection, collection: int, added_after: int) -> int:
    """The last object that was added up to a moment [us]."""
    given = {"collection": collection, "moment": min(added_after, _LATEST)}
    return connection.execute(_ADDED, given).scalar() or 0


class _Walk:
    def __init__(
        self,
        connection: Connection,
        collection: int,
        asked: Filter,
        chosen: Sized[int],
        after: int,
        most: int,
    ) -> None:
        self._c, self._asked, self._chosen, self._most = connection, asked, chosen, most
        self._given = {"collection": collection, "after": after}

    def over_everything(self) -> Found:
        seqs = [seq for seq, _ in self._rows("everything", most=self._most + 1)]
        return Found(seqs[: self._most], len(seqs) > self._most, {})

    def by_ids(self, ids: tuple[str, ...]) -> Found:
        seqs: list[int] = []
        passed: dict[int, int] = {}
        for start in range(0, len(ids), _AT_ONCE):
            for seq, shelf in self._rows("ids", ids=ids[start : start + _AT_ONCE]):
                if shelf in self._chosen:
                    seqs.append(seq)
                else:
                    passed[shelf] = passed.get(shelf, 0) + 1
        seqs.sort()
        return Found(seqs[: self._most], len(seqs) > self._most, passed)

    def in_turn(self) -> Found:
        """Look at everything that comes, for a while; where that does not fill the page, shelf by shelf."""
        looked_at = max(_LOOKED_AT, 4 * self._most)
        seqs: list[int] = []
        passed: dict[int, int] = {}
        rows = self._rows("everything", most=looked_at)
        for seq, shelf in rows:
            if shelf not in self._chosen:
                passed[shelf] = passed.get(shelf, 0) + 1
                continue
            if len(seqs) == self._most:
                return Found(seqs, True, passed)
            seqs.append(seq)
        return Found(seqs, False, passed) if len(rows) < looked_at else self._by_shelf(passed)

    def _by_shelf(self, passed: dict[int, int]) -> Found:
        best: list[int] = []
        before = _LATEST
        for shelf in self._chosen:
            rows = self._rows("shelf", on=shelf, before=before, most=self._most + 1)
            best = nsmallest(self._most + 1, [*best, *(seq for seq, _ in rows)])
            if len(best) > self._most:
                before = best[-1]
        return Found(best[: self._most], len(best) > self._most, passed)

    def _rows(self, along: "_Along", **given: Any) -> Any:
        statement = _statement(along, self._asked.versions, self._asked.specs is None)
        return self._c.execute(statement, {**self._given, **given}).all()


_Along = Literal["everything", "ids", "shelf"]


@lru_cache(500)
def _statement(along: _Along, versions: tuple[str | int, ...], current_only: bool) -> sa.Select[Any]:
    """``seq`` and shelf of what fits, after a place."""
    flags = _ANYWHERE if along == "shelf" else _LISTED
    made = sa.select(_O.seq, _O.shelf).where(_IN, *_versions(versions, current_only, *flags))
    if along == "ids":
        return made.where(_O.id.in_(sa.bindparam("ids", expanding=True)), _AFTER < _SEQ_UNINDEXED)
    made = made.where(_O.seq > _AFTER).order_by(_O.seq).limit(_MOST)
    if along == "shelf":
        return made.where(
            _O.shelf == sa.bindparam("on"), _O.seq < sa.bindparam("before", type_=sa.BigInteger)
        )
    return made


def _versions(
    versions: tuple[str | int, ...],
    current_only: bool,
    last: sa.ColumnElement[bool],
    current: sa.ColumnElement[bool],
) -> list[sa.ColumnElement[bool]]:
    conditions = [current] if current_only else []
    if "all" in versions:
        return conditions
    if versions == ("last",):
        return [last, *conditions]
    ways: list[sa.ColumnElement[bool]] = []
    if "last" in versions:
        ways.append(last)
    if "first" in versions:
        other = objects.alias("other")
        earlier = sa.select(sa.literal(1)).where(
            other.c.collection == _O.collection, other.c.id == _O.id, other.c.version_us < _O.version_us,
            other.c.current == _O.current,
        )  # fmt: skip
        ways.append(~earlier.exists())
    moments = [moment for moment in versions if isinstance(moment, int)]
    if moments:
        ways.append(_O.version_us.in_(moments))
    return [sa.or_(*ways), *conditions]
