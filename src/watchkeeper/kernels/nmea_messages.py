"""AIS messages (ITU-R M.1371-5, annex 8) from six-bit values to columns.

A message is a run of values 0-63, one a byte, in one large array: ``sixbit[offset:offset + ceil(bits / 6)]``.
Values come out as sent, not-available codes included (latitude 91, SOG 102.3, heading 511).
"""

from typing import Any, Final

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.nmea_bytes import byte_at
from watchkeeper.model.records import CLASS_A, CLASS_B, NAV_UNDEFINED, TYPE_UNKNOWN

MOST_TYPE: Final = 27
POSITION_TYPES: Final = (1, 2, 3, 18, 19, 27)
STATIC_TYPES: Final = (5, 19, 24)
NOT_SHIP_TYPES: Final = (4, 9, 21)
"""Base station, search-and-rescue aircraft, aid to navigation: no ships whatever their MMSI says."""

PLAUSIBLE: Final = 0
TYPE_NOT_DEFINED: Final = 1
TOO_SHORT: Final = 2
TOO_LONG: Final = 3

# Least and full length in bits of the types that are read; 0: not checked. Annex 8. Type 5 ends in two bits
# nobody needs, which some senders leave out (gpsd's notes on AIVDM); part B of type 24 ends in six spare
# bits.
_LEAST: Final = np.zeros(64, np.int64)
_FULL: Final = np.zeros(64, np.int64)
for _type, _least, _full in (
    (1, 168, 168),
    (2, 168, 168),
    (3, 168, 168),
    (4, 168, 168),
    (5, 422, 424),
    (9, 168, 168),
    (18, 168, 168),
    (19, 312, 312),
    (21, 272, 0),
    (24, 160, 168),
    (27, 96, 96),
):
    _LEAST[_type], _FULL[_type] = _least, _full
_STATIC_24: Final = 24
_STATIC_B_LEAST: Final = 162
_MMSI_END: Final = 38

_CRC_START: Final = 0xFFFF
_CRC_POLYNOMIAL: Final = 0x8408
_CHECK_BITS: Final = 16

# Type 27 is coarser and has its own codes (table 90): brought to the scale and the codes of types 1-3.
_LONG_RANGE: Final = 27
_LONG_RANGE_NO_SOG, _LONG_RANGE_NO_COG = 63, 511
_NO_SOG_KN, _NO_COG_DEG, _NO_HEADING_DEG = 102.3, 360.0, 511.0
_UNITS_PER_DEGREE: Final = 600_000.0
_LONG_RANGE_UNITS_PER_DEGREE: Final = 600.0

_CRAFT: Final = 98
"""MMSI 98MIDxxxx: a craft of a mother ship, whose MMSI stands where the dimensions would (table 81)."""


@kernel
def unsigned(sixbit: Any, at: int, start: int, width: int) -> int:
    """Bits ``start`` to ``start + width`` (at most 54) of the message at ``at``, as an unsigned number."""
    last = (start + width - 1) // 6
    value = 0
    for i in range(start // 6, last + 1):
        value = (value << 6) | byte_at(sixbit, at + i)
    return (value >> ((last + 1) * 6 - start - width)) & ((1 << width) - 1)


@kernel
def signed(sixbit: Any, at: int, start: int, width: int) -> int:
    """The same bits as a two's complement number."""
    value = unsigned(sixbit, at, start, width)
    return value - (1 << width) if value >> (width - 1) else value


@kernel
def check_message(sixbit: Any, at: int, bits: int) -> int:
    """Whether a message of ``bits`` bits can be read: ``PLAUSIBLE`` or one of the codes above.

    Longer than its type is accepted where the rest is miscounted fill bits (fewer than six), zeros, or the
    frame check sequence of the radio packet, which some receivers leave on.
    """
    kind = byte_at(sixbit, at)
    if kind < 1 or kind > MOST_TYPE:
        return TYPE_NOT_DEFINED
    least, full = _LEAST[kind], _FULL[kind]
    if kind == _STATIC_24 and bits > _MMSI_END + 1:
        part = unsigned(sixbit, at, _MMSI_END, 2)
        if part > 1:
            return TYPE_NOT_DEFINED
        least = _STATIC_B_LEAST if part == 1 else least
    if bits == full:
        return PLAUSIBLE
    if bits < max(least, _MMSI_END):
        return TOO_SHORT
    if full == 0 or bits < full + 6:
        return PLAUSIBLE
    for bit in range(full, bits):
        if unsigned(sixbit, at, bit, 1):
            return PLAUSIBLE if _ends_in_check_sequence(sixbit, at, full, bits) else TOO_LONG
    return PLAUSIBLE


@kernel
def _ends_in_check_sequence(sixbit: Any, at: int, full: int, bits: int) -> bool:
    """Whether the bits behind ``full`` are the CRC-16 of those before (ISO/IEC 13239; M.1371-5, annex 2).

    Bytes go over the air lowest bit first. The last character holds the last bits at its low end.
    """
    if full % 8 or bits - full < _CHECK_BITS or bits - full >= _CHECK_BITS + 6:
        return False
    crc = _CRC_START
    for bit in range(full):
        in_air_order = bit - bit % 8 + 7 - bit % 8
        low = (crc & 1) ^ unsigned(sixbit, at, in_air_order, 1)
        crc >>= 1
        if low:
            crc ^= _CRC_POLYNOMIAL
    crc ^= 0xFFFF
    in_last = (full + _CHECK_BITS) % 6
    head = unsigned(sixbit, at, full, _CHECK_BITS - in_last)
    tail = unsigned(sixbit, at, bits - in_last, in_last) if in_last else 0
    return ((head << in_last) | tail) == ((crc & 0xFF) << 8) | (crc >> 8)


@kernel
def decode_senders(readers: Any, offset: Any, mmsi: Any) -> None:
    """Fill ``mmsi`` ``(n,)`` int32 from messages of any type at ``offset``: all begin alike."""
    sixbit = readers[0].sixbit
    for i in range(len(offset)):
        mmsi[i] = unsigned(sixbit, offset[i], 8, 30)


@kernel
def decode_positions(
    readers: Any,
    offset: Any,
    mmsi: Any,
    lat: Any,
    lon: Any,
    sog: Any,
    cog: Any,
    heading: Any,
    nav: Any,
    ais: Any,
) -> None:
    """Fill position columns, all of shape ``(n,)``, from messages at ``offset`` (types 1-3, 18, 19, 27)."""
    sixbit = readers[0].sixbit
    for i in range(len(offset)):
        at = offset[i]
        kind = sixbit[at]
        mmsi[i] = unsigned(sixbit, at, 8, 30)
        if kind == _LONG_RANGE:
            lon[i] = signed(sixbit, at, 44, 18) / _LONG_RANGE_UNITS_PER_DEGREE
            lat[i] = signed(sixbit, at, 62, 17) / _LONG_RANGE_UNITS_PER_DEGREE
            speed, course = unsigned(sixbit, at, 79, 6), unsigned(sixbit, at, 85, 9)
            sog[i] = _NO_SOG_KN if speed == _LONG_RANGE_NO_SOG else speed
            cog[i] = _NO_COG_DEG if course == _LONG_RANGE_NO_COG else course
            heading[i] = _NO_HEADING_DEG
            nav[i] = unsigned(sixbit, at, 40, 4)
            ais[i] = CLASS_A
            continue
        # Class B reports leave out status and rate of turn: all that follows comes four bits earlier.
        shift = 0 if kind <= 3 else -4
        sog[i] = unsigned(sixbit, at, 50 + shift, 10) / 10
        lon[i] = signed(sixbit, at, 61 + shift, 28) / _UNITS_PER_DEGREE
        lat[i] = signed(sixbit, at, 89 + shift, 27) / _UNITS_PER_DEGREE
        cog[i] = unsigned(sixbit, at, 116 + shift, 12) / 10
        heading[i] = unsigned(sixbit, at, 128 + shift, 9)
        nav[i] = unsigned(sixbit, at, 38, 4) if kind <= 3 else NAV_UNDEFINED
        ais[i] = CLASS_A if kind <= 3 else CLASS_B


@kernel
def read_text(sixbit: Any, at: int, start: int, text: Any) -> None:
    """Write the six-bit text at bit ``start``, to the first '@' and trimmed, over the zeros of ``text``."""
    length = 0
    for i in range(len(text)):
        value = unsigned(sixbit, at, start + 6 * i, 6)
        if value == 0:
            break
        letter = value + 64 if value < 32 else value
        if letter == 32 and length == 0:
            continue
        text[length] = letter
        length += 1
    while length > 0 and text[length - 1] == 32:
        length -= 1
        text[length] = 0


@kernel
def decode_statics(
    readers: Any,
    offset: Any,
    mmsi: Any,
    imo: Any,
    name: Any,
    callsign: Any,
    ship_type: Any,
    length: Any,
    beam: Any,
    draught: Any,
    destination: Any,
    ais: Any,
) -> None:
    """Fill static columns from the messages at ``offset`` (types 5, 19, 24).

    Numbers have shape ``(n,)``, texts ``(n, width)`` and must come as zeros. What a message does not carry
    is left *not available*.
    """
    sixbit = readers[0].sixbit
    for i in range(len(offset)):
        at = offset[i]
        kind = sixbit[at]
        mmsi[i] = unsigned(sixbit, at, 8, 30)
        imo[i], draught[i], ship_type[i], length[i], beam[i] = 0, np.nan, TYPE_UNKNOWN, np.nan, np.nan
        ais[i] = CLASS_A if kind == 5 else CLASS_B
        type_at, size_at = 0, 0
        if kind == 5:
            imo[i] = unsigned(sixbit, at, 40, 30)
            read_text(sixbit, at, 70, callsign[i])
            read_text(sixbit, at, 112, name[i])
            type_at, size_at = 232, 240
            draught[i] = unsigned(sixbit, at, 294, 8) / 10
            read_text(sixbit, at, 302, destination[i])
        elif kind == 19:
            read_text(sixbit, at, 143, name[i])
            type_at, size_at = 263, 271
        elif unsigned(sixbit, at, _MMSI_END, 2) == 0:
            read_text(sixbit, at, 40, name[i])
        else:
            read_text(sixbit, at, 90, callsign[i])
            type_at, size_at = 40, 132
        if type_at:
            ship_type[i] = unsigned(sixbit, at, type_at, 8)
        if size_at and mmsi[i] // 10_000_000 != _CRAFT:
            # Distances [m] from the antenna to bow, stern (9 bits each), port and starboard (6 bits each).
            length[i] = unsigned(sixbit, at, size_at, 9) + unsigned(sixbit, at, size_at + 9, 9)
            beam[i] = unsigned(sixbit, at, size_at + 18, 6) + unsigned(sixbit, at, size_at + 24, 6)
