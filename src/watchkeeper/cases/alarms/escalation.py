"""What is due because time has passed. Nothing here waits: it says what to write now, and the runner writes it."""

from collections.abc import Iterable, Iterator, Sequence

from watchkeeper.cases.alarms.alert import standing_of
from watchkeeper.cases.alarms.mutes import ENDED, Mute, in_force, mute_of, muted_by
from watchkeeper.cases.alarms.rules import rules
from watchkeeper.cases.alarms.states import by_system
from watchkeeper.model.event import Document, Draft
from watchkeeper.model.time import MINUTE


def due(
    alerts: Iterable[Document], mutes: Sequence[Document], *, now: int, actor: str = "system"
) -> list[Draft]:
    """What has become due: ends of snoozes and mutes, and escalations of alerts that nobody acknowledged.

    Pure, and safe to run again: the keys name the alert and the event its document rests on.

    Args:
        alerts: those that are open; others are passed over.
        mutes: all that may be in force.
        now: the time [ms UTC], of the same clock as the events of people.
        actor: who writes.
    """
    holding = in_force(mutes, now)
    drafts = [draft for alert in alerts for draft in _of_alert(alert, holding, now, actor)]
    return drafts + [_ended(mute, now, actor) for mute in mutes if _is_over(mute, now)]


def next_level_at(alert: Document) -> int | None:
    """When an alert is escalated if nobody acknowledges it [ms UTC]; None where it never will be."""
    if alert.state != "new":
        return None
    standing = standing_of(alert)
    if standing.level + 1 >= len(rules().levels):
        return None
    since = standing.new_since if standing.escalated_at is None else standing.escalated_at
    return since + rules().band(alert.score).after_ms


def _of_alert(alert: Document, holding: Sequence[Mute], now: int, actor: str) -> Iterator[Draft]:
    standing = standing_of(alert)
    if alert.state == "snoozed" and standing.snoozed_until is not None and now >= standing.snoozed_until:
        yield from _system(
            alert, "wake", now, actor, reason="the snooze is over", to=standing.snoozed_from or "new"
        )
    at = next_level_at(alert)
    # What ended while it was new (a feed that is live again) waits for a look, not for another person.
    if at is not None and now >= at and alert.score > 0 and not muted_by(alert, holding, now):
        level = standing.level + 1
        minutes = rules().band(alert.score).after_ms // MINUTE
        yield from _system(
            alert,
            "escalate",
            now,
            actor,
            level=level,
            told=rules().levels[level],
            reason=f"nobody acknowledged it within {minutes} min",
        )


def _system(alert: Document, action: str, now: int, actor: str, **body: object) -> Iterator[Draft]:
    draft = by_system(alert, action, at=now, actor=actor, key=str(alert.seq), **body)
    if draft is not None:
        yield draft


def _is_over(mute: Document, now: int) -> bool:
    return mute.state == "in force" and now >= mute_of(mute).ends


def _ended(mute: Document, now: int, actor: str) -> Draft:
    return Draft(
        kind=ENDED,
        subject=mute.id,
        at=now,
        actor=actor,
        body={"reason": "its time is over"},
        realm=mute.realm,
        key=f"{ENDED}:{mute.id}",
    )
