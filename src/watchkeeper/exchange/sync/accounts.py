"""What a node tells of a collection beyond TAXII: how much it gives, a checksum of it, and the nodes it has passed.

It is counted by the function that gives the pages, so that it tells a reader nothing of what it is not given.
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import msgspec
from sqlalchemy.engine import Engine

from watchkeeper.exchange.hub.hub import Hub
from watchkeeper.exchange.hub.moments import read_us, write_us
from watchkeeper.exchange.hub.secret import secret_of
from watchkeeper.exchange.hub.words import Account as Asker
from watchkeeper.exchange.hub.words import Collection, Filter
from watchkeeper.exchange.sync.provenance import Node, Passed, paths_in
from watchkeeper.exchange.sync.tables import bring_up
from watchkeeper.store.decisions.engines import reading

MOST: Final = 5000
"""Objects of one account."""

_AT_ONCE: Final = 500
_MODULUS: Final = 1 << 256


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What one reader is given of what was added in between: how many objects, a checksum, paths that are not empty.

    ``node`` is who tells. ``rights`` changes when what was agreed with the reader does. ``upto`` is how far it was
    counted; ``more`` was added until the moment that was asked for.
    """

    node: Node
    rights: str
    objects: int = 0
    checksum: str = "0"
    paths: tuple[Passed, ...] = ()
    upto: str | None = None
    more: bool = False


def checksum_of(raws: Iterable[bytes], before: str = "0") -> str:
    """A checksum of objects in whatever order, on top of one before: the sum of their SHA-256, modulo 2^256, hex."""
    total = sum(int.from_bytes(hashlib.sha256(raw).digest(), "big") for raw in raws)
    return f"{(int(before, 16) + total) % _MODULUS:x}"


@lru_cache(100)
def node_of(engine: Engine) -> str:
    """The name of this node among others: random, the same as long as its database is."""
    bring_up(engine)
    return hashlib.sha256(b"node\0" + secret_of(engine)).hexdigest()[:32]


def rights_of(hub: Hub, collection: Collection, asker: Asker) -> str:
    """A word for what was agreed with a reader and holds for a collection; another one when that changes."""
    recipient = hub.partners.one(asker.party).recipient
    terms = collection.terms
    said = (recipient, asker.is_among(terms.readers), terms.purpose, terms.unmarked, collection.id)
    return hub.cursors.write(0, b"rights" + msgspec.json.encode(said))


def account(
    hub: Hub,
    engine: Engine,
    collection: Collection,
    asker: Asker,
    after: str | None,
    upto: str | None,
    now: int,
) -> Account:
    """What a reader is given of a collection, of what was added after a moment and up to another.

    Args:
        now: the time [ms UTC].
    """
    node, rights = node_of(engine), rights_of(hub, collection, asker)
    if upto is None:
        return Account(node=node, rights=rights)
    end, asked = read_us(upto), Filter(added_after=None if after is None else read_us(after))
    count, checksum, seq, last, more = 0, "0", 0, None, True
    paths: list[Passed] = []
    while more and count < MOST:
        page = hub.look(collection, asker, asked, now, after=seq, most=_AT_ONCE)
        within = [(row, raw) for row, raw in zip(page.rows, page.bytes, strict=True) if row.added_us <= end]
        seq = page.end
        if within:
            last = write_us(within[-1][0].added_us)
        count, checksum = count + len(within), checksum_of((raw for _, raw in within), checksum)
        with reading(engine) as connection:
            paths += paths_in(connection, collection.number, [row.id for row, _ in within])
        more = page.more and len(within) == len(page.rows)
    return Account(
        node=node, rights=rights, objects=count, checksum=checksum, paths=tuple(paths), upto=last, more=more
    )
