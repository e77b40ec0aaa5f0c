"""GeoJSON (RFC 7946): findings, last places of ships, assets and cases that have a place, each with its marking.

Each feature says what it is (``thing``) and holds all that is known of it under that name, so another watchkeeper reads
back what was written; other programs use the geometry and the flat properties.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final

import msgspec

from watchkeeper.errors import InputError
from watchkeeper.exchange.caveats import banner, caveat, is_realm, marking_of, of_thing, together
from watchkeeper.exchange.formats import Format
from watchkeeper.exchange.things import (
    Fix,
    Incoming,
    KnownCase,
    Marked,
    Refused,
    Things,
    Vessel,
)
from watchkeeper.exchange.untrusted import read_json
from watchkeeper.exchange.words import measured_words, vessels_by_mmsi
from watchkeeper.model.asset import Asset
from watchkeeper.model.finding import REAL, Finding


class _Ship(msgspec.Struct, frozen=True):
    """A ship with where it was last."""

    vessel: Vessel
    fix: Fix | None = None


_KINDS: Final[Mapping[str, type]] = {"finding": Finding, "ship": _Ship, "asset": Asset, "case": KnownCase}


def features(things: Things) -> Iterator[dict[str, Any]]:
    """All that has a place, as features."""
    for finding in things.findings:
        flat = {"behaviour": finding.behaviour, "mmsi": finding.mmsi, "name": finding.name, "start": finding.start,
                "end": finding.end, "summary": finding.summary, "confidence": finding.confidence,
                "measured": [measured_words(m) for m in finding.measured]}  # fmt: skip
        yield _feature(things, "finding", finding.id, _point(finding.lon, finding.lat), flat, finding)
    for ship in _ships(things):
        vessel, fix = ship.vessel, ship.fix
        flat = {"mmsi": vessel.mmsi, "imo": vessel.imo, "name": vessel.name, "flag": vessel.flag}
        place = _point(fix.lon, fix.lat) if fix else None
        yield _feature(things, "ship", str(vessel.mmsi or vessel.imo), place, flat, ship, kind="vessel")
    for asset in things.assets:
        flat = {"name": asset.name, "kind": asset.kind, "buffer_m": asset.buffer_m}
        yield _feature(things, "asset", asset.id, asset.geometry, flat, asset)
    for case in things.cases:
        flat = {"title": case.case.title, "status": case.case.status, "tags": list(case.case.tags)}
        yield _feature(things, "case", case.id, _place(case), flat, case)


def write(things: Things, out: BinaryIO) -> None:
    """One feature collection."""
    whole = {
        "type": "FeatureCollection",
        "title": banner(things) or "watchkeeper",
        "author": things.author,
        "realm": things.realm,
        "simulated": things.simulated,
        "marking": caveat(together(things)),
        "features": list(features(things)),
    }
    out.write(msgspec.json.encode(whole) + b"\n")


def read(data: bytes) -> Incoming:
    """What another watchkeeper wrote. Features that it did not write are refused and counted.

    Raises:
        InputError: it is no feature collection.
    """
    whole = read_json(data, "The GeoJSON")
    if not isinstance(whole, dict) or not isinstance(whole.get("features"), list):
        raise InputError("The GeoJSON is no feature collection.", "Give what `watchkeeper export` wrote.")
    realm, author = whole.get("realm", REAL), whole.get("author", "")
    if not is_realm(realm) or not isinstance(author, str):
        raise InputError("The GeoJSON names no realm.", "Give what `watchkeeper export` wrote.")
    found: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    marks, refused = {}, []
    for number, feature in enumerate(whole["features"], 1):
        try:
            kind, id, thing, line = _thing(feature, realm)
        except (msgspec.ValidationError, KeyError, TypeError) as error:
            refused.append(Refused(where=f"feature {number}", reason=str(error), text=str(feature)[:200]))
            continue
        found[kind].append(thing)
        marks[f"{'vessel' if kind == 'ship' else kind}:{id}"] = marking_of(line)
    return Incoming(
        things=Things(
            author=author,
            realm=realm,
            simulated=whole.get("simulated", False) is not False,
            findings=tuple(found["finding"]),
            vessels=tuple(ship.vessel for ship in found["ship"]),
            fixes=tuple(ship.fix for ship in found["ship"] if ship.fix),
            assets=tuple(found["asset"]),
            cases=tuple(found["case"]),
            markings=Marked(default=marking_of(str(whole.get("marking", ""))), of=marks),
        ),
        refused=tuple(refused),
    )


def losses(things: Things) -> Iterator[str]:
    """Alerts, listings and reports have no place."""
    for name, some in (("alerts", things.alerts), ("listings", things.listings), ("reports", things.reports)):
        if some:
            yield f"{len(some)} {name} are not in it: they have no place."


def _ships(things: Things) -> Iterator[_Ship]:
    fixes = {fix.mmsi: fix for fix in things.fixes}
    yield from (_Ship(vessel, fixes.get(mmsi)) for mmsi, vessel in vessels_by_mmsi(things).items())
    yield from (_Ship(vessel) for vessel in things.vessels if not vessel.mmsi)


def _feature(
    things: Things,
    thing: str,
    id: str,
    geometry: Mapping[str, Any] | None,
    flat: dict[str, Any],
    whole: msgspec.Struct,
    kind: str = "",
) -> dict[str, Any]:
    marking = caveat(of_thing(things, kind or thing, id, "evidence", "geometry", "notes"))
    said = {
        "thing": thing,
        **flat,
        "marking": marking,
        "banner": banner(things),
        thing: msgspec.to_builtins(whole),
    }
    return {"type": "Feature", "id": id, "geometry": geometry, "properties": said}


def _thing(feature: Any, realm: str) -> tuple[str, str, Any, str]:
    """Kind, id, thing and marking of a feature that another watchkeeper wrote."""
    properties = feature["properties"]
    kind = properties["thing"]
    thing: msgspec.Struct = msgspec.convert(properties[kind], _KINDS[kind])
    if getattr(thing, "realm", realm) != realm:
        raise TypeError("it is of another realm than the collection")
    line, id = properties.get("marking", ""), feature["id"]
    if not isinstance(line, str) or not isinstance(id, str):
        raise TypeError("its id or its marking is no text")
    return kind, id, thing, line


def _place(case: KnownCase) -> dict[str, Any] | None:
    place = case.case.place
    if place is None:
        return None
    if place.lat is not None and place.lon is not None:
        return _point(place.lon, place.lat)
    if place.area is None:
        return None
    west, south, east, north = place.area
    return _ring([(west, south), (east, south), (east, north), (west, north)])


def _point(lon: float, lat: float) -> dict[str, Any] | None:
    """A point; nothing where the place is not known."""
    return {"type": "Point", "coordinates": [lon, lat]} if math.isfinite(lon) and math.isfinite(lat) else None


def _ring(corners: Sequence[tuple[float, float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[*map(list, corners), list(corners[0])]]}


FORMAT: Final = Format(
    name="geojson",
    title="GeoJSON (RFC 7946), for maps",
    media="application/geo+json",
    suffix=".geojson",
    write=write,
    read=read,
    recognises=lambda head: b'"FeatureCollection"' in head,
    losses=losses,
)
