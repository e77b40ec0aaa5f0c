"""What nodes tell each other of a collection beyond TAXII: how much a reader is given, and which nodes it passed."""

from typing import Annotated, Any, Final

import msgspec
import sqlalchemy as sa
from msgspec import Meta

from watchkeeper.api.access.tables import organisations
from watchkeeper.api.declare import Asked, Call, Nothing, route
from watchkeeper.api.problems import Refused, not_found
from watchkeeper.api.taxii import account_of
from watchkeeper.exchange.hub.collections import may_read, may_write
from watchkeeper.exchange.hub.moments import read_us
from watchkeeper.exchange.hub.words import Account as Asker
from watchkeeper.exchange.hub.words import Collection
from watchkeeper.exchange.sync.accounts import Account, account, node_of
from watchkeeper.exchange.sync.provenance import Passed, told

MOST: Final = 1000
_Moment = Annotated[
    str,
    Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z$", max_length=30),
]


class Span(Asked, frozen=True, kw_only=True):
    """A collection by its id; what was added after a moment, and up to another (where that is missing: nothing)."""

    id: Annotated[str, Meta(max_length=100)]
    after: _Moment | None = None
    upto: _Moment | None = None


class OneCollection(Asked, frozen=True, kw_only=True):
    """A collection by its id."""

    id: Annotated[str, Meta(max_length=100)]


class Paths(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Objects that the caller posted, and the nodes they passed until they came here."""

    objects: Annotated[tuple[Passed, ...], Meta(max_length=MOST)] = ()


class Kept(msgspec.Struct, frozen=True):
    """How many of them were kept."""

    objects: int


@route("GET", "/exchange/collections/{id}/account", params=Span, answer=Account, scope="exchange:read")
def account_of_collection(call: Call[Span, Nothing]) -> Account:
    """How many objects the caller is given of what was added in between, their checksum, and the nodes they passed.

    The checksum is the sum of the SHA-256 of the objects as they are given, modulo 2^256.
    """
    asker = _asker(call)
    collection = _collection(call, asker)
    if not may_read(collection, asker):
        raise not_found("collection", call.params.id)
    for moment in (call.params.after, call.params.upto):
        _check(moment)
    hub, engine = call.services.hub, call.services.desk.engine
    return account(hub, engine, collection, asker, call.params.after, call.params.upto, call.now)


@route(
    "POST", "/exchange/collections/{id}/paths", params=OneCollection, body=Paths, answer=Kept,
    scope="exchange:write",
)  # fmt: skip
def keep_paths(call: Call[OneCollection, Paths]) -> Kept:
    """Say which nodes objects passed that the caller posted. It is kept where nothing is known of them yet."""
    asker = _asker(call)
    collection = _collection(call, asker)
    if not may_write(collection, asker):
        raise not_found("collection", call.params.id)
    engine = call.services.desk.engine
    return Kept(told(engine, collection, asker, node_of(engine), call.body.objects, call.now))


def _collection(call: Call[Any, Any], asker: Asker) -> Collection:
    for one in call.services.hub.collections.all():
        if one.id == call.params.id and (may_read(one, asker) or may_write(one, asker)):
            return one
    raise not_found("collection", call.params.id)


def _asker(call: Call[Any, Any]) -> Asker:
    def name_of(id: str) -> str:
        asked = sa.select(organisations.c.name).where(organisations.c.id == id)
        with call.services.desk.engine.connect() as connection:
            return str(connection.execute(asked).scalar_one())

    return account_of(call.who, name_of)


def _check(moment: str | None) -> None:
    try:
        if moment is not None:
            read_us(moment)
    except ValueError as error:
        raise Refused(400, f"{moment} is no moment.", "Write 2024-11-18T06:00:00.000000Z.") from error
