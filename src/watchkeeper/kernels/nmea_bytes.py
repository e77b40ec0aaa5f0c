"""Reading numbers, checksums and times out of raw bytes, without a Python object per line.

All functions take ``buf``, a ``uint8`` array, and a half-open range in it; none reads outside that range.
"""

from typing import Any, Final

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.model.time import NO_TIME

NOT_A_NUMBER: Final = -1
NO_KEY: Final = 0
"""The key of a text that is not there."""

_MOST_DIGITS: Final = 17
_SECONDS_BELOW: Final = 100_000_000_000
"""A Unix time of 10^11 is the year 5138 in seconds, 1973 in milliseconds: what is larger is milliseconds."""

_MONTH_DAYS: Final = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)


@kernel
def byte_at(buf: Any, i: int) -> int:
    """The byte at ``i`` >= 0 as a signed number.

    An unsigned index spares numba's check for indices from the end; a signed value, floats from differences.
    """
    return int(np.int64(buf[np.uint64(i)]))


@kernel
def copy(source: Any, start: int, stop: int, target: Any, at: int) -> None:
    """Copy ``source[start:stop]`` to ``target`` from ``at`` on."""
    for i in range(stop - start):
        target[np.uint64(at + i)] = source[np.uint64(start + i)]


@kernel
def find(buf: Any, byte: int, start: int, stop: int) -> int:
    """The first place of ``byte``, or ``stop``."""
    i = start
    while i < stop and byte_at(buf, i) != byte:
        i += 1
    return i


@kernel
def xor_of(buf: Any, start: int, stop: int) -> int:
    """The NMEA 0183 checksum: exclusive or of all bytes."""
    total = np.uint8(0)
    for i in range(start, stop):
        total ^= buf[np.uint64(i)]
    return int(np.int64(total))


@kernel
def hex_digit(byte: int) -> int:
    """The value of a hexadecimal digit in either case, or -1."""
    if 48 <= byte <= 57:
        return byte - 48
    if 65 <= byte <= 70:
        return byte - 55
    if 97 <= byte <= 102:
        return byte - 87
    return NOT_A_NUMBER


@kernel
def checksum_at(buf: Any, star: int, stop: int) -> int:
    """The checksum written as ``*hh`` at ``star``, or -1 where none is written."""
    if star + 3 > stop or byte_at(buf, star) != 42:
        return NOT_A_NUMBER
    high, low = hex_digit(byte_at(buf, star + 1)), hex_digit(byte_at(buf, star + 2))
    if high < 0 or low < 0:
        return NOT_A_NUMBER
    return high * 16 + low


@kernel
def number(buf: Any, start: int, stop: int) -> int:
    """A run of at most 17 decimal digits, or -1 for anything else."""
    if start >= stop or stop - start > _MOST_DIGITS:
        return NOT_A_NUMBER
    value = 0
    for i in range(start, stop):
        digit = byte_at(buf, i) - 48
        if digit < 0 or digit > 9:
            return NOT_A_NUMBER
        value = value * 10 + digit
    return value


@kernel
def text_key(buf: Any, start: int, stop: int, seed: int) -> int:
    """A 64-bit key of a text (FNV-1a), never :data:`NO_KEY` unless the text is empty and ``seed`` is."""
    if start >= stop:
        return seed
    value = np.uint64(0xCBF29CE484222325) ^ np.uint64(seed)
    for i in range(start, stop):
        value = (value ^ np.uint64(buf[np.uint64(i)])) * np.uint64(0x100000001B3)
    return int(np.int64(value | np.uint64(1)))


@kernel
def unix_time(buf: Any, start: int, stop: int) -> int:
    """Seconds (with or without a fraction) or milliseconds since 1970, as ms UTC; ``NO_TIME`` if neither."""
    dot = find(buf, 46, start, stop)
    whole = number(buf, start, dot)
    if whole < 0:
        return NO_TIME
    if whole >= _SECONDS_BELOW:
        return whole
    milliseconds, weight = 0, 100
    for i in range(dot + 1, stop):
        digit = byte_at(buf, i) - 48
        if digit < 0 or digit > 9:
            return NO_TIME
        milliseconds += digit * weight
        weight //= 10
    return whole * 1000 + milliseconds


@kernel
def civil_time(year: int, month: int, day: int, hour: int, minute: int, second: int, ms: int) -> int:
    """A Gregorian date and time of day in UTC as ms since 1970, or ``NO_TIME`` if there is no such moment.

    Days are counted from 1 March, so that the leap day is the last of its year: months are then 153 days per
    five, years 146 097 days per four hundred.
    """
    if year < 1970 or year > 9999 or month < 1 or month > 12 or day < 1 or day > _MONTH_DAYS[month]:
        return NO_TIME
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > 60 or ms < 0 or ms > 999:
        return NO_TIME
    years = year - 1 if month <= 2 else year
    months = month + 9 if month <= 2 else month - 3
    days = 365 * years + years // 4 - years // 100 + years // 400 + (153 * months + 2) // 5 + day - 1
    since_1970 = days - 719468
    return ((since_1970 * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + ms
