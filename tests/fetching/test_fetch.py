"""Fetching from a server on this machine: versions, refusals, limits, and no harm from bad answers."""

import io
import json
import os
import socket
import time
import zipfile
from collections.abc import Callable
from datetime import date
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import msgspec
import pytest

from fetching.conftest import Publisher, an_item
from lists import made_up
from watchkeeper.errors import FetchError, OutputError, UsageError
from watchkeeper.fetching import download
from watchkeeper.fetching.catalogue import Item, Part, catalogue, item_named
from watchkeeper.fetching.fetch import Fetched, fetch, key_of
from watchkeeper.fetching.names import resolved
from watchkeeper.fetching.store import REFUSED, Store, unchanged

DAY_MS = 86_400_000
NOW = 1_795_307_200_000  # 2026-11-22
OWN = "imo,name,program\n9000003,GREY HERON,own\n"
DAY = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,"
    "Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type,"
    "A,B,C,D\n"
    "31/12/2025 00:00:01,Class A,219000001,55.0,11.0,Under way using engine,0.0,10.0,90.0,90,9000003,ABCD,GREY HERON,"
    "Tanker,,32,180,GPS,9.0,X,,AIS,90,90,16,16\n"
)


def listed(publisher: Publisher, text: str | bytes = OWN, **changes: object) -> Item:
    return an_item(addresses=(publisher.put("/list.csv", text),), **changes)


def files_of(store: Store, key: str) -> list[str]:
    return sorted(
        p.relative_to(store.folder / key).as_posix() for p in (store.folder / key).rglob("*") if p.is_file()
    )


def test_a_list_is_fetched_with_its_record(publisher: Publisher, store: Store) -> None:
    address = publisher.put("/list.csv", OWN, Last_Modified="Sun, 22 Nov 2026 10:00:00 GMT")
    got = fetch(an_item(addresses=(address,)), store, NOW)
    record = got.version.record
    assert (got.outcome, got.before) == ("new", None)
    assert got.version.path.read_text() == OWN
    assert (record.address, record.licence, record.bytes, record.entries) == (address, "CC0", len(OWN), 1)
    assert (record.fetched, record.last_modified) == ("2026-11-22T00:26:40Z", "Sun, 22 Nov 2026 10:00:00 GMT")
    assert unchanged(got.version)
    beside = json.loads(got.version.path.with_name(got.version.path.name + ".json").read_text())
    assert beside["sha256"] == record.sha256
    assert beside["format"] == "CSV with a header (imo, mmsi or name)"
    assert files_of(store, "own-list") == [
        f"own-list.20261122.{record.sha256[:12]}.csv",
        f"own-list.20261122.{record.sha256[:12]}.csv.json",
    ]


def test_the_same_content_is_no_new_version(publisher: Publisher, store: Store) -> None:
    item = listed(publisher)
    first = fetch(item, store, NOW)
    again = fetch(item, store, NOW + DAY_MS)
    assert (again.outcome, again.version.path) == ("unchanged", first.version.path)
    (only,) = store.versions("own-list")
    assert (only.record.fetched[:10], only.record.looked[:10]) == ("2026-11-22", "2026-11-23")


def test_other_content_is_a_new_version_and_the_old_one_is_kept(publisher: Publisher, store: Store) -> None:
    fetch(listed(publisher), store, NOW)
    got = fetch(listed(publisher, OWN + "9000015,OLD SPOON,own\n"), store, NOW + 1000)
    assert got.before is not None
    assert [v.record.entries for v in store.versions("own-list")] == [1, 2]
    current = store.current("own-list")
    assert current is not None
    assert current.record.entries == 2


def test_a_file_that_is_not_as_expected_is_kept_aside_and_the_old_one_stays(
    publisher: Publisher, store: Store
) -> None:
    fetch(listed(publisher), store, NOW)
    for bad, says in (
        ("<html>Please log in</html>", "not a list of a known format"),
        ("imo,name,program\n", "no vessel in this list"),
        (made_up.UK_CSV, "it is UK Sanctions List CSV; CSV with a header .* is expected"),
    ):
        item = listed(publisher, bad, format="CSV with a header (imo, mmsi or name)")
        with pytest.raises(FetchError, match=says) as caught:
            fetch(item, store, NOW + 1000)
        assert "the version of 2026-11-22 stays in use" in caught.value.next_step
        assert caught.value.exit_code == 8
    current = store.current("own-list")
    assert current is not None
    assert current.record.entries == 1
    refused = [one for one in files_of(store, "own-list") if one.startswith(REFUSED)]
    assert len(refused) == 6
    reasons = [
        json.loads((store.folder / "own-list" / one).read_text())["refused"]
        for one in refused
        if one.endswith(".json")
    ]
    assert all(reasons)


def test_too_few_entries_are_refused(publisher: Publisher, store: Store) -> None:
    with pytest.raises(FetchError, match="1 entries, where at least 2 are expected"):
        fetch(listed(publisher, least=2), store, NOW)
    assert store.current("own-list") is None


@pytest.mark.parametrize("status", [500, 503, 429, 401])
def test_errors_of_the_server(publisher: Publisher, store: Store, status: int) -> None:
    item = an_item(addresses=(publisher.put("/x", "no", status=status),))
    with pytest.raises(FetchError, match=f"HTTP {status}"):
        fetch(item, store, NOW)
    assert files_of(store, "own-list") == []


def test_the_first_address_that_has_something_is_used(publisher: Publisher, store: Store) -> None:
    good = publisher.put("/b.csv", OWN)
    publisher.put("/forbidden", "", status=403)
    addresses = (publisher.address("/a.csv"), publisher.address("/forbidden"), good)
    assert fetch(an_item(addresses=addresses), store, NOW).version.record.address == good
    with pytest.raises(FetchError, match=r"HTTP 404.*HTTP 403"):
        fetch(an_item(addresses=addresses[:2]), store, NOW)


def test_redirects_are_followed_and_limited(publisher: Publisher, store: Store) -> None:
    good = publisher.put("/good", OWN)
    first = publisher.put("/first", "", status=302, Location="/good")
    assert fetch(an_item(addresses=(first,)), store, NOW).version.record.address == good
    loop = publisher.put("/loop", "", status=301, Location="/loop")
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        fetch(an_item(addresses=(loop,)), store, NOW)


@pytest.mark.parametrize("target", ["http://127.0.0.1/list", "ftp://example.org/list", "file:///etc/hosts"])
def test_only_https_is_fetched_and_followed(
    publisher: Publisher, store: Store, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    first = publisher.put("/first", "", status=302, Location=target)
    monkeypatch.setattr(download, "SCHEMES", frozenset({"https"}))
    with pytest.raises(FetchError, match="not an encrypted address"):
        fetch(an_item(addresses=(target,)), store, NOW)
    monkeypatch.setattr(download, "_encrypted", lambda address: _only_ours(address, publisher))
    with pytest.raises(FetchError):
        fetch(an_item(addresses=(first,)), store, NOW)
    assert files_of(store, "own-list") == []


def _only_ours(address: str, publisher: Publisher) -> None:
    if not address.startswith(publisher.address("/")):
        raise FetchError("not an encrypted address", "")


def test_what_is_larger_than_the_limit_is_not_kept(publisher: Publisher, store: Store) -> None:
    with pytest.raises(FetchError, match="larger than 1 MiB"):
        fetch(listed(publisher, b"x" * ((1 << 20) + 1)), store, NOW)

    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            while True:
                request.wfile.write(b"x" * 65536)
        except OSError:
            pass

    publisher.answers["/endless"] = endless
    with pytest.raises(FetchError, match="larger than 1 MiB"):
        fetch(an_item(addresses=(publisher.address("/endless"),)), store, NOW)
    assert files_of(store, "own-list") == []


def test_a_packed_answer_that_unfolds_beyond_the_limit_is_not_kept(
    publisher: Publisher, store: Store
) -> None:
    import gzip

    packed = gzip.compress(b"x" * (3 << 20))
    address = publisher.put("/bomb", packed, Content_Encoding="gzip")
    with pytest.raises(FetchError, match="larger than 1 MiB"):
        fetch(an_item(addresses=(address,)), store, NOW)


def test_a_download_that_breaks_off_leaves_nothing(publisher: Publisher, store: Store) -> None:
    address = publisher.put("/short", OWN, Content_Length="5000")
    with pytest.raises(FetchError, match="broke off"):
        fetch(an_item(addresses=(address,)), store, NOW)
    assert files_of(store, "own-list") == []


def test_a_slow_server_is_given_up(
    publisher: Publisher, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "TOTAL_S", -1.0)
    with pytest.raises(FetchError, match="too slow"):
        fetch(listed(publisher), store, NOW)


def test_without_a_network_the_error_says_what_to_do(publisher: Publisher, store: Store) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(FetchError, match="cannot be reached") as caught:
        fetch(an_item(addresses=(f"http://127.0.0.1:{port}/x",)), store, NOW)
    assert "--from FILE" in caught.value.next_step


def test_an_address_found_on_a_page(publisher: Publisher, store: Store) -> None:
    publisher.put("/Media/1/List.csv", OWN)
    page = publisher.put("/page", '<a href="/Media/1/List.csv">list</a>')
    item = an_item(page=page, link=r'href="([^"]+\.csv)"')
    assert fetch(item, store, NOW).version.record.address.endswith("/Media/1/List.csv")
    publisher.put("/page", "<p>moved</p>")
    with pytest.raises(FetchError, match="the address was not found on"):
        fetch(item, store, NOW)


def test_a_file_given_by_hand(store: Store, tmp_path: Path) -> None:
    item = an_item("paris-mou", by_hand="Published as a document only", format="flag performance CSV")
    with pytest.raises(FetchError, match="Published as a document only") as caught:
        fetch(item, store, NOW)
    assert "--from FILE" in caught.value.next_step
    given = tmp_path / "own.csv"
    given.write_text(made_up.FLAGS_CSV)
    got = fetch(item, store, NOW, given=given)
    assert (got.version.record.entries, got.version.record.address) == (3, "file own.csv")
    assert got.version.record.as_of is None
    with pytest.raises(FetchError, match="No such file"):
        fetch(item, store, NOW, given=tmp_path / "nowhere.csv")


# --- days, layers, services


def test_a_day_of_traffic(publisher: Publisher, store: Store) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("aisdk-2025-12-31.csv", DAY)
    publisher.put("/2025/aisdk-2025-12-31.zip", memory.getvalue())
    address = publisher.address("/{day:%Y}/aisdk-{day:%Y-%m-%d}.zip")
    item = an_item("dma", kind="traffic", by_day=True, addresses=(address,), suffix=".bin")
    got = fetch(item, store, NOW, day=date(2025, 12, 31))
    assert got.version.path.name.startswith("dma-2025-12-31.20261122.")
    assert got.version.path.suffix == ".zip"
    assert store.days("dma") == ["dma-2025-12-31"]
    with pytest.raises(UsageError, match="by the day"):
        key_of(item, None)
    with pytest.raises(UsageError, match="has no days"):
        key_of(an_item(), date(2025, 12, 31))


def overpass(**more: object) -> str:
    way = {
        "type": "way",
        "id": 7,
        "tags": {"power": "cable", "location": "underwater", "name": "Test Link"},
        "geometry": [{"lat": 59.0, "lon": 24.0}, {"lat": 60.0, "lon": 25.0}],
    }
    point = {"type": "way", "id": 8, "geometry": [{"lat": 1.0, "lon": 1.0}]}
    state = {"timestamp_osm_base": "2026-11-21T10:00:00Z"}
    return json.dumps({"osm3s": state, "elements": [way, point]} | more)


def test_an_answer_of_overpass_becomes_a_layer(publisher: Publisher, store: Store) -> None:
    from watchkeeper.layers.reading import read_layer

    address = publisher.put("/api", overpass())
    item = an_item(
        "osm", kind="layer", suffix=".geojson", convert="overpass", query="[out:json];", addresses=(address,)
    )
    got = fetch(item, store, NOW)
    assert publisher.asked == ["POST /api"]
    assert got.version.record.as_of == "2026-11-21"
    (asset,), _ = read_layer(got.version.path)
    assert (asset.name, asset.kind, asset.licence, asset.source) == (
        "Test Link",
        "power-line",
        "CC0",
        "OpenStreetMap",
    )
    newer = overpass(osm3s={"timestamp_osm_base": "2026-11-22T10:00:00Z"})
    publisher.put("/api", newer)
    assert fetch(item, store, NOW + 1).outcome == "unchanged"
    publisher.put("/api", overpass(remark="runtime error: Query timed out"))
    with pytest.raises(FetchError, match="the server gave up"):
        fetch(item, store, NOW + 2)


def test_parts_are_joined_into_one_layer(publisher: Publisher, store: Store) -> None:
    from watchkeeper.layers.reading import read_layer

    line = {"type": "LineString", "coordinates": [[5.0, 58.0], [6.0, 58.5]]}
    for part, properties in (("one", {"navn": "Kabel"}), ("two", {"naam": "Leiding"})):
        feature = {"type": "Feature", "properties": properties, "geometry": line}
        publisher.put(f"/{part}", json.dumps({"type": "FeatureCollection", "features": [feature]}))
    parts = {"one": Part("power cable", "navn"), "two": Part("telecom cable", "naam")}
    item = an_item("e", kind="layer", suffix=".geojson", address=publisher.address("/{part}"), parts=parts)
    assets, _ = read_layer(fetch(item, store, NOW).version.path)
    assert [(a.name, a.kind) for a in assets] == [("Kabel", "power-line"), ("Leiding", "cable")]
    del publisher.answers["/two"]
    with pytest.raises(FetchError, match="not there"):
        fetch(item, store, NOW)


# --- the catalogue and names


def test_the_catalogue_holds_what_it_should() -> None:
    assert {
        *("ofac-sdn", "ofac-consolidated", "eu-sanctions", "eu-vessels", "uk-sanctions", "un-sanctions"),
        *("opensanctions-maritime", "ua-war-sanctions", "paris-mou", "dma", "noaa", "world-port-index"),
        *("natural-earth", "emodnet-cables", "osm-cables", "osm-pipelines", "cise"),
    } == set(catalogue())


@pytest.mark.parametrize("name", catalogue())
def test_every_item_says_licence_and_terms_and_has_encrypted_addresses(name: str) -> None:
    from watchkeeper.lists.load import known_formats

    item = catalogue()[name]
    assert all((item.title, item.publisher, item.licence, item.terms))
    addresses = [*item.addresses, *filter(None, (item.page, item.address))]
    assert addresses or item.by_hand
    assert all(one.startswith("https://") for one in addresses)
    assert item.kind != "list" or item.format in {one.FORMAT for one in known_formats().values()}
    assert ("{day" in "".join(item.addresses)) == item.by_day
    for address in item.addresses if item.by_day else ():
        assert "2025" in address.format(day=date(2025, 1, 2))


def test_an_unknown_name_says_the_nearest() -> None:
    with pytest.raises(UsageError, match="nothing to fetch called ofac-sdm") as caught:
        item_named("ofac-sdm")
    assert "ofac-sdn" in caught.value.next_step


def test_a_name_stands_for_its_version_in_use(
    publisher: Publisher,
    store: Store,
    with_catalogue: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    item = listed(publisher)
    with_catalogue(item)
    with pytest.raises(FetchError, match="own-list was not fetched yet"):
        resolved(Path("own-list"))
    got = fetch(item, store, NOW)
    assert resolved(Path("own-list")) == got.version.path
    assert resolved(tmp_path / "config-folder" / "own-list") == got.version.path
    assert resolved(Path("other")) == Path("other")
    monkeypatch.chdir(tmp_path)
    Path("own-list").write_text("x")
    assert resolved(Path("own-list")) == Path("own-list")
    Path("own-list").unlink()
    got.version.path.write_text(OWN + "tampered")
    with pytest.raises(FetchError, match="not the content that was fetched"):
        resolved(Path("own-list"))


def test_a_damaged_record_is_said(publisher: Publisher, store: Store) -> None:
    got: Fetched = fetch(listed(publisher), store, NOW)
    got.version.path.with_name(got.version.path.name + ".json").write_text("{")
    with pytest.raises(FetchError, match="the record cannot be read"):
        store.current("own-list")


def test_a_file_without_a_record_is_no_version(publisher: Publisher, store: Store) -> None:
    got = fetch(listed(publisher), store, NOW)
    got.version.path.with_name(got.version.path.name + ".json").unlink()
    assert store.versions("own-list") == []
    assert msgspec.structs.asdict(got.version.record)["name"] == "own-list"


def test_a_folder_that_cannot_be_written_is_said(publisher: Publisher, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written") as caught:
        fetch(listed(publisher), Store(tmp_path / "file"), NOW)
    assert "--to DIR" in caught.value.next_step


def test_what_a_killed_run_left_is_removed_when_it_is_old(publisher: Publisher, store: Store) -> None:
    home = store.folder / "own-list"
    for name, age_s in ((".part-old", 100_000), (".part-new", 10)):
        (home / name).mkdir(parents=True)
        os.utime(home / name, (time.time() - age_s,) * 2)
    fetch(listed(publisher), store, NOW)
    assert [one.name for one in home.glob(".part-*")] == [".part-new"]
