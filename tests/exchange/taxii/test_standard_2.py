"""The standard, row by row: E to G, what is posted, what comes back, what is said of it."""

import json
import time
import uuid
from itertools import pairwise
from typing import Any

import pytest

from exchange.taxii.node import FIRST, LAST, MICROSECONDS, Node, indicator, versions_of


def test_E1_a_post_is_answered_with_a_status(node: Node) -> None:
    answer = node.ask("POST", f"{node.collection('rw')}objects/", json={"objects": [indicator()]})
    assert answer.status_code == 202
    assert answer.json()["status"] == "complete"


def test_E2_E3_a_status_says_what_it_has_to(node: Node) -> None:
    status = node.post(indicator(), indicator(), indicator(id="nonsense"))
    assert uuid.UUID(status["id"]).version == 4
    counts = {name: status[name] for name in ("success_count", "failure_count", "pending_count")}
    assert counts == {"success_count": 2, "failure_count": 1, "pending_count": 0}
    assert status["total_count"] == 3
    assert MICROSECONDS.fullmatch(status["request_timestamp"])
    assert all(value != [] for value in status.values())
    assert "failures" not in node.post(indicator())
    assert "successes" not in node.post(indicator(id="nonsense"))


def test_E4_a_status_can_be_asked_for(node: Node) -> None:
    status = node.post(indicator(), indicator(type="other"))
    assert node.get(f"{node.root}status/{status['id']}/").json() == status


def test_E5_the_version_in_a_status(node: Node) -> None:
    made = indicator(modified="2025-02-03T04:05:06.789012Z")
    assert node.post(made)["successes"] == [{"id": made["id"], "version": made["modified"]}]


def test_E6_an_unknown_status(node: Node) -> None:
    assert node.get(f"{node.root}status/{uuid.uuid4()}/").status_code == 404
    status = node.post(indicator())
    assert node.ask("GET", f"{node.root}status/{status['id']}/", who=1).status_code == 404


def test_E7_too_large_a_body(node: Node) -> None:
    most = node.get(node.root).json()["max_content_length"]
    address = f"{node.collection('rw')}objects/"
    few = json.dumps({"objects": [indicator()]}).encode()
    assert node.ask("POST", address, content=few + b" " * (most - len(few))).status_code == 202
    assert node.ask("POST", address, content=few + b" " * (most - len(few) + 1)).status_code == 413

    def without_length() -> Any:
        for _ in range(most // (1 << 20) + 1):
            yield b" " * (1 << 20)

    assert node.ask("POST", address, content=without_length()).status_code == 413


def test_E8_the_same_again(node: Node) -> None:
    made = indicator()
    node.put(made)
    node.put(made, made)
    reordered = dict(reversed(list(made.items())))
    node.put(reordered)
    assert len(node.objects(id=made["id"], version="all")) == 1


def test_E9_other_content_of_the_same_version(node: Node) -> None:
    made = indicator()
    node.put(made)
    status = node.post({**made, "name": "another"})
    assert status["failure_count"] == 1
    assert "not replaced" in status["failures"][0]["message"]
    assert node.objects(id=made["id"]) == [made]


def test_E10_without_the_right_to_write(node: Node) -> None:
    answer = node.ask("POST", f"{node.collection('ro')}objects/", json={"objects": [indicator()]})
    assert answer.status_code == 403
    answer = node.ask("POST", f"{node.collection('private')}objects/", json={"objects": [indicator()]}, who=1)
    assert answer.status_code == 404


def test_E11_without_the_right_to_read(node: Node) -> None:
    made = indicator()
    node.put(made, alias="wo")
    for end in ("objects/", "manifest/", f"objects/{made['id']}/", f"objects/{made['id']}/versions/"):
        assert node.get(f"{node.collection('wo')}{end}").status_code == 403
        assert node.ask("GET", f"{node.collection('private')}{end}", who=1).status_code == 404


def test_E12_a_collection_that_is_only_written(node: Node) -> None:
    node.put(indicator(), alias="wo")


def test_F1_what_was_posted_comes_back(node: Node) -> None:
    made = indicator(
        labels=["a"], external_references=[{"source_name": "x", "url": "https://example.org/"}], confidence=50,
        granular_markings=[{"selectors": ["name"], "lang": "en"}], x_own={"a": [1, None, True, {}], "b": []},
    )  # fmt: skip
    node.put(made)
    assert node.objects(id=made["id"]) == [made]


def test_F1_to_the_byte(node: Node) -> None:
    id_ = f"indicator--{uuid.uuid4()}"
    raw = (
        b'{ "id":"%b",\n "type" : "indicator","spec_version":"2.1",  "n":1.50e+3, "u":"\\u00e9\\/", "pattern":"",'
        b'"created":"2025-01-01T00:00:00Z","modified":"2025-01-01T00:00:00Z" }' % id_.encode()
    )
    address = f"{node.collection('rw')}objects/"
    answer = node.ask("POST", address, content=b' {"more" : false, "objects":[\n' + raw + b"  ]\n} ")
    assert answer.json()["success_count"] == 1
    assert raw in node.get(f"{address}{id_}/").content


def test_F2_signs_of_all_kinds(node: Node) -> None:
    made = indicator(name="\u00e9\U0001f6a2\u2028\t\"\\/\x00<>&'", description=" ", x_empty="")
    node.put(made)
    assert node.objects(id=made["id"]) == [made]


def test_F3_F4_extensions(node: Node) -> None:
    definition = f"extension-definition--{uuid.uuid4()}"
    extended = indicator(extensions={definition: {"extension_type": "property-extension", "x": 1}})
    vessel = indicator(
        id=f"x-vessel--{uuid.uuid4()}",
        type="x-vessel",
        extensions={definition: {"extension_type": "new-sdo"}},
    )
    node.put(extended, vessel)
    assert node.objects(id=f"{extended['id']},{vessel['id']}") == [extended, vessel]


def test_F5_a_marking_definition(node: Node) -> None:
    made = {
        "type": "marking-definition", "spec_version": "2.1", "id": f"marking-definition--{uuid.uuid4()}",
        "created": "2025-01-01T00:00:00.000Z", "definition_type": "statement", "definition": {"statement": "c"},
    }  # fmt: skip
    assert node.post(made)["successes"] == [{"id": made["id"], "version": made["created"]}]
    assert node.objects(id=made["id"]) == [made]
    (entry,) = node.everything(f"{node.collection('rw')}manifest/", **{"match[id]": made["id"]})
    assert entry["version"] == made["created"]


def test_F6_an_observable(node: Node) -> None:
    made = {"type": "ipv4-addr", "id": f"ipv4-addr--{uuid.uuid4()}", "value": "203.0.113.9"}
    node.put(made)
    node.put(made)
    assert node.objects(id=made["id"]) == [made]
    (entry,) = node.everything(f"{node.collection('rw')}manifest/", **{"match[id]": made["id"]})
    assert entry["version"] == entry["date_added"]
    assert node.post({**made, "value": "203.0.113.10"})["failure_count"] == 1


@pytest.mark.parametrize("end", ["", ".0", ".12", ".123", ".123456", ".123456789"])
def test_F7_fractions_of_a_second(node: Node, end: str) -> None:
    made = indicator(created="2025-01-01T00:00:00Z", modified=f"2025-01-01T00:00:00{end}Z")
    assert node.post(made)["successes"][0]["version"] == made["modified"]
    assert node.objects(id=made["id"], version=made["modified"]) == [made]


def test_F8_numbers(node: Node) -> None:
    made = indicator(x_a=2**53 - 1, x_b=1e-7, x_c=59.437222, x_d=-0.0, x_e=2**80)
    node.put(made)
    assert node.objects(id=made["id"]) == [made]


def test_F9_an_object_of_a_megabyte(node: Node) -> None:
    made = indicator(description="x" * (1 << 20))
    node.put(made)
    assert node.objects(id=made["id"]) == [made]


def test_G1_G4_G6_headers_of_pages(node: Node) -> None:
    for end in ("objects/", "manifest/"):
        answer = node.get(f"{node.collection('ro')}{end}")
        manifest = node.get(f"{node.collection('ro')}manifest/").json()["objects"]
        assert MICROSECONDS.fullmatch(answer.headers[FIRST])
        assert answer.headers[FIRST] == manifest[0]["date_added"]
        assert answer.headers[LAST] == manifest[-1]["date_added"]


def test_G2_headers_of_one_object(node: Node) -> None:
    id_ = f"indicator--{uuid.uuid4()}"
    node.put(*versions_of(id_, 3))
    added = node.everything(
        f"{node.collection('rw')}manifest/", **{"match[id]": id_, "match[version]": "all"}
    )
    for end, params in (("", {"version": "all"}), ("versions/", {})):
        answer = node.get(f"{node.collection('rw')}objects/{id_}/{end}", **params)
        assert answer.headers[FIRST] == added[0]["date_added"]
        assert answer.headers[LAST] == added[-1]["date_added"]


def test_G3_headers_of_a_single_object(node: Node) -> None:
    made = indicator()
    node.put(made)
    for end in ("objects/", "manifest/"):
        answer = node.get(f"{node.collection('rw')}{end}", id=made["id"])
        assert answer.headers[FIRST] == answer.headers[LAST]


def test_G5_entries_of_the_manifest(node: Node) -> None:
    types = node.get(node.collection("ro")).json()["media_types"]
    entries = node.get(f"{node.collection('ro')}manifest/").json()["objects"]
    assert len(entries) == 5
    for entry in entries:
        assert set(entry) == {"id", "date_added", "version", "media_type"}
        assert MICROSECONDS.fullmatch(entry["date_added"])
        assert entry["media_type"] in types


def test_G7_in_order_of_adding(node: Node) -> None:
    node.put(*(indicator(modified=f"2025-01-01T00:00:{59 - k}Z") for k in range(20)))
    entries = node.everything(f"{node.collection('rw')}manifest/")
    moments = [entry["date_added"] for entry in entries]
    assert moments == sorted(moments)
    assert len(set(moments)) == len(moments)
    objects = node.everything(f"{node.collection('rw')}objects/")
    assert [each["id"] for each in objects] == [entry["id"] for entry in entries]


def test_G8_nothing_fits(node: Node) -> None:
    for end in ("objects/", "manifest/"):
        answer = node.get(f"{node.collection('rw')}{end}", id=f"indicator--{uuid.uuid4()}")
        assert answer.status_code == 200
        assert answer.json() == {"more": False}
        assert FIRST not in answer.headers


def test_G9_the_form_of_a_page(node: Node) -> None:
    node.put(indicator(), indicator())
    said = node.get(f"{node.collection('rw')}objects/", limit=1).json()
    assert said["more"] is True
    assert isinstance(said["next"], str)
    assert {"id", "type"} <= set(said["objects"][0])


def test_dates_tell_nothing_of_what_lies_between(node: Node) -> None:
    """Steps between the moments of one request are of many sizes."""
    node.put(*(indicator(type="note", id=f"note--{uuid.uuid4()}") for _ in range(200)))
    time.sleep(0.01)
    entries = node.everything(f"{node.collection('rw')}manifest/", **{"match[type]": "note"})
    last = [int(entry["date_added"][-7:-1]) for entry in entries][-200:]
    assert len({(b - a) % 1_000_000 for a, b in pairwise(last)}) > 10
