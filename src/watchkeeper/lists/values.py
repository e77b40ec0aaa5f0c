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
_NUMERIC_DATE: Final = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
_YEARS: Final = range(1900, 2200)

DateOrder = Literal["unknown", "month first"]


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
    spelled = plain.replace(",", " ").replace(".", " ")
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
    elif separator == "." or first > 12 or first == second:
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
