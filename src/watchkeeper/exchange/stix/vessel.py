"""A ship as ``infrastructure`` with our extension ``vessel``: what it said of itself, and what registers say."""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, Final

import msgspec

from watchkeeper.exchange.stix.identity import company
from watchkeeper.exchange.stix.ids import CREATED
from watchkeeper.exchange.stix.listing import SANCTION, listed_in, sanction
from watchkeeper.exchange.stix.relationship import relationship
from watchkeeper.exchange.stix.scope import Entry, Scope, references
from watchkeeper.exchange.things import Listing, Vessel
from watchkeeper.exchange.words import ship_words
from watchkeeper.model.marking import both
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
_OWN: Final = ("name", "flag", "ship_type", "length_m", "draught_m")
_ROLES: Final = ("owner", "operator", "manager", "insurer")


def vessel_objects(scope: Scope, ship: Sequence[Vessel], listings: Sequence[Listing]) -> Iterable[Entry]:
    """A ship, and the companies behind it as registers name them.

    Args:
        scope: of the export.
        ship: what is known of it, once for each MMSI under which it was heard.
        listings: entries of lists that name it.
    """
    last = max(ship, key=lambda v: v.as_of)
    id = scope.vessel_id(last)
    lists = scope.closer("listing", (f"{x.match.list_title}:{x.match.entry}" for x in listings))
    marking = reduce(both, (*(scope.marking("vessel", str(v.mmsi or v.imo)) for v in ship), *lists))
    facts = next((v.facts for v in ship if v.facts is not None), None)
    extensions = {VESSEL: _extension(ship, last, facts)}
    if listings:
        extensions[SANCTION] = sanction(listings)
    yield scope.entry(
        id,
        (CREATED, last.as_of),
        marking,
        {
            "name": last.name or _number(last),
            "description": "; ".join(dict.fromkeys(map(ship_words, ship))) + ".",
            "infrastructure_types": ["vessel"],
            "aliases": list(facts.former_names) if facts else [],
            "external_references": references(
                (*(one for vessel in ship for one in _numbers(vessel)), *listed_in(listings))
            ),
        },
        extensions=extensions,
    )
    for role in _ROLES if facts else ():
        name = getattr(facts, role)
        if name:
            behind = company(scope, name, marking)
            yield behind
            yield relationship(scope, behind.object["id"], "related-to", id, marking, says=role)


def _extension(ship: Sequence[Vessel], last: Vessel, facts: ShipFacts | None) -> dict[str, Any]:
    says: dict[str, Any] = {
        "identified_by": "imo" if last.imo else "mmsi",
        "identified_because": None if last.imo else BY_RADIO,
        "imo": last.imo,
        "mmsi": [vessel.mmsi for vessel in ship if vessel.mmsi],
        **_said(last),
    }
    if len(ship) > 1:
        says["said"] = [{"mmsi": vessel.mmsi} | _said(vessel) for vessel in ship]
    if facts is not None:
        says |= {name: _plain(getattr(facts, name)) for name in _FACTS}
        says["flag_history"] = [_spell(spell) for spell in facts.flag_history]
        says["register"] = _rest(facts)
    return says


def _said(vessel: Vessel) -> dict[str, Any]:
    """What the ship said of itself."""
    says = {
        "name": vessel.name,
        "call_sign": vessel.callsign,
        "flag": vessel.flag,
        "ship_type": vessel.ship_type,
        "length_m": vessel.length_m,
        "draught_m": vessel.draught_m,
        "as_of_ms": vessel.as_of,
    }
    return {key: value for key, value in says.items() if value is not None}


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


def vessels_of(says: dict[str, Any]) -> list[Vessel]:
    """The ship from our extension, once for each MMSI.

    Raises:
        ValueError: it is not what we write.
    """
    facts = _facts_of(says) if "register" in says else None
    ship = {"imo": says.get("imo"), "facts": facts}
    one = {key: says[key] for key in (*_OWN, "call_sign", "as_of_ms") if key in says}
    said = says.get("said") or [one | {"mmsi": next(iter(says.get("mmsi", ())), 0)}]
    return [
        msgspec.convert(
            {key: each[key] for key in (*_OWN, "mmsi") if key in each}
            | {"callsign": each.get("call_sign"), "as_of": each.get("as_of_ms", CREATED)}
            | ship,
            Vessel,
        )
        for each in said
    ]


def _facts_of(says: dict[str, Any]) -> dict[str, Any]:
    spells = [
        {
            "flag": s.get("flag"),
            "flag_text": s.get("text", ""),
            "since": s.get("since"),
            "until": s.get("until"),
        }
        for s in says.get("flag_history", ())
    ]
    known = {key: says[key] for key in _FACTS if key in says}
    return {**says["register"], **known, "flag_history": spells}


def _number(vessel: Vessel) -> str:
    return f"MMSI {vessel.mmsi}" if vessel.mmsi else f"IMO {vessel.imo}"


def _numbers(vessel: Vessel) -> Iterable[dict[str, Any]]:
    if vessel.imo:
        yield {"source_name": "IMO ship identification number", "external_id": str(vessel.imo)}
    if vessel.mmsi:
        yield {"source_name": "MMSI", "external_id": f"{vessel.mmsi:09d}"}
