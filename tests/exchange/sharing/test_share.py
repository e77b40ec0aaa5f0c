"""Sharing: what goes to whom is what was shown, what was decided is written down, and nobody else gets it."""

import json

import msgspec
import pytest

from exchange.sharing.centre import (
    ALL,
    CABLE,
    EMBASSY,
    EXERCISE,
    GEOMETRY,
    LIAISON,
    NAVY,
    NEAR,
    NOTE,
    NOW,
    PLACE,
    REPORT,
    SHIP,
    US,
    Centre,
    thing,
    under,
)
from watchkeeper.errors import UsageError
from watchkeeper.exchange.redaction import HANDLING
from watchkeeper.exchange.releasing import alias_of
from watchkeeper.exchange.sharing import Conditions, Plan
from watchkeeper.model.marking import Marking, Part

IDS = {object["id"] for object in ALL}
BOTH = Conditions(to=(NAVY, LIAISON))


def outcomes(plan: Plan, organisation: str) -> dict[str, str]:
    return {line.object: line.outcome for line in plan.of(organisation)}


def rules(plan: Plan, organisation: str) -> dict[str, str]:
    return {line.object: line.rule for line in plan.of(organisation)}


def test_a_case_goes_to_those_it_is_addressed_to_and_to_nobody_else(here: Centre) -> None:
    planned = here.share(BOTH)
    for name in (NAVY, LIAISON):
        assert set(outcomes(planned, name).values()) == {"goes"}
        assert here.pull(name).keys() >= IDS
    left = here.pull(EMBASSY)
    assert {object["name"] for object in left.values()} == {"TLP:AMBER"}  # not even who was named


def test_a_dry_run_changes_nothing(here: Centre) -> None:
    here.desk.plan(under(BOTH.marking(US, "real")), BOTH, "real", NOW)
    assert not here.hub.collections.all()
    assert here.log.head() == 0


def test_what_is_shown_is_what_is_given(anywhere: Centre) -> None:
    """For every object and organisation, with parts, closer markings and references."""
    closer = {NEAR["id"]: Marking(tlp="amber+strict", releasable_to=(("org:Liaison", "org:Navy"),))}
    parts = {CABLE["id"]: (Part(selector=GEOMETRY, marking=Marking(tlp="amber+strict"), how="coarsen"),)}
    to = Conditions(to=(NAVY, LIAISON, EMBASSY), tlp="green")
    planned = anywhere.share(to, under(to.marking(US, "real"), closer=closer, parts=parts))
    for name in (NAVY, LIAISON, EMBASSY):
        given = anywhere.pull(name)
        for line in planned.of(name):
            assert (line.object in given) == (line.outcome != "withheld"), line
            if line.outcome == "redacted":
                assert given[line.object]["extensions"][HANDLING]["withheld"]
            elif line.outcome == "goes":
                assert HANDLING not in given[line.object].get("extensions", {})
    assert outcomes(planned, NAVY) == dict.fromkeys(IDS, "goes")
    assert outcomes(planned, LIAISON) == {
        SHIP["id"]: "goes",
        CABLE["id"]: "redacted",
        NEAR["id"]: "withheld",
        NOTE["id"]: "withheld",
        REPORT["id"]: "redacted",
        PLACE["id"]: "goes",
    }
    assert rules(planned, LIAISON)[NOTE["id"]] == "closure"
    assert rules(planned, EMBASSY)[NEAR["id"]] == "tlp"
    text = json.dumps(anywhere.pull(LIAISON))
    assert NEAR["id"] not in text
    assert NOTE["id"] not in text
    assert "20.123456" not in text
    assert "20.123456" in json.dumps(anywhere.pull(NAVY))


def test_what_goes_to_nobody_is_not_put_there_nor_told_of(here: Centre) -> None:
    closer = {CABLE["id"]: Marking(tlp="red", releasable_to=((),))}
    planned = here.share(BOTH, under(BOTH.marking(US, "real"), closer=closer))
    assert outcomes(planned, NAVY)[CABLE["id"]] == "withheld"
    ids = {object["id"] for object in planned.objects}
    assert not ids & {CABLE["id"], NEAR["id"], NOTE["id"]}
    assert CABLE["id"] not in json.dumps(planned.objects)
    assert CABLE["id"] not in json.dumps(here.pull(NAVY))
    assert not here.carriage.versions(CABLE["id"])


def test_an_object_held_closely_in_a_part_it_cannot_do_without_is_not_told_of(here: Centre) -> None:
    parts = {CABLE["id"]: (Part(selector="name", marking=Marking(tlp="amber+strict")),)}
    planned = here.share(BOTH, under(BOTH.marking(US, "real"), parts=parts))
    assert outcomes(planned, LIAISON)[CABLE["id"]] == "withheld"
    assert CABLE["id"] not in json.dumps(here.pull(LIAISON))
    assert here.pull(NAVY)[CABLE["id"]]["name"] == "C-Lion1"


def test_conditions_hold_all_at_once(here: Centre) -> None:
    finns = Conditions(to=(NAVY, LIAISON), countries=("FIN",))
    planned = here.share(finns)
    assert set(rules(planned, NAVY).values()) == {"releasability"}
    assert set(outcomes(planned, LIAISON).values()) == {"goes"}
    assert not here.pull(NAVY).keys() & IDS


def test_an_end(here: Centre) -> None:
    here.share(Conditions(to=(NAVY,), expires=NOW + 1000))
    assert here.pull(NAVY, at=NOW + 999).keys() >= IDS
    assert not here.pull(NAVY, at=NOW + 1000).keys() & IDS


def test_a_revoked_partner_gets_nothing_at_once(here: Centre) -> None:
    here.share(BOTH)
    here.agree(LIAISON, revoked_at=NOW + 10)
    assert here.pull(LIAISON, at=NOW + 9)
    assert not here.pull(LIAISON, at=NOW + 10)
    assert here.pull(NAVY, at=NOW + 10)


def test_a_purpose_has_its_own_collection(here: Centre) -> None:
    here.share(Conditions(to=(NAVY, LIAISON), purpose="investigation"))
    assert here.pull(NAVY, alias="releases-investigation").keys() >= IDS
    assert not here.pull(LIAISON, alias="releases-investigation").keys() & IDS


def test_originator_control_lets_the_originator_share(here: Centre) -> None:
    planned = here.share(Conditions(to=(NAVY,), originator_control=True))
    assert set(outcomes(planned, NAVY).values()) == {"goes"}
    assert here.pull(NAVY).keys() >= IDS


def test_originator_control_stops_what_others_made(here: Centre) -> None:
    foreign = thing("note", 9, content="c", object_refs=[SHIP["id"]])
    foreign["created_by_ref"] = "identity--20000000-0000-4000-8000-000000000001"
    objects = under(Marking(tlp="green", originator_control=True), (foreign,))
    planned = here.desk.plan(objects, Conditions(to=(NAVY,)), "real", NOW)
    assert rules(planned, NAVY)[foreign["id"]] == "originator-control"
    assert not [object for object in planned.objects if object["id"] == foreign["id"]]


def test_an_exercise_stays_within_its_audience(here: Centre) -> None:
    to = Conditions(to=(NAVY, LIAISON), tlp="clear")
    planned = here.share(to, realm=EXERCISE)
    assert set(outcomes(planned, NAVY).values()) == {"goes"}
    assert set(rules(planned, LIAISON).values()) == {"realm"}
    alias = alias_of("exercise", EXERCISE)
    assert here.pull(NAVY, alias=alias).keys() >= IDS
    assert not here.pull(LIAISON, alias=alias).keys() & IDS
    assert here.hub.collections.named(alias).terms.realm == EXERCISE


def test_two_exercises_never_share_a_collection() -> None:
    names = [
        alias_of("exercise", f"exercise:{id}") for id in ("a.b", "a_b", "a-b", "A-B", "x" * 64, "x" * 63)
    ]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 63 for name in names)


def test_the_same_share_again_adds_nothing(here: Centre) -> None:
    here.share(BOTH)
    again = here.share(BOTH, at=NOW + 5)
    assert not [object for object in again.objects if object["type"] != "marking-definition"]
    assert not again.left_out


def test_a_further_addressee_of_the_same_thing_joins_the_others(here: Centre) -> None:
    here.share(Conditions(to=(NAVY,)))
    second = here.share(Conditions(to=(LIAISON,)), at=NOW + 5)
    assert not second.left_out
    for name in (NAVY, LIAISON):
        assert here.pull(name, at=NOW + 5).keys() >= IDS


def test_something_new_is_for_those_it_is_addressed_to(here: Centre) -> None:
    here.share(Conditions(to=(NAVY, LIAISON)))
    to = Conditions(to=(NAVY,))
    newer = {**REPORT, "modified": "2026-11-19T00:00:00.000Z", "description": "We know more."}
    planned = here.share(to, under(to.marking(US, "real"), (*ALL[:4], newer)), at=NOW + 5)
    assert planned.left_out == {LIAISON: (REPORT["id"],)}
    assert here.pull(NAVY, at=NOW + 5)[REPORT["id"]]["description"] == "We know more."
    assert REPORT["id"] not in here.pull(LIAISON, at=NOW + 5)
    assert SHIP["id"] in here.pull(LIAISON, at=NOW + 5)


def test_nobody_is_shared_with_by_mistake(here: Centre) -> None:
    with pytest.raises(UsageError, match="no organisation 'Navi'"):
        here.desk.plan([], Conditions(to=("Navi",)), "real", NOW)


def test_every_decision_is_in_the_log(here: Centre) -> None:
    here.share(Conditions(to=(NAVY, LIAISON), countries=("EST",)))
    events = here.log.read(kinds=("share.decided",), subject="case-1")
    by = {event.body["organisation"]: event for event in events}
    assert set(by) == {NAVY, LIAISON}
    assert {line["object"] for line in by[LIAISON].body["objects"]} == IDS
    assert {line["rule"] for line in by[LIAISON].body["objects"]} == {"releasability"}
    assert all(event.actor == "user:anna" for event in events)
    assert not here.log.verify()


def test_an_object_without_versions_is_marked_anew(anywhere: Centre) -> None:
    anywhere.share(Conditions(to=(NAVY,)), under(Conditions(to=(NAVY,)).marking(US, "real"), (PLACE,)))
    to = Conditions(to=(LIAISON,))
    anywhere.share(to, under(to.marking(US, "real"), (PLACE,)), at=NOW + 5)
    assert PLACE["id"] in anywhere.pull(LIAISON, at=NOW + 5)
    assert PLACE["id"] in anywhere.pull(NAVY, at=NOW + 5)


def test_an_organisation_cannot_bring_back_wider_what_was_shared(here: Centre) -> None:
    """A partner may not post a new version of our object at all, a wider one least."""
    here.share(BOTH)
    from watchkeeper.exchange.hub.words import Account

    collection = here.hub.collections.named("releases")
    wider = {**SHIP, "modified": "2027-11-19T00:00:00.000Z"}
    wider["object_marking_refs"] = ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"]
    receipt = here.hub.add(
        collection, [msgspec.json.encode(wider)], Account(user="robot", organisation=NAVY), NOW, widen=True
    )
    assert receipt.failed
    assert not here.pull(EMBASSY).keys() & IDS
