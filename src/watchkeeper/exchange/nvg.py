"""NATO Vector Graphics 2.0: points and lines for command systems. Unverified.

The schema is published behind a login, and no copy of it was at hand: elements and attributes are those that open
readers of the format use (``point``, ``polyline``, ``polygon``, ``label``, ``uri``, ``symbol``, ``ExtendedData``). Have
a file of your own checked against the schema before you rely on it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import Element, SubElement

from watchkeeper.exchange.caveats import banner, caveat, of_thing, together
from watchkeeper.exchange.formats import Format
from watchkeeper.exchange.things import Things
from watchkeeper.exchange.untrusted import xml_bytes, xml_text
from watchkeeper.exchange.words import ship_words, title_of, vessels_by_mmsi

_NS: Final = "https://tide.act.nato.int/schemas/2012/10/nvg"
_SHIP: Final = "app6a:SUSPX----------"
"""A ship of unknown affiliation, non-military (APP-6A): nothing here says whose side a ship is on."""
_LINES: Final = {"LineString": "polyline", "Polygon": "polygon"}


def write(things: Things, out: BinaryIO) -> None:
    """One drawing."""
    root = Element(
        "nvg", {"xmlns": _NS, "version": "2.0.2", "classification": xml_text(caveat(together(things)))}
    )
    vessels = vessels_by_mmsi(things)
    for fix in things.fixes:
        said = {"course": f"{fix.cog_deg:.0f}"} if fix.cog_deg is not None else {}
        label = ship_words(vessels[fix.mmsi]) if fix.mmsi in vessels else f"MMSI {fix.mmsi}"
        ship = _item(root, things, "point", "vessel", str(fix.mmsi), label, said)
        ship.attrib |= {"x": f"{fix.lon:.6f}", "y": f"{fix.lat:.6f}", "symbol": _SHIP}
    for finding in things.findings:
        label = f"{title_of(things, finding.behaviour)}: {finding.name or finding.mmsi}"
        said = {"summary": finding.summary, "start": finding.start, "end": finding.end or ""}
        place = _item(root, things, "point", "finding", finding.id, label, said)
        place.attrib |= {"x": f"{finding.lon:.6f}", "y": f"{finding.lat:.6f}"}
    for asset in things.assets:
        for shape, points in _shapes(asset.geometry):
            line = _item(root, things, shape, "asset", asset.id, asset.name, {"kind": asset.kind})
            line.set("points", " ".join(f"{lon:.6f},{lat:.6f}" for lon, lat, *_ in points))
    out.write(xml_bytes(root))


def losses(things: Things) -> Iterator[str]:
    """What is drawn, and that nobody has checked it."""
    yield "NVG is unverified: its schema is not public, and nothing has read these files but our own tests."
    yield "Evidence and measured values are not in it."
    for name, some in (("alerts", things.alerts), ("cases", things.cases), ("reports", things.reports)):
        if some:
            yield f"{len(some)} {name} are not in it."


def _item(
    root: Element, things: Things, tag: str, kind: str, id: str, label: str, said: Mapping[str, str]
) -> Element:
    over = banner(things)
    item = SubElement(
        root, tag, {"uri": xml_text(f"{kind}:{id}"), "label": xml_text(f"{over}: {label}" if over else label)}
    )
    data = SubElement(item, "ExtendedData")
    for key, value in {**said, "marking": caveat(of_thing(things, kind, id, "geometry"))}.items():
        if value:
            SubElement(data, "SimpleData", key=key).text = xml_text(value)
    return item


def _shapes(geometry: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Sequence[float]]]]:
    """Lines and outer borders of a GeoJSON geometry."""
    kind, coordinates = str(geometry.get("type")), geometry.get("coordinates") or ()
    single = kind.removeprefix("Multi")
    if single not in _LINES or not isinstance(coordinates, Sequence):
        return
    for one in coordinates if kind != single else (coordinates,):
        yield _LINES[single], one if single == "LineString" else one[0]


FORMAT: Final = Format(
    name="nvg",
    title="NVG 2.0, for command systems (unverified)",
    media="application/xml",
    suffix=".nvg",
    write=write,
    losses=losses,
)
