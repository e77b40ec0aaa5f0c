"""GeoJSON, KML, NVG and CSV: opened by the programs of others, marked, and read back where they can be."""

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pyogrio.raw
import pytest
import shapely

from exchange.formats.made_up import AMBER, exercise, finding, things, written
from watchkeeper.errors import InputError
from watchkeeper.exchange.formats import all_formats, recognised
from watchkeeper.exchange.geojson import read
from watchkeeper.exchange.things import Fix, Marked, Things, Vessel
from watchkeeper.model.marking import Marking

KML = "{http://www.opengis.net/kml/2.2}"
TEXTS = ("geojson", "kml", "nvg", "csv")


def test_geojson_comes_back_as_it_went() -> None:
    sent = things()
    data = written("geojson", sent)
    assert recognised(data, "file").name == "geojson"
    came = read(data)
    assert not came.refused
    got = came.things
    assert (got.findings, got.vessels, got.fixes, got.assets, got.cases) == (
        sent.findings, sent.vessels, sent.fixes, sent.assets, sent.cases,
    )  # fmt: skip
    assert got.author == "Coast Guard"
    assert got.markings.marking("finding", sent.findings[0].id) == AMBER
    assert got.markings.marking("vessel", "273000001") == AMBER


def test_each_thing_keeps_its_own_marking() -> None:
    red = Marking(tlp="red", releasable_to=(("org:a",),))
    sent = things(markings=Marked(default=AMBER, of={"asset:layer/test-cable": red}))
    whole = json.loads(written("geojson", sent))
    lines = {f["id"]: f["properties"]["marking"] for f in whole["features"]}
    assert lines["layer/test-cable"] == "TLP:RED // REL TO org:a"
    assert whole["marking"].startswith("TLP:RED // PAP:GREEN")
    assert read(written("geojson", sent)).things.markings.marking("asset", "layer/test-cable") == red


@pytest.mark.parametrize("name", ["geojson", "kml"])
def test_gdal_and_shapely_open_it(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"day.{name}"
    path.write_bytes(written(name, things()))
    layers = [pyogrio.raw.read(path, layer=layer)[2] for layer, _ in pyogrio.list_layers(path)]
    geometries = [shape for layer in layers for shape in shapely.from_wkb(layer) if shape is not None]
    assert len(geometries) == 3 + 2 + 1 + 1
    assert all(shapely.is_valid(shape) for shape in geometries)
    finding_place = shapely.Point(24.755, 59.437222)
    assert min(shape.distance(finding_place) for shape in geometries) < 1e-6


@pytest.mark.parametrize("name", TEXTS)
def test_exercises_and_simulations_say_so(name: str) -> None:
    assert b"EXERCISE baltic-26" in written(name, exercise())
    assert b"SIMULATED" in written(name, things(simulated=True))
    assert b"EXERCISE" not in written(name, things())
    assert b"SIMULATED" not in written(name, things())


@pytest.mark.parametrize("name", TEXTS)
def test_the_marking_travels(name: str) -> None:
    assert b"TLP:AMBER+STRICT // PAP:GREEN // REL TO EST, FIN" in written(name, things())


@pytest.mark.parametrize("name", TEXTS)
def test_the_same_things_give_the_same_bytes(name: str) -> None:
    assert written(name, things()) == written(name, things())


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_gives_a_file_without_anything(name: str) -> None:
    assert written(name, Things())


@pytest.mark.parametrize("name", ["kml", "nvg"])
def test_names_from_the_air_break_no_xml(name: str) -> None:
    odd = finding(1, name='A\x00B\x0b"<![CDATA[&\ud800', summary="]]>\x1b[31m")
    root = ElementTree.fromstring(written(name, things(findings=(odd,), fixes=(), cases=(), listings=())))
    assert "A\ufffdB\ufffd" in ElementTree.tostring(root, "unicode")


def test_kml_titles_and_times() -> None:
    root = ElementTree.fromstring(written("kml", exercise()))
    names = [name.text or "" for name in root.iter(f"{KML}name")]
    assert sum(name.startswith("EXERCISE baltic-26: ") for name in names) == 1 + 7
    begins = {begin.text for begin in root.iter(f"{KML}begin")}
    assert "2025-03-01T06:01:00Z" in begins


def test_csv_cells_are_no_formulas() -> None:
    evil = finding(1, name="=cmd|' /C calc'!A0", summary="@SUM(A1)", lon=-24.0)
    rows = list(csv.DictReader(io.StringIO(written("csv", things(findings=(evil,))).decode())))
    assert len(rows) == 1
    assert rows[0]["name"] == "'=cmd|' /C calc'!A0"
    assert rows[0]["summary"] == "'@SUM(A1)"
    assert float(rows[0]["lon"]) == -24.0
    assert rows[0]["lists"] == "EU designated vessels"


def test_what_does_not_fit_is_told() -> None:
    for name in TEXTS:
        told = list(all_formats()[name].losses(things()))
        assert any("alerts" in line or "cases" in line for line in told), name
    assert any("unverified" in line for line in all_formats()["nvg"].losses(things()))


def test_a_ship_known_by_its_imo_number_alone() -> None:
    alone = Things(vessels=(Vessel(mmsi=0, imo=9_074_729, as_of=1),))
    assert read(written("geojson", alone)).things.vessels == alone.vessels


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{", b"\xff\xfe", b'{"features": 3}', b"[" * 100_000, b'{"features": [], "realm": 7}',
        b'{"features": [], "realm": "exercise"}', b'{"features": [], "author": []}',
    ],
)  # fmt: skip
def test_what_is_no_collection_is_refused_whole(data: bytes) -> None:
    with pytest.raises(InputError):
        read(data)


def test_features_that_are_none_are_counted() -> None:
    good = json.loads(written("geojson", things()))
    good["features"][0]["properties"]["finding"]["mmsi"] = "x"
    good["features"][1]["properties"]["finding"]["realm"] = "exercise:other"
    good["features"] += [3, {}, {"properties": None}, {"properties": {"thing": "virus"}}]
    came = read(json.dumps(good).encode())
    assert len(came.refused) == 6
    assert len(came.things.findings) == 1


def test_places_that_are_not_known_are_null() -> None:
    lost = finding(1, lat=float("nan"), lon=float("nan"))
    whole = json.loads(written("geojson", things(findings=(lost,), fixes=(Fix(mmsi=1, t=1, lat=1, lon=2),))))
    assert whole["features"][0]["geometry"] is None
