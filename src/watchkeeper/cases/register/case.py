"""What a case holds."""

from typing import Final, Literal

import msgspec

from watchkeeper.model.event import Document

CASES: Final = "cases"
Kind = Literal["case", "incident"]
Status = Literal["suspected", "confirmed", "refuted"]
Precision = Literal["minute", "hour", "day", "month", "unknown"]
STATUSES: Final[tuple[Status, ...]] = ("suspected", "confirmed", "refuted")


class Note(msgspec.Struct, frozen=True):
    """What somebody wrote into a case, and when [ms UTC]."""

    at: int
    by: str
    text: str


class Exhibit(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence: a finding by its id, a raw line with where it stands, or a document by its SHA-256."""

    at: int
    by: str
    kind: Literal["finding", "line", "document"]
    id: str
    shows: str = ""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody said something: ``party`` said on ``said_on`` (ISO date) that ``says``.

    ``source`` is where it can be read; ``attributes_to`` whom the party
    holds responsible, in its own words; empty where it does not.
    """

    at: int
    by: str
    party: str
    said_on: str
    says: str
    source: str
    attributes_to: str = ""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A report that the case rests on: its SHA-256, and its grade on the admiralty scale (``B2``)."""

    at: int
    by: str
    sha256: str
    grade: str
    title: str = ""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A value that was taken from a report: the passage by offsets [characters from 0, end excluded], and its words."""

    field: str
    value: str
    sha256: str
    start: int
    end: int
    quote: str


class When(msgspec.Struct, frozen=True, kw_only=True):
    """When it happened [ms UTC]: between two times, which are known to a minute, an hour, a day or a month."""

    begins: int
    ends: int
    precision: Precision


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where it happened: a point [deg], known to within metres, an area (west, south, east, north), an asset."""

    name: str = ""
    lat: float | None = None
    lon: float | None = None
    within_m: float | None = None
    area: tuple[float, float, float, float] | None = None
    asset: str | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a case's document. ``target`` is what was affected, ``effect`` how (outage, cost, people)."""

    kind: Kind
    title: str
    status: Status = "suspected"
    status_reason: str = ""
    summary: str = ""
    opened_at: int
    opened_by: str
    changed_at: int
    alerts: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    evidence: tuple[Exhibit, ...] = ()
    claims: tuple[Claim, ...] = ()
    tags: tuple[str, ...] = ()
    when: When | None = None
    place: Place | None = None
    target: str = ""
    effect: str = ""
    sources: tuple[Source, ...] = ()
    taken: tuple[Taken, ...] = ()
    closed_reason: str | None = None


def case_of(document: Document) -> Case:
    """The typed body of a case's document."""
    return msgspec.convert(document.body, Case)
