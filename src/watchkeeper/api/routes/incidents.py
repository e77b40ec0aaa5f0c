"""The incident register: cases with tags, time and place; reports, and which of them lean on one source."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from watchkeeper.api.declare import Call, InRealm, Items, Nothing, PagedInRealm, route
from watchkeeper.api.paging import page_of, read_cursor
from watchkeeper.api.problems import not_found
from watchkeeper.api.reading import Moment, ms, read_box
from watchkeeper.api.routes.cases import Long, Tags
from watchkeeper.api.routes.shared import One, Text, Thing, one_document, page_of_documents, thing
from watchkeeper.cases.alarms.keeping import everything
from watchkeeper.cases.register.actions import Worker
from watchkeeper.cases.register.case import CASES, Place, Precision, Status, When, case_of
from watchkeeper.cases.register.circular import Sources, sources
from watchkeeper.cases.register.search import Wanted, alike, search
from watchkeeper.cases.register.sources import REPORTS, report_of, store, take
from watchkeeper.model.event import Document, Query


class IncidentsSought(PagedInRealm, frozen=True, kw_only=True):
    """``q``: words; ``tag``: all must be there, one that ends in a colon stands for all that begin so."""

    q: Text = ""
    tag: Tags = ()
    status: Status | None = None
    t_from: Moment | None = msgspec.field(default=None, name="from")
    t_to: Moment | None = msgspec.field(default=None, name="to")
    bbox: Text | None = None


class WhenIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When it happened: between two times, and how exactly they are known."""

    begins: Moment
    ends: Moment
    precision: Precision


class PlaceIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where it happened: a point [deg] and how exactly it is known [m], an area, an asset."""

    name: Text = ""
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    within_m: Annotated[float, Meta(ge=0, le=1e7)] | None = None
    area: tuple[float, float, float, float] | None = None
    asset: Text | None = None


class TakenIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value taken from a stored report: which, and the passage by its offsets [characters from 0, end excluded]."""

    field: Text
    value: Text
    sha256: Text
    start: Annotated[int, Meta(ge=0, le=1 << 20)]
    end: Annotated[int, Meta(ge=0, le=1 << 20)]


class Description(Nothing, frozen=True, kw_only=True):
    """What happened when, where, to what, with what effect; what is not given stays as it is."""

    when: WhenIn | None = None
    place: PlaceIn | None = None
    target: Long = ""
    effect: Long = ""
    summary: Long = ""
    taken: Annotated[tuple[TakenIn, ...], Meta(max_length=100)] = ()


class NewReport(Nothing, frozen=True, kw_only=True):
    """The text of a report, and where it is from."""

    text: str
    title: Annotated[str, Meta(min_length=1, max_length=300)]
    publisher: Text = ""
    published: Text = ""
    url: Annotated[str, Meta(max_length=2000)] = ""


class NewSource(Nothing, frozen=True, kw_only=True):
    """A stored report that a case rests on, with its grade on the admiralty scale (``B2``)."""

    sha256: Text
    grade: Annotated[str, Meta(max_length=2)]
    title: Text = ""


class ReportsSought(PagedInRealm, frozen=True, kw_only=True):
    """Reports with words in them."""

    q: Text = ""


@route(
    "GET", "/api/v1/incidents", params=IncidentsSought, answer=Items[Thing], scope="cases:read", about="case"
)
def list_incidents(call: Call[IncidentsSought, Nothing]) -> Items[Thing]:
    """Incidents that fit, the latest first."""
    p = call.params
    wanted = Wanted(
        text=p.q, tags=p.tag, status=p.status or "", t_from=ms(p.t_from), t_to=ms(p.t_to), area=read_box(p.bbox),
        incidents_only=True,
    )  # fmt: skip
    found = search(_cases(call), wanted)
    after = read_cursor(p.cursor, str)
    rest = [case for case in found if after is None or _place_in_list(case) > after]
    page = page_of(rest[: p.limit + 1], p.limit, _place_in_list, thing, len(found))
    call.seen.extend(item.id for item in page.items)
    return page


@route("GET", "/api/v1/incidents/{id}", params=One, answer=Thing, scope="cases:read", about="case")
def one_incident(call: Call[One, Nothing]) -> Thing:
    """One incident."""
    document = one_document(call, CASES, "incident", call.params.id)
    if case_of(document).kind != "incident":
        raise not_found("incident", call.params.id)
    return thing(document)


@route("GET", "/api/v1/cases/{id}/alike", params=One, answer=list[Thing], scope="cases:read", about="case")
def alike_incidents(call: Call[One, Nothing]) -> list[Thing]:
    """Incidents that may be the same event: near in time and place. A suggestion, never a merge."""
    document = one_document(call, CASES, "case", call.params.id)
    found = alike(document, _cases(call))[:100]
    call.seen.extend(one.id for one in found)
    return [thing(one) for one in found]


@route(
    "PUT", "/api/v1/cases/{id}/description", params=One, body=Description, answer=Thing, scope="cases:write",
    role="analyst", about="case",
)  # fmt: skip
def describe_case(call: Call[One, Description]) -> Thing:
    """Say what happened when, where, to what; values taken from reports name their passage."""
    b = call.body
    document = one_document(call, CASES, "case", call.params.id)
    taken = [
        take(report_of(_report(call, one.sha256)), one.field, one.value, one.start, one.end)
        for one in b.taken
    ]
    draft = Worker(document, at=call.now, actor=call.who.actor).describe(
        when=None if b.when is None else _when(b.when),
        place=None if b.place is None else Place(**msgspec.structs.asdict(b.place)),
        target=b.target,
        effect=b.effect,
        summary=b.summary,
        taken=taken,
    )
    call.services.decisions.append([draft])
    return thing(one_document(call, CASES, "case", call.params.id))


@route(
    "POST", "/api/v1/cases/{id}/sources", params=One, body=NewSource, answer=Thing, status=201, scope="cases:write",
    role="analyst", about="case",
)  # fmt: skip
def add_source(call: Call[One, NewSource]) -> Thing:
    """Rest a case on a stored report."""
    b = call.body
    document = one_document(call, CASES, "case", call.params.id)
    _report(call, b.sha256)
    draft = Worker(document, at=call.now, actor=call.who.actor).source(b.sha256, b.grade, b.title)
    call.services.decisions.append([draft])
    return thing(one_document(call, CASES, "case", call.params.id))


@route("GET", "/api/v1/cases/{id}/sources", params=One, answer=Sources, scope="cases:read", about="case")
def sources_of_case(call: Call[One, Nothing]) -> Sources:
    """Which reports of a case lean on one source, with the passages they share; those count as one."""
    case = case_of(one_document(call, CASES, "case", call.params.id))
    reports = (call.services.decisions.document(REPORTS, one.sha256) for one in case.sources)
    return sources([report_of(one) for one in reports if one is not None])


@route(
    "GET", "/api/v1/reports", params=ReportsSought, answer=Items[Thing], scope="cases:read", about="report"
)
def list_reports(call: Call[ReportsSought, Nothing]) -> Items[Thing]:
    """Stored reports, the latest first."""
    p = call.params
    query = Query(collection=REPORTS, realm=p.realm, text=p.q, limit=p.limit, after=p.cursor)
    return page_of_documents(call, query, thing)


@route(
    "POST", "/api/v1/reports", params=InRealm, body=NewReport, answer=Thing, status=201, scope="cases:write",
    role="analyst", about="report",
)  # fmt: skip
def add_report(call: Call[InRealm, NewReport]) -> Thing:
    """Store a report; the same text is stored once."""
    b = call.body
    draft = store(
        b.text, title=b.title, at=call.now, actor=call.who.actor, publisher=b.publisher, published=b.published,
        url=b.url, realm=call.params.realm,
    )  # fmt: skip
    call.services.decisions.append([draft])
    return thing(_report(call, draft.subject))


def _report(call: Call[Any, Any], sha256: str) -> Document:
    document = call.services.decisions.document(REPORTS, sha256.strip().lower())
    if document is None or document.realm != call.params.realm:
        raise not_found("report", sha256)
    call.seen.append(document.id)
    return document


def _cases(call: Call[Any, Any]) -> list[Document]:
    query = Query(collection=CASES, realm=call.params.realm, order="id")
    return everything(call.services.decisions, query)


def _place_in_list(case: Document) -> str:
    """Sorts as the list does: latest first, then by id."""
    return f"{2**62 - case.t:020d} {case.id}"


def _when(when: WhenIn) -> When:
    begins, ends = ms(when.begins), ms(when.ends)
    assert begins is not None
    assert ends is not None
    return When(begins=begins, ends=ends, precision=when.precision)
