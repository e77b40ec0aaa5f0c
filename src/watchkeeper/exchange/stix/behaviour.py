"""Behaviours as ``attack-pattern``: one for each of the catalogue, the same everywhere, never one for each event."""

from typing import Any, Final

from watchkeeper.exchange.catalogue import published_as
from watchkeeper.exchange.stix.identity import PROJECT
from watchkeeper.exchange.stix.ids import CREATED, organisation_id, stix_id
from watchkeeper.exchange.stix.scope import CLEAR, Entry, filled, references, stamp
from watchkeeper.model.behaviour import Behaviour
from watchkeeper.model.time import DAY

HYBRID: Final = "watchkeeper-behaviours"
CISE: Final = "EU CISE 1.5.3 AnomalyType"


def behaviour_id(behaviour: str) -> str:
    """The id of a behaviour's object, in every realm."""
    return stix_id("attack-pattern", f"behaviour:{behaviour}")


def behaviour_object(id: str, behaviour: Behaviour | None) -> Entry:
    """A behaviour; with what it means where its declaration is known. It says nothing about anybody, and is clear."""
    known = published_as(id)
    made = {
        "type": "attack-pattern",
        "spec_version": "2.1",
        "id": behaviour_id(id),
        "created_by_ref": organisation_id(PROJECT),
        "created": stamp(CREATED),
        "modified": stamp(CREATED + (behaviour.version if behaviour else 0) * DAY),
        "name": behaviour.title if behaviour else id,
        "description": _description(behaviour) if behaviour else None,
        "external_references": references(
            (
                {"source_name": HYBRID, "external_id": known.number or None, "description": id},
                {"source_name": CISE, "external_id": known.cise},
                *_sources(behaviour),
            )
        ),
    }
    return Entry(filled(made), CLEAR)


def _description(behaviour: Behaviour) -> str:
    doc = behaviour.doc
    return (
        f"{doc['measures']}\n\nWhy it matters: {doc['why']}\n\nInnocent causes: {doc['innocent']}\n\n"
        f"Next step: {doc['next']}"
    )


def _sources(behaviour: Behaviour | None) -> list[dict[str, Any]]:
    given = behaviour.references if behaviour else ()
    return [{"source_name": r.title, "description": f"{r.where}: {r.figure}"} for r in given]
