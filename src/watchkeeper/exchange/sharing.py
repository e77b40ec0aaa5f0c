"""Sharing a case: what would go to whom under which marking, and why; as it is decided before anything leaves.

A share is addressed to organisations by name. Their names are part of the marking of everything that is shared, beside
countries, communities and conditions, all of which have to hold. What was shared before and says nothing new keeps its
earlier addressees; a new version is for those it is addressed to.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from watchkeeper.exchange.closure import item_of, settled
from watchkeeper.exchange.gate import Gate
from watchkeeper.exchange.hub.shelves import Held
from watchkeeper.exchange.marking_definitions import definitions_for, marked
from watchkeeper.exchange.markings import Definitions, definitions_of, marking_of
from watchkeeper.exchange.redaction import redacted
from watchkeeper.exchange.release import Decision, Item
from watchkeeper.exchange.stix.scope import stamp
from watchkeeper.exchange.things import Marked
from watchkeeper.model.finding import REAL
from watchkeeper.model.marking import Marking, Pap, Part, Purpose, Recipient, Tlp, both

DEFINITION: Final = "marking-definition"
Outcome = Literal["goes", "redacted", "withheld"]
_WORDS: Final[dict[str, Outcome]] = {"allow": "goes", "redact": "redacted", "deny": "withheld"}
_OF_MARKING: Final = frozenset({"modified", "object_marking_refs", "granular_markings"})


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """Under which conditions a case is shared. ``to`` are organisations, ``countries`` ISO 3166 alpha-3 codes.

    ``purpose`` None: it goes for awareness, and the marking says nothing about what it may be used for. ``expires``
    [ms UTC]. ``geometry`` (where assets lie), ``evidence`` (raw records) and ``notes`` (of the case) are stricter
    levels.
    """

    to: tuple[str, ...]
    tlp: Tlp = "amber"
    pap: Pap | None = None
    countries: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    originator_control: bool = False
    expires: int | None = None
    purpose: Purpose | None = None
    geometry: Tlp | None = None
    evidence: Tlp | None = None
    notes: Tlp | None = None

    def markings(self, by: str, realm: str) -> Marked:
        """The markings of everything that an organisation shares so."""
        whole = self.marking(by, realm)
        levels = {"geometry": self.geometry, "evidence": self.evidence, "notes": self.notes}
        return Marked(
            default=whole,
            of={
                kind: both(whole, Marking(tlp=level, realm=realm))
                for kind, level in levels.items()
                if level is not None
            },
        )

    def marking(self, by: str, realm: str) -> Marking:
        """The marking of what an organisation shares so."""
        groups = (
            tuple(f"org:{name}" for name in sorted(set(self.to))),
            tuple(f"country:{code}" for code in sorted(set(self.countries))),
            tuple(f"community:{name}" for name in sorted(set(self.communities))),
        )
        return Marking(
            tlp=self.tlp,
            pap=self.pap,
            releasable_to=(groups[0], *(group for group in groups[1:] if group)),
            originator=by,
            originator_control=self.originator_control,
            expires=self.expires,
            purposes=None if self.purpose is None else (self.purpose,),
            realm=realm,
        )

    def used_for(self, realm: str) -> Purpose:
        """What it goes for; within an exercise always that."""
        return (self.purpose or "awareness") if realm == REAL else "exercise"


class Before(msgspec.Struct, frozen=True):
    """What was shared before under an id: the object, and how it is held."""

    object: Mapping[str, Any]
    held: Held


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What one organisation would be given of one object, by which rule, in words; ``parts`` are not given."""

    object: str
    type: str
    name: str
    organisation: str
    outcome: Outcome
    rule: str
    says: str
    parts: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a share would do: the objects as they would stand in the collection, and a line for each object and party.

    ``left_out`` are organisations that were given an earlier version of an object and are not addressed by this one,
    with those objects.
    """

    objects: tuple[dict[str, Any], ...]
    lines: tuple[Line, ...]
    left_out: Mapping[str, tuple[str, ...]] = {}

    def of(self, organisation: str) -> tuple[Line, ...]:
        """The lines of one organisation."""
        return tuple(line for line in self.lines if line.organisation == organisation)


def plan(
    objects: Sequence[Mapping[str, Any]],
    to: Sequence[Recipient],
    purpose: Purpose,
    at: int,
    *,
    by: str,
    identities: Mapping[str, str],
    before: Mapping[str, Before],
) -> Plan:
    """What sharing some objects would do.

    Args:
        objects: STIX objects with their markings, and the definitions of these.
        to: whom the share is addressed to.
        purpose: what they are to be used for.
        at: the time [ms UTC].
        by: the organisation that shares.
        identities: organisations by the ids of their identities.
        before: what stands in the collection under ids of these objects.
    """
    things = [object for object in objects if object["type"] != DEFINITION]
    known = definitions_of(objects)
    to_whom = tuple(sorted(f"org:{who.organisation}" for who in to))
    own = [_again(object, known, before.get(object["id"]), at, to_whom) for object in things]
    known = known | definitions_of(_definitions(own))
    items = [item_of(object, known, identities, by) for object, _ in own]
    by_id = {object["id"]: object for object, _ in own}
    decided = {who.organisation: _decided(by_id, items, who, purpose, at, by) for who in to}
    lines = [
        _line(object, organisation, decisions[object["id"]])
        for organisation, decisions in decided.items()
        for object, _ in own
    ]
    nobody = frozenset(
        item.id for item in items if all(of[item.id].outcome == "deny" for of in decided.values())
    )
    released = [
        left
        for object, _ in own
        if object["id"] not in nobody and (left := redacted(object, (), nobody)) is not None
    ]
    new = [object for object in released if _changed(object, before.get(object["id"]))]
    return Plan(
        objects=(*_needed(released, (*objects, *_definitions(own))), *new),
        lines=tuple(lines),
        left_out=_left_out(new, before, {who.organisation for who in to}),
    )


def _decided(
    objects: Mapping[str, Mapping[str, Any]],
    items: Sequence[Item],
    recipient: Recipient,
    purpose: Purpose,
    at: int,
    by: str,
) -> dict[str, Decision]:
    """Decisions about all items for one recipient, closed."""
    gate = Gate(recipient, purpose, named=True)
    return settled(objects, items, {item.id: gate.decide(item, at, by=by) for item in items})


def _line(object: Mapping[str, Any], organisation: str, decision: Decision) -> Line:
    why = decision.reasons if decision.outcome == "deny" else decision.reasons[-1:]
    return Line(
        object=object["id"],
        type=object["type"],
        name=str(object.get("name", "")),
        organisation=organisation,
        outcome=_WORDS[decision.outcome],
        rule=why[0].rule,
        says=" ".join(reason.says for reason in why),
        parts=tuple(part.selector for part in decision.withheld),
    )


def _again(
    object: Mapping[str, Any], definitions: Definitions, before: Before | None, at: int, to: tuple[str, ...]
) -> tuple[dict[str, Any], tuple[Marking, tuple[Part, ...]]]:
    """The object as it is shared now, and its markings: with its earlier addressees if it says nothing new."""
    marking, parts = marking_of(object, definitions)
    if marking.tlp != "clear" and to not in marking.releasable_to:
        marking = msgspec.structs.replace(marking, releasable_to=(*marking.releasable_to, to))
    if before is not None and not _revoked(before) and _says(object) == _says(before.object):
        marking = _with_addressees(marking, before.held.marking)
    made = marked(object, marking, parts)
    if before is not None and "modified" in made and _changed(made, before):
        made["modified"] = max(made["modified"], stamp(at))
    return made, (marking, parts)


def _with_addressees(marking: Marking, before: Marking) -> Marking:
    """The marking, addressed also to those to whom the object was addressed before."""
    earlier = _addressees(before)
    groups = tuple(
        tuple(sorted({*group, *earlier})) if _addresses(group) else group for group in marking.releasable_to
    )
    return msgspec.structs.replace(marking, releasable_to=groups)


def _addressees(marking: Marking) -> frozenset[str]:
    """The organisations that a marking names one by one."""
    groups = [frozenset(group) for group in marking.releasable_to if _addresses(group)]
    return frozenset.intersection(*groups) if groups else frozenset()


def _addresses(group: tuple[str, ...]) -> bool:
    return bool(group) and all(name.startswith("org:") for name in group)


def _revoked(before: Before) -> bool:
    return before.object.get("revoked") is True


def _says(object: Mapping[str, Any]) -> dict[str, Any]:
    """What it says, whoever may have it."""
    return {key: value for key, value in object.items() if key not in _OF_MARKING}


def _changed(object: Mapping[str, Any], before: Before | None) -> bool:
    """Whether it is not there yet just so."""
    if before is None:
        return True
    return {**object, "modified": None} != {**before.object, "modified": None}


def _definitions(own: Iterable[tuple[Any, tuple[Marking, tuple[Part, ...]]]]) -> list[dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for _, (marking, parts) in own:
        for definition in (
            *definitions_for(marking),
            *(
                d
                for part in parts
                for d in definitions_for(msgspec.structs.replace(part.marking, realm=REAL), part.how)
            ),
        ):
            made.setdefault(definition["id"], definition)
    return list(made.values())


def _needed(
    released: Iterable[Mapping[str, Any]], definitions: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The marking definitions that what is released refers to."""
    refs: set[str] = set()
    for object in released:
        refs.update(object.get("object_marking_refs", ()))
        refs.update(mark.get("marking_ref", "") for mark in object.get("granular_markings", ()))
    return list(
        {d["id"]: dict(d) for d in definitions if d["type"] == DEFINITION and d["id"] in refs}.values()
    )


def _left_out(
    new: Iterable[Mapping[str, Any]], before: Mapping[str, Before], to: set[str]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for object in new:
        earlier = before.get(object["id"])
        if earlier is None or _revoked(earlier) or _says(object) == _says(earlier.object):
            continue
        for name in {name.removeprefix("org:") for name in _addressees(earlier.held.marking)} - to:
            found.setdefault(name, []).append(object["id"])
    return {name: tuple(ids) for name, ids in sorted(found.items())}
