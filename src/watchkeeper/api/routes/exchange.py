"""The exchange hub, for those who run it: collections, recipients, the ledger of what was given, what was decided.

Partners do not come here: they use TAXII below ``/taxii2/``.
"""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from watchkeeper.api.declare import Asked, Call, Items, Nothing, Paged, route
from watchkeeper.api.paging import page_of, read_cursor
from watchkeeper.api.problems import not_found
from watchkeeper.api.routes.shared import Id, Text
from watchkeeper.errors import UsageError
from watchkeeper.exchange.hub.collections import DEFAULT_ROOT
from watchkeeper.exchange.hub.pulls import Pull, ranges
from watchkeeper.exchange.hub.words import Collection, Terms, Word
from watchkeeper.exchange.partners import Agreement, Partner
from watchkeeper.model.event import Event
from watchkeeper.model.time import to_iso

_KINDS: Final = ("exchange.", "share.")


class CollectionOut(Terms, frozen=True, kw_only=True):
    """A collection: its id, root and alias stand in its address; the rest is what was decided about it."""

    id: str
    root: str
    alias: str | None


class NewCollection(Terms, frozen=True, kw_only=True):
    """A collection; without an id a random one is made."""

    root: Word = DEFAULT_ROOT
    id: Annotated[str, Meta(max_length=36)] | None = None
    alias: Word | None = None


class ChangedCollection(Terms, frozen=True, kw_only=True):
    """All that is decided about a collection, as it is to be from now on."""

    alias: Word | None = None


class OneThing(Asked, frozen=True, kw_only=True):
    """A collection by id or alias, or a recipient by name."""

    id: Id


class Agreed(Agreement, frozen=True, kw_only=True):
    """All that is agreed with an organisation, as it is to be from now on."""

    identity: Annotated[str, Meta(max_length=100)] | None = None


class LedgerSought(Paged, frozen=True, kw_only=True):
    """Pulls of an organisation, of a collection (by its id), or those that gave one object (by ``seq``)."""

    organisation: Text | None = None
    collection: Text | None = None
    seq: Annotated[int, Meta(ge=1, le=2**62)] | None = None


class PullOut(msgspec.Struct, frozen=True, kw_only=True):
    """A page of objects that was given: which of the collection (``1-100,105``), and what was withheld, by rule."""

    number: int
    organisation: str
    user: str
    collection: str
    seqs: str
    count: int
    withheld: dict[str, int]
    at: str
    event: int | None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the log about the exchange."""

    seq: int
    at: str
    kind: str
    subject: str
    actor: str
    realm: str
    body: dict[str, Any]
    hash: str


@route(
    "GET", "/api/v1/exchange/collections", params=Paged, answer=Items[CollectionOut], scope="exchange:read",
    role="supervisor",
)  # fmt: skip
def list_exchange_collections(call: Call[Paged, Nothing]) -> Items[CollectionOut]:
    """Collections in the order in which they were made."""
    after = read_cursor(call.params.cursor, int) or 0
    rows = [one for one in call.services.hub.collections.all() if one.number > after]
    return page_of(rows, call.params.limit, lambda one: one.number, _out)


@route(
    "POST", "/api/v1/exchange/collections", body=NewCollection, answer=CollectionOut, status=201,
    scope="exchange:admin", role="admin", about="collection",
)  # fmt: skip
def add_exchange_collection(call: Call[Nothing, NewCollection]) -> CollectionOut:
    """Make a collection. Whoever is not named neither reads nor writes it."""
    b = call.body
    made = call.services.hub.collections.add(_terms(b), root=b.root, id=b.id, alias=b.alias)
    call.seen.append(made.id)
    return _out(made)


@route(
    "GET", "/api/v1/exchange/collections/{id}", params=OneThing, answer=CollectionOut, scope="exchange:read",
    role="supervisor",
)  # fmt: skip
def one_exchange_collection(call: Call[OneThing, Nothing]) -> CollectionOut:
    """One collection."""
    return _out(_named(call))


@route(
    "PUT", "/api/v1/exchange/collections/{id}", params=OneThing, body=ChangedCollection, answer=CollectionOut,
    scope="exchange:admin", role="admin", about="collection",
)  # fmt: skip
def change_exchange_collection(call: Call[OneThing, ChangedCollection]) -> CollectionOut:
    """Decide anew about a collection; what is in it stays."""
    found = _named(call)
    call.seen.append(found.id)
    return _out(call.services.hub.collections.change(found.id, _terms(call.body), call.body.alias))


@route(
    "DELETE", "/api/v1/exchange/collections/{id}", params=OneThing, status=204, scope="exchange:admin", role="admin",
    about="collection",
)  # fmt: skip
def remove_exchange_collection(call: Call[OneThing, Nothing]) -> None:
    """Remove an empty collection."""
    found = _named(call)
    call.seen.append(found.id)
    call.services.hub.collections.remove(found.id)


@route(
    "GET", "/api/v1/exchange/recipients", params=Paged, answer=Items[Partner], scope="exchange:read",
    role="supervisor",
)  # fmt: skip
def list_recipients(call: Call[Paged, Nothing]) -> Items[Partner]:
    """Organisations with which something was agreed, by name."""
    p = call.params
    rows = call.services.hub.partners.page(read_cursor(p.cursor, str) or "", p.limit + 1)
    return page_of(rows, p.limit, lambda one: one.organisation, lambda one: one)


@route(
    "GET", "/api/v1/exchange/recipients/{id}", params=OneThing, answer=Partner, scope="exchange:read",
    role="supervisor",
)  # fmt: skip
def one_recipient(call: Call[OneThing, Nothing]) -> Partner:
    """What was agreed with an organisation, by its name."""
    partners = call.services.hub.partners
    if call.params.id not in partners.organisations():
        raise not_found("organisation", call.params.id)
    return partners.one(call.params.id)


@route(
    "PUT", "/api/v1/exchange/recipients/{id}", params=OneThing, body=Agreed, answer=Partner,
    scope="exchange:admin", role="admin", about="recipient",
)  # fmt: skip
def change_recipient(call: Call[OneThing, Agreed]) -> Partner:
    """Agree anew with an organisation, by its name; it holds for the next page that is read."""
    one_recipient.handler(call)
    call.seen.append(call.params.id)
    said = {name: getattr(call.body, name) for name in Agreement.__struct_fields__}
    made = Partner(organisation=call.params.id, identity=call.body.identity, agreement=Agreement(**said))
    call.services.hub.partners.set(made)
    return made


@route(
    "GET", "/api/v1/exchange/ledger", params=LedgerSought, answer=Items[PullOut], scope="exchange:read",
    role="supervisor", about="ledger",
)  # fmt: skip
def list_exchange_ledger(call: Call[LedgerSought, Nothing]) -> Items[PullOut]:
    """Pages of objects that were given, the earliest first."""
    p = call.params
    pulls = call.services.hub.pulls
    after = read_cursor(p.cursor, int) or 0
    rows = pulls.pulls_of(
        organisation=p.organisation, collection=p.collection, seq=p.seq, after=after, limit=p.limit + 1
    )
    return page_of(rows, p.limit, lambda one: one.number, _pull)


@route(
    "GET", "/api/v1/exchange/audit", params=Paged, answer=Items[Said], scope="exchange:read", role="supervisor",
    about="audit",
)  # fmt: skip
def list_exchange_audit(call: Call[Paged, Nothing]) -> Items[Said]:
    """Events of the log about the exchange (shared, received, pulled, deleted, retracted), the earliest first."""
    after = read_cursor(call.params.cursor, int) or 0
    rows = call.services.decisions.read(after, kinds=_KINDS, limit=call.params.limit + 1)
    return page_of(rows, call.params.limit, lambda event: event.seq, _said)


def _named(call: Call[OneThing, Any]) -> Collection:
    try:
        return call.services.hub.collections.named(call.params.id)
    except UsageError as error:
        raise not_found("collection", call.params.id) from error


def _terms(given: Terms) -> Terms:
    return Terms(**{name: getattr(given, name) for name in Terms.__struct_fields__})


def _out(one: Collection) -> CollectionOut:
    terms = msgspec.structs.asdict(one.terms)
    return CollectionOut(id=one.id, root=one.root, alias=one.alias, **terms)


def _pull(pull: Pull) -> PullOut:
    return PullOut(
        number=pull.number,
        organisation=pull.organisation,
        user=pull.user,
        collection=pull.collection,
        seqs=ranges(pull.seqs),
        count=len(pull.seqs),
        withheld=pull.withheld,
        at=to_iso(pull.at),
        event=pull.event,
    )


def _said(event: Event) -> Said:
    return Said(
        seq=event.seq,
        at=to_iso(event.at),
        kind=event.kind,
        subject=event.subject,
        actor=event.actor,
        realm=event.realm,
        body=event.body,
        hash=event.hash,
    )
