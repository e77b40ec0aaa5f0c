"""The hub as its users see it: sharing, the TAXII server, exchange between nodes, commands."""

import uuid
import zlib
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from watchkeeper.exchange.hub.adding import Adding, Done
from watchkeeper.exchange.hub.admitting import Admission, Admitted
from watchkeeper.exchange.hub.collections import Collections
from watchkeeper.exchange.hub.cursor import Cursors
from watchkeeper.exchange.hub.deleting import delete
from watchkeeper.exchange.hub.intake import Failed
from watchkeeper.exchange.hub.pulls import Pull, Pulls
from watchkeeper.exchange.hub.reading import is_there, page
from watchkeeper.exchange.hub.secret import secret_of
from watchkeeper.exchange.hub.shelves import Shelves
from watchkeeper.exchange.hub.tables import bring_up, statuses
from watchkeeper.exchange.hub.words import Account, Collection, Filter, Page
from watchkeeper.exchange.partners import Partners, identities_in, partner_in
from watchkeeper.model.event import Decisions, Draft
from watchkeeper.model.time import DAY
from watchkeeper.store.decisions.engines import reading, writing
from watchkeeper.store.decisions.faults import steadily

RECEIVED: Final = "exchange.received"
DELETED: Final = "exchange.deleted"
_AT_ONCE: Final = 500
"""Objects of one transaction: others may add in between."""

_STATUS_KEPT: Final = DAY


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the objects of one request, in order."""

    outcomes: tuple[Done | Failed, ...]

    @property
    def done(self) -> tuple[Done, ...]:
        """Those that are in the collection now, whether they are new or were there."""
        return tuple(one for one in self.outcomes if isinstance(one, Done))

    @property
    def failed(self) -> tuple[Failed, ...]:
        """Those that were not taken."""
        return tuple(one for one in self.outcomes if isinstance(one, Failed))

    @property
    def seqs(self) -> tuple[int, ...]:
        """Those of objects that are new."""
        return tuple(one.seq for one in self.done if one.seq is not None)


class Hub:
    """Collections and their objects over a store's database, whose tables are brought to this version.

    Args:
        engine: of the database.
        decisions: its log; None to read only.

    Raises:
        StoreError: the tables cannot be brought to this version.
    """

    def __init__(self, engine: Engine, decisions: Decisions | None) -> None:
        bring_up(engine)
        self._engine, self._decisions = engine, decisions
        self._shelves = Shelves()
        self.collections = Collections(engine)
        self.partners = Partners(engine)
        self.cursors = Cursors(secret_of(engine))
        self.pulls = Pulls(engine, decisions, self._realms)

    def add(
        self,
        collection: Collection,
        raws: Sequence[bytes],
        account: Account,
        now: int,
        *,
        widen: bool = False,
    ) -> Receipt:
        """Put objects into a collection; each is taken or fails by itself. Safe to do again.

        Args:
            raws: each object's bytes, which are kept as they are.
            account: who brings them; whether it may is asked by the caller.
            now: the time [ms UTC].
            widen: whether a new version may be for more than the one before; for what this node made.
        """
        with reading(self._engine) as connection:
            partner = partner_in(connection, account.party)
            admission = Admission(collection, account, partner, identities_in(connection))
            admission.learn(connection, raws)
        outcomes: list[Done | Failed] = []
        for start in range(0, len(raws), _AT_ONCE):
            part = raws[start : start + _AT_ONCE]
            with reading(self._engine) as connection:
                looked_at = list(admission.admitted(connection, part))
            once = partial(self._add, collection, looked_at, account, admission, now, widen)
            outcomes += steadily(once, _go_on)
        receipt = Receipt(outcomes=tuple(outcomes))
        self._say_received(collection, receipt, account, now)
        return receipt

    def _add(
        self,
        collection: Collection,
        looked_at: Sequence[Admitted | Failed],
        account: Account,
        admission: Admission,
        now: int,
        widen: bool,
    ) -> list[Done | Failed]:
        with writing(self._engine) as connection:
            adding = Adding(
                connection, collection, self._shelves, account.party, may_relay=admission.may_relay,
                may_widen=widen and account.operator, now_us=now * 1000,
            )  # fmt: skip
            placed = iter(adding.add([one for one in looked_at if isinstance(one, Admitted)]))
        return [one if isinstance(one, Failed) else next(placed) for one in looked_at]

    def _say_received(self, collection: Collection, receipt: Receipt, account: Account, now: int) -> None:
        seqs, rules = receipt.seqs, [one.rule for one in receipt.failed]
        if not seqs and not rules:
            return
        body = {
            "organisation": account.party,
            "first": min(seqs, default=None),
            "last": max(seqs, default=None),
            "new": len(seqs),
            "there": len(receipt.done) - len(seqs),
            "refused": {rule: rules.count(rule) for rule in sorted(set(rules))},
        }
        self._say(RECEIVED, collection, account, now, body)

    def _say(
        self, kind: str, collection: Collection, account: Account, now: int, body: dict[str, Any]
    ) -> None:
        if self._decisions is not None:
            actor, realm = f"user:{account.user}", collection.terms.realm
            draft = Draft(kind=kind, subject=collection.id, at=now, actor=actor, body=body, realm=realm)
            self._decisions.append([draft])

    def page(
        self,
        collection: Collection,
        account: Account,
        asked: Filter,
        now: int,
        *,
        after: int = 0,
        most: int = 1000,
        with_bytes: bool = True,
    ) -> Page:
        """A page of what somebody is given; with bytes, it is written down before it is returned.

        Args:
            after: the ``seq`` of the last object of the page before.
            most: so many at most.
        """
        found = self.look(collection, account, asked, now, after=after, most=most, with_bytes=with_bytes)
        if with_bytes:
            self.note(collection, account, found, now)
        return found

    def look(
        self,
        collection: Collection,
        account: Account,
        asked: Filter,
        now: int,
        *,
        after: int = 0,
        most: int = 1000,
        with_bytes: bool = True,
    ) -> Page:
        """As :meth:`page`, for whoever does not give it to anybody, or not before it was written down by itself."""
        with reading(self._engine) as connection:
            view = self._shelves.view(connection, collection, account, now)
            return page(connection, collection, view, asked, after, most, with_bytes=with_bytes)

    def note(self, collection: Collection, account: Account, given: Page, now: int) -> None:
        """Write down that objects are given to somebody; when this returns, they may be."""
        if given.rows:
            self.pulls.note(
                Pull(
                    organisation=account.party,
                    user=account.user,
                    collection=collection.id,
                    seqs=tuple(row.seq for row in given.rows),
                    at=now,
                    withheld=given.withheld,
                )
            )

    def is_there(self, collection: Collection, account: Account, id: str, now: int) -> bool:
        """Whether somebody is given any version of an object."""
        with reading(self._engine) as connection:
            view = self._shelves.view(connection, collection, account, now)
            return is_there(connection, collection, view, id)

    def delete(self, collection: Collection, account: Account, id: str, asked: Filter, now: int) -> int:
        """Delete versions of an object that its own organisation posted (an operator: anybody); how many."""

        def once() -> list[int]:
            with writing(self._engine) as connection:
                return delete(connection, collection, id, asked, account)

        gone = steadily(once, _go_on)
        if gone:
            body = {"organisation": account.party, "object": id, "seqs": gone[:1000], "count": len(gone)}
            self._say(DELETED, collection, account, now, body)
        return len(gone)

    def keep_status(self, root: str, account: Account, now: int, body: bytes, id: uuid.UUID) -> None:
        """Keep what a request was answered for a day."""

        def once() -> None:
            with writing(self._engine) as connection:
                connection.execute(statuses.delete().where(statuses.c.expires_at <= now))
                row = {
                    "id": str(id), "root": root, "poster": account.party, "body": zlib.compress(body, 1),
                    "expires_at": now + _STATUS_KEPT,
                }  # fmt: skip
                connection.execute(statuses.insert().values(row))

        steadily(once, _go_on)

    def status(self, root: str, account: Account, id: str, now: int) -> bytes | None:
        """A status that was kept, for those of the organisation that posted."""
        asked = sa.select(statuses.c.body).where(
            statuses.c.id == id.lower(), statuses.c.root == root, statuses.c.poster == account.party,
            statuses.c.expires_at > now,
        )  # fmt: skip
        if "\0" in id:
            return None
        with reading(self._engine) as connection:
            body = connection.execute(asked).scalar()
        return None if body is None else zlib.decompress(body)

    def _realms(self) -> dict[str, str]:
        return {one.id: one.terms.realm for one in self.collections.all()}


def _go_on() -> None:
    """After a lost connection the next attempt opens another one."""
