"""Flag states: the MID table against two others, and the spellings of countries."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from watchkeeper.lists.flags import country_name, flag_from_text, flag_of_mmsi, flags_of_mmsis, mids
from watchkeeper.lists.names import normal_text

NEWER_THAN_LIBAIS = {374, 471, 550}
SHARED = {306}  # Bonaire, Curaçao and Sint Maarten: other tables name one of the three
STATES_WITH_TERRITORIES = {"AU", "CN", "DK", "FR", "GB", "NL", "NZ", "PT", "US"}


@pytest.mark.parametrize(
    ("mmsi", "flag"),
    [
        (518998000, "CK"),
        (273456789, "RU"),
        (255806000, "PT"),
        (477123456, "HK"),
        (374000001, "PA"),
        (306001000, "NL"),
        (200123456, None),
        (2190045, None),
        (111219501, None),
        (992191234, None),
        (0, None),
        (999999999, None),
    ],
)
def test_flag_of_an_mmsi(mmsi: int, flag: str | None) -> None:
    assert flag_of_mmsi(mmsi) == flag


def test_a_column_says_what_single_numbers_say() -> None:
    numbers = np.array(
        [mid * 1_000_000 + 7 for mid in range(1000)] + [2190045, 21900045, 0, -1, 2**31 - 1], np.int64
    )
    column = flags_of_mmsis(numbers)
    assert column.dtype == np.dtype("U2")
    assert [flag or None for flag in column.tolist()] == [flag_of_mmsi(n) for n in numbers.tolist()]
    assert flags_of_mmsis(np.empty(0, np.int32)).shape == (0,)


def test_every_mid_has_a_country_with_a_name() -> None:
    for mid, flag in mids().items():
        assert 201 <= mid <= 775
        assert country_name(flag) != flag
        assert flag_from_text(country_name(flag)) == flag
    assert country_name("??") == "??"


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("Panama", "PA"),
        ("PANAMA", "PA"),
        ("pa", "PA"),
        ("Panama (Republic of)", "PA"),
        ("Cook Islands", "CK"),
        ("Democratic People's Republic of Korea", "KP"),
        ("Korea (Republic of)", "KR"),
        ("St. Kitts & Nevis", "KN"),
        ("St. Vincent and Grenadines", "VC"),
        ("Sao Tome & Principe", "ST"),
        ("Republic of Palau", "PW"),
        ("The Gambia", "GM"),
        ("Congo (Democratic Republic of the)", "CD"),
        ("Congo (Republic of the)", "CG"),
        ("Hong Kong", "HK"),
        ("Curacao", "CW"),
        ("None Identified", None),
        ("Unknown", None),
        ("Atlantis", None),
        ("", None),
        (None, None),
    ],
)
def test_flag_from_text(text: str | None, flag: str | None) -> None:
    assert flag_from_text(text) == flag


def _others(path: Path, delimiter: str, encoding: str) -> dict[int, str]:
    rows = list(csv.reader(path.read_text(encoding).splitlines(), delimiter=delimiter))[1:]
    return {int(row[0]): row[1] for row in rows if row and row[0].isdigit()}


def _their_flag(text: str) -> str | None:
    """The flag a table means: of ``State - Territory``, in either order, the territory where it can."""
    flags = [flag for part in [text, *text.split(" - ")] if (flag := flag_from_text(part))]
    territories = [flag for flag in flags if flag not in STATES_WITH_TERRITORIES]
    return next(iter(territories + flags), None)


@pytest.mark.parametrize(
    ("name", "delimiter", "encoding", "absent"),
    [
        ("libais_mid.csv", ",", "utf-8", NEWER_THAN_LIBAIS),
        ("mmsi_countries_juhku1.csv", ";", "utf-8-sig", set()),
    ],
)
def test_the_table_agrees_with_others(
    sample_data: Path, name: str, delimiter: str, encoding: str, absent: set[int]
) -> None:
    path = sample_data / "reference" / name
    if not path.is_file():
        pytest.skip(f"no {path}")
    theirs = _others(path, delimiter, encoding)
    assert set(mids()) - set(theirs) == absent
    assert set(theirs) - set(mids()) == set()
    disagree = {mid: (mids()[mid], text) for mid, text in theirs.items() if mids()[mid] != _their_flag(text)}
    assert disagree.keys() <= SHARED, disagree


def test_flags_need_no_numpy() -> None:
    code = "import sys; from watchkeeper.lists.flags import mids; mids(); sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_names_are_not_shared_between_countries() -> None:
    table = Path(__file__).parents[2] / "src/watchkeeper/lists/countries.csv"
    seen: dict[str, str] = {}
    for row in csv.DictReader(table.read_text("utf-8").splitlines()):
        assert re.fullmatch("[A-Z]{2}", row["iso2"])
        for text in [row["name"], *filter(None, row["also"].split("|"))]:
            assert seen.setdefault(normal_text(text), row["iso2"]) == row["iso2"]
