"""Values that a report may state, as proposals with their passages. A person accepts each, or does not.

Rules and a list of names, nothing learnt: what is proposed can be shown in the text, what is not found is not guessed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from watchkeeper.cases.register.folding import words
from watchkeeper.model.imo import valid_imo

_IMO: Final = re.compile(r"\bIMO\b[^\d\n]{0,12}(\d{7})\b", re.IGNORECASE)
_MMSI: Final = re.compile(r"\bMMSI\b[^\d\n]{0,12}(\d{9})\b", re.IGNORECASE)
_MONTHS: Final = tuple(
    "january february march april may june july august september october november december".split()  # noqa: SIM905
)
_MONTH: Final = "(" + "|".join(f"{month}|{month[:3]}\\.?" for month in _MONTHS) + ")"
_ISO: Final = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DAY_FIRST: Final = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH}\s+(\d{{4}})\b", re.IGNORECASE)
_MONTH_FIRST: Final = re.compile(rf"\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b", re.IGNORECASE)
_DOTTED: Final = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A value that a passage may state. ``doubt`` says what speaks against it; empty where nothing does."""

    field: str
    value: str
    start: int
    end: int
    quote: str
    doubt: str = ""


def propose(text: str, assets: Mapping[str, str] | None = None) -> list[Proposal]:
    """Dates, IMO numbers, MMSI and assets that a text names, in the order of the text.

    Args:
        text: of the report.
        assets: ids by name, of the layers that are watched.
    """
    found = [*_numbers(text), *_dates(text), *_assets(text, assets or {})]
    return sorted(found, key=lambda p: (p.start, p.field))


def _numbers(text: str) -> Iterator[Proposal]:
    for match in _IMO.finditer(text):
        fits = valid_imo(int(match[1]))
        yield _proposal(text, "imo", match[1], match.span(1), "" if fits else "its check digit does not fit")
    for match in _MMSI.finditer(text):
        fits = 201 <= int(match[1][:3]) <= 775
        yield _proposal(text, "mmsi", match[1], match.span(1), "" if fits else "it is no ship's number")


def _dates(text: str) -> Iterator[Proposal]:
    for match in _ISO.finditer(text):
        yield from _date(text, match, match[1], match[2], match[3])
    for match in _DAY_FIRST.finditer(text):
        yield from _date(text, match, match[3], _month(match[2]), match[1])
    for match in _MONTH_FIRST.finditer(text):
        yield from _date(text, match, match[3], _month(match[1]), match[2])
    for match in _DOTTED.finditer(text):
        yield from _date(text, match, match[3], match[2], match[1], "read as day.month.year")


def _date(
    text: str, match: re.Match[str], year: str, month: str | int, day: str, doubt: str = ""
) -> Iterator[Proposal]:
    try:
        date = datetime(int(year), int(month), int(day), tzinfo=UTC)
    except ValueError:  # 31 April: no date, and nothing to propose
        return
    yield _proposal(text, "date", f"{date:%Y-%m-%d}", match.span(), doubt)


def _month(name: str) -> int:
    return 1 + next(k for k, month in enumerate(_MONTHS) if month.startswith(name.casefold()[:3]))


def _assets(text: str, assets: Mapping[str, str]) -> Iterator[Proposal]:
    """Names as whole words, spelling folded; a name of one short word is too common to look for."""
    here = words(text)
    folded = [word.folded for word in here]
    for name, id in assets.items():
        sought = [word.folded for word in words(name)]
        if not sought or (len(sought) == 1 and len(sought[0]) < 5):
            continue
        for k in _places(folded, sought):
            yield _proposal(text, "asset", id, (here[k].start, here[k + len(sought) - 1].end))


def _places(folded: list[str], sought: list[str]) -> Iterable[int]:
    return (k for k in range(len(folded) - len(sought) + 1) if folded[k : k + len(sought)] == sought)


def _proposal(text: str, field: str, value: str, span: tuple[int, int], doubt: str = "") -> Proposal:
    start, end = span
    return Proposal(field=field, value=value, start=start, end=end, quote=text[start:end], doubt=doubt)
