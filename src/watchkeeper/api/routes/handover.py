"""The hand-over of a shift."""

from typing import Any, Final

import msgspec

from watchkeeper.api.declare import Call, InRealm, Items, Nothing, PagedInRealm, route
from watchkeeper.api.problems import Refused
from watchkeeper.api.reading import Moment, ms
from watchkeeper.api.routes.shared import Reason, Thing, one_document, page_of_documents, thing
from watchkeeper.cases.alarms.alert import ALERTS, OPEN
from watchkeeper.cases.alarms.findings import HEALTH
from watchkeeper.cases.alarms.handover import Handover, handed_over, handover, text
from watchkeeper.cases.alarms.keeping import everything
from watchkeeper.cases.alarms.mutes import MUTES
from watchkeeper.cases.alarms.projector import HANDOVERS
from watchkeeper.model.event import Document, Event, Query
from watchkeeper.model.time import DAY, HOUR

_KINDS: Final = ("alert.", "feed.", "behaviour.")
_EVENTS_MOST: Final = 20_000
_SHIFT_MOST: Final = 3 * DAY


class Shift(InRealm, frozen=True, kw_only=True):
    """A shift: from (8 hours ago where not given) to now."""

    t_from: Moment | None = msgspec.field(default=None, name="from")


class HandoverOut(msgspec.Struct, frozen=True, kw_only=True):
    """The hand-over as data, and as a page to read."""

    handover: Handover
    text: str


class HandingOver(Nothing, frozen=True, kw_only=True):
    """When the shift began (8 hours ago where not given), and what is to be said besides."""

    begins: Moment | None = None
    note: Reason = ""


@route("GET", "/api/v1/handover", params=Shift, answer=HandoverOut, scope="handover:read", about="alert")
def draft_handover(call: Call[Shift, Nothing]) -> HandoverOut:
    """The hand-over as it would be now; nothing is kept."""
    made = _made(call, ms(call.params.t_from), "")
    return HandoverOut(handover=made, text=text(made))


@route(
    "POST", "/api/v1/handover", params=InRealm, body=HandingOver, answer=Thing, status=201,
    scope="handover:write", role="analyst", about="alert",
)  # fmt: skip
def hand_over(call: Call[InRealm, HandingOver]) -> Thing:
    """Hand over: what is open, what was done and what is not live is kept as it is now."""
    made = _made(call, ms(call.body.begins), call.body.note)
    draft = handed_over(made, at=call.now, actor=call.who.actor, realm=call.params.realm)
    call.services.decisions.append([draft])
    return thing(one_document(call, HANDOVERS, "hand-over", draft.subject))


@route(
    "GET", "/api/v1/handovers", params=PagedInRealm, answer=Items[Thing], scope="handover:read", about="alert"
)
def list_handovers(call: Call[PagedInRealm, Nothing]) -> Items[Thing]:
    """Hand-overs that were kept, the latest first."""
    p = call.params
    query = Query(collection=HANDOVERS, realm=p.realm, limit=p.limit, after=p.cursor)
    return page_of_documents(call, query, thing)


def _made(call: Call[Any, Any], begins: int | None, note: str) -> Handover:
    begins = call.now - 8 * HOUR if begins is None else begins
    if not call.now - _SHIFT_MOST <= begins <= call.now:
        raise Refused(422, "A shift begins within the last three days.", "Give when yours began.")
    log, realm = call.services.decisions, call.params.realm
    events = _events(call, begins)
    alerts = {
        a.id: a for a in everything(log, Query(collection=ALERTS, realm=realm, states=OPEN, order="id"))
    }
    for event in events:
        if event.kind.startswith("alert.") and event.subject not in alerts:
            alert = log.document(ALERTS, event.subject)
            if alert is not None:
                alerts[alert.id] = alert
    call.seen.extend(alerts)
    return handover(
        list(alerts.values()), _all(call, MUTES), _all(call, HEALTH), events, begins=begins, ends=call.now,
        by=call.who.name, note=note,
    )  # fmt: skip


def _all(call: Call[Any, Any], collection: str) -> list[Document]:
    query = Query(collection=collection, realm=call.params.realm, order="id")
    return everything(call.services.decisions, query)


def _events(call: Call[Any, Any], begins: int) -> list[Event]:
    """Events of the shift, from the end of the log back: it is in order of writing, nearly that of time."""
    log = call.services.decisions
    found: list[Event] = []
    step, end = 1000, log.head()
    while end > 0 and len(found) < _EVENTS_MOST:
        start = max(0, end - step)
        part = [e for e in log.read(start, kinds=_KINDS, limit=step) if e.seq <= end]
        found = part + found
        end = start
        if part and part[0].at < begins - HOUR:
            break
    return [event for event in found if event.realm == call.params.realm]
