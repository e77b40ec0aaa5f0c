"""Taking back what was released: a new version, revoked, with the reason, wherever the object was carried.

The new version tells nothing that is not required of an object of its type; so it can go to everybody who could read
the object or was given it, also where the release has expired since.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from watchkeeper.errors import UsageError
from watchkeeper.exchange.hub.carried import Carriage, Carried
from watchkeeper.exchange.hub.hub import Hub, Receipt
from watchkeeper.exchange.hub.moments import read_us
from watchkeeper.exchange.hub.words import USER, Account, Collection
from watchkeeper.exchange.marking_definitions import definitions_for, marked
from watchkeeper.exchange.redaction import HANDLING
from watchkeeper.exchange.release import Item, decide
from watchkeeper.exchange.required import required_of
from watchkeeper.exchange.stix.scope import stamp
from watchkeeper.model.event import Decisions, Draft
from watchkeeper.model.marking import Marking

RETRACTED: Final = "exchange.retracted"
_NAME: Final = "Retracted"
_TOLD: Final = frozenset({"name", "description", "content"})


class Retraction(msgspec.Struct, frozen=True, kw_only=True):
    """An object that was taken back: in which collections (by id), for whom, and whom the new version cannot reach."""

    object: str
    reason: str
    collections: tuple[str, ...]
    told: tuple[str, ...]
    unreachable: tuple[str, ...]


def retract(
    hub: Hub, carriage: Carriage, decisions: Decisions, id: str, *, reason: str, by: str, user: str, at: int
) -> Retraction:
    """Take an object back.

    Args:
        id: of the object.
        reason: stands in the new version and in the log.
        by: the organisation that takes it back: the one that released it.
        user: who decided.
        at: the time [ms UTC].

    Raises:
        UsageError: no collection carries it, it is another organisation's, it has no versions, or is taken back
            already.
    """
    reason = reason.strip()
    if not reason:
        raise UsageError("A retraction needs a reason.", "Give it with --reason.")
    versions = carriage.versions(id)
    latest = [one for one in versions if one.last]
    _check(id, latest, by)
    told: set[str] = set()
    holders: set[str] = set()
    collections: list[str] = []
    for one in latest:
        collection = hub.collections.by_id(one.collection)
        here = [v for v in versions if v.collection == one.collection]
        had = {name for v in here for name in hub.pulls.holders(collection.id, v.seq)} - {by}
        audience = (had | _readers(hub, collection, here, at)) - {by}
        marking = _marking(one, audience)
        told |= {name for name in audience if _reaches(hub, collection, marking, name, by, at)}
        holders |= had
        if not one.revoked:
            made = tombstone(one.object, marking, reason=reason, by=by, at=at)
            _add(hub, collection, made, marking, user, by, at)
            collections.append(collection.id)
    done = Retraction(
        object=id,
        reason=reason,
        collections=tuple(collections),
        told=tuple(sorted(told)),
        unreachable=tuple(sorted(holders - told)),
    )
    draft = Draft(
        kind=RETRACTED,
        subject=id,
        at=at,
        actor=f"user:{user}",
        body=msgspec.to_builtins(done),
        realm=latest[0].held.marking.realm,
    )
    decisions.append([draft])
    return done


def tombstone(
    object: Mapping[str, Any], marking: Marking, *, reason: str, by: str, at: int
) -> dict[str, Any]:
    """The version of an object that takes it back: what is required of its type, and why it was taken back.

    Args:
        object: its latest version.
        marking: of the new version.
        reason, by, at: why, by which organisation, and when [ms UTC].
    """
    kept = required_of(object) | {"created_by_ref"}
    made = {key: value for key, value in object.items() if key in kept}
    made |= {key: _NAME for key in _TOLD if key in made}
    made["modified"] = _after(str(object["modified"]), at)
    made["revoked"] = True
    retracted = {"reason": reason, "by": by, "at": stamp(at)}
    made["extensions"] = {HANDLING: {"extension_type": "property-extension", "retracted": retracted}}
    return marked(made, marking)


def _check(id: str, latest: Sequence[Carried], by: str) -> None:
    if not latest:
        raise UsageError(f"No collection carries {id[:100]}.", "See: watchkeeper exchange ledger")
    foreign = sorted({one.poster for one in latest if one.poster != by})
    if foreign:
        raise UsageError(
            f"{id} was released by {', '.join(foreign)}, not by {by}.",
            "Only who released it takes it back; ask them, or name the organisation with --by.",
        )
    if any("modified" not in one.object for one in latest):
        raise UsageError(
            f"{id} is of a type without versions, which nobody can take back.",
            "Take back what refers to it.",
        )
    if all(one.revoked for one in latest):
        raise UsageError(f"{id} is taken back already.", "See: watchkeeper exchange holders")


def _readers(hub: Hub, collection: Collection, versions: Sequence[Carried], at: int) -> set[str]:
    """The organisations among the readers that could read a version when it was there to be read, or can now."""
    found: set[str] = set()
    for name in collection.terms.readers:
        if name.startswith(USER):
            continue
        recipient = hub.partners.one(name).recipient
        for one in versions:
            held = one.held.meant(collection.terms.unmarked)
            item = Item(id=one.id, marking=held.marking)
            times = (at, one.added_us // 1000)
            if any(
                decide(item, recipient, collection.terms.purpose, t, named=True, by=one.poster).outcome
                != "deny"
                for t in times
            ):
                found.add(name)
    return found


def _marking(one: Carried, audience: set[str]) -> Marking:
    """As the object was held, without an end, for everybody who knows it; who may not see it at all stays out."""
    marking = msgspec.structs.replace(one.held.marking, expires=None)
    if not marking.releasable_to:
        return marking
    names = tuple(f"org:{name}" for name in sorted(audience) if not name.startswith(USER))
    return msgspec.structs.replace(marking, releasable_to=(names,))


def _reaches(hub: Hub, collection: Collection, marking: Marking, name: str, by: str, at: int) -> bool:
    """Whether an organisation is given the new version when it asks."""
    if name not in collection.terms.readers:
        return False
    recipient = hub.partners.one(name).recipient
    level = marking.tlp or collection.terms.unmarked
    item = Item(id="", marking=msgspec.structs.replace(marking, tlp=level))
    return decide(item, recipient, collection.terms.purpose, at, named=True, by=by).outcome != "deny"


def _add(
    hub: Hub, collection: Collection, made: dict[str, Any], marking: Marking, user: str, by: str, at: int
) -> Receipt:
    raws = [msgspec.json.encode(one) for one in (*definitions_for(marking), made)]
    account = Account(user=user, organisation=by, operator=True)
    receipt = hub.add(collection, raws, account, at, widen=True)
    for failed in receipt.failed:
        if failed.id == made["id"]:
            raise UsageError(
                f"{made['id']} is not taken back in {collection.terms.title}: {failed.message}",
                "Open the collection for it, or delete the object there.",
            )
    return receipt


def _after(modified: str, at: int) -> str:
    """A version later than the one before, also where that one is ahead of the clock."""
    before_ms = read_us(modified) // 1000
    return stamp(max(at, before_ms + 1))
