"""The marking of an object, read from what STIX 2.1 says of it.

Read are the levels of TLP 2.0 and PAP by their official ids, whatever a definition under such an id may say; the TLP 1
levels of the STIX standard; our own property extension ``releasability``; and a statement that begins with
``EXERCISE``, which gives the realm with the name after it, or with a label ``exercise:<id>``. Other statements
restrict nothing. Everything else (an id without definition, an extension that is not known here, or a property of
ours that a later version may have added) becomes ``unknown``.

A definition is only as good as whoever said it: resolve what an organisation posts by its own definitions.

Sources: OASIS, *STIX 2.1*, 7.2; OASIS cti-stix-common-objects, TLP 2.0 (60a3c5c5) and PAP (f8d78575) extensions.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

import msgspec

from watchkeeper.exchange.marking_definitions import (
    EXERCISE,
    LABEL,
    PAP_EXTENSION,
    PAP_IDS,
    PAP_WHITE,
    RELEASABILITY,
    TLP_1_IDS,
    TLP_2,
    TLP_IDS,
    Releasability,
)
from watchkeeper.model.finding import REAL
from watchkeeper.model.marking import PAP, PURPOSES, TLP, How, Marking, Pap, Part, Purpose, Tlp, both
from watchkeeper.model.time import SECOND

_OLD_WORDS: Final = {"white": "clear"}

_EXERCISE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)

_Selector = Annotated[str, msgspec.Meta(pattern=r"^[\w-]+(\.([\w-]+|\[[0-9]+\]))*$")]


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """What one marking definition says. ``exercise``: that what carries it is not real; ``realm``: of which exercise it
    is, where the definition says that, too."""

    marking: Marking
    how: How = "remove"
    exercise: bool = False
    realm: str | None = None


class _Granular(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of ``granular_markings``; one that gives a language restricts nothing."""

    selectors: Annotated[list[_Selector], msgspec.Meta(min_length=1)]
    marking_ref: str | None = None
    lang: str | None = None


Definitions = Mapping[str, Meaning]


def definitions_of(objects: Iterable[Mapping[str, Any]]) -> dict[str, Meaning]:
    """What the marking definitions among some objects say, by id; official ids need none.

    Two different definitions under one id are no definition: what they mark is ``unknown``.
    """
    found: dict[str, Meaning] = {}
    for object in objects:
        id = object.get("id")
        if object.get("type") != "marking-definition" or not isinstance(id, str):
            continue
        meaning = _meaning(id, object)
        if found.setdefault(id, meaning) != meaning:
            found[id] = _unreadable(id)
    return found | _OFFICIAL


def marking_of(
    object: Mapping[str, Any],
    definitions: Definitions,
    organisations: Mapping[str, str] | None = None,
    poster: str | None = None,
) -> tuple[Marking, tuple[Part, ...]]:
    """The marking of a STIX object, and its parts that are marked on their own.

    Args:
        organisations: names of organisations by the ids of their identities, for who made it. The id of an identity
            that is not there stands for itself, and is nobody's name.
        poster: who is taken to have made an object that does not say who did (observables cannot).
    """
    author = object.get("created_by_ref")
    made_by = (organisations or {}).get(author, author) if isinstance(author, str) else poster
    meanings = [_resolved(ref, definitions) for ref in _refs(object.get("object_marking_refs", []))]
    realm, odd = _realm(object.get("labels"), meanings)
    try:
        parts = _parts(object.get("granular_markings", []), definitions, realm)
    except ValueError:
        parts, odd = (), (*odd, "malformed granular_markings")
    marking = Marking(originator=made_by, realm=realm, unknown=odd)
    for meaning in meanings:
        marking = both(marking, _within(meaning.marking, realm))
    return marking, parts


def audience_of(definition: Mapping[str, Any]) -> Marking:
    """The marking of a marking definition itself: clear, but who is named in it is told only to those named."""
    meaning = _resolved(str(definition.get("id")), definitions_of([definition]))
    return Marking(tlp="clear", releasable_to=meaning.marking.releasable_to)


def _meaning(id: str, definition: Mapping[str, Any]) -> Meaning:
    """What a definition says, all of it; ``unknown`` if any of it cannot be read."""
    try:
        said = [_extension(key, says) for key, says in dict(definition.get("extensions", {})).items()]
        if "definition_type" in definition:
            said.append(_plain(definition["definition_type"], definition["definition"]))
        return _all(said)
    except (ValueError, TypeError, KeyError):
        return _unreadable(id)


def _all(said: list[Meaning]) -> Meaning:
    if not said:
        raise ValueError("it says nothing")
    marking = said[0].marking
    for meaning in said[1:]:
        marking = both(marking, meaning.marking)
    return Meaning(
        marking=marking,
        how="coarsen" if any(m.how == "coarsen" for m in said) else "remove",
        exercise=any(m.exercise for m in said),
        realm=next((m.realm for m in said if m.realm), None),
    )


def _extension(key: str, says: Mapping[str, Any]) -> Meaning:
    if key == TLP_2:
        return Meaning(marking=Marking(tlp=_tlp(says["tlp_2_0"])))
    if key == PAP_EXTENSION:
        return Meaning(marking=Marking(pap=_pap(says["pap"])))
    if key != RELEASABILITY:
        raise ValueError(f"{key} is not known here")
    given = msgspec.convert(says, Releasability)
    lists = (("country", given.releasable_to), ("org", given.organisations), ("community", given.communities))
    names = tuple(f"{kind}:{name}" for kind, words in lists for name in words or ())
    said = given.nobody or any(words is not None for _, words in lists)
    return Meaning(
        marking=Marking(
            releasable_to=(() if given.nobody else names,) if said else (),
            originator_control=given.originator_control,
            expires=None if given.expires is None else int(given.expires.timestamp() * SECOND),
            purposes=None if given.purposes is None else _purposes(given.purposes),
        ),
        how="coarsen" if given.otherwise == "coarsened" else "remove",
    )


def _plain(kind: str, says: Mapping[str, Any]) -> Meaning:
    if kind == "tlp":
        return Meaning(marking=Marking(tlp=_tlp(says["tlp"])))
    if kind != "statement":
        raise ValueError(f"{kind} is not known here")
    word, _, name = str(says["statement"]).strip().partition(" ")
    named = word == EXERCISE and _EXERCISE_ID.fullmatch(name) is not None
    return Meaning(
        marking=Marking(),
        exercise=word.upper() == EXERCISE,
        realm=f"{LABEL}{name}" if named else None,
    )


def _tlp(word: str) -> Tlp:
    level = _OLD_WORDS.get(word, word)
    if level not in TLP:
        raise ValueError(f"{word} is no level of TLP")
    return level


def _pap(word: str) -> Pap:
    level = _OLD_WORDS.get(word, word)
    if level not in PAP:
        raise ValueError(f"{word} is no level of PAP")
    return level


def _purposes(words: list[str]) -> tuple[Purpose, ...]:
    return tuple(p for p in PURPOSES if p in words)


def _unreadable(id: str) -> Meaning:
    return Meaning(marking=Marking(unknown=(id,)))


def _resolved(ref: str, definitions: Definitions) -> Meaning:
    return _OFFICIAL.get(ref) or definitions.get(ref) or _unreadable(ref)


def _refs(given: Any) -> list[str]:
    if isinstance(given, list) and all(isinstance(ref, str) for ref in given):
        return given
    return ["malformed object_marking_refs"]


def _realm(labels: Any, meanings: Iterable[Meaning]) -> tuple[str, tuple[str, ...]]:
    """The realm, and what stands in the way of knowing it: labels and statements have to name one exercise."""
    said = list(meanings)
    words = labels if isinstance(labels, list) else []
    named = [
        *(w for w in words if isinstance(w, str) and w.startswith(LABEL)),
        *(m.realm for m in said if m.realm),
    ]
    realms = list(dict.fromkeys(named))
    if not realms:
        nameless = any(m.exercise for m in said)
        return (f"{LABEL}unnamed", ("an exercise without a label",)) if nameless else (REAL, ())
    return realms[0], tuple(f"label {realm}" for realm in realms[1:])


def _within(marking: Marking, realm: str) -> Marking:
    return marking if marking.realm == realm else msgspec.structs.replace(marking, realm=realm)


def _parts(given: Any, definitions: Definitions, realm: str) -> tuple[Part, ...]:
    """The parts that are marked on their own.

    Raises:
        ValueError: a granular marking cannot be read, so nobody knows which part it protects.
    """
    found: dict[str, list[Meaning]] = {}
    for entry in msgspec.convert(given, list[_Granular]):
        if entry.marking_ref is not None:
            for selector in entry.selectors:
                found.setdefault(selector, []).append(_resolved(entry.marking_ref, definitions))
    together = {selector: _all(said) for selector, said in found.items()}
    return tuple(
        Part(selector=selector, marking=_within(meaning.marking, realm), how=meaning.how)
        for selector, meaning in together.items()
    )


_OFFICIAL: Final[dict[str, Meaning]] = {
    **{id: Meaning(marking=Marking(tlp=level)) for level, id in TLP_IDS.items()},
    **{id: Meaning(marking=Marking(tlp=level)) for id, level in TLP_1_IDS.items()},
    **{id: Meaning(marking=Marking(pap=level)) for level, (id, _) in PAP_IDS.items()},
    PAP_WHITE: Meaning(marking=Marking(pap="clear")),
}
