"""What sharing a case would do, who holds an object, why somebody has it or has not, and what happened since."""

import asyncio
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from watchkeeper.api.declare import Asked, Call, InRealm, Items, Nothing, Paged, route
from watchkeeper.api.paging import page_of, read_cursor, slice_after, write_cursor
from watchkeeper.api.problems import Refused, not_found
from watchkeeper.api.reading import Moment, ms
from watchkeeper.api.routes.shared import Id, Text
from watchkeeper.api.services import Services
from watchkeeper.cases.register.case import CASES
from watchkeeper.exchange.ledger import Entry, Holder, Why
from watchkeeper.exchange.releasing import Desk
from watchkeeper.exchange.sharing import Conditions, Line, Plan
from watchkeeper.model.marking import Pap, Purpose, Tlp

_MOST: Final = 100

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Country = Annotated[str, Meta(pattern="^[A-Z]{3}$")]


class Sharing(Nothing, frozen=True, kw_only=True):
    """A case (by its id) that ``by`` would share with organisations, under conditions that all have to hold.

    ``countries`` are ISO 3166 alpha-3; ``expires`` ISO 8601. ``geometry``, ``evidence`` and ``notes`` are stricter
    levels of where assets lie, of raw records, and of the case's notes.
    """

    case: Id
    by: Name
    to: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=_MOST)]
    tlp: Tlp = "amber"
    pap: Pap | None = None
    countries: Annotated[tuple[Country, ...], Meta(max_length=_MOST)] = ()
    communities: Annotated[tuple[Name, ...], Meta(max_length=_MOST)] = ()
    originator_control: bool = False
    expires: Moment | None = None
    purpose: Purpose | None = None
    geometry: Tlp | None = None
    evidence: Tlp | None = None
    notes: Tlp | None = None


class WouldGo(msgspec.Struct, frozen=True, kw_only=True):
    """A line for each object and organisation; and who had an earlier version and is not addressed, with objects."""

    lines: list[Line]
    left_out: dict[str, list[str]]


class HoldersSought(Paged, frozen=True, kw_only=True):
    """Of an object, by its id."""

    id: Id


class WhyAsked(Asked, frozen=True, kw_only=True):
    """An object by its id, and the organisation that has it or has not."""

    id: Id
    to: Name


class HistorySought(Paged, frozen=True, kw_only=True):
    """Of one organisation, or of all. ``limit`` counts events, each of which may give several entries, or none."""

    organisation: Text | None = None


@route(
    "POST", "/api/v1/exchange/dry-run", params=InRealm, body=Sharing, answer=WouldGo, scope="exchange:read",
    role="supervisor", about="case",
)  # fmt: skip
async def dry_run_share(call: Call[InRealm, Sharing]) -> WouldGo:
    """What sharing a case would do: for each object and organisation what goes, is withheld or redacted, and why.

    Nothing is released, and nothing is written.
    """
    services, b, realm = call.services, call.body, call.params.realm
    document = services.decisions.document(CASES, b.case)
    if document is None or document.realm != realm:
        raise not_found("case", b.case)
    conditions = Conditions(
        to=b.to, tlp=b.tlp, pap=b.pap, countries=b.countries, communities=b.communities,
        originator_control=b.originator_control, expires=ms(b.expires), purpose=b.purpose, geometry=b.geometry,
        evidence=b.evidence, notes=b.notes,
    )  # fmt: skip
    call.seen.append(b.case)
    loop = asyncio.get_running_loop()
    planned = await loop.run_in_executor(services.workers, _planned, services, b, conditions, realm, call.now)
    return WouldGo(
        lines=list(planned.lines), left_out={name: list(ids) for name, ids in planned.left_out.items()}
    )


def _planned(services: Services, asked: Sharing, conditions: Conditions, realm: str, now: int) -> Plan:
    if services.case_objects is None:
        raise Refused(409, "This server does not gather cases.", "Use `watchkeeper share --dry-run`.")
    objects = services.case_objects(asked.case, realm, asked.by, conditions.markings(asked.by, realm))
    desk = Desk(services.hub, services.ledger.carriage, services.decisions, asked.by)
    return desk.plan(objects, conditions, realm, now)


@route(
    "GET", "/api/v1/exchange/objects/{id}/holders", params=HoldersSought, answer=Items[Holder],
    scope="exchange:read", role="supervisor", about="object",
)  # fmt: skip
def list_holders(call: Call[HoldersSought, Nothing]) -> Items[Holder]:
    """Who was given an object, in which versions and when; and who was not told yet that it was taken back."""
    p, ledger = call.params, call.services.ledger
    call.seen.append(p.id)
    found = ledger.holders(p.id)
    if not found and not ledger.carriage.versions(p.id):
        raise not_found("object", p.id)
    rows = slice_after(found, read_cursor(p.cursor, str), p.limit, lambda one: one.organisation)
    return page_of(rows, p.limit, lambda one: one.organisation, lambda one: one, len(found))


@route(
    "GET", "/api/v1/exchange/objects/{id}/why", params=WhyAsked, answer=Why, scope="exchange:read", role="supervisor",
    about="object",
)  # fmt: skip
def why_object(call: Call[WhyAsked, Nothing]) -> Why:
    """Why an organisation has an object, or has not: as the gate says now, as it was decided, and what it pulled."""
    p = call.params
    if p.to not in call.services.hub.partners.organisations():
        raise not_found("organisation", p.to)
    call.seen.append(p.id)
    return call.services.ledger.why(p.id, p.to, call.now)


@route(
    "GET", "/api/v1/exchange/history", params=HistorySought, answer=Items[Entry], scope="exchange:read",
    role="supervisor", about="ledger",
)  # fmt: skip
def list_exchange_history(call: Call[HistorySought, Nothing]) -> Items[Entry]:
    """What was released, withheld and why, pulled, and taken back; of one organisation or of all, the earliest first.

    A page may be empty and still have a ``next``: events of other organisations stand between.
    """
    p = call.params
    entries, last = call.services.ledger.page(
        p.organisation, after=read_cursor(p.cursor, int) or 0, limit=p.limit
    )
    return Items(items=entries, next=None if last is None else write_cursor(last))
