"""Pushing: what a peer would be given of a collection if it asked, in the order in which it was added.

The release gate stands at the same place as for whoever pulls: the page is made by the same function for the same
reader, is written down as given before it leaves, and appears in the ledger. Nothing goes back to where it came from.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from watchkeeper.errors import ConfigError
from watchkeeper.exchange.hub.collections import may_read
from watchkeeper.exchange.hub.hub import Hub
from watchkeeper.exchange.hub.tables import objects, shelves
from watchkeeper.exchange.hub.words import Account, Collection, Filter, Page, Row
from watchkeeper.exchange.sync.accounts import checksum_of, node_of, rights_of
from watchkeeper.exchange.sync.links import Counts, Link, Links
from watchkeeper.exchange.sync.peers import Peer
from watchkeeper.exchange.sync.provenance import LONGEST, Came, Passed, identities_here, origin_of, sources_of
from watchkeeper.exchange.sync.remote import MOST_POSTED, Failure, Remote, Sent
from watchkeeper.exchange.sync.way import AnsweredError
from watchkeeper.store.decisions.engines import reading

_TOO_MUCH: Final = frozenset((400, 413, 422))
_ENVELOPE_BYTES: Final = 100
_KEPT: Final = 100
"""Objects that the peer did not take and are named; all are counted."""

_Pair = tuple[Row, bytes]


class Push:
    """Pushes to a peer.

    Args:
        hub: with the collections.
        engine: of the same database.
        remote: the peer's collection.
        peer: who it is.
        collection: whose objects go.
        clock: the time [ms UTC].

    Raises:
        ConfigError: the peer's organisation is not among the readers of the collection.
    """

    def __init__(
        self,
        hub: Hub,
        engine: Engine,
        remote: Remote,
        peer: Peer,
        collection: Collection,
        clock: Callable[[], int],
    ) -> None:
        self._hub, self._engine, self._remote, self._peer = hub, engine, remote, peer
        self._collection, self._clock = collection, clock
        self._reader = Account(user=f"sync:{peer.name}", organisation=peer.organisation)
        self._links, self._node = Links(engine), node_of(engine)
        self.failures: list[Failure] = []
        if not may_read(collection, self._reader):
            raise ConfigError(
                f"{peer.organisation} is not among the readers of {collection.terms.title}.",
                f'Add it: watchkeeper exchange collection change {collection.alias or collection.id} --read "..."',
            )

    def run(self, *, again: bool = False) -> Link:
        """Push until nothing more is to be given.

        Args:
            again: from the beginning, whatever was pushed before.

        Raises:
            FeedError: the peer cannot be reached, or takes nothing; what went before that is written down.
        """
        said = self._remote.account(None, None)
        if said is not None and said.node == self._node:
            raise ConfigError(f"{self._peer.name} is this node itself.", "Correct the peer's url.")
        link = self._links.one(self._peer.name, "push")
        of = f"{self._peer.url} {self._remote.collection.id} {self._collection.id}"
        rights = rights_of(self._hub, self._collection, self._reader)
        # What was agreed decides over what is older, too: after a change everything is looked at again.
        fresh = again or link.of != of or link.rights != rights
        link = msgspec.structs.replace(
            link, seq=0 if fresh else link.seq, of=of, rights=rights, run=Counts(), run_at=self._clock(),
            node="" if said is None else said.node,
        )  # fmt: skip
        more = True
        while more:
            now = self._clock()
            page = self._hub.look(
                self._collection, self._reader, Filter(), now, after=link.seq, most=MOST_POSTED
            )
            counts = self._given(page, link.node, now)
            more = page.more
            link = msgspec.structs.replace(
                link,
                seq=page.end,
                run=link.run.plus(counts),
                total=link.total.plus(counts),
            )
            if more:
                self._links.set(self._peer.name, "push", link)
        link = msgspec.structs.replace(link, well_at=self._clock(), error="")
        self._links.set(self._peer.name, "push", link)
        return link

    def _given(self, page: Page, node: str, now: int) -> Counts:
        """Send what of a page does not come from the peer; what became of it."""
        pairs = list(zip(page.rows, page.bytes, strict=True))
        sources = self._sources(pairs)
        going = [pair for pair in pairs if not self._is_echo(pair, sources, node)]
        rows, raws = tuple(row for row, _ in going), tuple(raw for _, raw in going)
        self._hub.note(
            self._collection, self._reader, Page(rows=rows, bytes=raws, withheld=page.withheld), now
        )
        failures: list[Failure] = []
        for part in _parts(going, self._remote.most_bytes):
            failures += self._sent([raw for _, raw in part]).failures
        if node and going:
            self._remote.tell([self._passed(row, sources) for row, _ in going])
        self.failures = [*self.failures, *failures][:_KEPT]
        rules = Counter(failure.message.partition(":")[0][:40] for failure in failures)
        return Counts(
            expected=len(going),
            received=len(going) - len(failures),
            echoes=len(pairs) - len(going),
            conflicts=rules.pop("version", 0),
            refused=dict(sorted(rules.items())),
            withheld=page.withheld,
            checksum=checksum_of(raws),
        )

    def _sent(self, raws: Sequence[bytes]) -> Sent:
        """Post some objects; where the peer refuses the request, the half of them, and so on."""
        try:
            return self._remote.post(raws)
        except AnsweredError as error:
            if error.status not in _TOO_MUCH:
                raise
            if len(raws) == 1:
                id = str(msgspec.json.decode(raws[0]).get("id", ""))
                return Sent(0, (Failure(id, f"{error.status}: {error.what}"),))
        middle = len(raws) // 2
        first, second = self._sent(raws[:middle]), self._sent(raws[middle:])
        return Sent(first.taken + second.taken, (*first.failures, *second.failures))

    def _sources(self, pairs: Sequence[_Pair]) -> dict[str, list[Came]]:
        """Where the objects of a page came from, by id; who posted them without more is a source, too."""
        number = self._collection.number
        o = objects.c
        found: dict[str, list[Came]] = {}
        with reading(self._engine) as connection:
            identities = identities_here(connection)
            known = sources_of(connection, number, sorted({row.id for row, _ in pairs}))
            asked = sa.select(o.seq, shelves.c.poster).join(shelves, shelves.c.number == o.shelf)
            chosen = asked.where(o.collection == number, o.seq.in_([row.seq for row, _ in pairs]))
            posters = {seq: poster for seq, poster in connection.execute(chosen)}
        for row, raw in pairs:
            posted = Came(
                collection=number, id=row.id, version=row.version, source=posters.get(row.seq, ""),
                origin=origin_of(msgspec.json.decode(raw), identities), received_at=0, sha256=b"", path=(),
                outcome="new",
            )  # fmt: skip
            came = known.get((row.id, row.version)) or known.get((row.id, "")) or []
            found[row.id] = [posted, *came]
        return found

    def _is_echo(self, pair: _Pair, sources: dict[str, list[Came]], node: str) -> bool:
        whose = self._peer.organisation
        return any(
            whose in (came.source, came.origin) or (node != "" and node in came.path)
            for came in sources[pair[0].id]
        )

    def _passed(self, row: Row, sources: dict[str, list[Came]]) -> Passed:
        """The nodes that an object has passed, this one at the end."""
        came = next((one for one in sources[row.id] if one.path), None)
        version, path = (row.version, ()) if came is None else (came.version, came.path)
        return Passed(row.id, version, (*path, self._node)[-LONGEST:])


def _parts(pairs: Sequence[_Pair], most_bytes: int) -> Iterator[list[_Pair]]:
    """Parts that a request may hold."""
    part: list[_Pair] = []
    size = _ENVELOPE_BYTES
    for pair in pairs:
        length = len(pair[1]) + 1
        if part and size + length > most_bytes:
            yield part
            part, size = [], _ENVELOPE_BYTES
        part.append(pair)
        size += length
    if part:
        yield part
