"""Messages of CISE, read: ours come back whole, those of others as far as our words go.

Entities are found wherever they stand in the payload. What is no entity we know, or is damaged, is refused and counted.
"""

import base64
from collections.abc import Iterator
from typing import Any, Final
from xml.etree.ElementTree import Element, tostring

import msgspec

from watchkeeper.errors import InputError
from watchkeeper.exchange.caveats import exercise_called
from watchkeeper.exchange.cise import words
from watchkeeper.exchange.cise.entities import DOCUMENT
from watchkeeper.exchange.cise.foreign import TYPE, anomaly, fix, incident, moment, risk, text, vessel
from watchkeeper.exchange.cise.messages import MESSAGE
from watchkeeper.exchange.things import (
    Fix,
    Incoming,
    Kept,
    KnownCase,
    Marked,
    RaisedAlert,
    Refused,
    Things,
    Vessel,
)
from watchkeeper.exchange.untrusted import read_xml
from watchkeeper.model.finding import REAL, Finding
from watchkeeper.model.marking import Marking, both

_KINDS: Final[dict[str, tuple[str, type]]] = {
    "Vessel": ("vessel", Vessel),
    "Anomaly": ("finding", Finding),
    "Incident": ("case", KnownCase),
    "MaritimeSafetyIncident": ("case", KnownCase),
    "CrisisIncident": ("case", KnownCase),
    "Risk": ("alert", RaisedAlert),
}
_DELETE: Final = "delete"
_HEAD: Final = frozenset(
    (
        "InformationSecurityLevel", "InformationSensitivity", "IsPersonalData", "Purpose", "RetentionPeriod",
        "EnsureEncryption",
    )
)  # fmt: skip
_BANNER: Final = "EXERCISE "


def read(data: bytes) -> Incoming:
    """A message with its payload. What a Feedback of type *delete* holds is kept as revoked, and is no thing of ours.

    Raises:
        InputError: no message of CISE, or one without a payload that can be read.
    """
    root = read_xml(data, "The message")
    payload = root.find("Payload")
    if not root.tag.startswith(f"{{{MESSAGE}}}") or payload is None:
        raise InputError("The input is no CISE message with a payload.", "Give a Push or a PullResponse.")
    realm = _realm(root)
    fields = ("InformationSecurityLevel", "InformationSensitivity", "Purpose")
    whole = words.marking_from({name: text(payload, name) for name in fields})
    whole = msgspec.structs.replace(whole, expires=moment(text(payload, "RetentionPeriod")), realm=realm)
    taken_back = text(root, "FeedbackType") == _DELETE
    heap = _Heap(whole, sent=moment(text(root, "CreationDateTime")) or 0, revoked=taken_back)
    for number, (entity, outer) in enumerate(_entities(payload), 1):
        heap.add(entity, outer, f"entity {number} ({_name(entity)})")
    things = (
        Things()
        if taken_back
        else Things(
            author=text(root, "Sender/Participant/Name") or text(root, "Sender/ServiceID") or "",
            realm=realm,
            simulated=any(element.text == "Simulated" for element in payload.iter("NatureType")),
            findings=heap.all("finding"),
            vessels=heap.all("vessel"),
            fixes=tuple(heap.fixes.values()),
            alerts=heap.all("alert"),
            cases=heap.all("case"),
            markings=Marked(default=whole, of=heap.markings),
        )
    )
    return Incoming(things=things, kept=tuple(heap.kept), refused=tuple(heap.refused))


class _Heap:
    """What was found in a payload so far."""

    def __init__(self, whole: Marking, *, sent: int, revoked: bool) -> None:
        self._whole, self._sent, self._revoked = whole, sent, revoked
        self._found: dict[tuple[str, str], Any] = {}
        self.markings: dict[str, Marking] = {}
        self.fixes: dict[int, Fix] = {}
        self.kept: list[Kept] = []
        self.refused: list[Refused] = []

    def all(self, kind: str) -> tuple[Any, ...]:
        """The things of a kind, in the order in which they came."""
        return tuple(thing for (of, _), thing in self._found.items() if of == kind)

    def add(self, entity: Element, outer: bool, where: str) -> None:
        """Take an entity; ``outer`` where it stands in no other."""
        try:
            kind, id, thing, marking = _thing(entity, self._sent, self._whole)
        except (ValueError, TypeError, KeyError, msgspec.DecodeError) as error:
            self.refused.append(Refused(where=where, reason=str(error), text=_beginning(entity)))
            return
        key = (kind, id)
        # A ship stands in many entities: what says most of her holds, under every marking.
        if key not in self._found or _says(thing) > _says(self._found[key]):
            self._found[key] = thing
        name = f"{kind}:{id}"
        self.markings[name] = both(self.markings.get(name, marking), marking)
        if kind == "vessel" and (last := fix(entity, thing.mmsi)) is not None:
            self.fixes[last.mmsi] = max(last, self.fixes.get(last.mmsi, last), key=lambda one: one.t)
        if outer:
            self.kept.append(_kept(entity, name, marking, self._sent, self._revoked))


def _realm(root: Element) -> str:
    """That of an exercise where the message says so; what several exercises say is for nobody real."""
    context = text(root, "ContextID") or ""
    return exercise_called(context.removeprefix(_BANNER)) if context.startswith(_BANNER) else REAL


_FOREIGNERS: Final = {"vessel": vessel, "finding": anomaly, "case": incident, "alert": risk}


def _entities(payload: Element) -> Iterator[tuple[Element, bool]]:
    """All entities, the outer before the inner, and whether each stands in no other."""
    for outer in payload:
        if outer.tag in _HEAD:
            continue
        yield outer, True
        yield from ((inner, False) for inner in outer.iter() if inner is not outer and _name(inner) in _KINDS)


def _name(element: Element) -> str:
    """The kind of an entity: its type where it has one that we know, else its name."""
    typed = element.get(TYPE, "").rpartition(":")[2]
    return typed if typed in _KINDS else element.tag


def _thing(entity: Element, sent: int, whole: Marking) -> tuple[str, str, Any, Marking]:
    """Kind, id, thing and marking of an entity."""
    name = _name(entity)
    if name not in _KINDS:
        raise ValueError("entities of this kind are not read")
    kind, struct = _KINDS[name]
    said = {child.tag: child.text for child in entity.findall("Metadata/*")}
    own = words.marking_from(said)
    ours = _document(entity, kind, struct)
    thing = ours if ours is not None else _FOREIGNERS[kind](entity, said, sent, whole.realm)
    if getattr(thing, "realm", whole.realm) != whole.realm or own.realm not in (REAL, whole.realm):
        raise ValueError("it is of another realm than the message")
    return kind, _id(kind, thing), thing, both(whole, msgspec.structs.replace(own, realm=whole.realm))


def _id(kind: str, thing: Any) -> str:
    return str(thing.mmsi or thing.imo) if kind == "vessel" else str(thing.id)


def _document(entity: Element, kind: str, struct: type) -> Any:
    """The thing as another watchkeeper holds it, where the entity carries it."""
    for document in entity.findall("DocumentRel/Document"):
        if document.findtext("Subject") == DOCUMENT.format(kind):
            content = base64.b64decode(document.findtext("Content") or "", validate=True)
            return msgspec.json.decode(content, type=struct)
    return None


def _kept(entity: Element, thing: str, marking: Marking, sent: int, revoked: bool) -> Kept:
    version = text(entity, "Identifier/GeneratedIn") or str(sent)
    return Kept(
        id=text(entity, "Identifier/UUID") or thing,
        type=_name(entity),
        version=version,
        data=tostring(entity, encoding="utf-8"),
        marking=marking,
        originator=text(entity, "Identifier/GeneratedBy/LegalName") or "",
        thing=thing,
        revoked=revoked,
    )


def _says(thing: Any) -> int:
    """How many of its fields say something."""
    return sum(getattr(thing, field) is not None for field in thing.__struct_fields__)


def _beginning(entity: Element) -> str:
    return tostring(entity, encoding="unicode")[:200]
