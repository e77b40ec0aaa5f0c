"""What becomes of a version that comes in: every rule in a table, and what holds for all of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.exchange.sync.judging import Coming, Here, fate, is_bare, lacks

US, THEM, RELAY, OTHER = "Us", "Them", "Relay", "Other"


def here(poster: str = THEM, made_by: str = THEM, **says: Any) -> Here:
    return Here(**({"seq": 7, "poster": poster, "made_by": made_by, "matches": True} | says))


def coming(source: str = THEM, made_by: str = THEM, **says: Any) -> Coming:
    return Coming(source=source, made_by=made_by, **says)


OLDER = {"matches": False}
TABLE = [
    ("new", coming(), [], "add"),
    ("the same", coming(RELAY), [here(same=True)], "there"),
    ("the same, though it has been here", coming(looped=True), [here(same=True)], "there"),
    ("made in our name", coming(RELAY, US), [], "ours"),
    ("another version of ours", coming(RELAY, US), [here(US, US, **OLDER)], "ours"),
    ("a copy of ours that lacks parts", coming(RELAY, US, lacks=1), [here(US, US)], "fuller"),
    ("by nobody, over what we put out", coming(RELAY, ""), [here(US, "", **OLDER)], "ours"),
    ("it has been here and is not any more", coming(RELAY, OTHER, looped=True), [], "loop"),
    ("other content, first kept", coming(RELAY, OTHER), [here(THEM, OTHER)], "conflict"),
    ("other content by the same", coming(THEM, OTHER), [here(THEM, OTHER)], "conflict"),
    ("other content from its originator", coming(), [here(RELAY)], "replace"),
    ("other content of its originator, again", coming(), [here()], "conflict"),
    ("other content against its originator", coming(RELAY), [here()], "conflict"),
    ("lacks parts", coming(RELAY, lacks=1), [here()], "fuller"),
    ("lacks as many", coming(RELAY, lacks=1), [here(OTHER, lacks=1)], "fuller"),
    ("lacks none", coming(RELAY), [here(OTHER, lacks=2)], "replace"),
    ("lacks fewer", coming(RELAY, lacks=1), [here(OTHER, lacks=2)], "replace"),
    ("lacks none, against what its originator gave us", coming(RELAY), [here(lacks=1)], "conflict"),
    ("lacks none, from its originator again", coming(), [here(lacks=1)], "replace"),
    ("later, from its originator", coming(), [here(**OLDER)], "widen"),
    ("later, relayed", coming(RELAY), [here(RELAY, **OLDER)], "add"),
    ("later, relayed, over what its originator gave us", coming(RELAY), [here(**OLDER)], "first-hand"),
    ("taken back, relayed", coming(RELAY, bare=True), [here(RELAY, **OLDER)], "widen"),
    ("without versions, said anew", coming(THEM, ""), [here(THEM, "", versioned=False)], "widen"),
    ("without versions, by another", coming(RELAY, ""), [here(THEM, "", versioned=False)], "conflict"),
    ("without versions, by another, lacking", coming(RELAY, "", lacks=1), [here(THEM, "", versioned=False)], "fuller"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("comes", "there", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_a_rule(comes: Coming, there: list[Here], expected: str) -> None:
    assert fate(comes, there, US)[0] == expected


NAMES = st.sampled_from([US, THEM, RELAY, OTHER, ""])
HERE = st.builds(
    Here, seq=st.integers(1, 9), poster=st.sampled_from([US, THEM, RELAY, OTHER]), made_by=NAMES,
    matches=st.booleans(), same=st.booleans(), lacks=st.integers(0, 3), versioned=st.booleans(),
)  # fmt: skip
COMING = st.builds(
    Coming, source=st.sampled_from([THEM, RELAY, OTHER]), made_by=NAMES, looped=st.booleans(),
    lacks=st.integers(0, 3), bare=st.booleans(),
)  # fmt: skip


@given(COMING, st.lists(HERE, max_size=3))
def test_nothing_takes_the_place_of_what_lacks_less(comes: Coming, there: list[Here]) -> None:
    decided, seq = fate(comes, there, US)
    if decided == "replace":
        assert comes.lacks <= next(one for one in there if one.seq == seq and one.matches).lacks


@given(COMING, st.lists(HERE, max_size=3))
def test_nothing_comes_in_our_name(comes: Coming, there: list[Here]) -> None:
    if comes.made_by == US:
        assert fate(comes, there, US)[0] in ("there", "ours", "fuller")


@given(COMING, st.lists(HERE, max_size=3))
def test_only_its_originator_or_who_takes_it_back_marks_for_more(comes: Coming, there: list[Here]) -> None:
    decided, _ = fate(comes, there, US)
    if decided == "widen" and all(one.versioned for one in there):
        assert comes.source == comes.made_by or comes.bare


def test_what_only_takes_back_tells_nothing() -> None:
    bare = {
        "type": "infrastructure", "spec_version": "2.1", "id": "x", "created": "", "modified": "", "name": "Retracted",
        "revoked": True, "created_by_ref": "y", "extensions": {},
    }  # fmt: skip
    assert is_bare(bare)
    assert not is_bare(bare | {"description": "more"})
    assert not is_bare({**bare, "revoked": False})


@pytest.mark.parametrize(
    "extensions", [None, [], {}, {"extension-definition--x": 1}, {"x": {"withheld": "all"}}]
)
def test_what_is_no_note_of_ours_lacks_nothing(extensions: object) -> None:
    assert lacks({"extensions": extensions}) == 0
