"""Several things for one recipient: what refers to a withheld thing must not tell of it, and may not stand without it.

A reference to something withheld is taken out; a thing that needs it is withheld too, and so on until nothing changes.
Who receives the rest learns that something is missing, never which id it has.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from watchkeeper.exchange.markings import Definitions, marking_of
from watchkeeper.exchange.redaction import redacted
from watchkeeper.exchange.release import Decision, Item, Reason
from watchkeeper.exchange.required import required_of
from watchkeeper.model.marking import Marking, Part, both

_CANNOT_STAND: Final = Reason("closure", "It says nothing without something that is withheld.")
_NOTHING_LEFT: Final = Reason("closure", "Nothing is left of it without the parts that are withheld.")
_CUT: Final = Reason("closure", "It refers to something that is withheld; the reference is left out.")
_MARKS: Final = frozenset({"object_marking_refs", "granular_markings"})


def held_as(
    object: Mapping[str, Any],
    definitions: Definitions,
    organisations: Mapping[str, str] | None = None,
    poster: str | None = None,
) -> tuple[Marking, tuple[Part, ...]]:
    """As :func:`marking_of`; a part that the object cannot do without is the object: its marking is the whole's."""
    marking, parts = marking_of(object, definitions, organisations, poster)
    required = required_of(object) if parts else frozenset()
    for part in parts:
        if part.selector in required:
            marking = both(marking, part.marking)
    return marking, tuple(part for part in parts if part.selector not in required)


def item_of(
    object: Mapping[str, Any],
    definitions: Definitions,
    organisations: Mapping[str, str] | None = None,
    poster: str | None = None,
) -> Item:
    """A STIX object as the gate sees it; see :func:`held_as`."""
    marking, parts = held_as(object, definitions, organisations, poster)
    return Item(
        id=str(object.get("id")),
        marking=marking,
        parts=parts,
        refs=tuple(dict.fromkeys(references(object))),
        needs=tuple(
            needed
            for name in sorted(required_of(object))
            if name.endswith(("_ref", "_refs")) and (needed := tuple(_ids(object[name])))
        ),
    )


def references(object: Mapping[str, Any]) -> Iterator[str]:
    """The ids that an object refers to by properties ``..._ref`` and ``..._refs``, however deep; not its markings."""
    for name, value in object.items():
        if name in _MARKS:
            continue
        if name.endswith(("_ref", "_refs")):
            yield from _ids(value)
        for below in value if isinstance(value, list) else [value]:
            if isinstance(below, Mapping):
                yield from references(below)


def _ids(value: Any) -> list[str]:
    return [id for id in (value if isinstance(value, list) else [value]) if isinstance(id, str)]


def closed(items: Iterable[Item], decisions: Mapping[str, Decision]) -> dict[str, Decision]:
    """The decisions, by id of the item, after what follows from what is withheld."""
    found = dict(decisions)
    mentioned: dict[str, list[Item]] = {}
    for item in items:
        for ref in item.refs:
            mentioned.setdefault(ref, []).append(item)
    withheld = [id for id, decision in found.items() if decision.outcome == "deny"]
    for id in withheld:  # grows while it is walked
        for item in mentioned.get(id, ()):
            decision = found[item.id]
            if decision.outcome == "deny":
                continue
            found[item.id] = _after(item, decision, found)
            if found[item.id].outcome == "deny":
                withheld.append(item.id)
    return found


def settled(
    objects: Mapping[str, Mapping[str, Any]], items: Iterable[Item], decisions: Mapping[str, Decision]
) -> dict[str, Decision]:
    """As :func:`closed`, and where an object turns out to be none any more without its parts, it is withheld.

    Args:
        objects: the items' objects by id.
        items: the items.
        decisions: about each of them.
    """
    items = list(items)
    found = closed(items, decisions)
    while True:
        withheld = frozenset(id for id, decision in found.items() if decision.outcome == "deny")
        broken = [
            id
            for id, decision in found.items()
            if decision.outcome == "redact" and redacted(objects[id], decision.withheld, withheld) is None
        ]
        if not broken:
            return {id: _as_it_is(objects[id], decision) for id, decision in found.items()}
        found = closed(items, found | dict.fromkeys(broken, Decision("deny", (_NOTHING_LEFT,))))


def _as_it_is(object: Mapping[str, Any], decision: Decision) -> Decision:
    """The decision; allowed where the parts to withhold are not there, and no reference is left out."""
    if decision.outcome != "redact" or _CUT in decision.reasons:
        return decision
    if redacted(object, decision.withheld) == object:
        return Decision("allow", decision.reasons[:1])
    return decision


def _after(item: Item, decision: Decision, found: Mapping[str, Decision]) -> Decision:
    """The decision about an item that mentions something withheld."""
    if any(all(_withheld(id, found) for id in group) for group in item.needs):
        return Decision("deny", (_CANNOT_STAND,))
    if _CUT in decision.reasons:
        return decision
    return Decision("redact", (*decision.reasons, _CUT), decision.withheld)


def _withheld(id: str, found: Mapping[str, Decision]) -> bool:
    return id in found and found[id].outcome == "deny"


def given(object: Mapping[str, Any], decision: Decision, withheld: frozenset[str]) -> dict[str, Any] | None:
    """The object as the recipient gets it; None if it gets none of it.

    Args:
        withheld: ids of all things that it does not get.
    """
    if decision.outcome == "deny":
        return None
    return redacted(object, decision.withheld, withheld)
