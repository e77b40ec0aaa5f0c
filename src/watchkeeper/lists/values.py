"""Cells of a list read one by one: what stands there, and what of it could not be understood."""

import re
import unicodedata
from datetime import date, datetime
from functools import lru_cache
from typing import Final, Literal, NamedTuple

IMO_DIGITS: Final = 7
MMSI_DIGITS: Final = 9
FIRST_MID, LAST_MID = 201, 775  # ITU-R M.585-9: a ship station's MMSI begins with a MID 201-775

_BLANKS: Final = frozenset(
    (
        "",
        "-",
        "--",
        "-0-",
        "0",
        "?",
        "n/a",
        "na",
        "nil",
        "none",
        "null",
        "unknown",
        "none identified",
        "tbc",
        "tbd",
    )
)
"""Spellings of *not given*, in lower case; ``-0-`` is OFAC's."""
_LONGEST_BLANK: Final = max(map(len, _BLANKS))

_SPLIT_INSIDE: Final = re.compile(r"(?<=\d)[ ,.\u00a0_-](?=\d)")
_TRAILING_FRACTION: Final = re.compile(r"(?<=\d)\.0+$")
_NOT_TEXT: Final = re.compile(r"[\x00-\x1f\x7f\ufeff]+")
_DATE_FORMATS: Final = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%d-%b-%Y", "%d-%B-%Y")
_ORDINAL: Final = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_NUMERIC_DATE: Final = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
_YEARS: Final = range(1900, 2200)

_SEVERAL: Final = re.compile(
    r"[;|\r\n]+|\s/\s|(?:^|\s)\(?\d\)\s"
    r"|(?:[\s,(]{0,3}\b[afn]\.\s?k\.\s?a\b\.?|\s?[,(]\s?[afn]ka\b)[\s:,]{0,3}"
    r"|[\s,(]{1,3}(?:also known as|formerly(?: known as)?|previously(?: known as)?|renamed)\b[\s:]{0,3}"
    r"|\s?[,(]\s?(?:ex|now)(?:[.:-]\s?|\s{1,2})",
    re.IGNORECASE,
)
"""What stands between two names of one ship in one cell: ``A (ex B)``, ``A a.k.a. B``, ``(1) A (2) B``."""
_SEPARATED: Final = re.compile(r"[;|\r\n]+")
LONGEST_CELL: Final = 4_096
"""Characters of a cell in which patterns are looked for; a longer one is no name, and would take long."""
_MAY_BE_SEVERAL: Final = re.compile(
    r"[;|\r\n/(),.]|known|formerly|previously|renamed|[nk]ka\b", re.IGNORECASE
)
"""What a cell of several names has at least one of; most cells have none, and this is quickly seen."""
_UNITS: Final = frozenset(
    ("", "m", "metres", "meters", "t", "tons", "tonnes", "gt", "grt", "dwt", "gross tons")
)
_NUMBER: Final = re.compile(r"(\d{1,3}(?:[ ,\u00a0]\d{3})+|\d+)(?:[.,](\d+))?\s*([a-z ]*)\.?")
_YEAR: Final = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")

DateOrder = Literal["unknown", "month first", "day first"]


class Numbers(NamedTuple):
    """Identification numbers of a cell, and the parts of it that are none."""

    found: tuple[int, ...]
    unread: tuple[str, ...]


_NOTHING: Final = Numbers((), ())


def clean(text: str | None) -> str | None:
    """The text without control characters and outer blanks; None where it only says *not given*."""
    if not text:
        return None
    if not text.isprintable():
        text = " ".join(_NOT_TEXT.sub(" ", text).split())
    elif " " in text:
        text = " ".join(text.split())
    return None if len(text) <= _LONGEST_BLANK and text.casefold() in _BLANKS else text


def split(text: str | None) -> tuple[str, ...]:
    """The parts of a cell that holds several values, separated by ``;`` or ``|``."""
    if not text:
        return ()
    return tuple(part for raw in text.replace("|", ";").split(";") if (part := clean(raw)))


def names_in(text: str | None) -> tuple[str, ...]:
    """The names of a cell that may hold several, in order, each once."""
    if not text:
        return ()
    if not _MAY_BE_SEVERAL.search(text):
        return (name,) if (name := clean(text)) else ()
    parts = (_SEVERAL if len(text) <= LONGEST_CELL else _SEPARATED).split(text)
    return tuple(
        dict.fromkeys(name for raw in parts if (part := clean(raw)) and (name := clean(_bare(part))))
    )


def _bare(name: str) -> str:
    """Without the quotes, commas and brackets that its neighbours left."""
    name = name.strip(" ,;:'\"")
    if name.count(")") > name.count("("):
        name = name.rstrip(" )")
    if name.count("(") > name.count(")"):
        name = name.rstrip(" (")
    return name.strip(" ,;:'\"")


def quantity(text: str | None) -> float | None:
    """A number with its thousands marked or not and a unit or none: ``56,068``, ``183.2 m``; None otherwise."""
    plain = clean(text)
    found = _NUMBER.fullmatch(plain.casefold()) if plain else None
    if found is None or found[3].strip() not in _UNITS:
        return None
    whole = re.sub(r"\D", "", found[1])
    return float(f"{whole}.{found[2] or 0}") or None


def year_of(text: str | None) -> int | None:
    """The year in a cell, where it names exactly one."""
    years = set(_YEAR.findall(clean(text) or ""))
    return int(years.pop()) if len(years) == 1 else None


def imo_numbers(text: str | None) -> Numbers:
    """IMO numbers of a cell: seven digits each, also with *IMO*, blanks, ``.0``; check digits not tested."""
    return _numbers(text, IMO_DIGITS, "an IMO number (7 digits)")


def mmsi_numbers(text: str | None) -> Numbers:
    """MMSIs of ships in a cell: nine digits each, beginning with a country code 201-775."""
    found, unread = _numbers(text, MMSI_DIGITS, "a ship's MMSI (9 digits)")
    ships = tuple(n for n in found if FIRST_MID <= n // 1_000_000 <= LAST_MID)
    others = tuple(
        f"{n} is not a ship's MMSI (country code {n // 1_000_000:03d})" for n in found if n not in ships
    )
    return Numbers(ships, unread + others)


def _numbers(text: str | None, digits: int, what: str) -> Numbers:
    """Groups of exactly ``digits`` digits; zeros mean *not given*. Everything else with a digit is unread."""
    plain = clean(text)
    if plain is None:
        return _NOTHING
    if len(plain) == digits and plain.isdecimal() and int(plain):
        return Numbers((int(plain),), ())
    plain = _TRAILING_FRACTION.sub("", unicodedata.normalize("NFKC", plain))
    groups = re.findall(r"\d+", plain)
    if digits not in map(len, groups):
        groups = re.findall(r"\d+", _SPLIT_INSIDE.sub("", plain))
    found = dict.fromkeys(int(g) for g in groups if len(g) == digits and int(g))
    wrong = [g for g in groups if len(g) != digits and g.strip("0")]
    if not groups:
        wrong = [plain]
    return Numbers(tuple(found), tuple(f"{w[:40]!r} is not {what}" for w in wrong))


@lru_cache(maxsize=4096)  # a list repeats few dates many times
def iso_date(text: str | None, order: DateOrder = "unknown") -> str | None:
    """A date in one of the usual spellings as ISO 8601.

    ``03/04/2026`` is read only where the order of day and month is known or can be told; None otherwise
    and where the text is no date.
    """
    plain = clean(text)
    if plain is None:
        return None
    if numeric := _NUMERIC_DATE.fullmatch(plain.split(" ")[0]):
        return _numeric_date(int(numeric[1]), int(numeric[3]), int(numeric[4]), order, numeric[2])
    try:
        return _in_range(datetime.fromisoformat(plain).date())
    except ValueError:
        pass
    spelled = _ORDINAL.sub("", plain.replace(",", " ").replace(".", " "))
    for form in _DATE_FORMATS:
        try:
            return _in_range(datetime.strptime(" ".join(spelled.split()), form).date())  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _numeric_date(first: int, second: int, year: int, order: DateOrder, separator: str) -> str | None:
    """Dots mean day first (German, Nordic use); others are read only where one part can be no month."""
    if order == "month first":
        month, day = first, second
    elif order == "day first" or separator == "." or first > 12 or first == second:
        day, month = first, second
    elif second > 12:
        month, day = first, second
    else:
        return None
    try:
        return _in_range(date(year, month, day))
    except ValueError:
        return None


def _in_range(day: date) -> str | None:
    return day.isoformat() if day.year in _YEARS else None
