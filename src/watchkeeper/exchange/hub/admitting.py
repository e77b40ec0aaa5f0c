"""Which objects an organisation may put into a collection, before what is there already is looked at.

A marking is read by the definitions that its poster brings along or brought before: what another organisation said
under the same id is not what the poster meant.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from watchkeeper.exchange.closure import held_as
from watchkeeper.exchange.hub.intake import Checked, Failed, checked
from watchkeeper.exchange.hub.shelves import Held
from watchkeeper.exchange.hub.tables import objects, shelves
from watchkeeper.exchange.hub.words import MEDIA_OF, Account, Collection
from watchkeeper.exchange.markings import Meaning, audience_of, definitions_of
from watchkeeper.exchange.partners import Partner
from watchkeeper.model.finding import REAL

_DEFINITION: Final = "marking-definition"
_IS_DEFINITION: Final = re.compile(rb'"type"\s*:\s*"marking-definition"')
_AT_ONCE: Final = 500
_MOST_READ: Final = 1000
_OFFICIAL: Final = definitions_of(())


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """An object that may go in, and how it will be held."""

    checked: Checked
    held: Held


class Admission:
    """Looks at the objects of one request.

    Args:
        collection: where they would go.
        account: who brings them.
        partner: its organisation.
        identities: organisations by the ids of their identities.
    """

    def __init__(
        self, collection: Collection, account: Account, partner: Partner, identities: Mapping[str, str]
    ) -> None:
        self._collection, self._terms = collection, collection.terms
        self._party, self._identities = account.party, identities
        self.may_relay = account.operator or partner.agreement.may_relay
        self._made_by = None if partner.agreement.may_relay else account.party
        self._definitions: dict[str, Meaning] = dict(_OFFICIAL)
        self._contested: set[str] = set()
        self._read: dict[bytes, Held] = {}

    def learn(self, connection: Connection, raws: Sequence[bytes]) -> None:
        """Read the marking definitions among all objects of the request."""
        brought = [raw for raw in raws if _IS_DEFINITION.search(raw)]
        found = [one.object for one in checked(brought) if isinstance(one, Checked)]
        ids = sorted({str(each["id"]) for each in found})
        by_others = {
            id_
            for id_, poster, raw in self._stored(connection, ids)
            if poster != self._party and not any(_same(raw, each) for each in found if each["id"] == id_)
        }
        self._contested |= by_others
        self._definitions |= definitions_of(each for each in found if each["id"] not in by_others)

    def admitted(self, connection: Connection, raws: Sequence[bytes]) -> Iterator[Admitted | Failed]:
        """Each object as it may go in, or why not; in order."""
        found = list(checked(raws))
        self._recall(connection, (one.object for one in found if isinstance(one, Checked)))
        for one in found:
            if isinstance(one, Failed):
                yield one
                continue
            held = self._held(one)
            against = self._against(one, held)
            if against is None:
                yield Admitted(checked=one, held=held)
            else:
                yield failed(one, *against)

    def _recall(self, connection: Connection, found: Iterable[Mapping[str, Any]]) -> None:
        """Find definitions that the poster brought in earlier requests."""
        wanted = {ref for each in found for ref in _marking_refs(each)} - self._definitions.keys()
        rows = self._stored(connection, sorted(wanted - self._contested))
        known = [json.loads(raw) for _, poster, raw in rows if poster == self._party]
        self._definitions |= definitions_of(known)

    def _stored(self, connection: Connection, ids: Sequence[str]) -> Iterator[tuple[str, str, bytes]]:
        """Definitions of the collection: id, poster, bytes."""
        o = objects.c
        for start in range(0, len(ids), _AT_ONCE):
            asked = (
                sa.select(o.id, shelves.c.poster, o.bytes)
                .join(shelves, shelves.c.number == o.shelf)
                .where(
                    o.collection == self._collection.number,
                    o.id.in_(ids[start : start + _AT_ONCE]),
                    sa.literal_column("last = 1"),
                )
            )
            for row in connection.execute(asked):
                yield row.id, row.poster, bytes(row.bytes)

    def _held(self, one: Checked) -> Held:
        """How it is held. Many objects say the same, so what was read is kept for a while."""
        if one.type == _DEFINITION and not one.object.get("object_marking_refs"):
            return Held(audience_of(one.object))
        said = [
            one.object.get(name)
            for name in ("object_marking_refs", "granular_markings", "created_by_ref", "labels")
        ]
        if one.object.get("granular_markings"):
            said += [one.type, sorted(one.object)]  # which parts it can do without
        key = msgspec.json.encode(said)
        held = self._read.get(key)
        if held is None:
            held = Held(*held_as(one.object, self._definitions, self._identities, self._made_by))
            if len(self._read) >= _MOST_READ:
                self._read.clear()
            self._read[key] = held
        return held

    def _against(self, one: Checked, held: Held) -> tuple[str, str] | None:
        """The rule that stands against it, and what it says."""
        terms, realm = self._terms, held.marking.realm
        if MEDIA_OF[one.spec] not in terms.media_types:
            return "media-type", f"This collection does not take STIX {one.spec}."
        if one.type == _DEFINITION and one.id not in self._contested:
            return None  # it restricts others, and says nothing else
        if realm not in (REAL, terms.realm):
            return "realm", f"It belongs to {realm}, this collection does not."
        if self._contested and not self._contested.isdisjoint((one.id, *_marking_refs(one.object))):
            return "marking", "Another organisation's marking definition has an id that it uses."
        level = held.meant(terms.unmarked).marking.tlp
        if terms.allowed is not None and (level not in terms.allowed or held.marking.unknown):
            return "marking", "This collection does not take its marking."
        if not self.may_relay and self._originator(one) not in (None, self._party):
            return "originator", "It is made in the name of another organisation."
        return None

    def _originator(self, one: Checked) -> str | None:
        """The organisation here in whose name it is made."""
        author = one.id if one.type == "identity" else one.object.get("created_by_ref")
        return self._identities.get(author) if isinstance(author, str) else None


def failed(one: Checked, rule: str, message: str) -> Failed:
    """An object that is not taken, by a rule."""
    return Failed(id=one.id, version=one.version, rule=rule, message=message)


def _marking_refs(found: Mapping[str, Any]) -> list[str]:
    refs = found.get("object_marking_refs")
    granular = found.get("granular_markings")
    named = (
        [each.get("marking_ref") for each in granular if isinstance(each, dict)]
        if isinstance(granular, list)
        else []
    )
    return [ref for ref in (*(refs if isinstance(refs, list) else ()), *named) if isinstance(ref, str)]


def _same(raw: bytes, found: Mapping[str, Any]) -> bool:
    return same_json(raw, json.dumps(found).encode())


def same_json(first: bytes, second: bytes) -> bool:
    """Whether two objects that were taken in say the same, however they are written."""
    return json.dumps(json.loads(first), sort_keys=True) == json.dumps(json.loads(second), sort_keys=True)
