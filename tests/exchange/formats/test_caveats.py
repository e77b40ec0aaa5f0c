"""A marking survives as a line of text, and a line that was tampered with never widens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.exchange.caveats import caveat, marking_of
from watchkeeper.model.marking import PAP, PURPOSES, TLP, Marking, both

NAMES = st.text(max_size=12) | st.sampled_from(
    ("country:EST", "EST", "org:a, b // c", "-", "%", "community:x")
)
GROUPS = st.lists(NAMES, max_size=3).map(tuple)
MARKINGS = st.builds(
    Marking,
    tlp=st.none() | st.sampled_from(TLP),
    pap=st.none() | st.sampled_from(PAP),
    releasable_to=st.lists(GROUPS, max_size=3, unique=True).map(tuple),
    originator=st.none() | NAMES.filter(bool),
    originator_control=st.booleans(),
    expires=st.none() | st.integers(0, 250_000_000_000_000),
    purposes=st.none() | st.lists(st.sampled_from(PURPOSES), unique=True).map(tuple),
    realm=st.just("real") | NAMES.map("exercise:{}".format),
    unknown=st.lists(NAMES, max_size=2, unique=True).map(tuple),
)


@given(MARKINGS)
def test_nothing_is_lost_in_the_line(marking: Marking) -> None:
    line = caveat(marking)
    assert "\n" not in line
    assert marking_of(line) == marking


@given(MARKINGS, MARKINGS)
def test_what_is_added_to_a_line_only_narrows(first: Marking, second: Marking) -> None:
    read = marking_of(f"{caveat(first)} // {caveat(second)}")
    if first.realm == second.realm:
        assert read == both(first, second)
    elif "real" not in (first.realm, second.realm):
        assert read.unknown


@pytest.mark.parametrize(
    "line", ["TLP:PURPLE", "nonsense", "UNTIL tomorrow", "FOR fun", "TLP:AMBER //TLP", "ORCON x"]
)
def test_what_cannot_be_read_is_for_the_originator_only(line: str) -> None:
    assert marking_of(line).unknown


def test_the_line_reads_as_such_lines_do() -> None:
    marking = Marking(
        tlp="amber+strict",
        releasable_to=(("country:EST", "country:FIN"),),
        originator_control=True,
        realm="exercise:baltic-26",
    )
    assert caveat(marking) == "TLP:AMBER+STRICT // REL TO EST, FIN // ORCON // EXERCISE baltic-26"
