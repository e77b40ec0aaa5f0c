"""Field bytes to numbers, codes and text, without a detour through Python strings.

Every function takes ``data`` and the ``begin``, ``end`` (n,) of one column's fields. A field is *missing*
when it is empty or one of the words that stand for nothing (``words``: their :func:`word_keys`).
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.csv_bytes import PADDING, hash_bytes, lowest_bit, word_at


class State(IntEnum):
    """What a field turned out to be."""

    READ = 0
    MISSING = 1
    UNREADABLE = 2


READ: Final = np.int8(State.READ)
MISSING: Final = np.int8(State.MISSING)
UNREADABLE: Final = np.int8(State.UNREADABLE)

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
    found = False
    for word in words:
        found = found or word == key
    return found


@kernel
def _up_to_eight(data: Any, at: int, end: int) -> tuple[Any, int]:
    """The number made of the digits at ``at``, eight at most, and how many they are.

    Eight bytes at once: D. Lemire, "Number parsing at a gigabyte per second" (2021), section 6.
    """
    word = word_at(data, at) ^ _ZEROS
    count = min(lowest_bit(((word + _SIXES) | word) & _HIGH_NIBBLES) >> 3, end - at)
    if count <= 0:
        return np.uint64(0), 0
    word <<= np.uint64(64 - 8 * count)
    word = word * np.uint64(10) + (word >> np.uint64(8))
    high = (word & _PAIR_MASK) * np.uint64(100 + (1_000_000 << 32))
    low = ((word >> np.uint64(16)) & _PAIR_MASK) * np.uint64(1 + (10_000 << 32))
    return (high + low) >> np.uint64(32), count


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
def read_decimals(data: Any, begin: Any, end: Any, words: Any, out: Any, state: Any) -> None:
    """Decimal numbers into ``out`` (n,), NaN where there is none; ``state`` (n,) gets each :class:`State`."""
    for i in range(len(begin)):
        first, last = trim(data, begin[i], end[i])
        out[i] = np.nan
        if is_missing(data, first, last, words):
            state[i] = MISSING
            continue
        value, good = _decimal(data, first, last)
        state[i] = READ if good else UNREADABLE
        if good:
            out[i] = value


@kernel
def read_words(
    data: Any, begin: Any, end: Any, keys: Any, codes: Any, missing: int, out: Any, state: Any
) -> None:
    """The code of each field's word by ``keys`` (k,), sorted, and ``codes`` (k,) beside them."""
    last_key = np.uint64(0)
    last_code = np.int64(-1)
    for i in range(len(begin)):
        first, last = trim(data, begin[i], end[i])
        out[i] = missing
        if first == last:
            state[i] = MISSING
            continue
        key = hash_bytes(data, first, last, _FOLD, _WORD_SEED)
        if last_code < 0 or key != last_key:
            last_code = np.searchsorted(keys, key)
            last_key = key
        known = last_code < len(keys) and keys[last_code] == key
        state[i] = READ if known else UNREADABLE
        if known:
            out[i] = codes[last_code]


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


_REMEMBERED = 8192
"""Contents remembered: ships repeat theirs in every row, and a chunk holds some thousand ships."""


@kernel
def note_statics(data: Any, begin: Any, end: Any, hashes: Any, words: Any, whole: Any, known: Any) -> Any:
    """Which fields say nothing: empty, a word for nothing, or zero.

    Args:
        data, begin, end: the bytes, and the bounds of ``k`` (at most 16) fields ``(k, n)``.
        hashes: ``(n,)`` uint64, a hash of all the fields; rows with one hash are looked at once.
        words: the words for nothing.
        whole: ``(n,)`` rows that count.
        known: ``(n,)`` set where any field says something.

    Returns:
        ``(2**k,)`` int64: how many whole rows have just the fields of that bit pattern filled.
    """
    fields = begin.shape[0]
    patterns = np.zeros(1 << fields, np.int64)
    keys = np.zeros(_REMEMBERED, np.uint64)
    remembered = np.full(_REMEMBERED, -1, np.int64)
    for i in range(begin.shape[1]):
        place = np.int64((hashes[i] ^ (hashes[i] >> np.uint64(32))) & np.uint64(_REMEMBERED - 1))
        if remembered[place] < 0 or keys[place] != hashes[i]:
            filled = 0
            for k in range(fields):
                first, last = trim(data, begin[k, i], end[k, i])
                if not is_missing(data, first, last, words):
                    while first < last and (data[first] == _ZERO or data[first] == _DOT):
                        first += 1
                    filled |= (1 << k) if first < last else 0
            keys[place] = hashes[i]
            remembered[place] = filled
        known[i] = remembered[place] > 0
        if whole[i]:
            patterns[remembered[place]] += 1
    return patterns


@kernel
def skip_prefix(data: Any, begin: Any, end: Any, prefix: Any) -> None:
    """Move ``begin`` past ``prefix`` (bytes, upper case) wherever a field begins with it."""
    for i in range(len(begin)):
        if end[i] - begin[i] < len(prefix):
            continue
        same = True
        for k in range(len(prefix)):
            same = same and data[begin[i] + k] & 0xDF == prefix[k]
        if same:
            begin[i] += len(prefix)
