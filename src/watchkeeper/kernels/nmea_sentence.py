"""The grammar of one line: AIS sentence, tag block, receive-time sentence, trailing fields.

NMEA 0183 4.10 (sentences, tag blocks in annex), IEC 61162-1 (``VDM``, ``VDO``), Gatehouse's ``$PGHP`` and the
trailing fields of the US Coast Guard's NAIS logs. Positions returned are absolute in ``buf``.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.nmea_bytes import (
    NO_KEY,
    byte_at,
    checksum_at,
    civil_time,
    find,
    number,
    text_key,
    unix_time,
    xor_of,
)
from watchkeeper.model.time import NO_TIME

BACKSLASH, BANG, DOLLAR, HASH, COMMA, STAR, COLON = 92, 33, 36, 35, 44, 42, 58
_C, _G, _I, _R, _S, _DASH = 99, 103, 105, 114, 115, 45

MOST_PAYLOAD: Final = 256
"""Characters in one sentence. NMEA 0183 allows 62; the longest AIS message, five slots, has 178."""
NO_SEQUENCE: Final = 10
_SHORTEST: Final = 18  # "!AIVDM,1,1,,,,0*00"
_PGHP_SHORTEST: Final = 7
_LEAST_EPOCH_DIGITS: Final = 9
"""Shorter numbers behind a sentence are signal strength, slot and the like."""

# What is wrong with a sentence; the texts are in REASONS, at these places.
FINE: Final = 0
CHECKSUM_MISSING: Final = 1
CHECKSUM_WRONG: Final = 2
MALFORMED: Final = 3
PAYLOAD_CHARACTER: Final = 4
PAYLOAD_EMPTY: Final = 5
PAYLOAD_LONG: Final = 6
FILL_BITS: Final = 7


def _sixbit_values() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The value of each payload character: '0'-'W' are 0-39, '`'-'w' are 40-63; others 255."""
    values = np.full(256, 255, np.uint8)
    values[48:88] = np.arange(40)
    values[96:120] = np.arange(40, 64)
    return values


SIXBIT: Final = _sixbit_values()


class Sentence(NamedTuple):
    """One ``VDM`` or ``VDO`` sentence. ``after``: where reading goes on; ``fault``: a code from above."""

    fault: int
    after: int
    talker: int
    parts: int
    part: int
    sequence: int
    channel: int
    characters: int
    fill: int


class TagBlock(NamedTuple):
    """One tag block. ``after`` is 0 where the block is not closed; keys are ``NO_KEY`` where not given."""

    after: int
    valid: bool
    timed: bool
    t: int
    station: int
    network: int
    group: int
    group_part: int


@kernel
def is_ais(buf: Any, p: int, end: int) -> bool:
    """Whether ``!xxVDM,`` or ``!xxVDO,`` stands at ``p``."""
    if (
        end - p < 7
        or byte_at(buf, p) != BANG
        or byte_at(buf, p + 3) != 86
        or byte_at(buf, p + 4) != 68
        or byte_at(buf, p + 6) != COMMA
    ):
        return False
    return bool(byte_at(buf, p + 5) == 77 or byte_at(buf, p + 5) == 79)


@kernel
def is_receive_time(buf: Any, p: int, end: int) -> bool:
    """Whether ``$PGHP,`` stands at ``p``."""
    if end - p < _PGHP_SHORTEST or byte_at(buf, p) != DOLLAR or byte_at(buf, p + 5) != COMMA:
        return False
    return bool(
        byte_at(buf, p + 1) == 80
        and byte_at(buf, p + 2) == 71
        and byte_at(buf, p + 3) == 72
        and byte_at(buf, p + 4) == 80
    )


@kernel
def read_sentence(buf: Any, p: int, end: int, sixbit: Any, at: int) -> Sentence:
    """Read the AIS sentence at ``p``; its payload goes to ``sixbit`` from ``at`` on, one value a byte."""
    if end - p < _SHORTEST:
        return _unreadable(buf, p, end, MALFORMED)
    talker = (byte_at(buf, p + 1) << 8) | byte_at(buf, p + 2)
    parts, part = byte_at(buf, p + 7) - 48, byte_at(buf, p + 9) - 48
    if (
        byte_at(buf, p + 8) != COMMA
        or byte_at(buf, p + 10) != COMMA
        or parts < 1
        or parts > 9
        or part < 1
        or part > parts
    ):
        return _unreadable(buf, p, end, MALFORMED)
    q = p + 11
    sequence = NO_SEQUENCE
    if byte_at(buf, q) != COMMA:
        sequence = number(buf, q, q + 1)
        q += 1
    if byte_at(buf, q) != COMMA or sequence < 0:
        return _unreadable(buf, p, end, MALFORMED)
    channel = 0
    if byte_at(buf, q + 1) != COMMA:
        channel = byte_at(buf, q + 1)
        q += 1
    if byte_at(buf, q + 1) != COMMA:
        return _unreadable(buf, p, end, MALFORMED)
    start = q = q + 2
    most = min(end, start + MOST_PAYLOAD)
    while q < most:
        value = SIXBIT[np.uint64(byte_at(buf, q))]
        if value > 63:
            break
        sixbit[np.uint64(at + q - start)] = value
        q += 1
    if q + 5 > end or byte_at(buf, q) != COMMA or byte_at(buf, q + 2) != STAR:
        return _unreadable(buf, p, end, PAYLOAD_LONG if q - start == MOST_PAYLOAD else PAYLOAD_CHARACTER)
    if checksum_at(buf, q + 2, end) != xor_of(buf, p + 1, q + 2):
        return _unreadable(buf, p, end, MALFORMED)
    fill = byte_at(buf, q + 1) - 48
    fault = FINE
    if fill < 0 or fill > 5 or (fill > 0 and part < parts):
        fault = FILL_BITS
    elif q == start:
        fault = PAYLOAD_EMPTY
    return Sentence(fault, q + 5, talker, parts, part, sequence, channel, q - start, fill)


@kernel
def _unreadable(buf: Any, p: int, end: int, fault: int) -> Sentence:
    """Where an unreadable sentence ends, and why: a wrong checksum explains all other faults."""
    star = p + 1
    while (
        star < end
        and byte_at(buf, star) != STAR
        and byte_at(buf, star) != BACKSLASH
        and byte_at(buf, star) != BANG
    ):
        star += 1
    written = checksum_at(buf, star, end)
    if written < 0:
        return Sentence(CHECKSUM_MISSING, star, 0, 0, 0, 0, 0, 0, 0)
    if written != xor_of(buf, p + 1, star):
        fault = CHECKSUM_WRONG
    return Sentence(fault, star + 3, 0, 0, 0, 0, 0, 0, 0)


@kernel
def read_tag_block(buf: Any, p: int, end: int) -> TagBlock:
    """Read the tag block that opens with the backslash at ``p``."""
    close = find(buf, BACKSLASH, p + 1, end)
    if close == end:
        return TagBlock(0, False, False, NO_TIME, NO_KEY, NO_KEY, -1, 0)
    star = max(close - 3, p + 1)
    if checksum_at(buf, star, close) != xor_of(buf, p + 1, star):
        return TagBlock(close + 1, False, False, NO_TIME, NO_KEY, NO_KEY, -1, 0)
    timed, t, station, network, group, group_part = False, NO_TIME, NO_KEY, NO_KEY, -1, 0
    q = p + 1
    while q < star:
        stop = find(buf, COMMA, q, star)
        if q + 2 <= stop and byte_at(buf, q + 1) == COLON:
            if byte_at(buf, q) == _C:
                timed, t = True, unix_time(buf, q + 2, stop)
            elif byte_at(buf, q) == _S:
                station = text_key(buf, q + 2, stop, 0)
            elif byte_at(buf, q) == _G:
                group, group_part = _read_group(buf, q + 2, stop)
        elif (
            q + 3 <= stop
            and byte_at(buf, q) == _S
            and byte_at(buf, q + 1) == _I
            and byte_at(buf, q + 2) == COLON
        ):
            network = text_key(buf, q + 3, stop, 0)
        q = stop + 1
    return TagBlock(close + 1, True, timed, t, station, network, group, group_part)


@kernel
def _read_group(buf: Any, start: int, stop: int) -> tuple[int, int]:
    """``1-2-1234`` (sentence, of how many, group) as group and sentence number; -1, 0 if it is not that."""
    first = find(buf, _DASH, start, stop)
    second = find(buf, _DASH, first + 1, stop)
    part, group = number(buf, start, first), number(buf, second + 1, stop)
    if part < 1 or group < 0:
        return -1, 0
    return group, part


@kernel
def read_receive_time(buf: Any, p: int, end: int) -> tuple[int, int, int]:
    """``$PGHP,1,year,month,day,hour,minute,second,ms,country,region,station,online,checksum*hh``.

    Returns where it ends, the time, and a key of country, region and station; ``NO_TIME`` if it is broken.
    """
    star = find(buf, STAR, p, end)
    if checksum_at(buf, star, end) != xor_of(buf, p + 1, star):
        return star, NO_TIME, NO_KEY
    after_type = find(buf, COMMA, p + 6, star)
    q = after_type + 1
    year, q = _next_number(buf, q, star)
    month, q = _next_number(buf, q, star)
    day, q = _next_number(buf, q, star)
    hour, q = _next_number(buf, q, star)
    minute, q = _next_number(buf, q, star)
    second, q = _next_number(buf, q, star)
    ms, q = _next_number(buf, q, star)
    station_stop = q
    for _ in range(3):
        station_stop = find(buf, COMMA, station_stop, star) + 1
    receiver = text_key(buf, q, min(station_stop, star), 0)
    return star + 3, civil_time(year, month, day, hour, minute, second, ms), receiver


@kernel
def _next_number(buf: Any, start: int, stop: int) -> tuple[int, int]:
    """The number up to the next comma, and where the field after it begins."""
    comma = find(buf, COMMA, start, stop)
    return number(buf, start, comma), min(comma + 1, stop)


@kernel
def read_trailer(buf: Any, q: int, end: int) -> tuple[int, int, int]:
    """The comma-separated fields behind a sentence: where they end, the time and the receiver in them.

    NAIS writes ``,rRECEIVER,...,epoch``: the receiving station after ``r``, Unix seconds as a bare number.
    """
    t, receiver = NO_TIME, NO_KEY
    while q < end and byte_at(buf, q) == COMMA:
        start = q = q + 1
        while (
            q < end and byte_at(buf, q) != COMMA and byte_at(buf, q) != BACKSLASH and byte_at(buf, q) != BANG
        ):
            q += 1
        if q > start and byte_at(buf, start) == _R:
            receiver = text_key(buf, start + 1, q, 0)
        elif q - start >= _LEAST_EPOCH_DIGITS:
            t = max(t, unix_time(buf, start, q))
    return q, t, receiver
