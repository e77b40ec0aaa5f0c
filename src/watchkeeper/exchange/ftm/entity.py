"""An entity, and what of ours stands in its notes."""

from typing import Any, Final

import msgspec

MARKED: Final = "Marking: "
REALM: Final = "Realm: "


class Entity(msgspec.Struct, omit_defaults=True):
    """An entity as it stands in a line."""

    id: str
    schema: str
    caption: str = ""
    properties: dict[str, list[Any]] = {}
    datasets: list[str] = []
    last_change: str = ""

    def all(self, name: str) -> list[str]:
        """The texts of a property."""
        return [value for value in self.properties.get(name, ()) if isinstance(value, str)]

    def first(self, name: str) -> str | None:
        """The first of them."""
        return next(iter(self.all(name)), None)
