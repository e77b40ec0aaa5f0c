"""Taking in a page from a peer: its objects, where they came from and how far the walk is, in one transaction.

Whatever ends the process, the page is here whole or not at all, and the next run goes on from there.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from watchkeeper.exchange.hub.adding import Adding, Done
from watchkeeper.exchange.hub.admitting import Admission, Admitted, same_json
from watchkeeper.exchange.hub.intake import Checked, Failed
from watchkeeper.exchange.hub.shelves import Held, Shelves
from watchkeeper.exchange.hub.tables import objects, shelves
from watchkeeper.exchange.hub.words import Account, Collection
from watchkeeper.exchange.partners import partner_in
from watchkeeper.exchange.release import wider
from watchkeeper.exchange.stix.ids import organisation_id
from watchkeeper.exchange.sync.judging import Coming, Fate, Here, fate, is_bare, lacks
from watchkeeper.exchange.sync.narrowing import narrowed
from watchkeeper.exchange.sync.provenance import Came, Outcome, identities_here, keep, origin_of
from watchkeeper.store.decisions.engines import reading, writing
from watchkeeper.store.decisions.faults import steadily

_O: Final = objects.c
_AT_ONCE: Final = 400

_SAYS: Final[dict[Fate, tuple[Outcome, str]]] = {
    "there": ("there", ""),
    "fuller": ("fuller", "What is here under this id and version holds more."),
    "conflict": ("conflict", "There is other content under this id and version; what came first is kept."),
    "loop": ("loop", "It has been at this node before."),
    "ours": ("refused", "originator: It is made in the name of this node, which did not make it."),
    "first-hand": (
        "refused",
        "first-hand: It is here from its originator, who alone brings new versions of it.",
    ),
}

PathOf = Callable[[str], tuple[str, ...]]
"""The nodes that an object has passed, by its id."""

Also = Callable[[Connection, Sequence[Came]], None]
"""What is written in the same transaction, given what became of each object."""


class Intake:
    """Takes in what one peer gives.

    Args:
        engine: of the store's database, with the tables of the hub and of this room.
        collection: where it goes.
        source: the organisation that gives it.
        us: the organisation of this node.
        node: the name of this node.
    """

    def __init__(self, engine: Engine, collection: Collection, source: str, us: str, node: str) -> None:
        self._engine, self.collection, self.us, self.node = engine, collection, us, node
        self._account = Account(user=f"sync:{source}", organisation=source)
        self.source, self._shelves = source, Shelves()

    def take(self, raws: Sequence[bytes], path_of: PathOf, now: int, also: Also) -> list[Came]:
        """Take in a page; what became of each object that could be read, in order.

        Args:
            raws: the objects, as they came.
            path_of: the nodes that each has passed, the peer at the end.
            now: the time [ms UTC].
            also: what is written with it.
        """
        with reading(self._engine) as connection:
            partner = partner_in(connection, self.source)
            identities = {**identities_here(connection), organisation_id(self.us): self.us}
            admission = Admission(self.collection, self._account, partner, identities)
            admission.learn(connection, raws)
            looked_at = list(admission.admitted(connection, raws))
        page = _Page(self, looked_at, raws, path_of, identities, admission.may_relay, now)

        def once() -> list[Came]:
            with writing(self._engine) as connection:
                came = page.placed(connection)
                keep(connection, came)
                also(connection, came)
                return came

        return steadily(once, lambda: None)

    def adding(self, connection: Connection, now: int, *, may_relay: bool, may_widen: bool) -> Adding:
        """Who adds to the collection in the peer's name."""
        return Adding(
            connection, self.collection, self._shelves, self.source, may_relay=may_relay, may_widen=may_widen,
            now_us=now * 1000,
        )  # fmt: skip

    def held(self, connection: Connection, marking: int) -> Held:
        """A marking by its number."""
        return self._shelves.held(connection, [marking])[marking]


class _Page:
    """A page on its way in. It keeps nothing between attempts."""

    def __init__(
        self,
        intake: Intake,
        looked_at: Sequence[Admitted | Failed],
        raws: Sequence[bytes],
        path_of: PathOf,
        identities: Mapping[str, str],
        may_relay: bool,
        now: int,
    ) -> None:
        self._in, self._looked_at, self._raws, self._path_of = intake, looked_at, raws, path_of
        self._identities, self._may_relay, self._now = identities, may_relay, now

    def placed(self, connection: Connection) -> list[Came]:
        """Place what may be; what became of each."""
        outcomes: dict[int, tuple[Outcome, str]] = {}
        ways: dict[tuple[bool, bool], list[tuple[int, Admitted]]] = {}
        here = self._here(connection)
        for number, one in enumerate(self._looked_at):
            if isinstance(one, Failed):
                outcomes[number] = ("refused", f"{one.rule}: {one.message}")
                continue
            rows = here.get(one.checked.id, ())
            decided, seq = self._fate(connection, one, rows)
            if decided == "replace" and not self._may_replace(connection, one, rows, seq):
                decided = "conflict"
            if decided in _SAYS:
                outcomes[number] = _SAYS[decided]
            elif decided == "replace":
                outcomes[number] = self._replaced(connection, one, seq)
            else:
                way = self._way(one, decided)
                ways.setdefault(way, []).append(
                    (number, one if way[1] else self._narrowed(connection, one, rows))
                )
        for way, numbered in sorted(ways.items()):
            numbers, some = zip(*numbered, strict=True)
            placed = self._add(connection, some, way)
            outcomes |= {number: _outcome(done) for number, done in zip(numbers, placed, strict=True)}
        return [self._came(number, *outcomes[number]) for number in range(len(self._looked_at))]

    def _way(self, one: Admitted, decided: Fate) -> tuple[bool, bool]:
        """Whether it may be a version of what another posted, and may be for more than the one before."""
        first_hand = self._at_first_hand(one)
        return self._may_relay or first_hand, decided == "widen" or first_hand

    def _narrowed(self, connection: Connection, one: Admitted, rows: Sequence[Any]) -> Admitted:
        """How a version is held that is not from its originator: for no more than the latest before it."""
        if not rows:
            return one
        unmarked = self._in.collection.terms.unmarked
        before = self._in.held(connection, rows[0].marking).meant(unmarked)
        held = narrowed(one.held.meant(unmarked), before, one.checked.object)
        return msgspec.structs.replace(one, held=held)

    def _add(
        self, connection: Connection, some: Sequence[Admitted], way: tuple[bool, bool]
    ) -> list[Done | Failed]:
        adding = self._in.adding(connection, self._now, may_relay=way[0], may_widen=way[1])
        return adding.add([_passed_on(one) for one in some])

    def _may_replace(
        self, connection: Connection, one: Admitted, rows: Sequence[Any], seq: int | None
    ) -> bool:
        """Whether it may take the place of what is here: from its originator, or by who may relay and for no more."""
        if self._at_first_hand(one):
            return True
        row = next(row for row in rows if row.seq == seq)
        if not (self._may_relay or row.poster == self._in.source):
            return False
        unmarked = self._in.collection.terms.unmarked
        before = self._in.held(connection, row.marking).meant(unmarked)
        return not wider(one.held.meant(unmarked).marking, before.marking)

    def _replaced(self, connection: Connection, one: Admitted, seq: int | None) -> tuple[Outcome, str]:
        """Put it in the place of a version; where that fails, that stays."""
        place = connection.begin_nested()
        here = (_O.collection == self._in.collection.number) & (_O.seq == seq)
        connection.execute(objects.delete().where(here))
        (done,) = self._add(connection, [one], self._way(one, "replace"))
        outcome = _outcome(done)
        if outcome[0] == "new":
            place.commit()
            return "replaced", ""
        place.rollback()
        return outcome

    def _fate(self, connection: Connection, one: Admitted, rows: Sequence[Any]) -> tuple[Fate, int | None]:
        found = one.checked
        coming = Coming(
            source=self._in.source,
            made_by=origin_of(found.object, self._identities),
            looped=self._in.node in self._path_of(found.id),
            lacks=lacks(found.object),
            bare=is_bare(found.object),
        )
        here = [self._seen(found, row) for row in rows]
        return fate(coming, here, self._in.us)

    def _at_first_hand(self, one: Admitted) -> bool:
        return origin_of(one.checked.object, self._identities) == self._in.source

    def _seen(self, found: Checked, row: Any) -> Here:
        """A version that is here, as it stands beside one that comes."""
        raw = bytes(row.bytes)
        object = msgspec.json.decode(raw)
        matches = found.version_us is None or row.version_us == found.version_us
        return Here(
            seq=row.seq,
            poster=row.poster,
            made_by=origin_of(object, self._identities),
            matches=matches,
            same=matches and (raw == found.raw or same_json(raw, found.raw)),
            lacks=lacks(object),
            versioned=found.version_us is not None,
        )

    def _here(self, connection: Connection) -> dict[str, list[Any]]:
        """Versions of the objects of the page that are here, the latest first."""
        ids = sorted({one.checked.id for one in self._looked_at if isinstance(one, Admitted)})
        found: dict[str, list[Any]] = {}
        asked = (
            sa.select(_O.id, _O.seq, _O.version_us, _O.bytes, shelves.c.poster, shelves.c.marking)
            .join(shelves, shelves.c.number == _O.shelf)
            .where(_O.collection == self._in.collection.number)
            .order_by(_O.version_us.desc())
        )
        for start in range(0, len(ids), _AT_ONCE):
            for row in connection.execute(asked.where(_O.id.in_(ids[start : start + _AT_ONCE]))):
                found.setdefault(row.id, []).append(row)
        return found

    def _came(self, number: int, outcome: Outcome, says: str) -> Came:
        one = self._looked_at[number]
        id, version = (
            (one.checked.id, one.checked.version) if isinstance(one, Admitted) else (one.id, one.version)
        )
        made_by = origin_of(one.checked.object, self._identities) if isinstance(one, Admitted) else ""
        return Came(
            collection=self._in.collection.number,
            id=id,
            version=version or "",
            source=self._in.source,
            origin=made_by,
            received_at=self._now,
            sha256=hashlib.sha256(self._raws[number]).digest(),
            path=self._path_of(id),
            outcome=outcome,
            says=says,
        )


def _passed_on(one: Admitted) -> Admitted:
    """How it is held here: what only its originator passes on, this node, which fetched it, does not."""
    marking, parts = one.held.marking, one.held.parts
    if not (marking.originator_control or any(part.marking.originator_control for part in parts)):
        return one
    nobody = {"originator": None}
    parts = tuple(
        msgspec.structs.replace(part, marking=msgspec.structs.replace(part.marking, **nobody))
        for part in parts
    )
    return msgspec.structs.replace(one, held=Held(msgspec.structs.replace(marking, **nobody), parts))


def _outcome(done: Done | Failed) -> tuple[Outcome, str]:
    if isinstance(done, Failed):
        return "refused", f"{done.rule}: {done.message}"
    return ("there" if done.seq is None else "new"), ""
