"""Cases: alerts grouped, with notes, evidence, claims, and a status."""

from typing import Annotated, Any

from msgspec import Meta

from watchkeeper.api.declare import Call, InRealm, Items, Nothing, route
from watchkeeper.api.paging import page_of, read_cursor, slice_after
from watchkeeper.api.problems import not_found
from watchkeeper.api.routes.shared import (
    Id,
    One,
    Reason,
    Sought,
    Text,
    Thing,
    one_document,
    page_of_documents,
    query_of,
    thing,
)
from watchkeeper.cases.alarms.alert import ALERTS
from watchkeeper.cases.alarms.findings import FINDINGS
from watchkeeper.cases.alarms.keeping import events_of
from watchkeeper.cases.register.actions import Worker, open_case
from watchkeeper.cases.register.case import CASES, Kind, Status, case_of
from watchkeeper.cases.register.timeline import Moment, timeline
from watchkeeper.model.event import Document, Draft

Long = Annotated[str, Meta(max_length=20_000)]
Title = Annotated[str, Meta(min_length=1, max_length=200)]
Ids = Annotated[tuple[Id, ...], Meta(max_length=200)]
Tags = Annotated[tuple[Text, ...], Meta(max_length=50)]


class NewCase(Nothing, frozen=True, kw_only=True):
    """A case, or an incident, with the alerts it groups."""

    title: Title
    kind: Kind = "case"
    summary: Long = ""
    alerts: Ids = ()


class Alerts(Nothing, frozen=True, kw_only=True):
    """Ids of alerts."""

    alerts: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=200)]


class NewNote(Nothing, frozen=True, kw_only=True):
    """A note."""

    text: Long


class NewEvidence(Nothing, frozen=True, kw_only=True):
    """Evidence: ``finding`` with its id, ``line`` as ``<input>:<line>: <raw>``, ``document`` with its SHA-256."""

    kind: Text
    id: Long
    shows: Long = ""


class NewClaim(Nothing, frozen=True, kw_only=True):
    """A dated statement of a named party, and where it can be read."""

    party: Title
    said_on: Text
    says: Long
    source: Long
    attributes_to: Long = ""


class NewStatus(Nothing, frozen=True, kw_only=True):
    """Suspected, confirmed or refuted, and why."""

    status: Status
    reason: Reason


class Tagging(Nothing, frozen=True, kw_only=True):
    """Tags to add and to take away."""

    add: Tags = ()
    remove: Tags = ()


class Because(Nothing, frozen=True, kw_only=True):
    """Why."""

    reason: Reason


class TimelineSought(One, frozen=True, kw_only=True):
    """A case, a page."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    cursor: Annotated[str, Meta(max_length=1000)] | None = None


@route("GET", "/api/v1/cases", params=Sought, answer=Items[Thing], scope="cases:read", about="case")
def list_cases(call: Call[Sought, Nothing]) -> Items[Thing]:
    """Cases and incidents, the latest first. States are open and closed."""
    return page_of_documents(call, query_of(CASES, call.params), thing)


@route("GET", "/api/v1/cases/{id}", params=One, answer=Thing, scope="cases:read", about="case")
def one_case(call: Call[One, Nothing]) -> Thing:
    """One case with its notes, evidence, claims and sources."""
    return thing(_case(call))


@route(
    "GET",
    "/api/v1/cases/{id}/timeline",
    params=TimelineSought,
    answer=Items[Moment],
    scope="cases:read",
    about="case",
)
def case_timeline(call: Call[TimelineSought, Nothing]) -> Items[Moment]:
    """What happened, what was found and what was done, in order of time."""
    document, log, p = _case(call), call.services.decisions, call.params
    case = case_of(document)
    alerts = _documents(call, ALERTS, case.alerts)
    ids = {f["id"] for alert in alerts for f in alert.body["says"]["findings"]}
    ids |= {one.id for one in case.evidence if one.kind == "finding"}
    found = _documents(call, FINDINGS, sorted(ids))
    subjects = (document.id, *case.alerts)
    events = [event for subject in subjects for event in events_of(log, 0, kinds=(), subject=subject)]
    moments = timeline(document, alerts=alerts, findings=found, events=events)
    rows = slice_after(enumerate(moments), read_cursor(p.cursor, int), p.limit, lambda row: row[0])
    return page_of(rows, p.limit, lambda row: row[0], lambda row: row[1], len(moments))


@route(
    "POST", "/api/v1/cases", params=InRealm, body=NewCase, answer=Thing, status=201, scope="cases:write",
    role="analyst", about="case",
)  # fmt: skip
def add_case(call: Call[InRealm, NewCase]) -> Thing:
    """Open a case, of alerts or by hand."""
    b = call.body
    draft = open_case(
        b.title, at=call.now, actor=call.who.actor, kind=b.kind, summary=b.summary, alerts=_alerts(call, b.alerts),
        realm=call.params.realm,
    )  # fmt: skip
    call.services.decisions.append([draft])
    return thing(one_document(call, CASES, "case", draft.subject))


@route(
    "POST", "/api/v1/cases/{id}/alerts", params=One, body=Alerts, answer=Thing, scope="cases:write", role="analyst",
    about="case",
)  # fmt: skip
def add_alerts_to_case(call: Call[One, Alerts]) -> Thing:
    """Group alerts under a case."""
    return _worked(call, _worker(call).add_alerts(_alerts(call, call.body.alerts)))


@route(
    "POST", "/api/v1/cases/{id}/notes", params=One, body=NewNote, answer=Thing, status=201, scope="cases:write",
    role="analyst", about="case",
)  # fmt: skip
def add_note(call: Call[One, NewNote]) -> Thing:
    """Write something into a case."""
    return _worked(call, _worker(call).note(call.body.text))


@route(
    "POST", "/api/v1/cases/{id}/evidence", params=One, body=NewEvidence, answer=Thing, status=201,
    scope="cases:write", role="analyst", about="case",
)  # fmt: skip
def add_evidence(call: Call[One, NewEvidence]) -> Thing:
    """Add evidence to a case."""
    return _worked(call, _worker(call).evidence(call.body.kind, call.body.id, call.body.shows))


@route(
    "POST", "/api/v1/cases/{id}/claims", params=One, body=NewClaim, answer=Thing, status=201, scope="cases:write",
    role="analyst", about="case",
)  # fmt: skip
def add_claim(call: Call[One, NewClaim]) -> Thing:
    """Add what a named party said, and when."""
    b = call.body
    draft = _worker(call).claim(
        party=b.party, said_on=b.said_on, says=b.says, source=b.source, attributes_to=b.attributes_to
    )
    return _worked(call, draft)


@route(
    "PUT", "/api/v1/cases/{id}/status", params=One, body=NewStatus, answer=Thing, scope="cases:write", role="analyst",
    about="case",
)  # fmt: skip
def set_case_status(call: Call[One, NewStatus]) -> Thing:
    """Say whether a case is suspected, confirmed or refuted, and why."""
    return _worked(call, _worker(call).status(call.body.status, call.body.reason))


@route(
    "POST", "/api/v1/cases/{id}/tags", params=One, body=Tagging, answer=Thing, scope="cases:write", role="analyst",
    about="case",
)  # fmt: skip
def tag_case(call: Call[One, Tagging]) -> Thing:
    """Add and take away tags of the vocabularies."""
    worker, b = _worker(call), call.body
    drafts = [*([worker.tag(b.add)] if b.add else []), *([worker.untag(b.remove)] if b.remove else [])]
    return _worked(call, *drafts)


@route(
    "POST", "/api/v1/cases/{id}/close", params=One, body=Because, answer=Thing, scope="cases:write", role="analyst",
    about="case",
)  # fmt: skip
def close_case(call: Call[One, Because]) -> Thing:
    """Close a case."""
    return _worked(call, _worker(call).close(call.body.reason))


@route(
    "POST", "/api/v1/cases/{id}/reopen", params=One, body=Because, answer=Thing, scope="cases:write", role="analyst",
    about="case",
)  # fmt: skip
def reopen_case(call: Call[One, Because]) -> Thing:
    """Open a closed case again."""
    return _worked(call, _worker(call).reopen(call.body.reason))


def _case(call: Call[Any, Any]) -> Document:
    return one_document(call, CASES, "case", call.params.id)


def _worker(call: Call[Any, Any]) -> Worker:
    return Worker(_case(call), at=call.now, actor=call.who.actor)


def _worked(call: Call[Any, Any], *drafts: Draft) -> Thing:
    if drafts:
        call.services.decisions.append(drafts)
    call.seen.clear()
    return thing(_case(call))


def _alerts(call: Call[Any, Any], ids: tuple[str, ...]) -> list[Document]:
    """Alerts that are named.

    Raises:
        Refused: 404, one of them is not there.
    """
    found = []
    for id in dict.fromkeys(ids):
        alert = call.services.decisions.document(ALERTS, id)
        if alert is None or alert.realm != call.params.realm:
            raise not_found("alert", id)
        found.append(alert)
    return found


def _documents(call: Call[Any, Any], collection: str, ids: Any) -> list[Document]:
    found = (call.services.decisions.document(collection, id) for id in ids)
    return [one for one in found if one is not None and one.realm == call.params.realm]
