"""Layer files of every format into assets; what is wrong with a file is said, what is assumed is counted."""

import gzip
import json
import math
import struct
import zipfile

import numpy as np
import pyogrio
import pytest
import shapely

from watchkeeper.errors import LayerError
from watchkeeper.layers import features
from watchkeeper.layers.reading import load_layer, read_layer

LINE = {"type": "LineString", "coordinates": [[11.0, 56.0], [12.0, 56.0]]}
BOX = {"type": "Polygon", "coordinates": [[[11, 56], [12, 56], [12, 57], [11, 57], [11, 56]]]}
POINT = {"type": "Point", "coordinates": [11, 56]}
KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>layer</name><Placemark><name>Kabel Ø</name>
<LineString><coordinates>11,56,0 12,56,0</coordinates></LineString></Placemark></Document></kml>"""


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@pytest.fixture
def write(tmp_path):
    """Write features as GeoJSON and give the path."""

    def geojson(*given, name="cables.geojson", **more):
        path = tmp_path / name
        path.write_text(json.dumps({"type": "FeatureCollection", "features": list(given), **more}))
        return path

    return geojson


def write_gdal(path, driver, crs="EPSG:4326", shapes=None, **more):
    shapes = shapely.to_wkb([shapely.geometry.shape(g) for g in (shapes or [LINE])])
    names = np.array([f"cable {i}" for i in range(len(shapes))], object)
    kind = shapely.from_wkb(shapes[0]).geom_type
    pyogrio.raw.write(
        path, shapes, [names], np.array(["name"]), driver=driver, crs=crs, geometry_type=kind, **more
    )
    return path


def test_properties_under_their_usual_names(write):
    given = {
        "Name": "C-Lion1",
        "infrastructure_type": "telecommunications",
        "buffer_nm": 5,
        "Owner": "Cinia",
        "license": "CC0",
        "source": "chart",
        "as-of": "2024-01-01",
        "Position Class": "Charted",
    }
    path = write(
        feature(LINE, **given),
        feature(LINE, name="Estlink 2", kind="power cable", buffer_m=750),
        feature(BOX, name="gas", zone_type="gas_pipeline"),
    )
    first, second, third = load_layer(path)
    assert (first.id, first.name, first.kind, first.buffer_m) == (
        "cables/c-lion1",
        "C-Lion1",
        "cable",
        9260.0,
    )
    assert (first.operator, first.licence, first.source) == ("Cinia", "CC0", "chart")
    assert (first.as_of, first.position_class, first.layer) == ("2024-01-01", "charted", "cables")
    assert (second.kind, second.buffer_m, second.position_class) == ("power-line", 750.0, "unknown")
    assert (third.kind, third.buffer_m) == ("pipeline", 1852.0)
    assert first.geometry == LINE


def test_what_is_guessed_or_assumed_is_reported(write):
    _, report = read_layer(
        write(feature(LINE), feature(BOX), feature(POINT), feature(LINE, kind="transport", buffer_m=-5))
    )
    assert report.kinds == {"cable": 2, "zone": 1, "port": 1}
    assert report.guesses["kind cable from the geometry"] == 2
    assert report.guesses["buffer of feature 4 not used: -5 is out of range"] == 1
    assert report.defaults["buffer_m 1852 for cable"] == 2
    assert report.defaults["name from the file and number"] == 4
    assert report.bbox == (11.0, 56.0, 12.0, 57.0)
    assert report.length_km == pytest.approx(2 * 62.39, abs=0.1)
    assert report.features == 4
    assert report.skipped == []


@pytest.mark.parametrize("buffer", [None, "", "wide", "nan", -1, 1e9, "1e400"])
def test_a_buffer_that_is_none_becomes_the_default(write, buffer):
    (asset,) = load_layer(write(feature(LINE, buffer_m=buffer)))
    assert asset.buffer_m == 1852.0


def test_a_buffer_of_zero_is_zero(write):
    (asset,) = load_layer(write(feature(LINE, buffer_m=0)))
    assert asset.buffer_m == 0


def test_ids_stay_when_features_are_added_and_are_never_doubled(write):
    named = feature(LINE, name="A")
    alone = load_layer(write(named))[0].id
    assets = load_layer(write(feature(LINE, name="B"), named, named, feature(LINE)))
    assert [a.id for a in assets] == ["cables/b", alone, f"{alone}-2", "cables/4"]
    assert load_layer(write({**named, "id": 17}))[0].id == "cables/17"


def test_bad_features_are_skipped_counted_and_named(write):
    null = {"type": "Point", "coordinates": [None, 56]}
    beyond = {"type": "Point", "coordinates": [181, 56]}
    _, report = read_layer(
        write(
            *[feature(LINE) for _ in range(12)],
            feature(None, name="no"),
            feature({"type": "LineString", "coordinates": []}, name="empty"),
            feature({"type": "LineString", "coordinates": [[1, 1], [1, 1]]}, name="short"),
            feature(null, name="null in it"),
            feature(beyond, name="beyond"),
            feature({"type": "Circle", "coordinates": [1, 1]}, name="circle"),
            feature({"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [1, 1], [1, 1]]]}, name="flat"),
        )
    )
    assert report.kinds == {"cable": 12}
    assert {s.name: s.reason for s in report.skipped} == {
        "no": "no readable geometry",
        "empty": "an empty geometry",
        "short": "a line without length",
        "null in it": "no readable geometry",
        "beyond": "coordinates beyond 180 or 90 degrees",
        "circle": "no readable geometry",
        "flat": "a polygon without area",
    }
    assert [s.number for s in report.skipped] == list(range(13, 20))


@pytest.mark.parametrize(
    "features_given", [[], [feature(None)], [feature({"type": "Point", "coordinates": []})]]
)
def test_a_layer_without_a_usable_feature_is_an_error(write, features_given):
    with pytest.raises(LayerError, match="no feature can be used"):
        load_layer(write(*features_given))


@pytest.mark.parametrize("crs", ["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4326"])
def test_wgs84_by_its_names(write, crs):
    assert load_layer(write(feature(LINE), crs={"type": "name", "properties": {"name": crs}}))


@pytest.mark.parametrize("crs", ["EPSG:3035", "urn:ogc:def:crs:EPSG::25832", "no such system"])
def test_another_reference_system_is_refused_with_the_command_that_converts(write, crs):
    with pytest.raises(LayerError, match="ogr2ogr -t_srs EPSG:4326"):
        load_layer(write(feature(LINE), crs={"type": "name", "properties": {"name": crs}}))


def test_metres_without_a_named_system_are_refused(write):
    metres = {"type": "LineString", "coordinates": [[4321000, 3210000], [4322000, 3210000]]}
    with pytest.raises(LayerError, match="ogr2ogr -t_srs EPSG:4326"):
        load_layer(write(feature(metres)))


@pytest.mark.parametrize(
    ("suffix", "driver"), [(".gpkg", "GPKG"), (".kml", "KML"), (".shp", "ESRI Shapefile")]
)
def test_formats_read_by_gdal(tmp_path, suffix, driver):
    assets, report = read_layer(write_gdal(tmp_path / f"cables{suffix}", driver, shapes=[LINE, LINE]))
    assert [a.name for a in assets] == ["cable 0", "cable 1"]
    assert shapely.equals(shapely.geometry.shape(assets[0].geometry), shapely.geometry.shape(LINE))
    assert report.format in (driver, "LIBKML")
    assert report.skipped == []


@pytest.mark.parametrize("suffix", [".gpkg", ".shp"])
def test_another_reference_system_is_refused_in_them_too(tmp_path, suffix):
    driver = "GPKG" if suffix == ".gpkg" else "ESRI Shapefile"
    with pytest.raises(LayerError, match="LAEA"):
        load_layer(write_gdal(tmp_path / f"cables{suffix}", driver, crs="EPSG:3035"))


def test_a_shapefile_without_prj_is_taken_as_wgs84_and_says_so(tmp_path):
    path = write_gdal(tmp_path / "cables.shp", "ESRI Shapefile")
    path.with_suffix(".prj").unlink()
    assert any("WGS84" in guess for guess in read_layer(path)[1].guesses)


def test_all_layers_of_a_geopackage(tmp_path):
    path = tmp_path / "all.gpkg"
    write_gdal(path, "GPKG", layer="one")
    write_gdal(path, "GPKG", layer="two", append=True)
    assert [a.id for a in load_layer(path)] == ["all/1", "all/1-2"]


def test_gzip_zip_and_kmz(tmp_path, write):
    plain = write(feature(LINE, name="A"))
    packed = tmp_path / "cables.geojson.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert load_layer(packed) == load_layer(plain)

    write_gdal(tmp_path / "inner.shp", "ESRI Shapefile")
    zipped = tmp_path / "shapes.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for part in tmp_path.glob("inner.*"):
            archive.write(part, f"folder/{part.name}")
    assert load_layer(zipped)[0].id == "shapes/cable-0"

    kmz = tmp_path / "cable.kmz"
    with zipfile.ZipFile(kmz, "w") as archive:
        archive.writestr("doc.kml", KML)
        archive.writestr("files/icon.png", b"")
    assert load_layer(kmz)[0].name == "Kabel Ø"


def test_a_zip_of_several_layers_is_refused(tmp_path):
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.kml", KML)
        archive.writestr("b.kml", KML)
    with pytest.raises(LayerError, match="2 layers"):
        load_layer(path)


def test_ports_of_a_table(tmp_path):
    path = tmp_path / "ports.csv"
    path.write_text(
        "\ufeffWorld Port Index Number,Main Port Name,Latitude,Longitude\n7950,Maurer,40.53,-74.25\n"
        "1,Nowhere,,\n2,Bad,north,10\n3,Long,56,10,extra\n"
    )
    assets, report = read_layer(path)
    assert [(a.id, a.name, a.kind, a.buffer_m) for a in assets] == [
        ("ports/7950", "Maurer", "port", 3000.0),
        ("ports/3", "Long", "port", 3000.0),
    ]
    assert assets[0].geometry == {"type": "Point", "coordinates": [-74.25, 40.53]}
    assert [s.name for s in report.skipped] == ["Nowhere", "Bad"]


VRT = (
    b'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource>'
    b"</OGRVRTLayer></OGRVRTDataSource>"
)
DAMAGED = {
    "empty.geojson": b"",
    "blank.geojson": b" \n",
    "text.geojson": b"hello",
    "latin.geojson": b'{"type": "FeatureCollection", "features": [{"properties": {"a": "\xff"}}]}',
    "cut.geojson": b'{"type": "FeatureCollection", "features": [',
    "list.geojson": b"[1, 2]",
    "one.geojson": json.dumps(feature(LINE)).encode(),
    "deep.geojson": b'{"type": "FeatureCollection", "features": ' + b"[" * 5000,
    "nan.geojson": json.dumps(
        {"type": "FeatureCollection", "features": [feature(LINE, a=math.nan)]}
    ).encode(),
    "cut.geojson.gz": gzip.compress(b"x" * 100_000)[:40],
    "cut.zip": b"PK\x03\x04abc",
    "indirect.kml": VRT,
    "entities.kml": b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaa">]><kml>&a;</kml>',
    "text.kml": b"hello",
    "text.gpkg": b"hello",
    "cut.gpkg": b"SQLite format 3\0" + b"\0" * 50,
    "indirect.gpkg": VRT,
    "text.shp": b"hello",
    "cut.shp": struct.pack(">I", 9994),
    "columns.csv": b"name,x,y\na,1,2\n",
    "nul.csv": b"latitude,longitude\n\0\0,1\n",
    "layer.txt": b"hello",
    "layer": b"hello",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_give_one_line_and_a_next_step(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(DAMAGED[name])
    with pytest.raises(LayerError) as raised:
        load_layer(path)
    assert str(path) in raised.value.what
    assert "\n" not in str(raised.value)
    assert raised.value.next_step


def test_a_missing_file_and_a_folder(tmp_path):
    for path in (tmp_path / "none.geojson", tmp_path):
        with pytest.raises(LayerError, match="no such layer file"):
            load_layer(path)


def test_too_large_whether_plain_packed_or_in_number(tmp_path, write, monkeypatch):
    plain = write(*[feature(LINE, name="A" * 100) for _ in range(20)])
    packed, zipped = tmp_path / "cables.geojson.gz", tmp_path / "cables.zip"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(plain, "cables.geojson")
    table = tmp_path / "ports.csv"
    table.write_text("latitude,longitude\n" + "1,2\n" * 20)
    geopackage = write_gdal(tmp_path / "cables.gpkg", "GPKG", shapes=[LINE] * 20)
    monkeypatch.setattr(features, "MAX_FEATURES", 10)
    for path in (plain, table, geopackage):
        with pytest.raises(LayerError, match="larger than"):
            load_layer(path)
    monkeypatch.setattr(features, "MAX_FEATURES", 1000)
    monkeypatch.setattr(features, "MAX_BYTES", 1000)
    assert packed.stat().st_size < 1000
    assert zipped.stat().st_size < 1000
    for path in (plain, packed, zipped):
        with pytest.raises(LayerError, match="larger than"):
            load_layer(path)


BALTIC_KINDS = {"cable": 4, "pipeline": 3, "power-line": 6, "zone": 1}


@pytest.mark.parametrize(
    ("name", "kinds", "skipped"),
    [
        ("infrastructure/baltic_protection_zones_handdrawn.geojson", BALTIC_KINDS, 0),
        ("infrastructure/entsoe_gridkit_dc_links_2022-03.geojson", {"cable": 62}, 0),
        ("infrastructure/territorial_waters_12nm_fi_se_ee_ru.geojson.gz", {"zone": 4}, 0),
        ("ports/nga_world_port_index_UpdatedPub150.csv.gz", {"port": 3768}, 0),
        ("ports/gfw_anchorage_overrides.csv.gz", {"port": 60409}, 1),
    ],
)
def test_real_layers(sample_data, name, kinds, skipped):
    assets, report = read_layer(sample_data / name)
    assert report.kinds == kinds
    assert len(report.skipped) == skipped
    assert len({asset.id for asset in assets}) == len(assets)


def test_a_depth_is_read_in_any_sign_and_a_wrong_one_is_said(tmp_path):
    def line(k: int, **properties: object) -> dict[str, object]:
        geometry = {"type": "LineString", "coordinates": [[18.0, 57.0 + k], [19.0, 57.0 + k]]}
        return {"type": "Feature", "properties": {"name": f"Line {k}", **properties}, "geometry": geometry}

    features = [line(0, depth_m=55), line(1, **{"Water Depth": "-80.5"}), line(2, depth="deep"), line(3)]
    path = tmp_path / "lines.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assets, report = read_layer(path)
    assert [asset.depth_m for asset in assets] == [55.0, 80.5, None, None]
    assert any("depth of feature 3" in what for what in report.guesses)
