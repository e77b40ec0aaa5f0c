"""The outbox: what is to be sent, what was, and what could not be; as events, so that a restart loses nothing.

A notification is written before it is sent, and its sending after it was done: what was cut off in between is sent
again, with the same id, by which a receiver can tell (at least once).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Final

import msgspec

from watchkeeper.model.event import Document, Draft, Event, Get
from watchkeeper.model.time import HOUR, MINUTE
from watchkeeper.notify.message import ORDER, Importance, Message, of_alert, summary, values
from watchkeeper.notify.routes import Route

OUTBOX: Final = "outbox"
MARKS: Final = "marks"
QUEUED: Final = "notification.queued"
WITHHELD: Final = "notification.withheld"
SENT: Final = "notification.sent"
FAILED: Final = "notification.failed"
SUPERSEDED: Final = "notification.superseded"
BEGUN: Final = "notification.begun"

ATTEMPTS: Final = 8
"""After so many it is given up, about 4 h after the first."""
_FIRST_WAIT: Final = 1 * MINUTE
_LONGEST_WAIT: Final = 2 * HOUR


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a document of the outbox. Times in ms UTC."""

    route: str
    message: Message
    queued_at: int
    attempts: int = 0
    next_at: int = 0
    sent_at: int | None = None
    error: str = ""
    within: str | None = None


def item_of(document: Document) -> Item:
    """The typed body of a document of the outbox."""
    return msgspec.convert(document.body, Item)


def mark_id(realm: str) -> str:
    """The id of the mark up to which events of alerts were considered."""
    return "notify" if realm == "real" else f"{realm}/notify"


def considered(
    events: Sequence[Event],
    alert_by: Callable[[str], Document | None],
    routes: Sequence[Route],
    muted: Collection[str],
    *,
    now: int,
) -> list[Draft]:
    """What some events of alerts put into the outbox of each route, or what is withheld, and why.

    Pure, and safe to run again: the keys name route, alert and event.

    Args:
        events: of alerts, in order; of one realm.
        alert_by: the document of an alert.
        routes: all ways out.
        muted: ids of alerts that are muted now.
        now: the time the drafts bear [ms UTC].
    """
    latest: dict[str, tuple[Importance, Event]] = {}
    for event in events:
        importance = _importance(event)
        if importance is None:
            continue
        before = latest.get(event.subject)
        if before is None or ORDER.index(importance) <= ORDER.index(before[0]):
            latest[event.subject] = (importance, event)
    through = events[-1].seq if events else 0
    drafts = []
    for id, (importance, event) in latest.items():
        alert = alert_by(id)
        if alert is not None and alert.state not in ("dismissed", "closed"):
            drafts += [_draft(r, importance, alert, event, id in muted, through, now) for r in routes]
    return drafts


def queued_summary(route: Route, held: Sequence[Document], *, now: int) -> Draft:
    """The event that puts one summary in the place of several notifications."""
    ids = [document.id for document in held]
    id = f"{route.name}:summary:{ids[0]}:{len(ids)}:{ids[-1]}"
    message = summary(id, [item_of(document).message for document in held], now)
    return Draft(
        kind=QUEUED,
        subject=id,
        at=now,
        actor="system",
        body={"route": route.name, "message": values(message), "contains": ids, "through": 0},
        realm=held[0].realm,
        key=f"{QUEUED}:{id}",
    )


def superseded(old: Document, by: Document, *, now: int) -> Draft:
    """The event that a notification is not sent, because a later one on the same alert says more."""
    body = {"by": by.id}
    key = f"{SUPERSEDED}:{old.id}"
    return Draft(kind=SUPERSEDED, subject=old.id, at=now, actor="system", body=body, realm=old.realm, key=key)


def sent(item: Document, *, now: int) -> Draft:
    """The event that a notification was handed over."""
    key = f"{SENT}:{item.id}"
    return Draft(kind=SENT, subject=item.id, at=now, actor="system", body={}, realm=item.realm, key=key)


def failed(item: Document, error: str, *, again: bool, now: int) -> Draft:
    """The event that an attempt failed, with when to try again; waits double from a minute to two hours."""
    attempt = item_of(item).attempts + 1
    over = not again or attempt >= ATTEMPTS
    wait = min(_FIRST_WAIT * 2 ** (attempt - 1), _LONGEST_WAIT)
    body = {"attempt": attempt, "error": error[:500], "next_at": now + wait, "given_up": over}
    key = f"{FAILED}:{item.id}:{attempt}"
    return Draft(kind=FAILED, subject=item.id, at=now, actor="system", body=body, realm=item.realm, key=key)


class OutboxProjector:
    """``outbox``: each notification ``queued``, ``sent``, ``given up``, ``superseded``, ``summarised`` ..."""

    kinds = frozenset((QUEUED, WITHHELD, SENT, FAILED, SUPERSEDED))

    def apply(self, event: Event, get: Get) -> Iterable[Document]:
        """The notification after the event, and those that a summary stands for."""
        before = get(OUTBOX, event.subject)
        if event.kind in (QUEUED, WITHHELD):
            if before is not None:
                return
            message = msgspec.convert(event.body["message"], Message)
            item = Item(route=event.body["route"], message=message, queued_at=event.at, next_at=event.at)
            if event.kind == WITHHELD:
                yield _document(
                    event.subject, msgspec.structs.replace(item, error=event.body["why"]), "withheld", event
                )
                return
            yield _document(event.subject, item, "queued", event)
            for id in event.body.get("contains", ()):
                held = get(OUTBOX, id)
                if held is not None and held.state == "queued":
                    inner = msgspec.structs.replace(item_of(held), within=event.subject)
                    yield _document(id, inner, "summarised", event)
        elif before is not None and before.state == "queued":
            item, state = _after(item_of(before), event)
            yield _document(event.subject, item, state, event)


class NotifyMarksProjector:
    """``marks``: up to which event alerts have been considered; it never goes back."""

    kinds = frozenset((QUEUED, WITHHELD, BEGUN))

    def apply(self, event: Event, get: Get) -> Iterable[Document]:
        """The mark after the event."""
        before = get(MARKS, mark_id(event.realm))
        through = int(event.body["through"])
        if before is not None:
            through = max(through, int(before.body["through"]))
        yield Document(
            collection=MARKS,
            id=mark_id(event.realm),
            realm=event.realm,
            seq=event.seq,
            state="kept",
            t=event.at,
            body={"through": through},
        )


def _after(item: Item, event: Event) -> tuple[Item, str]:
    body = event.body
    if event.kind == SENT:
        return msgspec.structs.replace(item, sent_at=event.at, attempts=item.attempts + 1, error=""), "sent"
    if event.kind == SUPERSEDED:
        return msgspec.structs.replace(item, within=body["by"]), "superseded"
    changed = msgspec.structs.replace(
        item, attempts=body["attempt"], error=body["error"], next_at=body["next_at"]
    )
    return changed, "given up" if body["given_up"] else "queued"


def _importance(event: Event) -> Importance | None:
    match event.kind:
        case "alert.raised" | "alert.raised-again":
            return "raised"
        case "alert.escalated":
            return "escalated"
        case "alert.updated" if event.body.get("worse"):
            return "worse"
        case "alert.woken" if event.body.get("to") == "new":
            return "worse"
        case _:
            return None


def _draft(
    route: Route, importance: Importance, alert: Document, event: Event, muted: bool, through: int, now: int
) -> Draft:
    id = f"{route.name}:{alert.id}:{event.seq}"
    message = of_alert(id, importance, alert, event)
    why = _withheld(route, message, alert, muted)
    body: dict[str, Any] = {"route": route.name, "message": values(message), "through": through}
    if why:
        body["why"] = why
    kind = WITHHELD if why else QUEUED
    return Draft(
        kind=kind, subject=id, at=now, actor="system", body=body, realm=alert.realm, key=f"notification:{id}"
    )


def _withheld(route: Route, message: Message, alert: Document, muted: bool) -> str:
    if muted:
        return "muted"
    if alert.state == "snoozed":
        return "snoozed"
    if message.importance != "worse" and alert.state in ("acknowledged", "assigned", "confirmed"):
        return "somebody has it"
    if message.score < route.least_score:
        return f"score below {route.least_score:g}"
    if message.level < route.level:
        return "not escalated to this route"
    return ""


def _document(id: str, item: Item, state: str, event: Event) -> Document:
    return Document(
        collection=OUTBOX,
        id=id,
        realm=event.realm,
        seq=event.seq,
        state=state,
        t=item.queued_at,
        mmsi=item.message.mmsi,
        score=item.message.score,
        text=f"{item.route} {item.message.title}",
        body=msgspec.json.decode(msgspec.json.encode(item)),
    )
