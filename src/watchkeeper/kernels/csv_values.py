"""Field bytes to numbers, codes and text, without a detour through Python strings.

Every function takes ``data`` and the ``begin``, ``end`` (n,) of one column's fields. A field is *missing*
when it is empty or one of the words that stand for nothing (``words``: their :func:`word_keys`).
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.csv_bytes import PADDING, hash_bytes, lowest_bit, word_at


class State(IntEnum):
    """What a field turned out to be."""

    READ = 0
    MISSING = 1
    UNREADABLE = 2


READ: Final = int(State.READ)
MISSING: Final = int(State.MISSING)
UNREADABLE: Final = int(State.UNREADABLE)

_SPACE, _QUOTE, _PLUS, _MINUS, _DOT, _ZERO, _NINE = 32, 34, 43, 45, 46, 48, 57
_AT, _LOWER_E = 64, 101
_LOWER_A, _LOWER_N, _LOWER_U, _LOWER_Z, _LAST_ASCII = 97, 110, 117, 122, 127
_FOLD: Final = np.uint64(0x2020202020202020)
_WORD_SEED: Final = np.uint64(2)
_MANTISSA_ROOM: Final = np.uint64(10**11)
"""Below this, eight more digits fit into 64 bits; from here on at least twelve digits are known,
seventeen where no more than three stand before the point."""
_INTEGER_TENS: Final = np.uint64(10) ** np.arange(9, dtype=np.uint64)
_ZEROS: Final = np.uint64(0x3030303030303030)
_SIXES: Final = np.uint64(0x0606060606060606)
_HIGH_NIBBLES: Final = np.uint64(0xF0F0F0F0F0F0F0F0)
_ONES: Final = np.uint64(0x0101010101010101)
_HIGH_BITS: Final = np.uint64(0x8080808080808080)
_TEN_AND_MORE: Final = np.uint64(0x7676767676767676)
"""Added to a byte below 128, it sets the highest bit from ten on."""
_POINTS: Final = np.uint64(0x1E1E1E1E1E1E1E1E)
"""Eight points, xor "0"."""
_PAIR_MASK: Final = np.uint64(0x000000FF000000FF)
_TENS: Final = 10.0 ** np.arange(23)
"""The powers of ten a float64 holds exactly."""


def word_keys(words: Sequence[str]) -> NDArray[np.uint64]:
    """The keys by which words are recognised, whatever their letter case."""
    keys = np.empty(len(words), np.uint64)
    for i, word in enumerate(words):
        text = word.encode()
        padded = np.frombuffer(text + bytes(PADDING), np.uint8)
        keys[i] = hash_bytes(padded, 0, len(text), _FOLD, _WORD_SEED)
    return keys


@kernel
def trim(data: Any, begin: int, end: int) -> tuple[int, int]:
    """The field without white space and control characters around it."""
    while begin < end and data[begin] <= _SPACE:
        begin += 1
    while end > begin and data[end - 1] <= _SPACE:
        end -= 1
    return begin, end


@kernel
def is_missing(data: Any, begin: int, end: int, words: Any) -> bool:
    """Whether a trimmed field says nothing. The words begin with N or U: others are not looked up."""
    if begin == end:
        return True
    letter = data[begin] | _SPACE
    if letter != _LOWER_N and letter != _LOWER_U:
        return False
    key = hash_bytes(data, begin, end, _FOLD, _WORD_SEED)
    for i in range(len(words)):  # noqa: SIM110 - an iterator counts references, which is dearer than the rest
        if words[i] == key:
            return True
    return False


@kernel
def _eight_digits(word: Any) -> Any:
    """The number of eight digits (xor "0", the first in the lowest byte), all at once: D. Lemire, "Number
    parsing at a gigabyte per second" (2021), section 6."""
    word = word * np.uint64(10) + (word >> np.uint64(8))
    high = (word & _PAIR_MASK) * np.uint64(100 + (1_000_000 << 32))
    low = ((word >> np.uint64(16)) & _PAIR_MASK) * np.uint64(1 + (10_000 << 32))
    return (high + low) >> np.uint64(32)


@kernel
def _up_to_eight(data: Any, at: int, end: int) -> tuple[Any, int]:
    """The number made of the digits at ``at``, eight at most, and how many they are."""
    word = word_at(data, at) ^ _ZEROS
    count = min(lowest_bit(((word + _SIXES) | word) & _HIGH_NIBBLES) >> 3, end - at)
    if count <= 0:
        return np.uint64(0), 0
    return _eight_digits(word << np.uint64(64 - 8 * count)), count


@kernel
def _exponent(data: Any, at: int, end: int) -> tuple[Any, bool]:
    """The ``e-7`` of a number; its value and whether it is one of at most three digits."""
    if data[at] | _SPACE != _LOWER_E or at + 1 == end:
        return 0, False
    signed = data[at + 1] == _MINUS or data[at + 1] == _PLUS
    first = at + 2 if signed else at + 1
    value, count = _up_to_eight(data, first, end)
    good = 0 < count <= 3 and first + count == end
    return (-np.int64(value) if data[at + 1] == _MINUS else np.int64(value)), good


@kernel
def _scaled(mantissa: Any, scale: int) -> float:
    """``mantissa`` times ten to ``scale``, in steps of exact powers of ten."""
    value = float(mantissa)
    while scale < 0 and value != 0.0:
        step = min(-scale, 22)
        value /= _TENS[step]
        scale += step
    while scale > 0 and value != 0.0 and value < np.inf:
        step = min(scale, 22)
        value *= _TENS[step]
        scale -= step
    return value


@kernel
def _decimal(data: Any, begin: int, end: int) -> tuple[float, bool]:
    """The decimal number of a trimmed field, within a part in 2**51 of the text, and whether it is one."""
    negative = data[begin] == _MINUS
    at = begin + 1 if negative or data[begin] == _PLUS else begin
    mantissa = np.uint64(0)
    scale = 0
    digits = 0
    pointed = False
    while True:
        value, count = _up_to_eight(data, at, end)
        if mantissa < _MANTISSA_ROOM:
            mantissa = mantissa * _INTEGER_TENS[count] + value
            scale -= count if pointed else 0
        elif not pointed:
            scale += count
        digits += count
        at += count
        if count == 8:
            continue
        if pointed or at >= end or data[at] != _DOT:
            break
        pointed = True
        at += 1
    good = digits > 0
    if at < end and good:
        exponent, good = _exponent(data, at, end)
        scale += exponent
    number = _scaled(mantissa, scale)
    return -number if negative else number, good and number < np.inf


@kernel
def _plain(data: Any, begin: int, end: int) -> tuple[float, bool]:
    """A number of at most sixteen characters that are digits and at most one point, perhaps after a minus, and
    whether it is one: nearly all are. Exact: no more than fifteen digits stand before the division.
    """
    negative = data[begin] == _MINUS
    if negative:
        begin += 1
    length = end - begin
    if length <= 0 or length > 16 or end < 16:
        return 0.0, False
    low = word_at(data, end - 8) ^ _ZEROS
    high = np.uint64(0)
    if length <= 8:
        low = low >> np.uint64(64 - 8 * length) << np.uint64(64 - 8 * length)
    elif length < 16:
        high = (
            (word_at(data, end - 16) ^ _ZEROS) >> np.uint64(128 - 8 * length) << np.uint64(128 - 8 * length)
        )
    else:
        high = word_at(data, end - 16) ^ _ZEROS
    low, high, after = _without_point(low, high)
    bad = ((low + _TEN_AND_MORE) | low | (high + _TEN_AND_MORE) | high) & _HIGH_BITS
    if bad != np.uint64(0) or (after >= 0 and length == 1):
        return 0.0, False
    whole = (
        _eight_digits(low) + np.uint64(100_000_000) * _eight_digits(high)
        if length > 8
        else _eight_digits(low)
    )
    value = float(whole) / _TENS[after] if after > 0 else float(whole)
    return (-value if negative else value), True


@kernel
def _without_point(low: Any, high: Any) -> tuple[Any, Any, int]:
    """Sixteen characters (xor "0") with the first point taken out, and how many were behind it; -1: no point."""
    one = low ^ _POINTS
    at = lowest_bit((one - _ONES) & ~one & _HIGH_BITS) >> 3
    other = high ^ _POINTS
    at_high = lowest_bit((other - _ONES) & ~other & _HIGH_BITS) >> 3
    if at_high < 8:
        return low, _closed(high, at_high), 15 - at_high
    if at < 8:
        return _closed(low, at) | high >> np.uint64(56), high << np.uint64(8), 7 - at
    return low, high, -1


@kernel
def _closed(word: Any, at: int) -> Any:
    """The word without byte ``at``: the ones before it (lower) move up by one."""
    below = (np.uint64(1) << np.uint64(8 * at)) - np.uint64(1)
    return (word & ~(below | np.uint64(0xFF) << np.uint64(8 * at))) | ((word & below) << np.uint64(8))


@kernel
def _by_rule(data: Any, begin: int, end: int, words: Any) -> tuple[float, int]:
    first, last = trim(data, begin, end)
    if is_missing(data, first, last, words):
        return np.nan, MISSING
    value, good = _decimal(data, first, last)
    return (value, READ) if good else (np.nan, UNREADABLE)


@kernel
def read_decimals(data: Any, begin: Any, end: Any, words: Any, out: Any, state: Any) -> None:
    """Decimal numbers into ``out`` (n,), NaN where there is none; ``state`` (n,) gets each :class:`State`."""
    for i in range(len(begin)):
        if begin[i] == end[i]:
            out[i] = np.nan
            state[i] = MISSING
            continue
        value, good = _plain(data, begin[i], end[i])
        if good:
            out[i] = value
            state[i] = READ
        else:
            out[i], state[i] = _by_rule(data, begin[i], end[i], words)


class WordTable(NamedTuple):
    """Words and their codes: ``keys`` (2**k,) is an open-addressed table of :func:`word_keys`, 0 for a free
    place, ``codes`` stands beside it; ``missing`` is the code of an empty field and of an unknown word."""

    keys: NDArray[np.uint64]
    codes: NDArray[np.int16]
    missing: int


def word_table(words: Mapping[str, int], missing: int) -> WordTable:
    """The table of these words, whatever their letter case."""
    size = 1 << (4 * len(words)).bit_length()
    table = WordTable(np.zeros(size, np.uint64), np.zeros(size, np.int16), missing)
    for key, code in zip(word_keys(tuple(words)).tolist(), words.values(), strict=True):
        place = key & (size - 1)
        while table.keys[place] not in (0, key):
            place = (place + 1) & (size - 1)
        table.keys[place], table.codes[place] = key, code
    return table


@kernel
def read_word(data: Any, begin: int, end: int, table: Any) -> tuple[int, int]:
    """The code of a field's word, and its :class:`State`."""
    first, last = trim(data, begin, end)
    if first == last:
        return table.missing, MISSING
    key = hash_bytes(data, first, last, _FOLD, _WORD_SEED)
    mask = np.uint64(len(table.keys) - 1)
    place = key & mask
    while table.keys[place] != key:
        if table.keys[place] == np.uint64(0):
            return table.missing, UNREADABLE
        place = (place + np.uint64(1)) & mask
    return int(table.codes[place]), READ


@kernel
def read_words(data: Any, begin: Any, end: Any, table: Any, out: Any, state: Any) -> None:
    """The same for fields ``(n,)`` into ``out`` and ``state`` (n,)."""
    for i in range(len(begin)):
        out[i], state[i] = read_word(data, begin[i], end[i], table)


@kernel
def read_texts(data: Any, begin: Any, end: Any, words: Any, out: Any) -> int:
    """Upper-case text, trimmed, cut to the width of ``out`` (n, width), zero-filled, empty where missing.

    Doubled quotes become one, control characters spaces, the ``@`` that pads AIS text nothing. Returns how
    many fields hold bytes beyond ASCII; those are cut by bytes and may need :func:`repaired`.
    """
    foreign = 0
    for i in range(len(begin)):
        first, last = trim(data, begin[i], end[i])
        while last > first and (data[last - 1] == _AT or data[last - 1] <= _SPACE):
            last -= 1
        out[i] = 0
        if is_missing(data, first, last, words):
            continue
        wide = False
        to = 0
        at = first
        while at < last and to < out.shape[1]:
            byte = data[at]
            if _LOWER_A <= byte <= _LOWER_Z:
                byte -= 32
            wide = wide or byte > _LAST_ASCII
            out[i, to] = max(byte, _SPACE)
            to += 1
            at += 2 if byte == _QUOTE and at + 1 < last and data[at + 1] == _QUOTE else 1
        foreign += 1 if wide else 0
    return foreign


@kernel
def is_filled(data: Any, begin: int, end: int, words: Any) -> bool:
    """Whether a field says anything: it is not empty, no word for nothing, and not zero."""
    first, last = trim(data, begin, end)
    if is_missing(data, first, last, words):
        return False
    while first < last and (data[first] == _ZERO or data[first] == _DOT):
        first += 1
    return first < last


@kernel
def past_imo(data: Any, begin: int, end: int) -> int:
    """Where a number begins that may have ``IMO`` in front of it, as some files write it."""
    if end - begin < 3:
        return begin
    same = data[begin] & 0xDF == 73 and data[begin + 1] & 0xDF == 77 and data[begin + 2] & 0xDF == 79
    return begin + 3 if same else begin


@kernel
def skip_imo(data: Any, begin: Any, end: Any) -> None:
    """The same for fields ``(n,)``; ``begin`` is moved."""
    for i in range(len(begin)):
        begin[i] = past_imo(data, begin[i], end[i])
