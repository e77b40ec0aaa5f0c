"""FollowTheMoney entities, one JSON object per line, as OpenSanctions publishes them (``entities.ftm.json``).

Schema: https://followthemoney.tech/explorer/. Every property is a list of texts. Vessels become entries; the
relations that lead to them (Ownership, UnknownLink, Representation) and to their owners (Ownership,
Directorship) become their parties. The file is read twice: who stands behind a ship may come before it or
after it. Everything else is counted by schema.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from watchkeeper.lists.entries import Party
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.values import clean, iso_date

FORMAT: Final = "FollowTheMoney NDJSON"
VESSEL: Final = "Vessel"
_RELATIONS: Final = {
    "Ownership": ("owner", "asset", "owner"),
    "Directorship": ("director", "organization", "director"),
    "UnknownLink": ("subject", "object", "linked party"),
    "Representation": ("agent", "client", "agent"),
}
"""Schema -> property of the party, property of what it stands behind, and the role where none is said."""
_OF_OWNERS: Final = frozenset(("Ownership", "Directorship"))
_ROLES: Final = {
    "commerce_manager": "commercial manager",
    "security_manager": "safety manager",
    "P&I Club": "insurer",
}
"""Roles as some datasets write them, in plain words."""
_LISTED: Final = "sanction"
"""The topic of who is itself designated; ``sanction.linked`` is near somebody who is."""


class _Entity(msgspec.Struct):
    id: str
    schema: str
    caption: str | None = None
    properties: dict[str, list[Any]] = {}
    datasets: list[str] = []
    last_change: str | None = None
    last_seen: str | None = None

    def all(self, *names: str) -> list[str]:
        """The texts of some properties, in order."""
        return [v for name in names for v in self.properties.get(name, ()) if isinstance(v, str)]

    def first(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)


class _Link(msgspec.Struct, frozen=True):
    """Somebody (``party``) stands behind something (``behind``) in a role."""

    schema: str
    party: str
    behind: str
    role: str


def recognises(head: bytes) -> bool:
    """The first line is a JSON object that names its schema."""
    first = head.lstrip().split(b"\n", 1)[0]
    return first.startswith(b"{") and b'"schema"' in first


def read(file: ListFile) -> Reading:
    """Read line by line, twice. The list's date is the newest on which an entity was seen, else changed."""
    reading = Reading(file.stem, f"FollowTheMoney {file.stem}")
    seen: str | None = None
    vessels: set[str] = set()
    links: defaultdict[str, list[_Link]] = defaultdict(list)
    for _, entity in _entities(file, reading):
        seen = max(filter(None, (seen, iso_date(entity.last_seen or entity.last_change))), default=None)
        if entity.schema == VESSEL:
            vessels.add(entity.id)
            continue
        reading.set_aside[entity.schema] += 1
        for link in _links(entity):
            links[link.behind].append(link)
    behind = {ship: list(_behind(ship, links)) for ship in vessels if ship in links}
    named = {link.party for found in behind.values() for link, _ in found}
    ships: list[tuple[int, _Entity]] = []
    parties: dict[str, _Entity] = {}
    for row, entity in _entities(file, None):
        if entity.schema == VESSEL:
            ships.append((row, entity))
        elif entity.id in named:
            parties[entity.id] = entity
    for row, ship in ships:
        _add(reading, row, ship, list(_parties(behind.get(ship.id, ()), parties)))
    reading.as_of = seen
    _notes(reading, ships, named - parties.keys())
    return reading


def _entities(file: ListFile, reading: Reading | None) -> Iterator[tuple[int, _Entity]]:
    """Entities with their lines; lines that are none are rejected, where a reading is given."""
    decoder = msgspec.json.Decoder(_Entity)
    for line in file.lines():
        if not line.strip():
            continue
        try:
            entity = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if reading is not None:
                reading.reject(file.rows, str(error), line.decode("utf-8", "replace"))
            continue
        yield file.rows, entity


def _links(entity: _Entity) -> Iterator[_Link]:
    relation = _RELATIONS.get(entity.schema)
    if relation is None or entity.first("endDate"):
        return
    party, behind, role = relation
    said = clean(entity.first("role"))
    for one in entity.all(party):
        for other in entity.all(behind):
            yield _Link(entity.schema, one, other, _ROLES.get(said or "", said or role))


def _behind(ship: str, links: defaultdict[str, list[_Link]]) -> Iterator[tuple[_Link, str]]:
    """Who stands behind a ship, and behind its owners, each with the role in words."""
    for link in links.get(ship, ()):
        yield link, link.role
        if link.schema == "Ownership":
            for further in links.get(link.party, ()):
                if further.schema in _OF_OWNERS and further.party != link.party:
                    yield further, f"{further.role} of the {link.role}"


def _parties(found: Any, entities: dict[str, _Entity]) -> Iterator[Party]:
    for link, role in found:
        entity = entities.get(link.party)
        if entity is not None:
            topics = entity.all("topics")
            name = entity.caption or entity.first("name") or entity.id
            yield Party(role=role, name=name, listed=_LISTED in topics, programs=tuple(topics), id=entity.id)


def _add(reading: Reading, row: int, ship: _Entity, parties: list[Party]) -> None:
    def first_of(*roles: str) -> str | None:
        return next((party.name for party in parties if party.role in roles), None)

    reading.add(
        row,
        id=ship.id,
        names=(ship.caption, *ship.all("name", "alias", "previousName", "weakAlias")),
        imo=ship.all("imoNumber"),
        mmsi=ship.all("mmsi"),
        callsign=ship.first("callSign"),
        flag=ship.first("flag"),
        ship_type=ship.first("type"),
        programs=ship.all("topics", "programId", "program"),
        source=", ".join(ship.datasets),
        as_of=ship.last_change,
        url=ship.first("sourceUrl"),
        parties=parties,
        facts={
            "built": ship.first("buildDate"),
            "gross_tonnage": ship.first("grossRegisteredTonnage") or ship.first("tonnage"),
            "deadweight_t": ship.first("deadweightTonnage"),
            "former_names": "; ".join(ship.all("previousName")),
            "flag_history": "; ".join(ship.all("pastFlags")),
            "owner": first_of("owner"),
            "manager": first_of("commercial manager", "manager"),
            "operator": first_of("operator"),
            "insurer": first_of("insurer"),
        },
    )


def _notes(reading: Reading, ships: list[tuple[int, _Entity]], absent: set[str]) -> None:
    several_flags = sum(len(ship.all("flag")) > 1 for _, ship in ships)
    if several_flags:
        reading.notes.append(f"{several_flags:,} vessels have several flags; the first of each is used")
    if absent:
        reading.notes.append(f"{len(absent):,} parties are linked to ships but not described in the file")
