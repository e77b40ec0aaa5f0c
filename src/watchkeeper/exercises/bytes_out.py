"""Kernels that write numbers and texts into a byte buffer, and the rows of the two CSV layouts with them.

Every function takes the buffer and the position to write at, and returns the position after.
"""

import numpy as np

from watchkeeper.exercises.geo import Array
from watchkeeper.kernels.compiled import kernel

ROW_BYTES = 420
"""No row is longer."""

_COMMA = 44


@kernel
def put_text(out: Array, at: int, texts: Array, bounds: Array, which: int) -> int:
    """Text ``which`` of a table: its bytes lie between two consecutive ``bounds``."""
    for i in range(bounds[which], bounds[which + 1]):
        out[at] = texts[i]
        at += 1
    return at


@kernel
def put_digits(out: Array, at: int, value: int, width: int) -> int:
    """A number not below zero in ``width`` digits, with leading zeros."""
    for i in range(width - 1, -1, -1):
        out[at + i] = 48 + value % 10
        value //= 10
    return at + width


@kernel
def put_int(out: Array, at: int, value: int) -> int:
    """A number not below zero, as short as it is."""
    width = 1
    rest = value // 10
    while rest > 0:
        width += 1
        rest //= 10
    return put_digits(out, at, value, width)


@kernel
def put_fixed(out: Array, at: int, value: float, decimals: int) -> int:
    """A number with so many decimals; nothing where it is NaN."""
    if np.isnan(value):
        return at
    scale = 10**decimals
    number = int(np.floor(abs(value) * scale + 0.5))
    if value < 0.0 and number > 0:
        out[at] = 45
        at += 1
    at = put_int(out, at, number // scale)
    out[at] = 46
    return put_digits(out, at + 1, number % scale, decimals)


@kernel
def put_clock(out: Array, at: int, second: int) -> int:
    """Seconds of the day as ``HH:MM:SS``."""
    at = put_digits(out, at, second // 3600, 2)
    out[at] = 58
    at = put_digits(out, at + 1, second // 60 % 60, 2)
    out[at] = 58
    return put_digits(out, at + 1, second % 60, 2)


@kernel
def put_heading(out: Array, at: int, heading: float) -> int:
    """Whole degrees; nothing where it is NaN."""
    if np.isnan(heading):
        return at
    return put_int(out, at, int(heading))


@kernel
def dma_rows(
    out: Array, seconds: Array, dates: Array, date_at: Array, station: Array, stations: Array,
    station_at: Array,
    mmsi: Array, lat: Array, lon: Array, nav: Array, statuses: Array, status_at: Array,
    sog: Array, cog: Array, heading: Array, static: Array, statics: Array, static_at: Array,
) -> int:  # fmt: skip
    """Rows of the Danish layout. ``seconds`` since the first midnight; texts as tables with their bounds."""
    at = 0
    for i in range(len(seconds)):
        at = put_text(out, at, dates, date_at, seconds[i] // 86_400)
        at = put_clock(out, at, seconds[i] % 86_400)
        at = put_text(out, at, stations, station_at, station[i])
        at = put_int(out, at, mmsi[i])
        out[at] = _COMMA
        at = put_fixed(out, at + 1, lat[i], 6)
        out[at] = _COMMA
        at = put_fixed(out, at + 1, lon[i], 6)
        at = put_text(out, at, statuses, status_at, nav[i])
        at = put_fixed(out, at, sog[i], 1)
        out[at] = _COMMA
        at = put_fixed(out, at + 1, cog[i], 1)
        out[at] = _COMMA
        at = put_heading(out, at + 1, heading[i])
        at = put_text(out, at, statics, static_at, static[i])
    return at


@kernel
def noaa_rows(
    out: Array, seconds: Array, dates: Array, date_at: Array, mmsi: Array, lat: Array, lon: Array, nav: Array,
    sog: Array, cog: Array, heading: Array, static: Array, names: Array, name_at: Array, sizes: Array,
    size_at: Array,
) -> int:  # fmt: skip
    """Rows of the MarineCadastre layout: the status stands between two parts of the static data."""
    at = 0
    for i in range(len(seconds)):
        at = put_int(out, at, mmsi[i])
        out[at] = _COMMA
        at = put_text(out, at + 1, dates, date_at, seconds[i] // 86_400)
        at = put_clock(out, at, seconds[i] % 86_400)
        out[at] = _COMMA
        at = put_fixed(out, at + 1, lat[i], 5)
        out[at] = _COMMA
        at = put_fixed(out, at + 1, lon[i], 5)
        out[at] = _COMMA
        at = put_fixed(out, at + 1, sog[i], 1)
        out[at] = _COMMA
        at = put_fixed(out, at + 1, cog[i], 1)
        out[at] = _COMMA
        at = put_fixed(out, at + 1, heading[i], 1)
        at = put_text(out, at, names, name_at, static[i])
        if nav[i] < 15:
            at = put_fixed(out, at, float(nav[i]), 1)
        at = put_text(out, at, sizes, size_at, static[i])
    return at
