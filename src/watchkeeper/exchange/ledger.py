"""The ledger: who holds which version of an object, what an organisation was released, given and refused, and why.

It is read from what is written down anyway: the decisions of shares, the pulls, the retractions, and what the hub
carries.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal

import msgspec

from watchkeeper.exchange.hub.carried import Carriage, Carried
from watchkeeper.exchange.hub.hub import DELETED, Hub
from watchkeeper.exchange.hub.pulls import PULLED, Pull
from watchkeeper.exchange.hub.words import Collection
from watchkeeper.exchange.partners import Partner
from watchkeeper.exchange.release import Decision, Item, Reason, decide
from watchkeeper.exchange.releasing import DECIDED
from watchkeeper.exchange.retraction import RETRACTED
from watchkeeper.model.event import Decisions, Event

Happened = Literal["goes", "redacted", "withheld", "pulled", "refused", "retracted"]
"""``goes``, ``redacted``, ``withheld``: decided by a share. ``pulled``: given. ``refused``: asked for and not given."""

_PAGE: Final = 1000
_KINDS: Final = (DECIDED, RETRACTED, PULLED)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A version that an organisation was given, of which collection, and when first [ms UTC]."""

    version: str
    collection: str
    at: int
    deleted: bool = False


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that was given an object: which versions; and when it was given the retraction, if it was.

    ``outstanding``: it was taken back, and this organisation was not told by the hub yet.
    """

    organisation: str
    versions: tuple[Held, ...]
    told_at: int | None = None
    outstanding: bool = False


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened between an organisation and an object, with the rule and its words. ``at`` in ms UTC.

    ``objects`` of a pull are those that are still there, at most some hundreds; ``count`` is how many it gave.
    """

    at: int
    organisation: str
    happened: Happened
    objects: tuple[str, ...] = ()
    count: int = 1
    rule: str = ""
    says: str = ""
    collection: str = ""
    what: str = ""
    event: int | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an object stands in a collection towards an organisation, now."""

    collection: str
    title: str
    version: str
    reads: bool
    decision: Decision


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """Why an organisation has an object, or has not: how it stands now, what was decided, and what it was given."""

    object: str
    organisation: str
    now: tuple[Standing, ...]
    decided: tuple[Entry, ...]
    given: tuple[Held, ...]


class Ledger:
    """Questions about what was released.

    Args:
        hub: with the collections.
        carriage: of the same database.
        decisions: its log.
    """

    def __init__(self, hub: Hub, carriage: Carriage, decisions: Decisions) -> None:
        self._hub, self._carriage, self._decisions = hub, carriage, decisions

    @property
    def carriage(self) -> Carriage:
        """What the collections carry."""
        return self._carriage

    def holders(self, id: str) -> list[Holder]:
        """Everybody that was given a version of an object by this hub, in order of name."""
        versions = self._carriage.versions(id)
        gone = {one.collection for one in versions if one.last and one.revoked}
        held: dict[str, list[Held]] = {}
        told: dict[str, int] = {}
        for one in versions:
            for name, at in self._hub.pulls.holders(one.collection, one.seq).items():
                if one.revoked:
                    told[name] = min(at, told.get(name, at))
                else:
                    held.setdefault(name, []).append(
                        Held(version=one.version, collection=one.collection, at=at)
                    )
        for collection, seqs in self._deleted(id):
            for seq in seqs:
                for name, at in self._hub.pulls.holders(collection, seq).items():
                    version = Held(version="", collection=collection, at=at, deleted=True)
                    held.setdefault(name, []).append(version)
        return [
            Holder(
                organisation=name,
                versions=tuple(sorted(held[name], key=lambda v: v.at)),
                told_at=told.get(name),
                outstanding=name not in told and any(v.collection in gone for v in held[name]),
            )
            for name in sorted(held)
        ]

    def why(self, id: str, organisation: str, at: int) -> Why:
        """Why an organisation has an object, or has not.

        Args:
            at: the time for which the gate is asked [ms UTC].
        """
        partner = self._hub.partners.one(organisation)
        now = tuple(self._standing(one, partner, at) for one in self._carriage.versions(id) if one.last)
        decided = tuple(entry for entry in self._decided(organisation) if id in entry.objects)
        given = next((h.versions for h in self.holders(id) if h.organisation == organisation), ())
        return Why(object=id, organisation=organisation, now=now, decided=decided, given=given)

    def page(
        self, organisation: str | None = None, *, after: int = 0, limit: int = _PAGE
    ) -> tuple[list[Entry], int | None]:
        """What happened with an organisation, or with all, the earliest first; and where the next page begins, if any.

        Args:
            after: what the page before gave.
            limit: events that are looked at; each may give several entries, or none.
        """
        events = self._decisions.read(after, kinds=_KINDS, limit=limit)
        more = len(events) == limit
        return list(self._entries(events, organisation)), events[-1].seq if more else None

    def entries(self, organisation: str | None = None) -> Iterator[Entry]:
        """All that happened with an organisation, or with all, the earliest first."""
        after: int | None = 0
        while after is not None:
            found, after = self.page(organisation, after=after)
            yield from found

    def _entries(self, events: Iterable[Event], organisation: str | None) -> Iterator[Entry]:
        for event in events:
            yield from (e for e in self._of(event) if organisation in (None, e.organisation))

    def _of(self, event: Event) -> Iterator[Entry]:
        if event.kind == DECIDED:
            yield from _of_share(event)
        elif event.kind == RETRACTED:
            for name in event.body["told"]:
                yield Entry(
                    at=event.at,
                    organisation=name,
                    happened="retracted",
                    objects=(event.subject,),
                    says=event.body["reason"],
                    event=event.seq,
                )
        else:
            yield from self._of_pull(event)

    def _of_pull(self, event: Event) -> Iterator[Entry]:
        found = self._hub.pulls.pulls_of(
            organisation=event.body["organisation"], after=event.body["pull"] - 1, limit=1
        )
        for pull in found:
            names = self._carriage.names(pull.collection, pull.seqs[:_PAGE])
            yield Entry(
                at=event.at,
                organisation=pull.organisation,
                happened="pulled",
                objects=tuple(id for id, _ in names.values()),
                count=len(pull.seqs),
                collection=pull.collection,
                event=event.seq,
            )
            yield from _refused(event, pull)

    def _decided(self, organisation: str) -> Iterator[Entry]:
        """Every decision of a share about an organisation."""
        after = 0
        while page := self._decisions.read(after, kinds=(DECIDED,), limit=_PAGE):
            for event in page:
                if event.body["organisation"] == organisation:
                    yield from _of_share(event)
            after = page[-1].seq

    def _deleted(self, id: str) -> Iterator[tuple[str, Iterable[int]]]:
        """Versions that were deleted: collection and ``seq``."""
        after = 0
        while page := self._decisions.read(after, kinds=(DELETED,), limit=_PAGE):
            yield from ((e.subject, e.body["seqs"]) for e in page if e.body["object"] == id)
            after = page[-1].seq

    def _standing(self, one: Carried, partner: Partner, at: int) -> Standing:
        collection = self._hub.collections.by_id(one.collection)
        reads = partner.organisation in collection.terms.readers
        return Standing(
            collection=collection.id,
            title=collection.terms.title,
            version=one.version,
            reads=reads,
            decision=_decision(one, collection, partner, reads, at),
        )


def _decision(one: Carried, collection: Collection, partner: Partner, reads: bool, at: int) -> Decision:
    """What the hub would decide if the organisation asked."""
    name = partner.organisation
    if not reads:
        says = f"{name} is not among the readers of {collection.terms.title}."
        return Decision("deny", (Reason("collection", says),))
    if one.poster == name and (partner.agreement.revoked_at is None or at < partner.agreement.revoked_at):
        return Decision("allow", (Reason("poster", f"{name} posted it."),))
    held = one.held.meant(collection.terms.unmarked)
    item = Item(id=one.id, marking=held.marking, parts=held.parts)
    return decide(item, partner.recipient, collection.terms.purpose, at, named=True, by=one.poster)


def _of_share(event: Event) -> Iterator[Entry]:
    body: dict[str, Any] = event.body
    for line in body["objects"]:
        yield Entry(
            at=event.at,
            organisation=body["organisation"],
            happened=line["outcome"],
            objects=(line["object"],),
            rule=line["rule"],
            says=line["says"],
            collection=body["collection"],
            what=event.subject,
            event=event.seq,
        )


def _refused(event: Event, pull: Pull) -> Iterator[Entry]:
    for rule, count in sorted(pull.withheld.items()):
        yield Entry(
            at=event.at,
            organisation=pull.organisation,
            happened="refused",
            count=count,
            rule=rule,
            collection=pull.collection,
            event=event.seq,
        )
