"""Running an exchange: with each peer in each direction, one failing without the others, and what came of it."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec
from sqlalchemy.engine import Engine

from watchkeeper.errors import ConfigError, WatchkeeperError
from watchkeeper.exchange.hub.hub import Hub
from watchkeeper.exchange.hub.words import Collection
from watchkeeper.exchange.sync.accounts import node_of
from watchkeeper.exchange.sync.links import Counts, Link, Links
from watchkeeper.exchange.sync.peers import Direction, Peer
from watchkeeper.exchange.sync.provenance import not_taken
from watchkeeper.exchange.sync.pulling import Pull
from watchkeeper.exchange.sync.pushing import Push
from watchkeeper.exchange.sync.remote import Failure, Remote
from watchkeeper.exchange.sync.tables import bring_up
from watchkeeper.exchange.sync.taking_in import take_in
from watchkeeper.exchange.sync.way import Way
from watchkeeper.model.event import Decisions, Draft
from watchkeeper.model.time import to_iso
from watchkeeper.model.units import UNITS, parse_quantity

SYNCED: Final = "exchange.synced"
"""One event for a run with a peer in a direction, whose subject is the peer."""

_NAMED: Final = 100
_US: Final = 1_000_000


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a peer and a direction.

    ``known``: objects that are new to the store. ``complete``: everything that was expected came. ``error``: empty
    where it went well. ``not_taken``: what was refused or stands against something, some of it by name.
    """

    peer: str
    direction: Direction
    counts: Counts
    known: int = 0
    complete: bool = False
    error: str = ""
    not_taken: tuple[Failure, ...] = ()


class Sync:
    """The exchange of one node.

    Args:
        engine: of the store's database.
        hub, decisions: of the same.
        us: the organisation of this node.
        clock: the time [ms UTC].
        sleep: how one waits [s].
    """

    def __init__(
        self,
        engine: Engine,
        hub: Hub,
        decisions: Decisions,
        us: str,
        clock: Callable[[], int],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        bring_up(engine)
        self._engine, self._hub, self._decisions, self._us = engine, hub, decisions, us
        self._clock, self._sleep = clock, sleep
        self.links, self.node = Links(engine), node_of(engine)

    def run(self, peers: Sequence[Peer], *, again: bool = False) -> Iterator[Ran]:
        """Exchange with each of some peers.

        Args:
            again: everything from the beginning.
        """
        for peer in peers:
            for direction in peer.directions:
                yield self._ran(peer, direction, again=again)

    def _ran(self, peer: Peer, direction: Direction, *, again: bool) -> Ran:
        before = self.links.one(peer.name, direction)
        known, error = 0, ""
        failures: tuple[Failure, ...] = ()
        try:
            collection = self._checked(peer)
            with self._way(peer) as way:
                remote = Remote(way, peer, self._sleep)
                if direction == "pull":
                    overlap_us = round(parse_quantity(peer.overlap, UNITS["s"]) * _US)
                    Pull(self._engine, remote, peer, collection, self._us, self._clock, overlap_us).run(
                        again=again
                    )
                else:
                    push = Push(self._hub, self._engine, remote, peer, collection, self._clock)
                    try:
                        push.run(again=again)
                    finally:
                        failures = tuple(push.failures)
                        self._hub.pulls.flush()
            if direction == "pull" and peer.take_in:
                known = take_in(self._engine, self._decisions, collection, peer, self._clock())
        except WatchkeeperError as stopped:
            error = str(stopped)
        link = self.links.one(peer.name, direction)
        if error != link.error:
            self.links.set(peer.name, direction, msgspec.structs.replace(link, error=error))
        if direction == "pull":
            failures = self._refused(peer, link)
        complete = not error and not link.under_way and not link.run.missing
        ran = Ran(
            peer=peer.name, direction=direction, counts=link.run, known=known, complete=complete, error=error,
            not_taken=failures,
        )  # fmt: skip
        if link.run.received or link.run.missing or failures or error != before.error:
            self._say(peer, ran)
        return ran

    def _checked(self, peer: Peer) -> Collection:
        """Our collection, once it is clear that there may be an exchange."""
        if peer.organisation == self._us:
            raise ConfigError(
                f"{peer.name} is said to be of {self._us} itself.", "Name the other organisation."
            )
        if peer.organisation not in self._hub.partners.organisations():
            raise ConfigError(
                f"{peer.name}: there is no organisation {peer.organisation}.",
                "Add it with: watchkeeper exchange org add",
            )
        revoked = self._hub.partners.one(peer.organisation).agreement.revoked_at
        if revoked is not None and self._clock() >= revoked:
            raise ConfigError(
                f"{peer.organisation} is no partner any more since {to_iso(revoked)}.",
                "Nothing is exchanged; remove the peer.",
            )
        return self._hub.collections.named(peer.ours)

    def _way(self, peer: Peer) -> Way:
        secret = None
        if peer.secret_env is not None:
            secret = os.environ.get(peer.secret_env)
            if not secret:
                raise ConfigError(
                    f"{peer.name}: {peer.secret_env} is not set.",
                    "Set it to the password or key that the peer gave.",
                )
        return Way(peer.url, peer.user, secret, insecure=peer.insecure, ca=peer.ca, sleep=self._sleep)

    def _refused(self, peer: Peer, link: Link) -> tuple[Failure, ...]:
        """What of this run was not taken, as far as it is named."""
        if not (link.run.refused or link.run.conflicts):
            return ()
        since = link.run_at or 0
        found = not_taken(self._engine, peer.organisation, _NAMED)
        return tuple(Failure(one.id, one.says) for one in found if one.received_at >= since)

    def _say(self, peer: Peer, ran: Ran) -> None:
        """Write down what came of it."""
        collection = next((c for c in self._hub.collections.all() if peer.ours in (c.id, c.alias)), None)
        body = msgspec.to_builtins(ran) | {
            "organisation": peer.organisation,
            "collection": None if collection is None else collection.id,
        }
        realm = {} if collection is None else {"realm": collection.terms.realm}
        draft = Draft(kind=SYNCED, subject=peer.name, at=self._clock(), actor="sync", body=body, **realm)
        self._decisions.append([draft])
