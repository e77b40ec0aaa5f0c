"""The standard, row by row: H to J, pages, filters, one object, deleting."""

import threading
import uuid
from typing import Any

import pytest

from exchange.taxii.node import LAST, Node, indicator, versions_of


@pytest.fixture
def kind(node: Node) -> str:
    """A type of which nothing is there but seven objects of this test."""
    made = f"x-{uuid.uuid4().hex[:12]}"
    node.put(*(some(made) for _ in range(7)))
    return made


def some(kind: str, **said: Any) -> dict[str, Any]:
    return indicator(type=kind, id=f"{kind}--{uuid.uuid4()}", **said)


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [each["id"] for each in found]


@pytest.mark.parametrize("limit", [1, 2, 5, 7, 8])
@pytest.mark.parametrize("end", ["objects/", "manifest/"])
def test_H1_H2_H3_every_object_once(node: Node, kind: str, end: str, limit: int) -> None:
    address = f"{node.collection('rw')}{end}"
    whole = ids(node.everything(address, type=kind))
    assert len(whole) == 7
    found: list[str] = []
    pages = list(node.pages(address, type=kind, limit=limit))
    for answer in pages:
        page = ids(answer.json()["objects"])
        assert len(page) <= limit
        found += page
    assert found == whole
    assert len(pages) == -(-7 // limit)


@pytest.mark.parametrize("end", ["objects/", "manifest/"])
def test_H2_H3_by_the_moment_of_adding(node: Node, kind: str, end: str) -> None:
    address = f"{node.collection('rw')}{end}"
    found: list[str] = []
    after: dict[str, Any] = {}
    for _ in range(10):
        answer = node.get(address, type=kind, limit=2, **after)
        found += ids(answer.json().get("objects", []))
        if not answer.json()["more"]:
            break
        after = {"added_after": answer.headers[LAST]}
    assert found == ids(node.everything(address, type=kind))


def test_H2_by_both_at_once(node: Node, kind: str) -> None:
    address = f"{node.collection('rw')}objects/"
    first = node.get(address, type=kind, limit=3)
    rest = node.get(address, type=kind, next=first.json()["next"], added_after=first.headers[LAST])
    assert ids(first.json()["objects"]) + ids(rest.json()["objects"]) == ids(node.objects(type=kind))


def test_H4_versions_and_one_object(node: Node) -> None:
    id_ = f"indicator--{uuid.uuid4()}"
    made = versions_of(id_, 5)
    node.put(*made)
    one = f"{node.collection('rw')}objects/{id_}/"
    assert node.everything(one, version="all", limit=2) == made
    assert node.everything(f"{one}versions/", "versions", limit=2) == [each["modified"] for each in made]


def test_H5_the_same_page_again(node: Node, kind: str) -> None:
    address = f"{node.collection('rw')}objects/"
    next_ = node.get(address, type=kind, limit=3).json()["next"]
    said = {node.get(address, type=kind, limit=3, next=next_).text for _ in range(3)}
    assert len(said) == 1


def test_H6_H7_while_others_add_and_delete(node: Node, kind: str) -> None:
    address = f"{node.collection('rw')}objects/"
    before = ids(node.objects(type=kind))
    found: list[str] = []
    for k, answer in enumerate(node.pages(address, type=kind, limit=2)):
        found += ids(answer.json().get("objects", []))
        if k < 3:
            node.put(some(kind))
        if k == 0:
            assert node.ask("DELETE", f"{address}{before[0]}/").status_code == 200
            assert node.ask("DELETE", f"{address}{before[3]}/").status_code == 200
    assert found[:2] == before[:2]
    assert [id_ for id_ in before if id_ != before[3]] == [id_ for id_ in found if id_ in before]
    assert len(found) == len(set(found)) == 6 + 3


@pytest.mark.parametrize("damaged", ["", "x", "A" * 32, "%00", "\N{SHIP}", "a" * 3000])
def test_H8_a_next_that_is_none(node: Node, kind: str, damaged: str) -> None:
    assert node.get(f"{node.collection('rw')}objects/", next=damaged).status_code == 400


def test_H8_a_next_of_another_question(node: Node, kind: str) -> None:
    next_ = node.get(f"{node.collection('rw')}objects/", type=kind, limit=1).json()["next"]
    for end, params in (
        ("rw", {"type": "indicator"}), ("rw", {}), ("ro", {"type": kind}), ("rw", {"type": kind, "version": "all"}),
    ):  # fmt: skip
        assert node.get(f"{node.collection(end)}objects/", next=next_, **params).status_code == 400
    assert node.get(f"{node.collection('rw')}manifest/", next=next_, type=kind).status_code == 400
    for k in (0, 9, -1):
        changed = list(next_)
        changed[k] = "A" if changed[k] != "A" else "B"
        answer = node.get(f"{node.collection('rw')}objects/", next="".join(changed), type=kind)
        assert answer.status_code == 400


@pytest.mark.parametrize("limit", ["0", "-1", "x", "", "1.5", "\u0661", "9" * 30, "0x10", "+1"])
def test_H9_a_limit_that_is_none(node: Node, limit: str) -> None:
    for end in ("objects/", "manifest/"):
        assert node.get(f"{node.collection('rw')}{end}", limit=limit).status_code == 400


def test_H9_a_limit_beyond_ours(node: Node, kind: str) -> None:
    assert len(node.objects(type=kind, limit=10**9)) == 7


@pytest.mark.parametrize("end", ["objects/", "manifest/"])
def test_I1_I2_ids_and_types(node: Node, kind: str, end: str) -> None:
    address = f"{node.collection('rw')}{end}"
    a, b = ids(node.objects(type=kind))[:2]
    other = some(f"{kind}-b")
    node.put(other)

    def asked(**params: str) -> list[str]:
        return ids(node.everything(address, **params))

    assert asked(id=a) == [a]
    assert asked(id=f"{b},{a}") == [a, b]
    assert asked(id=f"{a}, nonsense") == [a]
    assert len(asked(type=f"{kind},{kind}-b")) == 8
    assert asked(type=kind, id=f"{a},{other['id']}") == [a]
    assert asked(type=f"{kind}-b", id=a) == []


def test_I3_I4_versions(node: Node) -> None:
    id_ = f"indicator--{uuid.uuid4()}"
    made = versions_of(id_, 4)
    node.put(made[2], made[0])
    node.put(made[3], made[1])
    as_added = [made[2], made[0], made[3], made[1]]
    addresses = [
        (f"{node.collection('rw')}objects/", {"id": id_}, lambda each: each),
        (f"{node.collection('rw')}objects/{id_}/", {}, lambda each: each),
        (f"{node.collection('rw')}manifest/", {"id": id_}, lambda each: each["version"]),
    ]
    cases = {
        None: [made[3]], "last": [made[3]], "first": [made[0]], "first,last": [made[0], made[3]], "all": as_added,
        made[1]["modified"]: [made[1]], f"{made[1]['modified']},last": [made[3], made[1]],
        "2020-01-01T00:00:00Z": [],
    }  # fmt: skip
    for address, more, as_said in addresses:
        for version, expected in cases.items():
            params = more | ({} if version is None else {"version": version})
            shown = expected if "manifest" not in address else [each["modified"] for each in expected]
            assert [as_said(each) for each in node.everything(address, **params)] == shown, (address, version)
    assert node.get(addresses[0][0], version="all,last").status_code == 400


def test_I5_I6_versions_of_stix(node: Node) -> None:
    old = indicator(spec_version=None, modified="2025-06-01T00:00:00.000Z")
    new = indicator(id=old["id"])
    node.put(old)
    assert node.objects(id=old["id"]) == [old]
    node.put(new)
    for address in (f"{node.collection('rw')}objects/", f"{node.collection('rw')}objects/{old['id']}/"):
        more = {"id": old["id"]}
        assert node.everything(address, **more) == [new]
        assert node.everything(address, **more, version="all") == [new]
        assert node.everything(address, **more, spec_version="2.0") == [old]
        assert node.everything(address, **more, spec_version="2.1") == [new]
        assert node.everything(address, **more, spec_version="2.0,2.1") == [old, new]
        assert node.everything(address, **more, spec_version="1.0") == []
    media = {
        entry["media_type"]
        for entry in node.everything(f"{node.collection('rw')}manifest/", id=old["id"], spec_version="2.0")
    }
    assert media == {"application/stix+json;version=2.0"}


def test_I7_I11_after_a_moment(node: Node, kind: str) -> None:
    address = f"{node.collection('rw')}objects/"
    whole = node.get(address, type=kind)
    last = whole.headers[LAST]
    assert node.get(address, type=kind, added_after=last).json() == {"more": False}
    entries = node.everything(f"{node.collection('rw')}manifest/", type=kind)
    assert ids(node.objects(type=kind, added_after=entries[2]["date_added"])) == ids(entries[3:])
    new = some(kind, created="2001-01-01T00:00:00Z", modified="2001-01-01T00:00:00Z")
    node.put(new)
    assert node.objects(type=kind, added_after=last) == [new]


def test_I8_in_the_future(node: Node) -> None:
    for moment in ("2999-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"):
        assert node.get(f"{node.collection('rw')}objects/", added_after=moment).json() == {"more": False}


@pytest.mark.parametrize(
    "moment", ["2001-01-01T00:00:00Z", "2001-01-01T00:00:00.000Z", "0001-01-01T00:00:00Z"]
)
def test_I9_fewer_digits(node: Node, kind: str, moment: str) -> None:
    assert len(node.objects(type=kind, added_after=moment)) == 7


@pytest.mark.parametrize(
    "moment", ["yesterday", "", "2025-01-01", "2025-13-01T00:00:00Z", "2025-01-01T00:00:00", "2025-01-01T25:00:00Z",
               "2025-01-01T00:00:00+00:00", "\u0662025-01-01T00:00:00Z"],
)  # fmt: skip
def test_I10_moments_that_are_none(node: Node, moment: str) -> None:
    for end in ("objects/", "manifest/"):
        for name in ("added_after", "version"):
            assert node.get(f"{node.collection('rw')}{end}", **{name: moment}).status_code == 400


def test_I10_filters_that_are_none(node: Node) -> None:
    address = f"{node.collection('rw')}objects/"
    for query in ("match[id]=", "match[type]=a,,b", "match[colour]=red", "match[type]=a&match[type]=b",
                  "limit=1&limit=2", "&".join(f"a{k}=1" for k in range(100))):  # fmt: skip
        assert node.ask("GET", f"{address}?{query}").status_code == 400, query
    assert node.ask("GET", f"{address}?colour=red").status_code == 200


def test_I12_a_new_version_is_news(node: Node, kind: str) -> None:
    address = f"{node.collection('rw')}objects/"
    old = node.objects(type=kind)[0]
    last = node.get(address, type=kind).headers[LAST]
    new = {**old, "modified": "2025-09-09T00:00:00.000Z", "name": "news"}
    node.put(new)
    assert node.objects(type=kind, added_after=last) == [new]
    assert len(node.objects(type=kind)) == 7


def test_I13_a_poller_misses_nothing(node: Node) -> None:
    kind = f"x-{uuid.uuid4().hex[:12]}"
    posted: set[str] = set()
    guard = threading.Lock()

    def write(who: int) -> None:
        for _ in range(15):
            made = [some(kind) for _ in range(4)]
            node.put(*made, who=who)
            with guard:
                posted.update(ids(made))

    writers = [threading.Thread(target=write, args=(k % 2,)) for k in range(4)]
    node.client(1)
    for writer in writers:
        writer.start()
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        alive = any(writer.is_alive() for writer in writers)
        answer = node.get(f"{node.collection('rw')}objects/", type=kind, limit=3, **after)
        page = ids(answer.json().get("objects", []))
        found += page
        if page:
            after = {"added_after": answer.headers[LAST]}
        elif not alive:
            break
    assert len(found) == len(set(found))
    assert set(found) == posted
    assert len(posted) == 240


def test_I14_versions_of_an_object(node: Node) -> None:
    id_ = f"indicator--{uuid.uuid4()}"
    made = versions_of(id_, 3)
    node.put(*made)
    one = f"{node.collection('rw')}objects/{id_}/versions/"
    assert node.everything(one, "versions") == [each["modified"] for each in made]
    entries = node.everything(f"{node.collection('rw')}manifest/", id=id_, version="all")
    assert [entry["version"] for entry in entries] == [each["modified"] for each in made]


def test_I15_all_filters_hold(node: Node, kind: str) -> None:
    entries = node.everything(f"{node.collection('rw')}manifest/", type=kind)
    half = entries[3]["date_added"]
    a, b = entries[0]["id"], entries[5]["id"]
    assert ids(node.objects(id=f"{a},{b}", added_after=half)) == [b]
    assert len(node.objects(type=kind, added_after=half)) == 3
    assert node.objects(type="indicator", id=b, added_after=half) == []
    assert node.objects(spec_version="2.0", id=b, added_after=half) == []
    assert ids(node.objects(version="all", id=f"{a},{b}", added_after=half)) == [b]


def test_J1_one_object(node: Node) -> None:
    id_ = f"indicator--{uuid.uuid4()}"
    made = versions_of(id_, 2)
    node.put(*made)
    assert node.get(f"{node.collection('rw')}objects/{id_}/").json()["objects"] == [made[1]]


def test_J2_an_unknown_object(node: Node) -> None:
    one = f"{node.collection('rw')}objects/indicator--{uuid.uuid4()}/"
    assert node.get(one).status_code == 404
    assert node.get(f"{one}versions/").status_code == 404
    assert node.ask("DELETE", one).status_code == 404


def test_J3_J4_J6_deleting(node: Node) -> None:
    id_ = f"indicator--{uuid.uuid4()}"
    made = versions_of(id_, 4)
    node.put(*made)
    one = f"{node.collection('rw')}objects/{id_}/"
    gone = {"match[version]": made[1]["modified"]}
    assert node.ask("DELETE", one, params=gone).status_code == 200
    assert node.everything(one, version="all") == [made[0], made[2], made[3]]
    assert node.ask("DELETE", one, params={"match[version]": "last"}).status_code == 200
    assert node.objects(id=id_) == [made[2]]
    assert node.ask("DELETE", one, params={"match[version]": "first"}).status_code == 200
    assert node.everything(one, version="all") == [made[2]]
    assert node.ask("DELETE", one).status_code == 200
    for address in (one, f"{one}versions/"):
        assert node.get(address).status_code == 404
    assert node.objects(id=id_, version="all") == []
    assert node.everything(f"{node.collection('rw')}manifest/", id=id_, version="all") == []
    last = node.get(f"{node.collection('rw')}objects/", type="indicator", limit=1000).headers[LAST]
    node.put(made[0])
    assert node.objects(id=id_, added_after=last) == [made[0]]


def test_J4_what_stix_2_0_left(node: Node) -> None:
    old = indicator(spec_version=None)
    new = indicator(id=old["id"], modified="2025-06-01T00:00:00.000Z")
    node.put(old, new)
    one = f"{node.collection('rw')}objects/{old['id']}/"
    assert node.ask("DELETE", one, params={"match[spec_version]": "2.1"}).status_code == 200
    assert node.objects(id=old["id"]) == [old]


def test_J5_deleting_without_the_right(node: Node) -> None:
    (first, *_) = node.objects("ro")
    assert node.ask("DELETE", f"{node.collection('ro')}objects/{first['id']}/").status_code == 403
    mine = indicator()
    node.put(mine)
    assert node.ask("DELETE", f"{node.collection('rw')}objects/{mine['id']}/", who=1).status_code == 403
    assert node.objects(id=mine["id"]) == [mine]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST", "OPTIONS", "TRACE"])
def test_J7_a_wrong_method(node: Node, method: str) -> None:
    answer = node.ask(method, f"{node.root}collections/")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    answer = node.ask("PUT", f"{node.collection('rw')}objects/")
    assert answer.headers["allow"] == "GET, POST"
