"""Ships and findings as events of Cursor on Target 2.0.

A ship stands on the surface, is not military, and of unknown affiliation where something was found about it, else of
neutral: nothing here says *hostile* or *suspect*. Uids are those by which a ship is named everywhere, so a display
moves the ship it has. What did not happen says so three times: ``opex`` (``e-<exercise>``, ``s-simulation``), the call
sign, and the remarks.

Sources: MITRE, *Cursor on Target Message Router User's Guide* (2009), and the types that TAK clients show. ``opex`` and
``how`` are written down from general knowledge of the event schema.
"""

from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from watchkeeper.exchange.caveats import banner, caveat, of_thing, rel_to, tlp_word
from watchkeeper.exchange.things import EXERCISE, Fix, Things, Vessel
from watchkeeper.exchange.untrusted import xml_text
from watchkeeper.exchange.words import (
    apart,
    changed_at,
    measured_words,
    ship_words,
    title_of,
    vessel_key,
    vessels_by_mmsi,
)
from watchkeeper.model.finding import REAL, Finding
from watchkeeper.model.marking import Marking
from watchkeeper.model.shiptypes import CARGO, FISHING, PASSENGER, PLEASURE, TANKER
from watchkeeper.model.time import HOUR, MINUTE, from_iso, to_iso

SHIP_STALE_MS: Final = 30 * MINUTE
"""A ship at anchor reports every 3 min, one of class B in a crowded sea far less often."""
FINDING_STALE_MS: Final = 24 * HOUR

_UNKNOWN: Final = "9999999.0"
"""What the format writes for an error or height that is not known."""
_SHIP: Final = "a-{affiliation}-S-X"
_KINDS: Final = ((CARGO, "-M-C"), (TANKER, "-M-O"), (PASSENGER, "-M-P"), (FISHING, "-F"), (PLEASURE, "-R"))
"""Groups of AIS ship types, and what MIL-STD-2525 calls them below *non-military*."""
_SPOT: Final = "b-m-p-s-m"
"""A spot on the map: what was found is a place and a time, not a thing that moves."""
_BY_GNSS: Final = "m-g"
"""A machine's position, from GNSS: what AIS reports are."""
_CALCULATED: Final = "m-f"
"""A machine's, made of several reports."""


def events(things: Things) -> Iterator[Element]:
    """Last places of ships, then findings."""
    vessels = vessels_by_mmsi(things)
    noted = {mmsi for finding in things.findings for mmsi in (finding.mmsi, finding.other_mmsi)}
    for fix in things.fixes:
        vessel = vessels.get(fix.mmsi) or Vessel(mmsi=fix.mmsi, as_of=fix.t)
        yield _ship(things, vessel, fix, "u" if fix.mmsi in noted else "n")
    for finding in things.findings:
        yield _finding(things, finding, vessels[finding.mmsi])


def uid(things: Things, name: str) -> str:
    """The uid of a thing; one that is rehearsed or simulated has none in common with a real one."""
    return xml_text(f"watchkeeper.{apart(things, name)}")


def _ship(things: Things, vessel: Vessel, fix: Fix, affiliation: str) -> Element:
    kind = next((atoms for types, atoms in _KINDS if vessel.ship_type in types), "")
    marking = of_thing(things, "vessel", str(vessel.mmsi))
    name = uid(things, vessel_key(vessel))
    event = _event(
        things,
        name,
        _SHIP.format(affiliation=affiliation) + kind,
        _BY_GNSS,
        fix.t,
        fix.t,
        fix.t + SHIP_STALE_MS,
        marking,
    )
    _point(event, fix.lat, fix.lon)
    detail = _detail(event, things, vessel.name or f"MMSI {vessel.mmsi}", ship_words(vessel), marking)
    if fix.sog_kn is not None and fix.cog_deg is not None:
        speed = f"{fix.sog_kn * 1852 / 3600:.2f}"  # the format counts in metres a second
        SubElement(detail, "track", speed=speed, course=f"{fix.cog_deg:.1f}")
    return event


def _finding(things: Things, finding: Finding, vessel: Vessel) -> Element:
    marking = of_thing(things, "finding", finding.id)
    told = changed_at(things, finding)
    start = from_iso(finding.start)
    event = _event(
        things, uid(things, f"finding:{finding.id}"), _SPOT, _CALCULATED, max(told, start), start,
        max(told, start) + FINDING_STALE_MS, marking,
    )  # fmt: skip
    _point(event, finding.lat, finding.lon)
    title = f"{title_of(things, finding.behaviour)}: {finding.name or finding.mmsi}"
    said = (finding.summary, f"confidence {finding.confidence}", *map(measured_words, finding.measured))
    detail = _detail(event, things, title, "; ".join(said), marking)
    link = {"uid": uid(things, vessel_key(vessel)), "type": _SHIP.format(affiliation="u"), "relation": "p-p"}
    SubElement(detail, "link", link)
    return event


def _event(
    things: Things, name: str, kind: str, how: str, time: int, start: int, stale: int, marking: Marking
) -> Element:
    said: Mapping[str, str] = {
        "version": "2.0", "uid": name, "type": kind, "how": how, "time": to_iso(time), "start": to_iso(start),
        "stale": to_iso(stale), "access": tlp_word(marking), "opex": _opex(things), "caveat": caveat(marking),
        "releaseableTo": "; ".join(rel_to(marking)).replace("REL TO ", ""),
    }  # fmt: skip
    return Element("event", {key: xml_text(value) for key, value in said.items() if value})


def _opex(things: Things) -> str:
    if things.realm != REAL:
        return f"e-{things.realm.removeprefix(EXERCISE)}"
    return "s-simulation" if things.simulated else ""


def _point(event: Element, lat: float, lon: float) -> None:
    place = {"lat": f"{lat:.6f}", "lon": f"{lon:.6f}", "hae": "0.0", "ce": _UNKNOWN, "le": _UNKNOWN}
    SubElement(event, "point", place)


def _detail(event: Element, things: Things, callsign: str, remarks: str, marking: Marking) -> Element:
    """What a display shows beside the symbol. The marking stands in it whole, and in the text that people read."""
    over, line = banner(things), caveat(marking)
    detail = SubElement(event, "detail")
    SubElement(detail, "contact", callsign=xml_text(f"{over} {callsign}".strip()))
    text = " | ".join(filter(None, (over, line, remarks, things.author)))
    SubElement(detail, "remarks").text = xml_text(text)
    if line or over:
        SubElement(detail, "marking", {"caveat": xml_text(line), "banner": xml_text(over)})
    return detail
