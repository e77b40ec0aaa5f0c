"""Pulling: a walk over the collection of a peer, from where the last one ended, a page at a time.

Of a watchkeeper every page is compared with what the peer says that it gives: how many objects, and their checksum. Of
any other server the manifest is read once the walk is done, and what did not come is asked for by its id.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy.engine import Connection, Engine

from watchkeeper.errors import ConfigError, FeedError
from watchkeeper.exchange.hub.moments import read_us, write_us
from watchkeeper.exchange.hub.words import Collection
from watchkeeper.exchange.sync.accounts import Account, checksum_of, node_of
from watchkeeper.exchange.sync.links import Counts, Link, Links, counts_of, write
from watchkeeper.exchange.sync.peers import Peer
from watchkeeper.exchange.sync.provenance import LONGEST, Came, brought
from watchkeeper.exchange.sync.remote import Entry, Found, Place, Remote
from watchkeeper.exchange.sync.storing import Intake
from watchkeeper.exchange.sync.way import AnsweredError
from watchkeeper.store.decisions.engines import reading

_LOOKED: Final = 3
"""How often a page is read where it is not what was expected: things change in between."""

_EMPTY_MOST: Final = 100
"""Pages in a row without an object, of which each says that more follow."""

_ASKED_MOST: Final = 1000
"""Objects that are asked for by id in one run; the others are missing until the next."""


class Pull:
    """Pulls from a peer.

    Args:
        engine: of the store's database, with all tables.
        remote: the peer's collection.
        peer: who it is.
        collection: where objects go.
        us: the organisation of this node.
        clock: the time [ms UTC].
        overlap_us: how much is read again from a server that is no watchkeeper [us].
    """

    def __init__(
        self,
        engine: Engine,
        remote: Remote,
        peer: Peer,
        collection: Collection,
        us: str,
        clock: Callable[[], int],
        overlap_us: int,
    ) -> None:
        self._engine, self._remote, self._peer, self._clock = engine, remote, peer, clock
        self._collection, self._overlap_us = collection, overlap_us
        self._links, self._node = Links(engine), node_of(engine)
        self._intake = Intake(engine, collection, peer.organisation, us, self._node)
        self._said: Account | None = None

    def run(self, *, again: bool = False) -> Link:
        """Pull until nothing more is there.

        Args:
            again: from the beginning, whatever was pulled before.

        Raises:
            FeedError: the peer cannot be reached, or answers what is no TAXII; what came before that is here.
        """
        link = self._begun(self._links.one(self._peer.name, "pull"), again=again)
        empty = 0
        while link.under_way:
            found, link = self._found(link)
            said = self._account(link, found)
            for _ in range(_LOOKED - 1):
                if said is None or _agrees(found, said):
                    break
                found, link = self._found(link)
                said = self._account(link, found)
            empty = 0 if found.raws else empty + 1
            if empty > _EMPTY_MOST:
                raise FeedError(
                    f"{self._peer.name} says that more follows, and gives nothing.", "Ask who runs it."
                )
            link = self._kept(link, found, said)
        return link

    def _begun(self, link: Link, *, again: bool) -> Link:
        """The run that was under way, or a new one."""
        said = self._said = self._remote.account(None, None)
        if said is not None and said.node == self._node:
            raise ConfigError(f"{self._peer.name} is this node itself.", "Correct the peer's url.")
        of = f"{self._peer.url} {self._remote.collection.id} {self._collection.id}"
        rights = "" if said is None else said.rights
        # What was agreed decides over what is older, too: after a change everything is asked for again.
        if again or link.of != of or link.rights != rights:
            link = msgspec.structs.replace(link, after=None, next=None, last=None, under_way=False, of=of)
        if link.under_way:
            return link
        after = link.last
        if after is not None and said is None:
            after = write_us(max(0, read_us(after) - self._overlap_us))
        return msgspec.structs.replace(
            link,
            after=after,
            began=after,
            next=None,
            under_way=True,
            jumped=False,
            run=Counts(),
            run_at=self._clock(),
            rights=rights,
            node="" if said is None else said.node,
        )

    def _found(self, link: Link) -> tuple[Found, Link]:
        try:
            return self._remote.page(Place(link.after, link.next)), link
        except AnsweredError as error:
            if link.next is None or error.status not in (400, 404, 410):
                raise
        # The peer knows its word for the page no more: the walk goes on by time.
        after = link.after if link.last is None else write_us(max(0, read_us(link.last) - self._overlap_us))
        link = msgspec.structs.replace(link, after=after, next=None)
        return self._remote.page(Place(link.after)), link

    def _account(self, link: Link, found: Found) -> Account | None:
        """What the peer says of the page; None where it says nothing."""
        if self._said is None or not found.raws or found.last is None:
            return None
        begin = max((moment for moment in (link.after, link.last) if moment is not None), default=None)
        return self._remote.account(begin, found.last)

    def _kept(self, link: Link, found: Found, said: Account | None) -> Link:
        """Take the page in; how far the walk is then."""
        paths = {} if said is None else {one.id: one.path for one in said.paths}
        through = () if self._said is None else (self._said.node,)
        expected = said.objects if said is not None else len(found.raws)
        last = max((moment for moment in (link.last, found.last) if moment is not None), default=None)
        going_on = found.following
        moved = msgspec.structs.replace(
            link,
            after=link.after if going_on is None else going_on.after,
            next=None if going_on is None else going_on.next,
            last=last,
            jumped=link.jumped or (going_on is not None and going_on.jumped),
        )
        plain = self._said is None
        if going_on is None and not plain:
            moved = self._done(moved)
        if not found.raws:
            self._links.set(self._peer.name, "pull", moved)
        else:
            missing = max(0, expected - len(found.raws))
            counts = Counts(missing=missing)
            moved = self._taken(
                moved, found.raws, lambda id: (*paths.get(id, ()), *through)[-LONGEST:], expected, counts
            )
        return self._checked(moved) if going_on is None and plain else moved

    def _taken(
        self,
        link: Link,
        raws: Sequence[bytes],
        path_of: Callable[[str], tuple[str, ...]],
        expected: int,
        more: Counts,
    ) -> Link:
        """Take objects in, with how far the walk is then."""
        made: list[Link] = []

        def also(connection: Connection, came: Sequence[Came]) -> None:
            counts = counts_of(came, raws, expected).plus(more)
            made.append(
                msgspec.structs.replace(link, run=link.run.plus(counts), total=link.total.plus(counts))
            )
            write(connection, self._peer.name, "pull", made[-1])

        self._intake.take(raws, path_of, self._clock(), also)
        return made[-1]

    def _done(self, link: Link) -> Link:
        return msgspec.structs.replace(
            link, after=link.last, next=None, under_way=False, well_at=self._clock(), error=""
        )

    # A server that is no watchkeeper

    def _checked(self, link: Link) -> Link:
        """Read the manifest of what was walked over, and ask for what did not come."""
        expected = missing = asked = 0
        jumped = False
        place: Place | None = Place(link.began)
        before: set[tuple[str, str]] = set()
        while place is not None:
            entries, place = self._remote.manifest(place)
            jumped = jumped or (place is not None and place.jumped)
            page = {(one.id, one.version) for one in entries if _until(one, link.last)}
            expected += len(page - before)
            for id, version in sorted(self._lacking(page - before)):
                raws = self._remote.version(id, version) if asked < _ASKED_MOST else ()
                asked += 1
                if raws:
                    link = self._taken(link, raws, lambda _: (), 0, Counts())
                else:
                    missing += 1
            before = page
        if jumped:  # the manifest is not whole either
            expected = max(expected, link.run.received)
            missing += link.jumped
        run = msgspec.structs.replace(
            link.run, expected=expected, received=expected - missing, missing=missing
        )
        total = msgspec.structs.replace(link.total, missing=link.total.missing + missing)
        link = self._done(msgspec.structs.replace(link, run=run, total=total))
        self._links.set(self._peer.name, "pull", link)
        return link

    def _lacking(self, wanted: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Of some versions those that never came."""
        wanted = set(wanted)
        with reading(self._engine) as connection:
            ids = sorted({id for id, _ in wanted})
            there = brought(connection, self._collection.number, self._peer.organisation, ids)
        came = {id: {_same(version) for version in versions} for id, versions in there.items()}
        return {(id, version) for id, version in wanted if not {_same(version), ""} & came.get(id, set())}


def _agrees(found: Found, said: Account) -> bool:
    return said.objects == len(found.raws) and said.checksum == checksum_of(found.raws)


def _until(entry: Entry, last: str | None) -> bool:
    """Whether an entry was there while the walk went on."""
    try:
        return last is None or not entry.date_added or read_us(entry.date_added) <= read_us(last)
    except ValueError:
        return True


def _same(version: str) -> str:
    """A version in one way of writing."""
    try:
        return write_us(read_us(version)) if version else ""
    except ValueError:
        return version
