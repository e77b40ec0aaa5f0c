"""Documents of alerts, of hand-overs, and of how far the log was worked through."""

from collections.abc import Iterable
from typing import Final

import msgspec

from watchkeeper.cases.alarms.alert import ALERTS, By, Says, Seen, Standing, document_of, standing_of
from watchkeeper.cases.alarms.states import MOVE_KINDS, Move, move_of
from watchkeeper.cases.alarms.wording import in_realm, json_values
from watchkeeper.model.event import Document, Event, Get

HANDOVERS: Final = "handovers"
MARKS: Final = "marks"
MARK: Final = "alarms"

RAISED: Final = "alert.raised"
UPDATED: Final = "alert.updated"
KEPT: Final = "alarms.kept"
HANDED_OVER: Final = "shift.handed-over"


class AlertsProjector:
    """``alerts``: one document an alert. An event that does not fit the state is counted and changes nothing else."""

    kinds = frozenset((RAISED, UPDATED)) | MOVE_KINDS

    def apply(self, event: Event, get: Get) -> Iterable[Document]:
        """The alert after the event."""
        before = get(ALERTS, event.subject)
        if event.kind == RAISED:
            if before is not None:
                return ()
            return (_raised(event),)
        if before is None:
            return ()
        standing = standing_of(before)
        if event.kind == UPDATED:
            return (document_of(_updated(standing, event), before.state, event),)
        move = move_of(event.kind, before.state)
        if move is None:
            late = msgspec.structs.replace(standing, not_taken=standing.not_taken + 1)
            return (document_of(late, before.state, event),)
        state = _target(move, before.state, event)
        return (document_of(_moved(standing, move, before.state, event), state, event),)


def _raised(event: Event) -> Document:
    says = msgspec.convert(event.body["says"], Says)
    standing = Standing(
        says=says,
        seen=Seen(says.score, says.kinds),
        raised_at=event.at,
        new_since=event.at,
        changed_at=event.at,
        last=By("raise", event.actor, event.at),
    )
    return document_of(standing, "new", event)


def _updated(standing: Standing, event: Event) -> Standing:
    says = msgspec.convert(event.body["says"], Says)
    seen = standing.seen.and_also(says) if event.body.get("worse") else standing.seen
    return msgspec.structs.replace(standing, says=says, seen=seen, changed_at=event.at)


def _target(move: Move, state: str, event: Event) -> str:
    if move.to == "=":
        return state
    if move.to == "<":
        to = event.body.get("to")
        return to if to in ("new", "acknowledged", "assigned", "confirmed") else "new"
    return move.to


def _moved(standing: Standing, move: Move, state: str, event: Event) -> Standing:
    """The body after a row of the table."""
    body, at, says = event.body, event.at, standing.says
    change: dict[str, object] = {"last": By(move.action, event.actor, at), "changed_at": at}
    if event.body.get("role") != "system":
        change["seen"] = standing.seen.and_also(says)
    if move.action != "escalate" and state == "snoozed":
        change |= {"snoozed_until": None, "snoozed_from": None}
    if body.get("reason"):
        change["reason"] = body["reason"]
    match move.action:
        case "acknowledge":
            change |= {"acknowledged_by": event.actor, "acknowledged_at": at}
        case "assign":
            change["assigned_to"] = body.get("to")
        case "snooze":
            back = standing.snoozed_from if state == "snoozed" else state
            change |= {"snoozed_until": body.get("until"), "snoozed_from": back}
        case "dismiss" | "close" | "settle" | "merge":
            kinds = dict.fromkeys((*standing.settled_kinds, *says.kinds))
            change |= {"settled_kinds": tuple(kinds), "into": body.get("into") or standing.into}
        case "reopen" | "raise again":
            change |= {"raised": standing.raised + 1, "into": None} | _new_again(at)
        case "wake" if _target(move, state, event) == "new":
            change |= _new_again(at)
        case "escalate":
            change |= {"level": body.get("level", standing.level + 1), "escalated_at": at}
        case _:
            pass
    return msgspec.structs.replace(standing, **change)


def _new_again(at: int) -> dict[str, object]:
    return {
        "new_since": at,
        "level": 0,
        "escalated_at": None,
        "acknowledged_by": None,
        "acknowledged_at": None,
        "assigned_to": None,
    }


class HandoversProjector:
    """``handovers``: the document of each shift, as it was handed over."""

    kinds = frozenset((HANDED_OVER,))

    def apply(self, event: Event, get: Get) -> Iterable[Document]:
        """The hand-over as it stands in the event."""
        return (
            Document(
                collection=HANDOVERS,
                id=event.subject,
                realm=event.realm,
                seq=event.seq,
                state="handed over",
                t=event.at,
                text=str(event.body.get("text", "")),
                body=json_values({**event.body, "by": event.actor}),
            ),
        )


class MarksProjector:
    """``marks``: how far the events of findings have been made into alerts."""

    kinds = frozenset((KEPT,))

    def apply(self, event: Event, get: Get) -> Iterable[Document]:
        """The mark; it never goes back."""
        id = in_realm(event.realm, MARK)
        before = get(MARKS, id)
        through = int(event.body["through"])
        if before is not None:
            through = max(through, before.body["through"])
        return (
            Document(
                collection=MARKS,
                id=id,
                realm=event.realm,
                seq=event.seq,
                state="kept",
                t=event.at,
                body={"through": through},
            ),
        )
