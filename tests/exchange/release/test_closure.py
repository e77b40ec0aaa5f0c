"""Closure: no reference leads to what is withheld, and nothing goes that says nothing without it."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.exchange.closure import closed, item_of, references
from watchkeeper.exchange.closure import given as given_to
from watchkeeper.exchange.marking_definitions import TLP_IDS
from watchkeeper.exchange.markings import definitions_of
from watchkeeper.exchange.release import Decision, Item, Reason
from watchkeeper.model.marking import Marking

DENIED = Decision("deny", (Reason("tlp", "No."),))
ALLOWED = Decision("allow", (Reason("tlp", "Yes."),))


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def id(kind: str, number: int) -> str:
    return f"{kind}--{uuid(number)}"


def thing(kind: str, number: int, **refs: Any) -> dict[str, Any]:
    required = {"report": {"name": "r", "published": "2026"}, "relationship": {"relationship_type": "uses"}}
    return {"type": kind, "id": id(kind, number), "name": "n", **required.get(kind, {}), **refs}


SHIP, CABLE = thing("infrastructure", 1), thing("infrastructure", 2)
NEAR = thing("relationship", 3, source_ref=SHIP["id"], target_ref=CABLE["id"])
SEEN = thing("sighting", 4, sighting_of_ref=SHIP["id"], where_sighted_refs=[CABLE["id"]])
NOTE = thing("note", 5, content="c", object_refs=[NEAR["id"]])
REPORT = thing("report", 6, object_refs=[SHIP["id"], CABLE["id"], NEAR["id"], SEEN["id"], NOTE["id"]])
ALL = (SHIP, CABLE, NEAR, SEEN, NOTE, REPORT)


def after(objects: tuple[dict[str, Any], ...], *withheld: dict[str, Any]) -> dict[str, Decision]:
    items = [item_of(object, definitions_of([])) for object in objects]
    hidden = {object["id"] for object in withheld}
    return closed(items, {item.id: DENIED if item.id in hidden else ALLOWED for item in items})


def outcomes(decisions: dict[str, Decision]) -> list[str]:
    return [decisions[object["id"]].outcome for object in ALL]


def test_nothing_withheld_changes_nothing() -> None:
    assert set(after(ALL).values()) == {ALLOWED}


def test_a_relationship_goes_with_one_of_its_ends_and_what_says_nothing_without_it() -> None:
    decisions = after(ALL, CABLE)
    assert outcomes(decisions) == ["allow", "deny", "deny", "redact", "deny", "redact"]
    assert decisions[NOTE["id"]].reasons[0].rule == "closure"


def test_everything_goes_with_what_all_speak_of() -> None:
    assert outcomes(after(ALL, SHIP)) == ["deny", "allow", "deny", "deny", "deny", "redact"]
    assert outcomes(after(ALL, SHIP, CABLE)) == ["deny"] * 6


def test_reasons_never_name_what_is_withheld() -> None:
    decisions = after(ALL, CABLE)
    said = [reason.says for decision in decisions.values() for reason in decision.reasons]
    assert CABLE["id"] not in " ".join(said)


def test_order_does_not_matter() -> None:
    assert after(ALL[::-1], CABLE) == after(ALL, CABLE)


def test_the_references_of_an_object() -> None:
    object = {
        "created_by_ref": "a",
        "object_refs": ["b", "c"],
        "object_marking_refs": ["m"],
        "granular_markings": [{"marking_ref": "m", "selectors": ["x"]}],
        "extensions": {"e": {"owner_refs": ["d"], "deep": [{"x_ref": "e"}]}},
    }
    assert list(references(object)) == ["a", "b", "c", "d", "e"]


def test_a_part_that_the_object_cannot_do_without_is_the_object() -> None:
    granular = [{"marking_ref": TLP_IDS["red"], "selectors": ["name", "description"]}]
    item = item_of({**SHIP, "description": "d", "granular_markings": granular}, definitions_of([]))
    assert item.marking == Marking(tlp="red")
    assert [part.selector for part in item.parts] == ["description"]


def test_a_thing_refers_to_itself() -> None:
    odd = {**SHIP, "x_ref": SHIP["id"]}
    assert after((odd,), odd)[SHIP["id"]] == DENIED


KINDS = ("infrastructure", "relationship", "sighting", "note", "report")


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[dict[str, Any]], frozenset[str]]:
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=9))
    ids = [id(kind, number) for number, kind in enumerate(kinds)]
    one, some = st.sampled_from(ids), st.lists(st.sampled_from(ids), min_size=1, max_size=4)
    required = {
        "infrastructure": {},
        "relationship": {"source_ref": one, "target_ref": one},
        "sighting": {"sighting_of_ref": one, "observed_data_refs": some},
        "note": {"content": st.just("c"), "object_refs": some},
        "report": {
            "object_refs": some,
            "description": one.map(lambda id: f"See {id}."),
            "created_by_ref": one,
        },
    }
    objects = [
        thing(kind, number, **draw(st.fixed_dictionaries(required[kind])))
        for number, kind in enumerate(kinds)
    ]
    return objects, frozenset(draw(st.sets(one)))


@given(worlds())
def test_no_reference_is_left_to_what_is_withheld(world: tuple[list[dict[str, Any]], frozenset[str]]) -> None:
    objects, hidden = world
    items = [item_of(object, definitions_of([])) for object in objects]
    decisions = closed(items, {item.id: DENIED if item.id in hidden else ALLOWED for item in items})
    withheld = frozenset(id for id, decision in decisions.items() if decision.outcome == "deny")
    assert hidden <= withheld
    sent = [given_to(object, decisions[object["id"]], withheld) for object in objects]
    assert {object["id"] for object in sent if object is not None} == set(decisions) - withheld
    text = json.dumps([object for object in sent if object is not None])
    assert not [id for id in withheld if id in text]
    for object, before in zip(sent, objects, strict=True):
        if object is not None:
            changed = object != before
            assert changed == (decisions[object["id"]].outcome == "redact") or "description" in before


@given(worlds())
def test_withholding_more_never_gives_more(world: tuple[list[dict[str, Any]], frozenset[str]]) -> None:
    objects, hidden = world
    items = [item_of(object, definitions_of([])) for object in objects]

    def denied(ids: frozenset[str]) -> set[str]:
        decisions = closed(items, {item.id: DENIED if item.id in ids else ALLOWED for item in items})
        return {id for id, decision in decisions.items() if decision.outcome == "deny"}

    for id in hidden:
        assert denied(hidden - {id}) <= denied(hidden)


def test_an_item_of_a_plain_object() -> None:
    assert item_of(NEAR, definitions_of([])) == Item(
        id=NEAR["id"],
        marking=Marking(),
        refs=(SHIP["id"], CABLE["id"]),
        needs=((SHIP["id"],), (CABLE["id"],)),
    )
