"""The roots and collections of a hub: made, changed, found by those who may."""

import re
import uuid
from functools import lru_cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from watchkeeper.errors import UsageError
from watchkeeper.exchange.hub.tables import collections, objects, roots, shelves
from watchkeeper.exchange.hub.words import Account, Collection, Root, Terms
from watchkeeper.store.decisions.engines import reading, writing

DEFAULT_ROOT: Final = "hub"
_ALIAS: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)


class Collections:
    """The collections of a database whose tables are there."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def set_root(self, root: Root) -> None:
        """Make a root, or change it."""
        values = msgspec.to_builtins(root)
        with writing(self._engine) as c:
            if c.execute(roots.update().where(roots.c.name == root.name).values(values)).rowcount == 0:
                c.execute(roots.insert().values(values))

    def roots(self) -> list[Root]:
        """All roots by name."""
        with reading(self._engine) as c:
            return [Root(**row) for row in c.execute(roots.select().order_by(roots.c.name)).mappings()]

    def add(
        self, terms: Terms, *, root: str = DEFAULT_ROOT, id: str | None = None, alias: str | None = None
    ) -> Collection:
        """A new collection; the root ``hub`` is made with the first one.

        Raises:
            UsageError: the id is no UUID of version 4, id or alias are taken, or there is no such root.
        """
        row = {
            "id": _uuid4(id), "root": root, "alias": _alias(alias), "said": _said(terms), "last_seq": 0,
            "last_added_us": 0,
        }  # fmt: skip
        try:
            with writing(self._engine) as c:
                self._ensure_root(c, root)
                _check_free(c, row)
                number = c.execute(collections.insert().values(row)).inserted_primary_key
        except sa.exc.IntegrityError as error:
            raise UsageError("There is such a collection already.", "Choose another id or alias.") from error
        assert number is not None
        return _collection({**row, "number": number[0]})

    def _ensure_root(self, c: Connection, root: str) -> None:
        if c.execute(sa.select(roots.c.name).where(roots.c.name == root)).first() is not None:
            return
        if root != DEFAULT_ROOT:
            raise UsageError(f"There is no API root {root[:70]}.", "Make it first.")
        c.execute(roots.insert().values(msgspec.to_builtins(Root(name=root))))

    def change(self, id: str, terms: Terms, alias: str | None = None) -> Collection:
        """New terms of a collection; what is in it stays.

        Raises:
            UsageError: there is no such collection, the alias is taken, or the realm is another one.
        """
        before = self.by_id(id)
        if terms.realm != before.terms.realm:
            raise UsageError(f"{id} is of the realm {before.terms.realm}.", "Make another collection.")
        row = {"id": id, "root": before.root, "alias": _alias(alias), "said": _said(terms)}
        with writing(self._engine) as c:
            _check_free(c, row)
            c.execute(collections.update().where(collections.c.id == id).values(row))
        return msgspec.structs.replace(before, terms=terms, alias=alias)

    def remove(self, id: str) -> None:
        """Remove an empty collection.

        Raises:
            UsageError: there is no such collection, or something is in it.
        """
        number = self.by_id(id).number
        with writing(self._engine) as c:
            c.execute(sa.select(collections.c.number).where(collections.c.number == number).with_for_update())
            if c.execute(sa.select(objects.c.seq).where(objects.c.collection == number).limit(1)).first():
                raise UsageError(
                    f"There are objects in {id}.", "Delete them first, or leave it to no readers."
                )
            c.execute(shelves.delete().where(shelves.c.collection == number))
            c.execute(collections.delete().where(collections.c.number == number))

    def all(self, root: str | None = None) -> list[Collection]:
        """Collections in the order in which they were made."""
        asked = collections.select().order_by(collections.c.number)
        if root is not None:
            asked = asked.where(collections.c.root == root)
        with reading(self._engine) as c:
            return [_collection(row) for row in c.execute(asked).mappings()]

    def of(self, root: str, account: Account) -> list[Collection]:
        """Those of a root that somebody may read or write."""
        return [one for one in self.all(root) if may_read(one, account) or may_write(one, account)]

    def find(self, root: str, name: str, account: Account) -> Collection | None:
        """By id or alias; None also where somebody may neither read nor write it, so that it cannot be guessed."""
        c = collections.c
        asked = collections.select().where(c.root == root, sa.or_(c.id == name.lower(), c.alias == name))
        if "\0" in name:
            return None
        with reading(self._engine) as connection:
            row = connection.execute(asked).mappings().first()
        found = None if row is None else _collection(row)
        return found if found and (may_read(found, account) or may_write(found, account)) else None

    def by_id(self, id: str) -> Collection:
        """By id.

        Raises:
            UsageError: there is none.
        """
        with reading(self._engine) as c:
            row = c.execute(collections.select().where(collections.c.id == id)).mappings().first()
        if row is None:
            raise UsageError(
                f"There is no collection {id[:60]}.", "See: watchkeeper exchange collection list"
            )
        return _collection(row)

    def named(self, name: str) -> Collection:
        """By id, or by an alias that only one has.

        Raises:
            UsageError: there is none, or several.
        """
        found = [one for one in self.all() if name in (one.id, one.alias)]
        if len(found) != 1:
            raise UsageError(
                f"{name[:60]} names {'no' if not found else 'more than one'} collection.",
                "Give its id; see: watchkeeper exchange collection list",
            )
        return found[0]


def may_read(collection: Collection, account: Account) -> bool:
    """Whether somebody may read it."""
    return account.may_read and account.is_among(collection.terms.readers)


def may_write(collection: Collection, account: Account) -> bool:
    """Whether somebody may write to it."""
    return account.may_write and account.is_among(collection.terms.writers)


def _check_free(c: Connection, row: dict[str, Any]) -> None:
    """Refuse an id that is taken, and an alias that is taken in the root."""
    k = collections.c
    others = sa.select(k.id).where(k.root == row["root"], k.alias == row["alias"], k.id != row["id"])
    if row["alias"] is not None and c.execute(others).first():
        raise UsageError(f"The alias {row['alias']} is taken in {row['root']}.", "Choose another one.")
    if "last_seq" in row and c.execute(sa.select(k.id).where(k.id == row["id"])).first():
        raise UsageError(f"There is a collection {row['id']} already.", "Leave --id out, or change that one.")


def _uuid4(id: str | None) -> str:
    if id is None:
        return str(uuid.uuid4())
    try:
        given = uuid.UUID(id)
    except ValueError as error:
        raise UsageError(f"{id[:60]} is no UUID.", "Leave the id out: one is made.") from error
    if given.version != 4 or str(given) != id.lower():
        raise UsageError(f"{id[:60]} is no UUID of version 4.", "Leave the id out: one is made.")
    return str(given)


def _alias(alias: str | None) -> str | None:
    if alias is None or _ALIAS.fullmatch(alias):
        return alias
    raise UsageError(f"{alias[:60]} is no alias.", "Use small letters, figures and hyphens.")


def _said(terms: Terms) -> str:
    return msgspec.json.encode(terms).decode()


@lru_cache(1000)
def _terms(said: str) -> Terms:
    return msgspec.json.decode(said, type=Terms)


def _collection(row: Any) -> Collection:
    return Collection(
        number=row["number"], id=row["id"], root=row["root"], alias=row["alias"], terms=_terms(row["said"])
    )
