"""Lines of delimited text to typed values: every byte is looked at once, 64 at a time.

What a ship says of itself repeats on every row, so that part of a line is hashed as a whole first, and its
fields are only looked at where the hash was not met lately.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.csv_bytes import hash_bytes
from watchkeeper.kernels.csv_moments import read_moments
from watchkeeper.kernels.csv_split import split_next
from watchkeeper.kernels.csv_values import (
    READ,
    UNREADABLE,
    WordTable,
    is_filled,
    past_imo,
    read_decimals,
    read_words,
)
from watchkeeper.model.columns import ROLES

_T, _MMSI, _LAT, _LON, _SOG, _COG, _HEADING, _NAV, _CLASS, FIRST_STATIC = range(10)
_SLOTS: Final = len(ROLES)
_STATICS: Final = _SLOTS - FIRST_STATIC
FIELD_FAULT: Final = 10
"""Row faults from here on: this plus a slot means that field cannot be read, plus ``len(ROLES)`` more that it
is missing. Below are the faults of the line's shape."""

_ZERO: Final = np.uint64(0)
_ONE: Final = np.uint64(1)
_LARGEST_INT32: Final = 2.0**31 - 1.0
_FARTHEST_MS: Final = 2.0**53
_TILE: Final = 200
"""Lines worked on at a time: where their fields are stays in the fastest cache."""
_REMEMBERED: Final = 1 << 15
"""Contents remembered: ships repeat theirs in every row, and a day of a sea has some thousand ships."""
_KEY, _PATTERN, _HASH = 0, 1, 2


class Form(NamedTuple):
    """How lines are read: ``slot_of`` (columns,) int16 says which slot a column fills, ``column_of`` (slots,)
    the reverse, -1 for none; ``static_from``, ``static_to`` are the slots of the first and the last static
    column, -1 for none; ``limit`` is the longest line allowed; times are numbers of ``unit_ms``
    milliseconds, or ``pattern`` (bytes) where that is 0."""

    slot_of: NDArray[np.int16]
    column_of: NDArray[np.int16]
    static_from: int
    static_to: int
    delimiter: int
    quote: int
    limit: int
    unit_ms: float
    pattern: NDArray[np.uint8]


class Words(NamedTuple):
    """The keys of the words for nothing, and the tables of words for codes."""

    nothing: NDArray[np.uint64]
    nav_status: WordTable
    ais_class: WordTable


class Rows(NamedTuple):
    """One entry for each line ``(n,)``: where it lies without its end, its fault (0: whole), a hash of its
    bytes, the values as sent (zero in lines that are not whole), whether it says anything static, and a hash
    of that. ``line_begin`` starts as zeros, as does all else."""

    line_begin: NDArray[np.int32]
    line_end: NDArray[np.int32]
    fault: NDArray[np.int16]
    hash: NDArray[np.uint64]
    t: NDArray[np.int64]
    mmsi: NDArray[np.int32]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    sog_kn: NDArray[np.float32]
    cog_deg: NDArray[np.float32]
    heading_deg: NDArray[np.float32]
    nav_status: NDArray[np.int8]
    ais_class: NDArray[np.int8]
    says_static: NDArray[np.bool_]
    static_hash: NDArray[np.uint64]


def statics_met() -> NDArray[np.uint64]:
    """A memory for :func:`read_rows`: by the lowest bits of the hash of a line's static part that hash, one
    more than the pattern of static fields that are filled (0: nothing here), and the hash of the fields."""
    return np.zeros((_REMEMBERED, 4), np.uint64)


def read_rows(
    data: NDArray[np.uint8], size: int, lines: int, form: Form, words: Words, met: NDArray[np.uint64]
) -> tuple[Rows, NDArray[np.int64], NDArray[np.int64]]:
    """Read ``lines`` lines of ``data[:size]``, which ends with a line end; padded by ``csv_bytes.PADDING``.

    ``met`` is :func:`statics_met`, for this file and one thread; what it holds changes the speed only.

    Returns:
        The rows; how many whole rows have an unreadable value in each slot ``(slots,)``; and how many have
        just the static fields of a bit pattern filled ``(2**k,)``.
    """
    rows = Rows(
        line_begin=np.empty(lines, np.int32), line_end=np.empty(lines, np.int32),
        fault=np.zeros(lines, np.int16), hash=np.empty(lines, np.uint64), t=np.zeros(lines, np.int64),
        mmsi=np.zeros(lines, np.int32), lat=np.zeros(lines, np.float64), lon=np.zeros(lines, np.float64),
        sog_kn=np.zeros(lines, np.float32), cog_deg=np.zeros(lines, np.float32),
        heading_deg=np.zeros(lines, np.float32), nav_status=np.zeros(lines, np.int8),
        ais_class=np.zeros(lines, np.int8), says_static=np.zeros(lines, np.bool_),
        static_hash=np.zeros(lines, np.uint64),
    )  # fmt: skip
    unreadable = np.zeros(_SLOTS, np.int64)
    patterns = np.zeros(1 << _STATICS, np.int64)
    _read_rows(data, size, form, words, met, rows, unreadable, patterns)
    return rows, unreadable, patterns


@kernel
def _read_rows(
    data: Any, size: int, form: Form, words: Words, met: Any, rows: Rows, unreadable: Any, patterns: Any
) -> None:
    begin, end = np.zeros((_SLOTS, _TILE), np.int32), np.zeros((_SLOTS, _TILE), np.int32)
    state = np.empty(_TILE, np.int8)
    numbers = np.empty(_TILE, np.float64)
    done = 0
    at = 0
    while at < size:
        count, at = split_next(
            data, at, size, form.slot_of, form.column_of, form.delimiter, form.quote, form.limit,
            rows.line_begin[done : done + _TILE], rows.line_end[done : done + _TILE],
            rows.fault[done : done + _TILE], begin, end,
        )  # fmt: skip
        tile = slice(done, done + count)
        b, e = begin[:, :count], end[:, :count]
        _mandatory(data, b, e, form, words, rows, tile, numbers[:count], state[:count])
        _optional(data, b, e, words, rows, tile, state[:count], unreadable)
        _statics(data, b, e, form, words, rows, tile, met, patterns)
        done += count


@kernel
def _mandatory(
    data: Any, begin: Any, end: Any, form: Form, words: Words, rows: Rows, tile: Any, numbers: Any, state: Any
) -> None:
    """The mandatory values; the first that is missing or cannot be read becomes the fault of a whole line."""
    nothing, fault = words.nothing, rows.fault[tile]
    if form.unit_ms > 0.0:
        read_decimals(data, begin[_T], end[_T], nothing, numbers, state)
        _moments(numbers, form.unit_ms, rows.t[tile], state)
    else:
        read_moments(data, begin[_T], end[_T], form.pattern, nothing, rows.t[tile], state)
    _require(fault, state, _T, True)
    read_decimals(data, begin[_MMSI], end[_MMSI], nothing, numbers, state)
    _whole_numbers(numbers, rows.mmsi[tile])
    _require(fault, state, _MMSI, True)
    read_decimals(data, begin[_LAT], end[_LAT], nothing, rows.lat[tile], state)
    _require(fault, state, _LAT, False)
    read_decimals(data, begin[_LON], end[_LON], nothing, rows.lon[tile], state)
    _require(fault, state, _LON, False)


@kernel
def _moments(numbers: Any, unit_ms: float, out: Any, state: Any) -> None:
    for i in range(len(out)):
        since = numbers[i] * unit_ms if state[i] == READ else 0.0
        if abs(since) > _FARTHEST_MS:
            since = 0.0
            state[i] = UNREADABLE
        out[i] = np.int64(since)


@kernel
def _whole_numbers(numbers: Any, out: Any) -> None:
    """What cannot be an MMSI (negative, broken, too long) becomes 0, which is malformed."""
    for i in range(len(out)):
        number = numbers[i]
        whole = number >= 0.0 and number <= _LARGEST_INT32 and number == np.floor(number)
        out[i] = np.int32(number) if whole else np.int32(0)


@kernel
def _require(fault: Any, state: Any, slot: int, even_if_missing: bool) -> None:
    for i in range(len(fault)):
        if fault[i] != 0 or state[i] == READ:
            continue
        if state[i] == UNREADABLE:
            fault[i] = FIELD_FAULT + slot
        elif even_if_missing:
            fault[i] = FIELD_FAULT + slot + _SLOTS


@kernel
def _optional(
    data: Any, begin: Any, end: Any, words: Words, rows: Rows, tile: Any, state: Any, unreadable: Any
) -> None:
    nothing, fault = words.nothing, rows.fault[tile]
    read_decimals(data, begin[_SOG], end[_SOG], nothing, rows.sog_kn[tile], state)
    unreadable[_SOG] += _count_unreadable(state, fault)
    read_decimals(data, begin[_COG], end[_COG], nothing, rows.cog_deg[tile], state)
    unreadable[_COG] += _count_unreadable(state, fault)
    read_decimals(data, begin[_HEADING], end[_HEADING], nothing, rows.heading_deg[tile], state)
    unreadable[_HEADING] += _count_unreadable(state, fault)
    read_words(data, begin[_NAV], end[_NAV], words.nav_status, rows.nav_status[tile], state)
    unreadable[_NAV] += _count_unreadable(state, fault)
    read_words(data, begin[_CLASS], end[_CLASS], words.ais_class, rows.ais_class[tile], state)
    unreadable[_CLASS] += _count_unreadable(state, fault)


@kernel
def _count_unreadable(state: Any, fault: Any) -> int:
    count = 0
    for i in range(len(state)):
        count += state[i] == UNREADABLE and fault[i] == 0
    return count


@kernel
def _statics(
    data: Any, begin: Any, end: Any, form: Form, words: Words, rows: Rows, tile: Any, met: Any, patterns: Any
) -> None:
    """The hash of each whole line, and what static data is in it."""
    _hash_lines(
        data, begin, end, form.static_from, form.static_to, words.nothing, rows.line_begin[tile],
        rows.line_end[tile], rows.fault[tile], rows.hash[tile], rows.static_hash[tile],
        rows.says_static[tile], met, patterns,
    )  # fmt: skip


@kernel
def _hash_lines(
    data: Any, begin: Any, end: Any, static_from: int, static_to: int, nothing: Any, line_begin: Any,
    line_end: Any, fault: Any, line_hash: Any, static_hash: Any, says_static: Any,
    met: Any, patterns: Any,
) -> None:  # fmt: skip
    for i in range(len(fault)):
        if fault[i] != 0:
            continue
        first, last = line_end[i], line_end[i]
        if static_from >= 0:
            first, last = begin[static_from, i], end[static_to, i]
        key = hash_bytes(data, first, last, _ZERO, _ONE)
        rest = hash_bytes(data, line_begin[i], first, _ZERO, key)
        line_hash[i] = hash_bytes(data, last, line_end[i], _ZERO, rest)
        place = np.int64(key & np.uint64(_REMEMBERED - 1))  # a view of the row would cost a counted reference
        if met[place, _PATTERN] == _ZERO or met[place, _KEY] != key:
            begin[FIRST_STATIC, i] = past_imo(data, begin[FIRST_STATIC, i], end[FIRST_STATIC, i])
            pattern = 0
            value = _ONE
            for k in range(_STATICS):
                field_from, field_to = begin[FIRST_STATIC + k, i], end[FIRST_STATIC + k, i]
                pattern |= is_filled(data, field_from, field_to, nothing) << k
                value = hash_bytes(data, field_from, field_to, _ZERO, value)
            met[place, _KEY] = key
            met[place, _PATTERN] = pattern + 1
            met[place, _HASH] = value
        static_hash[i] = met[place, _HASH]
        says_static[i] = met[place, _PATTERN] > _ONE
        patterns[np.int64(met[place, _PATTERN]) - 1] += 1
