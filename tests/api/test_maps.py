"""Map clients: OGC API Features as owslib reads it, and vector tiles as a decoder reads them."""

from itertools import pairwise

import httpx
import mapbox_vector_tile
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from owslib.ogcapi.features import Features

from api.sea import CABLE, END, FIRST, SHIPS, Sea
from watchkeeper.api.geojson import line_of
from watchkeeper.api.tiles import EXTENT, Tile
from watchkeeper.model.time import to_iso


@pytest.fixture(scope="module")
def client(served: Sea) -> Features:
    """A real client of the standard."""
    return Features(f"{served.url}/ogc/", headers={"Authorization": f"Bearer {served.keys['viewer']}"})


def test_a_client_finds_the_collections(client: Features) -> None:
    assert set(client.feature_collections()) == {"ships", "tracks", "findings", "assets"}
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in client.conformance()["conformsTo"]
    api = client.api()
    assert api["openapi"].startswith("3.1")
    ships = client.collection("ships")
    assert ships["extent"]["temporal"]["interval"] == [["2025-03-01T06:00:00Z", "2025-03-01T08:59:00Z"]]


def test_a_client_reads_ships_page_by_page(client: Features) -> None:
    page = client.collection_items("ships", limit=5)
    assert (page["numberMatched"], page["numberReturned"]) == (SHIPS, 5)
    found = [f["id"] for f in page["features"]]
    while following := next((link for link in page["links"] if link["rel"] == "next"), None):
        page = httpx.get(following["href"], headers=client.headers, trust_env=False).json()
        found += [f["id"] for f in page["features"]]
    assert found == [str(FIRST + k) for k in range(SHIPS)]


def test_a_client_asks_for_a_box_and_a_time(client: Features) -> None:
    boxed = client.collection_items("ships", bbox=[17.55, 56.0, 17.65, 58.0])
    assert [f["properties"]["mmsi"] for f in boxed["features"]] == [FIRST]
    assert client.collection_items("ships", datetime_="2020-01-01/2020-01-02")["features"] == []
    now = client.collection_items("ships", datetime_="2025-03-01T08:00:00Z/..", limit=100)
    assert now["numberReturned"] == SHIPS
    tracks = client.collection_items("tracks", datetime_="2025-03-01T07:00:00Z/2025-03-01T07:10:00Z", limit=2)
    assert [f["properties"]["reports"] for f in tracks["features"]] == [11, 11]
    assert all(
        shapely.from_geojson(str(f["geometry"]).replace("'", '"')).is_valid for f in tracks["features"]
    )


def test_a_client_reads_single_items(client: Features) -> None:
    assert client.collection_item("ships", str(FIRST))["properties"]["name"] == "SHIP 0"
    assert client.collection_item("tracks", str(FIRST))["geometry"]["type"] == "LineString"
    assert client.collection_item("assets", CABLE.id)["properties"]["kind"] == "cable"
    finding = client.collection_items("findings", limit=1)["features"][0]
    assert client.collection_item("findings", finding["id"])["geometry"] == finding["geometry"]
    with pytest.raises(RuntimeError, match="There is no item"):
        client.collection_item("ships", "1")


def test_findings_in_a_box(client: Features) -> None:
    found = client.collection_items("findings", bbox=[17.9, 57.15, 18.1, 57.25])
    assert [f["properties"]["mmsi"] for f in found["features"]] == [FIRST + 2]


def test_assets_across_the_antimeridian(client: Features) -> None:
    found = client.collection_items("assets", bbox=[179.5, 9.0, -179.5, 11.0])
    assert [f["id"] for f in found["features"]] == ["cables/dateline"]


def test_a_key_without_the_scope_does_not_read_the_collection(served: Sea) -> None:
    user = served.users["viewer"].id
    _, secret = served.services.desk.keys.make(user, "assets", ["me:read", "assets:read"], 1, served.clock())
    headers = {"Authorization": f"Bearer {secret}"}
    get = served.client().get
    listed = get("/ogc/collections", headers=headers).json()["collections"]
    assert [c["id"] for c in listed] == ["assets"]
    assert get("/ogc/collections/assets/items", headers=headers).status_code == 200
    assert get("/ogc/collections/ships/items", headers=headers).status_code == 403
    assert get(f"/ogc/collections/ships/items/{FIRST}", headers=headers).status_code == 403
    assert get("/tiles/ships/0/0/0.mvt", headers=headers).status_code == 403
    assert get("/tiles/assets/0/0/0.mvt", headers=headers).status_code == 200


def tile_at(lon: float, lat: float, z: int) -> Tile:
    x, y = Tile(z, 0, 0).place(lon, lat)
    return Tile(z, int(x // EXTENT), int(y // EXTENT))


@pytest.mark.parametrize("z", [0, 3, 7, 12])
def test_a_ship_stands_in_its_tile(served: Sea, z: int) -> None:
    client = served.client("viewer")
    ship = client.get(f"/api/v1/ships/{FIRST}").json()["hulls"][0]
    tile = tile_at(ship["lon"], ship["lat"], z)
    answer = client.get(f"/tiles/ships/{tile.z}/{tile.x}/{tile.y}.mvt")
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    layer = mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True})["ships"]
    (mine,) = [f for f in layer["features"] if f["properties"]["mmsi"] == FIRST]
    x, y = tile.place(ship["lon"], ship["lat"])
    assert mine["geometry"]["coordinates"] == pytest.approx([float(x), float(y)], abs=0.6)
    assert mine["properties"]["name"] == "SHIP 0"
    assert "heading_deg" not in mine["properties"]


def test_tracks_and_assets_are_drawn(served: Sea) -> None:
    client = served.client("viewer")
    tile = tile_at(18.0, 57.2, 7)
    for layer, kind in (("tracks", "LineString"), ("assets", "LineString")):
        content = client.get(f"/tiles/{layer}/{tile.z}/{tile.x}/{tile.y}.mvt").content
        features = mapbox_vector_tile.decode(content)[layer]["features"]
        assert kind in {f["geometry"]["type"] for f in features}
    elsewhere = tile_at(-100.0, -40.0, 7)
    empty = client.get(f"/tiles/assets/7/{elsewhere.x}/{elsewhere.y}.mvt")
    assert empty.status_code == 200
    assert not mapbox_vector_tile.decode(empty.content).get("assets", {}).get("features")


def test_a_tile_that_has_not_changed_is_not_sent_again(served: Sea) -> None:
    client = served.client("viewer")
    for layer in ("ships", "tracks", "assets"):
        first = client.get(f"/tiles/{layer}/6/35/19.mvt")
        assert first.headers["cache-control"].startswith("private, max-age=")
        again = client.get(f"/tiles/{layer}/6/35/19.mvt", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]


def test_a_tile_is_made_once_and_few_are_kept(served: Sea, monkeypatch: pytest.MonkeyPatch) -> None:
    client, kept = served.client("viewer"), served.services.tiles
    monkeypatch.setattr("watchkeeper.api.routes.tiles._KEPT", 3)
    first = client.get("/tiles/assets/3/4/2.mvt")
    tag = first.headers["etag"]
    assert kept[tag] == first.content
    kept[tag] = b"kept"
    assert client.get("/tiles/assets/3/4/2.mvt").content == b"kept"
    for x in range(6):
        client.get(f"/tiles/assets/3/{x}/5.mvt")
    assert len(kept) == 3
    assert client.get("/tiles/assets/3/4/2.mvt").content == first.content


@pytest.mark.parametrize("path", ["ships/2/4/0", "ships/2/0/4", "ships/23/0/0", "none/0/0/0", "ships/-1/0/0"])
def test_a_tile_that_is_none(served: Sea, path: str) -> None:
    assert served.client("viewer").get(f"/tiles/{path}.mvt").status_code in (400, 404)


@given(st.integers(0, 22), st.floats(-180, 179.999), st.floats(-85, 85))
def test_a_place_lies_in_the_box_of_its_tile(z: int, lon: float, lat: float) -> None:
    west, south, east, north = tile_at(lon, lat, z).box()
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9


places = st.tuples(st.floats(-180, 180), st.floats(-80, 80))


@given(st.lists(places, min_size=2, max_size=20))
def test_no_line_jumps_over_the_antimeridian(points: list[tuple[float, float]]) -> None:
    geometry = line_of(points)
    parts = geometry["coordinates"] if geometry["type"] == "MultiLineString" else [geometry["coordinates"]]
    for part in parts:
        assert len(part) >= 2
        for (x0, _), (x1, _) in pairwise(part):
            assert abs(x1 - x0) <= 180.0
    drawn = [tuple(p) for part in parts for p in part]
    assert next(p for p in drawn if p in set(points)) == points[0]
    assert set(points) <= set(drawn)


def test_the_clock_of_the_data_is_not_ours(served: Sea) -> None:
    """Ships are those of the end of the data, however long ago that is."""
    assert to_iso(END) < to_iso(served.clock())
    assert served.client("viewer").get("/api/v1/ships").json()["total"] == SHIPS
