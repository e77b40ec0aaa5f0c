"""Every rule of the gate: one case in which it alone speaks, and its look-alikes in which it keeps quiet."""

import pytest

from watchkeeper.exchange.release import KEPT, PERMITTED, RULES, Decision, Item, decide
from watchkeeper.model.marking import PURPOSES, TLP, Marking, Part, Purpose, Recipient

AT = 1_800_000_000_000
B = Recipient(
    organisation="B",
    country="EST",
    communities=("subsea",),
    accepts=TLP,
    purposes=PURPOSES,
    exercises=("bold",),
)


def asked(
    marking: Marking, recipient: Recipient = B, purpose: Purpose = "awareness", **way: object
) -> Decision:
    given: dict[str, object] = {"named": True, **way}
    return decide(Item(id="x", marking=marking), recipient, purpose, AT, **given)  # type: ignore[arg-type]


def rules(decision: Decision) -> list[str]:
    return [reason.rule for reason in decision.reasons]


def without(**changed: object) -> Recipient:
    fields = {name: getattr(B, name) for name in B.__struct_fields__}
    return Recipient(**{**fields, **changed})  # type: ignore[arg-type]


GREEN = Marking(tlp="green")
DENIED: list[tuple[str, Marking, Recipient, Purpose, dict[str, object]]] = [
    ("revoked", GREEN, without(revoked_at=AT), "awareness", {}),
    ("expiry", Marking(tlp="green", expires=AT), B, "awareness", {}),
    ("realm", Marking(tlp="green", realm="exercise:other"), B, "exercise", {}),
    ("realm", Marking(tlp="clear", realm="exercise:bold"), B, "awareness", {}),
    ("realm", Marking(tlp="clear", realm="exercise:unnamed"), B, "exercise", {}),
    ("unknown", Marking(tlp="clear", unknown=("marking-definition--1",)), B, "awareness", {}),
    ("tlp", Marking(), B, "awareness", {}),
    ("tlp", GREEN, without(accepts=("clear",)), "awareness", {}),
    ("tlp", Marking(tlp="amber"), without(accepts=("clear", "green")), "awareness", {}),
    ("tlp", Marking(tlp="amber+strict"), without(accepts=("clear", "green", "amber")), "awareness", {}),
    ("tlp", Marking(tlp="amber"), without(accepts=("amber+strict", "red")), "awareness", {}),
    ("tlp", GREEN, B, "awareness", {"named": False}),
    ("tlp", Marking(tlp="amber"), B, "awareness", {"named": False}),
    ("tlp-red", Marking(tlp="red"), B, "awareness", {}),
    ("tlp-red", Marking(tlp="red", releasable_to=(("country:EST",),)), B, "awareness", {}),
    ("releasability", Marking(tlp="clear", releasable_to=(("country:LVA",),)), B, "awareness", {}),
    ("releasability", Marking(tlp="clear", releasable_to=((),)), B, "awareness", {}),
    ("releasability", Marking(tlp="clear", releasable_to=(("org:B",), ("country:LVA",))), B, "awareness", {}),
    ("originator-control", Marking(tlp="clear", originator="A", originator_control=True), B, "awareness", {}),
    ("originator-control", Marking(tlp="clear", originator_control=True), B, "awareness", {"by": "A"}),
    ("pap", Marking(tlp="clear", pap="red"), B, "investigation", {}),
    ("pap", Marking(tlp="clear", pap="amber"), B, "protection", {}),
    ("pap", Marking(tlp="clear", pap="green"), B, "enforcement", {}),
    ("purpose", Marking(tlp="clear", purposes=("awareness",)), B, "investigation", {}),
    ("purpose", Marking(tlp="clear", purposes=()), B, "awareness", {}),
    ("agreement", Marking(tlp="clear"), without(purposes=("awareness",)), "enforcement", {}),
]


@pytest.mark.parametrize(("rule", "marking", "recipient", "purpose", "way"), DENIED)
def test_a_rule_alone_stands_against_it(
    rule: str, marking: Marking, recipient: Recipient, purpose: Purpose, way: dict[str, object]
) -> None:
    decision = asked(marking, recipient, purpose, **way)
    assert decision.outcome == "deny"
    assert set(rules(decision)) == {rule}
    assert all(reason.says.endswith(".") for reason in decision.reasons)


ALLOWED: list[tuple[str, Marking, Recipient, Purpose, dict[str, object]]] = [
    ("tlp", GREEN, without(revoked_at=AT + 1), "awareness", {}),
    ("tlp", Marking(tlp="green", expires=AT + 1), B, "awareness", {}),
    ("tlp", Marking(tlp="green", realm="exercise:bold"), B, "exercise", {}),
    ("tlp", Marking(tlp="clear"), without(accepts=()), "awareness", {"named": False}),
    ("tlp", Marking(tlp="amber+strict"), B, "awareness", {}),
    ("releasability", Marking(tlp="amber", releasable_to=(("org:B",),)), B, "awareness", {"named": False}),
    ("releasability", Marking(tlp="red", releasable_to=(("org:A", "org:B"),)), B, "awareness", {}),
    ("releasability", Marking(tlp="red", releasable_to=(("org:B",), ("country:EST",))), B, "awareness", {}),
    ("releasability", Marking(tlp="clear", releasable_to=(("community:subsea",),)), B, "awareness", {}),
    ("tlp", Marking(tlp="clear", originator="A", originator_control=True), B, "awareness", {"by": "A"}),
    ("tlp", Marking(tlp="clear", pap="red"), B, "awareness", {}),
    ("tlp", Marking(tlp="clear", pap="clear"), B, "enforcement", {}),
    ("tlp", Marking(tlp="clear", purposes=("investigation",)), B, "investigation", {}),
    (
        "originator",
        Marking(originator="B", unknown=("marking-definition--1",)),
        without(accepts=()),
        "enforcement",
        {},
    ),
    ("originator", Marking(tlp="red", originator="B", releasable_to=((),)), B, "awareness", {"named": False}),
]


@pytest.mark.parametrize(("rule", "marking", "recipient", "purpose", "way"), ALLOWED)
def test_it_goes_and_says_on_what_that_rests(
    rule: str, marking: Marking, recipient: Recipient, purpose: Purpose, way: dict[str, object]
) -> None:
    decision = asked(marking, recipient, purpose, **way)
    assert decision.outcome == "allow"
    assert rules(decision) == [rule]


def test_every_rule_has_its_case() -> None:
    assert {row[0] for row in DENIED} == set(RULES)


@pytest.mark.parametrize(
    "marking",
    [
        Marking(tlp="clear", originator="B", expires=AT),
        Marking(tlp="clear", originator="B", realm="exercise:other"),
    ],
)
def test_what_binds_the_originator_too(marking: Marking) -> None:
    assert asked(marking, purpose="exercise").outcome == "deny"


def test_a_revoked_originator_gets_nothing() -> None:
    assert asked(Marking(tlp="clear", originator="B"), without(revoked_at=AT)).outcome == "deny"


def test_all_that_stands_against_it_is_said() -> None:
    marking = Marking(tlp="red", pap="red", releasable_to=(("org:A",),), expires=AT, originator_control=True)
    decision = asked(marking, without(accepts=("clear",)), "enforcement")
    assert rules(decision) == ["expiry", "tlp", "tlp-red", "releasability", "originator-control", "pap"]


def test_no_level_implies_another() -> None:
    for level, kept in KEPT.items():
        for missing in kept:
            partner = without(accepts=tuple(other for other in TLP if other != missing))
            assert asked(Marking(tlp=level, releasable_to=(("org:B",),)), partner).outcome == "deny"


def test_the_table_of_actions_narrows() -> None:
    assert PERMITTED["clear"] > PERMITTED["green"] > PERMITTED["amber"] > PERMITTED["red"]


SECRET = Part(
    selector="extensions.x.geometry", marking=Marking(tlp="amber", releasable_to=(("country:FIN",),))
)


def test_a_part_is_withheld_and_said() -> None:
    item = Item(id="x", marking=GREEN, parts=(SECRET, Part(selector="name", marking=Marking(tlp="amber"))))
    decision = decide(item, B, "awareness", AT, named=True)
    assert decision.outcome == "redact"
    assert decision.withheld == (SECRET,)
    assert rules(decision) == ["tlp", "releasability"]
    assert "extensions.x.geometry" in decision.reasons[1].says


def test_a_part_of_what_is_denied_is_no_redaction() -> None:
    item = Item(id="x", marking=Marking(tlp="red"), parts=(SECRET,))
    assert decide(item, B, "awareness", AT, named=True).outcome == "deny"


def test_a_part_is_never_wider_than_the_whole() -> None:
    item = Item(
        id="x",
        marking=Marking(tlp="amber", pap="red"),
        parts=(Part(selector="name", marking=Marking(tlp="clear", pap="clear")),),
    )
    assert decide(item, B, "enforcement", AT, named=True).outcome == "deny"


def test_a_part_of_another_realm_is_withheld() -> None:
    part = Part(selector="name", marking=Marking(tlp="clear", realm="exercise:bold"))
    decision = decide(Item(id="x", marking=GREEN, parts=(part,)), B, "awareness", AT, named=True)
    assert decision.withheld == (part,)
