"""Reports as they were received, by the SHA-256 of their text, and whether quotes from them still match."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from watchkeeper.cases.register.case import Taken
from watchkeeper.errors import InputError
from watchkeeper.model.event import Document, Draft
from watchkeeper.model.finding import REAL

REPORTS: Final = "reports"
STORED: Final = "report.stored"
_MOST_BYTES: Final = 1 << 20


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A stored report. ``published`` as the report dates itself; ``at``, ``by``: when it was stored, and by whom."""

    sha256: str
    text: str
    title: str
    publisher: str = ""
    published: str = ""
    url: str = ""
    at: int
    by: str


class Broken(msgspec.Struct, frozen=True):
    """A value whose quote does not stand in its report, and why."""

    taken: Taken
    why: str


def sha256_of(text: str) -> str:
    """The SHA-256 of a text in UTF-8, as 64 hexadecimal figures."""
    return hashlib.sha256(text.encode()).hexdigest()


def store(
    text: str,
    *,
    title: str,
    at: int,
    actor: str,
    publisher: str = "",
    published: str = "",
    url: str = "",
    realm: str = REAL,
) -> Draft:
    """The event that stores a report. The same text is stored once, whoever brings it.

    Raises:
        InputError: no text, or more than 1 MiB.
    """
    if not text.strip():
        raise InputError(f"The report {title!r} holds no text.", "Give the text of the report, as UTF-8.")
    if len(text.encode()) > _MOST_BYTES:
        raise InputError(
            f"The report {title!r} is larger than {_MOST_BYTES >> 20} MiB.",
            "Give the part that is about the event.",
        )
    digest = sha256_of(text)
    body = {"text": text, "title": title, "publisher": publisher, "published": published, "url": url}
    key = f"{STORED}:{realm}:{digest}"
    return Draft(kind=STORED, subject=digest, at=at, actor=actor, body=body, realm=realm, key=key)


def report_of(document: Document) -> Report:
    """The typed body of a report's document."""
    return msgspec.convert(document.body, Report)


def take(report: Report, field: str, value: str, start: int, end: int) -> Taken:
    """A value taken from a report's passage, quoted as it stands there.

    Raises:
        InputError: the passage is not within the text.
    """
    if not 0 <= start < end <= len(report.text):
        raise InputError(
            f"The report {report.title!r} has no passage {start} to {end}; it has {len(report.text)} signs.",
            "Give offsets in signs from 0.",
        )
    quote = report.text[start:end]
    return Taken(field=field, value=value, sha256=report.sha256, start=start, end=end, quote=quote)


def verify(taken: Iterable[Taken], report_by: Callable[[str], Report | None]) -> list[Broken]:
    """The values whose quotes no longer match, each with why; empty where all do.

    Args:
        taken: values with their quotes.
        report_by: the report with a SHA-256, None where it is not stored.
    """
    found = []
    for one in taken:
        report = report_by(one.sha256)
        if report is None:
            found.append(Broken(one, "the report is not stored"))
        elif sha256_of(report.text) != one.sha256:
            found.append(Broken(one, "the text of the report is not the one that was stored"))
        elif report.text[one.start : one.end] != one.quote:
            found.append(Broken(one, _elsewhere(report.text, one)))
    return found


def _elsewhere(text: str, taken: Taken) -> str:
    there = text.find(taken.quote) if taken.quote else -1
    return "the passage reads otherwise" + (f"; the words stand at {there}" if there >= 0 else "")
