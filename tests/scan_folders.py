"""Folders as a scan writes them, of ships whose ways are known, made in a moment."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.engine.trackfile import SCHEMA as TRACKS
from watchkeeper.engine.vesselfile import SCHEMA as VESSELS
from watchkeeper.model.time import HOUR, from_iso, to_iso

DAY = from_iso("2025-03-01")
EVERY_S = 60.0
LON = 20.0
"""The cable's meridian, in the open Baltic, and where ships cross it when their hour comes."""

SPEED_KN = 12.0


@dataclass(frozen=True)
class Ship:
    """Sails due east along ``lat`` and is at the meridian at hour ``at``; ``kn`` gives its speed by hour.

    ``silent``: hours in which it is not heard. ``place``: (lat, lon) by hour instead of all that.
    """

    mmsi: int
    name: str
    lat: float = 57.0
    at: float = 6.0
    kn: Callable[[np.ndarray], np.ndarray] | float = SPEED_KN
    silent: tuple[float, float] | None = None
    place: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]] | None = None
    hours: tuple[float, float] = (0.0, 12.0)
    ship_type: int = 70
    length_m: float = 150.0
    ais_class: int = 1

    def rows(self, lon0: float) -> dict[str, np.ndarray]:
        """Columns of the track file."""
        h = np.arange(0.0, 12.0, EVERY_S / 3600.0)
        kn = np.broadcast_to(np.asarray(self.kn(h) if callable(self.kn) else self.kn, float), h.shape)
        if self.place is not None:
            lat, lon = (np.broadcast_to(np.asarray(c, float), h.shape) for c in self.place(h))
        else:
            nmi = np.cumsum(kn) * EVERY_S / 3600.0
            lon = lon0 + (nmi - np.interp(self.at, h, nmi)) / 60.0 / np.cos(np.radians(self.lat))
            lat = np.full(len(h), self.lat)
        heard = (h >= self.hours[0]) & (h < self.hours[1])
        if self.silent is not None:
            heard &= (h < self.silent[0]) | (h > self.silent[1])
        n = int(heard.sum())
        return {
            "mmsi": np.full(n, self.mmsi), "track": np.zeros(n), "t": DAY + np.rint(h[heard] * HOUR).astype(np.int64),
            "lat": lat[heard], "lon": (lon[heard] + 180.0) % 360.0 - 180.0, "sog_kn": kn[heard],
            "cog_deg": np.full(n, 90.0), "heading_deg": np.full(n, 90.0), "nav_status": np.zeros(n),
            "ais_class": np.full(n, self.ais_class), "source": np.zeros(n), "row": np.arange(n) + 1,
        }  # fmt: skip


def cable(
    lon: float = LON, south: float = 56.5, north: float = 57.5, **properties: object
) -> dict[str, object]:
    """A cable along a meridian, as a feature of assets.geojson."""
    return feature(
        "layer/test-cable", {"type": "LineString", "coordinates": [[lon, south], [lon, north]]}, **properties
    )


def feature(ident: str, geometry: dict[str, object], **properties: object) -> dict[str, object]:
    """A feature of assets.geojson."""
    said = {"name": "Test Cable", "kind": "cable", "buffer_m": 1852.0, "position_class": "charted"}
    return {"type": "Feature", "id": ident, "geometry": geometry, "properties": said | properties}


def write(
    folder: Path,
    ships: Iterable[Ship],
    assets: Iterable[dict[str, object]] = (),
    findings: Iterable[dict[str, object]] = (),
    lon0: float = LON,
) -> Path:
    """Write the folder; rows in order of time, in small row groups."""
    folder.mkdir(parents=True, exist_ok=True)
    ships = list(ships)
    parts = [ship.rows(lon0) for ship in ships]
    columns = {f.name: np.concatenate([part[f.name] for part in parts]) for f in TRACKS}
    order = np.argsort(columns["t"], kind="stable")
    arrays = [pa.array(columns[f.name][order]).cast(f.type) for f in TRACKS]
    pq.write_table(
        pa.Table.from_arrays(arrays, schema=TRACKS), folder / "tracks.parquet", row_group_size=2_000
    )
    who = [
        {"mmsi": s.mmsi, "name": s.name, "ship_type": s.ship_type, "ais_class": s.ais_class, "length_m": s.length_m,
         "draught_m": 7.5, "flag": "DK", "first_t": int(p["t"].min()), "last_t": int(p["t"].max())}
        for s, p in zip(ships, parts, strict=True)
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(who, schema=VESSELS), folder / "vessels.parquet")
    span = {
        "start": to_iso(int(columns["t"].min())),
        "end": to_iso(int(columns["t"].max())),
        "simulated": True,
    }
    (folder / "run.json").write_text(json.dumps(span))
    (folder / "assets.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": list(assets)})
    )
    (folder / "findings.ndjson").write_text("".join(json.dumps(f) + "\n" for f in findings))
    return folder
