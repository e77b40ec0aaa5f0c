"""Markings as MISP has them: tags, a distribution that is never wider, a sharing group for who is named.

MISP does not decide about release by tags: what its servers go by is ``distribution``. So it is set to the narrowest
that TLP allows, and where a marking names recipients a sharing group says them. A sharing group always holds its
author: one without members has gone to everybody on some versions.
"""

import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from watchkeeper.exchange.caveats import caveat, exercise_called, marking_of, rel_to
from watchkeeper.exchange.misp.vocabulary import SPACE, tag
from watchkeeper.exchange.stix.ids import NAMESPACE, organisation_id
from watchkeeper.exchange.things import EXERCISE, Things
from watchkeeper.model.finding import REAL
from watchkeeper.model.marking import PAP, TLP, Marking, both

NOBODY_ELSE, THIS_COMMUNITY, ALL, SHARING_GROUP, INHERITED = 0, 1, 3, 4, 5
"""Values of ``distribution``; 2, the connected communities, has no level of TLP."""

_CLASSIFIED: Final = ("euci:", "nato:", "dni-ism:", "fr-classif:", "de-vs:", "classification:")
"""Taxonomies of classified information, which is for nobody here."""
_TAG: Final = re.compile(r'([^:="]+):([^="]+)(?:="([^"]*)")?')


def tags(marking: Marking) -> Iterator[str]:
    """Tags of a marking: TLP and PAP for everybody, and the whole in a line."""
    if marking.tlp:
        yield f"tlp:{marking.tlp}"
    if marking.pap:
        yield f"PAP:{marking.pap.upper()}"
    yield tag("marking", caveat(marking).replace('"', "%22"))


def realm_tags(things: Things) -> Iterator[str]:
    """What says whether it happened."""
    if things.realm != REAL:
        yield f'exercise:generic="{things.realm.removeprefix(EXERCISE)}"'
        yield tag("origin", "exercise")
    if things.simulated:
        yield tag("origin", "simulated")


def distribution(marking: Marking) -> int:
    """How far MISP may carry it."""
    if marking.releasable_to:
        return SHARING_GROUP
    if marking.originator_control or marking.unknown or marking.expires is not None:
        return NOBODY_ELSE
    return {"clear": ALL, "green": THIS_COMMUNITY}.get(marking.tlp or "", NOBODY_ELSE)


def sharing_group(marking: Marking, author: str) -> dict[str, Any] | None:
    """The sharing group that the marking's recipients are; None where it names nobody.

    Several groups of names have to hold all. Countries and communities are no members MISP knows: they stand in
    ``releasability``, and whoever keeps the group adds the organisations.
    """
    if not marking.releasable_to:
        return None
    words = "; ".join(rel_to(marking))
    named = set.intersection(
        *({name for name in group if name.startswith("org:")} for group in marking.releasable_to)
    )
    members = sorted({author, *(name.removeprefix("org:") for name in named)} - {""})
    return {
        "uuid": str(uuid.uuid5(NAMESPACE, f"misp-sharing-group:{words}")),
        "name": words,
        "releasability": words,
        "description": "Made of a marking; add the organisations that it names.",
        "roaming": False,
        "active": True,
        "organisation_uuid": organisation_uuid(author),
        "SharingGroupOrg": [
            {"extend": name == author, "Organisation": {"name": name, "uuid": organisation_uuid(name)}}
            for name in members
        ],
        "SharingGroupServer": [],
    }


def organisation_uuid(name: str) -> str:
    """That of the organisation's identity in STIX."""
    return organisation_id(name or "watchkeeper").removeprefix("identity--")


def marking_from(names: Iterable[str], distributed: int | None) -> Marking:
    """A marking from the tags of an event: all of them hold. An event without one of TLP is for nobody else.

    A ``distribution`` of *your organisation only* holds whatever the tags say.
    """
    whole = Marking()
    for name in names:
        match = _TAG.fullmatch(name.strip())
        if match is None:
            continue
        space, predicate, value = match[1].lower(), match[2].lower(), match[3] or ""
        whole = _joined(whole, _one(space, predicate, value, name))
    if distributed == NOBODY_ELSE and whole.tlp not in ("red", "amber", "amber+strict"):
        whole = both(whole, Marking(tlp="red", realm=whole.realm))
    return whole if whole.tlp else both(whole, Marking(tlp="red", realm=whole.realm))


def realm_from(names: Iterable[str]) -> str:
    """The exercise that an event is of, by any tag of the taxonomy *exercise*; ``real`` without one."""
    for name in names:
        match = _TAG.fullmatch(name.strip())
        if match is not None and match[1].lower() == "exercise":
            known = (
                match[3] if match[2].lower() == "generic" else "-".join(filter(None, (match[2], match[3])))
            )
            return exercise_called(known or "generic")
    return REAL


def _one(space: str, predicate: str, value: str, name: str) -> Marking:
    if space == "tlp":
        level = {"white": "clear"}.get(predicate, predicate)
        return Marking(tlp=level) if level in TLP else Marking(unknown=(name,))
    if space == "pap":
        level = {"white": "clear"}.get(predicate, predicate)
        return Marking(pap=level) if level in PAP else Marking(unknown=(name,))
    if space == SPACE and predicate == "marking":
        return marking_of(value.replace("%22", '"'))
    if name.lower().startswith(_CLASSIFIED):
        return Marking(unknown=(name,))
    return Marking()


def _joined(whole: Marking, one: Marking) -> Marking:
    """Both, in the realm of either; of two exercises nobody can have it."""
    if one.realm != REAL and whole.realm not in (REAL, one.realm):
        one = msgspec.structs.replace(one, realm=whole.realm, unknown=(*one.unknown, one.realm))
    realm = whole.realm if one.realm == REAL else one.realm
    return both(msgspec.structs.replace(whole, realm=realm), msgspec.structs.replace(one, realm=realm))
