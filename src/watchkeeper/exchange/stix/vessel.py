"""A ship as ``infrastructure`` with our extension ``vessel``: what it said of itself, and what registers say."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from watchkeeper.exchange.stix.identity import company
from watchkeeper.exchange.stix.ids import CREATED
from watchkeeper.exchange.stix.listing import SANCTION, listed_in, sanction
from watchkeeper.exchange.stix.relationship import relationship
from watchkeeper.exchange.stix.scope import Entry, Scope, references
from watchkeeper.exchange.things import Listing, Vessel
from watchkeeper.exchange.words import ship_words
from watchkeeper.model.register import FlagSpell, ShipFacts

VESSEL: Final = "extension-definition--5cf0a1d2-6a8f-4b7e-8a57-0a6d3b1e4f10"
BY_RADIO: Final = (
    "No IMO number with a right check digit is known; the MMSI belongs to the radio, "
    "and may change with flag or owner."
)
_FACTS: Final = (
    "former_names", "built", "gross_tonnage", "deadweight_t", "beam_m", "class_society", "insurer", "owner",
    "operator", "manager", "disagreements",
)  # fmt: skip
_ROLES: Final = ("owner", "operator", "manager", "insurer")


def vessel_objects(scope: Scope, vessel: Vessel, listings: Sequence[Listing]) -> Iterable[Entry]:
    """The ship, and the companies behind it as registers name them."""
    id = scope.vessel_id(vessel)
    marking = scope.marking("vessel", str(vessel.mmsi or vessel.imo))
    facts = vessel.facts
    extensions = {VESSEL: _extension(vessel)}
    if listings:
        extensions[SANCTION] = sanction(listings)
    yield scope.entry(
        id,
        (CREATED, vessel.as_of),
        marking,
        {
            "name": vessel.name or _number(vessel),
            "description": ship_words(vessel) + ".",
            "infrastructure_types": ["vessel"],
            "aliases": list(facts.former_names) if facts else [],
            "external_references": references((*_numbers(vessel), *listed_in(listings))),
        },
        extensions=extensions,
    )
    for role in _ROLES if facts else ():
        name = getattr(facts, role)
        if name:
            behind = company(scope, name, marking)
            yield behind
            yield relationship(scope, behind.object["id"], "related-to", id, marking, says=role)


def _extension(vessel: Vessel) -> dict[str, Any]:
    facts = vessel.facts
    says: dict[str, Any] = {
        "identified_by": "imo" if vessel.imo else "mmsi",
        "identified_because": None if vessel.imo else BY_RADIO,
        "imo": vessel.imo,
        "mmsi": [vessel.mmsi] if vessel.mmsi else [],
        "name": vessel.name,
        "call_sign": vessel.callsign,
        "flag": vessel.flag,
        "ship_type": vessel.ship_type,
        "length_m": vessel.length_m,
        "draught_m": vessel.draught_m,
        "as_of_ms": vessel.as_of,
    }
    if facts is not None:
        says |= {name: _plain(getattr(facts, name)) for name in _FACTS}
        says["flag_history"] = [_spell(spell) for spell in facts.flag_history]
        says["register"] = _rest(facts)
    return says


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _spell(spell: FlagSpell) -> dict[str, Any]:
    says = {"flag": spell.flag, "text": spell.flag_text, "since": spell.since, "until": spell.until}
    return {key: value for key, value in says.items() if value is not None}


def _rest(facts: ShipFacts) -> dict[str, Any]:
    """Where the facts are from, and what the register says that the ship says of itself, too."""
    says = {
        "source": facts.source,
        "as_of": facts.as_of,
        "imo": facts.imo,
        "name": facts.name,
        "flag": facts.flag,
        "ship_type": facts.ship_type,
        "length_m": facts.length_m,
    }
    return {key: value for key, value in says.items() if value is not None}


def vessel_of(says: dict[str, Any]) -> Vessel:
    """The ship from our extension.

    Raises:
        ValueError: it is not what we write.
    """
    mmsi = says.get("mmsi", [])
    register = says.get("register")
    if register is not None:
        spells = [
            {"flag_text": s.get("text", "")} | {k: s[k] for k in ("flag", "since", "until") if k in s}
            for s in says.get("flag_history", [])
        ]
        register = register | {k: says[k] for k in _FACTS if k in says} | {"flag_history": spells}
        register = {"flag": None} | register
        for spell in spells:
            spell.setdefault("flag", None)
    own = ("imo", "name", "flag", "ship_type", "length_m", "draught_m")
    return msgspec.convert(
        {k: says[k] for k in own if k in says}
        | {
            "mmsi": mmsi[0] if mmsi else 0,
            "callsign": says.get("call_sign"),
            "as_of": says.get("as_of_ms", CREATED),
            "facts": register,
        },
        Vessel,
    )


def _number(vessel: Vessel) -> str:
    return f"MMSI {vessel.mmsi}" if vessel.mmsi else f"IMO {vessel.imo}"


def _numbers(vessel: Vessel) -> Iterable[dict[str, Any]]:
    if vessel.imo:
        yield {"source_name": "IMO ship identification number", "external_id": str(vessel.imo)}
    if vessel.mmsi:
        yield {"source_name": "MMSI", "external_id": f"{vessel.mmsi:09d}"}
