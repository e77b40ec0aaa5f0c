"""Mutes: rules that keep known alerts quiet, each with a reason, an author and an end."""

from typing import Annotated

from msgspec import Meta

from watchkeeper.api.declare import Call, InRealm, Items, Nothing, PagedInRealm, route
from watchkeeper.api.reading import Moment, ms
from watchkeeper.api.routes.shared import (
    Mmsi,
    One,
    Reason,
    Text,
    Thing,
    one_document,
    page_of_documents,
    thing,
)
from watchkeeper.cases.alarms.mutes import MUTES, Rule, lift, set_mute
from watchkeeper.model.event import Query

Longitude = Annotated[float, Meta(ge=-180, le=180)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]


class Mutes(PagedInRealm, frozen=True, kw_only=True):
    """Mutes of some states: in force, lifted, ended."""

    state: Annotated[tuple[Text, ...], Meta(max_length=3)] = ()


class NewMute(Nothing, frozen=True, kw_only=True):
    """What is muted (all that is given must fit), why, and until when. ``area`` is west, south, east, north [deg]."""

    reason: Reason
    until: Moment
    mmsi: Mmsi | None = None
    behaviour: Text | None = None
    asset: Text | None = None
    area: tuple[Longitude, Latitude, Longitude, Latitude] | None = None


class Lifting(Nothing, frozen=True, kw_only=True):
    """Why a mute ends early."""

    reason: Reason = ""


@route("GET", "/api/v1/mutes", params=Mutes, answer=Items[Thing], scope="mutes:read")
def list_mutes(call: Call[Mutes, Nothing]) -> Items[Thing]:
    """Mutes, those that end last first."""
    p = call.params
    query = Query(collection=MUTES, realm=p.realm, states=p.state, limit=p.limit, after=p.cursor)
    return page_of_documents(call, query, thing)


@route(
    "POST", "/api/v1/mutes", params=InRealm, body=NewMute, answer=Thing, status=201, scope="mutes:write",
    role="supervisor", about="mute",
)  # fmt: skip
def add_mute(call: Call[InRealm, NewMute]) -> Thing:
    """Keep alerts quiet for a while."""
    b = call.body
    rule = Rule(mmsi=b.mmsi, behaviour=b.behaviour or None, asset=b.asset or None, area=b.area)
    until = ms(b.until)
    assert until is not None
    draft = set_mute(
        rule, reason=b.reason, until=until, at=call.now, actor=call.who.actor, realm=call.params.realm
    )
    call.services.decisions.append([draft])
    return thing(one_document(call, MUTES, "mute", draft.subject))


@route(
    "POST", "/api/v1/mutes/{id}/lift", params=One, body=Lifting, answer=Thing, scope="mutes:write",
    role="supervisor", about="mute",
)  # fmt: skip
def lift_mute(call: Call[One, Lifting]) -> Thing:
    """End a mute early."""
    mute = one_document(call, MUTES, "mute", call.params.id)
    call.services.decisions.append([lift(mute, at=call.now, actor=call.who.actor, reason=call.body.reason)])
    return thing(one_document(call, MUTES, "mute", call.params.id))
