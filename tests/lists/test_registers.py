"""Facts on ships, standings of flags, and what lists and registers say of each other."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lists import made_up
from lists.test_official_formats import heron, loaded, write
from watchkeeper.errors import ListError
from watchkeeper.lists.check import CheckReport, check
from watchkeeper.lists.differences import differences
from watchkeeper.lists.disagreements import disagreements
from watchkeeper.lists.entries import FlagPerformance, ShipRegister, VesselList
from watchkeeper.lists.facts import flag_history
from watchkeeper.lists.flag_performance import FlagIndex, standing_of
from watchkeeper.lists.load import load_any, load_list, load_lists
from watchkeeper.lists.record import list_record
from watchkeeper.lists.registers import RegisterIndex
from watchkeeper.lists.rendering import render_check
from watchkeeper.lists.values import iso_date, names_in, quantity, year_of
from watchkeeper.model.picture import Ship
from watchkeeper.model.register import FlagSpell
from watchkeeper.surroundings import load_surroundings

TODAY = date(2026, 11, 22)


@pytest.fixture
def register(tmp_path: Path) -> ShipRegister:
    one = load_any(write(tmp_path, "register.csv", made_up.REGISTER_CSV))
    assert isinstance(one, ShipRegister)
    return one


@pytest.fixture
def flags(tmp_path: Path) -> FlagPerformance:
    one = load_any(write(tmp_path, "paris-mou-2026-07-01.csv", made_up.FLAGS_CSV))
    assert isinstance(one, FlagPerformance)
    return one


# --- registers


def test_facts_by_imo_number(register: ShipRegister) -> None:
    facts = RegisterIndex([register]).of(9000003)
    assert facts is not None
    assert (facts.name, facts.built, facts.gross_tonnage, facts.deadweight_t) == (
        "GREY HERON",
        2003,
        56068.0,
        105000.0,
    )
    assert (facts.length_m, facts.beam_m, facts.flag, facts.ship_type) == (
        249.9,
        44.0,
        "RU",
        "Crude Oil Tanker",
    )
    assert (facts.owner, facts.manager, facts.insurer, facts.class_society) == (
        "Heron Shipping Ltd",
        "Spoon Management",
        "Test Mutual",
        "Test Class",
    )
    assert facts.former_names == ("WHITE HERON",)
    assert facts.flag_history == (
        FlagSpell(flag="PA", flag_text="Panama", since="2003", until="2019"),
        FlagSpell(flag="LR", flag_text="Liberia", since="2019", until="2023"),
    )
    assert RegisterIndex([register]).of(9000027) is None


def test_bad_rows_of_a_register_are_counted_with_their_reason(register: ShipRegister) -> None:
    assert [(r.row, r.reason) for r in register.rejected] == [(4, "not one valid IMO number: 9000016")]
    assert [(r.row, r.reason) for r in register.unread] == [
        (3, "'around then' is not a built that can be used")
    ]
    assert "columns not read" not in "".join(register.notes)
    kept = list_record(register)
    assert (kept["kind"], kept["entries"], kept["rejected"]) == ("ship register", 2, 1)
    assert kept["rejected_rows"][0]["row"] == 4
    assert kept["unread_values"][0]["entry"] == "9000015"


def test_numbers_that_match_no_ship_are_said(tmp_path: Path) -> None:
    one = load_list(write(tmp_path, "a.csv", "imo,name\n9000003,GREY HERON\n9000004,WRONG DIGIT\n"))
    assert list_record(one)["unread_values"] == [
        {
            "row": 3,
            "entry": "3",
            "what": "the check digit of IMO number 9000004 is wrong, so it matches no ship",
        }
    ]


def test_a_register_names_nobody(register: ShipRegister) -> None:
    with pytest.raises(ListError, match="names no ship"):
        load_list(register.path)


def test_a_reason_for_listing_makes_it_a_list(tmp_path: Path) -> None:
    text = "imo,name,built,owner,program\n9000003,GREY HERON,2003,Heron Ltd,watch\n"
    assert isinstance(load_any(write(tmp_path, "a.csv", text)), VesselList)
    assert isinstance(load_any(write(tmp_path, "b.csv", text.replace("program", "remark"))), ShipRegister)


def test_the_newest_value_stands_and_others_are_said(tmp_path: Path, register: ShipRegister) -> None:
    text = "imo,owner,built,flag,as of\n9000003,New Owner,2003,Gabon,2026-11-01\n"
    newer = load_any(write(tmp_path, "newer.csv", text))
    assert isinstance(newer, ShipRegister)
    for given_order in ([register, newer], [newer, register]):
        facts = RegisterIndex(given_order).of(9000003)
        assert facts is not None
        assert (facts.owner, facts.flag, facts.beam_m) == ("New Owner", "GA", 44.0)
        assert facts.disagreements == (
            "flag: GA (register newer, 2026-11-01) or RU (register register, 2026-10-01)",
            "owner: New Owner (register newer, 2026-11-01) or Heron Shipping Ltd (register register, 2026-10-01)",
        )


def test_facts_of_a_list_are_as_old_as_the_list(tmp_path: Path) -> None:
    text = made_up.UK_CSV.replace("03/04/2025", "")
    facts = RegisterIndex(lists=[load_list(write(tmp_path, "uk.csv", text))]).of(9000003)
    assert facts is not None
    assert facts.as_of == "2026-09-11"


def test_lists_give_facts_too(tmp_path: Path) -> None:
    facts = RegisterIndex(lists=[loaded(tmp_path, "uk.csv")]).of(9000003)
    assert facts is not None
    assert (facts.built, facts.owner, facts.source) == (2003, "Heron Shipping Ltd", "UK Sanctions List")


@pytest.mark.parametrize("text", ["imo,built,owner\n,2003,X\n,2004,Y\n", "imo,built,owner\n2003,x,9000003\n"])
def test_a_register_without_an_imo_number_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ListError, match="none of"):
        load_any(write(tmp_path, "a.csv", text))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("56,068", 56068.0),
        ("56 068 GT", 56068.0),
        ("183.2 m", 183.2),
        ("12,5 m", 12.5),
        ("5", 5.0),
        ("0", None),
        ("", None),
        ("about 5", None),
        ("12 ft", None),
        ("1,2,3", None),
        ("-5", None),
    ],
)
def test_quantities(text: str, number: float | None) -> None:
    assert quantity(text) == number


def test_years_and_flag_history() -> None:
    assert [year_of(t) for t in ("2003", "2003-05-01", "May 2003", "20030", "2003 or 2004", "", None)] == [
        2003,
        2003,
        2003,
        None,
        None,
        None,
        None,
    ]
    spells = flag_history("Panama; Gabon since 2024-01-05 | Cook Islands 2019-2021; ; Atlantis")
    assert [(s.flag, s.since, s.until) for s in spells] == [
        ("PA", None, None),
        ("GA", "2024-01-05", None),
        ("CK", "2019", "2021"),
        (None, None, None),
    ]


@given(st.text(max_size=60))
def test_no_cell_raises(text: str) -> None:
    quantity(text)
    year_of(text)
    flag_history(text)
    assert all(name == name.strip() and name for name in names_in(text))


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("GREY HERON", ("GREY HERON",)),
        ("GREY HERON (ex WHITE HERON)", ("GREY HERON", "WHITE HERON")),
        ("GREY HERON, ex-WHITE HERON, ex BLUE HERON", ("GREY HERON", "WHITE HERON", "BLUE HERON")),
        ("GREY HERON; WHITE HERON | BLUE HERON", ("GREY HERON", "WHITE HERON", "BLUE HERON")),
        ("GREY HERON / WHITE HERON", ("GREY HERON", "WHITE HERON")),
        ("GREY HERON a.k.a. WHITE HERON", ("GREY HERON", "WHITE HERON")),
        ("GREY HERON (f.k.a. 'WHITE HERON')", ("GREY HERON", "WHITE HERON")),
        ("GREY HERON formerly known as WHITE HERON", ("GREY HERON", "WHITE HERON")),
        ("(1) GREY HERON (2) WHITE HERON", ("GREY HERON", "WHITE HERON")),
        ("GREY HERON\nWHITE HERON", ("GREY HERON", "WHITE HERON")),
        ("GREY HERON; grey heron; GREY HERON", ("GREY HERON", "grey heron")),
        ("M/V GREY HERON", ("M/V GREY HERON",)),
        ("SEA STAR (II)", ("SEA STAR (II)",)),
        ("REX EXPRESS 1", ("REX EXPRESS 1",)),
        ("TEXAS, THE", ("TEXAS, THE",)),
        ("EX MARE", ("EX MARE",)),
        ("n/a", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_names_of_a_cell(cell: str | None, names: tuple[str, ...]) -> None:
    assert names_in(cell) == names


def test_day_first_where_the_publisher_writes_so() -> None:
    assert iso_date("03/04/2026", "day first") == "2026-04-03"
    assert iso_date("04/13/2026", "day first") is None
    assert iso_date("11-Sep-2026", "day first") == "2026-09-11"


# --- flags


def test_flag_standings(flags: FlagPerformance) -> None:
    index = FlagIndex([flags])
    denmark, panama, cameroon = index.of("DK"), index.of("pa"), index.of("CM")
    assert denmark is not None
    assert panama is not None
    assert cameroon is not None
    assert (denmark.standing, panama.standing, cameroon.standing) == ("white", "grey", "black")
    assert (panama.inspections, panama.detentions, panama.rank, denmark.excess_factor) == (
        5472,
        366,
        2,
        -1.93,
    )
    assert index.of("XX") is None
    assert (flags.id, flags.as_of, denmark.as_of) == ("paris-mou", "2026-07-01", "2026-07-01")


def test_the_newer_list_decides(tmp_path: Path, flags: FlagPerformance) -> None:
    newer = load_any(write(tmp_path, "paris-mou-2027-07-01.csv", "flag,list\nPanama,white\n"))
    assert isinstance(newer, FlagPerformance)
    for order in ([flags, newer], [newer, flags]):
        panama = FlagIndex(order).of("PA")
        assert panama is not None
        assert panama.standing == "white"


@given(st.integers(0, 20_000), st.integers(0, 20_000))
def test_more_detentions_never_make_a_flag_better(inspections: int, detentions: int) -> None:
    order = {"white": 0, "grey": 1, "black": 2}
    one, worse = standing_of(inspections, detentions), standing_of(inspections, detentions + 1)
    assert (one is None) == (worse is None) == (inspections < 30)
    if one and worse:
        assert order[one] <= order[worse]


def test_the_published_table_of_2020_to_2022_follows_from_the_formula() -> None:
    # Paris MoU performance lists adopted 2023: Denmark 9 of 1,121 white; Panama 366 of 5,472 grey.
    assert standing_of(1121, 9) == "white"
    assert standing_of(5472, 366) == "grey"


def test_shifted_counts_are_refused(tmp_path: Path) -> None:
    text = "flag,standing,detentions,inspections\nDenmark,white,1121,1200\nPanama,grey,366,380\n"
    with pytest.raises(ListError, match="2 of 2 standings do not follow"):
        load_any(write(tmp_path, "f.csv", text))
    swapped = "flag,list,inspections,detentions\nDenmark,white,9,1121\n"
    with pytest.raises(ListError, match="1,121 detentions in 9 inspections"):
        load_any(write(tmp_path, "g.csv", swapped))
    with pytest.raises(ListError, match="expected a column `standing`"):
        load_any(write(tmp_path, "h.csv", "flag,excess factor\nDenmark,1\n"))


def test_a_flag_that_is_none_or_twice_is_rejected(tmp_path: Path) -> None:
    text = "flag,list\nDenmark,white\nAtlantis,black\nDENMARK,grey\nCuba,purple\n"
    one = load_any(write(tmp_path, "f.csv", text))
    assert [(r.row, r.reason) for r in one.rejected] == [
        (3, "'Atlantis' is no country"),
        (4, "DK is there twice"),
        (5, "neither white, grey or black nor counts from which that follows"),
    ]


# --- lists that disagree, and the check


def test_lists_that_disagree_are_both_named(tmp_path: Path) -> None:
    uk, gur = heron(loaded(tmp_path, "uk.csv")), heron(loaded(tmp_path, "gur.json"))
    other = msgspec.structs.replace(gur, flag="GA", name="BLUE HERON", aliases=())
    assert disagreements([("UK", uk), ("GUR", gur)]) == ()
    assert disagreements([("UK", uk), ("GUR", other)]) == (
        "the lists disagree on name: GREY HERON or WHITE HERON (UK, 2025-04-03); BLUE HERON (GUR, undated)",
        "the lists disagree on flag: RU (UK, 2025-04-03); GA (GUR, undated)",
    )
    assert disagreements([("UK", uk), ("UK", other)]) == ()


def report(tmp_path: Path, query: str) -> CheckReport:
    text = "imo,name,flag,program\n9000003,BLUE HERON,Gabon,own\n"
    paths = [
        write(tmp_path, "ships.ftm.json", made_up.FTM_OWNED),
        write(tmp_path, "own.csv", text),
        write(tmp_path, "register.csv", made_up.REGISTER_CSV),
        write(tmp_path, "paris-mou.csv", made_up.FLAGS_CSV),
    ]
    return check(query, load_lists(paths), TODAY)


@pytest.mark.parametrize("query", ["9000003", "GREY HERON"])
def test_a_check_shows_owners_facts_and_disagreements(tmp_path: Path, query: str) -> None:
    text = render_check(report(tmp_path, query))
    assert "owner: Heron Shipping Ltd (listed, sanction, poi)" in text
    assert "director of the owner: Some Person (listed, sanction)" in text
    assert "its owner Heron Shipping Ltd is listed too" in text
    assert "IMO 9000003: GREY HERON; built 2003; gross tonnage 56068" in text
    assert "earlier flags: Panama 2003 to 2019, Liberia 2019 to 2023" in text
    assert "register register: a ship register CSV, which lists nobody; dated 2026-10-02" in text
    assert ("the lists disagree on flag: RU" in text) == (query == "9000003")


def test_a_check_shows_the_standing_of_the_flag(tmp_path: Path) -> None:
    flags = write(tmp_path, "paris-mou-2026-07-01.csv", "flag,list\nRussia,grey\n")
    register = write(tmp_path, "register.csv", made_up.REGISTER_CSV)
    one = check("9000003", load_lists([flags, register]), TODAY)
    assert not one.listed
    assert "flag Russia: grey list (Paris MoU flag performance, 2026-07-01)" in render_check(one)
    assert msgspec.json.decode(msgspec.json.encode(one), type=CheckReport) == one


def test_surroundings_take_every_kind(tmp_path: Path) -> None:
    paths = [
        write(tmp_path, name, text)
        for name, text in (
            ("register.csv", made_up.REGISTER_CSV),
            ("paris-mou.csv", made_up.FLAGS_CSV),
            ("uk.csv", made_up.UK_CSV),
        )
    ]
    around = load_surroundings((), paths)
    assert len(around.documents) == 3
    assert len(around.lists.lists) == 1
    facts, standing = around.register(9000003), around.flag_standing("PA")
    assert facts is not None
    assert facts.insurer == "Test Mutual"
    assert standing is not None
    assert standing.standing == "grey"
    assert around.register(9000027) is None
    assert around.flag_standing("XX") is None


def test_an_alert_says_owners_and_disagreements(tmp_path: Path) -> None:
    own = write(tmp_path, "own.csv", "imo,name,flag,program\n9000003,BLUE HERON,Gabon,own\n")
    around = load_surroundings((), [own, write(tmp_path, "ships.ftm.json", made_up.FTM_OWNED)])
    ship = Ship(273000111, 9000003, "GREY HERON", "", "RU", 80, 1, 250.0)
    matches = around.list_matches(ship)
    assert len(matches) == 2
    for match in matches:
        assert (
            "the lists disagree on flag: GA (own, undated); RU (FollowTheMoney ships, undated)"
            in match.reason
        )
    assert "its owner Heron Shipping Ltd is listed too" in matches[1].reason
    assert ("owner", "Heron Shipping Ltd (listed too)") in matches[1].says


# --- versions


def test_differences_between_versions(tmp_path: Path) -> None:
    old = load_list(
        write(tmp_path, "a.csv", "id,imo,name,flag\nA,9000003,GREY HERON,Panama\nB,,OLD SPOON,Cuba\n")
    )
    text = "id,imo,name,flag\nB,9000015,OLD SPOON,Cuba\nC,9000027,NEW FORK,Cuba\nA,9000003,GREY HERON,Gabon\n"
    new = load_list(write(tmp_path, "b.csv", text))
    found = differences(old, new)
    assert [(c.key, c.name) for c in found.added] == [("IMO 9000027", "NEW FORK")]
    assert found.removed == ()
    assert [(c.key, c.fields) for c in found.changed] == [
        ("IMO 9000003", (("flag", "PA", "GA"), ("flag text", "Panama", "Gabon"))),
    ]
    assert (found.before, found.after, found.same) == (2, 3, 1)
    back = differences(new, old)
    assert [c.key for c in back.removed] == ["IMO 9000027"]


def test_a_version_does_not_differ_from_itself(
    tmp_path: Path, register: ShipRegister, flags: FlagPerformance
) -> None:
    for one in (register, flags, loaded(tmp_path, "uk.csv"), loaded(tmp_path, "ships.ftm.json")):
        found = differences(one, one)
        assert (found.added, found.removed, found.changed) == ((), (), ())
        assert found.same == found.before == found.after > 0


def test_the_order_of_rows_is_no_difference(tmp_path: Path) -> None:
    header, *rows = made_up.REGISTER_CSV.splitlines()
    one = load_any(write(tmp_path, "a.csv", "\n".join([header, *rows])))
    other = load_any(write(tmp_path, "a.csv", "\n".join([header, *reversed(rows)])))
    assert differences(one, other).changed == ()
