"""The standard, row by row: K to Z, other people's client, other people's rights, other people's rubbish."""

import ast
import json
import re
import threading
import uuid
from pathlib import Path

import pytest
from taxii2client.v21 import ApiRoot, Collection, Server, as_pages

from exchange.taxii.node import MEDIA, Node, indicator, versions_of

COUNT = {
    "A": 8,
    "B": 5,
    "C": 11,
    "D": 7,
    "E": 12,
    "F": 9,
    "G": 9,
    "H": 9,
    "I": 15,
    "J": 7,
    "K": 5,
    "L": 1,
    "Y": 5,
    "Z": 2,
}
ROWS = {f"{part}{k}" for part, count in COUNT.items() for k in range(1, count + 1)}


def test_every_row_is_walked() -> None:
    walked: set[str] = set()
    for file in Path(__file__).parent.glob("test_standard_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                walked |= set(re.findall(r"(?<=_)[A-Z]\d+(?=_)", node.name))
    assert walked == ROWS


@pytest.fixture
def collection(node: Node) -> Collection:
    """The read-write collection, through taxii2-client."""
    account = node.account(0)
    return Collection(node.collection("rw"), user=account["user"], password=account["password"])


def test_K1_from_the_server_to_its_collections(node: Node) -> None:
    account = node.account(0)
    server = Server(node.discovery, user=account["user"], password=account["password"])
    assert server.title == "watchkeeper"
    (root,) = server.api_roots
    assert isinstance(root, ApiRoot)
    assert server.default is root
    assert MEDIA in root.versions
    assert {each.title for each in root.collections} == {
        "Demo: read and write", "Demo: read only (simulated)", "Demo: write only", "Demo: of Demo North alone",
    }  # fmt: skip


def test_K2_objects_are_added(collection: Collection) -> None:
    status = collection.add_objects({"objects": [indicator(), indicator()]})
    assert status.status == "complete"
    assert (status.success_count, status.failure_count, status.pending_count) == (2, 0, 0)


@pytest.mark.parametrize("what", ["get_objects", "get_manifest"])
@pytest.mark.parametrize("per_request", [0, 3])
def test_K3_K4_all_pages(node: Node, collection: Collection, what: str, per_request: int) -> None:
    kind = f"x-{uuid.uuid4().hex[:12]}"
    made = [indicator(type=kind, id=f"{kind}--{uuid.uuid4()}") for _ in range(10)]
    node.put(*made)
    found: list[str] = []
    for count, envelope in enumerate(as_pages(getattr(collection, what), per_request=per_request, type=kind)):
        assert count < 20
        found += [each["id"] for each in envelope.get("objects", [])]
    assert found == [each["id"] for each in made]


def test_K5_one_object(node: Node, collection: Collection) -> None:
    id_ = f"indicator--{uuid.uuid4()}"
    made = versions_of(id_, 2)
    node.put(*made)
    assert collection.get_object(id_)["objects"] == [made[1]]
    assert collection.object_versions(id_)["versions"] == [each["modified"] for each in made]
    collection.delete_object(id_)
    assert node.get(f"{node.collection('rw')}objects/{id_}/").status_code == 404


def test_L1_another_account(node: Node) -> None:
    made = indicator()
    node.put(made, alias="private")
    listed = node.ask("GET", f"{node.root}collections/", who=1).json()["collections"]
    assert [each["alias"] for each in listed] == ["rw", "ro", "wo"]
    for name in ("private", node.made["collections"]["private"]):
        for end in ("", "objects/", "manifest/", f"objects/{made['id']}/", f"objects/{made['id']}/versions/"):
            hidden = node.ask("GET", f"{node.root}collections/{name}/{end}", who=1)
            absent = node.ask("GET", f"{node.root}collections/{uuid.uuid4()}/{end}", who=1)
            assert hidden.status_code == absent.status_code == 404
            without_id = re.compile(rb'"error_id":"[^"]+"')
            assert without_id.sub(b"", hidden.content) == without_id.sub(b"", absent.content)
        for method in ("POST", "DELETE", "PUT"):
            answer = node.ask(method, f"{node.root}collections/{name}/objects/{made['id']}/", who=1)
            assert answer.status_code in (404, 405)
        assert (
            node.ask("POST", f"{node.root}collections/{name}/objects/", who=1, content=b"{}").status_code
            == 404
        )


BROKEN = {
    "unfinished": b"[[[[[[[[[[[[[[", "no text": b"\xff\xfe\x00", "empty": b"", "cut": b'{"objects": [{"id": "x',
    "deep": b'{"objects":[' + b"[" * 100_000 + b"]" * 100_000 + b"]}", "two": b'{"objects":[{}]} {}',
    "no number": b'{"objects":[NaN]}', "mark": b'\xef\xbb\xbf{"objects":[{}]}', "trailing": b'{"objects":[{},]}',
    "twice": b'{"objects":[{}],"objects":[{}]}', "null": b"\0",
}  # fmt: skip
NO_ENVELOPE = {
    "list": b"[]", "text": b'"x"', "number": b"3", "null": b"null", "nothing": b"{}", "bundle": b'{"type":"bundle"}',
    "objects": b'{"objects":{}}', "empty": b'{"objects":[]}', "word": b'{"objects":"x"}',
}  # fmt: skip


@pytest.mark.parametrize("body", [*BROKEN.values(), *NO_ENVELOPE.values()], ids=[*BROKEN, *NO_ENVELOPE])
def test_Y1_Y2_bodies_that_are_none(node: Node, body: bytes) -> None:
    answer = node.ask("POST", f"{node.collection('rw')}objects/", content=body)
    assert answer.status_code == 400


def test_Y3_Y4_bad_objects_among_good_ones(node: Node) -> None:
    good = [indicator(), indicator()]
    bad: list[object] = [
        1, "x", None, [], {}, indicator(id=None), indicator(type=None), indicator(id=7), indicator(type=["x"]),
        indicator(id="indicator--1"), indicator(id=f"malware--{uuid.uuid4()}"), indicator(created=None),
        indicator(modified=None), indicator(modified="yesterday"), indicator(modified=5), indicator(spec_version="9"),
        indicator(modified="2024-01-01T00:00:00Z"), indicator(created_by_ref="x"), indicator(object_marking_refs="x"),
        indicator(object_marking_refs=["x"]), indicator(id=f"\u0456ndicator--{uuid.uuid4()}", type="\u0456ndicator"),
        indicator(id=f"Indicator--{uuid.uuid4()}", type="Indicator"), indicator(id=f" indicator--{uuid.uuid4()}"),
        {"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": []},
        indicator(modified="2025-02-30T00:00:00Z"), indicator(created="0000-01-01T00:00:00Z"),
    ]  # fmt: skip
    deep: object = 1
    for _ in range(100):
        deep = [deep]
    bad += [
        indicator(x_deep=deep),
        {"type": "marking-definition", "id": f"marking-definition--{uuid.uuid4()}"},
    ]
    status = node.post(good[0], *bad, good[1])
    assert status["success_count"] == 2, status["successes"]
    assert status["failure_count"] == len(bad)
    for failure in status["failures"]:
        assert isinstance(failure["id"], str)
        assert isinstance(failure["version"], str)
        assert failure["message"]
    assert node.objects(id=",".join(each["id"] for each in good)) == good


def test_Y4_what_cannot_be_seen_in_parsed_objects(node: Node) -> None:
    id_ = f"indicator--{uuid.uuid4()}"
    whole = json.dumps(indicator(id=id_))
    said = ('"name": "twice"', '"x": {"a": 1, "a": 2}', '"x": ' + "9" * 5000, '"x": 1e999')
    bad = [f"{whole[:-1]}, {each}}}" for each in said]
    answer = node.ask(
        "POST", f"{node.collection('rw')}objects/", content=f'{{"objects":[{",".join(bad)}]}}'.encode()
    )
    assert answer.json()["failure_count"] == len(bad)
    assert node.objects(id=id_) == []


def test_Y5_nothing_is_poisoned(node: Node) -> None:
    for body in (*BROKEN.values(), *NO_ENVELOPE.values()):
        node.ask("POST", f"{node.collection('rw')}objects/", content=body)
    made = indicator()
    node.put(made)
    assert node.everything(f"{node.collection('rw')}objects/")
    assert node.everything(f"{node.collection('rw')}manifest/", version="all", spec_version="2.0,2.1")
    assert node.ask("DELETE", f"{node.collection('rw')}objects/{made['id']}/").status_code == 200


def test_Z1_errors_are_errors_of_taxii(node: Node) -> None:
    asked = [
        (400, node.get(f"{node.collection('rw')}objects/", limit=0)),
        (401, node.ask("GET", node.root, who=None)),
        (403, node.ask("POST", f"{node.collection('ro')}objects/", json={})),
        (404, node.get(f"{node.discovery}none/")),
        (404, node.get(f"{node.discovery}demo/collections/rw/objects/a/b/c/d/e/")),
        (405, node.ask("PUT", node.root)),
        (406, node.ask("GET", node.root, headers={"Accept": "text/html"})),
        (413, node.ask("POST", f"{node.collection('rw')}objects/", content=b" " * ((10 << 20) + 1))),
        (415, node.ask("POST", f"{node.collection('rw')}objects/", headers={"Content-Type": "text/plain"})),
    ]
    for status, answer in asked:
        assert answer.status_code == status
    for method, path, status, kind, body in node.answers:
        if status >= 400 and not body[:0]:
            assert kind == MEDIA, (method, path, status)
            said = json.loads(body)
            assert isinstance(said["title"], str)
            assert said["http_status"] == str(status)


def test_Z1_too_many_requests(node: Node) -> None:
    """One user's programs cannot take the whole server."""
    found: list[int] = []

    def ask() -> None:
        for _ in range(400):
            answer = node.ask("GET", node.discovery, who=1)
            found.append(answer.status_code)
            if answer.status_code == 429:
                assert answer.headers["retry-after"]
                assert answer.json()["http_status"] == "429"
                return

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) <= {200, 429}


def test_Z2_no_fault_in_the_whole_run(node: Node) -> None:
    assert len(node.answers) > 300
    assert not [each for each in node.answers if each[2] >= 500]
