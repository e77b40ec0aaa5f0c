"""Who was heard where and when, in coarse cells; how fast a vessel went in each hour."""

from typing import Any

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.model.records import Array

CELL_DEG = 0.25
"""Height of a cell; its width is about the same distance on the ground."""
_ROWS = int(180 / CELL_DEG)
_COLUMNS = int(360 / CELL_DEG)


@kernel
def cell_of(lat: float, lon: float) -> int:
    """The number of the cell that holds a position; cells of a row are as wide as high, and wrap at 180."""
    row = min(max(int((lat + 90.0) / CELL_DEG), 0), _ROWS - 1)
    middle = (row + 0.5) * CELL_DEG - 90.0
    columns = max(1, int(_COLUMNS * np.cos(np.radians(middle))))
    column = min(int(((lon + 180.0) % 360.0) / 360.0 * columns), columns - 1)
    return row * _COLUMNS + column


@kernel
def neighbour_cells(lat: float, lon: float) -> Any:
    """The cell of a position and those around it, ``(<=9,)`` int64, each once."""
    out = np.empty(9, np.int64)
    count = 0
    for dy in range(-1, 2):
        y = lat + dy * CELL_DEG
        if y < -90.0 or y > 90.0:
            continue
        row = min(max(int((y + 90.0) / CELL_DEG), 0), _ROWS - 1)
        columns = max(1, int(_COLUMNS * np.cos(np.radians((row + 0.5) * CELL_DEG - 90.0))))
        for dx in range(-1, 2):
            cell = cell_of(y, lon + dx * 360.0 / columns)
            known = False
            for k in range(count):
                known = known or out[k] == cell
            if not known:
                out[count] = cell
                count += 1
    return out[:count]


@kernel
def visits(track: Array, t: Array, lat: Array, lon: Array, last: Array, slot_ms: int) -> Any:
    """Each time a track is heard in another cell or time slot than before.

    Args:
        track, t, lat, lon: ``(n,)``, in time order for each track.
        last: ``(tracks,)`` int64 key last recorded, -1 at first; changed in place.

    Returns:
        ``(m,)`` int64 keys (slot number x 2**21 + cell) and the rows ``(m,)`` at which they begin.
    """
    keys = np.empty(len(t), np.int64)
    at = np.empty(len(t), np.int64)
    count = 0
    for i in range(len(t)):
        key = ((t[i] // slot_ms) << 21) | cell_of(lat[i], lon[i])
        if key != last[track[i]]:
            last[track[i]] = key
            keys[count] = key
            at[count] = i
            count += 1
    return keys[:count], at[:count]


@kernel
def fastest(vessel: Array, hour: Array, sog_kn: Array, leg_kn: Array, table: Array) -> None:
    """Raise ``table[vessel, hour]`` (float32, NaN for not heard) to the highest speed of the hour [kn]."""
    for i in range(len(hour)):
        speed = sog_kn[i] if sog_kn[i] == sog_kn[i] else leg_kn[i]
        if speed != speed:
            speed = 0.0
        old = table[vessel[i], hour[i]]
        if not old >= speed:
            table[vessel[i], hour[i]] = speed


FIRST_T, FIRST_ROW, LAST_T, REPORTS, AIS_CLASS, CLASS_T = range(6)
"""Columns of the register of :func:`register`; REPORTS is 0 for a vessel not heard by a position report."""


@kernel
def register(
    vessel: Array, t: Array, row: Array, lat: Array, lon: Array, ais_class: Array, ints: Array, places: Array
) -> None:
    """First and last report of each vessel.

    Args:
        vessel ... ais_class: ``(n,)``, in time order for each vessel but for its two tracks.
        ints: ``(vessels, 6)`` int64, zero at first; changed in place.
        places: ``(vessels, 2)`` float64, the first latitude and longitude; changed in place.
    """
    for i in range(len(t)):
        v = vessel[i]
        if ints[v, REPORTS] == 0 or t[i] < ints[v, FIRST_T]:
            ints[v, FIRST_T] = t[i]
            ints[v, FIRST_ROW] = row[i]
            places[v, 0] = lat[i]
            places[v, 1] = lon[i]
        ints[v, LAST_T] = max(ints[v, LAST_T], t[i])
        ints[v, REPORTS] += 1
        if ais_class[i] > 0 and t[i] >= ints[v, CLASS_T]:
            ints[v, CLASS_T] = t[i]
            ints[v, AIS_CLASS] = ais_class[i]
