"""What a partner may try: other people's names, markings, versions; guessing; a key that was stolen."""

import json
import uuid
from typing import Any

import pytest

from exchange.hub.world import NOW, World
from exchange.taxii.node import AMBER, CLEAR, GREEN, RED, indicator
from watchkeeper.errors import UsageError
from watchkeeper.exchange.hub.collections import may_read, may_write
from watchkeeper.exchange.marking_definitions import RELEASABILITY, definitions_for
from watchkeeper.exchange.partners import checked_organisation
from watchkeeper.model.marking import Marking

SECOND = "2025-01-02T00:00:00.000Z"
DEFINITION_OF = {"extension_type": "property-extension"}


def marked(ref: str, **said: Any) -> dict[str, Any]:
    return indicator(object_marking_refs=[ref], **said)


def released_to(*organisations: str, **said: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """An object for some organisations alone, and the definitions it needs."""
    group = tuple(f"org:{name}" for name in organisations)
    definitions = definitions_for(Marking(tlp="amber", releasable_to=(group,)))
    return indicator(object_marking_refs=[each["id"] for each in definitions], **said), definitions


def rules(receipt: Any) -> list[str]:
    return [one.rule for one in receipt.failed]


def test_an_object_for_another_is_not_there_for_the_rest(hub: World) -> None:
    made, definitions = released_to("North", "East")
    open_ones = [indicator() for _ in range(3)]
    hub.add("North", *definitions, open_ones[0], made, *open_ones[1:])
    assert made["id"] in hub.ids("East")
    page = hub.page("South")
    seen = {row.id for row in page.rows}
    assert made["id"] not in seen
    assert {each["id"] for each in open_ones} <= seen
    assert not page.more
    assert hub.page("South", most=len(seen)).more is False
    assert hub.ids("South", ids=(made["id"],)) == []
    assert not hub.hub.is_there(hub.shared, hub.account("South"), made["id"], NOW)
    assert page.withheld == {"releasability": 2}  # the object, and the definition that names others


def test_who_posted_it_has_it(hub: World) -> None:
    made, definitions = released_to("East")
    hub.add("North", *definitions, made)
    assert hub.read("North", ids=(made["id"],)) == [made]


def test_a_level_is_kept_by_name(hub: World) -> None:
    hub.agree("South", accepts=("clear", "green"))
    made = [marked(ref) for ref in (CLEAR, GREEN, AMBER, RED)]
    hub.add("North", *made)
    assert hub.ids("East") == [each["id"] for each in made[:3]]
    assert hub.ids("South") == [each["id"] for each in made[:2]]


def test_what_is_unmarked_is_as_its_collection_says(hub: World) -> None:
    hub.agree("South", accepts=("clear", "green"))
    strict = hub.collection(unmarked="amber")
    hub.add("North", indicator(), to=strict)
    assert len(hub.ids("East", of=strict)) == 1
    assert hub.ids("South", of=strict) == []


def test_an_agreement_that_ends_holds_at_once(hub: World) -> None:
    hub.add("North", indicator())
    assert len(hub.ids("South")) == 1
    hub.agree("South", revoked_at=NOW)
    assert hub.ids("South") == []
    hub.agree("South", revoked_at=NOW + 10)
    assert len(hub.ids("South", at=NOW + 9)) == 1
    assert hub.ids("South", at=NOW + 10) == []
    hub.agree("North", revoked_at=NOW)
    assert hub.ids("North") == []


def test_an_expiry_holds_at_its_time(hub: World) -> None:
    definitions = definitions_for(Marking(tlp="clear", expires=NOW + 1000))
    made = indicator(object_marking_refs=[each["id"] for each in definitions])
    hub.add("North", *definitions, made)
    assert hub.ids("East", at=NOW + 999, ids=(made["id"],)) == [made["id"]]
    assert hub.ids("East", at=NOW + 1000, ids=(made["id"],)) == []
    assert hub.ids("East", at=NOW + 999, ids=(made["id"],)) == [made["id"]]


def test_nobody_posts_in_the_name_of_another(hub: World) -> None:
    identity = f"identity--{uuid.uuid4()}"
    hub.agree("North", identity=identity)
    forged = indicator(created_by_ref=identity)
    portrait = {"type": "identity", "id": identity, "name": "North", "identity_class": "organization",
                "spec_version": "2.1", "created": SECOND, "modified": SECOND}  # fmt: skip
    assert rules(hub.add("South", forged, portrait)) == ["originator", "originator"]
    assert not hub.add("North", portrait, indicator(created_by_ref=identity)).failed
    hub.agree("East", may_relay=True)
    assert not hub.add("East", forged).failed
    assert hub.add("South", indicator(created_by_ref=f"identity--{uuid.uuid4()}")).seqs


def test_an_identity_stands_for_one_organisation(hub: World) -> None:
    identity = f"identity--{uuid.uuid4()}"
    hub.agree("North", identity=identity)
    with pytest.raises(UsageError, match="stands for North"):
        hub.agree("South", identity=identity)
    with pytest.raises(UsageError, match="no id of an identity"):
        hub.agree("South", identity=f"indicator--{uuid.uuid4()}")


def test_no_version_is_for_more_than_the_one_before(hub: World) -> None:
    old = marked(AMBER)
    hub.add("North", old)
    for ref in (GREEN, CLEAR):
        assert rules(hub.add("North", {**old, "modified": SECOND, "object_marking_refs": [ref]})) == ["wider"]
    without = {k: v for k, v in old.items() if k != "object_marking_refs"}
    assert rules(hub.add("North", {**without, "modified": SECOND})) == ["wider"]
    # Neither by way of an older version, nor within one request.
    assert rules(hub.add("North", {**old, "modified": "2025-01-01T00:00:00.000001Z", "object_marking_refs": [CLEAR]})) \
        == ["wider"]  # fmt: skip
    twice = hub.add(
        "North", {**old, "modified": SECOND, "object_marking_refs": [RED]},
        {**old, "modified": "2025-01-03T00:00:00Z"},
    )  # fmt: skip
    assert rules(twice) == ["wider"]
    assert len(twice.seqs) == 1
    assert hub.ids("East") == []


def test_only_the_operator_widens(hub: World) -> None:
    old = marked(AMBER)
    new = {**old, "modified": SECOND, "object_marking_refs": [CLEAR]}
    hub.add("North", old)
    assert rules(hub.add("North", new, widen=True)) == ["wider"]
    assert hub.add("North", new, operator=True, widen=True).seqs


def test_a_part_that_was_held_back_stays_so(hub: World) -> None:
    held = {"granular_markings": [{"selectors": ["description"], "marking_ref": RED}]}
    old = marked(CLEAR, description="where it lies", **held)
    hub.add("North", old)
    (seen,) = hub.read("East")
    assert "description" not in seen
    assert "where it lies" not in json.dumps(seen)
    open_again = {k: v for k, v in old.items() if k != "granular_markings"} | {"modified": SECOND}
    assert rules(hub.add("North", open_again)) == ["wider"]
    left_out = {k: v for k, v in open_again.items() if k != "description"}
    assert hub.add("North", left_out).seqs


def test_nobody_takes_over_what_another_posted(hub: World) -> None:
    old = marked(CLEAR)
    hub.add("North", old)
    assert rules(hub.add("South", {**old, "modified": SECOND})) == ["owner"]
    assert rules(hub.add("South", {**old, "name": "other"})) == ["owner"]
    assert not hub.add("South", old).failed
    hub.agree("East", may_relay=True)
    assert hub.add("East", {**old, "modified": SECOND}).seqs


def test_nobody_says_what_the_marking_of_another_means(hub: World) -> None:
    """South makes a definition under North's id first, which is for everybody."""
    made, definitions = released_to("North")
    (own,) = [each for each in definitions if RELEASABILITY in each.get("extensions", {})]
    forged = {**own, "extensions": {RELEASABILITY: {**DEFINITION_OF, "organisations": ["South", "North"]}}}
    assert hub.add("South", forged).seqs
    receipt = hub.add("North", *definitions, made)
    assert "marking" in rules(receipt)
    assert made["id"] not in hub.ids("South")


def test_a_marking_without_its_definition_is_for_nobody(hub: World) -> None:
    made, definitions = released_to("East")
    hub.add("South", *definitions)  # who refers to it is somebody else
    hub.add("North", made)
    assert made["id"] not in hub.ids("East")
    assert made["id"] in hub.ids("North")


def test_a_collection_takes_its_markings_only(hub: World) -> None:
    narrow = hub.collection(allowed=("clear", "green"))
    receipt = hub.add("North", marked(CLEAR), marked(AMBER), indicator(), marked(RED), to=narrow)
    assert rules(receipt) == ["marking", "marking"]
    unknown = marked(f"marking-definition--{uuid.uuid4()}")
    assert rules(hub.add("North", unknown, to=narrow)) == ["marking"]


def test_an_exercise_stays_in_its_collection(hub: World) -> None:
    played = indicator(labels=["exercise:spring"])
    real = indicator()
    spring = hub.collection(realm="exercise:spring", purpose="exercise")
    assert rules(hub.add("North", played, real)) == ["realm"]
    assert hub.add("North", played, to=spring).seqs
    assert hub.ids("East", of=spring) == []
    hub.agree("East", exercises=("spring",), purposes=("awareness", "exercise"))
    assert hub.ids("East", of=spring) == [played["id"]]


def test_a_reference_to_what_is_withheld_is_taken_out(hub: World) -> None:
    secret, definitions = released_to("East")
    shown = marked(CLEAR)
    report = {
        "type": "report", "spec_version": "2.1", "id": f"report--{uuid.uuid4()}", "created": SECOND, "modified": SECOND,
        "name": "r", "published": SECOND, "object_refs": [secret["id"], shown["id"]],
        "object_marking_refs": [CLEAR],
    }  # fmt: skip
    link = {
        "type": "relationship", "spec_version": "2.1", "id": f"relationship--{uuid.uuid4()}", "created": SECOND,
        "modified": SECOND, "relationship_type": "related-to", "source_ref": secret["id"], "target_ref": shown["id"],
        "object_marking_refs": [CLEAR],
    }  # fmt: skip
    hub.add("North", *definitions, secret, shown, report, link)
    seen = {each["id"]: each for each in hub.read("South")}
    assert seen[report["id"]]["object_refs"] == [shown["id"]]
    assert link["id"] not in seen
    assert secret["id"] not in json.dumps(list(seen.values()))
    listed = hub.hub.page(hub.shared, hub.account("South"), _everything(), NOW, with_bytes=False)
    assert {row.id for row in listed.rows} == set(seen)
    whole = {each["id"]: each for each in hub.read("East")}
    assert whole[report["id"]] == report
    assert whole[link["id"]] == link


def _everything() -> Any:
    from watchkeeper.exchange.hub.words import Filter

    return Filter()


def test_a_key_that_may_read_cannot_write(hub: World) -> None:
    thief = hub.account("North", may_write=False)
    assert may_read(hub.shared, thief)
    assert not may_write(hub.shared, thief)
    assert not may_read(hub.shared, hub.account("North", may_read=False))


def test_an_empty_list_of_readers_is_nobody(hub: World) -> None:
    closed = hub.collection(readers=(), writers=())
    for name in ("North", "East", "South"):
        assert hub.hub.collections.find(closed.root, closed.id, hub.account(name)) is None
        assert closed.id not in [one.id for one in hub.hub.collections.of(closed.root, hub.account(name))]


def test_a_user_may_be_named(hub: World) -> None:
    from watchkeeper.exchange.hub.words import Account

    one = hub.collection(readers=("user:anna",), writers=())
    assert may_read(one, Account(user="anna", organisation=None))
    assert not may_read(one, Account(user="bo", organisation=None))
    assert not may_read(one, Account(user="x", organisation="anna"))


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("\u0421oast Guard", []),  # a Cyrillic letter among Latin ones
        ("\u0421\u043e\u0430\u0455t", ["Coast"]),
        ("Coast  Guard\u200b", []),
        ("\uff23oast", []),
        ("C0ast Guard", ["Coast Guard"]),
        ("coast guard", ["Coast Guard"]),
        ("Co\u00e0st Guard", ["Coast Guard"]),
        ("user:anna", []),
        ("", []),
        ("x" * 101, []),
    ],
)
def test_a_name_that_is_taken_for_another(name: str, known: list[str]) -> None:
    with pytest.raises(UsageError):
        checked_organisation(name, known)


def test_names_of_many_scripts_are_names() -> None:
    for name in (
        "Coast Guard",
        "R\u00e9serve",
        "\u0411\u0435\u0440\u0435\u0433",
        "\u039b\u03b9\u03bc\u03b5\u03bd\u03b9\u03ba\u03cc",
        "NATO 2",
    ):
        assert checked_organisation(name, ["Navy"]) == name


def test_deleting_is_for_who_posted(hub: World) -> None:
    made = marked(CLEAR)
    hub.add("North", made)
    everything = _everything()
    assert hub.hub.delete(hub.shared, hub.account("South"), made["id"], everything, NOW) == 0
    assert hub.hub.delete(hub.shared, hub.account("South", operator=True), made["id"], everything, NOW) == 1


def test_too_many_kinds_are_refused(hub: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from watchkeeper.errors import LimitError
    from watchkeeper.exchange.hub import shelves

    monkeypatch.setattr(shelves, "MOST", 3)
    kinds = [indicator(type=f"x-{k}", id=f"x-{k}--{uuid.uuid4()}") for k in range(5)]
    with pytest.raises(LimitError):
        hub.add("North", *kinds)
    assert hub.add("North", *kinds[:3]).seqs
    assert len(hub.ids("East")) == 3


def test_what_falls_with_what_is_withheld_is_as_if_it_were_not_there(
    hub: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Links to what South is not given: no page, no version of one tells of them, and what lies behind is found."""
    from watchkeeper.exchange.hub import reading

    secret, definitions = released_to("East")
    shown = marked(CLEAR)
    links = [
        {
            "type": "relationship", "spec_version": "2.1", "id": f"relationship--{uuid.uuid4()}", "created": SECOND,
            "modified": SECOND, "relationship_type": "related-to", "source_ref": secret["id"],
            "target_ref": shown["id"], "object_marking_refs": [CLEAR], "description": "x" * 300,
        }
        for _ in range(30)
    ]  # fmt: skip
    hub.add("North", *definitions, secret, shown, *links)
    last = marked(CLEAR)
    hub.add("North", last)
    monkeypatch.setattr(reading, "MOST_PAGE_BYTES", 2000)
    for walks in (20, 2):
        monkeypatch.setattr(reading, "_WALKS", walks)
        found: list[str] = []
        after, pages = 0, 0
        while True:
            page = hub.page("South", after=after, most=10)
            found += [row.id for row in page.rows]
            pages += 1
            if not page.more:
                break
            after = page.end
        assert [id_ for id_ in found if id_ in (shown["id"], last["id"])] == [shown["id"], last["id"]]
        assert not set(found) & {link["id"] for link in links}
        assert pages < 30
    account = hub.account("South")
    assert not hub.hub.is_there(hub.shared, account, str(links[0]["id"]), NOW)
    assert hub.hub.is_there(hub.shared, hub.account("East"), str(links[0]["id"]), NOW)
    assert hub.hub.is_there(hub.shared, account, shown["id"], NOW)
