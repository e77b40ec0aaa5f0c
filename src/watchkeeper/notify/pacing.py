"""How many at once: what of the outbox is sent now, what waits, and what is told in one summary instead."""

from collections.abc import Sequence
from typing import Final

import msgspec

from watchkeeper.model.event import Document
from watchkeeper.model.time import HOUR
from watchkeeper.notify.outbox import item_of
from watchkeeper.notify.routes import Route

_LEAST_HELD: Final = 2
"""A summary of one would be the message itself."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to do now: send these; say these in one summary; drop the first of each pair for the second."""

    send: tuple[Document, ...] = ()
    summarise: tuple[Document, ...] = ()
    supersede: tuple[tuple[Document, Document], ...] = ()


def plan(route: Route, queued: Sequence[Document], sent: Sequence[Document], *, now: int) -> Plan:
    """The plan of one route.

    Escalations go first, and are never held back by how often an alert was told of; the limit of an hour holds for them
    too, so that no fault anywhere can flood a person. A summary has its own limit, and counts for none.

    Args:
        route: whose limits hold.
        queued: what waits, of this route.
        sent: what was sent in the last hour, and a day back for alerts, of this route.
        now: the time [ms UTC].
    """
    newest, dropped = _newest_of_each_alert(queued)
    last_of_alert = _last_by_alert(sent)
    ready = [d for d in newest if item_of(d).next_at <= now and not _too_soon(route, d, last_of_alert, now)]
    ready.sort(key=_urgency)
    recent = sum(
        1
        for d in sent
        if (item_of(d).sent_at or 0) > now - HOUR and item_of(d).message.importance != "summary"
    )
    free = max(route.per_hour - recent, 0)
    summaries = [d for d in ready if item_of(d).message.importance == "summary"]
    single = [d for d in ready if item_of(d).message.importance != "summary"]
    held = single[free:]
    if len(held) < _LEAST_HELD or not _summary_is_due(route, sent, now):
        held = []
    return Plan(send=(*summaries, *single[:free]), summarise=tuple(held), supersede=tuple(dropped))


def _newest_of_each_alert(
    queued: Sequence[Document],
) -> tuple[list[Document], list[tuple[Document, Document]]]:
    """The latest of each alert, and those before it; an escalation is not dropped for something lesser."""
    newest: dict[str, Document] = {}
    dropped = []
    for document in sorted(queued, key=lambda d: (item_of(d).message.at, d.id)):
        about = item_of(document).message.alert or document.id
        before = newest.get(about)
        if before is None:
            newest[about] = document
        elif _level(before) > _level(document):
            dropped.append((document, before))
        else:
            dropped.append((before, document))
            newest[about] = document
    return list(newest.values()), dropped


def _last_by_alert(sent: Sequence[Document]) -> dict[str, int]:
    last: dict[str, int] = {}
    for document in sent:
        item = item_of(document)
        if item.message.alert is not None and item.sent_at is not None:
            last[item.message.alert] = max(last.get(item.message.alert, 0), item.sent_at)
    return last


def _too_soon(route: Route, document: Document, last: dict[str, int], now: int) -> bool:
    message = item_of(document).message
    if message.importance == "escalated" or message.alert not in last:
        return False
    return now - last[message.alert] < route.each_alert_every


def _summary_is_due(route: Route, sent: Sequence[Document], now: int) -> bool:
    told = [item_of(d).sent_at or 0 for d in sent if item_of(d).message.importance == "summary"]
    return now - max(told, default=0) >= route.summary_every


def _level(document: Document) -> int:
    return item_of(document).message.level


def _urgency(document: Document) -> tuple[int, float, int, str]:
    """Escalations first, then the highest score, then the oldest."""
    message = item_of(document).message
    return -message.level, -message.score, message.at, document.id
