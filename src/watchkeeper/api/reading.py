"""What a request brings: parameters and bodies, limited before they are read, checked by their structs."""

import asyncio
import difflib
import math
import typing
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta
from starlette.requests import ClientDisconnect, Request

from watchkeeper.api.declare import JSON, Route
from watchkeeper.api.problems import Refused
from watchkeeper.api.services import Limits
from watchkeeper.model.time import from_iso

S = TypeVar("S", bound=msgspec.Struct)

FORM: Final = "application/x-www-form-urlencoded"
_DOCUMENT: Final = "See /openapi.json."

Moment = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}(-\d{2}){2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?$",
        description="ISO 8601: a date, or a date and time; no zone means UTC.",
        examples=["2024-11-18T06:00:00Z"],
    ),
]
"""A time as callers write it."""

Box = tuple[float, float, float, float]


@cache
def fields_of(kind: type[msgspec.Struct]) -> dict[str, bool]:
    """Names of the parameters as they are written, and whether each may stand several times."""
    return {f.encode_name: _is_list(f.type) for f in msgspec.structs.fields(kind)}


def read_params(kind: type[S], path: Mapping[str, str], query: Iterable[tuple[str, str]]) -> S:
    """Parameters of a path and a query.

    Raises:
        Refused: 400, an unknown one, one twice, or one that does not fit.
    """
    known = fields_of(kind)
    values: dict[str, Any] = dict(path)
    if any("\0" in text for text in path.values()):
        raise _with_zero()
    for name, text in query:
        if "\0" in text:
            raise _with_zero()
        if name not in known and not kind.__struct_config__.forbid_unknown_fields:
            continue
        if name not in known or name in path:
            near = difflib.get_close_matches(name, set(known) - set(path), 1, 0.5)
            advice = f"Did you mean {near[0]}?" if near else _DOCUMENT
            raise Refused(400, f"There is no parameter {name[:50]!r} here.", advice)
        if known[name]:
            values.setdefault(name, []).extend(part for part in text.split(",") if part)
        elif name in values:
            raise Refused(400, f"The parameter {name} stands twice.", "Give it once.")
        else:
            values[name] = text
    try:
        read = msgspec.convert(values, kind, strict=False)
        # What is not given is left out; "null" is a text like any other, and fits nothing else.
        return read if not _nulls(read, values) else msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise Refused(400, f"Parameters: {error}.", _DOCUMENT) from error


async def read_body(request: Request, route: Route, limits: Limits) -> bytes:
    """The body of a request.

    Raises:
        Refused: 413 too large, 408 too slow, 415 of another type, 400 cut off.
    """
    wanted = FORM if route.form else JSON
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != wanted:
        raise Refused(415, f"The body is {given[:80] or 'of no type'}.", f"Send {wanted}.")
    too_large = Refused(413, "The body is too large.", f"Send at most {limits.body_bytes:,} bytes.")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limits.body_bytes:
        raise too_large
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for part in request.stream():
                size += len(part)
                if size > limits.body_bytes:
                    raise too_large
                parts.append(part)
    except TimeoutError as error:
        raise Refused(
            408, f"The body did not come within {limits.body_seconds:g} s.", "Send it again."
        ) from error
    except ClientDisconnect as error:
        raise Refused(400, "The body was cut off.", "Send it again.") from error
    return b"".join(parts)


def parse_body(raw: bytes, route: Route) -> Any:
    """A body as its struct.

    Raises:
        Refused: 400, not JSON or not as declared.
    """
    assert route.body is not None
    if b"\\u0000" in raw or b"%00" in raw:
        raise _with_zero()
    try:
        if route.form:
            pairs = parse_qsl(raw.decode(), strict_parsing=False, max_num_fields=20)
            return msgspec.convert(dict(pairs), route.body, strict=False)
        return msgspec.json.decode(raw, type=route.body)
    except msgspec.DecodeError as error:
        raise Refused(400, f"Body: {error}.", _DOCUMENT) from error
    except (UnicodeDecodeError, ValueError) as error:
        raise Refused(400, "The body cannot be read.", _DOCUMENT) from error
    except RecursionError as error:
        raise Refused(400, "The body is nested too deeply.", _DOCUMENT) from error


def ms(moment: str | None) -> int | None:
    """A moment as ms UTC; a date alone is its beginning, and without a zone it is UTC.

    Raises:
        Refused: 400, there is no such time.
    """
    if moment is None:
        return None
    try:
        return from_iso(moment)
    except (ValueError, OverflowError) as error:
        raise Refused(
            400, f"There is no time {moment}.", "Write 2024-11-18 or 2024-11-18T06:00:00Z."
        ) from error


def read_box(text: str | None) -> Box | None:
    """``west,south,east,north`` [deg]; west greater than east is across the antimeridian. Six numbers: with heights.

    Raises:
        Refused: 400, no box on the earth.
    """
    if text is None:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    fits = len(numbers) == 4 and all(map(math.isfinite, numbers))
    if not fits or max(abs(numbers[0]), abs(numbers[2])) > 180 or not -90 <= numbers[1] <= numbers[3] <= 90:
        raise Refused(400, "The bbox is no box on the earth.", "Write west,south,east,north in degrees.")
    west, south, east, north = numbers
    return west, south, east, north


def _is_list(kind: Any) -> bool:
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        return _is_list(typing.get_args(kind)[0])
    return origin in (list, tuple)


def _nulls(read: msgspec.Struct, values: Mapping[str, Any]) -> bool:
    """Whether a text was read as null."""
    names = _attributes(type(read))
    return any(getattr(read, names[name]) is None for name in values)


@cache
def _attributes(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Attributes by the names of their parameters."""
    return {f.encode_name: f.name for f in msgspec.structs.fields(kind)}


def _with_zero() -> Refused:
    """No database keeps it, and no name has it."""
    return Refused(400, "There is a character U+0000.", "Leave it out.")
