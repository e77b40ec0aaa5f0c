"""A bundle of others: our own objects become what they were, indicators are read, everything is kept byte for byte.

Each object is looked at by itself; one that cannot be used is refused and counted, and spoils no other. An object that
says it is ours and is not is kept like any other, and refused as ours.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from watchkeeper.errors import InputError, LimitError
from watchkeeper.exchange.hub.intake import Checked, Failed, NotAnEnvelopeError, checked, objects_of
from watchkeeper.exchange.indicators import alone, normal, values_in
from watchkeeper.exchange.markings import Definitions, definitions_of, marking_of
from watchkeeper.exchange.stix.asset import ASSET, asset_of
from watchkeeper.exchange.stix.case import CASE, alert_of, case_of
from watchkeeper.exchange.stix.evidence import EVIDENCE, evidence_of
from watchkeeper.exchange.stix.finding import FINDING, finding_of
from watchkeeper.exchange.stix.identity import name_of
from watchkeeper.exchange.stix.ids import stix_id
from watchkeeper.exchange.stix.listing import SANCTION, listings_of
from watchkeeper.exchange.stix.scope import SIMULATED, storable
from watchkeeper.exchange.stix.vessel import VESSEL, vessels_of
from watchkeeper.exchange.things import (
    EXERCISE,
    Incoming,
    Indicator,
    IndicatorKind,
    Kept,
    KnownCase,
    Listing,
    Marked,
    RaisedAlert,
    Refused,
    Things,
    Vessel,
)
from watchkeeper.exchange.untrusted import MOST_BYTES
from watchkeeper.exchange.words import vessel_key
from watchkeeper.model.asset import Asset
from watchkeeper.model.finding import REAL, Evidence, Finding
from watchkeeper.model.marking import Marking
from watchkeeper.model.time import SECOND

_AGAIN: Final = "Ask whoever sent it for a bundle of STIX 2.1."
_TEXT: Final = 200
_REALM: Final = re.compile(rf"{REAL}|{EXERCISE}[A-Za-z0-9._-]{{1,64}}", re.ASCII)
_BOM: Final = b"\xef\xbb\xbf"
_OURS: Final = (ValueError, KeyError, TypeError, AttributeError, OverflowError)
"""What reading our own extension raises where it does not hold what we write."""


def recognises(head: bytes) -> bool:
    """Whether a file begins like STIX 2.1: JSON with ids of the form ``type--UUID``."""
    start = head.removeprefix(_BOM).lstrip()[:1]
    return start in (b"{", b"[") and (b'"bundle--' in head or b'"spec_version"' in head)


def read(data: bytes) -> Incoming:
    """What a bundle, an envelope of TAXII, a list of objects or one object holds.

    Raises:
        InputError: it is none of these.
        LimitError: it is too large.
    """
    taken = _Taken()
    for number, one in enumerate(checked(_raws(data))):
        if isinstance(one, Failed):
            taken.refuse(f"object {number} ({one.id})", one.message)
        else:
            taken.objects.append(one)
    return taken.incoming()


def _raws(data: bytes) -> list[bytes]:
    if len(data) > MOST_BYTES:
        raise LimitError(f"The bundle is larger than {MOST_BYTES >> 20} MiB.", "Ask for it in parts.")
    body = data.removeprefix(_BOM).strip()
    try:
        if body.startswith(b"["):
            return [bytes(raw) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]
        given = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        if "objects" in given and bytes(given["objects"]).strip() != b"[]":
            return objects_of(body)
        return [] if "objects" in given or bytes(given.get("type", b"")) == b'"bundle"' else [body]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, NotAnEnvelopeError) as error:
        raise InputError(f"It is no bundle of STIX: {str(error)[:_TEXT]}.", _AGAIN) from error


@dataclass
class _Taken:
    """What has been taken of a bundle so far."""

    objects: list[Checked] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    vessels: list[Vessel] = field(default_factory=list)
    assets: list[Asset] = field(default_factory=list)
    alerts: list[RaisedAlert] = field(default_factory=list)
    cases: list[KnownCase] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    indicators: list[Indicator] = field(default_factory=list)
    of: dict[str, Marking] = field(default_factory=dict)
    newest: dict[str, Checked] = field(default_factory=dict)

    def refuse(self, where: str, reason: str) -> None:
        self.refused.append(Refused(where=where[:_TEXT], reason=reason[:_TEXT]))

    def incoming(self) -> Incoming:
        for one in self.objects:
            known = self.newest.get(one.id)
            if known is None or (one.version_us or 0) > (known.version_us or 0):
                self.newest[one.id] = one
        by_id = {id: one.object for id, one in self.newest.items()}
        definitions = definitions_of(one.object for one in self.objects)
        names = {id: name for id, o in by_id.items() if o["type"] == "identity" and (name := name_of(o))}
        kept = [k for one in self.objects if (k := self._kept(one, definitions, names)) is not None]
        realms = {k.marking.realm for k in kept if k.thing}
        things = Things(
            realm=realms.pop() if len(realms) == 1 else REAL,
            findings=tuple(self.findings),
            vessels=tuple(self.vessels),
            assets=tuple(self.assets),
            alerts=tuple(self.alerts),
            cases=tuple(self.cases),
            listings=tuple(self.listings),
            markings=Marked(of=self.of),
        )
        return Incoming(
            things=things,
            indicators=tuple(self.indicators),
            identities=names,
            kept=tuple(kept),
            refused=tuple(self.refused),
        )

    def _kept(self, one: Checked, definitions: Definitions, names: Mapping[str, str]) -> Kept | None:
        marking, _ = marking_of(one.object, definitions, names)
        if not _REALM.fullmatch(marking.realm):
            self.refuse(
                one.id, "Its label names no exercise: exercise: and up to 64 of A-Z a-z 0-9 . _ - are one."
            )
            return None
        thing = ""
        if self.newest[one.id] is one:
            thing = self._thing(one, marking)
        return Kept(
            id=one.id,
            type=one.type,
            version=_version(one),
            data=one.raw,
            marking=marking,
            originator=names.get(str(one.object.get("created_by_ref")), ""),
            thing=thing,
            revoked=one.object.get("revoked") is True,
        )

    def _thing(self, one: Checked, marking: Marking) -> str:
        """What the object is of ours; it is taken as such."""
        extensions = one.object.get("extensions")
        reader = next(
            (
                read
                for (type, extension), read in _READERS.items()
                if type == one.type and isinstance(extensions, dict) and extension in extensions
            ),
            self.__class__._indicator if one.type == "indicator" else None,
        )
        if reader is None:
            return ""
        try:
            if not storable(extensions):
                raise ValueError("a number in it is out of range")
            thing = reader(self, one, marking)
        except _OURS as error:
            what = error.args[0] if isinstance(error, KeyError) else error
            self.refuse(one.id, f"It says it is ours, and is not: {what}.")
            return ""
        if thing:
            self.of[thing] = marking
        return thing

    def _finding(self, one: Checked, marking: Marking) -> str:
        finding = finding_of(one.object["extensions"][FINDING], self._evidence(one.object))
        _same_realm(finding.realm, marking.realm)
        _named(one, f"finding:{finding.id}", marking.realm)
        if one.object.get("revoked") is not True:
            self.findings.append(finding)
        return f"finding:{finding.id}"

    def _evidence(self, sighting: Mapping[str, Any]) -> tuple[Evidence, ...]:
        """The records of a finding: nothing where they were withheld."""
        for ref in sighting.get("observed_data_refs", ()):
            seen = self.newest.get(ref)
            says = seen.object.get("extensions", {}).get(EVIDENCE) if seen else None
            if seen is None or says is None:
                continue
            artifact = self.newest.get(next(iter(seen.object.get("object_refs", ())), ""))
            return evidence_of(says, artifact.object if artifact else None)
        return ()

    def _vessel(self, one: Checked, marking: Marking) -> str:
        extensions = one.object["extensions"]
        ship = vessels_of(extensions[VESSEL])
        _named(one, vessel_key(ship[0]), marking.realm)
        listings = listings_of(extensions[SANCTION], ship[0].mmsi) if SANCTION in extensions else ()
        if one.object.get("revoked") is not True:
            self.vessels += ship
            self.listings += listings
        for vessel in ship:
            self.of[f"vessel:{vessel.mmsi or vessel.imo}"] = marking
        numbers: list[tuple[IndicatorKind, str]] = [("mmsi", f"{vessel.mmsi:09d}") for vessel in ship]
        self._look_for(one, marking, [("imo", str(ship[0].imo or "")), *numbers], ship[0].name or "", "")
        return f"vessel:{ship[0].mmsi or ship[0].imo}"

    def _asset(self, one: Checked, marking: Marking) -> str:
        asset = asset_of(one.object["extensions"][ASSET])
        _named(one, f"asset:{asset.id}", marking.realm)
        if one.object.get("revoked") is not True:
            self.assets.append(asset)
        return f"asset:{asset.id}"

    def _case(self, one: Checked, marking: Marking) -> str:
        says = one.object["extensions"][CASE]
        gone = one.object.get("revoked") is True
        if says["kind"] == "alert":
            alert = alert_of(says)
            _named(one, f"alert:{alert.id}", marking.realm)
            self.alerts += [] if gone else [alert]
            return f"alert:{alert.id}"
        case = case_of(says)
        _named(one, f"case:{case.id}", marking.realm)
        self.cases += [] if gone else [case]
        return f"case:{case.id}"

    def _indicator(self, one: Checked, marking: Marking) -> str:
        pattern = one.object.get("pattern")
        if isinstance(pattern, str) and one.object.get("pattern_type", "stix") == "stix":
            self._look_for(one, marking, values_in(pattern), str(one.object.get("name", "")), pattern)
        return ""

    def _look_for(
        self,
        one: Checked,
        marking: Marking,
        values: Iterable[tuple[IndicatorKind, str]],
        name: str,
        pattern: str,
    ) -> None:
        for kind, given in values:
            value = normal(kind, given)
            if value is not None:
                indicator = Indicator(
                    kind=kind,
                    value=value,
                    object=one.id,
                    name=name[:_TEXT],
                    pattern=pattern,
                    alone=alone(pattern),
                    valid_from=_ms(one.object.get("valid_from")),
                    valid_until=_ms(one.object.get("valid_until")),
                    revoked=one.object.get("revoked") is True,
                    marking=marking,
                )
                self.indicators.append(indicator)


_READERS: Final[dict[tuple[str, str], Callable[[_Taken, Checked, Marking], str]]] = {
    ("sighting", FINDING): _Taken._finding,
    ("infrastructure", VESSEL): _Taken._vessel,
    ("infrastructure", ASSET): _Taken._asset,
    ("incident", CASE): _Taken._case,
}


def _same_realm(said: str, marked: str) -> None:
    """What is rehearsed never passes for what was observed, nor the other way round."""
    if said != marked:
        raise ValueError(f"it says realm {said}, its label says {marked}")


def _named(one: Checked, key: str, realm: str) -> None:
    """The id follows from what the object says it is: nobody gives one ship's name to another."""
    labels = one.object.get("labels", ())
    prefix = "" if realm == REAL else f"{realm}/"
    prefix += f"{SIMULATED}/" if SIMULATED in labels else ""
    if one.id != stix_id(one.type, prefix + key):
        raise ValueError(f"its id is not that of {prefix}{key}")


def _version(one: Checked) -> str:
    """The version in a form of which texts are ordered like times; empty for what has none."""
    if one.version_us is None:
        return ""
    moment = datetime.fromtimestamp(one.version_us // 1_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{one.version_us % 1_000_000:06d}Z"


def _ms(text: object) -> int | None:
    if not isinstance(text, str):
        return None
    try:
        return round(datetime.fromisoformat(text).timestamp() * SECOND)
    except (ValueError, OverflowError):
        return None
