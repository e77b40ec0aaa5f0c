"""Ships, listings and who stands behind ships, as entities."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final

import msgspec

from watchkeeper.exchange.caveats import banner, caveat, of_thing
from watchkeeper.exchange.ftm.entity import MARKED, REALM, Entity
from watchkeeper.exchange.things import Listing, Things, Vessel
from watchkeeper.exchange.words import uuid_of, vessel_key, vessels_by_mmsi
from watchkeeper.model.register import ShipFacts
from watchkeeper.model.shiptypes import type_name
from watchkeeper.model.time import to_iso

_ROLES: Final = ("owner", "operator", "manager", "insurer")
_NOT_A_WORD: Final = re.compile(r"[^a-z0-9]+")


def entities(things: Things) -> Iterator[Entity]:
    """All of them: each ship, then what leads to it."""
    datasets = [_NOT_A_WORD.sub("_", things.author.lower()).strip("_") or "watchkeeper"]
    listings: defaultdict[int, list[Listing]] = defaultdict(list)
    for listing in things.listings:
        listings[listing.mmsi].append(listing)
    parties: set[str] = set()
    for vessel in (*vessels_by_mmsi(things).values(), *(v for v in things.vessels if not v.mmsi)):
        ship = _vessel(things, vessel)
        for entity in (
            ship,
            *_listed(things, ship, listings[vessel.mmsi]),
            *_behind(things, ship, vessel.facts),
        ):
            if entity.id not in parties:
                parties.add(entity.id)
                entity.datasets = datasets
                yield entity


def write(things: Things, out: BinaryIO) -> None:
    """One entity a line."""
    encoder = msgspec.json.Encoder()
    for entity in entities(things):
        out.write(encoder.encode(entity) + b"\n")


def _vessel(things: Things, vessel: Vessel) -> Entity:
    facts = vessel.facts
    marking = of_thing(things, "vessel", str(vessel.mmsi or vessel.imo))
    name = vessel.name or (facts.name if facts else None)
    over = banner(things)
    said: dict[str, Any] = {
        "name": name,
        "imoNumber": f"IMO{vessel.imo}" if vessel.imo else None,
        "mmsi": vessel.mmsi or None,
        "callSign": vessel.callsign,
        "flag": vessel.flag.lower() if vessel.flag else None,
        "type": _type(vessel),
        "notes": [over, f"{MARKED}{caveat(marking)}", f"{REALM}{things.realm}"],
    }
    if facts is not None:
        said |= {
            "buildDate": facts.built,
            "grossRegisteredTonnage": facts.gross_tonnage,
            "deadweightTonnage": facts.deadweight_t,
            "previousName": list(facts.former_names),
            "pastFlags": [(spell.flag or spell.flag_text).lower() for spell in facts.flag_history],
        }
    caption = f"{over}: {name or vessel_key(vessel)}" if over else name or vessel_key(vessel)
    return _entity(things, vessel_key(vessel), "Vessel", said, caption, vessel.as_of)


def _listed(things: Things, ship: Entity, listings: Iterable[Listing]) -> Iterator[Entity]:
    for listing in listings:
        match = listing.match
        said = {
            "entity": ship.id, "authority": match.list_title, "recordId": match.entry, "program": match.programs,
            "modifiedAt": match.as_of, "summary": match.reason,
        }  # fmt: skip
        key = f"listing:{match.list_title}:{match.entry}:{ship.id}"
        yield _entity(things, key, "Sanction", said, match.list_title)


def _behind(things: Things, ship: Entity, facts: ShipFacts | None) -> Iterator[Entity]:
    """Who stands behind a ship, each as an entity and a link to it."""
    for role in _ROLES:
        name = getattr(facts, role, None)
        if name:
            party = _entity(
                things,
                f"organisation:{' '.join(name.casefold().split())}",
                "LegalEntity",
                {"name": name},
                name,
            )
            yield party
            owns = role == "owner"
            link = {
                "owner" if owns else "subject": party.id,
                "asset" if owns else "object": ship.id,
                "role": role,
            }
            yield _entity(
                things, f"{role}:{party.id}:{ship.id}", "Ownership" if owns else "UnknownLink", link, role
            )


def _entity(
    things: Things, key: str, schema: str, said: dict[str, Any], caption: str, at: int | None = None
) -> Entity:
    """An entity; what is not known has no property."""
    properties = {}
    for name, value in said.items():
        values = [
            _text(one) for one in (value if isinstance(value, list) else [value]) if one not in (None, "")
        ]
        if values:
            properties[name] = values
    change = to_iso(at) if at is not None else ""
    return Entity(
        id=f"wk-{uuid_of(things, key)}",
        schema=schema,
        caption=caption,
        properties=properties,
        last_change=change,
    )


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _type(vessel: Vessel) -> str | None:
    if vessel.facts is not None and vessel.facts.ship_type:
        return vessel.facts.ship_type
    return type_name(vessel.ship_type) if vessel.ship_type is not None else None
