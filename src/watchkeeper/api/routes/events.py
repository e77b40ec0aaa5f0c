"""What happens, as it happens: server-sent events of the log."""

from typing import Annotated, Final

import anyio.to_thread
from msgspec import Meta

from watchkeeper.api.access.desk import COOKIE
from watchkeeper.api.access.who import Who
from watchkeeper.api.declare import Call, InRealm, Items, Nothing, PagedInRealm, route
from watchkeeper.api.live import EventStream
from watchkeeper.api.paging import page_of, read_cursor
from watchkeeper.api.problems import Refused
from watchkeeper.api.routes.shared import Text
from watchkeeper.model.event import Event

_SEQ_MOST: Final = 2**62

# What an event tells is as much as its resource would: a key needs that scope too.
_SCOPES: Final = {
    "finding": "findings:read",
    "alert": "alerts:read",
    "alarms": "alerts:read",
    "notification": "alerts:read",
    "mute": "mutes:read",
    "shift": "handover:read",
    "case": "cases:read",
    "report": "cases:read",
    "feed": "feeds:read",
    "behaviour": "feeds:read",
}


class Following(InRealm, frozen=True, kw_only=True):
    """``after``: the number of the last event that is known; only new ones where not given. A browser that connects
    again says so itself (Last-Event-ID). ``kind``: only these; one that ends in a dot stands for all that begin so."""

    after: Annotated[int, Meta(ge=0, le=_SEQ_MOST)] | None = None
    kind: Annotated[tuple[Text, ...], Meta(max_length=20)] = ()


class Past(PagedInRealm, frozen=True, kw_only=True):
    """Events after a number, of some kinds, about one subject."""

    after: Annotated[int, Meta(ge=0, le=_SEQ_MOST)] = 0
    kind: Annotated[tuple[Text, ...], Meta(max_length=20)] = ()
    subject: Text | None = None


@route("GET", "/api/v1/events", params=Past, answer=Items[Event], scope="events:read", about="event")
def list_events(call: Call[Past, Nothing]) -> Items[Event]:
    """Events of the log in order, each with who, when, and its hash."""
    p = call.params
    after = read_cursor(p.cursor, int)
    # Events of other realms are passed over, so a page may need several reads.
    found: list[Event] = []
    at = p.after if after is None else after
    while len(found) <= p.limit:
        part = call.services.decisions.read(at, kinds=p.kind, subject=p.subject, limit=p.limit + 1)
        found += [event for event in part if event.realm == p.realm and _may_read(call.who, event)]
        if len(part) <= p.limit:
            break
        at = part[-1].seq
    page = page_of(found[: p.limit + 1], p.limit, lambda e: e.seq, lambda e: e)
    call.seen.extend(str(event.seq) for event in page.items)
    return page


@route(
    "GET", "/api/v1/events/stream", params=Following, answer=str, scope="events:read", media="text/event-stream",
    about="event",
)  # fmt: skip
async def stream_events(call: Call[Following, Nothing]) -> EventStream:
    """New events as they are written (server-sent events); `id` is the event's number."""
    p = call.params
    live, desk, who = call.services.live, call.services.desk, call.who
    kinds = p.kind

    def wanted(event: Event) -> bool:
        fits = any(
            event.kind == kind or (kind.endswith(".") and event.kind.startswith(kind)) for kind in kinds
        )
        return event.realm == p.realm and (fits or not kinds) and _may_read(who, event)

    authorization, token = call.headers.get("authorization", ""), call.cookies.get(COOKIE, "")
    now = call.services.now

    def still_allowed() -> bool:
        still = desk.who(authorization, token, now())
        return still is not None and still.user == who.user and still.may("events:read", "viewer")

    return EventStream(live, await _begin(call), wanted, still_allowed)


def _may_read(who: Who, event: Event) -> bool:
    scope = _SCOPES.get(event.kind.partition(".")[0])
    return scope is None or who.has_scope(scope)


async def _begin(call: Call[Following, Nothing]) -> int:
    last = call.headers.get("last-event-id", "").strip()
    if last:
        if not last.isdecimal() or len(last) > 18:
            raise Refused(
                400, "Last-Event-ID is no number of an event.", "Leave it out, or give the last `id`."
            )
        return int(last)
    if call.params.after is not None:
        return call.params.after
    return await anyio.to_thread.run_sync(call.services.decisions.head)
