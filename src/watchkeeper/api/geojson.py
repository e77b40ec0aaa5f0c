"""Ships, tracks, findings and assets as GeoJSON (RFC 7946): longitude first, WGS84."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec
import numpy as np

from watchkeeper.api.moments import iso_times
from watchkeeper.api.picture import Ship
from watchkeeper.console.tracks import Track, thin
from watchkeeper.model.asset import Asset
from watchkeeper.model.event import Document
from watchkeeper.store.lake.rows import column

HULLS_MOST: Final = 8


class Feature(msgspec.Struct, frozen=True, kw_only=True):
    """A feature."""

    id: str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]
    type: str = "Feature"


class Features(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A collection of features. ``links`` and the numbers are those of OGC API Features."""

    features: list[Feature]
    links: list[dict[str, str]] = []
    timeStamp: str = ""  # noqa: N815 - the standard's spelling
    numberMatched: int = -1  # noqa: N815
    numberReturned: int = -1  # noqa: N815
    type: str = msgspec.field(default_factory=lambda: "FeatureCollection")


def of_ship(ship: Ship) -> Feature:
    """A ship at its last report."""
    properties = msgspec.structs.asdict(ship)
    lon, lat = properties.pop("lon"), properties.pop("lat")
    id = str(ship.mmsi) if ship.track == 0 else f"{ship.mmsi}-{ship.track}"
    return Feature(id=id, geometry={"type": "Point", "coordinates": [lon, lat]}, properties=properties)


def of_asset(asset: Asset) -> Feature:
    """An asset."""
    properties = msgspec.structs.asdict(asset)
    geometry = properties.pop("geometry")
    return Feature(id=properties.pop("id"), geometry=geometry, properties=properties)


def of_finding(document: Document) -> Feature:
    """A finding, at its place."""
    told = document.body.get("finding", {})
    flat = (
        "behaviour",
        "mmsi",
        "other_mmsi",
        "imo",
        "name",
        "start",
        "end",
        "asset",
        "confidence",
        "summary",
        "trust",
    )
    properties = {name: told.get(name) for name in flat} | {"state": document.state, "score": document.score}
    lat, lon = told.get("lat"), told.get("lon")
    point = None if lat is None or lon is None else {"type": "Point", "coordinates": [lon, lat]}
    return Feature(id=document.id, geometry=point, properties=properties)


def tracks_of(table: Any, mmsi: int, points: int) -> list[tuple[int, Track]]:
    """Reports of one MMSI as tracks of its hulls, each thinned to about so many points."""
    hulls = column(table, "track")
    numbers = np.unique(hulls)[:HULLS_MOST]
    every = Track(*(column(table, name) for name in ("t", "lat", "lon", "sog_kn")))
    share = max(2, points // max(1, len(numbers)))
    return [(int(n), at_most(thin(every.take(hulls == n), share), share)) for n in numbers]


def at_most(track: Track, points: int) -> Track:
    """The track with even steps left out where thinning by its looks left too many; both ends stay."""
    if len(track) <= points:
        return track
    return track.take(np.unique(np.linspace(0, len(track) - 1, points).astype(np.int64)))


def of_track(mmsi: int, hull: int, track: Track, reports: int) -> Feature:
    """A track as a line with the time of every point; a point where there is only one. ``reports``: before thinning."""
    points = np.column_stack((track.lon, track.lat)).round(6).tolist()
    times = iso_times(track.t)
    speeds = [None if v != v else v for v in track.sog_kn.astype(np.float64).round(1).tolist()]
    return Feature(
        id=str(mmsi) if hull == 0 else f"{mmsi}-{hull}",
        geometry=line_of(points),
        properties={
            "mmsi": mmsi, "track": hull, "start": times[0], "end": times[-1], "reports": reports,
            "times": times, "sog_kn": speeds,
        },
    )  # fmt: skip


def line_of(points: Sequence[Sequence[float]]) -> dict[str, Any]:
    """A line, cut where it crosses the antimeridian (RFC 7946, 3.1.9); a point where there is only one."""
    if len(points) == 1:
        return {"type": "Point", "coordinates": list(points[0])}
    lons = np.array([point[0] for point in points])
    if not (np.abs(np.diff(lons)) > 180.0).any():
        return {"type": "LineString", "coordinates": points}
    lines: list[list[Sequence[float]]] = [[points[0]]]
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(x1 - x0) > 180.0:
            side = 180.0 if x0 > 0 else -180.0
            span = (x1 - x0) % 360.0 if side > 0 else (x0 - x1) % 360.0
            share = (side - x0 if side > 0 else x0 - side) / span if span else 0.0
            at = round(y0 + (y1 - y0) * share, 6)
            lines[-1].append([side, at])
            lines.append([[-side, at]])
        lines[-1].append([x1, y1])
    return {"type": "MultiLineString", "coordinates": lines}
