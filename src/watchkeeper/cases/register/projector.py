"""Documents of cases and of stored reports."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from watchkeeper.cases.alarms.wording import in_realm, json_values
from watchkeeper.cases.register.actions import OPENED
from watchkeeper.cases.register.case import (
    CASES,
    Case,
    Claim,
    Exhibit,
    Note,
    Place,
    Source,
    Taken,
    When,
    case_of,
)
from watchkeeper.cases.register.sources import REPORTS, STORED
from watchkeeper.cases.register.vocabulary import tag_of
from watchkeeper.errors import UsageError
from watchkeeper.model.event import Document, Event, Get

_SEARCHED_MOST: Final = 50_000
"""Signs of a case that a search looks into."""

_WORK: Final = (
    "alerts-added",
    "noted",
    "evidence-added",
    "claimed",
    "status-set",
    "tagged",
    "untagged",
    "described",
    "source-added",
    "closed",
    "reopened",
)


class CasesProjector:
    """``cases``: one document a case, ``open`` or ``closed``. What is done to a closed case changes nothing."""

    kinds = frozenset((OPENED, *(f"case.{what}" for what in _WORK)))

    def apply(self, event: Event, get: Get) -> Iterable[Document]:
        """The case after the event."""
        before = get(CASES, event.subject)
        if event.kind == OPENED:
            return () if before is not None else (_document(_opened(event), "open", event),)
        what = event.kind.removeprefix("case.")
        if before is None or (before.state == "closed") != (what == "reopened"):
            return ()
        case = msgspec.structs.replace(
            case_of(before), **_change(case_of(before), what, event), changed_at=event.at
        )
        return (_document(case, "closed" if what == "closed" else "open", event),)


class ReportsProjector:
    """``reports``: the text of each stored report, by its SHA-256."""

    kinds = frozenset((STORED,))

    def apply(self, event: Event, get: Get) -> Iterable[Document]:
        """The report as it was stored first."""
        id = in_realm(event.realm, event.subject)
        if get(REPORTS, id) is not None:
            return ()
        return (
            Document(
                collection=REPORTS,
                id=id,
                realm=event.realm,
                seq=event.seq,
                state="stored",
                t=event.at,
                text=f"{event.body['title']} {event.body['publisher']}",
                body=json_values({**event.body, "sha256": event.subject, "at": event.at, "by": event.actor}),
            ),
        )


def _opened(event: Event) -> Case:
    body = event.body
    return Case(
        kind=body["kind"],
        title=body["title"],
        summary=body["summary"],
        opened_at=event.at,
        opened_by=event.actor,
        changed_at=event.at,
        alerts=tuple(body["alerts"]),
    )


def _change(case: Case, what: str, event: Event) -> dict[str, Any]:
    """The fields that an event changes."""
    body, by = event.body, {"at": event.at, "by": event.actor}
    match what:
        case "alerts-added":
            return {"alerts": tuple(dict.fromkeys((*case.alerts, *body["alerts"])))}
        case "noted":
            return {"notes": (*case.notes, Note(event.at, event.actor, body["text"]))}
        case "evidence-added":
            return {"evidence": (*case.evidence, msgspec.convert(by | body, Exhibit))}
        case "claimed":
            return {"claims": (*case.claims, msgspec.convert(by | body, Claim))}
        case "status-set":
            return {"status": body["status"], "status_reason": body["reason"]}
        case "tagged":
            return {"tags": tuple(dict.fromkeys((*case.tags, *body["tags"])))}
        case "untagged":
            return {"tags": tuple(tag for tag in case.tags if tag not in body["tags"])}
        case "described":
            return _described(case, body)
        case "source-added":
            others = tuple(source for source in case.sources if source.sha256 != body["sha256"])
            return {"sources": (*others, msgspec.convert(by | body, Source))}
        case _:
            return {"closed_reason": body["reason"] if what == "closed" else None}


def _described(case: Case, body: dict[str, Any]) -> dict[str, Any]:
    said = dict(body["said"])
    if "when" in said:
        said["when"] = msgspec.convert(said["when"], When)
    if "place" in said:
        said["place"] = msgspec.convert(said["place"], Place)
    fresh = msgspec.convert(body["taken"], tuple[Taken, ...])
    fields = {taken.field for taken in fresh} | set(said)
    kept = tuple(taken for taken in case.taken if taken.field not in fields)
    return said | {"taken": (*kept, *fresh)}


def _document(case: Case, state: str, event: Event) -> Document:
    return Document(
        collection=CASES,
        id=event.subject,
        realm=event.realm,
        seq=event.seq,
        state=state,
        t=case.when.begins if case.when is not None else case.opened_at,
        text=_searched(case),
        body=json_values(case),
    )


def _searched(case: Case) -> str:
    place = case.place or Place()
    claims = (f"{c.party} {c.says} {c.attributes_to}" for c in case.claims)
    words = (
        case.title,
        case.summary,
        case.target,
        case.effect,
        place.name,
        place.asset or "",
        *case.tags,
        *(_title(tag) for tag in case.tags),
        *claims,
        *(note.text for note in case.notes),
    )
    return " ".join(filter(None, words))[:_SEARCHED_MOST]


def _title(tag: str) -> str:
    try:
        return tag_of(tag).title
    except UsageError:  # of a vocabulary that has changed since: the tag itself stays
        return ""
