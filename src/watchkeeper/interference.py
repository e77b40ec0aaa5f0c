"""The areas of interference of a run, as features for a map: where ships were, and where they were shown."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from watchkeeper.behaviours.network.gnss_interference import EVENT, EXTENT, SHOWN, gnss_interference
from watchkeeper.model.finding import Finding, Measured

AROUND_M: Final = 5_000.0
"""How far an area is drawn beyond the places it is made of: the least leap that counts (``min_distance``)."""

_CORNERS: Final = 24


def interference_features(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Two areas an event: around the last places of its ships before they were shown elsewhere, and around the places
    shown; only the first where those lie all over. GeoJSON (RFC 7946: cut at 180 degrees), in order of time."""
    events: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.behaviour == gnss_interference.id:
            events[str(_measured(finding, EVENT).value)].append(finding)
    features = []
    for number, event in enumerate(sorted(events), 1):
        mine = events[event]
        features.append(_feature(f"{number}: where ships were", mine, [(f.lat, f.lon) for f in mine]))
        shown = [_shown(f) for f in mine if _measured(f, EXTENT).comparison == "<="]
        if shown:
            features.append(_feature(f"{number}: where they were shown", mine, shown))
    return features


def _measured(finding: Finding, name: str) -> Measured:
    return next(m for m in finding.measured if m.name == name)


def _shown(finding: Finding) -> tuple[float, float]:
    lat, lon = (_measured(finding, name).value for name in SHOWN)
    assert isinstance(lat, float)
    assert isinstance(lon, float)
    return lat, lon


def _feature(name: str, findings: Sequence[Finding], places: Sequence[tuple[float, float]]) -> dict[str, Any]:
    ends = [f.end for f in findings]
    return {
        "type": "Feature",
        "geometry": _around(places),
        "properties": {
            "name": f"{gnss_interference.id} {name}",
            "behaviour": gnss_interference.id,
            "start": min(f.start for f in findings),
            "end": None if None in ends else max(end for end in ends if end is not None),
            "ships": len({f.mmsi for f in findings}),
            "mmsi": sorted({f.mmsi for f in findings}),
            "findings": [f.id for f in findings],
        },
    }


def _around(places: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """The convex hull of circles about the places ``(lat, lon)``, cut at 180 degrees."""
    import numpy as np
    from pyproj import Geod
    from shapely import MultiPoint, box
    from shapely.affinity import translate
    from shapely.geometry import mapping
    from shapely.ops import unary_union

    lat, lon = np.repeat(np.array(places), _CORNERS, axis=0).T
    bearing = np.tile(np.arange(_CORNERS) * 360.0 / _CORNERS, len(places))
    lons, lats, _ = Geod(ellps="WGS84").fwd(lon, lat, bearing, np.full(len(lat), AROUND_M))
    lons = lon[0] + (lons - lon[0] + 540.0) % 360.0 - 180.0
    hull = MultiPoint(np.round(np.stack([lons, lats], axis=1), 5)).convex_hull
    parts = [
        translate(hull.intersection(box(360.0 * k - 180.0, -90.0, 360.0 * k + 180.0, 90.0)), -360.0 * k)
        for k in (-1, 0, 1)
    ]
    return dict(mapping(unary_union(parts)))
