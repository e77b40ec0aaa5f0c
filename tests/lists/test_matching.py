"""Matching ships against lists, and the check of one ship."""

import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import ListError
from watchkeeper.lists.check import CheckReport, check
from watchkeeper.lists.entries import ListEntry, UnreadableList, VesselList
from watchkeeper.lists.load import load_list, load_lists
from watchkeeper.lists.matching import ListIndex
from watchkeeper.lists.rendering import render_check
from watchkeeper.model.imo import valid_imo, valid_imos

TODAY = date(2026, 11, 22)
HERON = ListEntry(
    list="one",
    id="1",
    name="GREY HERON",
    aliases=("WHITE HERON",),
    imo=9000003,
    mmsi=273000111,
    callsign="UBAA1",
    flag="RU",
    flag_text="Russia",
    row=1,
)
SPOON = ListEntry(list="one", id="2", name="OLD SPOON", flag="CK", flag_text="Cook Islands", row=2)
FALSE_IMO = ListEntry(list="one", id="3", name="WRONG DIGIT", imo=9000004, row=3)


def a_list(*entries: ListEntry, name: str = "one", as_of: str | None = "2026-03-22") -> VesselList:
    return VesselList(
        id=name,
        title=name.title(),
        path=f"/lists/{name}.csv",
        format="test",
        as_of=as_of,
        file_written="2026-11-01T00:00:00Z",
        sha256="0" * 64,
        entries=entries,
    )


INDEX = ListIndex([a_list(HERON, SPOON, FALSE_IMO)])


@given(st.integers(-10, 10_000_010))
def test_one_number_and_a_column_agree_on_the_check_digit(imo: int) -> None:
    assert valid_imo(imo) == bool(valid_imos(np.array([imo]))[0])


def test_by_imo() -> None:
    (match,) = INDEX.match(imo=9000003)
    assert (match.entry, match.by, match.confidence, match.conflicts) == (HERON, "imo", "high", ())
    assert "IMO number" in match.reason


def test_by_imo_with_everything_else_different_is_less_sure_and_says_so() -> None:
    (match,) = INDEX.match(imo=9000003, mmsi=518000222, name="SOMETHING ELSE")
    assert (match.by, match.confidence) == ("imo", "medium")
    assert match.conflicts == (
        "the list gives MMSI 273000111, the ship sends 518000222",
        "the list gives name GREY HERON or WHITE HERON, the ship sends SOMETHING ELSE",
        "the list gives flag RU, the ship sends CK",
    )
    assert all(conflict in match.reason for conflict in match.conflicts)


def test_a_flag_alone_neither_confirms_nor_weakens_an_imo_number() -> None:
    (match,) = INDEX.match(imo=9000003, mmsi=273000999, name="SOMETHING ELSE")
    assert (match.confidence, match.agrees) == ("medium", ("flag",))
    (match,) = INDEX.match(imo=9000003, flag="PA")
    assert (match.confidence, len(match.conflicts)) == ("high", 1)


def test_a_renamed_ship_of_the_same_imo_and_mmsi_is_sure() -> None:
    (match,) = INDEX.match(imo=9000003, mmsi=273000111, name="NEW NAME")
    assert (match.by, match.confidence, len(match.conflicts)) == ("imo", "high", 1)


def test_an_imo_number_with_a_wrong_check_digit_is_never_matched() -> None:
    assert INDEX.match(imo=9000004) == []
    assert [m.by for m in INDEX.match(imo=9000004, name="wrong digit", flag="PA")] == []


def test_by_mmsi() -> None:
    (match,) = INDEX.match(mmsi=273000111)
    assert (match.by, match.confidence) == ("mmsi", "medium")
    (match,) = INDEX.match(mmsi=273000111, name="M/V White-Heron")
    assert (match.confidence, match.agrees) == ("high", ("name", "flag"))


@pytest.mark.parametrize("sent", [9000015, 9000004])
def test_by_mmsi_while_another_imo_is_sent_says_both(sent: int) -> None:
    (match,) = INDEX.match(imo=sent, mmsi=273000111, name="GREY HERON")
    assert (match.by, match.confidence) == ("mmsi", "low")
    assert match.conflicts == (f"the list gives IMO number 9000003, the ship sends {sent}",)


def test_by_name_and_flag() -> None:
    (match,) = INDEX.match(name="M/T OLD-SPOON", mmsi=518000222)
    assert (match.entry, match.by, match.confidence) == (SPOON, "name+flag", "low")
    (match,) = INDEX.match(name="WHITE HERON", flag="RU", callsign="UBAA 1")
    assert (match.by, match.confidence, match.agrees) == ("name+flag", "medium", ("callsign",))


@pytest.mark.parametrize(
    "ship",
    [
        {"name": "OLD SPOON"},
        {"name": "OLD SPOON", "flag": "PA"},
        {"name": "OLD SPOONS", "flag": "CK"},
        {"name": "GREY HERON", "flag": "RU", "imo": 9000015},
        {"flag": "CK"},
        {"callsign": "UBAA1"},
        {"imo": 0, "mmsi": 0, "name": "", "flag": "", "callsign": ""},
        {},
    ],
)
def test_what_does_not_match(ship: dict[str, object]) -> None:
    assert INDEX.match(**ship) == []  # type: ignore[arg-type]


def test_lists_that_disagree_are_both_shown() -> None:
    other = msgspec.structs.replace(HERON, list="two", mmsi=518000222, name="OTHER")
    matches = ListIndex([a_list(HERON), a_list(other, name="two")]).match(imo=9000003, mmsi=273000111)
    assert [(m.entry.list, m.conflicts) for m in matches] == [
        ("one", ()),
        ("two", ("the list gives MMSI 518000222, the ship sends 273000111",)),
    ]


def test_two_entries_of_one_list_with_the_same_imo_are_both_shown() -> None:
    twin = msgspec.structs.replace(HERON, id="1b", name="TWIN", row=9)
    assert [m.entry.id for m in ListIndex([a_list(HERON, twin)]).match(imo=9000003)] == ["1", "1b"]


def test_further_numbers_of_a_record_match_too() -> None:
    entry = msgspec.structs.replace(HERON, other_imos=(9000015,), other_mmsis=(518000222,))
    index = ListIndex([a_list(entry)])
    assert index.match(imo=9000015)[0].entry is entry
    assert index.match(mmsi=518000222)[0].entry is entry


# --- check


def answer(query: str, *lists: VesselList | UnreadableList) -> CheckReport:
    return check(query, lists or (a_list(HERON, SPOON, FALSE_IMO),), TODAY)


@pytest.mark.parametrize(
    ("query", "kind", "value", "outcome"),
    [
        ("9000003", "imo", "9000003", "listed"),
        ("IMO 9000003", "imo", "9000003", "listed"),
        (" imo:90 000 03 ", "imo", "9000003", "listed"),
        ("9329760", "imo", "9329760", "not listed"),
        ("273000111", "mmsi", "273000111", "listed"),
        ("MMSI 518000222", "mmsi", "518000222", "not listed"),
        ("white heron", "name", "white heron", "listed"),
        ("nobody", "name", "nobody", "not listed"),
        ("12345678", "name", "12345678", "not listed"),
    ],
)
def test_check(query: str, kind: str, value: str, outcome: str) -> None:
    report = answer(query)
    assert (report.kind, report.value, report.problem) == (kind, value, "")
    assert [a.outcome for a in report.answers] == [outcome]
    assert report.listed == (outcome == "listed")


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("9329761", "9329761 is not an IMO number: its check digit would be 0"),
        ("9000004", "9000004 is not an IMO number: its check digit would be 3"),
        ("0000000", "0000000 is not an IMO number: it begins with 0"),
    ],
)
def test_a_wrong_check_digit_is_said_and_nothing_is_called_not_listed(query: str, problem: str) -> None:
    report = answer(query)
    assert report.problem == problem
    assert [a.outcome for a in report.answers] == ["cannot tell"]
    assert problem in render_check(report)


def test_a_list_without_such_identifiers_cannot_tell() -> None:
    (given,) = answer("273000111", a_list(SPOON)).answers
    assert (given.outcome, given.reason) == ("cannot tell", "no entry of this list gives a MMSI")


def test_nothing_to_consult_or_nothing_asked_is_an_error() -> None:
    with pytest.raises(ListError, match="No list"):
        check("9329760", [], TODAY)
    with pytest.raises(ListError, match="no IMO number, MMSI or name"):
        answer(" -- ")


def test_the_text_always_names_list_date_age_and_counts() -> None:
    unreadable = UnreadableList("/lists/gone.csv", "/lists/gone.csv: no such file.", "Check the path.")
    report = answer("9329760", a_list(HERON, SPOON), a_list(HERON, name="undated", as_of=None), unreadable)
    text = render_check(report)
    assert text.splitlines() == [
        "IMO number 9329760 in 3 lists, on 2026-11-22",
        "",
        "One: not listed",
        "  consulted: dated 2026-03-22, 245 days old; 2 entries, 1 of them searchable this way, "
        "0 rows rejected",
        "  file: /lists/one.csv, written 2026-11-01T00:00:00Z, sha256 000000000000",
        "",
        "Undated: not listed",
        "  consulted: date unknown (the file states none); 1 entries, 1 of them searchable this way, "
        "0 rows rejected",
        "  file: /lists/undated.csv, written 2026-11-01T00:00:00Z, sha256 000000000000",
        "",
        "/lists/gone.csv: could not be read (/lists/gone.csv: no such file. Check the path.)",
    ]


def test_a_future_date_and_one_day_read_well() -> None:
    assert "dated 2026-11-24, 2 days in the future" in render_check(
        answer("9000003", a_list(HERON, as_of="2026-11-24"))
    )
    assert "dated 2026-11-21, 1 day old" in render_check(answer("9000003", a_list(HERON, as_of="2026-11-21")))


def test_a_listed_ship_is_shown_with_its_entry() -> None:
    text = render_check(answer("9000003"))
    assert "GREY HERON (entry 1, row 1); IMO 9000003; MMSI 273000111; callsign UBAA1; flag Russia" in text
    assert "high confidence: same IMO number, which stays with the hull" in text
    assert "also known as: WHITE HERON" in text


def test_the_report_goes_to_json_and_back() -> None:
    report = answer("9000003")
    assert msgspec.json.decode(msgspec.json.encode(report), type=CheckReport) == report
    assert json.loads(msgspec.json.encode(report))["answers"][0]["matches"][0]["entry"]["imo"] == 9000003


def test_eagle_s_is_not_in_the_ofac_file_of_march_2026(sample_data: Path) -> None:
    path = sample_data / "sanctions" / "ofac_sdn_vessels_2026-03-22.json.gz"
    if not path.is_file():
        pytest.skip(f"no {path}")
    text = render_check(check("9329760", load_lists([path]), TODAY))
    assert "OFAC SDN: not listed" in text
    assert "dated 2026-03-22, 245 days old; 1,450 entries, 1,450 of them searchable this way" in text


def test_a_check_starts_without_numpy(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("imo,name\n9000003,A\n")
    code = (
        "import sys, datetime\n"
        "from watchkeeper.lists.check import check\n"
        "from watchkeeper.lists.load import load_lists\n"
        "from watchkeeper.lists.rendering import render_check\n"
        "render_check(check('9000003', load_lists(sys.argv[1:]), datetime.date(2026, 1, 1)))\n"
        "sys.exit('numpy' in sys.modules or 'numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 0


def _with_check_digit(six: int) -> int:
    return six * 10 + sum(int(d) * w for d, w in zip(str(six), range(7, 1, -1), strict=True)) % 10


def test_a_hundred_thousand_entries_load_and_match_quickly(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    numbers = [_with_check_digit(100_000 + n) for n in range(100_000)]
    rows = (
        f"{imo},{273_000_000 + n},SHIP NUMBER {n},P;Q,test,2026-01-01,Panama\n"
        for n, imo in enumerate(numbers)
    )
    path.write_text("imo,mmsi,name,program,source,as_of,flag\n" + "".join(rows))
    start = time.process_time()
    large = load_list(path)
    index = ListIndex([large])
    built = time.process_time()
    hits = sum(
        bool(index.match(imo=numbers[n] if n % 2 else 0, mmsi=273_000_000 + n, name=f"SHIP NUMBER {n}"))
        for n in range(5_000)
    )
    matched = time.process_time()
    assert len(large.entries) == 100_000
    assert hits == 5_000
    # Three times what was asked for (3 s and 0.5 s): the machine that tests is shared.
    assert built - start < 9
    assert matched - built < 1.5
