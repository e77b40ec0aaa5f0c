"""MISP: PyMISP loads our events, a feed is served and read back, a server takes them; hostile events do no harm."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pymisp
import pytest
from pymisp import MISPEvent, PyMISP

from exchange.formats.made_up import AMBER, AT, exercise, finding, things, written
from exchange.formats.misp_server import KEY, Server, serving
from watchkeeper.behaviours import all_behaviours
from watchkeeper.cli.guarded import files_at, way_to
from watchkeeper.errors import InputError, OutputError, UsageError
from watchkeeper.exchange.caveats import marking_of
from watchkeeper.exchange.formats import recognised
from watchkeeper.exchange.misp import marks, vocabulary
from watchkeeper.exchange.misp.events import as_json, events
from watchkeeper.exchange.misp.feed import from_folder, read_feed, write_feed
from watchkeeper.exchange.misp.push import push
from watchkeeper.exchange.misp.reading import read
from watchkeeper.exchange.things import Marked, Things
from watchkeeper.model.marking import TLP, Marking

TEMPLATES = Path(pymisp.__file__).parent / "data" / "misp-objects"


def loaded(some: Things) -> list[MISPEvent]:
    """The events as PyMISP reads them."""
    whole = json.loads(written("misp", some))
    made = []
    for one in whole.get("response", [whole]):
        event = MISPEvent()
        event.load(json.dumps(one))
        made.append(event)
    return made


def test_pymisp_loads_the_events_back() -> None:
    case, rest = loaded(things())
    assert case.info == "Cable fault, Gulf of Finland"
    assert rest.info.startswith("Behaviour of ships")
    kinds = [one.name for one in case.objects]
    assert kinds.count("ftm-Vessel") == 1
    assert kinds.count("geolocation") == kinds.count("ship-behaviour") == 2
    assert {"ftm-Sanction", "geojson"} <= set(kinds)
    ship = case.get_objects_by_name("ftm-Vessel")[0]
    assert ship.get_attributes_by_relation("imoNumber")[0].value == "9074729"
    place = case.get_objects_by_name("geolocation")[0]
    assert float(place.get_attributes_by_relation("latitude")[0].value) == 59.437222
    tags = {tag.name for tag in case.tags}
    assert {
        "tlp:amber+strict",
        "PAP:GREEN",
        'watchkeeper:hybrid-domain="infrastructure"',
        'rsit:availability="sabotage"',
    } <= tags
    assert case.Orgc.name == "Coast Guard"
    assert [report.name for report in case.event_reports] == ["Cable fault, Gulf of Finland", "Press release"]
    found = case.get_objects_by_name("ship-behaviour")[0]
    assert {tag.name for tag in found.attributes[0].tags} >= {'misp-galaxy:maritime-behaviour="Anchor drag"'}
    by_uuid = {one.uuid: one.name for one in case.objects}
    assert [by_uuid[reference.referenced_uuid] for reference in found.references] == [
        "geolocation",
        "ftm-Vessel",
    ]


def test_objects_fit_the_templates_that_misp_has() -> None:
    for event in events(things()):
        for one in event.objects:
            path = TEMPLATES / "objects" / one.name / "definition.json"
            template = json.loads(path.read_bytes()) if path.exists() else vocabulary.template()
            assert one.template_uuid == template["uuid"]
            counts: dict[str, int] = {}
            for attribute in one.attributes:
                known = template["attributes"][attribute.object_relation]
                counts[attribute.object_relation] = counts.get(attribute.object_relation, 0) + 1
                assert attribute.type == known["misp-attribute"]
                assert known.get("multiple") or counts[attribute.object_relation] == 1
            assert set(template.get("required", ())) <= counts.keys()


def test_every_uuid_is_one_of_its_own() -> None:
    seen: list[str] = []
    for event in events(things()):
        seen.append(event.uuid)
        for one in event.objects:
            seen += [one.uuid, *(a.uuid for a in one.attributes), *(r.uuid for r in one.references)]
        seen += [report.uuid for report in event.event_reports]
    assert len(set(seen)) == len(seen)


def test_the_same_things_give_the_same_bytes_and_a_newer_case_the_same_event() -> None:
    assert written("misp", things()) == written("misp", things())
    first = next(events(things()))
    second = next(events(things(changed={things().findings[0].id: AT + 3_600_000})))
    assert first.uuid == second.uuid
    assert first.timestamp < second.timestamp


def test_what_went_comes_back() -> None:
    sent = things()
    data = written("misp", sent)
    assert recognised(data, "file").name == "misp"
    came = read(data)
    assert not came.refused
    got = came.things
    assert got.author == "Coast Guard"
    assert got.findings == sent.findings
    assert got.cases == sent.cases
    assert {(v.mmsi, v.imo, v.name, v.flag) for v in got.vessels} == {
        (v.mmsi, v.imo, v.name, v.flag) for v in sent.vessels
    }
    assert "The cable is cut." in {report.text for report in got.reports}
    assert got.markings.marking("finding", sent.findings[0].id) == AMBER
    assert len(came.kept) == 2
    assert came.kept[0].data in data
    assert ("imo", "9074729") in {(one.kind, one.value) for one in came.indicators}


@pytest.mark.parametrize("tlp", [*TLP, None])
@pytest.mark.parametrize("to", [(), (("country:EST",),), (("org:Navy", "org:Police"), ("org:Navy",))])
def test_misp_carries_it_no_further_than_tlp_allows(tlp: Any, to: tuple[tuple[str, ...], ...]) -> None:
    marking = Marking(tlp=tlp, releasable_to=to)
    some = things(markings=Marked(default=marking))
    for event in loaded(some):
        expected = 4 if to else {"clear": 3, "green": 1}.get(tlp, 0)
        assert event.distribution == expected
        if to:
            members = {one.Organisation["name"] for one in event.SharingGroup.sgorgs}
            assert members == ({"Coast Guard", "Navy"} if len(to) > 1 else {"Coast Guard"})
            assert event.SharingGroup.releasability.startswith("REL TO ")
    got = read(written("misp", some)).things.markings.marking("finding", things().findings[0].id)
    assert got == Marking(tlp=tlp or "red", releasable_to=to)


def test_what_is_stricter_holds_for_the_whole_event() -> None:
    red = Marking(tlp="red", releasable_to=(("org:Navy",),))
    some = things(
        markings=Marked(default=Marking(tlp="clear"), of={f"finding:{things().findings[0].id}": red})
    )
    case, rest = loaded(some)
    assert "tlp:red" in {tag.name for tag in case.tags}
    assert case.distribution == 4
    assert "tlp:clear" in {tag.name for tag in rest.tags}


@pytest.mark.parametrize(
    ("names", "distribution", "expected"),
    [
        (["tlp:green"], 3, Marking(tlp="green")),
        (["TLP:WHITE", "pap:white"], 3, Marking(tlp="clear", pap="clear")),
        (["tlp:green", "tlp:amber+strict", "tlp:clear"], 3, Marking(tlp="amber+strict")),
        ([], 3, Marking(tlp="red")),
        (["tlp:clear"], 0, Marking(tlp="red")),
        (["tlp:purple"], 3, Marking(tlp="red", unknown=("tlp:purple",))),
        (
            ["tlp:clear", 'nato:classification="SECRET"'],
            3,
            Marking(tlp="clear", unknown=('nato:classification="SECRET"',)),
        ),
        (["tlp:red", 'watchkeeper:marking="TLP:CLEAR"'], 3, Marking(tlp="red")),
        (["tlp:clear", 'watchkeeper:marking="gibberish"'], 3, Marking(tlp="clear", unknown=("gibberish",))),
        (["not a tag", "tlp:clear", ""], 3, Marking(tlp="clear")),
    ],
)
def test_tags_of_others(names: list[str], distribution: int, expected: Marking) -> None:
    assert marks.marking_from(names, distribution) == expected


def test_exercises_and_simulations_say_so() -> None:
    for event in loaded(exercise()):
        tags = {tag.name for tag in event.tags}
        assert {
            'exercise:generic="baltic-26"',
            'watchkeeper:origin="exercise"',
            'watchkeeper:origin="simulated"',
        } <= tags
        assert event.info.startswith("EXERCISE baltic-26: ")
    assert not {e.uuid for e in loaded(exercise())} & {e.uuid for e in loaded(things())}
    got = read(written("misp", exercise())).things
    assert (got.realm, got.simulated) == ("exercise:baltic-26", True)
    assert got.findings == exercise().findings
    assert marks.realm_from(['exercise:cyber-europe="2024"']) == "exercise:cyber-europe-2024"


def test_an_exercise_without_its_tag_gives_no_finding() -> None:
    laundered = written("misp", exercise()).replace(b'exercise:generic=\\"baltic-26\\"', b"harmless")
    laundered = laundered.replace(b"EXERCISE baltic-26", b"TLP:RED")
    came = read(laundered)
    assert not came.things.findings
    assert came.refused


# --- the vocabulary


def test_the_shipped_vocabulary_is_that_of_the_registry() -> None:
    made = vocabulary.made(all_behaviours())
    shipped = vocabulary.shipped()
    assert {name: vocabulary.as_file(value) for name, value in made.items()} == shipped, (
        "run scripts/misp_vocabulary.py, and raise VERSION"
    )


def test_the_vocabulary_has_the_form_that_misp_asks_for() -> None:
    taxonomy, galaxy, clusters, template = (json.loads(data) for data in vocabulary.shipped().values())
    predicates = [one["value"] for one in taxonomy["predicates"]]
    assert len(set(predicates)) == len(predicates)
    assert {one["predicate"] for one in taxonomy["values"]} <= set(predicates)
    for one in taxonomy["values"]:
        values = [entry["value"] for entry in one["entry"]]
        assert len(set(values)) == len(values)
        assert all(entry["expanded"] for entry in one["entry"])
    assert galaxy["type"] == clusters["type"] == "maritime-behaviour"
    uuids = [one["uuid"] for one in clusters["values"]]
    assert len(set(uuids)) == len(uuids) == len(all_behaviours())
    assert {one["value"] for one in clusters["values"]} == {one.title for one in all_behaviours().values()}
    schema = json.loads((TEMPLATES / "schema_objects.json").read_bytes())
    jsonschema.Draft7Validator(schema).validate(template)


# --- a feed


@contextmanager
def web(folder: Path) -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_port}"
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def test_a_feed_is_served_and_read_back(tmp_path: Path) -> None:
    uuids = write_feed(things(), tmp_path)
    with web(tmp_path) as address:
        came = read_feed(files_at(address, private=True))
        manifest = json.loads(files_at(address, private=True)("manifest.json"))
    assert sorted(came.things.findings, key=lambda one: one.id) == list(things().findings)
    assert list(manifest) == sorted(uuids)
    for name, entry in manifest.items():
        event = MISPEvent()
        event.load_file(tmp_path / f"{name}.json")
        assert entry["info"] == event.info
        assert entry["Orgc"]["name"] == "Coast Guard"
        assert entry["timestamp"] == int(event.timestamp.timestamp())
        hashes = {line for line in (tmp_path / "hashes.csv").read_text().splitlines() if line.endswith(name)}
        assert hashes == {f"{digest},{name}" for digest in event.attributes_hashes("md5")}


def test_a_feed_forgets_what_is_not_so_any_more(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    before = write_feed(things(), tmp_path)
    after = write_feed(things(cases=(), alerts=()), tmp_path)
    assert not set(before) & {path.stem for path in tmp_path.glob("*.json")} - set(after)
    assert {path.name for path in tmp_path.iterdir()} == {
        *(f"{u}.json" for u in after),
        "manifest.json",
        "hashes.csv",
        "index.html",
    }


def test_a_folder_of_something_else_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("not json")
    with pytest.raises(OutputError, match="no manifest"):
        write_feed(things(), tmp_path)


@pytest.mark.parametrize(
    "manifest", ["", "[]", '{"../../etc/passwd": {}}', '{"x": 1}', "{" * 50_000, '{"%s": {}}' % ("a" * 36)]
)
def test_manifests_that_are_none(manifest: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(InputError):
        read_feed(from_folder(tmp_path))


def test_a_feed_may_hold_an_event_that_is_none(tmp_path: Path) -> None:
    uuids = write_feed(things(), tmp_path)
    (tmp_path / f"{uuids[0]}.json").write_text('{"Event": {"uuid": "x"}}')
    came = read_feed(from_folder(tmp_path))
    assert len(came.refused) == 1
    assert len(came.kept) == 1


# --- the push


def pushed(server: Server, some: Things, key: str = KEY) -> list[Any]:
    with serving(server) as address:
        return list(push(some, way_to(address, {"Authorization": key}, private=True)))


def test_events_are_added_and_then_edited() -> None:
    server = Server()
    first = pushed(server, things())
    assert [one.outcome for one in first] == ["added", "added"]
    assert {one.uuid for one in first} == set(server.events)
    again = pushed(server, things(changed={things().findings[0].id: AT + 3_600_000}))
    assert [one.outcome for one in again] == ["edited", "edited"]
    assert len(server.events) == 2


def test_the_servers_own_sharing_group_is_used() -> None:
    group = {
        "id": "7",
        "uuid": "11111111-1111-4111-8111-111111111111",
        "name": "REL TO EST, FIN",
        "releasability": "x",
    }
    server = Server([group])
    assert [(one.distribution, one.sharing_group, one.note) for one in pushed(server, things())] == [
        (4, "7", "")
    ] * 2
    for held in server.events.values():
        assert held["Event"]["sharing_group_id"] == "7"
        assert "SharingGroup" not in held["Event"]


def test_without_the_group_it_goes_to_nobody_else() -> None:
    server = Server([{"id": "1", "uuid": "x", "name": "REL TO EST"}])
    for one in pushed(server, things()):
        assert one.distribution == 0
        assert "no sharing group REL TO EST, FIN" in one.note
    assert all(held["Event"]["distribution"] == "0" for held in server.events.values())


def test_pymisp_reads_from_the_server_what_was_pushed() -> None:
    server = Server()
    with serving(server) as address:
        made = list(push(things(), way_to(address, {"Authorization": KEY}, private=True)))
        client = PyMISP(address, KEY, ssl=False)
        event = client.get_event(made[0].uuid, pythonify=True)
        assert isinstance(event, MISPEvent)
        assert event.get_objects_by_name("ftm-Vessel")


def test_a_wrong_key_and_servers_that_are_none() -> None:
    with pytest.raises(OutputError, match="refuses its version"):
        pushed(Server(), things(), key="wrong")
    for answer in ((200, b"<html>"), (200, b"[]"), (302, b""), (500, b"\x1b[31moops")):
        server = Server()
        server.answers["/servers/getVersion"] = answer
        with pytest.raises(OutputError) as caught:
            pushed(server, things())
        assert "\x1b" not in str(caught.value)
        assert KEY not in str(caught.value)
    refusing = Server()
    refusing.answers["/events/add"] = (403, b'{"errors": "no"}')
    with pytest.raises(OutputError, match="refuses event"):
        pushed(refusing, things())
    assert not refusing.events


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1", "https://10.0.0.1", "https://[::1]", "file:///etc", "https://u:p@8.8.8.8"],
)
def test_own_networks_are_not_reached_by_mistake(address: str) -> None:
    with pytest.raises(UsageError):
        way_to(address, {}, private=False)


# --- events of others


def foreign(**changes: Any) -> dict[str, Any]:
    return {
        "Event": {
            "uuid": "5b9f2b1e-0000-4000-8000-0123456789ab", "info": "Phishing", "date": "2025-03-01",
            "timestamp": "1740830400",
            "distribution": "1", "Orgc": {"name": "CERT", "uuid": "5b9f2b1e-0000-4000-8000-0123456789ac"},
            "Tag": [{"name": "tlp:green"}],
            "Attribute": [
                {"type": "ip-dst", "value": "198.51.100.7", "to_ids": True, "uuid": "a"},
                {"type": "domain|ip", "value": "Evil.Example.|2001:DB8::1", "to_ids": "1", "uuid": "b"},
                {"type": "sha256", "value": "A" * 64, "to_ids": True, "uuid": "c", "deleted": True},
                {"type": "ip-src", "value": "not an address", "to_ids": True},
                {"type": "domain", "value": "context.example", "to_ids": False},
                {"type": "comment", "value": "text", "to_ids": True},
            ],
            "Object": [
                {"name": "ftm-Vessel", "Attribute": [
                    {"object_relation": "imoNumber", "type": "text", "value": "IMO 9074729"},
                    {"object_relation": "name", "type": "text", "value": "ESTELLE"},
                ]},
            ],
            **changes,
        }
    }  # fmt: skip


def test_an_event_of_others_becomes_indicators_and_ships() -> None:
    came = read(json.dumps(foreign()).encode())
    assert [(one.kind, one.value, one.alone, one.revoked) for one in came.indicators] == [
        ("ipv4", "198.51.100.7", True, False),
        ("domain", "evil.example", False, False),
        ("ipv6", "2001:db8::1", False, False),
        ("hash", "sha-256:" + "a" * 64, True, True),
        ("imo", "9074729", True, False),
    ]
    assert all(one.marking == Marking(tlp="green") and one.name == "Phishing" for one in came.indicators)
    assert [(ship.mmsi, ship.imo, ship.name) for ship in came.things.vessels] == [(0, 9_074_729, "ESTELLE")]
    assert came.identities == {"5b9f2b1e-0000-4000-8000-0123456789ac": "CERT"}
    assert came.kept[0].originator == "CERT"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{}", b"null", b"3", b'{"Event": []}', b'{"response": {"Event": {}}}', b"[" * 100_000,
        b"\xff\xfe{",
        b'{"response": [1, null, {"Event": 3}]}',
    ],
)  # fmt: skip
def test_what_holds_no_event_is_refused_whole(data: bytes) -> None:
    with pytest.raises(InputError):
        read(data)


@pytest.mark.parametrize(
    "changes",
    [
        {"uuid": None}, {"uuid": "../../etc/passwd"}, {"info": ""}, {"info": {"a": 1}},
    ],
)  # fmt: skip
def test_events_that_are_none_are_counted(changes: dict[str, Any]) -> None:
    came = read(json.dumps([foreign(), foreign(**changes)]).encode())
    assert len(came.kept) == 1
    assert len(came.refused) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"Tag": 3}, {"Tag": [None, {"name": 3}, {}]}, {"Object": {"a": 1}},
        {"Object": [{"name": "ftm-Vessel", "Attribute": 3}]},
        {"Attribute": "x"}, {"Attribute": [{"value": {"a": []}}]}, {"timestamp": "9" * 30}, {"timestamp": -1},
        {"Orgc": []},
        {"EventReport": [{"name": 1, "content": None}]}, {"distribution": []},
        {"Object": [{"name": "ship-behaviour", "Attribute": [{"object_relation": "record", "value": "{" * 5000}]}]},
        {"Attribute": [{"comment": "watchkeeper case", "value": '{"id": 1}'}]},
    ],
)  # fmt: skip
def test_wrong_types_do_no_harm(changes: dict[str, Any]) -> None:
    came = read(json.dumps(foreign(**changes)).encode())
    assert len(came.kept) == 1
    assert not came.things.findings
    assert not came.things.cases


def test_events_of_several_realms_are_not_mixed() -> None:
    of_exercise = foreign(uuid="5b9f2b1e-0000-4000-8000-0123456789ff", Tag=[{"name": 'exercise:generic="x"'}])
    came = read(json.dumps([foreign(), of_exercise]).encode())
    assert came.things.realm == "real"
    assert len(came.kept) == 1
    assert "of the realm exercise:x" in came.refused[0].reason


def test_a_record_of_another_realm_is_refused() -> None:
    event = json.loads(as_json(next(events(things(cases=(), findings=(finding(1),))))))
    event["Event"]["Tag"].append({"name": 'exercise:generic="x"'})
    came = read(json.dumps(event).encode())
    assert not came.things.findings
    assert came.refused
    assert marking_of("") == Marking()
