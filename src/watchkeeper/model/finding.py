"""What was measured: the finding, its evidence, and an id that never changes."""

import uuid
from typing import Final, Literal

import msgspec

_NAMESPACE: Final = uuid.UUID("6f9f2f0a-52a7-5a6b-9a0e-5d3c8f1f7b11")

REAL: Final = "real"
"""The realm of everything that was really observed. Exercises live in ``exercise:<id>``."""

Confidence = Literal["low", "medium", "high"]
TrustState = Literal["trusted", "suspect", "unreliable"]


class Measured(msgspec.Struct, frozen=True):
    """One measured value beside its threshold. ``comparison`` reads value-comparison-threshold."""

    name: str
    value: float | int | str | bool | None
    unit: str
    comparison: Literal["<", "<=", ">", ">=", "==", "!=", "is", ""] = ""
    threshold: float | int | str | None = None


class Evidence(msgspec.Struct, frozen=True):
    """A raw record that shows the finding: input (file name as given), line from 1, event time, what it shows."""

    source: str
    row: int
    t: str
    shows: str
    raw: str | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing one behaviour measured about one ship. Times are ISO 8601 UTC; ``end`` is null while open."""

    id: str
    behaviour: str
    version: int
    mmsi: int
    other_mmsi: int | None = None
    imo: int | None = None
    name: str | None = None
    start: str
    end: str | None
    lat: float
    lon: float
    asset: str | None = None
    measured: tuple[Measured, ...]
    evidence: tuple[Evidence, ...]
    confidence: Confidence
    confidence_reason: str
    realm: str
    summary: str
    trust: TrustState = "trusted"
    trust_reason: str = ""


def finding_id(realm: str, behaviour: str, key: str, first_evidence: str) -> str:
    """A name-based UUID (RFC 9562, version 5) of behaviour, key (ship or pair) and first evidence row.

    ``first_evidence`` is ``"<input file name without folders>:<line>"``: the same finding keeps its id however the
    stream is cut, whether it is open or closed, and wherever the run's folder lies.
    """
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join((realm, behaviour, key, first_evidence))))


def row_name(row: int, sources: list[str]) -> tuple[str, int]:
    """The input name and line of a packed row."""
    from watchkeeper.model.records import unpack_row  # brings numpy, which light commands do without

    source, line = unpack_row(row)
    return sources[source], line
