"""Entities of others: vessels, the facts and listings that lead to them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from watchkeeper.errors import InputError, LimitError
from watchkeeper.exchange.caveats import is_realm, marking_of
from watchkeeper.exchange.ftm.entity import MARKED, REALM, Entity
from watchkeeper.exchange.things import Incoming, Kept, Listing, Marked, Refused, Things, Vessel
from watchkeeper.exchange.untrusted import MOST_BYTES
from watchkeeper.model.finding import REAL
from watchkeeper.model.imo import valid_imo
from watchkeeper.model.marking import Marking
from watchkeeper.model.picture import ListMatch
from watchkeeper.model.register import FlagSpell, ShipFacts
from watchkeeper.model.time import from_iso

_FIGURES: Final = re.compile(r"(?:IMO\s*)?(\d{7})")
_MMSI: Final = re.compile(r"\d{9}")


def read(data: bytes) -> Incoming:
    """Vessels and the listings that name them; everything is kept to be passed on.

    Raises:
        InputError: no line is an entity.
        LimitError: too large.
    """
    if len(data) > MOST_BYTES:
        raise LimitError(f"The entities are larger than {MOST_BYTES >> 20} MiB.", "Split them at line ends.")
    found, kept, refused = _lines(data)
    if not found:
        raise InputError(
            "No line of the input is a FollowTheMoney entity.", "Give entities, one JSON object a line."
        )
    parties = {entity.id: entity.caption or entity.first("name") or "" for entity in found}
    roles = _roles(found, parties)
    vessels: dict[str, Vessel] = {}
    marks: dict[str, Marking] = {}
    realms: set[str] = set()
    for entity in (one for one in found if one.schema == "Vessel"):
        vessel = _as_vessel(entity, roles[entity.id])
        if vessel is None:
            refused.append(
                Refused(where=entity.id, reason="a vessel without IMO number and MMSI", text=entity.caption)
            )
            continue
        vessels[entity.id] = vessel
        notes = entity.all("notes")
        marks[f"vessel:{vessel.mmsi or vessel.imo}"] = marking_of(_said(notes, MARKED))
        realms.add(_said(notes, REALM) or REAL)
    if len(realms) > 1 or not all(map(is_realm, realms)):
        raise InputError(
            "The entities are of several realms.", "Import those of each realm from a file of its own."
        )
    things = Things(
        realm=next(iter(realms), REAL),
        vessels=tuple(vessels.values()),
        listings=tuple(_listings(found, vessels)),
        markings=Marked(of=marks),
    )
    return Incoming(things=things, kept=tuple(kept), refused=tuple(refused))


def _lines(data: bytes) -> tuple[list[Entity], list[Kept], list[Refused]]:
    decoder = msgspec.json.Decoder(Entity)
    found, kept, refused = [], [], []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entity = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            refused.append(
                Refused(where=f"line {number}", reason=str(error), text=line[:200].decode("utf-8", "replace"))
            )
            continue
        found.append(entity)
        kept.append(Kept(id=entity.id, type=entity.schema, version=entity.last_change, data=line))
    return found, kept, refused


def _roles(found: Iterable[Entity], parties: dict[str, str]) -> defaultdict[str, dict[str, str]]:
    """Who stands behind each entity, by role."""
    roles: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for entity in found:
        who, what = {"Ownership": ("owner", "asset"), "UnknownLink": ("subject", "object")}.get(
            entity.schema, ("", "")
        )
        role = "owner" if entity.schema == "Ownership" else (entity.first("role") or "").lower()
        for behind in entity.all(what):
            for party in entity.all(who):
                if parties.get(party):
                    roles[behind].setdefault(role, parties[party])
    return roles


def _as_vessel(entity: Entity, roles: dict[str, str]) -> Vessel | None:
    imos = [int(match[1]) for match in map(_FIGURES.fullmatch, entity.all("imoNumber")) if match]
    mmsis = [int(value) for value in entity.all("mmsi") if _MMSI.fullmatch(value)]
    imo = next(filter(valid_imo, imos), None)
    if imo is None and not mmsis:
        return None
    flags = [flag for flag in entity.all("flag") if len(flag) == 2]
    return Vessel(
        mmsi=mmsis[0] if mmsis else 0,
        imo=imo,
        name=entity.first("name") or entity.caption or None,
        callsign=entity.first("callSign"),
        flag=flags[0].upper() if flags else None,
        facts=_facts(entity, imo, roles) if imo is not None else None,
        as_of=_moment(entity.last_change),
    )


def _facts(entity: Entity, imo: int, roles: dict[str, str]) -> ShipFacts:
    built = (entity.first("buildDate") or "")[:4]
    return ShipFacts(
        imo=imo,
        source=f"FollowTheMoney {', '.join(entity.datasets)}".strip(),
        as_of=entity.last_change[:10] or None,
        former_names=tuple(entity.all("previousName")),
        built=int(built) if built.isascii() and built.isdigit() else None,
        gross_tonnage=_real(entity.first("grossRegisteredTonnage") or entity.first("tonnage")),
        deadweight_t=_real(entity.first("deadweightTonnage")),
        ship_type=entity.first("type"),
        flag_history=tuple(
            FlagSpell(flag=past.upper() if len(past) == 2 else None, flag_text=past)
            for past in entity.all("pastFlags")
        ),
        owner=roles.get("owner"),
        operator=roles.get("operator"),
        manager=roles.get("manager"),
        insurer=roles.get("insurer"),
    )


def _listings(found: Iterable[Entity], vessels: dict[str, Vessel]) -> Iterator[Listing]:
    """Only of ships that have an MMSI: a listing names the ship by it."""
    for entity in found:
        for ship in (
            (vessels[id] for id in entity.all("entity") if id in vessels)
            if entity.schema == "Sanction"
            else ()
        ):
            if ship.mmsi:
                match = ListMatch(
                    list_title=entity.first("authority") or ", ".join(entity.datasets) or "unnamed list",
                    entry=entity.first("recordId") or entity.id,
                    by="imo" if ship.imo else "mmsi",
                    confidence="high",
                    reason=entity.first("summary") or "linked to the ship by the sender",
                    programs=", ".join(entity.all("program")),
                    as_of=entity.first("modifiedAt") or entity.last_change[:10],
                )
                yield Listing(mmsi=ship.mmsi, match=match)


def _said(notes: Iterable[str], word: str) -> str:
    return next((note.removeprefix(word) for note in notes if note.startswith(word)), "")


def _real(text: str | None) -> float | None:
    try:
        value = float((text or "nan").replace(",", ""))
    except ValueError:
        return None
    return value if abs(value) < 1e9 else None


def _moment(text: str) -> int:
    try:
        return from_iso(text)
    except (ValueError, OverflowError):
        return 0
