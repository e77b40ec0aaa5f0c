"""Layer files into assets, with a report of everything assumed, guessed or left out."""

import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from watchkeeper.errors import LayerError
from watchkeeper.layers.features import Feature, Features, read_features
from watchkeeper.layers.properties import Properties
from watchkeeper.model.asset import DEFAULT_BUFFER_M, Asset

_SHAPES: Final = ("point", "line", "polygon")
_PACKED: Final = {".gz", ".zip"}
_BEYOND: Final = "coordinates beyond 180 or 90 degrees"
# With more than this share of features beyond any degrees the layer is in another reference system;
# with fewer these few are wrong.
_FEW_WRONG: Final = 0.1


class Skipped(msgspec.Struct, frozen=True):
    """A feature that could not be used: its number in the file, from 1, its name if any, and why."""

    number: int
    name: str | None
    reason: str


class LayerReport(msgspec.Struct, kw_only=True):
    """What a layer holds and what was made of it.

    ``kinds`` counts assets by kind; ``length_km`` is the geodesic length of lines; ``bbox`` west, south,
    east, north [deg]; ``defaults`` and ``guesses`` count features by what was assumed for them.
    """

    path: str
    format: str
    features: int
    kinds: dict[str, int]
    length_km: float
    bbox: tuple[float, float, float, float]
    defaults: dict[str, int]
    guesses: dict[str, int]
    skipped: list[Skipped]


def load_layer(path: Path) -> list[Asset]:
    """The usable features of a layer file as assets. Raises as :func:`read_layer`."""
    return read_layer(path)[0]


def read_layer(path: Path) -> tuple[list[Asset], LayerReport]:
    """Assets and report of a layer file.

    Raises:
        LayerError: the file cannot be read, is not in WGS84 longitude and latitude, or has no usable feature.
    """
    import shapely

    read = read_features(path)
    _check_crs(path, read.crs)
    shapes = np.array([feature.geometry for feature in read.features], object)
    reasons = _reasons(shapes)
    beyond = reasons.count(_BEYOND)
    if beyond > _FEW_WRONG * len(shapes):
        raise _another_crs(path, f"{beyond} of {len(shapes)} features have {_BEYOND}")
    maker = _Maker(_stem(path))
    geometries, dimensions = shapely.to_geojson(shapes), shapely.get_dimensions(shapes)
    for k, feature in enumerate(read.features):
        properties = Properties(feature.properties)
        if reasons[k]:
            maker.skipped.append(Skipped(k + 1, properties.text("name"), reasons[k]))
        else:
            maker.add(k + 1, feature, properties, _SHAPES[dimensions[k]], geometries[k])
    if not maker.assets:
        why = ", ".join(f"{n} with {reason}" for reason, n in Counter(reasons).items()) or "it has none"
        what = f"{path}: no feature can be used ({why})."
        raise LayerError(what, "Give a layer with lines, polygons or points.")
    return maker.assets, _report(path, read, maker, shapes[np.array(reasons) == ""])


class _Maker:
    """Turns the features of one layer into assets and remembers what it assumed."""

    def __init__(self, layer: str) -> None:
        self.layer = layer
        self.assets: list[Asset] = []
        self.skipped: list[Skipped] = []
        self.defaults: Counter[str] = Counter()
        self.guesses: Counter[str] = Counter()
        self._keys: Counter[str] = Counter()

    def add(self, number: int, feature: Feature, properties: Properties, shape: str, geometry: str) -> None:
        """Make the asset of a feature, whose geometry is given as GeoJSON text."""
        name = properties.text("name")
        kind, guessed = properties.kind(shape)
        if guessed:
            self.guesses[f"kind {kind} from the geometry"] += 1
        buffer_m = self._buffer(number, properties)
        if buffer_m is None:
            buffer_m = DEFAULT_BUFFER_M[kind]
            self.defaults[f"buffer_m {buffer_m:g} for {kind}"] += 1
        if name is None:
            self.defaults["name from the file and number"] += 1
        asset = Asset(
            id=self._id(feature.id or properties.text("id") or name or str(number)),
            name=name or f"{self.layer} {number}",
            kind=kind,
            buffer_m=buffer_m,
            geometry=msgspec.json.decode(geometry, type=dict[str, object]),
            operator=properties.text("operator"),
            source=properties.text("source"),
            licence=properties.text("licence"),
            as_of=properties.text("as_of"),
            position_class=properties.position_class(),
            country=properties.text("country"),
            locode=properties.text("locode"),
            depth_m=self._depth(number, properties),
            layer=self.layer,
        )
        self.assets.append(asset)

    def _buffer(self, number: int, properties: Properties) -> float | None:
        try:
            return properties.buffer_m()
        except ValueError as wrong:
            self.guesses[f"buffer of feature {number} not used: {wrong}"] += 1
            return None

    def _depth(self, number: int, properties: Properties) -> float | None:
        try:
            return properties.depth_m()
        except ValueError as wrong:
            self.guesses[f"depth of feature {number} not used: {wrong}"] += 1
            return None

    def _id(self, key: str) -> str:
        """Named by layer and feature, so that an asset keeps its id when others are added to the file."""
        slug = _slug(key)
        self._keys[slug] += 1
        again = self._keys[slug]
        return f"{self.layer}/{slug}" + (f"-{again}" if again > 1 else "")


def _report(path: Path, read: Features, maker: _Maker, shapes: Any) -> LayerReport:
    import shapely
    from pyproj import Geod

    wgs84 = Geod(ellps="WGS84")
    length_m = sum(wgs84.geometry_length(line) for line in shapes[shapely.get_dimensions(shapes) == 1])
    west, south, east, north = shapely.total_bounds(shapes)
    if read.crs is None:
        maker.guesses["WGS84, because the file names no reference system"] += 1
    return LayerReport(
        path=str(path),
        format=read.format,
        features=len(read.features),
        kinds=dict(Counter(asset.kind for asset in maker.assets)),
        length_km=round(length_m / 1000.0, 3),
        bbox=(float(west), float(south), float(east), float(north)),
        defaults=dict(maker.defaults),
        guesses=dict(maker.guesses),
        skipped=maker.skipped,
    )


def _check_crs(path: Path, crs: str | None) -> None:
    if crs is None:
        return
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        named = CRS.from_user_input(crs)
    except CRSError as unknown:
        raise _another_crs(path, f"its reference system {crs[:80]!r} is not known") from unknown
    if not named.equals(CRS.from_epsg(4326), ignore_axis_order=True) and named.to_epsg() != 4326:
        raise _another_crs(path, f"its reference system is {named.name}, not WGS84 longitude and latitude")


def _another_crs(path: Path, what: str) -> LayerError:
    command = f"ogr2ogr -t_srs EPSG:4326 {_stem(path)}-wgs84.gpkg {path}"
    return LayerError(f"{path}: {what}.", f'Convert it: "{command}".')


def _reasons(shapes: Any) -> list[str]:
    """Why each of an array of geometries cannot be used, empty where it can."""
    import shapely

    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    beyond = np.isin(np.arange(len(shapes)), owner[(np.abs(xy) > (180.0, 90.0)).any(axis=1)])
    unreal = np.isin(np.arange(len(shapes)), owner[~np.isfinite(xy).all(axis=1)])
    dimension = shapely.get_dimensions(shapes)
    tests = (
        (shapely.is_missing(shapes), "no readable geometry"),
        (shapely.is_empty(shapes), "an empty geometry"),
        (unreal, "coordinates that are not numbers"),
        (beyond, _BEYOND),
        ((dimension == 1) & (shapely.length(shapes) == 0.0), "a line without length"),
        ((dimension == 2) & (shapely.area(shapes) == 0.0), "a polygon without area"),
    )
    reasons: list[str] = np.select([t for t, _ in tests], [r for _, r in tests], "").tolist()
    return reasons


def _stem(path: Path) -> str:
    while path.suffix.lower() in _PACKED:
        path = path.with_suffix("")
    return path.stem


def _slug(text: str) -> str:
    """Lower-case letters and digits of any script, joined by hyphens."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())[:80] or "feature"
