"""Documents of findings, and of the health of feeds and behaviours, from the events of the watch."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from watchkeeper.cases.alarms.wording import in_realm, json_values
from watchkeeper.cases.weights import weights
from watchkeeper.model.event import Document, Event, Get
from watchkeeper.model.finding import Finding
from watchkeeper.model.time import from_iso

FINDINGS: Final = "findings"
PAIRS: Final = "findings-of-other"
"""A finding about two ships stands in ``findings`` under the first, and here, by its id, under the other."""
HEALTH: Final = "health"

FINDING_EVENTS: Final = frozenset(
    ("finding.opened", "finding.updated", "finding.closed", "finding.withdrawn")
)
HEALTH_EVENTS: Final = frozenset(
    ("feed.silent", "feed.live", "feed.down", "feed.degraded", "behaviour.failed", "behaviour.live")
)
CURRENT: Final = ("open", "closed")
"""States of findings that hold; the third is ``withdrawn``."""


class FindingsProjector:
    """``findings``: each as last told, ``open``, ``closed`` or ``withdrawn`` with the reason."""

    kinds = FINDING_EVENTS

    def apply(self, event: Event, get: Get) -> Iterable[Document]:
        """The finding after the event; a withdrawal may leave the finding out."""
        told = _finding_of(event, get)
        if told is None:
            return ()
        finding = msgspec.convert(told, Finding)
        body = {"finding": json_values(told), "reason": event.body.get("reason"), "changed_at": event.at}
        table = weights()
        return (
            Document(
                collection=FINDINGS,
                id=event.subject,
                realm=event.realm,
                seq=event.seq,
                state=_state(event.kind, finding),
                t=from_iso(finding.start),
                mmsi=finding.mmsi,
                score=round(table.of(finding.behaviour).weight * table.strength(finding), 1),
                text=" ".join(
                    filter(None, (finding.behaviour, finding.name, finding.asset, finding.summary))
                ),
                body=body,
            ),
        )


class PairsProjector:
    """``findings-of-other``: findings about two ships, under the other ship."""

    kinds = FINDING_EVENTS

    def apply(self, event: Event, get: Get) -> Iterable[Document]:
        """An entry under the other ship, where there is one."""
        told = _finding_of(event, get)
        if told is None or told.get("other_mmsi") is None:
            return ()
        finding = msgspec.convert(told, Finding)
        return (
            Document(
                collection=PAIRS,
                id=event.subject,
                realm=event.realm,
                seq=event.seq,
                state=_state(event.kind, finding),
                t=from_iso(finding.start),
                mmsi=finding.other_mmsi,
                body={"finding": finding.id},
            ),
        )


class HealthProjector:
    """``health``: the state of each feed and behaviour, since when, and how long it was live before."""

    kinds = HEALTH_EVENTS

    def apply(self, event: Event, get: Get) -> Iterable[Document]:
        """The state after the event."""
        what, _, state = event.kind.partition(".")
        id = in_realm(event.realm, f"{what}:{event.subject}")
        before = get(HEALTH, id)
        since = event.body.get("since") or event.at
        body: dict[str, Any] = {
            "what": what,
            "name": event.subject,
            "reason": event.body.get("reason") or "",
            "since": since,
            "trouble_since": None,
            "live_for_ms": 0,
        }
        if before is not None:
            body["live_for_ms"] = before.body["live_for_ms"]
            body["trouble_since"] = before.body["trouble_since"]
            if before.state == state:
                body["since"] = before.body["since"]
            elif before.state == "live":
                body["live_for_ms"] = since - before.body["since"]
        if state == "live":
            body["trouble_since"] = None
        elif body["trouble_since"] is None:
            body["trouble_since"] = since
        return (
            Document(
                collection=HEALTH,
                id=id,
                realm=event.realm,
                seq=event.seq,
                state=state,
                t=event.at,
                text=f"{event.subject} {body['reason']}",
                body=body,
            ),
        )


def _finding_of(event: Event, get: Get) -> dict[str, Any] | None:
    told = event.body.get("finding")
    if told is None:
        before = get(FINDINGS, event.subject)
        told = None if before is None else before.body["finding"]
    return told


def _state(kind: str, finding: Finding) -> str:
    if kind == "finding.withdrawn":
        return "withdrawn"
    return "closed" if kind == "finding.closed" or finding.end is not None else "open"
