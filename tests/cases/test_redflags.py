"""Red flags: each with its document, each behaviour with a flag or a reason, each alert with what it shows."""

from datetime import date

import pytest

from cases.making import finding, ship
from watchkeeper.behaviours import all_behaviours
from watchkeeper.cases.alerts import raise_alerts
from watchkeeper.cases.known import NOTHING, REGISTER_FIELDS, Known, differences
from watchkeeper.cases.redflags import RedFlag, catalogue, flags_of, flags_shown
from watchkeeper.model.picture import ListMatch
from watchkeeper.model.register import FlagStanding, ShipFacts

FIELDS = {"list", "programs", "standing", *REGISTER_FIELDS}


def match(title: str, programs: str = "", **says: str) -> ListMatch:
    return ListMatch(
        title, "EXAMPLE", "imo", "high", "same IMO number", programs, "2025-01-31", tuple(says.items())
    )


@pytest.mark.parametrize("flag", catalogue().flag, ids=lambda flag: flag.id)
def test_each_flag_has_sources_and_is_shown_by_something_or_says_why_not(flag: RedFlag) -> None:
    assert flag.source
    for source in flag.source:
        assert source.document in catalogue().document
        assert source.says
        assert source.section or not source.verified, "what was read to the line has its place"
    assert bool(flag.not_observable) != bool(flag.behaviours or flag.fields)
    assert set(flag.behaviours) <= set(all_behaviours())
    assert {test.name for test in flag.fields} <= FIELDS


def test_only_behaviours_are_without_a_flag() -> None:
    assert set(catalogue().no_flag) < set(all_behaviours())


def test_documents_are_dated_and_used() -> None:
    for document in catalogue().document.values():
        date.fromisoformat(document.date)
        assert document.title
        assert document.where
    used = {source.document for flag in catalogue().flag for source in flag.source}
    assert used == set(catalogue().document)


def test_ids_and_titles_are_unique() -> None:
    assert (
        len({f.id for f in catalogue().flag})
        == len({f.title for f in catalogue().flag})
        == len(catalogue().flag)
    )


@pytest.mark.parametrize("behaviour", list(all_behaviours()))
def test_each_behaviour_shows_a_flag_or_says_why_none(behaviour: str) -> None:
    assert bool(flags_of(behaviour)) != (behaviour in catalogue().no_flag)


@pytest.mark.parametrize("number", range(1, 12))
def test_every_recommendation_of_the_price_cap_coalition_is_there(number: int) -> None:
    sections = {s.section for f in catalogue().flag for s in f.source if s.document == "price-cap"}
    assert f"recommendation {number}" in sections


@pytest.mark.parametrize("number", range(1, 8))
def test_every_practice_of_the_advisory_is_there(number: int) -> None:
    assert f"practice {number}" in {
        s.section for f in catalogue().flag for s in f.source if s.document == "us-2020"
    }


@pytest.mark.parametrize("letter", "abcdefg")
def test_every_criterion_of_the_eu_is_shown_by_the_programme_of_a_list(letter: str) -> None:
    shown = flags_shown((), Known(lists=(match("EU designated vessels", f"Article 3s(2)({letter})"),)))
    assert [f"criterion ({letter})" in source for one in shown for source in one.sources] == [True]


@pytest.mark.parametrize("one", [match("a list", "EU 833/2014 Annex XLII"), match("EU, Annex XLII")])
def test_annex_xlii_without_a_criterion(one: ListMatch) -> None:
    assert [flag.id for flag in flags_shown((), Known(lists=(one,)))] == ["eu-annex-xlii"]


def test_an_alert_says_which_flags_its_findings_show_and_by_whose_word() -> None:
    (alert,) = raise_alerts([finding("ais-gap", number=1), finding("drifting", number=2)], ship)
    (shown,) = alert.red_flags
    assert (shown.id, shown.findings) == ("ais-disabled", ("ais-gap-1",))
    assert any("2020-05-14" in source and "practice 1" in source for source in shown.sources)
    assert any("A.1192(33)" in source and "not verified" in source for source in shown.sources)


def test_a_flag_of_the_register() -> None:
    black = Known(standing=FlagStanding(flag="CM", standing="black", source="Paris MoU, 2025-07-01"))
    white = Known(standing=FlagStanding(flag="DK", standing="white", source="Paris MoU, 2025-07-01"))
    assert [(f.id, f.fields) for f in flags_shown((), black)] == [("flag-black", ("standing: black",))]
    assert flags_shown((), white) == flags_shown((), NOTHING) == ()


def test_fields_of_a_register_read_as_text() -> None:
    facts = ShipFacts(imo=9329760, source="a register, 2025-01-01", built=2006)
    assert Known(facts=facts).values("built") == ("2006",)
    assert Known(facts=facts).values("insurer") == ()


class TestDifferences:
    def test_two_lists_that_say_different_things_are_both_shown(self) -> None:
        two = (match("A", flag="PA", name="EXAMPLE"), match("B", flag="GA", name="Example"))
        (one,) = differences(Known(lists=two, consulted=("A", "B")))
        assert one.about == "flag"
        assert [(said.list, said.as_of, said.value) for said in one.said] == [
            ("A", "2025-01-31", "PA"), ("B", "2025-01-31", "GA"),
        ]  # fmt: skip

    def test_a_list_that_does_not_name_the_ship_disagrees_too(self) -> None:
        (one,) = differences(Known(lists=(match("A"),), consulted=("A", "B")))
        assert one.about == "being listed"
        assert [(said.list, said.value) for said in one.said] == [
            ("A", "names the ship"), ("B", "does not name the ship"),
        ]  # fmt: skip

    def test_two_entries_of_one_list_are_no_disagreement(self) -> None:
        assert (
            differences(Known(lists=(match("A", flag="PA"), match("A", flag="GA")), consulted=("A",))) == ()
        )

    def test_no_list_names_her(self) -> None:
        assert differences(Known(consulted=("A", "B"))) == ()

    def test_an_alert_carries_them(self) -> None:
        known = Known(lists=(match("A", flag="PA"), match("B", flag="GA")), consulted=("A", "B"))
        (alert,) = raise_alerts([finding("listed-vessel")], ship, lambda mmsi: known)
        assert [m.list_title for m in alert.lists] == ["A", "B"]
        assert [d.about for d in alert.lists_differ] == ["flag"]
