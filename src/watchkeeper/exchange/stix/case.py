"""Cases and alerts as ``incident`` with the incident core extension of OASIS and our extension ``case``.

Source: OASIS cti-stix-common-objects, *Incident Core Extension Version 2.0* (draft, 2023-10-10).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, Final

import msgspec

from watchkeeper.cases.register.case import Source, Status
from watchkeeper.exchange.stix.relationship import relationship
from watchkeeper.exchange.stix.scope import Entry, Scope, references, stamp
from watchkeeper.exchange.things import KnownCase, RaisedAlert
from watchkeeper.model.marking import Marking, both

INCIDENT_CORE: Final = "extension-definition--ef765651-680c-498d-9894-99799f2fa126"
CASE: Final = "extension-definition--0d94c2b7-5f86-4e3d-b7c1-28a6f9e05d14"
_DETERMINATION: Final[dict[Status, str]] = {
    "suspected": "suspected",
    "confirmed": "confirmed",
    "refuted": "false-positive",
}


def case_id(scope: Scope, case: str) -> str:
    """The id of a case's incident."""
    return scope.id("incident", f"case:{case}")


def alert_id(scope: Scope, alert: str) -> str:
    """The id of an alert's incident."""
    return scope.id("incident", f"alert:{alert}")


def alert_objects(
    scope: Scope, alert: RaisedAlert, sightings: Mapping[str, str], ships: Mapping[int, str]
) -> Iterator[Entry]:
    """The alert, and the ship it is about.

    Args:
        scope: of the export.
        alert: the alert.
        sightings: ids of the findings' objects.
        ships: ids of the ships' objects by MMSI.
    """
    marking = scope.marking("alert", alert.id)
    times = (alert.begins, alert.changed_at)
    id = alert_id(scope, alert.id)
    yield scope.entry(
        id,
        times,
        marking,
        {"name": f"{alert.name or f'MMSI {alert.mmsi}'}: alert", "description": alert.headline},
        extensions={
            INCIDENT_CORE: {
                "determination": "suspected",
                "investigation_status": "new" if alert.state == "new" else _work(alert.state),
                "scores": [{"name": "watchkeeper", "value": alert.score}],
            },
            CASE: {
                "kind": "alert",
                "record": _record(alert),
                "sighting_refs": [sightings[f] for f in alert.finding_ids if f in sightings],
            },
        },
    )
    if alert.mmsi in ships:
        yield relationship(scope, id, "related-to", ships[alert.mmsi], marking, times=times)


def case_objects(
    scope: Scope, known: KnownCase, sightings: Mapping[str, str], alerts: Mapping[str, str]
) -> Iterator[Entry]:
    """The case, what it impacts, and its alerts.

    Args:
        scope: of the export.
        known: the case.
        sightings: ids of the findings' objects.
        alerts: ids of the alerts' objects.
    """
    case = known.case
    marking = _marking(scope, known)
    times = (case.opened_at, case.changed_at)
    id = case_id(scope, known.id)
    evidence = [e.id for e in case.evidence if e.kind == "finding"]
    record = _record(case)
    notes = record.pop("notes", [])
    yield scope.entry(
        id,
        times,
        marking,
        {
            "name": case.title,
            "description": case.summary or None,
            "external_references": references(_sources(scope, case.sources)),
        },
        extensions={
            INCIDENT_CORE: {
                "determination": _DETERMINATION[case.status],
                "investigation_status": known.state,
            },
            CASE: {
                "kind": "case",
                "case_id": known.id,
                "state": known.state,
                "record": record,
                "notes": notes,
                "sighting_refs": [sightings[f] for f in evidence if f in sightings],
            },
        },
        parts=scope.part("notes", f"extensions.{CASE}.notes"),
    )
    for alert in case.alerts:
        if alert in alerts:
            yield relationship(scope, id, "related-to", alerts[alert], marking, says="alert", times=times)
    asset = (case.place.asset if case.place else None) or ""
    if asset in scope.assets:
        yield relationship(scope, id, "impacts", scope.asset_id(asset), marking, times=times)


def case_report(scope: Scope, known: KnownCase, refs: Sequence[str]) -> Entry:
    """The case and all that belongs to it, as one package."""
    case = known.case
    return scope.entry(
        scope.id("report", f"case:{known.id}"),
        (case.opened_at, case.changed_at),
        _marking(scope, known),
        {
            "name": case.title,
            "description": case.summary or None,
            "published": stamp(case.changed_at),
            "object_refs": list(refs),
        },
    )


def _marking(scope: Scope, known: KnownCase) -> Marking:
    """That of the case and of the reports it names."""
    reports = scope.closer("report", (source.sha256 for source in known.case.sources))
    return reduce(both, reports, scope.marking("case", known.id))


def case_of(says: dict[str, Any]) -> KnownCase:
    """The case from our extension.

    Raises:
        ValueError: it is not what we write.
    """
    record = says["record"] | {"notes": says.get("notes", [])}
    return msgspec.convert({"id": says["case_id"], "state": says["state"], "case": record}, KnownCase)


def alert_of(says: dict[str, Any]) -> RaisedAlert:
    """The alert from our extension.

    Raises:
        ValueError: it is not what we write.
    """
    return msgspec.convert({"name": None} | says["record"], RaisedAlert)


def _work(state: str) -> str:
    return "closed" if state in ("closed", "dismissed") else "open"


def _record(thing: msgspec.Struct) -> dict[str, Any]:
    """All that it says, without what is not there."""
    record: dict[str, Any] = _without_nothing(msgspec.to_builtins(thing))
    return record


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        made = {key: _without_nothing(one) for key, one in value.items()}
        return {key: one for key, one in made.items() if one is not None and one not in ([], {})}
    if isinstance(value, list | tuple):
        return [_without_nothing(one) for one in value]
    return value


def _sources(scope: Scope, sources: Sequence[Source]) -> Iterator[dict[str, Any]]:
    by_hash = {report.sha256: report for report in scope.things.reports}
    for source in sources:
        report = by_hash.get(source.sha256)
        publisher = report.publisher if report else ""
        url = report.url if report else ""
        yield {
            "source_name": publisher or source.title or "report",
            "description": f"{source.title or (report.title if report else '')} (graded {source.grade})".strip(),
            "url": url if url.startswith(("http://", "https://")) else None,
            "hashes": {"SHA-256": source.sha256},
        }
