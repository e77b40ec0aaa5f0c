"""What is protected: cables, pipelines, power lines, and the places that explain stillness."""

from typing import Final, Literal

import msgspec

PositionClass = Literal["charted", "schematic", "hand-drawn", "unknown"]
Kind = Literal["cable", "pipeline", "power-line", "port", "anchorage", "zone"]

LINE_KINDS: Final = ("cable", "pipeline", "power-line")
PLACE_KINDS: Final = ("port", "anchorage")

DEFAULT_BUFFER_M: Final[dict[str, float]] = {
    # 1 852 m each side is the usual width of a cable corridor on charts and of protection zones
    # (Australia, Submarine Cables and Pipelines Protection Act: 1 nmi each side).
    "cable": 1852.0,
    "pipeline": 1852.0,
    "power-line": 1852.0,
    # Ports and anchorages: the radius within which lying still is ordinary.
    "port": 3000.0,
    "anchorage": 2000.0,
    "zone": 0.0,
}


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """A feature of a layer. ``geometry`` is GeoJSON in WGS84 longitude, latitude; ``buffer_m`` in metres;
    ``depth_m`` the least depth of water over it, where the layer says so."""

    id: str
    name: str
    kind: Kind
    buffer_m: float
    geometry: dict[str, object]
    operator: str | None = None
    source: str | None = None
    licence: str | None = None
    as_of: str | None = None
    position_class: PositionClass = "unknown"
    country: str | None = None
    """As the layer writes it."""
    locode: str | None = None
    """The place's code in UN/LOCODE: country and three signs."""
    depth_m: float | None = None
    layer: str = ""
