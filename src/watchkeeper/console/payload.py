"""The data inside the page: chosen, made small, packed."""

import base64
import gzip
from typing import Any, Final

import msgspec
import numpy as np

from watchkeeper.console.ground import Bounds, Line, Polygon
from watchkeeper.console.report import Report
from watchkeeper.console.tracks import encode, share_points, thin
from watchkeeper.model.finding import Finding

LAND_SCALE: Final = 1e4
"""1e-4 degree is 11 m; the outline itself is good to about 200 m."""
EVIDENCE_SHOWN: Final = 40
"""Evidence rows in the page for one finding; all of them are in ``findings.ndjson``."""
RAW_SHOWN: Final = 2_000
"""Characters of a raw line in the page."""
_WORLD: Final[Bounds] = (-180.0, -60.0, 180.0, 75.0)
_LEAST_DEG: Final = 0.2
_BOUNDS_POINTS: Final = 200_000
"""Of more positions every so-manieth is enough to know where one in a hundred lies."""
_PACKED: Final = 3
"""Level of gzip: half the time of level 6, and a tenth more bytes."""
_TRIM_PERCENT: Final = 1.0
"""Positions left outside the first view on each side: one false position must not fill it with ocean."""


def pack(report: Report, alerts: int, points: int) -> bytes:
    """The data of the ``alerts`` highest alerts with about ``points`` track positions: JSON, gzip, base64."""
    shown = report.alerts[:alerts]
    wanted = {finding_id for alert in shown for finding_id in alert["finding_ids"]}
    findings = [f for f in report.findings if f.id in wanted]
    ships = {alert["mmsi"] for alert in shown}
    tracks = {mmsi: hulls for mmsi, hulls in report.tracks.items() if mmsi in ships}
    each = share_points(sum(map(len, tracks.values())), points)
    page = {
        "title": report.title,
        "simulated": report.simulated,
        "attribution": report.attribution,
        "notices": [*report.notices, *_left_out(len(report.alerts), len(shown))],
        "run": report.run,
        "behaviours": report.behaviours,
        "alerts": shown,
        "findings": [_finding(f) for f in findings],
        "tracks": {str(mmsi): [encode(thin(hull, each)) for hull in hulls] for mmsi, hulls in tracks.items()},
        "assets": report.assets,
        "places": report.places,
        "interference": report.interference,
        "bounds": bounds(report),
    }
    return packed(page | outline(report.land, report.coast))


def packed(page: dict[str, Any]) -> bytes:
    """JSON, gzip, base64."""
    return base64.b64encode(gzip.compress(msgspec.json.encode(page), _PACKED, mtime=0))


def outline(land: list[Polygon], coast: list[Line]) -> dict[str, Any]:
    """Land and coast as steps."""
    return {
        "land": [[_steps(ring) for ring in polygon] for polygon in land],
        "coast": [_steps(line) for line in coast],
    }


def _left_out(all_alerts: int, shown: int) -> list[str]:
    if all_alerts <= shown:
        return []
    return [
        f"This page holds the first {shown} of {all_alerts} ships, so that it opens quickly. "
        "All of them are in alerts.ndjson."
    ]


def _finding(finding: Finding) -> dict[str, Any]:
    rows = finding.evidence
    half = EVIDENCE_SHOWN // 2
    kept = rows if len(rows) <= EVIDENCE_SHOWN else (*rows[:half], *rows[-half:])
    cut = [msgspec.structs.replace(e, raw=e.raw[:RAW_SHOWN]) if e.raw else e for e in kept]
    whole: dict[str, Any] = msgspec.to_builtins(finding)
    return whole | {"evidence": msgspec.to_builtins(cut), "evidence_rows": len(rows)}


def _steps(line: Line) -> list[int]:
    """Longitude and latitude in turn, as differences of whole numbers."""
    whole = np.rint(line * LAND_SCALE).astype(np.int64)
    steps: list[int] = np.diff(whole, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel().tolist()
    return steps


def bounds(report: Report) -> Bounds:
    """West, south, east, north of what the map opens on [deg]; east exceeds 180 across the antimeridian.

    The ships of the alerts and their findings; without any, the region that the run's record names
    (``bbox``), the assets, or the world.
    """
    tracks = [hull for hulls in report.tracks.values() for hull in hulls]
    step = sum(map(len, tracks)) // _BOUNDS_POINTS + 1
    lat = np.concatenate([*(t.lat[::step] for t in tracks), [f.lat for f in report.findings]])
    lon = np.concatenate([*(t.lon[::step] for t in tracks), [f.lon for f in report.findings]])
    if len(lat):
        return around(lat, lon)
    region = report.run.get("bbox")
    if region:
        west, south, east, north = map(float, region)
        return west, south, east + 360.0 * (east < west), north
    corners = np.array([c for a in report.assets for c in coordinates(a.geometry.get("coordinates"))])
    return around(corners[:, 1], corners[:, 0]) if len(corners) else _WORLD


def around(lat: Any, lon: Any) -> Bounds:
    """The box of most positions, opened at the widest empty stretch of longitude."""
    turned = np.sort(lon % 360.0)
    gaps = np.diff(turned, append=turned[0] + 360.0)
    start = turned[(int(np.argmax(gaps)) + 1) % len(turned)]
    east_of_start = (lon - start) % 360.0
    trim = [_TRIM_PERCENT, 100.0 - _TRIM_PERCENT]
    (west, east), (south, north) = np.percentile(east_of_start, trim) + start, np.percentile(lat, trim)
    if west >= 180.0:
        west, east = west - 360.0, east - 360.0
    pad = _LEAST_DEG / 2
    return float(west - pad), float(south - pad), float(east + pad), float(north + pad)


def coordinates(nested: Any) -> list[tuple[float, float]]:
    """Longitude and latitude of every point of a GeoJSON geometry's coordinates."""
    if not isinstance(nested, (list, tuple)) or not nested:
        return []
    if isinstance(nested[0], (int, float)):
        return [(float(nested[0]), float(nested[1]))]
    return [point for part in nested for point in coordinates(part)]
