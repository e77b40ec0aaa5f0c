"""Answers of map services as GeoJSON that layers read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from watchkeeper.errors import FetchError
from watchkeeper.fetching.catalogue import Item, Part

_KINDS: Final = (("pipeline", "pipeline"), ("power", "power cable"), ("", "telecom cable"))
_NAMES: Final = ("name:en", "name", "seamark:name", "ref")


def from_overpass(item: Item, raw: Path, into: Path) -> str | None:
    """Ways with their geometry (``out geom``) as lines, in order of their ids; returns the date of the data.

    Raises:
        FetchError: not such an answer, or the server gave up half-way, which it says in a remark.
    """
    answer = _document(raw)
    elements = answer.get("elements")
    if not isinstance(elements, list):
        raise FetchError(f"{item.name}: not an answer of the Overpass API.", "Try again later.")
    if answer.get("remark"):
        raise FetchError(f"{item.name}: the server gave up ({answer['remark']}).", "Try again later.")
    ways = [one for one in elements if one.get("type") == "way" and len(one.get("geometry") or ()) > 1]
    _write(into, [_way(item, way) for way in sorted(ways, key=lambda one: int(one["id"]))])
    state = answer.get("osm3s")
    return str(state.get("timestamp_osm_base"))[:10] if isinstance(state, dict) else None


def joined(item: Item, parts: Mapping[str, Path], into: Path) -> None:
    """Feature collections as one; every feature says from which it came, what it is, and its licence.

    Raises:
        FetchError: one is no feature collection.
    """
    features: list[Any] = []
    for name, path in parts.items():
        given = _document(path).get("features")
        if not isinstance(given, list):
            raise FetchError(f"{item.name}: {name} is not a GeoJSON feature collection.", "Try again later.")
        features += [_feature(item, name, item.parts[name], one) for one in given if isinstance(one, dict)]
    _write(into, features)


def _way(item: Item, way: Mapping[str, Any]) -> dict[str, Any]:
    tags = way.get("tags") or {}
    said = " ".join(f"{key}={value}" for key, value in tags.items())
    name = next((tags[key] for key in _NAMES if tags.get(key)), None)
    own = {
        "name": name,
        "kind": next(kind for word, kind in _KINDS if word in said),
        "operator": tags.get("operator"),
        "source": "OpenStreetMap",
        "licence": item.licence,
    }
    return {
        "type": "Feature",
        "id": f"way/{way['id']}",
        "properties": tags | {key: value for key, value in own.items() if value},
        "geometry": {
            "type": "LineString",
            "coordinates": [[point["lon"], point["lat"]] for point in way["geometry"] if point],
        },
    }


def _feature(item: Item, name: str, part: Part, given: dict[str, Any]) -> dict[str, Any]:
    properties = dict(given.get("properties") or {})
    named = properties.get(part.name) if part.name else None
    own = {
        "name": named,
        "kind": part.kind,
        "source": f"{item.publisher}, {name}",
        "licence": item.licence,
    }
    return given | {"properties": properties | {key: value for key, value in own.items() if value}}


def _document(path: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FetchError(f"{path.name}: not JSON ({error}).", "Try again later.") from error


def _write(into: Path, features: list[Any]) -> None:
    into.write_bytes(msgspec.json.encode({"type": "FeatureCollection", "features": features}))
