"""Vector tiles for maps."""

import hashlib
from contextlib import suppress
from typing import Annotated, Final, Literal

from msgspec import Meta

from watchkeeper.api.declare import Call, InRealm, Nothing, Reply, route
from watchkeeper.api.features import track_features
from watchkeeper.api.problems import Refused
from watchkeeper.api.tiles import DEEPEST, MEDIA, Tile, assets_tile, ships_tile, tracks_tile
from watchkeeper.model.time import HOUR

_SECONDS: Final = {"ships": 5, "tracks": 60, "assets": 3600}
_TRACKS_FROM_ZOOM: Final = 6
_KEPT: Final = 1000
_TRACKS_MOST: Final = 200
_TRACK_BACK: Final = 6 * HOUR
_SCOPE: Final = {"ships": "ships:read", "tracks": "ships:read", "assets": "assets:read"}


class TileSought(InRealm, frozen=True, kw_only=True):
    """A layer and the numbers of a tile, ``y`` from the north."""

    layer: Literal["ships", "tracks", "assets"]
    z: Annotated[int, Meta(ge=0, le=DEEPEST)]
    x: Annotated[int, Meta(ge=0, lt=1 << DEEPEST)]
    y: Annotated[int, Meta(ge=0, lt=1 << DEEPEST)]


@route(
    "GET", "/tiles/{layer}/{z}/{x}/{y}.mvt", params=TileSought, answer=bytes, scope="me:read", media=MEDIA,
    about="ship",
)  # fmt: skip
def tile_of_layer(call: Call[TileSought, Nothing]) -> Reply:
    """A vector tile: ships at their last reports, tracks of the last six hours (from zoom 6), or assets."""
    p = call.params
    tile = Tile(p.z, p.x, p.y)
    if not tile.exists:
        raise Refused(404, f"There is no tile {p.z}/{p.x}/{p.y}.", "Numbers go from 0 to 2^z - 1.")
    if not call.who.has_scope(_SCOPE[p.layer]):
        raise Refused(403, f"This needs the scope {_SCOPE[p.layer]}.", "Ask an administrator.")
    call.seen.append(f"{p.layer}/{p.z}/{p.x}/{p.y}")
    tag = _tag(call, p.layer)
    headers = {
        "ETag": tag,
        "Cache-Control": f"private, max-age={_SECONDS[p.layer]}",
        "Vary": "Authorization, Cookie",
    }
    if tag in call.headers.get("if-none-match", ""):
        return Reply(None, 304, headers)
    return Reply(_kept(call, tile, tag), None, headers)


def _kept(call: Call[TileSought, Nothing], tile: Tile, tag: str) -> bytes:
    """The tile as it was made before, while nothing has changed; the oldest of many is forgotten."""
    tiles = call.services.tiles
    made = tiles.get(tag)
    if made is None:
        made = tiles[tag] = _made(call, tile)
        while len(tiles) > _KEPT:
            with suppress(KeyError, RuntimeError, StopIteration):  # another thread was quicker
                del tiles[next(iter(tiles))]
    return made


def _made(call: Call[TileSought, Nothing], tile: Tile) -> bytes:
    services, p = call.services, call.params
    if p.layer == "assets":
        return assets_tile(tile, services.inventory)
    latest = services.picture.latest(p.realm)
    if p.layer == "ships":
        return ships_tile(tile, latest)
    if tile.z < _TRACKS_FROM_ZOOM:
        return tracks_tile(tile, ())
    here = dict.fromkeys(latest.ships[k].mmsi for k in latest.inside(*tile.box()).tolist())
    found = []
    for mmsi in list(here)[:_TRACKS_MOST]:
        for feature in track_features(call, mmsi, latest.end - _TRACK_BACK, latest.end + 1):
            assert feature.geometry is not None
            parts = feature.geometry["coordinates"]
            lines = parts if feature.geometry["type"] == "MultiLineString" else [parts]
            if feature.geometry["type"] != "Point":
                found += [(mmsi, feature.properties["track"], line) for line in lines]
    return tracks_tile(tile, found)


def _tag(call: Call[TileSought, Nothing], layer: str) -> str:
    """Changes when the tile may have: with the assets, or with the picture of the ships."""
    services, p = call.services, call.params
    if layer == "assets":
        version = services.inventory.version
    else:
        latest = services.picture.latest(p.realm)
        version = f"{latest.end}-{len(latest.ships)}"
    text = f"{layer}/{p.realm}/{p.z}/{p.x}/{p.y}/{version}"
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
