"""Entities that another system made, as things of ours: as far as the words of CISE go."""

import re
from typing import Final
from xml.etree.ElementTree import Element

from watchkeeper.cases.register.case import Case, Place
from watchkeeper.exchange.cise import words
from watchkeeper.exchange.cise.entities import XSI
from watchkeeper.exchange.things import Fix, KnownCase, RaisedAlert, Vessel
from watchkeeper.model.finding import Finding
from watchkeeper.model.imo import valid_imo
from watchkeeper.model.time import from_iso, to_iso

TYPE: Final = f"{{{XSI}}}type"
FOREIGN: Final = "cise:"
"""Begins the behaviour of an anomaly that another system found."""
_MOST_MMSI: Final = 999_999_999
_WORD: Final = re.compile(r"[A-Za-z0-9]{1,60}")
_Said = dict[str, str | None]


def vessel(entity: Element, said: _Said, sent: int, realm: str) -> Vessel:
    """A ship; one without MMSI is known by an IMO number whose check digit is right.

    Raises:
        ValueError: it has neither number.
    """
    mmsi, imo = _number(entity, "MMSI"), _number(entity, "IMONumber")
    if not mmsi and not imo:
        raise ValueError("a vessel without MMSI and IMO number")
    if mmsi and not 0 < mmsi <= _MOST_MMSI:
        raise ValueError(f"{mmsi} is no MMSI")
    if not mmsi and not (imo and valid_imo(imo)):
        raise ValueError(f"{imo} is no IMO number")
    return Vessel(
        mmsi=mmsi or 0,
        imo=imo if imo and valid_imo(imo) else None,
        name=text(entity, "Name"),
        callsign=text(entity, "CallSign"),
        flag=text(entity, "Nationality"),
        ship_type=words.ship_code(text(entity, "ShipType")),
        length_m=_real(entity, "Length") or _real(entity, "LOA"),
        draught_m=_real(entity, "Draught"),
        as_of=moment(text(entity, "Identifier/GeneratedIn")) or sent,
    )


def anomaly(entity: Element, said: _Said, sent: int, realm: str) -> Finding:
    """A finding without measured values or evidence.

    Raises:
        ValueError: no identifier, time, place, or ship with an MMSI.
    """
    uuid = _uuid(entity)
    generated = moment(text(entity, "Identifier/GeneratedIn"))
    start = _period(entity, "OccurrencePeriod", "Start") or (
        to_iso(generated) if generated is not None else None
    )
    kind = text(entity, "AnomalyType") or ""
    lat, lon = _place(entity)
    ships = [ship for ship in entity.findall("InvolvedObjectRel/Object") if _is_vessel(ship)]
    mmsis = [mmsi for mmsi in (_number(ship, "MMSI") for ship in ships) if mmsi]
    if start is None or lat is None or lon is None or not mmsis:
        raise ValueError("an anomaly without time, place or a ship with an MMSI")
    summary = said.get("Description") or said.get("Comments") or said.get("Abstract") or ""
    return Finding(
        id=uuid,
        behaviour=FOREIGN + (kind if _WORD.fullmatch(kind) else words.NOT_SAID),
        version=0,
        mmsi=mmsis[0],
        other_mmsi=mmsis[1] if len(mmsis) > 1 else None,
        imo=_number(ships[0], "IMONumber"),
        name=text(ships[0], "Name"),
        start=start,
        end=_period(entity, "OccurrencePeriod", "End"),
        lat=lat,
        lon=lon,
        measured=(),
        evidence=(),
        confidence=words.confidence(said.get("InformationReliabilityLevel")),
        confidence_reason="as the sender grades it",
        realm=realm,
        summary=summary,
    )


def incident(entity: Element, said: _Said, sent: int, realm: str) -> KnownCase:
    """A case.

    Raises:
        ValueError: no identifier.
    """
    at = moment(text(entity, "Identifier/GeneratedIn")) or sent
    lat, lon = _place(entity)
    title = said.get("Abstract") or said.get("Description") or entity.tag
    by = text(entity, "Identifier/GeneratedBy/LegalName") or "unknown"
    case = Case(
        kind="incident",
        title=title,
        status=words.STATUS.get(text(entity, "Certainty") or "", "suspected"),  # type: ignore[arg-type]
        summary=said.get("Description") or "",
        opened_at=at,
        opened_by=by,
        changed_at=at,
        place=Place(name=text(entity, "LocationRel/Location/GeographicName") or "", lat=lat, lon=lon),
    )
    return KnownCase(id=_uuid(entity), state="open", case=case)


def risk(entity: Element, said: _Said, sent: int, realm: str) -> RaisedAlert:
    """An alert. What CISE says of level and probability is no rank of ours.

    Raises:
        ValueError: no identifier.
    """
    at = moment(text(entity, "Identifier/GeneratedIn")) or sent
    begins, ends = (moment(_period(entity, "OccurrencePeriod", which)) for which in ("Start", "End"))
    ship = entity.find("InvolvedObjectRel/Object")
    inner = [event for event in entity.findall("ImpliedEventRel/Event") if text(event, "Identifier/UUID")]
    return RaisedAlert(
        id=_uuid(entity),
        mmsi=(_number(ship, "MMSI") or 0) if ship is not None else 0,
        name=text(ship, "Name") if ship is not None else None,
        headline=said.get("Abstract") or said.get("Description") or "Risk",
        score=0.0,
        state="new",
        finding_ids=tuple(str(text(event, "Identifier/UUID")) for event in inner),
        begins=begins if begins is not None else at,
        ends=ends,
        changed_at=at,
    )


def fix(entity: Element, mmsi: int) -> Fix | None:
    """Where a ship was last, of the places that have a time."""
    fixes = []
    for relation in entity.findall("LocationRel"):
        t = moment(_period(relation, "PeriodOfTime", "Start") or _period(relation, "PeriodOfTime", "End"))
        lat, lon = _geometry(relation)
        if mmsi and t is not None and lat is not None and lon is not None:
            said = {"sog_kn": "SOG", "cog_deg": "COG", "heading_deg": "Heading"}
            values = {ours: _real(relation, theirs) for ours, theirs in said.items()}
            fixes.append(Fix(mmsi=mmsi, t=t, lat=lat, lon=lon, **values))
    return max(fixes, key=lambda fix: fix.t, default=None)


def _is_vessel(element: Element) -> bool:
    return element.get(TYPE, "").rpartition(":")[2] == "Vessel"


def _place(entity: Element) -> tuple[float | None, float | None]:
    relation = entity.find("LocationRel")
    return _geometry(relation) if relation is not None else (None, None)


def _geometry(relation: Element) -> tuple[float | None, float | None]:
    lat, lon = (_real(relation, f"Location/Geometry/{axis}") for axis in ("Latitude", "Longitude"))
    if lat is None or lon is None or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None, None
    return lat, lon


def _period(entity: Element, tag: str, which: str) -> str | None:
    """A moment of a period in ISO 8601, its date and time of day put together; midnight where it has none."""
    date = (text(entity, f"{tag}/{which}Date") or "")[:10]
    at = moment(f"{date}T{text(entity, f'{tag}/{which}Time') or '00:00:00Z'}") if date else None
    return None if at is None else to_iso(at)


def _uuid(entity: Element) -> str:
    uuid = text(entity, "Identifier/UUID")
    if uuid is None:
        raise ValueError("it has no identifier")
    return uuid


def text(element: Element, path: str) -> str | None:
    """What stands at a path, without blanks around it; None for nothing."""
    text = (element.findtext(path) or "").strip()
    return text or None


def _number(element: Element, path: str) -> int | None:
    said = text(element, path) or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 10 else None


def _real(element: Element, path: str) -> float | None:
    try:
        value = float(text(element, path) or "nan")
    except ValueError:
        return None
    return value if abs(value) < 1e9 else None  # not for infinity, nor for what is no number


def moment(said: str | None) -> int | None:
    """A moment [ms UTC]; None for what is none."""
    try:
        return from_iso(said) if said else None
    except (ValueError, OverflowError):
        return None
