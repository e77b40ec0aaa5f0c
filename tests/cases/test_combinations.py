"""Combinations: what is refused with which words, and which findings make one (against plain enumeration)."""

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.making import at, finding, some_findings
from watchkeeper.behaviours import all_behaviours
from watchkeeper.cases.combinations import Combination, Step, built_in, load, parse
from watchkeeper.cases.matching import held
from watchkeeper.cases.weights import weights
from watchkeeper.errors import ConfigError
from watchkeeper.model.finding import Finding
from watchkeeper.model.time import HOUR, from_iso

KNOWN = ("ais-gap", "anchor-drag", "encounter")
GOOD = """
[[combination]]
name = "dark-then-slow"
title = "Not heard, then slow"
why = "because"
source = "somebody, 2025"
origin = "judgement"
weight = 10
within = "24 h"
then = [{ any_of = ["ais-gap"] }, { any_of = ["anchor-drag"], at = ["*"] }]
"""


def combination(*steps: Step, **other) -> Combination:
    fields = {
        "name": "x",
        "title": "x",
        "why": "x",
        "weight": 10.0,
        "source": "x",
        "origin": "x",
        "ordered": True,
    }
    return Combination(steps=steps, **(fields | other))


def step(*behaviours: str, at: tuple[str, ...] = ()) -> Step:
    return Step(frozenset(behaviours), at)


GAP, DRAG = step("ais-gap"), step("anchor-drag")


def members(one: Combination, findings: list[Finding], lists: tuple[str, ...] = ()) -> list[str] | None:
    found = held(findings, [one], weights(), lists)
    return [f.id for f in found[0].members] if found else None


class TestReading:
    def test_what_a_file_says(self) -> None:
        (one,) = parse(GOOD, "mine.toml", KNOWN)
        assert one.steps == (GAP, step("anchor-drag", at=("*",)))
        assert (one.ordered, one.within_s, one.weight, one.assets) == (True, 86400.0, 10.0, None)

    @pytest.mark.parametrize(
        ("was", "becomes", "words"),
        [
            ('["ais-gap"]', '["ais-gpa"]', ["then[1].any_of", "ais-gpa", "Did you mean ais-gap?"]),
            ('["ais-gap"]', "[]", ["then[1].any_of", "names no behaviour"]),
            ('["ais-gap"]', '["listed-vessel"]', ["then[1].any_of", 'listed = ["*"]']),
            ("within", "wihtin", ["wihtin", "Did you mean within?"]),
            ("any_of", "anyof", ["then[1].anyof", "Did you mean any_of?"]),
            ('"24 h"', '"24 kn"', ["within", "does not measure a time"]),
            ('"24 h"', '"24"', ["within", "is not a duration", '"24 h"']),
            ('"24 h"', '"-1 h"', ["within", "is not a duration"]),
            ("weight = 10", "weight = -1", ["weight", "-1"]),
            ("weight = 10", 'weight = "much"', ["weight"]),
            ("weight = 10", "weight = nan", ["weight"]),
            ("weight = 10", 'weight = 10\nassets = "different"\nlisted = "all"', ["listed"]),
            ('source = "somebody, 2025"', 'source = " "', ["source", "empty"]),
            ('source = "somebody, 2025"', "", ["source"]),
            ("then = ", "and = [{any_of=['encounter']}]\nthen = ", ["and, then", "exactly one"]),
            ('within = "24 h"', 'contains = ["another"]', ["contains", "no combination another"]),
            ("dark-then-slow", "Dark", ["name", "lower-case"]),
        ],
    )
    def test_what_is_refused_is_named(self, was: str, becomes: str, words: list[str]) -> None:
        with pytest.raises(ConfigError) as refused:
            parse(GOOD.replace(was, becomes, 1), "mine.toml", KNOWN)
        said = str(refused.value)
        assert "mine.toml: combination " in said
        assert not [word for word in words if word not in said], said

    def test_different_assets_are_two(self) -> None:
        three = GOOD.replace("then = [", 'assets = "different"\nthen = [{ any_of = ["encounter"] }, ')
        with pytest.raises(ConfigError, match="needs two steps"):
            parse(three, "mine.toml", KNOWN)

    def test_five_steps_are_too_many(self) -> None:
        with pytest.raises(ConfigError, match="more than 4 steps"):
            parse(
                GOOD.replace("then = [", "then = [" + '{ any_of = ["encounter"] }, ' * 3), "mine.toml", KNOWN
            )

    @pytest.mark.parametrize(
        "text", ["combination = 3", "[combination]\nname='x'", "x = 1", "[[combination", "\0"]
    )
    def test_another_kind_of_file(self, text: str) -> None:
        with pytest.raises(ConfigError, match=r"mine\.toml"):
            parse(text, "mine.toml", KNOWN)

    def test_a_file_of_ones_own_adds_to_the_built_in(self, tmp_path) -> None:
        file = tmp_path / "mine.toml"
        mine = GOOD.replace("weight = 10", 'weight = 10\ncontains = ["asset-and-hidden"]')
        file.write_text(mine.replace('["ais-gap"]', '["third-party"]'), "utf-8")
        assert load([file], ["third-party"])[:-1] == built_in()
        with pytest.raises(ConfigError, match=r"there is no behaviour third-party"):
            load([file], [])
        with pytest.raises(ConfigError, match=r"dark-then-slow is taken"):
            load([file, file], ["third-party"])

    @pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"#" * ((1 << 20) + 1)])
    def test_a_file_that_cannot_be_read(self, content: bytes | None, tmp_path) -> None:
        file = tmp_path / "mine.toml"
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(ConfigError, match=r"mine\.toml"):
            load([file], [])

    def test_the_built_in_ones_say_why_and_by_whose_word(self) -> None:
        assert len({one.title for one in built_in()}) == len(built_in())
        for one in built_in():
            assert one.source
            assert one.origin.startswith("judgement")

    def test_titles_are_no_behaviours(self) -> None:
        assert not {one.title for one in built_in()} & {*all_behaviours(), *weights().behaviour}


class TestTime:
    within = combination(GAP, DRAG, within_s=6 * 3600.0)

    @pytest.mark.parametrize(
        ("begins", "holds"), [(-1, False), (0, False), (1, True), (8, True), (8.1, False)]
    )
    def test_then_within(self, begins: float, holds: bool) -> None:
        """The gap lasts from 0 to 2 o'clock."""
        pair = [finding("ais-gap"), finding("anchor-drag", start=at(begins), end=at(begins + 1))]
        assert (members(self.within, pair) is not None) == holds

    def test_nothing_is_too_late_for_what_is_open(self) -> None:
        pair = [finding("ais-gap", end=None), finding("anchor-drag", start=at(40), end=None)]
        assert members(self.within, pair) == ["ais-gap-0", "anchor-drag-0"]

    @pytest.mark.parametrize("order", [(GAP, DRAG), (DRAG, GAP)])
    def test_and_is_either_order(self, order: tuple[Step, Step]) -> None:
        one = combination(*order, ordered=False, within_s=6 * 3600.0)
        pair = [finding("ais-gap"), finding("anchor-drag", start=at(3))]
        assert sorted(members(one, pair) or []) == ["ais-gap-0", "anchor-drag-0"]
        assert members(one, [pair[0], finding("anchor-drag", start=at(9), end=at(10))]) is None

    def test_one_finding_is_not_two(self) -> None:
        twice = combination(DRAG, DRAG, ordered=False)
        assert members(twice, [finding("anchor-drag")]) is None
        assert members(twice, [finding("anchor-drag"), finding("anchor-drag", number=1)]) is not None

    def test_the_surest_then_the_earliest_are_shown(self) -> None:
        drags = [
            finding("anchor-drag", number=k, start=at(2 + k), end=None, confidence=c)
            for k, c in enumerate(["low", "high", "high"])
        ]
        assert members(self.within, [finding("ais-gap"), *drags]) == ["ais-gap-0", "anchor-drag-1"]


class TestAssetsAndLists:
    @pytest.mark.parametrize(
        ("asset", "pattern", "is_meant"),
        [
            ("cables/estlink-2", "Estlink*", True), ("cables/estlink-2", "cables/*", True),
            ("cables/estlink-2", "*", True), ("cables/c-lion1", "estlink*", False), ("estlink", "estlink*", True),
            (None, "*", False), ("a/b", "a", False),
        ],
    )  # fmt: skip
    def test_at_an_asset_of_that_name(self, asset: str | None, pattern: str, is_meant: bool) -> None:
        one = combination(step("anchor-drag", at=(pattern,)))
        assert (members(one, [finding("anchor-drag", asset=asset)]) is not None) == is_meant

    @pytest.mark.parametrize(
        ("where", "same", "different"), [("A", True, False), ("B", False, True), (None, 0, 0)]
    )
    def test_same_and_different(self, where: str | None, same: bool, different: bool) -> None:
        two = [finding("ais-gap", asset="A"), finding("anchor-drag", start=at(1), asset=where)]
        assert (members(combination(GAP, DRAG, assets="same"), two) is not None) == bool(same)
        assert (members(combination(GAP, DRAG, assets="different"), two) is not None) == bool(different)

    def test_listed_by_a_list_of_that_name(self) -> None:
        two = [finding("ais-gap"), finding("listed-vessel", end=None)]
        any_list, eu = combination(GAP, listed=("*",)), combination(GAP, listed=("*EU*",))
        assert members(any_list, two) == ["listed-vessel-0", "ais-gap-0"]
        assert members(any_list, two[:1]) is None
        assert members(eu, two, ("OFAC SDN",)) is None
        assert members(eu, two, ("OFAC SDN", "the eu list")) is not None

    def test_any_conduct_is_no_listing_no_forecast_no_fault_and_not_the_network(self) -> None:
        one = combination(step("*"), listed=("*",))
        listed = finding("listed-vessel")
        assert members(one, [listed]) is None
        others = ("receiver-outage", "impossible-value", "asset-approach")
        assert members(one, [listed, *map(finding, others)]) is None
        assert members(one, [listed, finding("loitering")]) is not None


def plainly(one: Combination, findings: list[Finding]) -> float | None:
    """The strength of a combination by trying every choice of findings."""
    best = None
    steps = [[f for f in findings if f.behaviour in s.any_of and (not s.at or f.asset)] for s in one.steps]
    for chosen in product(*steps):
        ordered = list(chosen) if one.ordered else sorted(chosen, key=lambda f: (f.start, f.id))
        pairs = list(pairwise(ordered))
        assets = {f.asset for f in chosen}
        fits = (
            len({f.id for f in chosen}) == len(chosen)
            and all(a.start < b.start or (not one.ordered and a.start == b.start) for a, b in pairs)
            and all(one.within_s is None or hours_between(a, b) <= one.within_s / 3600 for a, b in pairs)
            and (one.assets != "same" or (len(assets) == 1 and None not in assets))
            and (one.assets != "different" or (len(assets) == len(chosen) and None not in assets))
        )
        if fits:
            strength = min(map(weights().strength, chosen))
            best = strength if best is None else max(best, strength)
    return best


def hours_between(a: Finding, b: Finding) -> float:
    return float("-inf") if a.end is None else (from_iso(b.start) - from_iso(a.end)) / HOUR


@given(
    some_findings(["ais-gap", "anchor-drag", "encounter"]),
    st.lists(st.sampled_from([GAP, DRAG, step("ais-gap", "encounter"), step("encounter", at=("*",))]), min_size=1,
             max_size=3),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 12)),
    st.sampled_from([None, "same", "different"]),
)  # fmt: skip
def test_as_plain_enumeration_finds(findings, steps, ordered, hours, assets) -> None:
    if assets == "different":
        steps = [steps[0], steps[-1]]
    within = None if hours is None else hours * 3600.0
    one = combination(*steps, ordered=ordered, within_s=within, assets=assets)
    found = held(findings, [one], weights(), ())
    assert (found[0].strength if found else None) == plainly(one, findings)
    for f, s in zip(found[0].members if found else (), steps, strict=False):
        assert f.behaviour in s.any_of
