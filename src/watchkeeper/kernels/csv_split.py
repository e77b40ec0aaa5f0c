"""Where the fields of a delimited line are. Quotes follow RFC 4180 within a line; a line end always ends the
record, so that one stray quote costs one line and not the rest of the file.
"""

from enum import IntEnum
from typing import Any, Final

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.csv_bytes import bit_count, lowest_bit, matches

_NEWLINE, _RETURN = 10, 13
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


@kernel
def split_line(
    data: Any, start: int, stop: int, slot_of: Any, delimiter: int, quote: int, begin: Any, end: Any
) -> int:
    """Find the fields of the line ``data[start:stop]``.

    Args:
        slot_of: ``(columns,)`` which slot a column fills, -1 for none.
        begin, end: ``(slots,)`` byte positions without quotes; set where a column fills the slot.

    Returns:
        The number of fields, or -1 where a quote is not closed.
    """
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
            begin[slot_of[column]] = field_from
            end[slot_of[column]] = field_to
        column += 1
        if at >= stop:
            return column
        at += 1


@kernel
def split_lines(
    data: Any, starts: Any, stops: Any, slot_of: Any, delimiter: int, quote: int, begin: Any, end: Any
) -> None:
    """The same for several lines ``(n,)``; ``begin``, ``end`` are ``(slots, n)``."""
    for i in range(len(starts)):
        split_line(data, starts[i], stops[i], slot_of, delimiter, quote, begin[:, i], end[:, i])


@kernel
def split_next(
    data: Any, at: int, size: int, slot_of: Any, column_of: Any, delimiter: int, quote: int, limit: int,
    line_begin: Any, line_end: Any, fault: Any, begin: Any, end: Any,
) -> tuple[int, int]:  # fmt: skip
    """Find the fields of the next lines of ``data[at:size]``, 64 bytes at a time.

    Args:
        at: where a line begins; the data end with a line end and are padded by ``csv_bytes.PADDING``.
        slot_of: ``(columns,)`` as above; ``column_of`` ``(slots,)`` is the reverse.
        limit: the longest line allowed.
        line_begin, line_end: ``(m,)`` bounds of each line without its end.
        fault: ``(m,)`` gets each :class:`LineFault`.
        begin, end: ``(slots, m)`` bounds of the fields of each line that is whole.

    Returns:
        How many lines were found, ``m`` unless the data end before, and where the next one begins.
    """
    columns = len(slot_of)
    # Column c lies between stops[c] and stops[c + 1]; what lies beyond the last column is only counted.
    stops = np.empty(columns + 2 + 64 + 4, np.int32)
    stops[0] = at - 1
    row = 0
    column = 0
    line_from = at
    quoted = False
    for block in range(at, size, 64):
        newlines = matches(data, block, _NEWLINE)
        delimiters = matches(data, block, delimiter)
        quotes = matches(data, block, quote)
        while True:
            line_bit = newlines & (~newlines + _ONE)
            before = line_bit - _ONE  # all ones where no line ends in what is left of the block
            fields = delimiters & before
            place = min(column, columns + 1)
            column += bit_count(fields)
            while fields != _ZERO:  # four at a time, some of them none: the processor guesses fewer times
                for k in range(1, 5):
                    stops[place + k] = block + lowest_bit(fields)
                    fields &= fields - _ONE
                place += 4
            quoted = quoted or quotes & before != _ZERO
            at = block + lowest_bit(newlines)
            if line_bit == _ZERO or at >= size:
                break
            to = at - 1 if at > line_from and data[at - 1] == _RETURN else at
            column += 1
            stops[min(column, columns + 1)] = to
            if quoted:
                column = split_line(
                    data, line_from, to, slot_of, delimiter, quote, begin[:, row], end[:, row]
                )
            elif column == columns:
                for slot in range(len(column_of)):
                    k = column_of[slot]
                    if k >= 0:
                        begin[slot, row] = stops[k] + 1
                        end[slot, row] = stops[k + 1]
            line_begin[row] = line_from
            line_end[row] = to
            fault[row] = _shape_fault(to - line_from, column, columns, limit)
            line_from = at + 1
            row += 1
            if row == len(fault):
                return row, line_from
            column = 0
            stops[0] = at
            quoted = False
            newlines ^= line_bit
            delimiters &= ~before
            quotes &= ~before
    return row, size


@kernel
def _shape_fault(length: int, found: int, columns: int, limit: int) -> int:
    if length == 0:
        return _EMPTY
    if length > limit:
        return _OVERLONG
    if found < 0:
        return _QUOTE
    return _FIELD_COUNT if found != columns else 0
