"""The extensions that our objects use: a file each, a JSON Schema whose ``$id`` is the id of its definition.

Each definition brings its schema along as text, so that whoever has the bundle has everything.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from watchkeeper.exchange.stix.ids import CREATED, organisation_id
from watchkeeper.exchange.stix.scope import stamp


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """The JSON schema of each extension, by the id of its definition."""
    folder = files("watchkeeper.exchange.stix.extensions")
    read = [json.loads(file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".json")]
    return {schema["$id"]: schema for schema in sorted(read, key=lambda schema: str(schema["title"]))}


def definition(id: str) -> dict[str, Any]:
    """The extension definition, without markings.

    Raises:
        KeyError: it is none of ours.
    """
    schema = schemas()[id]
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": id,
        "created_by_ref": organisation_id("watchkeeper"),
        "created": stamp(CREATED),
        "modified": stamp(CREATED),
        "name": schema["title"],
        "description": schema["description"],
        "schema": json.dumps(schema, separators=(",", ":"), ensure_ascii=False),
        "version": schema["version"],
        "extension_types": ["property-extension"],
    }
