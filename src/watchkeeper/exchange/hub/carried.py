"""Which collections carry an object, in which versions, held how; whoever may see it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from watchkeeper.exchange.hub.shelves import Held
from watchkeeper.exchange.hub.tables import collections, markings, objects, shelves
from watchkeeper.store.decisions.engines import reading

_O: Final = objects.c
_AT_ONCE: Final = 500


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an object in a collection (by its id): who posted it, how it is held, when it was added [us].

    ``last``: no later version is there. ``revoked``: this version takes the object back.
    """

    collection: str
    seq: int
    id: str
    version: str
    added_us: int
    last: bool
    poster: str
    held: Held
    object: Mapping[str, Any]

    @property
    def revoked(self) -> bool:
        """Whether this version takes the object back."""
        return self.object.get("revoked") is True


class Carriage:
    """What the collections of a hub carry, over the store's database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def versions(self, id: str) -> list[Carried]:
        """All versions of an object, by collection and in the order in which they came."""
        asked = _asked().where(_O.id == id).order_by(collections.c.number, _O.seq)
        with reading(self._engine) as connection:
            return [_carried(row) for row in connection.execute(asked).mappings()]

    def latest(self, collection: str, ids: Iterable[str]) -> dict[str, Carried]:
        """The latest versions of some objects in a collection (by its id)."""
        wanted = sorted(set(ids))
        found: dict[str, Carried] = {}
        with reading(self._engine) as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                part = _O.id.in_(wanted[start : start + _AT_ONCE])
                asked = _asked().where(collections.c.id == collection, part, sa.literal_column("last = 1"))
                for row in connection.execute(asked).mappings():
                    found[row["id"]] = _carried(row)
        return found

    def names(self, collection: str, seqs: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Ids and versions of objects of a collection by ``seq``; those that were deleted lack."""
        with reading(self._engine) as connection:
            return _names(connection, collection, sorted(set(seqs)))

    def beginning(self, text: str, most: int = 5) -> list[str]:
        """Ids that begin so, or whose UUID does; some of them where there are many."""
        plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        ways = [_O.id.like(f"{plain}%", escape="\\")]
        if "--" not in text:
            ways.append(_O.id.like(f"%--{plain}%", escape="\\"))
        with reading(self._engine) as connection:
            asked = sa.select(_O.id).where(sa.or_(*ways)).distinct().order_by(_O.id).limit(most)
            return [str(id) for id in connection.execute(asked).scalars()]


def _asked() -> sa.Select[Any]:
    return (
        sa.select(
            collections.c.id.label("collection"),
            *(_O.seq, _O.id, _O.version, _O.added_us, _O.last, _O.bytes),
            shelves.c.poster,
            markings.c.form,
        )
        .join(collections, collections.c.number == _O.collection)
        .join(shelves, shelves.c.number == _O.shelf)
        .join(markings, markings.c.number == shelves.c.marking)
    )


def _carried(row: Any) -> Carried:
    return Carried(
        collection=row["collection"],
        seq=row["seq"],
        id=row["id"],
        version=row["version"],
        added_us=row["added_us"],
        last=bool(row["last"]),
        poster=row["poster"],
        held=msgspec.json.decode(row["form"], type=Held),
        object=msgspec.json.decode(row["bytes"]),
    )


def _names(connection: Connection, collection: str, seqs: list[int]) -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = {}
    asked = (
        sa.select(_O.seq, _O.id, _O.version)
        .join(collections, collections.c.number == _O.collection)
        .where(collections.c.id == collection)
    )
    for start in range(0, len(seqs), _AT_ONCE):
        rows = connection.execute(asked.where(_O.seq.in_(seqs[start : start + _AT_ONCE])))
        found |= {row.seq: (row.id, row.version) for row in rows}
    return found
