"""What is exported is valid STIX 2.1, says under which marking it leaves, and refers to nothing that is not there."""

import io
import json
import re
from collections import Counter
from dataclasses import replace
from typing import Any

import jsonschema
import msgspec
import pytest
import stix2
from stix2validator import ValidationOptions, validate_string

from exchange.formats.made_up import exercise, things
from exchange.stix.conftest import Day
from watchkeeper.exchange.marking_definitions import TLP_IDS
from watchkeeper.exchange.markings import definitions_of, marking_of
from watchkeeper.exchange.stix.asset import ASSET
from watchkeeper.exchange.stix.bundle import bundle_of_case, bundle_of_findings, dangling, objects_of, write
from watchkeeper.exchange.stix.case import CASE
from watchkeeper.exchange.stix.extensions import schemas
from watchkeeper.exchange.stix.finding import FINDING
from watchkeeper.exchange.stix.vessel import VESSEL
from watchkeeper.exchange.things import Marked, Things, Vessel
from watchkeeper.gathering import things_of_scan, things_of_store
from watchkeeper.model.marking import Marking

NAME_BASED, RELATIONSHIP, OWN_INFRASTRUCTURE, OWN_PATTERN = "103", "202", "227", "245"
"""Codes of stix2-validator: an id that is no random UUID; ``impacts``, which the incident core extension of OASIS adds
to the standard's relationships; a type of infrastructure, and of pattern, of our own."""
GREEN = Marked(default=Marking(tlp="green"))


def text_of(some: Things) -> str:
    out = io.BytesIO()
    write(some, out)
    return out.getvalue().decode()


def by_type(objects: list[dict[str, Any]], type: str, extension: str = "") -> list[dict[str, Any]]:
    return [
        o for o in objects if o["type"] == type and (not extension or extension in o.get("extensions", {}))
    ]


@pytest.fixture(scope="module")
def exports(day: Day) -> dict[str, Things]:
    """Everything of the day, and the made-up things; real, simulated, rehearsed."""
    return {
        "scan": things_of_scan(day.scan, author="Coast Guard", markings=GREEN),
        "store": things_of_store(day.store, author="Coast Guard", markings=GREEN),
        "nobody's": replace(things(), author="", markings=Marked()),
        "made up": things(),
        "rehearsed": exercise(),
    }


@pytest.fixture(params=["scan", "store", "nobody's", "made up", "rehearsed"])
def some(request: pytest.FixtureRequest, exports: dict[str, Things]) -> Things:
    return exports[request.param]


def test_the_validator_warns_of_nothing_but_names_and_own_vocabularies(some: Things) -> None:
    result = validate_string(text_of(some), ValidationOptions(version="2.1"))
    assert result.is_valid, [str(error) for error in result.errors][:5]
    warned = [str(warning) for warning in result.warnings]
    codes = Counter(re.search(r"\{(\d+)\}", one)[1] for one in warned)  # type: ignore[index]
    with_cases = {RELATIONSHIP} if some.cases else set()
    assert set(codes) == {NAME_BASED, OWN_INFRASTRUCTURE, OWN_PATTERN} | with_cases
    assert all("'impacts'" in one for one in warned if f"{{{RELATIONSHIP}}}" in one)


def test_python_stix2_reads_it_and_says_the_same(some: Things) -> None:
    text = text_of(some)
    read = stix2.parse(text, allow_custom=True)
    again = json.loads(read.serialize())
    assert {o["id"] for o in again["objects"]} == {o["id"] for o in json.loads(text)["objects"]}
    for one in json.loads(text)["objects"]:
        stix2.parse(one)  # without custom content: all of it is of the standard or an extension


def test_every_object_has_one_level_and_all_definitions_are_there(some: Things) -> None:
    objects = objects_of(some)
    levels = set(TLP_IDS.values())
    for one in objects:
        refs = one.get("object_marking_refs", [])
        wanted = 0 if one["type"] == "marking-definition" else 1
        assert len(levels & set(refs)) == wanted, one["id"]
    assert not dangling(objects)
    used = {id for one in objects for id in one.get("extensions", {})} & set(schemas())
    assert used <= {one["id"] for one in objects}
    assert len({one["id"] for one in objects}) == len(objects)


def test_extensions_hold_what_their_schemas_say(some: Things) -> None:
    checked = Counter()  # type: ignore[var-annotated]
    validators = {id: jsonschema.Draft202012Validator(schema) for id, schema in schemas().items()}
    for one in objects_of(some):
        for id, says in one.get("extensions", {}).items():
            if id in schemas():
                validators[id].validate(says)
                checked[schemas()[id]["title"]] += 1
    assert {"vessel", "finding", "evidence", "asset"} <= set(checked)


def test_a_schema_refuses_what_is_not_meant() -> None:
    says = by_type(objects_of(things()), "sighting")[0]["extensions"][FINDING]
    for wrong in ({"lat": 91.0}, {"confidence": "certain"}, {"rule_ref": "indicator--1"}, {"mmsi": "x"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(says | wrong, schemas()[FINDING])


def test_the_same_things_give_the_same_bytes(some: Things, day: Day) -> None:
    assert text_of(some) == text_of(some)
    assert text_of(things_of_store(day.store)) == text_of(things_of_store(day.store))


def test_a_ship_has_one_id_everywhere_and_says_why_where_it_has_no_imo_number() -> None:
    def ship(some: Things) -> dict[str, Any]:
        return by_type(objects_of(some), "infrastructure", VESSEL)[0]

    def only(vessel: Vessel, author: str) -> Things:
        return Things(author=author, vessels=(vessel,), markings=GREEN)

    with_imo = Vessel(mmsi=273_000_001, imo=9_074_729, name="A", as_of=1)
    renamed = Vessel(mmsi=636_000_001, imo=9_074_729, name="B", as_of=2)
    assert ship(only(with_imo, "Here"))["id"] == ship(only(renamed, "There"))["id"]
    assert ship(only(with_imo, "Here"))["id"] == "infrastructure--02bb77d9-e4cf-51cb-9002-2d6f934bdd38"
    without = ship(only(Vessel(mmsi=273_000_001, name="A", as_of=1), "Here"))
    assert without["id"] != ship(only(with_imo, "Here"))["id"]
    assert without["extensions"][VESSEL]["identified_by"] == "mmsi"
    assert "radio" in without["extensions"][VESSEL]["identified_because"]


def test_a_hull_heard_under_two_numbers_is_one_ship() -> None:
    one = Vessel(mmsi=1, imo=9_074_729, name="A", as_of=1)
    two = Vessel(mmsi=2, imo=9_074_729, name="B", as_of=2)
    (ship,) = by_type(objects_of(Things(vessels=(one, two), markings=GREEN)), "infrastructure", VESSEL)
    assert ship["name"] == "B"
    assert ship["extensions"][VESSEL]["mmsi"] == [1, 2]


def test_what_is_told_twice_is_told_under_both_markings() -> None:
    vessels = (Vessel(mmsi=1, imo=9_074_729, as_of=1), Vessel(mmsi=2, imo=9_074_729, as_of=2))
    marked = Marked(default=Marking(tlp="green"), of={"vessel:1": Marking(tlp="red")})
    objects = objects_of(Things(vessels=vessels, markings=marked))
    (ship,) = by_type(objects, "infrastructure", VESSEL)
    assert ship["object_marking_refs"] == [TLP_IDS["red"]]


def test_what_was_not_marked_leaves_as_red() -> None:
    objects = objects_of(Things(vessels=(Vessel(mmsi=1, as_of=1),)))
    (ship,) = by_type(objects, "infrastructure")
    assert ship["object_marking_refs"] == [TLP_IDS["red"]]


def test_what_is_not_real_always_says_so() -> None:
    """All that is about the sea: the catalogue, organisations and definitions are the same in every realm."""
    real = {one["id"] for one in objects_of(things())}
    objects = objects_of(exercise("baltic-26"))
    statements = {one["id"] for one in objects if one.get("name") == "EXERCISE baltic-26"}
    assert len(statements) == 1
    of_the_sea = [
        one for one in objects if "sighting" in one["id"] or (one["id"] not in real and "labels" in one)
    ]
    assert {
        "sighting",
        "infrastructure",
        "incident",
        "report",
        "observed-data",
        "location",
        "relationship",
    } <= {one["type"] for one in of_the_sea}
    for one in of_the_sea:
        assert one["id"] not in real
        assert one["labels"] == ["simulated", "exercise:baltic-26"]
        assert statements & set(one["object_marking_refs"])
    unlabelled = {one["type"] for one in objects if "labels" not in one}
    assert unlabelled == {
        "identity", "attack-pattern", "artifact", "marking-definition", "extension-definition"
    }  # fmt: skip
    for one in by_type(objects, "artifact"):  # observables have no labels: the marking says it
        assert statements & set(one["object_marking_refs"])


def test_simulated_ships_share_no_id_with_real_ones(day: Day) -> None:
    some = things_of_scan(day.scan)
    assert some.simulated
    real = {one["id"] for one in by_type(objects_of(replace(some, simulated=False)), "infrastructure")}
    made = by_type(objects_of(some), "infrastructure")
    assert all("simulated" in one["labels"] for one in made)
    assert not real & {one["id"] for one in made}


def test_a_case_brings_all_it_rests_on_and_nothing_else(exports: dict[str, Things], day: Day) -> None:
    everything = exports["store"]
    objects = bundle_of_case(everything, day.case)
    assert not dangling(objects)
    alerts = {a for c in everything.cases for a in c.case.alerts}
    wanted = {f for a in everything.alerts if a.id in alerts for f in a.finding_ids}
    found = {o["extensions"][FINDING]["finding_id"] for o in by_type(objects, "sighting")}
    assert found == wanted
    assert len(by_type(objects, "sighting")) < len(everything.findings)
    (report,) = by_type(objects, "report")
    assert set(report["object_refs"]) <= {one["id"] for one in objects}
    assert {one["id"] for one in by_type(objects, "sighting")} < set(report["object_refs"])
    narrowed = objects_of(things_of_store(day.store, case=day.case, author="Coast Guard", markings=GREEN))
    assert narrowed == objects
    with pytest.raises(KeyError):
        bundle_of_case(everything, "none")


def test_some_findings_bring_their_ships_and_assets(exports: dict[str, Things]) -> None:
    everything = exports["made up"]
    objects = bundle_of_findings(everything, [everything.findings[2].id])
    assert not dangling(objects)
    assert len(by_type(objects, "sighting")) == 1
    assert len(by_type(objects, "infrastructure", VESSEL)) == 2
    assert not by_type(objects, "incident")


def test_an_incident_says_what_the_register_says(exports: dict[str, Things], day: Day) -> None:
    core = "extension-definition--ef765651-680c-498d-9894-99799f2fa126"
    objects = bundle_of_case(exports["store"], day.case)
    incident = next(o for o in by_type(objects, "incident", CASE) if o["extensions"][CASE]["kind"] == "case")
    assert incident["extensions"][core]["determination"] == "confirmed"
    assert incident["extensions"][core]["investigation_status"] == "open"
    assert incident["external_references"][0]["source_name"] == "The operator"
    assert incident["external_references"][0]["description"] == "Press release (graded B2)"
    ends = {(r["relationship_type"], r["target_ref"].split("--")[0]) for r in by_type(objects, "relationship")
            if r["source_ref"] == incident["id"]}  # fmt: skip
    assert ends == {("related-to", "incident"), ("impacts", "infrastructure")}


def test_parts_are_held_more_closely_than_the_whole() -> None:
    closer = {"geometry": Marking(tlp="red"), "notes": Marking(releasable_to=(("org:Coast Guard",),))}
    objects = objects_of(things(markings=Marked(default=Marking(tlp="green"), of=closer)))
    known = definitions_of(objects)
    (cable,) = by_type(objects, "infrastructure", ASSET)
    whole, (part,) = marking_of(cable, known)
    assert (whole.tlp, part.marking.tlp, part.how) == ("green", "red", "coarsen")
    assert part.selector == f"extensions.{ASSET}.geometry"
    case = next(o for o in by_type(objects, "incident", CASE) if "notes" in o["extensions"][CASE])
    _, (notes,) = marking_of(case, known)
    assert notes.marking.releasable_to == (("org:Coast Guard",),)
    text = json.dumps(
        {"type": "bundle", "id": "bundle--8b8ed1c1-f01d-4393-ac65-97017ed15876", "objects": objects}
    )
    assert validate_string(text, ValidationOptions(version="2.1")).is_valid


def test_a_rule_says_every_threshold_in_force() -> None:
    some = things(thresholds={"ais-gap": {"min_gap": 2.5}})
    rule = next(o for o in by_type(objects_of(some), "indicator") if o["name"].startswith("AIS gap"))
    says = msgspec.json.decode(rule["pattern"])
    assert says["thresholds"]["min_gap"] == {"value": 2.5, "unit": "h"}
    assert says["thresholds"]["min_missed"]["value"] == 15
    default = next(o for o in by_type(objects_of(things()), "indicator") if o["name"].startswith("AIS gap"))
    assert default["id"] != rule["id"]


def test_a_behaviour_is_the_same_object_in_every_export(exports: dict[str, Things]) -> None:
    def behaviours(some: Things) -> dict[str, dict[str, Any]]:
        return {one["id"]: one for one in by_type(objects_of(some), "attack-pattern")}

    real, rehearsed = behaviours(exports["made up"]), behaviours(exports["rehearsed"])
    assert real == rehearsed
    gap = next(one for one in real.values() if one["name"] == "AIS gap")
    numbers = {(r["source_name"], r.get("external_id")) for r in gap["external_references"]}
    assert ("watchkeeper-behaviours", "HB-001") in numbers
    assert ("EU CISE 1.5.3 AnomalyType", "WithoutAISTransmission") in numbers


def test_an_object_is_held_as_closely_as_what_it_tells_of_lists_and_reports() -> None:
    closer = {"listing": Marking(tlp="red"), f"report:{'ab' * 32}": Marking(tlp="amber+strict")}
    objects = objects_of(things(markings=Marked(default=Marking(tlp="green"), of=closer)))
    levels = {one["id"]: [TLP_IDS[level] for level in ("green", "amber+strict", "red")].index(
        one["object_marking_refs"][0]) for one in objects if one["type"] in ("infrastructure", "incident")}  # fmt: skip
    ships = by_type(objects, "infrastructure", VESSEL)
    assert [levels[one["id"]] for one in ships] == [2, 0]
    incidents = {o["extensions"][CASE]["kind"]: levels[o["id"]] for o in by_type(objects, "incident", CASE)}
    assert incidents == {"alert": 0, "case": 1}
