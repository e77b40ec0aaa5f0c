"""What several resources have in common: documents of the log as pages, and times of parameters."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import Meta

from watchkeeper.api.declare import Call, InRealm, Items, PagedInRealm
from watchkeeper.api.paging import bad_cursor
from watchkeeper.api.problems import not_found
from watchkeeper.api.reading import Moment, ms
from watchkeeper.errors import InputError
from watchkeeper.model.event import Document, Query
from watchkeeper.model.time import to_iso

T = TypeVar("T")

Mmsi = Annotated[int, Meta(ge=0, le=999_999_999)]
Id = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=200)]
Reason = Annotated[str, Meta(max_length=2000)]
_STATES_MOST: Final = 10


class One(InRealm, frozen=True, kw_only=True):
    """One thing by its id."""

    id: Id


class Sought(PagedInRealm, frozen=True, kw_only=True):
    """Documents: of some states, about a ship, of a time, with words in them; in an order."""

    state: Annotated[tuple[Text, ...], Meta(max_length=_STATES_MOST)] = ()
    mmsi: Mmsi | None = None
    t_from: Moment | None = msgspec.field(default=None, name="from")
    t_to: Moment | None = msgspec.field(default=None, name="to")
    q: Text = ""
    order: Literal["score", "t", "id"] = "t"


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """A document of the log. ``t`` is the time it is about (ISO 8601); ``seq`` the event that last changed it."""

    id: str
    state: str
    t: str
    realm: str
    mmsi: int | None
    score: float
    seq: int
    body: dict[str, Any]


def thing(document: Document) -> Thing:
    """A document as it is answered."""
    return Thing(
        id=document.id,
        state=document.state,
        t=to_iso(document.t),
        realm=document.realm,
        mmsi=document.mmsi,
        score=document.score,
        seq=document.seq,
        body=document.body,
    )


def query_of(collection: str, sought: Sought) -> Query:
    """Parameters as a query."""
    return Query(
        collection=collection,
        realm=sought.realm,
        states=sought.state,
        mmsi=sought.mmsi,
        t_from=ms(sought.t_from),
        t_to=ms(sought.t_to),
        text=sought.q,
        order=sought.order,
        limit=sought.limit,
        after=sought.cursor,
    )


def page_of_documents(call: Call[Any, Any], query: Query, make: Callable[[Document], T]) -> Items[T]:
    """A page of documents; their ids go into the audit.

    Raises:
        Refused: 400, a cursor that is none.
    """
    try:
        page = call.services.decisions.documents(query)
    except InputError as error:
        if query.after is None:
            raise
        raise bad_cursor() from error
    call.seen.extend(document.id for document in page.items)
    return Items(items=[make(document) for document in page.items], total=page.total, next=page.next)


def one_document(call: Call[Any, Any], collection: str, what: str, id: str) -> Document:
    """A document of the realm that is asked for; its id goes into the audit.

    Raises:
        Refused: 404.
    """
    document = call.services.decisions.document(collection, id)
    if document is None or document.realm != call.params.realm:
        raise not_found(what, id)
    call.seen.append(id)
    return document
