"""OGC API Features: map clients such as QGIS read ships, tracks, findings and assets here."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from watchkeeper.api import ogc
from watchkeeper.api.access.roles import NO_SCOPE
from watchkeeper.api.app_document import openapi_bytes
from watchkeeper.api.declare import GEOJSON, Call, InRealm, Nothing, Reply, route
from watchkeeper.api.features import PAGES, SINGLE, Sought
from watchkeeper.api.geojson import Feature, Features
from watchkeeper.api.problems import Refused, not_found
from watchkeeper.api.reading import read_box
from watchkeeper.api.routes.shared import Id, Text
from watchkeeper.model.time import DAY, from_iso, to_iso

Name = Literal["ships", "tracks", "findings", "assets"]
_DATE = len("2024-11-18")


class OneCollection(InRealm, frozen=True, kw_only=True):
    """A collection by its id."""

    collection: Name


class ItemsSought(OneCollection, frozen=True, kw_only=True):
    """``bbox``: west,south,east,north [deg]; ``datetime``: a time, or two with a slash, of which one may be ``..``."""

    bbox: Text | None = None
    datetime: Text | None = None
    limit: Annotated[int, Meta(ge=1, le=10_000)] = 100
    cursor: Annotated[str, Meta(max_length=1000)] | None = None
    f: Literal["json"] = "json"


class OneItem(OneCollection, frozen=True, kw_only=True):
    """An item of a collection."""

    id: Id


class Format(InRealm, frozen=True, kw_only=True):
    """``f``: clients that ask for a format want JSON."""

    f: Literal["json"] = "json"


@route("GET", "/openapi.json", answer=dict[str, Any], scope=NO_SCOPE)
def openapi(call: Call[Nothing, Nothing]) -> Reply:
    """This API as an OpenAPI document."""
    return Reply(openapi_bytes())


@route("GET", "/ogc/", params=Format, answer=ogc.Landing, scope=NO_SCOPE)
def ogc_landing(call: Call[Format, Nothing]) -> ogc.Landing:
    """The landing page of OGC API Features."""
    return ogc.landing(call.origin)


@route("GET", "/ogc/conformance", params=Format, answer=ogc.Conformance, scope=NO_SCOPE)
def ogc_conformance(call: Call[Format, Nothing]) -> ogc.Conformance:
    """Which parts of the standard are kept."""
    return ogc.Conformance(conformsTo=ogc.CONFORMS)


@route("GET", "/ogc/collections", params=Format, answer=ogc.Collections, scope="me:read")
def ogc_collections(call: Call[Format, Nothing]) -> ogc.Collections:
    """The collections that the caller may read."""
    readable = [name for name, (_, _, scope) in ogc.TITLES.items() if call.who.has_scope(scope)]
    interval = _interval(call)
    return ogc.Collections(
        collections=[ogc.collection(call.origin, name, interval) for name in readable],
        links=[ogc.Linked(href=f"{call.origin}{ogc.ROOT}/collections", rel="self")],
    )


@route("GET", "/ogc/collections/{collection}", params=OneCollection, answer=ogc.Collection, scope="me:read")
def ogc_collection(call: Call[OneCollection, Nothing]) -> ogc.Collection:
    """One collection."""
    return ogc.collection(call.origin, call.params.collection, _interval(call))


@route(
    "GET", "/ogc/collections/{collection}/items", params=ItemsSought, answer=Features, scope="me:read",
    about="ship", media=GEOJSON,
)  # fmt: skip
def ogc_items(call: Call[ItemsSought, Nothing]) -> Features:
    """Items of a collection as GeoJSON."""
    p = call.params
    _check_scope(call, p.collection)
    start, end = _times(p.datetime)
    limit = min(p.limit, 1000)
    page = PAGES[p.collection](call, Sought(read_box(p.bbox), start, end, limit, p.cursor))
    return Features(
        features=page.items,
        links=ogc.links_of_page(call.origin, p.collection, call.query, page.next),
        timeStamp=to_iso(call.now),
        numberMatched=-1 if page.total is None else page.total,
        numberReturned=len(page.items),
    )


@route(
    "GET", "/ogc/collections/{collection}/items/{id}", params=OneItem, answer=Feature, scope="me:read",
    about="ship", media=GEOJSON,
)  # fmt: skip
def ogc_item(call: Call[OneItem, Nothing]) -> Reply:
    """One item of a collection as GeoJSON."""
    p = call.params
    _check_scope(call, p.collection)
    feature = SINGLE[p.collection](call, p.id)
    if feature is None:
        raise not_found(f"item of {p.collection}", p.id)
    return Reply(
        msgspec.structs.asdict(feature) | {"links": ogc.links_of_item(call.origin, p.collection, p.id)}
    )


def _check_scope(call: Call[Any, Any], collection: str) -> None:
    scope = ogc.TITLES[collection][2]
    if not call.who.has_scope(scope):
        raise Refused(403, f"This needs the scope {scope}.", "Ask an administrator.")


def _interval(call: Call[Any, Any]) -> tuple[str | None, str | None]:
    span = call.services.lake.span(call.params.realm)
    return (None, None) if span is None else (to_iso(span[0]), to_iso(span[1]))


def _times(text: str | None) -> tuple[int | None, int | None]:
    """``datetime`` of the standard as from and to [ms UTC], both included.

    Raises:
        Refused: 400, not a time or an interval.
    """
    if text is None:
        return None, None
    first, slash, second = text.partition("/")
    try:
        start = _time(first, end=False)
        end = _time(second, end=True) if slash else _time(first, end=True)
    except (ValueError, OverflowError) as error:
        raise Refused(
            400, "The datetime is no time and no interval.", "Write 2024-11-18T06:00:00Z/.. or so."
        ) from error
    if start is not None and end is not None and start > end:
        raise Refused(400, "The datetime ends before it begins.", "Exchange both.")
    return start, end


def _time(text: str, *, end: bool) -> int | None:
    if text in ("", ".."):
        return None
    whole_day = len(text.strip()) <= _DATE
    return from_iso(text) + (DAY - 1 if end and whole_day else 0)
