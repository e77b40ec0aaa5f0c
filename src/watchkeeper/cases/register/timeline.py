"""The timeline of a case: everything that happened, and everything that was done about it, in order of time."""

from collections.abc import Iterable, Iterator

import msgspec

from watchkeeper.cases.alarms.alert import standing_of
from watchkeeper.cases.alarms.wording import SHORT
from watchkeeper.cases.register.case import Case, case_of
from watchkeeper.model.event import Document, Event
from watchkeeper.model.time import from_iso


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a timeline: when [ms UTC], what kind of thing, who (empty for the sea), and what."""

    at: int
    kind: str
    who: str
    what: str


def timeline(
    case: Document, alerts: Iterable[Document], findings: Iterable[Document], events: Iterable[Event]
) -> list[Moment]:
    """The timeline.

    Args:
        case: the case's document.
        alerts: the documents of its alerts.
        findings: the documents of its alerts' findings and of its evidence.
        events: those of the case and of its alerts.
    """
    held = case_of(case)
    names = {alert.id: standing_of(alert).says.name or str(alert.mmsi) for alert in alerts}
    moments = [
        *_of_findings(findings),
        *_of_case(held),
        *(moment for event in events for moment in _of_event(event, case.id, names)),
    ]
    return sorted(moments, key=lambda moment: moment.at)


def _of_findings(findings: Iterable[Document]) -> Iterator[Moment]:
    for document in findings:
        finding = document.body["finding"]
        withdrawn = " (withdrawn)" if document.state == "withdrawn" else ""
        ship = finding.get("name") or finding["mmsi"]
        what = f"{ship}: {finding['summary']}{withdrawn}"
        yield Moment(at=from_iso(finding["start"]), kind=finding["behaviour"], who="", what=what)
        if finding["end"] is not None:
            yield Moment(at=from_iso(finding["end"]), kind=finding["behaviour"], who="", what=f"{ship}: ends")


def _of_case(case: Case) -> Iterator[Moment]:
    if case.when is not None:
        yield Moment(
            at=case.when.begins,
            kind="incident",
            who="",
            what=f"{case.title} (known to the {case.when.precision})",
        )
    for claim in case.claims:
        to = f"; attributed to {claim.attributes_to}" if claim.attributes_to else ""
        what = f"{claim.says}{to} (source: {claim.source})"
        yield Moment(at=from_iso(claim.said_on), kind="claim", who=claim.party, what=what)


def _of_event(event: Event, case: str, names: dict[str, str]) -> Iterator[Moment]:
    what, _, did = event.kind.partition(".")
    if event.subject == case:
        yield Moment(at=event.at, kind="case", who=event.actor, what=_in_words(did, event))
    elif what == "alert" and did != "updated":
        name = names.get(event.subject, "")
        words = f"alert {event.subject[:SHORT]} {name} {_in_words(did, event)}"
        yield Moment(at=event.at, kind="alert", who=event.actor, what=words)


def _in_words(did: str, event: Event) -> str:
    body = event.body
    said = body.get("text") or body.get("reason") or body.get("title") or body.get("says")
    extra = {
        "status-set": body.get("status"),
        "tagged": ", ".join(body.get("tags", ())),
        "alerts-added": ", ".join(id[:SHORT] for id in body.get("alerts", ())),
        "assigned": body.get("to"),
        "evidence-added": f"{body.get('kind')} {body.get('id')}",
    }.get(did)
    told = said if isinstance(said, str) else None
    return " ".join(did.split("-")) + "".join(f": {part}" for part in (extra, told) if part)
