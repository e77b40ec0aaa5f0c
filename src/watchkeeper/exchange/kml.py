"""KML 2.2 (OGC 07-147r2), for globes: ships, findings, assets and cases in folders, each with its marking and times.

The title of the document, and of everything in it, begins with EXERCISE or SIMULATED where that is so.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import Element, SubElement

from watchkeeper.exchange.caveats import banner, caveat, of_thing, together
from watchkeeper.exchange.formats import Format
from watchkeeper.exchange.things import KnownCase, Things
from watchkeeper.exchange.untrusted import xml_bytes, xml_text
from watchkeeper.exchange.words import measured_words, ship_words, title_of, vessels_by_mmsi
from watchkeeper.model.time import to_iso

_NS: Final = "http://www.opengis.net/kml/2.2"
_STYLES: Final = {"ship": "ff00ffff", "finding": "ff0080ff", "asset": "ffff8000", "case": "ff8000ff"}
"""Colours as KML writes them: alpha, blue, green, red."""


def write(things: Things, out: BinaryIO) -> None:
    """One document."""
    root = Element("kml", xmlns=_NS)
    document = SubElement(root, "Document")
    _text(document, "name", _titled(things, f"watchkeeper {things.author}".strip()))
    _text(document, "description", caveat(together(things)))
    for name, colour in _STYLES.items():
        style = SubElement(document, "Style", id=name)
        for part in ("IconStyle", "LineStyle", "PolyStyle"):
            _text(SubElement(style, part), "color", colour)
    for title, placemarks in (
        ("Ships", _ships(things)),
        ("Findings", _findings(things)),
        ("Assets", _assets(things)),
        ("Cases", _cases(things)),
    ):
        folder = SubElement(document, "Folder")
        _text(folder, "name", title)
        folder.extend(placemarks)
    out.write(xml_bytes(root))


def losses(things: Things) -> Iterator[str]:
    """KML shows; it cannot be read back."""
    yield "Evidence, thresholds and references are not in it; measured values are text."
    for name, some in (("alerts", things.alerts), ("listings", things.listings), ("reports", things.reports)):
        if some:
            yield f"{len(some)} {name} are not in it: they have no place."


def _ships(things: Things) -> Iterator[Element]:
    vessels = vessels_by_mmsi(things)
    for fix in things.fixes:
        vessel = vessels.get(fix.mmsi)
        said = {
            "mmsi": fix.mmsi,
            "sog_kn": fix.sog_kn,
            "cog_deg": fix.cog_deg,
            "marking": _mark(things, "vessel", fix.mmsi),
        }
        name = ship_words(vessel) if vessel else f"MMSI {fix.mmsi}"
        when = (to_iso(fix.t), to_iso(fix.t))
        yield _placemark(things, "ship", f"ship-{fix.mmsi}", name, said, _point(fix.lon, fix.lat), when)


def _findings(things: Things) -> Iterator[Element]:
    for finding in things.findings:
        said = {
            "behaviour": finding.behaviour, "mmsi": finding.mmsi, "summary": finding.summary,
            "confidence": finding.confidence, "measured": "; ".join(map(measured_words, finding.measured)),
            "marking": _mark(things, "finding", finding.id),
        }  # fmt: skip
        name = f"{title_of(things, finding.behaviour)}: {finding.name or finding.mmsi}"
        place = _point(finding.lon, finding.lat)
        yield _placemark(
            things, "finding", f"finding-{finding.id}", name, said, place, (finding.start, finding.end)
        )


def _assets(things: Things) -> Iterator[Element]:
    for asset in things.assets:
        geometry = _geometry(asset.geometry)
        if geometry is not None:
            said = {"kind": asset.kind, "operator": asset.operator, "source": asset.source,
                    "licence": asset.licence, "marking": _mark(things, "asset", asset.id)}  # fmt: skip
            yield _placemark(things, "asset", "", asset.name, said, geometry)


def _cases(things: Things) -> Iterator[Element]:
    for known in things.cases:
        case = known.case
        said = {"status": case.status, "summary": case.summary, "tags": ", ".join(case.tags),
                "marking": _mark(things, "case", known.id)}  # fmt: skip
        when = (to_iso(case.when.begins), to_iso(case.when.ends)) if case.when else None
        yield _placemark(things, "case", f"case-{known.id}", case.title, said, _place(known), when)


def _placemark(
    things: Things,
    style: str,
    id: str,
    name: str,
    said: Mapping[str, Any],
    geometry: Element | None,
    when: tuple[str, str | None] | None = None,
) -> Element:
    """A placemark, its elements in the order that the schema asks for."""
    mark = Element("Placemark", {"id": xml_text(id)} if id else {})
    _text(mark, "name", _titled(things, name))
    if when is not None:
        span = SubElement(mark, "TimeSpan")
        _text(span, "begin", when[0])
        if when[1]:
            _text(span, "end", when[1])
    _text(mark, "styleUrl", f"#{style}")
    data = SubElement(mark, "ExtendedData")
    for key, value in said.items():
        if value not in (None, ""):
            _text(SubElement(data, "Data", name=key), "value", value)
    if geometry is not None:
        mark.append(geometry)
    return mark


def _geometry(geometry: Mapping[str, Any]) -> Element | None:
    """A GeoJSON geometry; None for kinds that KML does not have or that are not well formed."""
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if not isinstance(coordinates, Sequence) or not coordinates:
        return None
    if kind == "Point":
        return _point(*coordinates[:2])
    if kind == "LineString":
        return _path("LineString", coordinates)
    if kind == "Polygon":
        polygon = Element("Polygon")
        for number, ring in enumerate(coordinates):
            border = SubElement(polygon, "innerBoundaryIs" if number else "outerBoundaryIs")
            border.append(_path("LinearRing", ring))
        return polygon
    if isinstance(kind, str) and kind.startswith("Multi"):
        several = Element("MultiGeometry")
        single = kind.removeprefix("Multi")
        parts = (_geometry({"type": single, "coordinates": part}) for part in coordinates)
        several.extend(part for part in parts if part is not None)
        return several
    return None


def _place(known: KnownCase) -> Element | None:
    place = known.case.place
    if place is None:
        return None
    if place.lat is not None and place.lon is not None:
        return _point(place.lon, place.lat)
    if place.area is None:
        return None
    west, south, east, north = place.area
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return _geometry({"type": "Polygon", "coordinates": [ring]})


def _point(lon: float, lat: float) -> Element | None:
    """A point; nothing where the place is not known."""
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return None
    point = Element("Point")
    _text(point, "coordinates", f"{lon:.6f},{lat:.6f}")
    return point


def _path(tag: str, coordinates: Sequence[Sequence[float]]) -> Element:
    path = Element(tag)
    _text(path, "tessellate", "1")
    _text(path, "coordinates", " ".join(f"{lon:.6f},{lat:.6f}" for lon, lat, *_ in coordinates))
    return path


def _mark(things: Things, kind: str, id: object) -> str:
    return caveat(of_thing(things, kind, str(id), "geometry"))


def _titled(things: Things, title: str) -> str:
    over = banner(things)
    return f"{over}: {title}" if over else title


def _text(parent: Element, tag: str, value: object) -> None:
    SubElement(parent, tag).text = xml_text(value)


FORMAT: Final = Format(
    name="kml",
    title="KML 2.2, for globes",
    media="application/vnd.google-earth.kml+xml",
    suffix=".kml",
    write=write,
    losses=losses,
)
