"""Marking definitions of STIX 2.1: the official ones with their ids, and those that are made here.

A definition made here is named by what it says, so that one that says the same has the same id and bytes everywhere.

Sources: OASIS, *STIX 2.1*, 7.2; OASIS cti-stix-common-objects, TLP 2.0 (60a3c5c5) and PAP (f8d78575) extensions.
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

import msgspec

from watchkeeper.exchange.release import group_words
from watchkeeper.model.finding import REAL
from watchkeeper.model.marking import How, Marking, Pap, Part, Tlp
from watchkeeper.model.time import SECOND, to_iso

TLP_2: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
PAP_EXTENSION: Final = "extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b"
RELEASABILITY: Final = "extension-definition--9238c090-8ab3-4000-9fee-b2e1d5785983"
"""Our extension of marking definitions; :class:`Releasability` is what it holds."""

_MINTED: Final = uuid.UUID("3a52a153-8792-42c1-aacd-1baa302156da")
_CREATED: Final = "2024-12-04T00:00:00.000Z"
"""Of definitions made here: one that means the same has the same bytes everywhere."""

TLP_IDS: Final[dict[Tlp, str]] = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
TLP_1_IDS: Final[dict[str, Tlp]] = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "clear",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
}
PAP_IDS: Final[dict[Pap, tuple[str, str]]] = {
    "clear": ("marking-definition--ad15a0cd-55b6-4588-a14c-a66105329b92", "2022-10-01T00:00:00.000Z"),
    "green": ("marking-definition--c43594d1-4b11-4c59-93ab-1c9b14d53ce9", "2022-10-09T00:00:00.000Z"),
    "amber": ("marking-definition--60f8932b-e51e-4458-b265-a2e8be9a80ab", "2022-10-02T00:00:00.000Z"),
    "red": ("marking-definition--740d36e5-7714-4c30-961a-3ae632ceee0e", "2022-10-06T00:00:00.000Z"),
}
"""Id and, because the ids are those of others, when each was created."""
PAP_WHITE: Final = "marking-definition--a3bea94c-b469-41dc-9cfe-d6e7daba7730"

EXERCISE: Final = "EXERCISE"
"""The statement of what is not real: ``EXERCISE <id>``. A label says the same beside it, where an object has labels:
observables have none."""
LABEL: Final = "exercise:"
_KINDS: Final = {"country": "releasable_to", "org": "organisations", "community": "communities"}
_NO_PURPOSE: Final = "none"

_Names = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=200)]], msgspec.Meta(max_length=500)
]
_Countries = Annotated[list[Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]], msgspec.Meta(max_length=300)]


class Releasability(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What our extension says: one group of names, and conditions.

    The recipient has to be of one of the countries ``releasable_to`` (ISO 3166 alpha-3), or one of ``organisations``,
    or in one of ``communities``; where none of the three is there, nothing is said about who. ``nobody`` is a group
    without members. ``purposes``: those of our vocabulary; ``none`` for no purpose. ``otherwise`` ``coarsened``: who
    may not have the part that is marked so is given it coarsened.
    """

    extension_type: Literal["property-extension"] = "property-extension"
    releasable_to: _Countries | None = None
    organisations: _Names | None = None
    communities: _Names | None = None
    nobody: bool = False
    originator_control: bool = False
    expires: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    purposes: _Names | None = None
    otherwise: Literal["removed", "coarsened"] = "removed"


def definitions_for(marking: Marking, how: How = "remove") -> list[dict[str, Any]]:
    """The marking definitions that together say it, fit for a bundle; ``unknown`` ones, whose text is not here, lack.

    The originator is not among them: that is the object's ``created_by_ref``.
    """
    made = [] if marking.tlp is None else [tlp_definition(marking.tlp)]
    if marking.pap is not None:
        made.append(_pap_definition(marking.pap))
    made += [_own(group_words(group), _group(group)) for group in marking.releasable_to]
    conditions = _conditions(marking)
    if conditions is not None:
        made.append(_own(*conditions))
    if how == "coarsen":
        made.append(_own("COARSENED WHERE WITHHELD", Releasability(otherwise="coarsened")))
    if marking.realm != REAL:
        made.append(_exercise_definition(marking.realm))
    return made


def marked(object: Mapping[str, Any], marking: Marking, parts: Iterable[Part] = ()) -> dict[str, Any]:
    """The object with these markings in place of its own; its other properties as they are, in their order."""
    refs = [*_ids(marking), *marking.unknown]
    granular = [
        {"marking_ref": ref, "selectors": [part.selector]}
        for part in parts
        for ref in (
            *_ids(msgspec.structs.replace(part.marking, realm=REAL), part.how),
            *part.marking.unknown,
        )
    ]
    labels = [word for word in object.get("labels", ()) if not word.startswith(LABEL)]
    if marking.realm != REAL and ("created" in object or labels):
        labels.append(marking.realm)
    new = {"labels": labels, "object_marking_refs": refs, "granular_markings": granular}
    return {key: value for key, value in ({**object, **new}).items() if key not in new or value}


@lru_cache(maxsize=10_000)  # many objects are under few markings
def _ids(marking: Marking, how: How = "remove") -> tuple[str, ...]:
    return tuple(definition["id"] for definition in definitions_for(marking, how))


def tlp_definition(level: Tlp) -> dict[str, Any]:
    """The official marking definition of a level of TLP 2.0."""
    return _definition(
        TLP_IDS[level], "2022-10-01T00:00:00.000Z", f"TLP:{level.upper()}", TLP_2, {"tlp_2_0": level}
    )


def _pap_definition(level: Pap) -> dict[str, Any]:
    id, created = PAP_IDS[level]
    return _definition(id, created, f"PAP:{level.upper()}", PAP_EXTENSION, {"pap": level})


def _exercise_definition(realm: str) -> dict[str, Any]:
    name = f"{EXERCISE} {realm.removeprefix(LABEL)}"
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": f"marking-definition--{uuid.uuid5(_MINTED, name)}",
        "created": _CREATED,
        "definition_type": "statement",
        "name": name,
        "definition": {"statement": name},
    }


def _own(name: str, says: Releasability) -> dict[str, Any]:
    text = msgspec.json.encode(says, order="sorted")
    id = f"marking-definition--{uuid.uuid5(_MINTED, text.decode())}"
    return _definition(id, _CREATED, name, RELEASABILITY, msgspec.json.decode(text))


def _definition(id: str, created: str, name: str, extension: str, says: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": id,
        "created": created,
        "name": name,
        "extensions": {extension: {"extension_type": "property-extension", **says}},
    }


def _group(group: tuple[str, ...]) -> Releasability:
    names: dict[str, Any] = {}
    for name in sorted(group):
        kind, _, word = name.partition(":")
        names.setdefault(_KINDS[kind], []).append(word)
    return Releasability(**names) if names else Releasability(nobody=True)


def _conditions(marking: Marking) -> tuple[str, Releasability] | None:
    words: list[str] = []
    says: dict[str, Any] = {}
    if marking.originator_control:
        words.append("ORCON")
        says["originator_control"] = True
    if marking.expires is not None:
        words.append(f"EXPIRES {to_iso(marking.expires)}")
        says["expires"] = datetime.fromtimestamp(marking.expires / SECOND, UTC)
    if marking.purposes is not None:
        says["purposes"] = list(marking.purposes) or [_NO_PURPOSE]
        words.append(f"FOR {', '.join(says['purposes'])}".upper())
    return ("; ".join(words), Releasability(**says)) if words else None
