"""Alerts on ourselves: a feed that is silent, down or degraded, a behaviour that stopped. One for each."""

from collections.abc import Iterable, Iterator

from watchkeeper.cases.alarms.alert import DONE, Says, Standing, standing_of, worse
from watchkeeper.cases.alarms.projector import RAISED, UPDATED
from watchkeeper.cases.alarms.rules import rules
from watchkeeper.cases.alarms.states import WORKED, by_system
from watchkeeper.cases.alarms.wording import json_values, name_of, plain
from watchkeeper.model.event import Document, Draft
from watchkeeper.model.time import MINUTE, to_iso


def on_ourselves(
    health: Iterable[Document], alerts: Iterable[Document], *, now: int, actor: str = "watch"
) -> list[Draft]:
    """What is to be written so that each feed or behaviour that is not live has its alert.

    Pure, and safe to run again, as :func:`watchkeeper.cases.alarms.changes.changes` is.

    Args:
        health: the documents of feeds and behaviours.
        alerts: all alerts on ourselves; others are passed over.
        now: the time the drafts bear, by which a feed has been live for so long [ms UTC].
        actor: who writes.
    """
    held = {alert.id: alert for alert in alerts}
    return [draft for one in health for draft in _of_one(one, held.get(id_of(one)), now, actor)]


def id_of(health: Document) -> str:
    """The id of the alert on a feed or behaviour."""
    return name_of("ourselves", health.realm, health.body["what"], health.body["name"])


def _of_one(health: Document, alert: Document | None, now: int, actor: str) -> Iterator[Draft]:
    live = health.state == "live"
    if alert is None:
        if not live:
            yield _draft(
                RAISED, health, id_of(health), f"{RAISED}:{id_of(health)}", now, actor, says=_says(health)
            )
        return
    standing = standing_of(alert)
    says = _over(standing, health) if live else _says(health)
    if json_values(says) != json_values(standing.says):
        worsened = () if live else worse(standing.seen, says)
        key = f"{UPDATED}:{alert.id}:{alert.seq}"
        yield _draft(UPDATED, health, alert.id, key, now, actor, says=says, worsened=worsened)
        if worsened and alert.state == "snoozed":
            yield from _system(alert, "wake", now, actor, reason="; ".join(worsened), to="new")
    if not live and alert.state in DONE and _again(standing, health):
        yield from _system(alert, "raise again", now, actor, reason=f"{health.state}: {_reason(health)}")
    since = health.body["since"]
    if live and alert.state in WORKED and now - since >= rules().settled_after_ms:
        minutes = rules().settled_after_ms // MINUTE
        yield from _system(alert, "settle", now, actor, reason=f"live again for {minutes} min")


def _says(health: Document) -> Says:
    what, name, since = health.body["what"], health.body["name"], health.body["since"]
    failed = "has stopped: what it would find is unknown" if what == "behaviour" else f"is {health.state}"
    return Says(
        about=what,
        name=name,
        headline=f"{what.capitalize()} {plain(name)} {failed} since {to_iso(since)}: {plain(_reason(health))}",
        score=rules().ourselves.get(health.state, max(rules().ourselves.values())),
        founder=name,
        kinds=(f"{what}-{health.state}",),
        begins=health.body["trouble_since"] or since,
        content={"reason": health.body["reason"], "state": health.state},
    )


def _over(standing: Standing, health: Document) -> Says:
    """The alert on a feed that is live again: what it was stays, and when it ended is added."""
    before = standing.says
    name, since = plain(health.body["name"]), health.body["since"]
    return Says(
        about=before.about,
        name=before.name,
        headline=f"{before.about.capitalize()} {name} is live again since {to_iso(since)}; it was not since "
        f"{to_iso(before.begins)}",
        score=0.0,
        founder=before.founder,
        kinds=before.kinds,
        begins=before.begins,
        ends=since,
        content={"reason": health.body["reason"], "state": "live"},
    )


def _reason(health: Document) -> str:
    return health.body["reason"] or "no reason was given"


def _again(standing: Standing, health: Document) -> bool:
    """Whether trouble is another one than that which was decided: of another kind, or after a good time."""
    kind = f"{health.body['what']}-{health.state}"
    later = (health.body["trouble_since"] or health.body["since"]) >= standing.last.at
    good = standing.last.action == "settle" or health.body["live_for_ms"] >= rules().settled_after_ms
    return kind not in standing.settled_kinds or (later and good)


def _system(alert: Document, action: str, now: int, actor: str, **body: object) -> Iterator[Draft]:
    draft = by_system(alert, action, at=now, actor=actor, key=str(alert.seq), **body)
    if draft is not None:
        yield draft


def _draft(
    kind: str,
    health: Document,
    id: str,
    key: str,
    now: int,
    actor: str,
    *,
    says: Says,
    worsened: tuple[str, ...] = (),
) -> Draft:
    body = {"says": json_values(says), "worse": list(worsened)}
    return Draft(kind=kind, subject=id, at=now, actor=actor, body=body, realm=health.realm, key=key)
