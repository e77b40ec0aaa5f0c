"""The features of a layer file, whatever its format: id, properties, geometry. Nothing is interpreted here.

GeoJSON and CSV are read directly; GeoPackage, KML and Shapefile through GDAL (``pyogrio``). GDAL is only
ever given a local file whose content is of the expected kind, alone in a folder of its own where it came
out of an archive, so none of its network or indirect formats can be reached.
"""

import csv
import gzip
import io
import math
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from watchkeeper.errors import LayerError

MAX_BYTES: Final = 256 * 1024 * 1024
"""The largest layer file, unpacked."""
MAX_FEATURES: Final = 500_000

_SUFFIXES: Final = (".geojson", ".json", ".gpkg", ".kml", ".shp", ".csv")
_SHAPEFILE_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_DEGREE_COLUMNS: Final = (("latitude", "lat"), ("longitude", "lon"))
_DRIVERS: Final = {"GPKG", "KML", "LIBKML", "ESRI Shapefile"}
_CUT: Final = 'Cut it down, for example with "ogr2ogr -clipsrc W S E N small.gpkg {}".'
_FORMATS: Final = "GeoJSON, GeoPackage, KML, KMZ, Shapefile (also zipped) or CSV with latitude and longitude"


class Feature(NamedTuple):
    """One feature as given. ``geometry`` is a shapely geometry, or None where there is none to read."""

    id: str | None
    properties: dict[str, object]
    geometry: Any


class Features(NamedTuple):
    """A file's format, its coordinate reference system where it names one, and its features."""

    format: str
    crs: str | None
    features: list[Feature]


def read_features(path: Path) -> Features:
    """Read a layer file.

    Raises:
        LayerError: missing, unreadable, of no known format, damaged or too large.
    """
    if not path.is_file():
        raise LayerError(f"{path}: there is no such layer file.", f"Give a file: {_FORMATS}.")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _too_large(path)
        with path.open("rb") as file:
            start = file.read(4)
        if start[:2] == b"\x1f\x8b":
            return _read_bytes(path, _suffix(path.with_suffix("")), _gunzip(path))
        if start == b"PK\x03\x04":
            return _read_zip(path)
        suffix = _suffix(path)
        if suffix == ".shp":
            return _read_gdal(path, path)
        return _read_bytes(path, suffix, path.read_bytes())
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as broken:
        raise LayerError(
            f"{path}: cannot be read ({broken}).", "Check the file, or get it again."
        ) from broken


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise LayerError(f"{path}: not a known layer format.", f"Convert it to one of: {_FORMATS}.")
    return suffix


def _too_large(path: Path) -> LayerError:
    return LayerError(
        f"{path}: larger than {MAX_BYTES // 2**20} MB or {MAX_FEATURES:,} features.", _CUT.format(path)
    )


def _gunzip(path: Path) -> bytes:
    with gzip.open(path) as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _too_large(path)
    return content


def _read_bytes(path: Path, suffix: str, content: bytes) -> Features:
    if not content.strip():
        raise LayerError(f"{path}: the file is empty.", "Check the file, or get it again.")
    if suffix in (".geojson", ".json"):
        return _read_geojson(path, content)
    if suffix == ".csv":
        return _read_csv(path, content)
    with tempfile.TemporaryDirectory(prefix="watchkeeper-layer-") as folder:
        alone = Path(folder) / f"layer{suffix}"
        alone.write_bytes(content)
        return _read_gdal(path, alone)


def _read_zip(path: Path) -> Features:
    """The one layer in a zip archive (a KMZ, or a Shapefile with its parts)."""
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if not m.is_dir() and "__MACOSX" not in m.filename]
        if sum(m.file_size for m in members) > MAX_BYTES:
            raise _too_large(path)
        layers = [m for m in members if Path(m.filename).suffix.lower() in _SUFFIXES]
        if len(layers) != 1:
            raise LayerError(
                f"{path}: holds {len(layers)} layers, not one.", "Unpack it and give each layer by itself."
            )
        main = Path(layers[0].filename)
        if main.suffix.lower() != ".shp":
            return _read_bytes(path, main.suffix.lower(), archive.read(layers[0]))
        with tempfile.TemporaryDirectory(prefix="watchkeeper-layer-") as folder:
            for member in members:
                part = Path(member.filename)
                if part.with_suffix("") == main.with_suffix("") and part.suffix.lower() in _SHAPEFILE_PARTS:
                    (Path(folder) / f"layer{part.suffix.lower()}").write_bytes(archive.read(member))
            return _read_gdal(path, Path(folder) / "layer.shp")


class _Crs(msgspec.Struct):
    properties: dict[str, object] = {}


class _GeoJsonFeature(msgspec.Struct):
    id: str | int | float | None = None
    properties: dict[str, object] | None = None
    geometry: msgspec.Raw = msgspec.Raw(b"null")


class _GeoJson(msgspec.Struct):
    type: str
    features: list[_GeoJsonFeature] = []
    crs: _Crs | None = None


def _read_geojson(path: Path, content: bytes) -> Features:
    import shapely

    try:
        document = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=_GeoJson)
    except (msgspec.DecodeError, UnicodeDecodeError) as broken:
        next_step = "Check the file; a GeoJSON layer is a FeatureCollection (RFC 7946)."
        raise LayerError(f"{path}: not GeoJSON ({broken}).", next_step) from broken
    if document.type != "FeatureCollection":
        next_step = "Wrap it in a FeatureCollection."
        raise LayerError(f"{path}: a GeoJSON {document.type}, not a FeatureCollection.", next_step)
    if len(document.features) > MAX_FEATURES:
        raise _too_large(path)
    shapes = shapely.from_geojson([bytes(f.geometry) for f in document.features], on_invalid="ignore")
    features = [
        Feature(None if f.id is None else str(f.id), f.properties or {}, shape)
        for f, shape in zip(document.features, shapes, strict=True)
    ]
    crs = document.crs.properties.get("name") if document.crs else None
    return Features("GeoJSON", str(crs) if crs else "OGC:CRS84", features)


def _read_csv(path: Path, content: bytes) -> Features:
    """Points of a table with latitude and longitude columns, such as the NGA World Port Index."""
    import shapely

    table = csv.DictReader(io.StringIO(content.decode("utf-8-sig", errors="replace")))
    columns = {name.strip().lower(): name for name in table.fieldnames or () if name}
    lat, lon = (next((columns[n] for n in names if n in columns), None) for names in _DEGREE_COLUMNS)
    if lat is None or lon is None:
        what = f"{path}: a table without the columns latitude and longitude."
        raise LayerError(what, "Name them so in the first line.")
    rows = list(islice(_rows(path, table), MAX_FEATURES + 1))
    if len(rows) > MAX_FEATURES:
        raise _too_large(path)
    degrees = np.array([(_number(row[lon]), _number(row[lat])) for row in rows]).reshape(-1, 2)
    points = shapely.points(degrees)
    return Features(
        "CSV", "OGC:CRS84", [Feature(None, row, at) for row, at in zip(rows, points, strict=True)]
    )


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan


def _rows(path: Path, table: Any) -> Iterator[dict[str, Any]]:
    try:
        for row in table:
            row.pop(None, None)  # cells beyond the header
            yield row
    except csv.Error as broken:
        raise LayerError(
            f"{path}: line {table.line_num} is no table row ({broken}).", "Check the file."
        ) from broken


def _read_gdal(given: Path, path: Path) -> Features:
    """The features of every layer with geometry in a file that GDAL reads. ``given`` is named in errors."""
    import pyogrio
    import shapely

    _check_kind(given, path)
    features: list[Feature] = []
    crs = driver = None
    try:
        for name, geometry_type in pyogrio.list_layers(path):
            if geometry_type is None:
                continue
            driver = pyogrio.read_info(path, layer=name)["driver"]
            if driver not in _DRIVERS:
                raise LayerError(f"{given}: opens as {driver}, not as its name says.", f"Use {_FORMATS}.")
            meta, fids, shapes, columns = pyogrio.raw.read(
                path,
                layer=name,
                force_2d=True,
                return_fids=True,
                datetime_as_string=True,
                max_features=MAX_FEATURES + 1,
            )
            crs = crs or meta["crs"]
            for k, shape in enumerate(shapely.from_wkb(shapes, on_invalid="ignore")):
                row = {field: column[k] for field, column in zip(meta["fields"], columns, strict=True)}
                features.append(Feature(None if driver != "GPKG" else str(fids[k]), row, shape))
            if len(features) > MAX_FEATURES:
                raise _too_large(given)
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.GeometryError,
    ) as broken:
        raise LayerError(
            f"{given}: cannot be read as a layer ({broken}).", "Check the file, or get it again."
        ) from broken
    return Features(str(driver), crs, features)


def _check_kind(given: Path, path: Path) -> None:
    """Refuse a file whose content is not what its name says, before GDAL guesses something else."""
    suffix = path.suffix.lower()
    if suffix == ".kml":
        from defusedxml import DefusedXmlException
        from defusedxml.ElementTree import ParseError, iterparse

        try:
            _, root = next(iter(iterparse(path, events=("start",), forbid_dtd=True)))
            fits = root.tag.rpartition("}")[2] == "kml"
        except (ParseError, DefusedXmlException, StopIteration):
            fits = False
    else:
        magic = b"SQLite format 3\0" if suffix == ".gpkg" else b"\x00\x00\x27\x0a"
        with path.open("rb") as file:
            fits = file.read(len(magic)) == magic
    if not fits:
        raise LayerError(
            f"{given}: its content is not {suffix[1:].upper()}.", "Check the file, or get it again."
        )
