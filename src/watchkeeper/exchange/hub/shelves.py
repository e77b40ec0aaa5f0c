"""The shelves of collections, and which of them somebody is given: the release gate, asked once for each marking."""

import hashlib
import threading
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchkeeper.errors import LimitError
from watchkeeper.exchange.hub.tables import markings, shelves
from watchkeeper.exchange.hub.words import Account, Collection
from watchkeeper.exchange.partners import partner_in
from watchkeeper.exchange.release import Decision, Item, decide
from watchkeeper.model.marking import Marking, Part, Recipient, Tlp

MOST: Final = 50_000
"""Shelves of one collection: who posts a type or a marking of its own with every object is stopped here."""

_VIEWS_KEPT: Final = 500
_NEW: Final = shelves.select().where(
    shelves.c.collection == sa.bindparam("of"), shelves.c.number > sa.bindparam("above")
)


class Held(msgspec.Struct, frozen=True):
    """How an object is held: the marking of the whole, and of parts."""

    marking: Marking
    parts: tuple[Part, ...] = ()

    def meant(self, unmarked: Tlp) -> "Held":
        """With the level that a collection gives to what has none."""
        if self.marking.tlp is not None:
            return self
        return Held(msgspec.structs.replace(self.marking, tlp=unmarked), self.parts)


class Shelf(msgspec.Struct, frozen=True):
    """Everything that decides whether an object is in an answer, but for its id and its time."""

    marking: int
    poster: str
    type: str
    spec: str


class View(msgspec.Struct, frozen=True):
    """The shelves of a collection as somebody sees them.

    ``given``: the parts to withhold of what stands there; ``denied``: the rule that stands against it. It holds from
    ``since`` and before ``until`` [ms UTC].
    """

    party: str
    shelves: Mapping[int, Shelf]
    given: Mapping[int, tuple[Part, ...]]
    denied: Mapping[int, str]
    since: float
    until: float


class Shelves:
    """Shelves and markings of a hub. What was read once is kept: neither changes. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[int, dict[int, Shelf]] = {}
        self._held: dict[int, Held] = {}
        self._views: dict[tuple[object, ...], View] = {}

    def of(self, connection: Connection, collection: int) -> dict[int, Shelf]:
        """The shelves of a collection by number. Only for transactions that made none."""
        with self._lock:
            known = self._of.get(collection, {})
        last = max(known, default=0)
        rows = connection.execute(_NEW, {"of": collection, "above": last})
        new = {row.number: Shelf(row.marking, row.poster, row.type, row.spec) for row in rows}
        if not new:
            return known
        grown = known | new
        with self._lock:
            if len(self._of.get(collection, {})) < len(grown):
                self._of[collection] = grown
        return grown

    def held(self, connection: Connection, numbers: Iterable[int]) -> dict[int, Held]:
        """Markings by number."""
        wanted = set(numbers)
        missing = sorted(wanted - self._held.keys())
        for start in range(0, len(missing), 500):
            asked = markings.select().where(markings.c.number.in_(missing[start : start + 500]))
            for row in connection.execute(asked):
                self._held[row.number] = msgspec.json.decode(row.form, type=Held)
        return {number: self._held[number] for number in wanted}

    def view(self, connection: Connection, collection: Collection, account: Account, at: int) -> View:
        """What somebody sees of a collection at a time [ms UTC]."""
        terms = collection.terms
        recipient = partner_in(connection, account.party).recipient
        named = account.is_among(terms.readers)
        there = self.of(connection, collection.number)
        key = (collection.number, recipient, account.party, named, terms.purpose, terms.unmarked, len(there))
        kept = self._views.get(key)
        if kept is not None and kept.since <= at < kept.until:
            return kept
        held = self.held(connection, {shelf.marking for shelf in there.values()})
        view = _decided(there, held, recipient, account.party, collection, named, at)
        with self._lock:
            if len(self._views) >= _VIEWS_KEPT:
                self._views.clear()
            self._views[key] = view
        return view

    def interned(
        self, connection: Connection, collection: int, wanted: Mapping[Shelf, Held]
    ) -> dict[Shelf, int]:
        """Numbers of shelves, made where they are not there; the row of the collection is held.

        Args:
            wanted: shelves whose ``marking`` is a number of the caller's, with the marking it stands for.

        Raises:
            LimitError: the collection has too many.
        """
        numbers = _markings(connection, wanted.values())
        asked = shelves.select().where(
            shelves.c.collection == collection, shelves.c.marking.in_(sorted(set(numbers.values())))
        )
        there = {
            Shelf(row.marking, row.poster, row.type, row.spec): row.number
            for row in connection.execute(asked)
        }
        found: dict[Shelf, int] = {}
        for shelf, held in wanted.items():
            own = Shelf(numbers[held], shelf.poster, shelf.type, shelf.spec)
            if own not in there:
                there[own] = _made(connection, collection, own)
            found[shelf] = there[own]
        return found


def _made(connection: Connection, collection: int, shelf: Shelf) -> int:
    asked = sa.select(sa.func.count()).select_from(shelves).where(shelves.c.collection == collection)
    if connection.execute(asked).scalar_one() >= MOST:
        raise LimitError(
            f"The collection has {MOST} kinds of objects (by marking, poster and type).",
            "Use types and markings that others use too.",
        )
    row = {"collection": collection, **msgspec.structs.asdict(shelf)}
    key = connection.execute(shelves.insert().values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _markings(connection: Connection, wanted: Iterable[Held]) -> dict[Held, int]:
    """Numbers of markings, made where they are not there. In one order, so that two who do so wait in line."""
    forms = {held: msgspec.json.encode(held).decode() for held in wanted}
    hashes = {held: hashlib.sha256(form.encode()).hexdigest() for held, form in forms.items()}
    asked = sa.select(markings.c.hash, markings.c.number).where(markings.c.hash.in_(sorted(hashes.values())))
    there: dict[str, int] = {row.hash: row.number for row in connection.execute(asked)}
    missing = sorted((hash, forms[held]) for held, hash in hashes.items() if hash not in there)
    if missing:
        rows = [{"hash": hash, "form": form} for hash, form in missing]
        if connection.dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import insert

            # Another collection's writer may be making the same one.
            connection.execute(insert(markings).on_conflict_do_nothing(), rows)
        else:
            connection.execute(markings.insert(), rows)
        there = {row.hash: row.number for row in connection.execute(asked)}
    return {held: there[hash] for held, hash in hashes.items()}


def _decided(
    there: Mapping[int, Shelf],
    held: Mapping[int, Held],
    recipient: Recipient,
    party: str,
    collection: Collection,
    named: bool,
    at: int,
) -> View:
    given: dict[int, tuple[Part, ...]] = {}
    denied: dict[int, str] = {}
    made: dict[tuple[int, str], Decision] = {}
    turns: set[float] = set()
    revoked = recipient.revoked_at
    if revoked is not None:
        turns.add(revoked)
    for number, shelf in there.items():
        if shelf.poster == party and (revoked is None or at < revoked):
            given[number] = ()  # who posted it has it
            continue
        key = (shelf.marking, shelf.poster)
        decision = made.get(key)
        if decision is None:
            how = held[shelf.marking].meant(collection.terms.unmarked)
            item = Item(id="", marking=how.marking, parts=how.parts)
            decision = decide(item, recipient, collection.terms.purpose, at, named=named, by=shelf.poster)
            made[key] = decision
            ends = (how.marking.expires, *(part.marking.expires for part in how.parts))
            turns.update(end for end in ends if end is not None)
        if decision.outcome == "deny":
            denied[number] = decision.reasons[0].rule
        else:
            given[number] = decision.withheld
    since = max((turn for turn in turns if turn <= at), default=float("-inf"))
    until = min((turn for turn in turns if turn > at), default=float("inf"))
    return View(party, there, given, denied, since, until)
