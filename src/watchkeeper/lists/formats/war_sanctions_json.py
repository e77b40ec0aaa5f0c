"""Ships of the *War & Sanctions* portal (Defence Intelligence of Ukraine, GUR) as JSON.

The form of its interface ``transport/ships``: a list of ships, or one under ``data``. Owner and managers are
given by number there, by name in exports; both are kept as they stand.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from watchkeeper.errors import ListError
from watchkeeper.lists.entries import Party
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.values import clean, names_in

FORMAT: Final = "War & Sanctions ships JSON"
LIST_ID: Final = "ua-war-sanctions"
TITLE: Final = "War & Sanctions (GUR)"
NEEDED: Final = ("id", "name", "imo", "mmsi", "flag")
"""What a ship must have, be it empty."""
_ROLES: Final = {
    "owner": "owner",
    "commerce_manager": "commercial manager",
    "security_manager": "safety manager",
}
_UNKNOWN_PARTIES: Final = frozenset(("unknown", "rptd sold undisclosed interest", "rptd sold russia"))


def recognises(head: bytes) -> bool:
    """JSON whose first ship has fields of that interface only."""
    ours = b'"is_shadow"' in head or b'"commerce_manager"' in head
    return ours and head.lstrip()[:1] in (b"{", b"[") and b'"schema"' not in head


def read(file: ListFile) -> Reading:
    """Read ship by ship; one of another form is rejected.

    Raises:
        ListError: not JSON, no list of ships, or ships without the fields that are needed.
    """
    reading = Reading(LIST_ID, TITLE)
    for row, ship in enumerate(_ships(file), 1):
        if not isinstance(ship, dict):
            reading.reject(row, "not an object", str(ship))
        elif missing := [field for field in NEEDED if field not in ship]:
            reading.reject(row, f"no {', '.join(missing)}", str(ship))
        else:
            add_ship(reading, row, ship)
    return reading


def add_ship(reading: Reading, row: int, ship: Mapping[str, Any]) -> None:
    """Take a ship from its fields."""
    former = [one for one in ship.get("old_data") or () if isinstance(one, dict)]
    shadow = str(ship.get("is_shadow") or "").casefold() not in ("", "0", "false", "no", "none")
    parties = list(_parties(ship))
    reading.add(
        row,
        id=_text(ship.get("id")),
        names=[*names_in(_text(ship["name"])), *(_text(one.get("name")) for one in former)],
        imo=(_text(ship["imo"]),),
        mmsi=(_text(ship["mmsi"]),),
        callsign=_text(ship.get("callsign")),
        flag=_text(ship["flag"]),
        ship_type=_text(ship.get("type")),
        programs=[*(["shadow fleet"] if shadow else ()), _text(ship.get("shadow_group")), "War & Sanctions"],
        source=TITLE,
        parties=parties,
        facts={
            "built": _text(ship.get("year")),
            "gross_tonnage": _text(ship.get("weight")),
            "deadweight_t": _text(ship.get("dwt")),
            "length_m": _text(ship.get("length")),
            "former_names": "; ".join(name for one in former if (name := _text(one.get("name")))),
            "flag_history": "; ".join(flag for one in former if (flag := _text(one.get("flag")))),
            "owner": next((p.name for p in parties if p.role == "owner"), None),
            "manager": next((p.name for p in parties if p.role == "commercial manager"), None),
            "insurer": next((p.name for p in parties if p.role == "insurer"), None),
        },
    )


def _ships(file: ListFile) -> list[Any]:
    try:
        document = msgspec.json.decode(file.document())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ListError(f"{file.path}: not valid JSON ({error}).", "Fetch the list again.") from error
    ships = document.get("data") if isinstance(document, dict) else document
    if not isinstance(ships, list):
        raise ListError(
            f"{file.path}: expected a list of ships, or one under `data`.", "Check that it is the right list."
        )
    return ships


def _parties(ship: Mapping[str, Any]) -> list[Party]:
    found: list[Party] = []
    for field, role in _ROLES.items():
        found += _party(ship.get(field), role)
    clubs = ship.get("pi_club")
    for club in clubs if isinstance(clubs, list) else (clubs,):
        found += _party(club, "insurer")
    return found


def _party(given: Any, role: str) -> list[Party]:
    """A party given as ``{"id", "name"}`` or as a name; one known by its number only is named by it."""
    number = _text(given.get("id")) if isinstance(given, dict) else None
    name = _text(given.get("name") if isinstance(given, dict) else given)
    if name is None and number:
        name = f"company {number} of the portal"
    if name is None or name.casefold() in _UNKNOWN_PARTIES:
        return []
    return [Party(role=role, name=name, id=number)]


def _text(value: Any) -> str | None:
    """A field as text: portals give numbers as numbers or as text, and lists of texts for several values."""
    if isinstance(value, list):
        return "; ".join(text for one in value if (text := _text(one))) or None
    return None if value is None or isinstance(value, bool | dict) else clean(str(value))
