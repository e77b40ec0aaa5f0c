"""What is checked of STIX objects that come in, each by itself: form, not meaning. Nothing is changed: bytes are kept.

Sources: OASIS, *STIX 2.1*, sections 2 (common data types) and 3 (common properties).
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NoReturn

import msgspec

from watchkeeper.exchange.hub.moments import read_us
from watchkeeper.exchange.hub.words import STIX_ID

MOST_OBJECT_BYTES: Final = 16 << 20
DEEPEST: Final = 64
"""Levels of nesting."""

NO_ID: Final = "unknown--00000000-0000-4000-8000-000000000000"
"""How a status calls what has no id."""

_VERSIONED: Final = frozenset(
    (
        "attack-pattern", "campaign", "course-of-action", "grouping", "identity", "incident", "indicator",
        "infrastructure", "intrusion-set", "location", "malware", "malware-analysis", "note", "observed-data",
        "opinion", "report", "threat-actor", "tool", "vulnerability", "relationship", "sighting",
        "language-content", "extension-definition",
    )
)  # fmt: skip
"""Types of the standard that have to say when they were created and modified."""

_HALF_SIGN: Final = re.compile(rb"\\u[dD][89abAB]")
_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,249}", re.ASCII)


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """An object that may be kept. ``version_us`` is None where it has no versions; ``object`` is what the bytes say."""

    id: str
    type: str
    spec: str
    version: str | None
    version_us: int | None
    raw: bytes
    object: dict[str, Any]


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """An object that is not taken: what it calls itself, which rule stands against it, and why."""

    id: str
    version: str | None
    rule: str
    message: str


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """Why an object is not taken."""


class NotAnEnvelopeError(ValueError):
    """The body is no envelope of TAXII."""


class _Envelope(msgspec.Struct):
    objects: msgspec.Raw


def objects_of(body: bytes) -> list[bytes]:
    """The objects of an envelope, each exactly as it stands in the body.

    Raises:
        NotAnEnvelopeError: it is none, or holds nothing.
    """
    try:
        listed = msgspec.json.decode(body, type=_Envelope).objects
        found = msgspec.json.decode(listed, type=list[msgspec.Raw])
        _read(_without(body, listed))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise NotAnEnvelopeError(f"The body is no envelope of TAXII: {str(error)[:200]}.") from error
    except _Refused as error:
        raise NotAnEnvelopeError(f"The body is no envelope of TAXII: {error}") from error
    if not found:
        raise NotAnEnvelopeError("The envelope holds no objects.")
    return [bytes(each) for each in found]


def _without(body: bytes, part: msgspec.Raw) -> str:
    """The body with a number in place of a part: what else it says is small and can be looked at closely."""
    view, whole = memoryview(part), memoryview(body)
    begin = bytes(view[:64])
    at = body.find(begin)
    while whole[at : at + len(view)] != view:
        at = body.find(begin, at + 1)
    return (body[:at] + b"0" + body[at + len(view) :]).decode()


def checked(raws: Sequence[bytes]) -> Iterator[Checked | Failed]:
    """Each object as it may be kept, or why not; in order."""
    for raw in raws:
        try:
            found = _read_object(raw)
        except _Refused as error:
            yield Failed(id=NO_ID, version=None, rule="form", message=str(error))
            continue
        try:
            yield _checked(found, raw)
        except _Refused as error:
            yield Failed(
                id=_text(found, "id") or NO_ID, version=_said(found), rule="form", message=str(error)
            )


def _checked(found: dict[str, Any], raw: bytes) -> Checked:
    type_ = _text(found, "type")
    if type_ is None or not _TYPE.fullmatch(type_):
        raise _Refused("type is missing, or no type of STIX.")
    id_ = _text(found, "id")
    named = STIX_ID.fullmatch(id_) if id_ is not None else None
    if id_ is None or named is None:
        raise _Refused("id is missing, or not of the form type--UUID.")
    if named[1] != type_ or type_ == "bundle":
        raise _Refused(f"id begins with {named[1][:60]}, type is {type_[:60]}.")
    created, modified = _moment(found, "created"), _moment(found, "modified")
    if type_ in _VERSIONED and (created is None or modified is None):
        raise _Refused(f"{type_} needs created and modified.")
    if created is None and (modified is not None or type_ == "marking-definition"):
        raise _Refused("created is missing.")
    if created is not None and modified is not None and modified < created:
        raise _Refused("modified is before created.")
    _check_refs(found)
    _check_deep(found, raw)
    return Checked(
        id=id_,
        type=type_,
        spec=_spec(found, created),
        version=_said(found),
        version_us=created if modified is None else modified,
        raw=raw,
        object=found,
    )


def _read_object(raw: bytes) -> dict[str, Any]:
    if len(raw) > MOST_OBJECT_BYTES:
        raise _Refused(f"An object has at most {MOST_OBJECT_BYTES >> 20} MiB.")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise _Refused("It is not UTF-8.") from error
    found = _read(text)
    if not isinstance(found, dict):
        raise _Refused("It is no JSON object.")
    if _HALF_SIGN.search(raw):
        _check_signs(found)
    return found


def _read(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise _Refused(f"It is no JSON that can be kept: {str(error).partition(';')[0][:200]}.") from error


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice[:60]!r} stands there twice")
    return made


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is beyond what a number can be")
    return number


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_finite)


def _check_signs(found: dict[str, Any]) -> None:
    """Half a sign (a surrogate alone) cannot be written as UTF-8 by whoever reads it."""
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError) as error:
        raise _Refused("It has half a sign of UTF-16.") from error


def _check_refs(found: dict[str, Any]) -> None:
    """The references of the standard hold ids; what a custom property (``x_...``) holds is its maker's affair."""
    for name, value in found.items():
        if not name.endswith(("_ref", "_refs")) or name.startswith("x_"):
            continue
        if name.endswith("_ref"):
            _check_ref(name, value)
            continue
        if not isinstance(value, list):
            raise _Refused(f"{name[:60]} is no list of ids.")
        for one in value:
            _check_ref(name, one)


def _check_ref(name: str, value: object) -> None:
    if not isinstance(value, str) or not STIX_ID.fullmatch(value):
        raise _Refused(f"{name[:60]} is no id of STIX.")


def _check_deep(found: dict[str, Any], raw: bytes) -> None:
    if raw.count(b"{") + raw.count(b"[") <= DEEPEST:
        return
    level: list[Any] = [found]
    for _ in range(DEEPEST):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise _Refused(f"It is nested more than {DEEPEST} levels deep.")


def _spec(found: dict[str, Any], created: int | None) -> str:
    """The version of STIX: what says nothing is an observable of 2.1, or any other object of 2.0."""
    said = found.get("spec_version", "2.1" if created is None else "2.0")
    if said not in ("2.0", "2.1"):
        raise _Refused("spec_version is neither 2.0 nor 2.1.")
    return str(said)


def _moment(found: dict[str, Any], name: str) -> int | None:
    if name not in found:
        return None
    value = found[name]
    try:
        return read_us(value if isinstance(value, str) else "")
    except ValueError as error:
        raise _Refused(f"{name} is no timestamp of STIX.") from error


def _said(found: dict[str, Any]) -> str | None:
    """The version as it is written, where it is one."""
    for name in ("modified", "created"):
        value = found.get(name)
        if isinstance(value, str):
            return value[:40]
    return None


def _text(found: dict[str, Any], name: str) -> str | None:
    value = found.get(name)
    return value[:300] if isinstance(value, str) else None
