"""Alerts: the officer's list, and what officers do with it."""

from typing import Any

from watchkeeper.api.declare import Call, InRealm, Items, Nothing, route
from watchkeeper.api.problems import Refused
from watchkeeper.api.reading import Moment, ms
from watchkeeper.api.routes.shared import (
    Id,
    One,
    Reason,
    Sought,
    Text,
    Thing,
    one_document,
    page_of_documents,
    query_of,
    thing,
)
from watchkeeper.cases.alarms.alert import ALERTS
from watchkeeper.cases.alarms.keeping import everything
from watchkeeper.cases.alarms.mutes import MUTES, Mute, in_force, muted_by
from watchkeeper.cases.alarms.states import act, allowed
from watchkeeper.model.event import Document, Query


class AlertOut(Thing, frozen=True, kw_only=True):
    """An alert. ``muted_by``: the mutes that keep it quiet; ``may``: what the caller can do with it now."""

    muted_by: tuple[str, ...]
    may: tuple[str, ...]


class Action(InRealm, frozen=True, kw_only=True):
    """An alert and what is done with it: acknowledge, snooze, assign, confirm, dismiss, close, reopen."""

    id: Id
    action: Text


class ActionBody(Nothing, frozen=True, kw_only=True):
    """``reason``: needed to dismiss and to reopen; ``to``: whom to assign it to; ``until``: when a snooze ends.

    ``seq``: the alert's as the officer saw it; where it has changed since, nothing is done.
    """

    reason: Reason = ""
    to: Text = ""
    until: Moment | None = None
    seq: int | None = None


@route("GET", "/api/v1/alerts", params=Sought, answer=Items[AlertOut], scope="alerts:read", about="alert")
def list_alerts(call: Call[Sought, Nothing]) -> Items[AlertOut]:
    """Alerts in an order: score, t (latest first) or id. States: new, acknowledged, assigned, snoozed, confirmed,
    dismissed, closed."""
    mutes = _mutes(call)
    return page_of_documents(
        call, query_of(ALERTS, call.params), lambda document: _out(call, document, mutes)
    )


@route("GET", "/api/v1/alerts/{id}", params=One, answer=AlertOut, scope="alerts:read", about="alert")
def one_alert(call: Call[One, Nothing]) -> AlertOut:
    """One alert: what it says, and where it stands."""
    return _out(call, one_document(call, ALERTS, "alert", call.params.id), _mutes(call))


@route(
    "POST", "/api/v1/alerts/{id}/{action}", params=Action, body=ActionBody, answer=AlertOut,
    scope="alerts:write", role="analyst", about="alert",
)  # fmt: skip
def act_on_alert(call: Call[Action, ActionBody]) -> AlertOut:
    """Do something with an alert; the event says who and when."""
    asked, body = call.params, call.body
    document = one_document(call, ALERTS, "alert", asked.id)
    if body.seq is not None and body.seq != document.seq:
        raise Refused(409, "The alert has changed since you saw it.", "Look at it again.")
    draft = act(
        document,
        asked.action,
        at=call.now,
        actor=call.who.actor,
        role=call.who.role,
        reason=body.reason,
        to=body.to,
        until=ms(body.until),
    )
    call.services.decisions.append([draft])
    return _out(call, one_document(call, ALERTS, "alert", asked.id), _mutes(call))


def _mutes(call: Call[Any, Any]) -> list[Mute]:
    query = Query(collection=MUTES, realm=call.params.realm, states=("in force",), order="id")
    return in_force(everything(call.services.decisions, query), call.now)


def _out(call: Call[Any, Any], document: Document, mutes: list[Mute]) -> AlertOut:
    base = thing(document)
    can_act = call.who.may("alerts:write", "analyst")
    return AlertOut(
        id=base.id,
        state=base.state,
        t=base.t,
        realm=base.realm,
        mmsi=base.mmsi,
        score=base.score,
        seq=base.seq,
        body=base.body,
        muted_by=tuple(mute.id for mute in muted_by(document, mutes, call.now)) if mutes else (),
        may=tuple(dict.fromkeys(allowed(document.state, call.who.role))) if can_act else (),
    )
