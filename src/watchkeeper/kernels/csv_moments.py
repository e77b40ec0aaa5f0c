"""Field bytes to times, by a pattern."""

from typing import Any, Final

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.csv_bytes import same_bytes
from watchkeeper.kernels.csv_values import MISSING, READ, UNREADABLE, is_missing, trim

_SPACE, _PLUS, _MINUS, _DOT, _ZERO, _NINE, _COLON, _AT = 32, 43, 45, 46, 48, 57, 58, 64
_UPPER_T, _UPPER_Z = 84, 90
_DAY_MS: Final = 86_400_000


@kernel
def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant, "chrono" algorithms)."""
    year -= 1 if month <= 2 else 0
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


@kernel
def _days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31


@kernel
def _digits(data: Any, at: int, end: int, count: int) -> Any:
    """A number of exactly ``count`` digits, or -1."""
    if at + count > end:
        return -1
    value: Any = 0
    for i in range(at, at + count):
        digit = np.int64(data[i]) - _ZERO
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    return value


@kernel
def _zone_ms(data: Any, at: int, end: int) -> tuple[int, bool]:
    """What is left of a time: nothing, ``Z``, or ``+hh:mm``; the offset [ms] and whether it reads so."""
    if at == end or (at + 1 == end and data[at] & 0xDF == _UPPER_Z):
        return 0, True
    hours = _digits(data, at + 1, end, 2)
    colon = 1 if at + 3 < end and data[at + 3] == _COLON else 0
    minutes = _digits(data, at + 3 + colon, end, 2) if at + 3 < end else 0
    length = 3 if at + 3 == end else 5 + colon
    if hours < 0 or minutes < 0 or at + length != end or (data[at] != _PLUS and data[at] != _MINUS):
        return 0, False
    offset = (hours * 60 + minutes) * 60_000
    return (-offset if data[at] == _MINUS else offset), hours < 24 and minutes < 60


@kernel
def _fraction_ms(data: Any, at: int, end: int) -> tuple[int, int]:
    """Milliseconds of ``.ddd...`` at ``at``, cut not rounded, and where it ends."""
    if at >= end or data[at] != _DOT:
        return 0, at
    at += 1
    value: Any = 0
    unit = 100
    while at < end and _ZERO <= data[at] <= _NINE:
        value += (np.int64(data[at]) - _ZERO) * unit
        unit //= 10
        at += 1
    return value, at


@kernel
def _moment(data: Any, begin: int, end: int, pattern: Any) -> tuple[int, bool]:
    year, month, day, hour, minute, second = 1970, 1, 1, 0, 0, 0
    at = begin
    for step in pattern:
        if step == 89:  # Y
            year = _digits(data, at, end, 4)
            at += 4
            continue
        if step < _AT:  # a literal; a space also stands for the T of ISO 8601
            if at >= end or (data[at] != step and not (step == _SPACE and data[at] & 0xDF == _UPPER_T)):
                return 0, False
            at += 1
            continue
        value = _digits(data, at, end, 2)
        at += 2
        if step == 109:  # m
            month = value
        elif step == 100:  # d
            day = value
        elif step == 72:  # H
            hour = value
        elif step == 77:  # M
            minute = value
        else:  # S
            second = value
    if year < 0 or not 1 <= month <= 12 or not 1 <= day <= _days_in_month(year, month):
        return 0, False
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 60):
        return 0, False
    fraction, at = _fraction_ms(data, at, end)
    offset, good = _zone_ms(data, at, end)
    clock = ((hour * 60 + minute) * 60 + second) * 1000 + fraction
    return _days(year, month, day) * _DAY_MS + clock - offset, good


@kernel
def read_moment(data: Any, begin: int, end: int, pattern: Any, words: Any) -> tuple[int, int]:
    """A time written as ``pattern`` [ms UTC], and its :class:`csv_values.State`.

    ``pattern`` is bytes: ``Y m d H M S`` for the parts, other characters for themselves. A fraction of a
    second and a zone (``Z``, ``+hh:mm``) may follow; no zone means UTC. ``words`` are those for nothing.
    """
    first, last = trim(data, begin, end)
    if is_missing(data, first, last, words):
        return 0, MISSING
    moment, good = _moment(data, first, last, pattern)
    return (moment, READ) if good else (0, UNREADABLE)


@kernel
def read_moments(data: Any, begin: Any, end: Any, pattern: Any, words: Any, out: Any, state: Any) -> None:
    """The same for fields ``(n,)`` into ``out`` and ``state`` (n,); rows of one second follow each other."""
    for i in range(len(begin)):
        length = end[i] - begin[i]
        if i and end[i - 1] - begin[i - 1] == length and same_bytes(data, begin[i], begin[i - 1], length):
            out[i] = out[i - 1]
            state[i] = state[i - 1]
        else:
            out[i], state[i] = read_moment(data, begin[i], end[i], pattern, words)
