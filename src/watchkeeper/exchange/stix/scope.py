"""What all objects of one export share: who says it, of which realm, under which marking; and how one is built."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from watchkeeper.exchange.stix.ids import organisation_id, stix_id
from watchkeeper.exchange.things import Things, Vessel
from watchkeeper.exchange.words import vessel_key
from watchkeeper.model.finding import REAL
from watchkeeper.model.marking import Marking, Part
from watchkeeper.model.time import SECOND, from_iso

CLEAR: Final = Marking(tlp="clear")
SIMULATED: Final = "simulated"
"""The label of what a simulator made."""
_SIMULATED: Final = f"{SIMULATED}/"
_MOST: Final = 1 << 63
_STRICTEST: Final = "red"
"""What was not marked leaves as this."""


class Entry(NamedTuple):
    """An object before its markings are written into it."""

    object: dict[str, Any]
    marking: Marking
    parts: tuple[Part, ...] = ()


class Scope:
    """One export."""

    def __init__(self, things: Things) -> None:
        self.things = things
        self.author = organisation_id(things.author) if things.author else None
        self.assets = frozenset(asset.id for asset in things.assets)
        self._prefix = ("" if things.realm == REAL else f"{things.realm}/") + (
            _SIMULATED if things.simulated else ""
        )

    def id(self, type: str, key: str) -> str:
        """The id of an object; what is rehearsed or simulated never shares one with what was observed."""
        return stix_id(type, self._prefix + key)

    def vessel_id(self, vessel: Vessel) -> str:
        """The id of a ship."""
        return self.id("infrastructure", vessel_key(vessel))

    def asset_id(self, asset: str) -> str:
        """The id of an asset."""
        return self.id("infrastructure", f"asset:{asset}")

    def marking(self, kind: str, id: str) -> Marking:
        """That of a thing, complete: in its realm, and with a level."""
        given = self.things.markings.marking(kind, id)
        realm = self.things.realm if given.realm == REAL else given.realm
        return msgspec.structs.replace(given, realm=realm, tlp=given.tlp or _STRICTEST)

    def closer(self, kind: str, ids: Iterable[str]) -> list[Marking]:
        """Markings that were given to things of a kind, or to the kind: what tells of such things is under them."""
        of = self.things.markings.of
        return [self.marking(kind, id) for id in ids if kind in of or f"{kind}:{id}" in of]

    def part(self, kind: str, selector: str) -> tuple[Part, ...]:
        """A part that is held more closely than the whole, if it is."""
        given = self.things.markings.of.get(kind)
        if given is None:
            return ()
        return (Part(selector=selector, marking=given, how="coarsen" if kind == "geometry" else "remove"),)

    def entry(
        self,
        id: str,
        times: tuple[int, int],
        marking: Marking,
        says: Mapping[str, Any],
        *,
        extensions: Mapping[str, Mapping[str, Any]] | None = None,
        parts: Sequence[Part] = (),
    ) -> Entry:
        """An object: common properties, what it says, extensions. None and empty lists are left out.

        Args:
            id: of the object; says its type.
            times: created and modified [ms UTC].
            marking: under which it leaves.
            says: its own properties, in order.
            extensions: property extensions by the ids of their definitions.
            parts: that are marked on their own.
        """
        made = {
            "type": id.partition("--")[0],
            "spec_version": "2.1",
            "id": id,
            "created_by_ref": self.author,
            "created": stamp(times[0]),
            "modified": stamp(max(times)),
            **says,
            "labels": [SIMULATED] if self.things.simulated else [],
            "extensions": {
                key: filled({"extension_type": "property-extension", **value})
                for key, value in (extensions or {}).items()
            },
        }
        return Entry(filled(made), marking, tuple(parts))


def filled(says: Mapping[str, Any]) -> dict[str, Any]:
    """Without what says nothing: STIX has neither null nor empty lists."""
    return {key: value for key, value in says.items() if value is not None and value not in ([], (), {})}


def stamp(ms: int) -> str:
    """A time as STIX writes it, with milliseconds."""
    moment = datetime.fromtimestamp(ms // SECOND, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % SECOND:03d}Z"


def stamp_of(iso: str | None) -> str | None:
    """The same of a time in ISO 8601."""
    return None if iso is None else stamp(from_iso(iso))


def references(given: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """External references, each once, in order."""
    found: list[dict[str, Any]] = []
    for one in map(filled, given):
        if one not in found:
            found.append(one)
    return found


def storable(value: Any) -> bool:
    """Whether every number can be kept: JSON of others may hold ``1e999``, and integers of any length."""
    if isinstance(value, Mapping):
        return all(map(storable, value.values()))
    if isinstance(value, list | tuple):
        return all(map(storable, value))
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) < _MOST
