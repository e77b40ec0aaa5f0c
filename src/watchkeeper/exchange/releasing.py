"""Releasing what was planned: into a collection that partners read, with every decision written down."""

import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from watchkeeper.errors import UsageError
from watchkeeper.exchange.hub.carried import Carriage
from watchkeeper.exchange.hub.hub import Hub, Receipt
from watchkeeper.exchange.hub.words import Account, Collection, Terms
from watchkeeper.exchange.partners import Partner
from watchkeeper.exchange.sharing import Before, Conditions, Line, Plan, plan
from watchkeeper.exchange.stix.ids import organisation_id
from watchkeeper.model.event import Decisions, Draft
from watchkeeper.model.finding import REAL
from watchkeeper.model.marking import Purpose

DECIDED: Final = "share.decided"
"""One event for a share and an organisation; its subject is what was shared."""

_PAGE: Final = 500


class Desk:
    """Where shares are planned and released.

    Args:
        hub: with the collections.
        carriage: of the same database.
        decisions: its log.
        by: the organisation that shares.
    """

    def __init__(self, hub: Hub, carriage: Carriage, decisions: Decisions, by: str) -> None:
        self._hub, self._carriage, self._decisions, self._by = hub, carriage, decisions, by

    def plan(self, objects: Sequence[Mapping[str, Any]], conditions: Conditions, realm: str, at: int) -> Plan:
        """What sharing some objects would do; nothing is changed.

        Args:
            objects: STIX objects with their markings.
            conditions: under which they are shared.
            realm: of the objects.
            at: the time [ms UTC].

        Raises:
            UsageError: an organisation is not known.
        """
        purpose = conditions.used_for(realm)
        there = self._collection(purpose, realm)
        ids = [object["id"] for object in objects]
        carried = self._carriage.latest(there.id, ids) if there is not None else {}
        return plan(
            objects,
            [self._hub.partners.one(name).recipient for name in self._known(conditions.to)],
            purpose,
            at,
            by=self._by,
            identities={**self._hub.partners.identities(), organisation_id(self._by): self._by},
            before={id: Before(one.object, one.held) for id, one in carried.items()},
        )

    def release(
        self, what: str, planned: Plan, conditions: Conditions, realm: str, at: int, user: str
    ) -> Receipt:
        """Do what was planned: write down each decision, then put the objects where the partners read them.

        Args:
            what: the id of what is shared (a case).
            planned: by :meth:`plan`, a moment ago.
            conditions, realm: as planned.
            at: the time [ms UTC].
            user: who decided.
        """
        purpose = conditions.used_for(realm)
        collection = self._open(purpose, realm, conditions.to)
        share = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{what}:{at}:{user}"))
        self._decisions.append(
            [
                _draft(share, what, name, planned.of(name), conditions, collection, at, user, realm)
                for name in sorted(set(conditions.to))
            ]
        )
        account = Account(user=user, organisation=self._by, operator=True)
        raws = [msgspec.json.encode(object) for object in planned.objects]
        return self._hub.add(collection, raws, account, at, widen=True)

    def _known(self, names: Sequence[str]) -> list[str]:
        known = self._hub.partners.organisations()
        for name in (*names, self._by):
            if name not in known:
                near = ", ".join(sorted(known)[:10])
                raise UsageError(
                    f"There is no organisation {name[:100]!r}.",
                    f"Known are {near}." if near else "Add it with: watchkeeper exchange org add",
                )
        return sorted(set(names))

    def _collection(self, purpose: Purpose, realm: str) -> Collection | None:
        alias = alias_of(purpose, realm)
        return next((one for one in self._hub.collections.all() if one.alias == alias), None)

    def _open(self, purpose: Purpose, realm: str, to: Sequence[str]) -> Collection:
        """The collection, read by all partners and those that are addressed; made where it is not there."""
        self._stand_for()
        partners = {partner.organisation for partner in self._partners()}
        there = self._collection(purpose, realm)
        if there is None:
            terms = Terms(
                title=f"Releases for {purpose}" if realm == REAL else f"Releases of {realm}",
                description="What was released to partners; each is given what it may have.",
                readers=tuple(sorted(partners | set(to))),
                writers=(self._by,),
                unmarked="red",
                purpose=purpose,
                realm=realm,
            )
            return self._hub.collections.add(terms, alias=alias_of(purpose, realm))
        readers = tuple(sorted({*there.terms.readers, *partners, *to}))
        if readers == there.terms.readers:
            return there
        terms = msgspec.structs.replace(there.terms, readers=readers)
        return self._hub.collections.change(there.id, terms, there.alias)

    def _stand_for(self) -> None:
        """Let the identity that signs our objects stand for us, if none does."""
        own = self._hub.partners.one(self._by)
        if own.identity is None:
            self._hub.partners.set(msgspec.structs.replace(own, identity=organisation_id(self._by)))

    def _partners(self) -> list[Partner]:
        found: list[Partner] = []
        after = ""
        while page := self._hub.partners.page(after, _PAGE):
            found += page
            after = page[-1].organisation
        return found


def alias_of(purpose: Purpose, realm: str) -> str:
    """The alias of the collection in which things are released for a purpose."""
    if realm != REAL:
        exercise = realm.partition(":")[2]
        word = re.sub(r"[^a-z0-9]", "-", exercise.lower())[:32]
        if word != exercise:  # two exercises never share a collection
            word += f"-{hashlib.sha256(exercise.encode()).hexdigest()[:8]}"
        return f"releases-exercise-{word}"
    return "releases" if purpose == "awareness" else f"releases-{purpose}"


def _draft(
    share: str,
    what: str,
    organisation: str,
    lines: Sequence[Line],
    conditions: Conditions,
    collection: Collection,
    at: int,
    user: str,
    realm: str,
) -> Draft:
    body = {
        "share": share,
        "organisation": organisation,
        "collection": collection.id,
        "purpose": conditions.used_for(realm),
        "conditions": msgspec.to_builtins(conditions),
        "objects": [
            {
                "object": line.object,
                "name": line.name,
                "outcome": line.outcome,
                "rule": line.rule,
                "says": line.says,
                "parts": list(line.parts),
            }
            for line in lines
        ],
    }
    return Draft(
        kind=DECIDED,
        subject=what,
        at=at,
        actor=user if ":" in user else f"user:{user}",
        body=body,
        realm=realm,
        key=f"{DECIDED}:{share}:{organisation}",
    )
