"""Bundles of others, and of those who mean harm: nothing breaks, nothing passes for what it is not."""

import base64
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.formats.made_up import exercise, things
from watchkeeper.errors import InputError, LimitError
from watchkeeper.exchange.stix.bundle import objects_of
from watchkeeper.exchange.stix.case import CASE
from watchkeeper.exchange.stix.evidence import EVIDENCE
from watchkeeper.exchange.stix.finding import FINDING
from watchkeeper.exchange.stix.reading import read, recognises
from watchkeeper.exchange.stix.vessel import VESSEL
from watchkeeper.exchange.untrusted import MOST_BYTES

UUID = "8b8ed1c1-f01d-4393-ac65-97017ed15876"
Objects = list[dict[str, Any]]
OURS = objects_of(things())


def bundle(objects: Objects | str) -> bytes:
    listed = objects if isinstance(objects, str) else json.dumps(objects)
    return f'{{"type":"bundle","id":"bundle--{UUID}","objects":{listed}}}'.encode()


def one(type: str, extension: str) -> dict[str, Any]:
    """A copy of the first of our objects of a type that has an extension."""
    return copy.deepcopy(next(o for o in OURS if o["type"] == type and extension in o.get("extensions", {})))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no bundle"),
        (b"not json", "no bundle"),
        (b'"text"', "no bundle"),
        (b'{"type":"bundle","objects":{}}', "no bundle"),
        (b'{"type":"bundle","type":"bundle","objects":[1]}', "twice"),
        (b'{"objects":[1],"more":NaN}', "no bundle"),
        (b'\xff\xfe{"objects":[]}', "no bundle"),
        (b"[" * 200_000, "no bundle"),
        (b'{"objects":' + b"[" * 200_000, "no bundle"),
    ],
)
def test_what_is_no_bundle_is_refused_as_a_whole(data: bytes, why: str) -> None:
    with pytest.raises(InputError, match=why) as error:
        read(data)
    assert error.value.next_step


def test_a_bundle_that_is_too_large_is_refused() -> None:
    with pytest.raises(LimitError, match="64 MiB"):
        read(b" " * (MOST_BYTES + 1))


@pytest.mark.parametrize("data", [bundle([]), f'{{"type":"bundle","id":"bundle--{UUID}"}}'.encode(), b"[]"])
def test_an_empty_bundle_holds_nothing(data: bytes) -> None:
    incoming = read(data)
    assert (incoming.kept, incoming.refused) == ((), ())


GOOD = {"type": "x-good", "id": f"x-good--{UUID}", "created": "2020-01-01T00:00:00Z", "spec_version": "2.1"}
BAD = [
    "17",
    "null",
    "[]",
    '{"type":"x-a"}',
    '{"type":"x-a","id":"x-a--1"}',
    f'{{"type":"x-a","id":"x-b--{UUID}"}}',
    f'{{"type":"X A","id":"X A--{UUID}"}}',
    f'{{"type":"x-a","id":"x-a--{UUID}","a":1,"a":2}}',
    f'{{"type":"x-a","id":"x-a--{UUID}","deep":{"[" * 100}{"]" * 100}}}',
    f'{{"type":"x-a","id":"x-a--{UUID}","created":"yesterday","modified":"2020-01-01T00:00:00Z"}}',
    f'{{"type":"x-a","id":"x-a--{UUID}","half":"\\ud800"}}',
    f'{{"type":"x-a","id":"x-a--{UUID}","number":NaN}}',
    f'{{"type":"bundle","id":"bundle--{UUID}","objects":[]}}',
    f'{{"type":"x-a","id":"x-a--{UUID}","created":"2020-01-01T00:00:00Z","labels":["exercise:a b"]}}',
    f'{{"type":"x-a","id":"x-a--{UUID}","created":"2020-01-01T00:00:00Z","labels":["exercise:\\u0000"]}}',
]


@pytest.mark.parametrize("bad", BAD)
def test_one_bad_object_spoils_no_other(bad: str) -> None:
    """Some are no JSON of msgspec either, and then the bundle as a whole is none; never anything else."""
    try:
        incoming = read(bundle(f"[{json.dumps(GOOD)},{bad},{json.dumps(GOOD | {'x': 1})}]"))
    except InputError:
        assert "NaN" in bad or "ud800" in bad
        return
    assert len(incoming.kept) == 2
    (refused,) = incoming.refused
    assert refused.reason


Change = Callable[[dict[str, Any]], object]


def says(object: dict[str, Any], extension: str) -> dict[str, Any]:
    found: dict[str, Any] = object["extensions"][extension]
    return found


FORGED: list[tuple[str, str, str, Change]] = [
    ("another's id", "sighting", FINDING, lambda o: says(o, FINDING).update(finding_id="x")),
    ("a real one from an exercise", "sighting", FINDING, lambda o: o.update(labels=["exercise:x"])),
    ("an exercise without a label", "sighting", FINDING, lambda o: says(o, FINDING).update(realm="exercise:x")),
    ("no place", "sighting", FINDING, lambda o: says(o, FINDING).pop("lat")),
    ("a place off the earth", "sighting", FINDING, lambda o: says(o, FINDING).update(lat=91.0)),
    ("a text for a number", "sighting", FINDING, lambda o: says(o, FINDING).update(mmsi="1")),
    ("a number that is too large", "sighting", FINDING, lambda o: says(o, FINDING).update(version=10**40)),
    ("no time", "sighting", FINDING, lambda o: says(o, FINDING).update(start="noon")),
    ("a time beyond all", "sighting", FINDING, lambda o: says(o, FINDING).update(end="9999-99-99T00:00:00Z")),
    ("a list for an extension", "sighting", FINDING, lambda o: o["extensions"].update({FINDING: []})),
    ("measured as text", "sighting", FINDING, lambda o: says(o, FINDING).update(measured="much")),
    ("another ship's number", "infrastructure", VESSEL, lambda o: says(o, VESSEL).update(imo=9_000_001)),
    ("no list of numbers", "infrastructure", VESSEL, lambda o: says(o, VESSEL).update(mmsi=7)),
    ("a case without record", "incident", CASE, lambda o: says(o, CASE).pop("record")),
    ("a case of another kind", "incident", CASE, lambda o: says(o, CASE).update(kind="verdict", case_id="x")),
]  # fmt: skip


@pytest.mark.parametrize(("type", "extension", "change"), [f[1:] for f in FORGED], ids=[f[0] for f in FORGED])
def test_what_says_it_is_ours_and_is_not_is_kept_and_refused_as_ours(
    type: str, extension: str, change: Change
) -> None:
    forged = one(type, extension)
    change(forged)
    incoming = read(bundle([forged]))
    assert len(incoming.kept) == 1
    assert incoming.kept[0].thing == ""
    assert json.loads(incoming.kept[0].data) == forged
    assert "is not" in incoming.refused[0].reason
    taken = incoming.things
    assert (taken.findings, taken.vessels, taken.cases) == ((), (), ())


def test_numbers_beyond_all_are_refused() -> None:
    text = json.dumps([one("sighting", FINDING)]).replace('"lat": 59.437222', '"lat": 1e999')
    assert "1e999" in text
    try:
        incoming = read(bundle(text))
    except InputError:
        return
    assert not incoming.things.findings


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.update(payload_bin=base64.b64encode(b"other\n").decode()),
        lambda a: a.update(payload_bin="***"),
        lambda a: a.pop("hashes"),
        lambda a: a.pop("payload_bin"),
        lambda a: a.update(hashes=[]),
    ],
)
def test_lines_that_are_not_those_of_their_hash_are_no_evidence(change: Change) -> None:
    objects = copy.deepcopy(OURS)
    for artifact in (o for o in objects if o["type"] == "artifact"):
        change(artifact)
    incoming = read(bundle(objects))
    assert not incoming.things.findings
    assert len(incoming.refused) == 3


@pytest.mark.parametrize(
    "records", [[], [{}], {}, [{"source": "a", "row": 1, "time": "t", "shows": ""}], None]
)
def test_records_that_do_not_fit_the_lines_are_no_evidence(records: object) -> None:
    objects = copy.deepcopy(OURS)
    for data in (o for o in objects if EVIDENCE in o.get("extensions", {})):
        data["extensions"][EVIDENCE]["records"] = records
    assert not read(bundle(objects)).things.findings


def test_a_finding_of_an_exercise_does_not_pass_as_real_without_its_label() -> None:
    objects = [copy.deepcopy(o) for o in objects_of(exercise())]
    for object in objects:
        object.pop("labels", None)
        object.pop("object_marking_refs", None)
    assert not read(bundle(objects)).things.findings


@given(st.data())
def test_any_damage_is_met_without_an_exception(data: st.DataObject) -> None:
    """A value anywhere in our objects is taken away or becomes another."""
    objects: Any = [copy.deepcopy(data.draw(st.sampled_from(OURS))) for _ in range(2)]
    at = objects
    while isinstance(at, dict | list) and at:
        key = data.draw(st.sampled_from(list(at) if isinstance(at, dict) else list(range(len(at)))))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            at[key] = data.draw(
                st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.just([]), st.just({}))
            )
            break
        at = at[key]
    try:
        incoming = read(json.dumps({"objects": objects}).encode("utf-8", "surrogatepass"))
    except InputError:
        return
    assert len(incoming.kept) + len(incoming.refused) >= len(objects)


@pytest.mark.parametrize("name", ["apt1", "indicator-for-c2-ip-address", "indicator-to-campaign-relationship",
                                  "infrastructure", "malicious-email-indicator-with-attachment"])  # fmt: skip
def test_bundles_of_the_standard_are_taken_whole(sample_data: Path, name: str) -> None:
    data = (sample_data / "cyber" / "stix" / f"{name}.json").read_bytes()
    raws = msgspec.json.decode(data, type=dict[str, msgspec.Raw])["objects"]
    wanted = [bytes(raw) for raw in msgspec.json.decode(raws, type=list[msgspec.Raw])]
    incoming = read(data)
    assert recognises(data[: 1 << 16])
    assert incoming.refused == ()
    assert [kept.data for kept in incoming.kept] == wanted
    identities = {o["id"] for o in json.loads(data)["objects"] if o["type"] == "identity"}
    assert set(incoming.identities) == identities
    if name.startswith("indicator"):
        assert [(i.kind, i.value) for i in incoming.indicators] == [("ipv4", "10.0.0.0")]


def test_other_json_is_not_recognised() -> None:
    assert not recognises(b'{"type":"FeatureCollection","features":[]}')
    assert not recognises(b"IMO,name\n")
