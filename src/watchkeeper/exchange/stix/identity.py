"""Organisations as ``identity``: who says all this, the project that defines the extensions, companies behind ships."""

from typing import Any, Final

from watchkeeper.exchange.stix.ids import CREATED, organisation_id
from watchkeeper.exchange.stix.scope import CLEAR, Entry, Scope, stamp
from watchkeeper.model.marking import Marking

PROJECT: Final = "watchkeeper"
"""Who defines the extensions and publishes the catalogue of behaviours."""


def organisation(name: str) -> dict[str, Any]:
    """An organisation, without markings."""
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": organisation_id(name),
        "created": stamp(CREATED),
        "modified": stamp(CREATED),
        "name": name,
        "identity_class": "organization",
    }


def author(scope: Scope) -> Entry | None:
    """Who says all this; None where nobody is named. Clear, unless said otherwise."""
    if not scope.things.author:
        return None
    return Entry(organisation(scope.things.author), scope.things.markings.of.get("identity") or CLEAR)


def project() -> Entry:
    """The project."""
    return Entry(organisation(PROJECT), CLEAR)


def company(scope: Scope, name: str, marking: Marking) -> Entry:
    """A company that a register names."""
    id = scope.id("identity", f"company:{' '.join(name.casefold().split())}")
    return scope.entry(id, (CREATED, CREATED), marking, {"name": name, "identity_class": "organization"})


def name_of(object: dict[str, Any]) -> str | None:
    """The name that an identity gives."""
    name = object.get("name")
    return name if isinstance(name, str) and name.strip() else None
