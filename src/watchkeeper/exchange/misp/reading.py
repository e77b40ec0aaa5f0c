"""MISP events, read: ships, findings and cases of ours come back, attributes of others become indicators.

Events are read as plain JSON: figures come as numbers or as texts, and much may be missing. Each event is kept byte for
byte.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from watchkeeper.cases.register.sources import Report
from watchkeeper.errors import InputError
from watchkeeper.exchange.misp.events import CASE
from watchkeeper.exchange.misp.indicators import indicators
from watchkeeper.exchange.misp.marks import marking_from, realm_from
from watchkeeper.exchange.misp.vocabulary import OBJECT, tag
from watchkeeper.exchange.things import (
    Incoming,
    Indicator,
    Kept,
    KnownCase,
    Marked,
    Refused,
    Things,
    Vessel,
)
from watchkeeper.exchange.untrusted import read_json
from watchkeeper.model.finding import Finding
from watchkeeper.model.imo import valid_imo
from watchkeeper.model.marking import Marking
from watchkeeper.model.time import SECOND

_IMO: Final = re.compile(r"(?:IMO\s*)?(\d{7})", re.IGNORECASE)
_MMSI: Final = re.compile(r"\d{9}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SIMULATED: Final = tag("origin", "simulated")
_LAST_SECOND: Final = 32_503_680_000
"""The year 3000: a number beyond is no time."""

Json = Mapping[str, Any]


class _Events:
    """What was read of events so far."""

    def __init__(self) -> None:
        self.realm: str | None = None
        self.simulated = False
        self.author = ""
        self.findings: dict[str, Finding] = {}
        self.vessels: dict[tuple[int, int | None], Vessel] = {}
        self.cases: dict[str, KnownCase] = {}
        self.reports: dict[str, Report] = {}
        self.marks: dict[str, Marking] = {}
        self.indicators: list[Indicator] = []
        self.identities: dict[str, str] = {}
        self.kept: list[Kept] = []
        self.refused: list[Refused] = []

    def add(self, event: Json, raw: bytes, where: str) -> None:
        """Take an event.

        Raises:
            ValueError: it is none, or of another realm than those before.
        """
        id = _text(event, "uuid").lower()
        if not _UUID.fullmatch(id) or not _text(event, "info"):
            raise ValueError("an event without uuid or info")
        names = [_text(one, "name") for one in _several(event, "Tag")]
        realm = realm_from(names)
        if self.realm not in (None, realm):
            raise ValueError(f"of the realm {realm}, where those before are of {self.realm}")
        marking = marking_from(names, _number(event, "distribution"))
        marking = msgspec.structs.replace(marking, realm=realm)
        orgc = event.get("Orgc")
        author = _text(orgc, "name") if isinstance(orgc, Mapping) else ""
        self.realm = realm
        self.simulated |= _SIMULATED in names
        self.author = self.author or author
        if author and isinstance(orgc, Mapping):
            self.identities[_text(orgc, "uuid") or author] = author
        at = _seconds(event)
        for number, one in enumerate(_several(event, "Object"), 1):
            self._object(one, marking, at, f"{where}, object {number}")
        for one in _several(event, "Attribute"):
            if _text(one, "comment") == CASE:
                self._case(_text(one, "value"), marking, where)
        for one in _several(event, "EventReport"):
            self._report(one, author, at, marking)
        self.indicators += indicators(event, id, marking)
        self.kept.append(
            Kept(id=id, type="event", version=str(at // SECOND), data=raw, marking=marking, originator=author)
        )

    def _object(self, one: Json, marking: Marking, at: int, where: str) -> None:
        name = _text(one, "name")
        fields: dict[str, list[str]] = {}
        for attribute in _several(one, "Attribute"):
            fields.setdefault(_text(attribute, "object_relation"), []).append(_text(attribute, "value"))
        if name == "ftm-Vessel":
            vessel = _vessel(fields, at)
            if vessel is None:
                self.refused.append(Refused(where=where, reason="a vessel without IMO number and MMSI"))
                return
            self.vessels.setdefault((vessel.mmsi, vessel.imo), vessel)
            self.marks[f"vessel:{vessel.mmsi or vessel.imo}"] = marking
        elif name == OBJECT:
            try:
                finding = msgspec.json.decode(next(iter(fields.get("record", ())), ""), type=Finding)
                if finding.realm != marking.realm:
                    raise ValueError("it is of another realm than its event")
            except (ValueError, RecursionError) as error:
                self.refused.append(Refused(where=where, reason=f"no finding: {error}"))
                return
            self.findings[finding.id] = finding
            self.marks[f"finding:{finding.id}"] = marking

    def _case(self, record: str, marking: Marking, where: str) -> None:
        try:
            known = msgspec.json.decode(record, type=KnownCase)
        except (ValueError, RecursionError) as error:
            self.refused.append(Refused(where=where, reason=f"no case: {error}"))
            return
        self.cases[known.id] = known
        self.marks[f"case:{known.id}"] = marking

    def _report(self, one: Json, author: str, at: int, marking: Marking) -> None:
        text, title = _text(one, "content"), _text(one, "name")
        if text.strip() and title and not one.get("deleted"):
            digest = hashlib.sha256(text.encode()).hexdigest()
            self.reports[digest] = Report(
                sha256=digest, text=text, title=title, publisher=author, at=at, by=author or "unknown"
            )
            self.marks[f"report:{digest}"] = marking


def read(data: bytes) -> Incoming:
    """One event, or several as ``response`` or as a list.

    Raises:
        InputError: no event of MISP.
    """
    heap = _Events()
    found = 0
    for number, (event, raw) in enumerate(_events(data), 1):
        found += 1
        try:
            heap.add(event, raw, f"event {number}")
        except ValueError as error:
            heap.refused.append(Refused(where=f"event {number}", reason=str(error), text=_beginning(raw)))
    if not found:
        raise InputError("The input holds no MISP event.", "Give an event as JSON, as MISP exports it.")
    things = Things(
        author=heap.author,
        realm=heap.realm or "real",
        simulated=heap.simulated,
        findings=tuple(heap.findings.values()),
        vessels=tuple(heap.vessels.values()),
        cases=tuple(heap.cases.values()),
        reports=tuple(heap.reports.values()),
        markings=Marked(default=Marking(tlp="red"), of=heap.marks),
    )
    return Incoming(
        things=things,
        indicators=tuple(heap.indicators),
        identities=heap.identities,
        kept=tuple(heap.kept),
        refused=tuple(heap.refused),
    )


def _events(data: bytes) -> Iterator[tuple[Json, bytes]]:
    """Events with the bytes they came in."""
    whole = read_json(data, "The MISP event")
    inner = whole.get("response") if isinstance(whole, dict) else whole
    if isinstance(inner, list):
        raws = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Response | list[msgspec.Raw])
        listed = raws.response if isinstance(raws, _Response) else raws
        pairs = list(zip(inner, map(bytes, listed), strict=True))
    else:
        pairs = [(whole, data)]
    for one, raw in pairs:
        event = one.get("Event") if isinstance(one, dict) else None
        if isinstance(event, dict):
            yield event, raw


class _Response(msgspec.Struct):
    response: list[msgspec.Raw]


def _vessel(fields: Mapping[str, list[str]], at: int) -> Vessel | None:
    imos = (int(match[1]) for match in map(_IMO.fullmatch, fields.get("imoNumber", ())) if match)
    mmsis = [int(value) for value in fields.get("mmsi", ()) if _MMSI.fullmatch(value)]
    imo = next(filter(valid_imo, imos), None)
    if imo is None and not mmsis:
        return None

    def first(name: str) -> str | None:
        return next(filter(None, fields.get(name, ())), None)

    flag = first("flag")
    return Vessel(
        mmsi=mmsis[0] if mmsis else 0,
        imo=imo,
        name=first("name"),
        callsign=first("callSign"),
        flag=flag.upper() if flag and len(flag) == 2 else None,
        as_of=at,
    )


def _several(one: Json, key: str) -> list[Json]:
    """The objects of a list; whatever else stands there is none."""
    value = one.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(one: Json, key: str) -> str:
    value = one.get(key)
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def _number(one: Json, key: str) -> int | None:
    text = _text(one, key)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 11 else None


def _seconds(event: Json) -> int:
    """When it was last changed [ms UTC]."""
    seconds = _number(event, "timestamp") or 0
    return seconds * SECOND if seconds < _LAST_SECOND else 0


def _beginning(raw: bytes) -> str:
    return raw[:200].decode("utf-8", "replace")
