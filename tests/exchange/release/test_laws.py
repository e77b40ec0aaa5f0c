"""Laws of the gate: markings only narrow, exercises stay within their audience, and what is called wider is."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exchange.release.worlds import (
    ORGS,
    T0,
    everybody,
    markings,
    parts,
    purposes,
    recipients,
    times,
)
from watchkeeper.exchange.gate import Gate
from watchkeeper.exchange.release import KEPT, Item, decide, wider
from watchkeeper.model.marking import PURPOSES, TLP, Marking, MixedRealmsError, Part, Purpose, Recipient, both

ways = st.booleans()
releasing = st.sampled_from((None, *ORGS))


def gets(
    marking: Marking, recipient: Recipient, purpose: Purpose, at: int, *, named: bool, by: str | None
) -> bool:
    item = Item(id="x", marking=marking)
    return decide(item, recipient, purpose, at, named=named, by=by).outcome != "deny"


@given(markings(tlp=TLP), markings(), recipients, purposes, times, releasing)
def test_a_further_marking_never_lets_somebody_in(
    first: Marking, second: Marking, recipient: Recipient, purpose: Purpose, at: int, by: str | None
) -> None:
    assume(first.realm == second.realm)
    together = both(first, second)
    assume(together.originator == first.originator)
    assume(first.tlp != "red" or first.releasable_to)
    if first.tlp == "red" and not any(f"org:{recipient.organisation}" in g for g in first.releasable_to):
        return  # the second marking may name for it, which is what such a marking is for
    if gets(together, recipient, purpose, at, named=True, by=by):
        assert gets(first, recipient, purpose, at, named=True, by=by)


@given(markings(tlp=TLP), recipients, purposes, times, ways, releasing, st.data())
def test_each_condition_added_alone_only_narrows(
    marking: Marking,
    recipient: Recipient,
    purpose: Purpose,
    at: int,
    named: bool,
    by: str | None,
    data: st.DataObject,
) -> None:
    added = data.draw(
        st.sampled_from(
            (
                Marking(originator_control=True),
                Marking(expires=T0 + 1),
                Marking(purposes=("awareness",)),
                Marking(pap="amber"),
                Marking(tlp="amber+strict"),
                Marking(unknown=("marking-definition--y",)),
            )
        )
    )
    narrowed = both(marking, Marking(**{**_fields(added), "realm": marking.realm}))  # type: ignore[arg-type]
    if gets(narrowed, recipient, purpose, at, named=named, by=by):
        assert gets(marking, recipient, purpose, at, named=named, by=by)


def _fields(marking: Marking) -> dict[str, object]:
    return {name: getattr(marking, name) for name in marking.__struct_fields__}


@given(markings(), recipients, st.lists(parts, max_size=2).map(tuple), purposes, times, ways, releasing)
def test_a_thing_of_an_exercise_never_leaves_its_audience(
    marking: Marking,
    recipient: Recipient,
    closer: tuple[Part, ...],
    purpose: Purpose,
    at: int,
    named: bool,
    by: str | None,
) -> None:
    decision = decide(Item(id="x", marking=marking, parts=closer), recipient, purpose, at, named=named, by=by)
    if marking.realm == "real" or decision.outcome == "deny":
        return
    assert marking.realm.removeprefix("exercise:") in recipient.exercises
    assert purpose == "exercise"
    for part in closer:
        assert part.marking.realm == marking.realm or part in decision.withheld


@given(markings(), recipients, recipients, purposes, times, ways, releasing)
def test_the_profile_of_one_says_nothing_about_another(
    marking: Marking, one: Recipient, other: Recipient, purpose: Purpose, at: int, named: bool, by: str | None
) -> None:
    item = Item(id="x", marking=marking)
    before = decide(item, one, purpose, at, named=named, by=by)
    gate = Gate(other, purpose, named=named)
    gate.decide(item, at, by=by)
    assert decide(item, one, purpose, at, named=named, by=by) == before


@given(markings(tlp=TLP), recipients, purposes, times, releasing, st.sampled_from(ORGS))
def test_naming_one_more_lets_in_only_that_one(
    marking: Marking, recipient: Recipient, purpose: Purpose, at: int, by: str | None, added: str
) -> None:
    assume(recipient.organisation != added)
    more = tuple((*group, f"org:{added}") for group in marking.releasable_to)
    widened = Marking(**{**_fields(marking), "releasable_to": more})  # type: ignore[arg-type]
    for named in (True, False):
        assert gets(widened, recipient, purpose, at, named=named, by=by) == gets(
            marking, recipient, purpose, at, named=named, by=by
        )


@given(markings(), recipients, purposes, times, ways, releasing)
def test_a_profile_that_agrees_to_less_is_given_less(
    marking: Marking, recipient: Recipient, purpose: Purpose, at: int, named: bool, by: str | None
) -> None:
    for field in ("accepts", "purposes", "exercises", "communities"):
        fields = {name: getattr(recipient, name) for name in recipient.__struct_fields__}
        less = Recipient(**{**fields, field: getattr(recipient, field)[:-1]})
        if gets(marking, less, purpose, at, named=named, by=by):
            assert gets(marking, recipient, purpose, at, named=named, by=by)


@given(
    st.lists(
        st.tuples(markings(), st.lists(parts, max_size=2).map(tuple), times, releasing),
        min_size=1,
        max_size=12,
    ),
    recipients,
    purposes,
    ways,
)
def test_what_the_gate_remembers_is_what_it_would_decide(
    asked: list[tuple[Marking, tuple[Part, ...], int, str | None]],
    recipient: Recipient,
    purpose: Purpose,
    named: bool,
) -> None:
    gate = Gate(recipient, purpose, named=named)
    for marking, closer, at, by in [*asked, *asked[::-1]]:
        item = Item(id="x", marking=marking, parts=closer)
        assert gate.decide(item, at, by=by) == decide(item, recipient, purpose, at, named=named, by=by)


def witness(new: Marking, old: Marking) -> bool:
    """Whether somebody gets by new what it does not get by old, found by trying everybody."""
    ends = {end for end in (new.expires, old.expires) if end is not None}
    return any(
        gets(new, who, purpose, at, named=True, by=by) and not gets(old, who, purpose, at, named=True, by=by)
        for at in {T0 - 1, *ends}
        for by in {None, new.originator, old.originator}
        for purpose in PURPOSES
        for who in everybody({() if m.tlp is None else KEPT[m.tlp] for m in (new, old)})
    )


@settings(max_examples=60, deadline=None)
@given(markings(tlp=TLP), markings(tlp=TLP))
def test_wider_is_what_trying_everybody_finds(new: Marking, old: Marking) -> None:
    assume(new.realm == old.realm and new.originator in (None, old.originator))
    assert wider(new, old) == witness(new, old)


@settings(max_examples=60, deadline=None)
@given(markings(tlp=TLP), st.data())
def test_wider_is_what_trying_everybody_finds_where_one_thing_changes(
    old: Marking, data: st.DataObject
) -> None:
    field = data.draw(
        st.sampled_from(("tlp", "pap", "releasable_to", "originator_control", "expires", "purposes"))
    )
    other = data.draw(markings(tlp=TLP))
    new = Marking(**{**_fields(old), field: getattr(other, field)})  # type: ignore[arg-type]
    assert wider(new, old) == witness(new, old)


@given(markings())
def test_nothing_is_wider_than_itself(marking: Marking) -> None:
    assert not wider(marking, marking)


@given(markings(), markings(), markings())
def test_not_wider_is_an_order(a: Marking, b: Marking, c: Marking) -> None:
    if not wider(a, b) and not wider(b, c):
        assert not wider(a, c)


@given(markings(tlp=TLP), markings())
def test_narrowing_is_never_wider(old: Marking, more: Marking) -> None:
    assume(old.realm == more.realm and old.originator is not None)
    assume(
        (old.tlp != "red" and both(old, more).tlp != "red")
        or _names_orgs(old) >= _names_orgs(both(old, more))
    )
    assert not wider(both(old, more), old)


def _names_orgs(marking: Marking) -> set[str]:
    return {name for group in marking.releasable_to for name in group if name.startswith("org:")}


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (Marking(tlp="clear"), Marking(tlp="clear", realm="exercise:bold")),
        (Marking(tlp="clear", realm="exercise:bold"), Marking(tlp="clear")),
        (Marking(tlp="clear", originator="A"), Marking(tlp="clear", originator="B")),
        (Marking(), Marking(tlp="red")),
        (Marking(tlp="red"), Marking()),
        (
            Marking(tlp="amber", releasable_to=(("country:EST", "country:FIN"),)),
            Marking(tlp="amber", releasable_to=(("country:EST",),)),
        ),
        (
            Marking(tlp="amber", releasable_to=(("country:EST",),)),
            Marking(tlp="amber", releasable_to=(("country:EST",), ("org:A",))),
        ),
    ],
)
def test_what_is_wider(new: Marking, old: Marking) -> None:
    assert wider(new, old)


def test_mixed_realms_do_not_add_up() -> None:
    with pytest.raises(MixedRealmsError):
        both(Marking(), Marking(realm="exercise:bold"))
