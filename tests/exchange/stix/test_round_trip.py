"""What leaves comes back: findings, evidence, markings and cases, into things and into another store."""

import io
import json
import string
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.formats.made_up import AMBER, exercise, finding, things
from exchange.stix.conftest import Day
from watchkeeper.exchange.received import FILES, INDICATORS, RECEIVED, Provenance, bytes_of, drafts, kept_of
from watchkeeper.exchange.sought import ships_sought
from watchkeeper.exchange.stix.bundle import objects_of, write
from watchkeeper.exchange.stix.reading import read
from watchkeeper.exchange.stix.scope import stamp
from watchkeeper.exchange.things import Incoming, Marked, Things
from watchkeeper.gathering import things_of_store
from watchkeeper.model.event import Document, Query
from watchkeeper.model.finding import Evidence, Finding, Measured
from watchkeeper.model.marking import Marking
from watchkeeper.model.time import to_iso
from watchkeeper.projectors import projectors
from watchkeeper.store.folder import Store

AT = 1_800_000_000_000


def text_of(some: Things) -> bytes:
    out = io.BytesIO()
    write(some, out)
    return out.getvalue()


def bundle(*objects: dict[str, Any]) -> bytes:
    return json.dumps(
        {"type": "bundle", "id": "bundle--8b8ed1c1-f01d-4393-ac65-97017ed15876", "objects": objects}
    ).encode()


def there_and_back(some: Things) -> Incoming:
    incoming = read(text_of(some))
    assert incoming.refused == ()
    return incoming


TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
TIMES = st.integers(0, 4_000_000_000_000).map(to_iso)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
MEASURED = st.builds(
    Measured,
    name=TEXT,
    value=st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), NUMBERS, TEXT),
    unit=TEXT,
    comparison=st.sampled_from(["<", "<=", ">", ">=", "==", "!=", "is", ""]),
    threshold=st.one_of(st.none(), st.integers(-(2**53), 2**53), NUMBERS, TEXT),
)
EVIDENCE = st.builds(
    Evidence,
    source=TEXT,
    row=st.integers(0, 2**40),
    t=TIMES,
    shows=TEXT,
    raw=st.one_of(st.none(), TEXT),
)
FINDINGS = st.builds(
    Finding,
    id=st.uuids().map(str),
    behaviour=st.sampled_from(["ais-gap", "anchor-drag", "of-somebody-else"]),
    version=st.integers(1, 99),
    mmsi=st.integers(1, 999_999_999),
    other_mmsi=st.one_of(st.none(), st.integers(1, 999_999_999)),
    imo=st.one_of(st.none(), st.integers(0, 9_999_999)),
    name=st.one_of(st.none(), TEXT),
    start=TIMES,
    end=st.one_of(st.none(), TIMES),
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    asset=st.one_of(st.none(), TEXT),
    measured=st.lists(MEASURED, max_size=3).map(tuple),
    evidence=st.lists(EVIDENCE, max_size=3).map(tuple),
    confidence=st.sampled_from(["low", "medium", "high"]),
    confidence_reason=TEXT,
    realm=st.just("real"),
    summary=TEXT,
    trust=st.sampled_from(["trusted", "suspect", "unreliable"]),
    trust_reason=TEXT,
)


@given(FINDINGS)
@settings(max_examples=200)
def test_a_finding_comes_back_as_it_was(one: Finding) -> None:
    incoming = there_and_back(Things(findings=(one,), markings=Marked(default=AMBER), author="Coast Guard"))
    assert incoming.things.findings == (one,)
    assert incoming.things.markings.of[f"finding:{one.id}"] == msgspec.structs.replace(
        AMBER, originator="Coast Guard"
    )


@pytest.mark.parametrize("some", [things(), exercise()], ids=["real", "rehearsed"])
def test_everything_comes_back(some: Things) -> None:
    back = there_and_back(some).things
    for what in ("realm", "findings", "vessels", "assets", "alerts", "cases", "listings"):
        assert getattr(back, what) == getattr(some, what), what
    expected = msgspec.structs.replace(AMBER, realm=some.realm)
    assert set(back.markings.of.values()) == {expected}


def test_a_day_comes_back(day: Day) -> None:
    some = things_of_store(day.store, author="Coast Guard", markings=Marked(default=Marking(tlp="green")))
    back = there_and_back(some).things
    assert back.findings == some.findings
    assert back.cases == some.cases
    assert back.alerts == some.alerts
    assert back.assets == some.assets
    assert sorted(back.vessels, key=lambda v: v.mmsi) == list(some.vessels)
    assert any(one.raw for one in back.findings[0].evidence)


def test_evidence_that_was_withheld_is_not_there_and_the_finding_is() -> None:
    objects = [o for o in objects_of(things()) if o["type"] != "artifact"]
    incoming = read(bundle(*objects))
    assert len(incoming.things.findings) == 3
    assert all(one.raw is None for f in incoming.things.findings for one in f.evidence)
    without = [o for o in objects if o["type"] != "observed-data"]
    assert all(f.evidence == () for f in read(bundle(*without)).things.findings)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """The store of another watch."""
    Store.create(tmp_path / "other")
    return Store.open(tmp_path / "other", write=True, projectors=projectors())


def take(store: Store, data: bytes, sender: str = "Partner", at: int = AT) -> int:
    """Take a file in; how many events were new."""
    before = store.decisions.head()
    source = Provenance(sender=sender, format="stix", file="f.json", sha256=f"{hash(data):064x}")
    store.decisions.append(list(drafts(read(data), source, at=at, actor="user:anna")))
    return store.decisions.head() - before


def all_of(store: Store, collection: str, **query: Any) -> list[Document]:
    return list(store.decisions.documents(Query(collection=collection, limit=1000, **query)).items)


def test_it_arrives_in_another_store_apart_from_its_own_findings(store: Store) -> None:
    some = things()
    take(store, text_of(some))
    assert all_of(store, "findings") == []
    arrived = {d.body["record"]["id"]: d for d in all_of(store, RECEIVED, states=("finding",))}
    assert set(arrived) == {f.id for f in some.findings}
    for one in some.findings:
        document = arrived[one.id]
        assert msgspec.convert(document.body["record"], Finding) == one
        assert msgspec.convert(document.body["marking"], Marking) == AMBER
        assert document.mmsi == one.mmsi
        said = {k: document.body[k] for k in ("originator", "received_from", "received_at", "format")}
        assert said == {
            "originator": "Coast Guard", "received_from": "Partner", "received_at": AT, "format": "stix"
        }  # fmt: skip
    (case,) = all_of(store, RECEIVED, states=("case",))
    assert case.body["record"] == msgspec.to_builtins(some.cases[0]) | {
        "case": json.loads(msgspec.json.encode(some.cases[0].case))
    }
    assert store.decisions.verify() == []


def test_the_same_again_changes_nothing(store: Store) -> None:
    data = text_of(things())
    assert take(store, data) > 0
    assert take(store, data) == 0
    assert take(store, data, at=AT + 1) == 0


def changed(some: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return some | {"modified": stamp(AT)} | changes


def sighting() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    objects = objects_of(things())
    return objects, next(o for o in objects if o["type"] == "sighting")


def test_a_new_version_counts_and_an_old_one_does_not(store: Store) -> None:
    objects, told = sighting()
    others = [o for o in objects if o is not told]
    new = changed(told, description="told anew")
    take(store, bundle(*others, new))
    take(store, bundle(*others, told))
    documents = [d for d in all_of(store, RECEIVED) if d.body["object"] == told["id"]]
    assert [json.loads(bytes_of(d.body))["description"] for d in documents] == ["told anew"]
    assert documents[0].body["conflicts"] == 0


def test_one_version_with_other_bytes_is_a_conflict_and_the_first_stays(store: Store) -> None:
    objects, told = sighting()
    others = [o for o in objects if o is not told]
    take(store, bundle(*objects))
    take(store, bundle(*others, told | {"description": "another"}))
    (document,) = [d for d in all_of(store, RECEIVED) if d.body["object"] == told["id"]]
    assert json.loads(bytes_of(document.body)) == told
    assert document.body["conflicts"] == 1


def test_what_its_maker_takes_back_is_revoked(store: Store) -> None:
    objects, told = sighting()
    take(store, bundle(*objects))
    others = [o for o in objects if o is not told]
    take(store, bundle(*others, changed(told, revoked=True)))
    (document,) = [d for d in all_of(store, RECEIVED) if d.body["object"] == told["id"]]
    assert document.state == "revoked"


def test_two_makers_of_one_ship_do_not_overwrite_each_other(store: Store) -> None:
    take(store, text_of(things()))
    take(store, text_of(things(author="Another Coast Guard")), sender="Partner")
    makers = [d.body["originator"] for d in all_of(store, RECEIVED, states=("vessel",))]
    assert sorted(makers) == ["Another Coast Guard"] * 2 + ["Coast Guard"] * 2
    assert len({d.body["object"] for d in all_of(store, RECEIVED, states=("vessel",))}) == 2


def test_what_is_rehearsed_arrives_in_its_realm_only(store: Store) -> None:
    take(store, text_of(exercise("baltic-26")))
    assert not [d for d in all_of(store, RECEIVED) if d.state != "kept"]
    there = all_of(store, RECEIVED, realm="exercise:baltic-26", states=("finding",))
    assert len(there) == 3


def test_it_is_passed_on_byte_for_byte(store: Store) -> None:
    odd = b'{ "type":"x-thing","id":"x-thing--8b8ed1c1-f01d-4393-ac65-97017ed15876", "spec_version":"2.1",'
    odd += b'"created":"2020-01-01T00:00:00Z","modified":"2020-01-01T00:00:00.1Z", "z":1.50, "a":1e2, "\\u00e9":"\\/" }'
    take(
        store,
        b'{"type":"bundle","id":"bundle--8b8ed1c1-f01d-4393-ac65-97017ed15876","objects":[' + odd + b"]}",
    )
    kept = [kept_of(d) for d in all_of(store, RECEIVED)]
    assert [one.data for one in kept] == [odd]
    out = text_of(replace(things(), passed_on=tuple(kept)))
    assert odd in out
    assert [one.data for one in read(out).kept if one.id == kept[0].id] == [odd]


def test_indicators_are_kept_and_go_when_their_object_no_longer_says_them(store: Store) -> None:
    one = {
        "type": "indicator", "spec_version": "2.1", "id": "indicator--8b8ed1c1-f01d-4393-ac65-97017ed15876",
        "created": stamp(0), "modified": stamp(0), "pattern_type": "stix", "valid_from": stamp(0),
        "pattern": "[ipv4-addr:value = '198.51.100.1' OR domain-name:value = 'example.org']",
    }  # fmt: skip
    take(store, bundle(one))
    assert {(d.body["kind"], d.body["value"], d.state) for d in all_of(store, INDICATORS)} == {
        ("ipv4", "198.51.100.1", "active"), ("domain", "example.org", "active")
    }  # fmt: skip
    take(store, bundle(changed(one, pattern="[domain-name:value = 'example.org']")))
    assert {(d.body["kind"], d.state) for d in all_of(store, INDICATORS)} == {
        ("ipv4", "gone"), ("domain", "active")
    }  # fmt: skip
    take(store, bundle(one | {"modified": stamp(AT + 1), "revoked": True}))
    assert {d.body["kind"] for d in all_of(store, INDICATORS, states=("revoked",))} == {"ipv4", "domain"}


def test_ships_of_the_store_are_matched_by_number(day: Day) -> None:
    some = things_of_store(day.store)
    imos = read(text_of(replace(some, findings=(), alerts=(), cases=()))).indicators
    with Store.open(day.store, write=False) as store:
        found = ships_sought(store, imos)
        assert {v.mmsi for v in some.vessels} <= found
        assert ships_sought(store, [i for i in imos if i.kind == "imo"][:1])
        stranger = read(text_of(things())).indicators
        assert ships_sought(store, stranger) == set()


def test_what_was_refused_is_kept_with_its_reason(store: Store) -> None:
    objects, _ = sighting()
    take(store, bundle(*objects, {"type": "sighting", "id": "nonsense"}))
    (file,) = all_of(store, FILES)
    assert file.state == "refused in part"
    assert file.body["refused"] == 1
    assert "id is missing" in file.body["refused_parts"][0]["reason"]
    assert len(all_of(store, RECEIVED, states=("finding",))) == 3


def test_documents_can_be_made_again(store: Store) -> None:
    take(store, text_of(things()))
    before = all_of(store, RECEIVED) + all_of(store, INDICATORS)
    store.decisions.rebuild()
    assert all_of(store, RECEIVED) + all_of(store, INDICATORS) == before


def test_names_with_strange_signs_can_be_kept(store: Store) -> None:
    strange = "\x00\u202e" + string.printable
    some = things(findings=(finding(1, name=strange, summary=strange),), author=strange)
    take(store, text_of(some))
    (document,) = all_of(store, RECEIVED, states=("finding",))
    assert document.body["record"]["name"] == strange
