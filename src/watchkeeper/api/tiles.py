"""Vector tiles (Mapbox Vector Tile 2.1, spherical Mercator) of ships, tracks and assets."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import mapbox_vector_tile  # type: ignore[import-untyped]
import shapely

from watchkeeper.api.inventory import Inventory
from watchkeeper.api.picture import Latest

MEDIA: Final = "application/vnd.mapbox-vector-tile"
EXTENT: Final = 4096
_BUFFER: Final = 64
"""Units around a tile that are drawn too, so that lines and signs are not cut at its edge."""
DEEPEST: Final = 22
FEATURES_MOST: Final = 20_000
_LATITUDE_MOST: Final = 85.051_128_78
_SHIP: Final = (
    "mmsi",
    "track",
    "name",
    "t",
    "sog_kn",
    "cog_deg",
    "heading_deg",
    "ship_type",
    "flag",
    "nav_status",
)
_ASSET: Final = ("id", "name", "kind", "operator", "position_class", "buffer_m", "depth_m")


class Tile(NamedTuple):
    """A tile of the usual numbering: ``y`` from the north."""

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        """Whether there is such a tile."""
        return 0 <= self.z <= DEEPEST and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north with its buffer [deg], within the world."""
        margin = _BUFFER / EXTENT
        west, east = (_lon(self.x - margin, self.z), _lon(self.x + 1 + margin, self.z))
        north, south = (_lat(self.y - margin, self.z), _lat(self.y + 1 + margin, self.z))
        return max(west, -180.0), south, min(east, 180.0), north

    def place(self, lon: Any, lat: Any) -> tuple[Any, Any]:
        """Degrees as units of the tile, ``y`` from the north; arrays or numbers."""
        import numpy as np

        n = float(1 << self.z)
        bounded = np.radians(np.clip(lat, -_LATITUDE_MOST, _LATITUDE_MOST))
        x = (np.asarray(lon) + 180.0) / 360.0 * n
        y = (1.0 - np.log(np.tan(bounded) + 1.0 / np.cos(bounded)) / math.pi) / 2.0 * n
        return (x - self.x) * EXTENT, (y - self.y) * EXTENT


def ships_tile(tile: Tile, latest: Latest) -> bytes:
    """Last reports as points."""
    import numpy as np

    chosen = latest.inside(*tile.box())[:FEATURES_MOST]
    x, y = tile.place(latest.lon[chosen], latest.lat[chosen])
    features = [
        _feature(shapely.Point(px, py), {name: getattr(latest.ships[k], name) for name in _SHIP})
        for k, px, py in zip(chosen.tolist(), np.rint(x).tolist(), np.rint(y).tolist(), strict=True)
    ]
    return _encode("ships", features)


def assets_tile(tile: Tile, inventory: Inventory) -> bytes:
    """Assets, cut at the tile's buffer and simplified to its units."""
    numbers = inventory.touching(tile.box())[:FEATURES_MOST]
    features = []
    for number in numbers:
        asset = inventory.assets[number]
        shape = _drawn(tile, inventory.shapes[number])
        if not shape.is_empty:
            features.append(_feature(shape, {name: getattr(asset, name) for name in _ASSET}))
    return _encode("assets", features)


def tracks_tile(tile: Tile, tracks: Iterable[tuple[int, int, Sequence[Sequence[float]]]]) -> bytes:
    """Tracks (MMSI, hull, points as longitude and latitude) as lines."""
    features = []
    for mmsi, hull, points in tracks:
        if len(points) > 1:
            shape = _drawn(tile, shapely.LineString(points))
            if not shape.is_empty:
                features.append(_feature(shape, {"mmsi": mmsi, "track": hull}))
    return _encode("tracks", features)


def _drawn(tile: Tile, shape: Any) -> Any:
    import numpy as np

    west, south, east, north = tile.box()
    clipped = shapely.clip_by_rect(shape, west, south, east, north)
    placed = shapely.transform(clipped, lambda c: np.column_stack(tile.place(c[:, 0], c[:, 1])))
    return shapely.simplify(placed, 1.0, preserve_topology=False)


def _feature(shape: Any, properties: dict[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in properties.items() if value is not None}
    return {"geometry": shape, "properties": said}


def _encode(layer: str, features: list[dict[str, Any]]) -> bytes:
    made = mapbox_vector_tile.encode(
        [{"name": layer, "features": features}],
        default_options={"extents": EXTENT, "y_coord_down": True},
    )
    return bytes(made)


def _lon(x: float, z: int) -> float:
    return x / (1 << z) * 360.0 - 180.0


def _lat(y: float, z: int) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * y / (1 << z)))))
