"""AIS that feeds send as JSON, one message a line: what each line says is handed in, columns and counts come out.

A format gives a function that says of a decoded line what it is; see :class:`Said`. Shared by those formats whose
lines are of several kinds; a table of one kind is read by :mod:`table`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

import msgspec
import numpy as np

from watchkeeper.model.records import (
    CLASS_UNKNOWN,
    NAV_UNDEFINED,
    QUARANTINE_TEXT,
    TYPE_UNKNOWN,
    Array,
    Batch,
    Positions,
    Quarantined,
    Statics,
    pack_row,
)
from watchkeeper.model.time import SECOND, from_iso
from watchkeeper.sources.chunks import LINE_LIMIT, Chunk, chunks
from watchkeeper.sources.cleaning import (
    Fate,
    available,
    clean_statics,
    count_fates,
    notice_statics,
    position_fates,
)
from watchkeeper.sources.options import ReadOptions

POSITION: Final = "position"
STATIC: Final = "static"
BOTH: Final = "position_and_static"
NOT_A_SHIP: Final = "not_a_ship"
OTHER: Final = "other"

_NUMBERS: Final = {
    "lat": 91.0, "lon": 181.0, "sog_kn": 102.3, "cog_deg": 360.0, "heading_deg": 511.0,
    "nav_status": NAV_UNDEFINED, "ais_class": CLASS_UNKNOWN, "imo": 0, "ship_type": TYPE_UNKNOWN,
    "length_m": np.nan, "beam_m": np.nan, "draught_m": np.nan,
}  # fmt: skip
"""What stands for *not available* where a message does not say."""

_LARGEST: Final = 2**31 - 1
_MILLISECONDS_FROM: Final = 1e11


class UnreadableError(ValueError):
    """A line is no message; the text says why."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a line says: its kind, its time [ms UTC], who sent it, and values by the names of columns."""

    kind: str
    t: int
    mmsi: int
    values: Mapping[str, Any] = field(default_factory=dict)


Interpret = Callable[[dict[str, Any]], Said]
"""Says what a JSON object is; raises :class:`UnreadableError` with the reason."""


def read_messages(
    stream: BinaryIO, interpret: Interpret, index: int, name: str, options: ReadOptions
) -> Iterator[Batch]:
    """The records of the lines of a stream."""
    for chunk in chunks(stream):
        yield _batch(chunk, interpret, index, name, options)


def time_of(value: object) -> int:
    """A time [ms UTC]: seconds or milliseconds since 1970, or ISO 8601.

    Raises:
        UnreadableError: it is none.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e14:
        return round(value if value >= _MILLISECONDS_FROM else value * SECOND)
    if isinstance(value, str):
        with suppress(ValueError, OverflowError):
            return from_iso(value)
    raise UnreadableError("time cannot be read" if value is not None else "no time")


def mmsi_of(value: object) -> int:
    """An MMSI, as a number or as text.

    Raises:
        UnreadableError: it is none.
    """
    with suppress(ValueError, TypeError):
        number = int(value)  # type: ignore[call-overload]
        if 0 <= number <= _LARGEST:
            return int(number)
    raise UnreadableError("MMSI cannot be read" if value is not None else "no MMSI")


def size_of(a: object, b: object) -> float:
    """A length or a beam [m] of the two distances to the antenna; NaN where they say nothing."""
    if isinstance(a, int | float) and isinstance(b, int | float) and 0 < a + b < 1e4:
        return float(a + b)
    return float("nan")


def _batch(chunk: Chunk, interpret: Interpret, index: int, name: str, options: ReadOptions) -> Batch:
    said: list[Said] = []
    lines: list[int] = []
    quarantine = [
        Quarantined(name, line, f"line longer than {LINE_LIMIT} bytes", text) for line, text in chunk.overlong
    ]
    counts: Counter[str] = Counter()
    noticed: Counter[str] = Counter()
    empty = -len(chunk.overlong)
    for line, raw in enumerate(chunk.data[: chunk.size].tobytes().split(b"\n")[:-1], chunk.first_line):
        if not raw.strip():
            empty += 1
            continue
        try:
            said.append(interpret(_object(raw)))
            lines.append(line)
        except UnreadableError as error:
            text = raw[: 4 * QUARANTINE_TEXT].decode(errors="replace")[:QUARANTINE_TEXT]
            quarantine.append(Quarantined(name, line, str(error), text))
    if empty:
        noticed["empty_line"] = empty
    kinds = np.array([s.kind for s in said], dtype="U20")
    rows = pack_row(index, np.array(lines, np.int64))
    positions = _positions(said, kinds, rows, options, counts, noticed)
    statics = _statics(said, kinds, rows, options, counts, noticed)
    counts[NOT_A_SHIP] += int(np.count_nonzero(kinds == NOT_A_SHIP))
    counts[OTHER] += int(np.count_nonzero(kinds == OTHER))
    counts["read"], counts["quarantined"] = len(said) + len(quarantine), len(quarantine)
    senders = np.array([s.mmsi for s in said], np.int32)
    ordered = sorted(quarantine, key=lambda q: q.line)
    return Batch(index, positions, statics, +counts, +noticed, ordered, senders)


def _positions(
    said: list[Said],
    kinds: Array,
    rows: Array,
    options: ReadOptions,
    counts: Counter[str],
    noticed: Counter[str],
) -> Positions:
    at = np.flatnonzero((kinds == POSITION) | (kinds == BOTH))
    raw = Positions(**_columns([said[k] for k in at], rows[at], Positions.DTYPES))
    fates = position_fates(raw, options, noticed)
    count_fates(fates, counts)
    kept = fates == Fate.KEPT
    both = int(np.count_nonzero(kinds[at[kept]] == BOTH))
    counts[POSITION] += int(np.count_nonzero(kept)) - both
    counts[BOTH] += both
    return available(raw.take(kept))


def _statics(
    said: list[Said],
    kinds: Array,
    rows: Array,
    options: ReadOptions,
    counts: Counter[str],
    noticed: Counter[str],
) -> Statics:
    """Static data. Messages that are both are already counted as positions."""
    only = np.flatnonzero(kinds == STATIC)
    kept = clean_statics(
        Statics(**_columns([said[k] for k in only], rows[only], Statics.DTYPES)), options, counts, noticed
    )
    counts[STATIC] += len(kept)
    at = np.flatnonzero(kinds == BOTH)
    if not len(at):
        return kept
    both = Statics(**_columns([said[k] for k in at], rows[at], Statics.DTYPES))
    notice_statics(both, noticed)
    merged = Statics.concat([kept, clean_statics(both, options, None, Counter())])
    return merged.take(np.argsort(merged.row, kind="stable"))


def _columns(said: list[Said], rows: Array, dtypes: Mapping[str, Any]) -> dict[str, Array]:
    columns: dict[str, Array] = {
        "t": np.array([s.t for s in said], np.int64),
        "row": rows.astype(np.int64),
        "mmsi": np.array([s.mmsi for s in said], np.int32),
    }
    for column, dtype in dtypes.items():
        if column in columns:
            continue
        wanted = np.dtype(dtype)
        if wanted.kind == "S":
            columns[column] = np.array([_text(s.values.get(column)) for s in said], wanted)
        else:
            columns[column] = np.array([_number(s.values.get(column), column, wanted) for s in said], wanted)
    return columns


def _number(value: object, column: str, dtype: np.dtype[Any]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return _NUMBERS[column]
    if dtype.kind == "i":
        limits = np.iinfo(dtype)
        return int(value) if limits.min <= value <= limits.max else _NUMBERS[column]
    return float(value) if abs(value) < 1e30 else _NUMBERS[column]


def _text(value: object) -> bytes:
    """Text as a ship sends it: what stands behind the first @ is padding."""
    return value.partition("@")[0].strip().upper().encode(errors="replace") if isinstance(value, str) else b""


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError("not a JSON object") from error
    if not isinstance(found, dict):
        raise UnreadableError("not a JSON object")
    return found
