"""Tables of unknown make: CSV of any delimiter and NDJSON, by the columns' names or by a mapping.

The mapping is ``[sources.table]`` of the configuration, see
:class:`watchkeeper.sources.options.TableMapping`; where it is silent, common column names are recognised.
Times are read as ISO 8601 or as seconds or milliseconds since 1970.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import BinaryIO, Final

import msgspec

from watchkeeper.errors import InputError
from watchkeeper.model.columns import ROLES
from watchkeeper.model.records import Batch
from watchkeeper.sources.chunks import CHUNK_BYTES, Chunk, chunk_of, chunks, take_header
from watchkeeper.sources.delimited import read_delimited
from watchkeeper.sources.layout import (
    ISO,
    MANDATORY,
    NO_QUOTE,
    QUOTE,
    UNIT_SEPARATOR,
    Layout,
    header_fields,
    slots_of_columns,
)
from watchkeeper.sources.options import ReadOptions, TableMapping

NAME: Final = "table (CSV or NDJSON)"
GENERIC: Final = True

_GUESSES: Final[dict[str, tuple[str, ...]]] = {
    "t": ("t", "time", "timestamp", "datetime", "date_time", "basedatetime", "base_date_time",
    "date_time_utc", "timestamp_utc", "time_utc", "utc", "ts", "unixtime", "epoch", "dt_pos_utc",
    "received_at", "timestampexternal"), "mmsi": ("mmsi", "vessel_mmsi", "ship_mmsi", "sourcemmsi",
    "userid", "user_id"), "lat": ("lat", "latitude", "latitude_degrees", "lat_deg", "y", "position_lat"),
    "lon": ("lon", "lng", "long", "longitude", "longitude_degrees", "lon_deg", "x", "position_lon"),
    "sog_kn": ("sog", "sog_kn", "sog_knots", "speed", "speed_knots", "speed_over_ground", "speedoverground"),
    "cog_deg": ("cog", "cog_deg", "cog_degrees", "course", "course_over_ground", "courseoverground"),
    "heading_deg": ("heading", "heading_deg", "true_heading", "trueheading", "hdg"),
    "nav_status": ("nav_status", "navstatus", "navstat", "status", "navigational_status",
    "navigationalstatus"), "ais_class": ("ais_class", "class", "transceiver", "transceiverclass",
    "transceiver_class", "type_of_mobile"), "imo": ("imo", "imo_number", "imonumber"),
    "name": ("name", "vessel_name", "vesselname", "ship_name", "shipname"),
    "callsign": ("callsign", "call_sign"),
    "ship_type": ("ship_type", "shiptype", "vessel_type", "vesseltype", "ship_and_cargo_type"),
    "length_m": ("length", "length_m"),
    "beam_m": ("width", "beam", "beam_m", "width_m"),
    "draught_m": ("draught", "draft", "draught_m"),
    "destination": ("destination", "dest"),
}  # fmt: skip
_DELIMITERS: Final = ",;\t|"
_MILLISECONDS_FROM: Final = 1e11
"""A bare number is milliseconds from here on: 1973; as seconds it would be the year 5138."""
_PATTERN: Final = re.compile(r"(?:%[YmdHMS]|[^%A-Za-z])+")
_PLAIN: Final = str.maketrans({"\n": " ", "\r": " ", chr(UNIT_SEPARATOR): " "})


def sniff(head: bytes, filename: str) -> bool:
    """Whether the first line is a JSON object, or a header that says MMSI or belongs to a ``.csv``."""
    line = head.split(b"\n", 1)[0]
    if line.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):
        return _object(line) is not None
    if b"\0" in line or (b"mmsi" not in line.lower() and not filename.lower().endswith((".csv", ".tsv"))):
        return False
    return len(header_fields(line, _delimiter(line, None))) > 1


def batches(
    stream: BinaryIO, index: int, name: str, options: ReadOptions, chunk_bytes: int = CHUNK_BYTES
) -> Iterator[Batch]:
    """The records of a table.

    Raises:
        InputError: a column cannot be guessed or is missing, or no row can be read.
    """
    mapping = options.table or TableMapping()
    parts: Iterator[Chunk]
    line, rest = take_header(chunks(stream, chunk_bytes=chunk_bytes))
    if (first := _object(line)) is not None:
        parts = chain([chunk_of([line], 1)], rest)
        columns, names = guess([key.lower() for key in first], mapping, name)
        keys = [key for key in first if names.get(key.lower())]
        paths = keys + [column for column in columns if "." in column]
        slots = slots_of_columns([path.lower() for path in paths], names, name, NAME)
        parts = (_flattened(chunk, paths) for chunk in parts)
        delimiter, quote, misshapen = UNIT_SEPARATOR, NO_QUOTE, "not a JSON object"
    else:
        delimiter, quote, misshapen = _delimiter(line, mapping.delimiter), QUOTE, Layout.misshapen
        header = header_fields(line, delimiter)
        _, names = guess(header, mapping, name)
        slots = slots_of_columns(header, names, name, NAME)
        parts = rest
    time_column = int((slots == 0).argmax())
    time, parts = time_format(mapping.time, parts, time_column, delimiter)
    yield from read_delimited(parts, Layout(slots, time, delimiter, quote, misshapen), index, name, options)


def guess(header: Sequence[str], mapping: TableMapping, name: str) -> tuple[list[str], dict[str, str]]:
    """The columns named by the mapping, and column name -> role for these and for those that can be guessed.

    Raises:
        InputError: a mandatory column is neither named nor guessed; shows the mapping to write.
    """
    unknown = set(mapping.columns) - set(ROLES)
    if unknown:
        raise InputError(
            f"The table mapping names {sorted(unknown)[0]!r}, which is no field.",
            f"Fields: {', '.join(ROLES)}.",
        )
    names = {column.strip().lower(): role for role, column in mapping.columns.items()}
    for role, guesses in _GUESSES.items():
        if role in mapping.columns:
            continue
        alike = {_normal(column): column for column in reversed(header) if column not in names}
        column = next((alike[word] for word in guesses if word in alike), None)
        if column is not None:
            names[column] = role
    absent = [role for role in MANDATORY if role not in names.values()]
    if absent:
        example = ", ".join(f'{role} = "<column>"' for role in absent)
        raise InputError(
            f"{name}: no column could be recognised as {', '.join(absent)} among {', '.join(header[:30])}.",
            f"Name them in the configuration: [sources.table] columns = {{ {example} }}.",
        )
    return [column.strip() for column in mapping.columns.values()], names


def time_format(
    asked: str, parts: Iterator[Chunk], column: int, delimiter: int
) -> tuple[str, Iterator[Chunk]]:
    """The ``time`` of a :class:`Layout`: as asked, or by the first row of ``parts``, which are handed back.

    Raises:
        InputError: the pattern asked for is not one.
    """
    if asked in ("s", "ms"):
        return asked, parts
    if asked == "iso":
        return ISO, parts
    if asked != "auto":
        if not _PATTERN.fullmatch(asked):
            raise InputError(
                f"{asked!r} is not a time format.",
                'Use "auto", "iso", "s", "ms", or a pattern of %Y %m %d %H %M %S.',
            )
        return asked.replace("%", ""), parts
    first = next(parts, None)
    if first is None:
        return ISO, iter(())
    line = first.text(0, int((first.data[: first.size] == ord("\n")).argmax()), limit=4096)
    value = line.split(chr(delimiter))[column : column + 1]
    return _guessed_time(value[0] if value else ""), chain([first], parts)


def joined(values: Sequence[object]) -> bytes:
    """One row of values as a line of fields between unit separators."""
    return chr(UNIT_SEPARATOR).join(_text(value) for value in values).encode(errors="replace")


def _guessed_time(value: str) -> str:
    try:
        number = float(value.strip().strip('"'))
    except ValueError:
        return ISO
    return "ms" if abs(number) >= _MILLISECONDS_FROM else "s"


def _delimiter(line: bytes, asked: str | None) -> int:
    return ord(asked) if asked else max(_DELIMITERS.encode(), key=line.count)


def _normal(column: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")


def _object(line: bytes) -> dict[str, object] | None:
    try:
        found = msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return found if isinstance(found, dict) else None


def _flattened(chunk: Chunk, paths: Sequence[str]) -> Chunk:
    """The values at ``paths`` of every JSON line; a line that is no object becomes itself, one field."""
    lines: list[bytes] = []
    for line in chunk.data[: chunk.size].tobytes().split(b"\n")[:-1]:
        found = _object(line) if line.strip() else None
        lines.append(line.rstrip(b"\r") if found is None else joined([_at(found, path) for path in paths]))
    made = chunk_of(lines, chunk.first_line)
    return Chunk(made.data, made.size, made.lines, made.first_line, chunk.overlong)


def _at(found: Mapping[str, object], path: str) -> object:
    """The value at a key, or at a dotted path such as ``geometry.coordinates.0``."""
    if path in found:
        return found[path]
    value: object = found
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return repr(value)
    return str(value).translate(_PLAIN)
