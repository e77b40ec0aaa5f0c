"""Kernels that encode AIS messages (ITU-R M.1371-5, annex 8) as NMEA 0183 sentences (IEC 61162-1, VDM).

A message is built as six-bit symbols in ``word``; ``at`` counts bits in it and bytes in ``out``.
"""

import numpy as np

from watchkeeper.exercises.bytes_out import put_digits
from watchkeeper.exercises.geo import Array
from watchkeeper.kernels.compiled import kernel

LINE_BYTES = 260
"""No message, its sentences and tag blocks together, is longer."""

_CLASS_A, _CLASS_B, _BASE, _ATON, _AIRCRAFT = 0, 1, 2, 3, 4
_STAR, _COMMA, _NEWLINE = 42, 44, 10
_MOST_SYMBOLS = 60
"""Symbols in one sentence: 82 characters less its frame (IEC 61162-1)."""


@kernel
def put_bits(word: Array, at: int, value: int, width: int) -> int:
    """Append ``width`` bits of ``value``, two's complement where it is below zero."""
    for i in range(width - 1, -1, -1):
        if (value >> i) & 1:
            word[at // 6] |= 32 >> (at % 6)
        at += 1
    return at


@kernel
def put_chars(word: Array, at: int, texts: Array, row: int, first: int, width: int) -> int:
    """Append six-bit characters of a text table."""
    for i in range(first, first + width):
        at = put_bits(word, at, texts[row, i], 6)
    return at


@kernel
def _hex(out: Array, at: int, value: int) -> int:
    for digit in (value >> 4, value & 15):
        out[at] = 48 + digit if digit < 10 else 55 + digit
        at += 1
    return at


@kernel
def _checksum(out: Array, at: int, first: int) -> int:
    """Append ``*hh`` over the bytes from ``first``."""
    total = 0
    for i in range(first, at):
        total ^= out[i]
    out[at] = _STAR
    return _hex(out, at + 1, total)


@kernel
def _literal(out: Array, at: int, text: Array) -> int:
    for byte in text:
        out[at] = byte
        at += 1
    return at


@kernel
def put_sentences(
    out: Array,
    at: int,
    word: Array,
    bits: int,
    epoch: int,
    sequence: int,
    channel: int,
    tag: Array,
    talker: Array,
) -> int:
    """The message as one or two lines, each with a tag block that names the source and the second."""
    symbols = (bits + 5) // 6
    parts = 1 if symbols <= _MOST_SYMBOLS else 2
    for part in range(parts):
        out[at] = 92
        first = at + 1
        at = put_digits(out, _literal(out, first, tag), epoch, 10)
        at = _checksum(out, at, first)
        out[at] = 92
        out[at + 1] = 33
        first = at + 2
        at = _literal(out, first, talker)
        out[at] = 48 + parts
        out[at + 1] = _COMMA
        out[at + 2] = 49 + part
        out[at + 3] = _COMMA
        at += 4
        if parts > 1:
            out[at] = 48 + sequence % 10
            at += 1
        out[at] = _COMMA
        out[at + 1] = 65 + channel
        out[at + 2] = _COMMA
        at += 3
        for i in range(part * _MOST_SYMBOLS, min(symbols, (part + 1) * _MOST_SYMBOLS)):
            out[at] = word[i] + 48 if word[i] < 40 else word[i] + 56
            at += 1
        out[at] = _COMMA
        out[at + 1] = 48 + (symbols * 6 - bits if part == parts - 1 else 0)
        at = _checksum(out, at + 2, first)
        out[at] = _NEWLINE
        at += 1
    return at


@kernel
def _tenths(value: float, most: int, missing: int) -> int:
    return missing if np.isnan(value) else min(most, int(np.floor(value * 10.0 + 0.5)))


@kernel
def _place(word: Array, at: int, lat: float, lon: float) -> int:
    """Longitude and latitude in 1/10 000 minute; 181 and 91 where there is no position."""
    if lat > 90.0:
        lon = 181.0
    at = put_bits(word, at, int(np.floor(lon * 600_000.0 + 0.5)), 28)
    return put_bits(word, at, int(np.floor(lat * 600_000.0 + 0.5)), 27)


@kernel
def position_bits(
    word: Array, station: int, mmsi: int, second: int, clock: Array, lat: float, lon: float, sog: float,
    cog: float,
    heading: float, nav: int, name: Array, row: int,
) -> int:  # fmt: skip
    """A position report: type 1, 18, 4, 21 or 9 by the station. Returns its length in bits."""
    course = _tenths(cog, 3_599, 3_600)
    speed = _tenths(sog, 1_022, 1_023)
    true_heading = 511 if np.isnan(heading) else int(heading)
    if station == _BASE:
        at = put_bits(word, put_bits(word, put_bits(word, 0, 4, 6), 0, 2), mmsi, 30)
        for i, width in enumerate((14, 4, 5, 5, 6, 6)):
            at = put_bits(word, at, clock[i], width)
        at = _place(word, put_bits(word, at, 1, 1), lat, lon)
        return put_bits(word, put_bits(word, put_bits(word, at, 7, 4), 0, 11), 0, 19)
    if station == _ATON:
        at = put_bits(word, put_bits(word, put_bits(word, 0, 21, 6), 0, 2), mmsi, 30)
        at = put_chars(word, put_bits(word, at, 14, 5), name, row, 0, 20)
        at = _place(word, put_bits(word, at, 1, 1), lat, lon)
        at = put_bits(word, put_bits(word, put_bits(word, at, 0, 30), 7, 4), second, 6)
        return put_bits(word, put_bits(word, at, 0, 8), 0, 6)
    if station == _AIRCRAFT:
        at = put_bits(word, put_bits(word, put_bits(word, 0, 9, 6), 0, 2), mmsi, 30)
        at = put_bits(word, put_bits(word, at, 300, 12), 1_023 if np.isnan(sog) else int(sog + 0.5), 10)
        at = _place(word, put_bits(word, at, 1, 1), lat, lon)
        at = put_bits(word, put_bits(word, put_bits(word, at, course, 12), second, 6), 0, 8)
        return put_bits(word, put_bits(word, put_bits(word, at, 0, 1), 0, 6), 0, 19)
    if station == _CLASS_B:
        at = put_bits(word, put_bits(word, put_bits(word, 0, 18, 6), 0, 2), mmsi, 30)
        at = _place(word, put_bits(word, put_bits(word, put_bits(word, at, 0, 8), speed, 10), 1, 1), lat, lon)
        at = put_bits(word, put_bits(word, put_bits(word, at, course, 12), true_heading, 9), second, 6)
        # Carrier-sense unit with band and message 22 flags, and its fixed communication state.
        return put_bits(word, put_bits(word, put_bits(word, at, 0, 2), 0b10110110, 8), 393_222, 19)
    at = put_bits(word, put_bits(word, put_bits(word, 0, 1, 6), 0, 2), mmsi, 30)
    status = nav if station == _CLASS_A else 14
    at = put_bits(word, put_bits(word, put_bits(word, at, status, 4), -128, 8), speed, 10)
    at = _place(word, put_bits(word, at, 1, 1), lat, lon)
    at = put_bits(word, put_bits(word, put_bits(word, at, course, 12), true_heading, 9), second, 6)
    return put_bits(word, put_bits(word, at, 0, 6), 0, 19)


@kernel
def static_a_bits(
    word: Array, mmsi: int, imo: int, ship_type: int, size: Array, texts: Array, row: int
) -> int:
    """Type 5. ``texts``: name, call sign, destination; ``size``: bow, stern, port, starboard [m],
    draught [dm]."""
    at = put_bits(word, put_bits(word, put_bits(word, 0, 5, 6), 0, 2), mmsi, 30)
    at = put_bits(word, put_bits(word, at, 0, 2), imo, 30)
    at = put_chars(word, at, texts, row, 20, 7)
    at = put_chars(word, at, texts, row, 0, 20)
    at = put_bits(word, at, ship_type, 8)
    for i, width in enumerate((9, 9, 6, 6)):
        at = put_bits(word, at, size[i], width)
    at = put_bits(word, at, 1, 4)
    # Arrival not available: month 0, day 0, hour 24, minute 60.
    at = put_bits(word, put_bits(word, put_bits(word, put_bits(word, at, 0, 4), 0, 5), 24, 5), 60, 6)
    at = put_chars(word, put_bits(word, at, size[4], 8), texts, row, 27, 20)
    return put_bits(word, at, 0, 2)


@kernel
def static_b_bits(
    word: Array, part: int, mmsi: int, ship_type: int, size: Array, texts: Array, row: int
) -> int:
    """Type 24 part A (0) or B (1)."""
    at = put_bits(word, put_bits(word, put_bits(word, 0, 24, 6), 0, 2), mmsi, 30)
    at = put_bits(word, at, part, 2)
    if part == 0:
        return put_chars(word, at, texts, row, 0, 20)
    at = put_bits(word, put_bits(word, at, ship_type, 8), 0, 42)
    at = put_chars(word, at, texts, row, 20, 7)
    for i, width in enumerate((9, 9, 6, 6)):
        at = put_bits(word, at, size[i], width)
    return put_bits(word, at, 0, 6)


@kernel
def position_lines(
    out: Array, at: int, word: Array, epoch: Array, clocks: Array, station: Array, mmsi: Array, lat: Array,
    lon: Array, sog: Array, cog: Array, heading: Array, nav: Array, texts: Array, static: Array, tag: Array,
    talker: Array,
) -> int:  # fmt: skip
    """All position reports of a chunk."""
    for i in range(len(epoch)):
        word[:] = 0
        bits = position_bits(
            word, station[i], mmsi[i], epoch[i] % 60, clocks[i], lat[i], lon[i], sog[i], cog[i],
            heading[i], nav[i],
            texts, static[i],
        )  # fmt: skip
        at = put_sentences(out, at, word, bits, epoch[i], 0, i % 2, tag, talker)
    return at


@kernel
def static_lines(
    out: Array, at: int, word: Array, epoch: Array, class_b: Array, mmsi: Array, imo: Array, ship_type: Array,
    size: Array, texts: Array, static: Array, tag: Array, talker: Array,
) -> int:  # fmt: skip
    """Static messages of a chunk: type 5 in two sentences, or 24 A and 24 B."""
    for i in range(len(epoch)):
        row = static[i]
        for part in range(2 if class_b[i] else 1):
            word[:] = 0
            if class_b[i]:
                bits = static_b_bits(word, part, mmsi[i], ship_type[row], size[row], texts, row)
            else:
                bits = static_a_bits(word, mmsi[i], imo[row], ship_type[row], size[row], texts, row)
            at = put_sentences(out, at, word, bits, epoch[i], i, i % 2, tag, talker)
    return at
