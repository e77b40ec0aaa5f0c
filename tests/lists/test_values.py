"""Cells: IMO numbers, MMSIs, dates and names in the many ways lists write them."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.lists.facts import flag_history
from watchkeeper.lists.names import normal_name, normal_text
from watchkeeper.lists.values import (
    clean,
    imo_numbers,
    iso_date,
    mmsi_numbers,
    names_in,
    quantity,
    split,
    year_of,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("9329760", (9329760,)),
        (" IMO  9329760 ", (9329760,)),
        ("IMO9329760", (9329760,)),
        ("IMO No. 9329760", (9329760,)),
        ("IMO: 93 29 760", (9329760,)),
        ("9329760.0", (9329760,)),
        ("9,329,760", (9329760,)),
        ("９３２９７６０", (9329760,)),
        ("9187629; 9187655", (9187629, 9187655)),
        ("9187629 9187655 9187629", (9187629, 9187655)),
        ("9187629/9187655 (formerly 9187667)", (9187629, 9187655, 9187667)),
        ("-0-", ()),
        ("0000000", ()),
        ("Unknown", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_imo_numbers_are_found(text: str | None, found: tuple[int, ...]) -> None:
    numbers = imo_numbers(text)
    assert numbers.found == found
    assert numbers.unread == ()


@pytest.mark.parametrize("text", ["932976", "93297600", "EAGLE S", "IMO", "932976O"])
def test_what_is_no_imo_number_is_said(text: str) -> None:
    numbers = imo_numbers(text)
    assert numbers.found == ()
    assert len(numbers.unread) == 1
    assert "not an IMO number" in numbers.unread[0]


def test_one_good_and_one_bad_number_are_both_kept() -> None:
    numbers = imo_numbers("9187629; 12345")
    assert numbers.found == (9187629,)
    assert numbers.unread == ("'12345' is not an IMO number (7 digits)",)


def test_mmsi_of_a_ship_only() -> None:
    assert mmsi_numbers("273 456 789").found == (273456789,)
    assert mmsi_numbers("3708590000").unread == ("'3708590000' is not a ship's MMSI (9 digits)",)
    assert mmsi_numbers("111219501") == ((), ("111219501 is not a ship's MMSI (country code 111)",))
    assert mmsi_numbers("000000000") == ((), ())


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-03-22", "2026-03-22"),
        ("2026-03-22T10:49:19.780808+00:00", "2026-03-22"),
        ("2026-03-22 10:49:19", "2026-03-22"),
        ("20260322", "2026-03-22"),
        ("22.03.2026", "2026-03-22"),
        ("22/03/2026", "2026-03-22"),
        ("03/22/2026", "2026-03-22"),
        ("22-03-2026", "2026-03-22"),
        ("22 Mar 2026", "2026-03-22"),
        ("22 March 2026", "2026-03-22"),
        ("22nd March 2026", "2026-03-22"),
        ("3RD APRIL 2026", "2026-04-03"),
        ("March 22, 2026", "2026-03-22"),
        ("22-Mar-2026", "2026-03-22"),
        ("03/03/2026", "2026-03-03"),
        ("03/04/2026", None),
        ("31.02.2026", None),
        ("22/03/26", None),
        ("0001-01-01", None),
        ("yesterday", None),
        ("9329760", None),
        (None, None),
    ],
)
def test_dates_in_many_forms(text: str | None, iso: str | None) -> None:
    assert iso_date(text) == iso


def test_the_order_of_day_and_month_is_used_where_known() -> None:
    assert iso_date("03/04/2026", "month first") == "2026-03-04"
    assert iso_date("22/03/2026", "month first") is None


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_iso_dates_come_back(day: date) -> None:
    assert iso_date(str(day)) == str(day)


@pytest.mark.parametrize(
    "unit", ["(", " ", ",", "a.k.a. ", "(ex ", "1", "1,", " / ", "Panama (", "-", "(IMO number):"]
)
def test_no_cell_takes_long(unit: str) -> None:
    cell = unit * (400_000 // len(unit))
    begin = time.process_time()
    for read in (
        names_in,
        split,
        clean,
        imo_numbers,
        mmsi_numbers,
        iso_date,
        quantity,
        year_of,
        flag_history,
    ):
        read(cell)
    assert time.process_time() - begin < 2.0


@given(st.text())
def test_no_cell_raises(text: str) -> None:
    clean(text)
    split(text)
    iso_date(text)
    for number in imo_numbers(text).found:
        assert 1 <= number <= 9_999_999
    for number in mmsi_numbers(text).found:
        assert 201_000_000 <= number <= 775_999_999


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("EAGLE S", "eagle  s"),
        ("M/V EAGLE S", "EAGLE-S"),
        ("M.T. Eagle S", "MT EAGLE S"),
        ("MV MT EAGLE S", "EAGLE S"),
        ("S/S NORMANDIE", "NORMANDIE"),
        ("ÅLAND", "ALAND"),
        ("SÃO TOMÉ", "SAO TOME"),
        ("Ｅａｇｌｅ Ｓ", "EAGLE S"),
        ("STRASSE", "Straße"),
        ("COTE D'IVOIRE", "COTE DIVOIRE"),
    ],
)
def test_names_that_are_the_same(one: str, other: str) -> None:
    assert normal_name(one) == normal_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("EAGLE S", "EAGLES"),
        ("EAGLE S", "EAGLE"),
        ("MVELA", "ELA"),
        ("MT", ""),
        ("SEA STAR 1", "SEA STAR 11"),
    ],
)
def test_names_that_are_not(one: str, other: str) -> None:
    assert normal_name(one) != normal_name(other)


@given(st.text())
def test_the_normal_form_is_its_own_normal_form(text: str) -> None:
    assert normal_text(normal_text(text)) == normal_text(text)
    assert normal_name(normal_name(text)) == normal_name(text)


@given(st.text(alphabet="mvtMVT./ -A1", max_size=12))
def test_prefixes_never_leave_a_prefix_or_nothing(text: str) -> None:
    name = normal_name(text)
    assert normal_name(name) == name
    assert bool(name) == bool(normal_text(text))
    assert normal_name("M/V " + text) == name or not name or name == normal_name("mv")


@given(st.text())
def test_case_never_matters_to_ascii(text: str) -> None:
    plain = text.encode("ascii", "ignore").decode()
    assert normal_name(plain.upper()) == normal_name(plain.lower())
