"""Markings as STIX says them: read, written, and the same again; and definitions that lie."""

from typing import Any

import msgspec
import pytest
import stix2
from hypothesis import given
from hypothesis import strategies as st

from exchange.release.worlds import markings, parts
from watchkeeper.exchange.marking_definitions import (
    PAP_IDS,
    RELEASABILITY,
    TLP_1_IDS,
    TLP_IDS,
    definitions_for,
    marked,
    tlp_definition,
)
from watchkeeper.exchange.markings import audience_of, definitions_of, marking_of
from watchkeeper.model.marking import TLP, Marking, Part, Tlp

IDENTITY = "identity--2e0c8b5e-6f0f-4b5c-9d56-0c1b1f0d9a01"
SHIP: dict[str, Any] = {
    "type": "infrastructure",
    "spec_version": "2.1",
    "id": "infrastructure--2e0c8b5e-6f0f-4b5c-9d56-0c1b1f0d9a02",
    "created": "2026-11-18T00:00:00.000Z",
    "modified": "2026-11-18T00:00:00.000Z",
    "name": "C-Lion1",
    "labels": ["cable", "baltic"],
    "extensions": {
        "x": {"extension_type": "property-extension", "geometry": {"type": "Point", "coordinates": [1, 2]}}
    },
    "description": "59.437222 N",
}


def ours(id: str = "marking-definition--1", **says: Any) -> dict[str, Any]:
    return {
        "type": "marking-definition",
        "id": id,
        "extensions": {RELEASABILITY: {"extension_type": "property-extension", **says}},
    }


def read(*definitions: dict[str, Any], labels: list[str] | None = None) -> Marking:
    object = {"id": "x--1", "object_marking_refs": [d["id"] for d in definitions], "labels": labels or []}
    return marking_of(object, definitions_of(definitions))[0]


@given(markings(), st.lists(parts, max_size=3, unique_by=lambda part: part.selector))
def test_round_trip(marking: Marking, closer: list[Part]) -> None:
    """The originator is the object's author; parts are within the realm of the whole."""
    marking = plain(marking, marking.realm)
    parts = [msgspec.structs.replace(part, marking=plain(part.marking, marking.realm)) for part in closer]
    parts = [part for part in parts if part.how == "coarsen" or part.marking != Marking(realm=marking.realm)]
    object = marked(SHIP, marking, parts)
    said = definitions_for(marking) + [d for part in parts for d in definitions_for(part.marking, part.how)]
    known = definitions_of(said)
    again, parts_again = marking_of(object, known)
    assert again == marking
    assert list(parts_again) == parts
    assert marked(object, again, parts_again) == object


def plain(marking: Marking, realm: str) -> Marking:
    """Without its originator, in a realm, and the names of its groups in the order in which they are written."""
    order = ("country", "org", "community")
    groups = tuple(
        tuple(sorted(group, key=lambda name: (order.index(name.partition(":")[0]), name)))
        for group in marking.releasable_to
    )
    return msgspec.structs.replace(
        marking, originator=None, realm=realm, releasable_to=tuple(dict.fromkeys(groups))
    )


def test_other_properties_stay_as_they_are() -> None:
    object = marked(SHIP, Marking(tlp="amber", realm="exercise:bold"), [])
    assert object["labels"] == ["cable", "baltic", "exercise:bold"]
    assert [key for key in object if key in SHIP] == list(SHIP)
    assert marked(object, Marking(tlp="clear"))["labels"] == ["cable", "baltic"]


@pytest.mark.parametrize("level", TLP)
def test_official_levels_need_no_definition(level: Tlp) -> None:
    object = {"object_marking_refs": [TLP_IDS[level]]}
    assert marking_of(object, definitions_of([]))[0] == Marking(tlp=level)
    assert read(tlp_definition(level)) == Marking(tlp=level)


def test_levels_of_the_first_tlp_are_those_of_the_standard() -> None:
    given = (stix2.TLP_WHITE, stix2.TLP_GREEN, stix2.TLP_AMBER, stix2.TLP_RED)
    assert [definition.id for definition in given] == list(TLP_1_IDS)
    for definition, level in zip(given, TLP_1_IDS.values(), strict=True):
        said = msgspec.json.decode(definition.serialize())
        assert read(said) == Marking(tlp=level)
        assert read({**said, "id": "marking-definition--another"}) == Marking(tlp=level)


def test_observables_have_no_labels_and_are_of_their_exercise_still() -> None:
    marking = Marking(tlp="green", realm="exercise:bold")
    object = marked({"type": "artifact", "id": "artifact--1", "payload_bin": "eA=="}, marking)
    assert "labels" not in object
    assert marking_of(object, definitions_of(definitions_for(marking)))[0] == marking


def test_pap() -> None:
    for level, (id, _) in PAP_IDS.items():
        assert marking_of({"object_marking_refs": [id]}, definitions_of([]))[0] == Marking(pap=level)


def test_definitions_are_valid_stix_with_names_that_tools_show() -> None:
    marking = Marking(
        tlp="amber+strict",
        pap="amber",
        releasable_to=(("country:EST", "country:FIN"), ("org:Coast Guard",), ()),
        originator_control=True,
        expires=1_800_000_000_123,
        purposes=(),
        realm="exercise:bold",
    )
    made = definitions_for(marking, "coarsen")
    assert [d["name"] for d in made] == [
        "TLP:AMBER+STRICT",
        "PAP:AMBER",
        "REL TO EST, FIN",
        "REL TO Coast Guard",
        "REL TO NOBODY",
        "ORCON; EXPIRES 2027-01-15T08:00:00.123Z; FOR NONE",
        "COARSENED WHERE WITHHELD",
        "EXERCISE bold",
    ]
    for definition in made:
        stix2.parse(definition, allow_custom=False)


def test_equal_definitions_have_equal_ids() -> None:
    marking = Marking(tlp="green", releasable_to=(("country:EST",),))
    assert definitions_for(marking) == definitions_for(msgspec.structs.replace(marking))
    other = Marking(tlp="green", releasable_to=(("country:FIN",),))
    assert definitions_for(marking)[1]["id"] != definitions_for(other)[1]["id"]


@pytest.mark.parametrize(
    "definition",
    [
        {"type": "marking-definition", "id": "marking-definition--1"},
        {"type": "marking-definition", "id": "marking-definition--1", "extensions": {}},
        {
            "type": "marking-definition",
            "id": "marking-definition--1",
            "extensions": {"extension-definition--else": {"clear": 1}},
        },
        {"type": "marking-definition", "id": "marking-definition--1", "extensions": "clear"},
        {
            "type": "marking-definition",
            "id": "marking-definition--1",
            "definition_type": "acs",
            "definition": {},
        },
        {
            "type": "marking-definition",
            "id": "marking-definition--1",
            "definition_type": "tlp",
            "definition": {"tlp": "blue"},
        },
        {
            "type": "marking-definition",
            "id": "marking-definition--1",
            "definition_type": "tlp",
            "definition": {"tlp": ["clear"]},
        },
        {"type": "marking-definition", "id": "marking-definition--1", "definition_type": "tlp"},
        ours(releasable_to=["EST", 1]),
        ours(releasable_to=["est"]),
        ours(releasable_to="EST"),
        ours(expires="tomorrow"),
        ours(expires="2027-01-15T08:00:00"),
        ours(originator_control="no"),
        ours(a_later_version_says="something"),
        ours(organisations=["A"] * 501),
    ],
)
def test_what_cannot_be_read_is_unknown(definition: dict[str, Any]) -> None:
    assert read(definition).unknown == ("marking-definition--1",)


def test_a_reference_to_nothing_is_unknown() -> None:
    marking, _ = marking_of(
        {"object_marking_refs": ["marking-definition--9", TLP_IDS["clear"]]}, definitions_of([])
    )
    assert marking == Marking(tlp="clear", unknown=("marking-definition--9",))


@pytest.mark.parametrize("refs", ["marking-definition--9", {"a": 1}, [1], [None]])
def test_malformed_references_are_unknown(refs: object) -> None:
    assert marking_of({"object_marking_refs": refs}, definitions_of([]))[0].unknown


@pytest.mark.parametrize(
    "granular",
    [
        "x",
        [1],
        [{}],
        [{"marking_ref": TLP_IDS["red"]}],
        [{"marking_ref": TLP_IDS["red"], "selectors": []}],
        [{"marking_ref": TLP_IDS["red"], "selectors": ["a..b"]}],
        [{"marking_ref": TLP_IDS["red"], "selectors": ["a.[x]"]}],
        [{"marking_ref": 1, "selectors": ["a"]}],
    ],
)
def test_malformed_granular_markings_close_the_whole(granular: object) -> None:
    marking, parts = marking_of({"granular_markings": granular}, definitions_of([]))
    assert marking.unknown
    assert not parts


def test_a_language_restricts_nothing() -> None:
    object = {"granular_markings": [{"lang": "et", "selectors": ["name"]}]}
    assert marking_of(object, definitions_of([])) == (Marking(), ())


def test_nobody_redefines_an_official_id() -> None:
    lie = {**tlp_definition("clear"), "id": TLP_IDS["red"]}
    assert read(lie) == Marking(tlp="red")


def test_two_definitions_under_one_id_are_none() -> None:
    narrow, wide = ours(releasable_to=["EST"]), ours(originator_control=False)
    for definitions in ((narrow, wide), (wide, narrow)):
        assert read(*definitions).unknown == ("marking-definition--1",)
    assert read(narrow, narrow).releasable_to == (("country:EST",),)


def test_all_that_a_definition_says_holds() -> None:
    definition = ours(releasable_to=["EST"])
    definition["extensions"].update(tlp_definition("amber")["extensions"])
    assert read(definition) == Marking(tlp="amber", releasable_to=(("country:EST",),))


def test_groups() -> None:
    assert read(ours(releasable_to=[])).releasable_to == ((),)
    assert read(ours(nobody=True, releasable_to=["EST"])).releasable_to == ((),)
    assert read(ours(originator_control=True)).releasable_to == ()
    assert read(ours(releasable_to=["EST"], communities=["subsea"])).releasable_to == (
        ("country:EST", "community:subsea"),
    )


def test_purposes_that_are_not_known_are_none() -> None:
    assert read(ours(purposes=["awareness", "propaganda"])).purposes == ("awareness",)
    assert read(ours(purposes=["none"])).purposes == ()


EXERCISE = {
    "type": "marking-definition",
    "id": "marking-definition--e",
    "definition_type": "statement",
    "definition": {"statement": "Exercise"},
}
COPYRIGHT = {**EXERCISE, "id": "marking-definition--c", "definition": {"statement": "Copyright A"}}


def test_realm() -> None:
    assert read(EXERCISE, labels=["exercise:bold"]) == Marking(realm="exercise:bold")
    assert read(labels=["exercise:bold"]) == Marking(realm="exercise:bold")
    assert read(COPYRIGHT) == Marking()
    named = {**EXERCISE, "definition": {"statement": "EXERCISE bold"}}
    assert read(named) == read(named, labels=["exercise:bold"]) == Marking(realm="exercise:bold")
    assert read(named, labels=["exercise:calm"]).unknown
    nameless = read(EXERCISE)
    assert nameless.realm == "exercise:unnamed"
    assert nameless.unknown
    two = read(labels=["exercise:bold", "exercise:calm"])
    assert two.realm == "exercise:bold"
    assert two.unknown


def test_who_made_it() -> None:
    object = {"created_by_ref": IDENTITY}
    assert marking_of(object, {}, {IDENTITY: "A"})[0].originator == "A"
    assert marking_of(object, {})[0].originator == IDENTITY


def test_a_definition_tells_its_names_only_to_them() -> None:
    assert audience_of(ours(releasable_to=["EST"])) == Marking(tlp="clear", releasable_to=(("country:EST",),))
    assert audience_of(tlp_definition("red")) == Marking(tlp="clear")
    assert audience_of({"type": "marking-definition", "id": "marking-definition--1"}) == Marking(tlp="clear")
