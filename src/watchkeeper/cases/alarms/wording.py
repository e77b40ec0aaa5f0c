"""Values as JSON holds them, names of things, and text that came over the air made safe to show."""

import uuid
from typing import Any, Final

import msgspec

from watchkeeper.model.finding import REAL

_NAMESPACE: Final = uuid.UUID("0c1f9f6e-7d5b-5a55-9a8e-3f6f0b1d7c42")
SHORT: Final = 8
"""Signs of an id that are shown to people."""


def json_values(value: Any) -> Any:
    """The value as it would come back from JSON: dicts, lists, strings and numbers only."""
    return msgspec.json.decode(msgspec.json.encode(value))


def name_of(*parts: object) -> str:
    """A name-based UUID (RFC 9562, version 5): the same parts give the same name."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(map(str, parts))))


def plain(text: str, most: int = 400) -> str:
    """One line without control and formatting characters (which reverse or hide text), at most so many signs."""
    line = "".join(c if c.isprintable() else " " if c.isspace() else "·" for c in text)
    return line if len(line) <= most else line[: most - 1] + "…"


def in_realm(realm: str, id: str) -> str:
    """An id of its own for each realm: what is rehearsed never shares a name with what was observed."""
    return id if realm == REAL else f"{realm}/{id}"
