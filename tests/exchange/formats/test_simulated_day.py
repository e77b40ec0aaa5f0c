"""A simulated day with a case leaves in every format, and each is what its readers ask for."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pyogrio.raw
import pytest
import takproto
from pymisp import MISPEvent

from exchange.formats.made_up import written
from exchange.formats.misp_server import KEY, Server, serving
from exchange.formats.test_cot import cut, server
from exchange.formats.test_misp import web
from exchange.stix.conftest import Day
from watchkeeper.cli import edge
from watchkeeper.exchange.cise.messages import SERVICES, message
from watchkeeper.exchange.cise.schemas import faults
from watchkeeper.exchange.formats import all_formats
from watchkeeper.exchange.hub.hub import Hub
from watchkeeper.exchange.partners import Agreement, Partner
from watchkeeper.exchange.things import Things
from watchkeeper.gathering import things_of_store
from watchkeeper.projectors import projectors
from watchkeeper.store.folder import Store

Run = Callable[..., tuple[int, str, str]]
WRITTEN = [name for name, one in all_formats().items() if one.write is not None]
LOSSLESS_FINDINGS = ("geojson", "misp", "cise-anomaly")


@pytest.fixture(scope="module")
def some(day: Day) -> Things:
    return things_of_store(day.store, author="Coast Guard")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    edge.log.talk.cache_clear()

    def answer(*arguments: object) -> tuple[int, str, str]:
        code = edge.run([str(one) for one in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    yield answer
    edge.log.talk.cache_clear()


def test_the_day_is_worth_sending(some: Things) -> None:
    assert some.simulated
    assert len(some.findings) > 10
    assert some.cases
    assert some.alerts
    assert some.assets
    assert some.fixes


@pytest.mark.parametrize("name", WRITTEN)
def test_every_format_writes_it_the_same_way_twice(name: str, some: Things) -> None:
    data = written(name, some)
    assert data == written(name, some)
    assert len(data) > 1_000
    assert b"SIMULATED" in data or b"simulat" in data


@pytest.mark.parametrize("name", LOSSLESS_FINDINGS)
def test_findings_come_back_whole(name: str, some: Things) -> None:
    reader = all_formats()["cise" if name.startswith("cise") else name].read
    assert reader is not None
    came = reader(written(name, some))
    assert not came.refused
    assert came.things.simulated
    assert {one.id: one for one in came.things.findings} == {one.id: one for one in some.findings}


def test_pymisp_loads_every_event(some: Things) -> None:
    whole = json.loads(written("misp", some))
    for one in whole["response"]:
        event = MISPEvent()
        event.load(json.dumps(one))
        assert event.objects or event.event_reports
    assert sum(
        o["name"] == "ship-behaviour" for e in whole["response"] for o in e["Event"].get("Object", ())
    ) == len(some.findings)


def test_cise_fits_the_schemas(some: Things, sample_data: Path) -> None:
    archive = sample_data / "cise" / "cise-1.5.3-xsd.zip"
    if not archive.exists():
        pytest.skip(f"no copy of the CISE schemas at {archive}")
    for service in SERVICES:
        assert faults(message(some, service), archive) == []


def test_takproto_parses_every_event(some: Things) -> None:
    parsed = [
        takproto.parse_proto(bytearray(b"<?xml" + part)) for part in written("cot", some).split(b"<?xml")[1:]
    ]
    assert len(parsed) == len(some.findings) + len(some.fixes)
    assert {one.cotEvent.opex for one in parsed} == {"s-simulation"}


@pytest.mark.parametrize("name", ["geojson", "kml"])
def test_maps_open_it(name: str, some: Things, tmp_path: Path) -> None:
    path = tmp_path / f"day.{name}"
    path.write_bytes(written(name, some))
    layers = [layer for layer, _ in pyogrio.list_layers(path)]
    places = sum(len(pyogrio.raw.read(path, layer=layer)[2]) for layer in layers)
    assert places >= len(some.findings) + len(some.assets)


# --- the commands


def test_export_says_what_is_lost_and_import_takes_it_elsewhere(day: Day, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "day.misp.json"
    code, _, err = run(
        "export", "--format", "misp", "--store", day.store, "--out", out, "--by", "Coast Guard"
    )
    assert code == 0, err
    assert "MISP releases by distribution" in err
    Store.create(tmp_path / "other")
    code, said, err = run("import", out, "--store", tmp_path / "other", "--json")
    assert code == 0, err
    assert json.loads(said)["findings"] > 10


def test_export_for_an_organisation_passes_the_gate(day: Day, run: Run, tmp_path: Path) -> None:
    assert run("exchange", "org", "add", "Navy", "--store", day.store)[0] in (0, 2)
    with Store.open(day.store, write=False, decide=True, projectors=projectors()) as store:
        Hub(store.engine, store.decisions).partners.set(
            Partner(organisation="Navy", agreement=Agreement(accepts=("clear", "green")))
        )
    counts = {}
    for level in ("green", "amber"):
        out = tmp_path / f"{level}.csv"
        code, _, err = run(
            "export", "--format", "csv", "--store", day.store, "--tlp", level, "--to", "Navy", "--out", out
        )
        assert code == 0, err
        counts[level] = len(out.read_text().splitlines()) - 1
        assert ("withheld from Navy" in err) == (level == "amber")
    assert counts["green"] > 10
    assert counts["amber"] == 0
    with Store.open(day.store, write=False, projectors=projectors()) as store:
        told = store.decisions.read(kinds=("export.decided",))
    assert [(event.subject, event.body["format"]) for event in told] == [("Navy", "csv")] * 2
    assert told[1].body["withheld_count"] > 10


def test_export_to_addresses(day: Day, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    base = ("export", "--store", day.store, "--by", "Coast Guard")
    with server() as (port, got):
        code, said, err = run(*base, "--format", "cot", "--to", f"tcp://127.0.0.1:{port}")
        assert code == 0, err
    assert said == f"{len(cut(got[0]))} messages sent to tcp://127.0.0.1:{port}\n"
    misp = Server()
    with serving(misp) as address:
        assert run(*base, "--format", "misp", "--to", address)[0] == 2  # no key
        monkeypatch.setenv("WATCHKEEPER_MISP_KEY", KEY)
        assert run(*base, "--format", "misp", "--to", address)[0] == 2  # inside the own network
        code, said, err = run(*base, "--format", "misp", "--to", address, "--private")
        assert code == 0, err
    assert {json.loads(line)["uuid"] for line in said.splitlines()} == set(misp.events)
    assert KEY not in said + err
    code, said, err = run(*base, "--format", "misp", "--feed", tmp_path / "feed")
    assert code == 0, err
    Store.create(tmp_path / "other")
    with web(tmp_path / "feed") as address:
        assert (
            run("import", address, "--store", tmp_path / "other", "--json")[0] == 2
        )  # inside the own network
        for feed, new in ((tmp_path / "feed", len(misp.events)), (address, 0)):
            code, said, err = run("import", feed, "--store", tmp_path / "other", "--json", "--private")
            assert code == 0, err
            assert (json.loads(said)["objects"], json.loads(said)["new"]) == (len(misp.events), new)


@pytest.mark.parametrize(
    "given",
    [
        ("--format", "csv", "--to", "tcp://127.0.0.1:1"), ("--format", "cot", "--to", "http://127.0.0.1:1"),
        ("--format", "csv", "--to", "Nobody"), ("--format", "csv", "--to", "a", "--to", "b"),
        ("--format", "csv", "--feed", "x"), ("--format", "cot", "--to", "tcp://127.0.0.1:1", "--out", "x"),
    ],
)  # fmt: skip
def test_ways_that_are_none(given: tuple[str, ...], day: Day, run: Run) -> None:
    code, out, err = run("export", "--store", day.store, *given)
    assert code == 2, err
    assert out == ""


def test_formats_are_listed_and_the_vocabulary_is_written(run: Run, tmp_path: Path) -> None:
    code, said, _ = run("formats", "list", "--json")
    assert code == 0
    assert {json.loads(line)["name"] for line in said.splitlines()} == set(all_formats())
    code, said, _ = run("formats", "misp-vocabulary", "--out", tmp_path / "v")
    assert code == 0
    assert len(said.splitlines()) == 4
    assert (tmp_path / "v" / "taxonomies" / "watchkeeper" / "machinetag.json").exists()


def test_a_message_is_checked(some: Things, sample_data: Path, run: Run, tmp_path: Path) -> None:
    archive = sample_data / "cise" / "cise-1.5.3-xsd.zip"
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_bytes(message(some, "Risk"))
    bad.write_bytes(message(some, "Risk").replace(b"<Priority>Low", b"<Priority>Soon"))
    assert run("formats", "check", good, "--schemas", archive)[0] == 0
    code, said, err = run("formats", "check", bad, "--schemas", archive)
    assert code == 3
    assert "Priority" in said
    assert "1 faults" in err
