"""Hybrid threats and the behaviour of ships, as MISP knows vocabularies: a taxonomy, a galaxy, an object template.

They are made of the registry of behaviours and the vocabularies of the incident register, and shipped as files;
``scripts/misp_vocabulary.py`` makes them anew, and a test compares. Raise :data:`VERSION` with every change: MISP
updates what it has by that number.
"""

import uuid
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import msgspec

from watchkeeper.cases.register.vocabulary import vocabularies
from watchkeeper.exchange.catalogue import published_as
from watchkeeper.exchange.stix.ids import NAMESPACE
from watchkeeper.model.behaviour import Behaviour

VERSION: Final = 1
SPACE: Final = "watchkeeper"
GALAXY: Final = "maritime-behaviour"
OBJECT: Final = "ship-behaviour"
OBJECT_UUID: Final = str(uuid.uuid5(NAMESPACE, f"misp-object:{OBJECT}"))
FILES: Final = (
    "taxonomies/watchkeeper/machinetag.json",
    "galaxies/maritime-behaviour.json",
    "clusters/maritime-behaviour.json",
    "objects/ship-behaviour/definition.json",
)
_AUTHORS: Final = ["watchkeeper"]
_WHAT: Final = (
    "What ships do that analysts of hybrid threats and of the shadow fleet look for, as AIS shows it."
)
_ORIGINS: Final = (
    ("observed", "Observed", "Received from ships or sensors."),
    ("simulated", "Simulated", "Made by a simulator; nothing of it happened."),
    ("exercise", "Exercise", "Part of an exercise; nothing of it happened."),
)
_STATUSES: Final = (
    ("suspected", "Suspected", "Under investigation; neither confirmed nor refuted."),
    (
        "confirmed",
        "Confirmed",
        "It happened as described. Says nothing of who did it, or whether on purpose.",
    ),
    ("refuted", "Refuted", "It did not happen as described."),
)
_ATTRIBUTES: Final[Mapping[str, tuple[str, str, bool]]] = {
    "behaviour": ("text", "Id of the behaviour, as in the galaxy maritime-behaviour.", False),
    "summary": ("text", "What was measured, in a sentence.", False),
    "start": ("datetime", "When it began.", False),
    "end": ("datetime", "When it ended; absent while it lasts.", False),
    "mmsi": ("text", "Maritime Mobile Service Identity of the ship, nine figures.", True),
    "imo": ("text", "IMO number of the ship, seven figures.", True),
    "asset": ("text", "The cable, pipeline or place concerned.", True),
    "measured": ("text", "A measured value with its unit and threshold.", True),
    "confidence": ("text", "How far the measurement can be relied on: low, medium, high.", False),
    "confidence-reason": ("text", "Why not further.", False),
    "position-trust": (
        "text",
        "Whether the reported positions can be relied on: trusted, suspect, unreliable.",
        False,
    ),
    "record": ("text", "The finding whole, with its evidence, as JSON.", False),
}


def made(behaviours: Mapping[str, Behaviour]) -> dict[str, Any]:
    """The files, by their paths in the repositories of MISP."""
    return dict(
        zip(FILES, (_taxonomy(behaviours), _galaxy(), _clusters(behaviours), template()), strict=True)
    )


def shipped() -> dict[str, bytes]:
    """The files as they are shipped."""
    folder = files(__package__).joinpath("data")
    return {name: folder.joinpath(name.replace("/", "_")).read_bytes() for name in FILES}


def as_file(value: Any) -> bytes:
    """A file as the repositories of MISP have them: keys sorted, two blanks."""
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2) + b"\n"


def template() -> dict[str, Any]:
    """The template of the object for one finding."""
    return {
        "name": OBJECT,
        "uuid": OBJECT_UUID,
        "version": VERSION,
        "meta-category": "misc",
        "description": "Something a ship did that a behaviour measured, with its figures. Not an accusation.",
        "requiredOneOf": ["behaviour", "summary"],
        "attributes": {
            name: {
                "description": says,
                "misp-attribute": kind,
                "ui-priority": len(_ATTRIBUTES) - number,
                **({"multiple": True} if multiple else {}),
                **({"disable_correlation": True} if name not in ("mmsi", "imo") else {}),
            }
            for number, (name, (kind, says, multiple)) in enumerate(_ATTRIBUTES.items())
        },
    }


def cluster_tag(title: str) -> str:
    """The tag by which MISP knows a cluster of the galaxy."""
    return f'misp-galaxy:{GALAXY}="{title}"'


def tag(predicate: str, value: str) -> str:
    """A tag of our taxonomy."""
    return f'{SPACE}:{predicate}="{value}"'


def _taxonomy(behaviours: Mapping[str, Behaviour]) -> dict[str, Any]:
    domains, tools = (
        [{"value": entry.id, "expanded": entry.title} for entry in vocabularies()[name].entry]
        for name in ("hybrid-domain", "hybrid-tool")
    )
    ships = [
        {"value": id, "expanded": one.title, "description": one.doc["measures"]}
        for id, one in behaviours.items()
    ]
    values = {
        "behaviour": ("Behaviour of a ship", "What was measured.", ships),
        "hybrid-domain": ("Hybrid threats: domain", vocabularies()["hybrid-domain"].origin, domains),
        "hybrid-tool": ("Hybrid threats: tool", vocabularies()["hybrid-tool"].origin, tools),
        "origin": ("Origin", "Whether it happened.", _entries(_ORIGINS)),
        "incident-status": ("Status of an incident", "How sure it is that it happened.", _entries(_STATUSES)),
    }
    marking = {
        "value": "marking",
        "expanded": "Marking",
        "description": "All conditions of release in a line; its values are free, such as "
        "TLP:AMBER+STRICT // REL TO EST, FIN // EXERCISE name.",
    }
    return {
        "namespace": SPACE,
        "expanded": "Hybrid threats and maritime behaviour",
        "description": _WHAT,
        "version": VERSION,
        "type": ["event", "attribute"],
        "predicates": [
            *(
                {"value": name, "expanded": title, "description": says}
                for name, (title, says, _) in values.items()
            ),
            marking,
        ],
        "values": [{"predicate": name, "entry": entries} for name, (_, _, entries) in values.items()],
    }


def _entries(rows: tuple[tuple[str, str, str], ...]) -> list[dict[str, str]]:
    return [{"value": value, "expanded": title, "description": says} for value, title, says in rows]


def _galaxy() -> dict[str, Any]:
    return {
        "name": "Maritime behaviour",
        "type": GALAXY,
        "uuid": str(uuid.uuid5(NAMESPACE, f"misp-galaxy:{GALAXY}")),
        "version": VERSION,
        "description": _WHAT,
        "icon": "ship",
        "namespace": SPACE,
    }


def _clusters(behaviours: Mapping[str, Behaviour]) -> dict[str, Any]:
    return {
        "authors": _AUTHORS,
        "category": "behaviour",
        "name": "Maritime behaviour",
        "type": GALAXY,
        "uuid": str(uuid.uuid5(NAMESPACE, f"misp-cluster:{GALAXY}")),
        "version": VERSION,
        "description": _WHAT,
        "source": "watchkeeper, catalogue of behaviours",
        "values": [_cluster(id, one) for id, one in behaviours.items()],
    }


def _cluster(id: str, behaviour: Behaviour) -> dict[str, Any]:
    known, doc = published_as(id), behaviour.doc
    text = f"{doc['measures']} Why it matters: {doc['why']} Innocent causes: {doc['innocent']} Next step: {doc['next']}"
    refs = [reference.where for reference in behaviour.references if reference.where.startswith("http")]
    meta: dict[str, Any] = {"external_id": known.number, "synonyms": [id], "cise-anomaly-type": known.cise}
    if refs:
        meta["refs"] = list(dict.fromkeys(refs))
    return {
        "value": behaviour.title,
        "uuid": str(uuid.uuid5(NAMESPACE, f"misp-cluster:{GALAXY}:{id}")),
        "description": text,
        "meta": {key: value for key, value in meta.items() if value},
    }
