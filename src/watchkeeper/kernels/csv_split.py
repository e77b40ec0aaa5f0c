"""Delimited text to field positions, 64 bytes at a time, with a hash of every line.

Quotes follow RFC 4180 within a line; a line end always ends the record, so that one stray quote costs one
line and not the rest of the file.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.csv_bytes import hash_bytes, lowest_bit, matches

_NEWLINE: Final = 10
_RETURN: Final = 13
_ZERO: Final = np.uint64(0)
_ONE: Final = np.uint64(1)


class LineFault(IntEnum):
    """What is wrong with the shape of a line."""

    NONE = 0
    EMPTY = 1
    FIELD_COUNT = 2
    QUOTE = 3
    OVERLONG = 4


_EMPTY: Final = int(LineFault.EMPTY)
_FIELD_COUNT: Final = int(LineFault.FIELD_COUNT)
_QUOTE: Final = int(LineFault.QUOTE)
_OVERLONG: Final = int(LineFault.OVERLONG)


@dataclass(slots=True)
class Fields:
    """Where the wanted fields of each line lie.

    ``begin``, ``end`` of shape (slots, lines) are byte positions without quotes; a slot no column fills is
    empty.
    ``line_begin``, ``line_end`` (lines,) are those of the line without its end; ``fault`` is a
    :class:`LineFault`; ``hash`` is that of the line's bytes.
    """

    begin: NDArray[np.int32]
    end: NDArray[np.int32]
    line_begin: NDArray[np.int32]
    line_end: NDArray[np.int32]
    fault: NDArray[np.int8]
    hash: NDArray[np.uint64]


def split(
    data: NDArray[np.uint8],
    size: int,
    lines: int,
    slot_of_column: NDArray[np.int16],
    slots: int,
    delimiter: int,
    quote: int,
    limit: int,
) -> Fields:
    """Find the fields of ``lines`` lines in ``data[:size]``, which ends with a line end.

    ``slot_of_column`` (columns,) says which slot a column fills, -1 for none; ``limit`` is the longest
    line allowed. ``data`` is padded by
    ``csv_bytes.PADDING`` bytes.
    """
    fields = Fields(
        begin=np.zeros((slots, lines), np.int32),
        end=np.zeros((slots, lines), np.int32),
        line_begin=np.empty(lines, np.int32),
        line_end=np.empty(lines, np.int32),
        fault=np.zeros(lines, np.int8),
        hash=np.empty(lines, np.uint64),
    )
    _split(
        data, size, slot_of_column, delimiter, quote, limit, fields.begin, fields.end,
        fields.line_begin, fields.line_end, fields.fault, fields.hash,
    )  # fmt: skip
    return fields


@kernel
def _split(
    data: Any, size: int, slot_of: Any, delimiter: int, quote: int, limit: int, begin: Any, end: Any,
    line_begin: Any, line_end: Any, fault: Any, hashes: Any,
) -> None:  # fmt: skip
    columns = len(slot_of)
    row = 0
    column = 0
    line_from = 0
    field_from = 0
    quoted = False  # whether a quote was met in this line, in an earlier block
    for block in range(0, size, 64):
        newlines = matches(data, block, _NEWLINE)
        stops = newlines | matches(data, block, delimiter)
        quotes = matches(data, block, quote)
        while stops != _ZERO:
            bit = stops & (~stops + _ONE)
            at = block + lowest_bit(stops)
            stops ^= bit
            if at >= size:
                break
            if column < columns and slot_of[column] >= 0:
                begin[slot_of[column], row] = field_from
                end[slot_of[column], row] = at
            column += 1
            field_from = at + 1
            if newlines & bit == _ZERO:
                continue
            to = at
            if to > line_from and data[to - 1] == _RETURN:
                to -= 1
            if quoted or quotes & (bit - _ONE) != _ZERO:
                column = _split_quoted(data, line_from, to, row, slot_of, delimiter, quote, begin, end)
            elif to != at and column == columns and slot_of[columns - 1] >= 0:
                end[slot_of[columns - 1], row] = to
            line_begin[row] = line_from
            line_end[row] = to
            hashes[row] = hash_bytes(data, line_from, to, _ZERO, _ONE)
            if to == line_from:
                fault[row] = _EMPTY
            elif to - line_from > limit:
                fault[row] = _OVERLONG
            elif column < 0:
                fault[row] = _QUOTE
            elif column != columns:
                fault[row] = _FIELD_COUNT
            row += 1
            column = 0
            line_from = at + 1
            quoted = False
            quotes &= ~(bit | (bit - _ONE))
        quoted = quoted or quotes != _ZERO


@kernel
def _split_quoted(
    data: Any, start: int, stop: int, row: int, slot_of: Any, delimiter: int, quote: int, begin: Any, end: Any
) -> int:
    """Split one line that holds a quote; the number of fields, or -1 where a quote is not closed."""
    column = 0
    at = start
    while True:
        if at < stop and data[at] == quote:
            field_from = at + 1
            at = field_from
            while at < stop and (data[at] != quote or (at + 1 < stop and data[at + 1] == quote)):
                at += 2 if data[at] == quote else 1
            if at >= stop or (at + 1 < stop and data[at + 1] != delimiter):
                return -1
            field_to = at
            at += 1
        else:
            field_from = at
            while at < stop and data[at] != delimiter:
                at += 1
            field_to = at
        if column < len(slot_of) and slot_of[column] >= 0:
            begin[slot_of[column], row] = field_from
            end[slot_of[column], row] = field_to
        column += 1
        if at >= stop:
            return column
        at += 1
