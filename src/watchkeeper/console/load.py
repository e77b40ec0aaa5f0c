"""Gathers a report from the files a scan has written."""

from collections.abc import Collection
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import numpy as np
import pyarrow.parquet as pq
from shapely.geometry.base import BaseGeometry

from watchkeeper.console.ground import ground
from watchkeeper.console.payload import bounds
from watchkeeper.console.report import Interference, Report
from watchkeeper.console.tracks import Track
from watchkeeper.errors import InputError
from watchkeeper.model.asset import Asset
from watchkeeper.model.finding import Finding

T = TypeVar("T")

_AGAIN: Final = "Run the scan again."
_COLUMNS: Final = ["mmsi", "track", "t", "lat", "lon", "sog_kn"]


def load_report(
    folder: Path,
    *,
    title: str,
    behaviours: dict[str, dict[str, Any]],
    land: BaseGeometry | None = None,
    simulated: bool = False,
    attribution: list[str] | None = None,
) -> Report:
    """The report of a scan's output folder.

    Reads ``run.json``, ``alerts.ndjson``, ``findings.ndjson``, ``tracks.parquet`` and, where they are,
    ``assets.geojson``, ``places.geojson`` and ``interference.geojson``.

    Args:
        folder: what ``scan`` was given as ``--out``.
        title: the page's title.
        behaviours: the words of each behaviour (:func:`watchkeeper.console.report.words`).
        land: all land, WGS84 degrees; without it the map is all sea and the page says so.
        simulated: whether the page must say that the data are simulated.
        attribution: whose data are shown.

    Raises:
        InputError: a file is missing or is not what a scan writes.
    """
    alerts = _lines(folder / "alerts.ndjson", dict[str, Any])
    wanted = {finding_id for alert in alerts for finding_id in alert["finding_ids"]}
    report = Report(
        title=title,
        run=_json(folder / "run.json", dict[str, Any]),
        alerts=sorted(alerts, key=lambda alert: alert["rank"]),
        findings=[f for f in _lines(folder / "findings.ndjson", Finding) if f.id in wanted],
        tracks=read_tracks(folder / "tracks.parquet", {alert["mmsi"] for alert in alerts}),
        assets=_features(folder / "assets.geojson"),
        places=_features(folder / "places.geojson"),
        interference=_areas(folder / "interference.geojson"),
        behaviours=behaviours,
        simulated=simulated,
        attribution=attribution or [],
    )
    if land is None:
        return msgspec.structs.replace(
            report, notices=["No land outline was given: the map shows sea everywhere."]
        )
    polygons, coast = ground(land, bounds(report))
    return msgspec.structs.replace(report, land=polygons, coast=coast)


def read_tracks(path: Path, ships: Collection[int]) -> dict[int, list[Track]]:
    """The tracks of some ships in time order, by MMSI: one for each hull that sends it.

    Only their rows are held; the file may be larger than memory.
    """
    if not ships:
        return {}
    try:
        table = pq.read_table(path, columns=_COLUMNS, filters=[("mmsi", "in", sorted(ships))])
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}.", _AGAIN) from error
    mmsi = table["mmsi"].to_numpy()
    t = table["t"].to_numpy().astype("datetime64[ms]").astype(np.int64)
    number = 2 * np.searchsorted(np.array(sorted(ships), mmsi.dtype), mmsi) + table["track"].to_numpy()
    # Numbers of sixteen bits are sorted in linear time; each track is in time order in the file.
    order = np.argsort(number.astype(np.uint16 if len(ships) < 1 << 15 else np.int64), kind="stable")
    edges = [0, *(np.flatnonzero(np.diff(number[order])) + 1).tolist(), len(order)]
    columns = [
        t[order],
        *(table[name].to_numpy()[order].astype(np.float64) for name in ("lat", "lon", "sog_kn")),
    ]
    tracks: dict[int, list[Track]] = {}
    for start, end in pairwise(edges):
        if start < end:
            tracks.setdefault(int(mmsi[order[start]]), []).append(Track(*(c[start:end] for c in columns)))
    return tracks


def _features(path: Path) -> list[Asset]:
    """The features of a GeoJSON file as assets; none where there is no file."""
    if not path.exists():
        return []
    features = _json(path, dict[str, Any]).get("features", [])
    least = {"name": "", "kind": "zone", "buffer_m": 0.0}
    flat = [
        least | f["properties"] | {"id": str(f.get("id", "")), "geometry": f["geometry"]} for f in features
    ]
    return _decode(path, msgspec.json.encode(flat), list[Asset])


def _areas(path: Path) -> list[Interference]:
    """Where positions were displaced; none where there is no file."""
    if not path.exists():
        return []
    features = _json(path, dict[str, Any]).get("features", [])
    flat = [f["properties"] | {"geometry": f["geometry"]} for f in features]
    return _decode(path, msgspec.json.encode(flat), list[Interference])


def _json(path: Path, kind: type[T]) -> T:
    return _decode(path, _bytes(path), kind)


def _lines(path: Path, kind: type[T]) -> list[T]:
    return [_decode(path, line, kind) for line in _bytes(path).splitlines() if line.strip()]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", _AGAIN) from error


def _decode(path: Path, text: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise InputError(f"{path} is not what a scan writes: {error}.", _AGAIN) from error
