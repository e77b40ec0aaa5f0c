"""Putting objects into a collection: placed among their versions, numbered under the lock of the collection's row.

``seq`` and the moment of adding are given while nobody else adds to the collection, so their order is the order in
which additions become visible: whoever reads on from the last one it saw misses nothing. Between two moments lie a few
microseconds by chance, so that a gap says nothing about what a reader is not given.
"""

import hashlib
import random
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchkeeper.errors import UsageError
from watchkeeper.exchange.hub.admitting import Admitted, failed, same_json
from watchkeeper.exchange.hub.intake import Checked, Failed
from watchkeeper.exchange.hub.moments import write_us
from watchkeeper.exchange.hub.shelves import Held, Shelf, Shelves
from watchkeeper.exchange.hub.tables import collections, objects, shelves
from watchkeeper.exchange.hub.words import Collection
from watchkeeper.exchange.release import wider
from watchkeeper.model.marking import Marking, both

_O: Final = objects.c
_AT_ONCE: Final = 500
_STEP_US: Final = 31


class Done(msgspec.Struct, frozen=True):
    """What became of an object that is in the collection now: its version, and its ``seq`` where it is new."""

    id: str
    version: str
    seq: int | None = None


class _Known:
    """A version that is there, or is being placed (then with its ``row``)."""

    __slots__ = ("held", "last", "poster", "raw", "row", "seq", "sha256", "spec", "version", "version_us")

    def __init__(
        self,
        seq: int,
        version_us: int,
        version: str,
        spec: str,
        poster: str,
        held: Held,
        sha256: bytes,
        last: bool,
    ) -> None:
        self.seq, self.version_us, self.version, self.spec = seq, version_us, version, spec
        self.poster, self.held, self.sha256, self.last = poster, held, sha256, last
        self.row: dict[str, Any] | None = None


class Adding:
    """One transaction that adds some objects.

    Args:
        connection: of the transaction.
        collection, shelves: of the hub.
        poster: who is said to have posted them.
        may_relay: whether it may bring new versions of what others posted.
        may_widen: whether a new version may be for more than the one before.
        now_us: the time.
    """

    def __init__(
        self,
        connection: Connection,
        collection: Collection,
        shelves_: Shelves,
        poster: str,
        *,
        may_relay: bool,
        may_widen: bool,
        now_us: int,
    ) -> None:
        self._c, self._collection, self._shelves, self._poster = connection, collection, shelves_, poster
        self._may_relay, self._may_widen = may_relay, may_widen
        row = connection.execute(
            sa.select(collections.c.last_seq, collections.c.last_added_us)
            .where(collections.c.number == collection.number)
            .with_for_update()
        ).one_or_none()
        if row is None:
            raise UsageError("The collection was removed.", "Choose another one.")
        self._seq, self._added_us = row.last_seq, max(row.last_added_us, now_us)
        self._known: dict[str, list[_Known]] = {}
        self._new: list[_Known] = []
        self._superseded: list[int] = []
        self._outdated: set[str] = set()

    def add(self, admitted: Sequence[Admitted]) -> list[Done | Failed]:
        """Place the objects and write them; what became of each."""
        self._look_up([one.checked for one in admitted])
        outcome = [self._place(one) for one in admitted]
        self._write()
        return outcome

    # What is there

    def _look_up(self, wanted: Sequence[Checked]) -> None:
        ids = sorted({one.id for one in wanted})
        rows: list[Any] = []
        for start in range(0, len(ids), _AT_ONCE):
            part = _O.id.in_(ids[start : start + _AT_ONCE])
            rows += self._c.execute(self._asked().where(part, sa.literal_column("last = 1"))).all()
        self._take(rows)
        older = sorted(
            {
                (one.id, one.version_us)
                for one in wanted
                if one.version_us is not None
                and any(one.version_us < known.version_us for known in self._known.get(one.id, ()))
            }
        )
        for start in range(0, len(older), _AT_ONCE // 2):
            part = sa.tuple_(_O.id, _O.version_us).in_(older[start : start + _AT_ONCE // 2])
            self._take(self._c.execute(self._asked().where(part, _O.last == 0)).all())

    def _asked(self) -> sa.Select[Any]:
        columns = (_O.id, _O.seq, _O.version_us, _O.version, _O.sha256, _O.last)
        return (
            sa.select(*columns, shelves.c.spec, shelves.c.poster, shelves.c.marking)
            .join(shelves, shelves.c.number == _O.shelf)
            .where(_O.collection == self._collection.number)
        )

    def _take(self, rows: Sequence[Any]) -> None:
        held = self._shelves.held(self._c, (row.marking for row in rows))
        for row in rows:
            known = _Known(
                row.seq, row.version_us, row.version, row.spec, row.poster, held[row.marking], bytes(row.sha256),
                bool(row.last),
            )  # fmt: skip
            self._known.setdefault(row.id, []).append(known)

    # One object

    def _place(self, one: Admitted) -> Done | Failed:
        found = one.checked
        known = self._known.setdefault(found.id, [])
        digest = hashlib.sha256(found.raw).digest()
        for version in known:
            if found.version_us is None or version.version_us == found.version_us:
                if version.sha256 == digest or self._says_the_same(version, found):
                    return Done(found.id, version.version)
                if found.version_us is None and self._may_widen:
                    break  # what has no versions can still be marked anew by the node that made it
                return failed(found, *self._taken(version))
        if known and (against := self._against(one, known)):
            return failed(found, *against)
        return self._placed(one, known, digest)

    def _taken(self, version: _Known) -> tuple[str, str]:
        if version.poster != self._poster and not self._may_relay:
            return "owner", "Another organisation's object has this id."
        return "version", "There is other content under this id and version; it is not replaced."

    def _against(self, one: Admitted, known: Sequence[_Known]) -> tuple[str, str] | None:
        latest = max(
            (version for version in known if version.last), key=lambda v: v.version_us, default=known[0]
        )
        if latest.poster != self._poster and not self._may_relay:
            return "owner", "Another organisation's object has this id."
        if not self._may_widen and self._is_wider(one, latest):
            return "wider", "It is marked for more than the version before."
        return None

    def _is_wider(self, one: Admitted, latest: _Known) -> bool:
        unmarked = self._collection.terms.unmarked
        new, old = one.held.meant(unmarked), latest.held.meant(unmarked)
        if wider(new.marking, old.marking):
            return True
        parts = {part.selector: part for part in new.parts}
        for part in old.parts:
            now = parts.get(part.selector)
            if now is None and not stands_at(one.checked.object, part.selector):
                continue  # it was left out
            if now is not None and now.how != part.how == "remove":
                return True
            meant = new.marking if now is None else _together(new.marking, now.marking)
            if wider(meant, _together(old.marking, part.marking)):
                return True
        return False

    def _says_the_same(self, version: _Known, found: Checked) -> bool:
        """Whether the content is equal, however it is written."""
        raw = None if version.row is None else version.row["bytes"]
        if raw is None:
            asked = sa.select(_O.bytes).where(_O.collection == self._collection.number, _O.seq == version.seq)
            raw = self._c.execute(asked).scalar_one()
        return same_json(bytes(raw), found.raw)

    def _placed(self, one: Admitted, known: list[_Known], digest: bytes) -> Done:
        found = one.checked
        self._seq += 1
        self._added_us += random.randint(1, _STEP_US)  # noqa: S311 - nothing secret hangs on it
        version_us = self._added_us if found.version_us is None else found.version_us
        version = found.version or write_us(self._added_us)
        alike = [other for other in known if other.spec == found.spec]
        is_last = all(version_us > other.version_us for other in alike if other.last)
        if is_last:
            for other in alike:
                self._supersede(other)
        if found.spec == "2.1" and not alike and known:
            self._outdate(found.id, known)
        is_current = found.spec == "2.1" or all(other.spec == "2.0" for other in known)
        new = _Known(self._seq, version_us, version, found.spec, self._poster, one.held, digest, is_last)
        new.row = {
            "collection": self._collection.number, "seq": self._seq, "last": int(is_last),
            "current": int(is_current), "id": found.id, "version_us": version_us, "version": version,
            "added_us": self._added_us, "sha256": digest, "bytes": found.raw, "type": found.type,
        }  # fmt: skip
        known.append(new)
        self._new.append(new)
        return Done(found.id, version, self._seq)

    def _supersede(self, other: _Known) -> None:
        if not other.last:
            return
        other.last = False
        if other.row is None:
            self._superseded.append(other.seq)
        else:
            other.row["last"] = 0

    def _outdate(self, id_: str, known: Sequence[_Known]) -> None:
        self._outdated.add(id_)
        for other in known:
            if other.row is not None:
                other.row["current"] = 0

    # Writing

    def _write(self) -> None:
        if not self._new:
            return
        number = self._collection.number
        wanted: dict[Shelf, Held] = {}
        local: dict[Held, int] = {}
        rows: list[dict[str, Any]] = []
        for new in self._new:
            assert new.row is not None
            shelf = Shelf(local.setdefault(new.held, len(local)), self._poster, new.row.pop("type"), new.spec)
            wanted[shelf] = new.held
            rows.append(new.row | {"shelf": shelf})
        numbers = self._shelves.interned(self._c, number, wanted)
        for row in rows:
            row["shelf"] = numbers[row["shelf"]]
        if self._superseded:
            done = objects.update().where(_O.collection == number, _O.seq == sa.bindparam("s"))
            self._c.execute(done.values(last=0), [{"s": seq} for seq in self._superseded])
        for id_ in sorted(self._outdated):
            self._c.execute(objects.update().where(_O.collection == number, _O.id == id_).values(current=0))
        self._c.execute(objects.insert(), rows)
        self._c.execute(
            collections.update()
            .where(collections.c.number == number)
            .values(last_seq=self._seq, last_added_us=self._added_us)
        )


def stands_at(found: Any, selector: str) -> bool:
    """Whether an object has something where a selector of granular markings points."""
    for step in selector.split("."):
        if isinstance(found, list) and step.startswith("["):
            index = int(step[1:-1])
            if index >= len(found):
                return False
            found = found[index]
        elif isinstance(found, dict) and step in found:
            found = found[step]
        else:
            return False
    return True


def _together(whole: Marking, part: Marking) -> Marking:
    return both(whole, msgspec.structs.replace(part, realm=whole.realm))
