"""Who was near whom: positions at common times, and pairs of vessels within reach of each other."""

from typing import Any

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.geodesy import LEAST_DEGREE_M, distance_m, metres_per_degree, wrap_deg
from watchkeeper.model.records import Array


@kernel
def samples(
    t: Array,
    lat: Array,
    lon: Array,
    sog_kn: Array,
    t_before: Array,
    lat_before: Array,
    lon_before: Array,
    leg_kn: Array,
    has_before: Array,
    slot_ms: int,
    max_leg_ms: int,
    slower_kn: float,
) -> Any:
    """Positions at every multiple of ``slot_ms``, interpolated on legs of at most ``max_leg_ms``, where slow.

    Args:
        t ... has_before: ``(n,)`` columns of reports and of their previous reports.
        slower_kn: faster reports give no sample; the reported speed counts, without one that of the leg [kn].

    Returns:
        ``(m,)`` int32 index of the report that ends the leg, int64 slot number, latitude, longitude, speed [kn].
    """
    # Most reports follow the one before within a slot: only those that reach the next one are looked at again.
    n = len(t)
    reaches = np.empty(n, np.int32)
    legs = room = 0
    for i in range(n):
        if not has_before[i]:
            continue
        speed = sog_kn[i] if sog_kn[i] == sog_kn[i] else leg_kn[i]
        if not speed < slower_kn or t[i] - t_before[i] > max_leg_ms:
            continue
        last = t[i] // slot_ms
        if last * slot_ms > t_before[i]:
            reaches[legs] = i
            legs += 1
            room += last - np.int64(t_before[i]) // slot_ms
    index = np.empty(room, np.int32)
    slot = np.empty(room, np.int64)
    place = np.empty((3, room), np.float64)
    count = 0
    for leg in range(legs):
        i = reaches[leg]
        before = np.int64(t_before[i])
        speed = sog_kn[i] if sog_kn[i] == sog_kn[i] else leg_kn[i]
        dlon = wrap_deg(lon[i] - lon_before[i])
        for s in range(before // slot_ms + 1, t[i] // slot_ms + 1):
            part = (s * slot_ms - before) / (t[i] - before)
            index[count] = i
            slot[count] = s
            place[0, count] = lat_before[i] + part * (lat[i] - lat_before[i])
            place[1, count] = wrap_deg(lon_before[i] + part * dlon)
            place[2, count] = speed
            count += 1
    return index, slot, place


_PLANE_DEG = 0.5
"""Up to this difference of longitude a plane serves, with a relative error below 1e-5: as in ``geodesy``."""


@kernel
def degrees_m(lat: Array) -> Array:
    """Lengths of a degree of latitude and of longitude at each latitude: ``(n, 2)`` [m]."""
    lengths = np.empty((len(lat), 2), np.float64)
    for i in range(len(lat)):
        lengths[i, 0], lengths[i, 1] = metres_per_degree(lat[i])
    return lengths


@kernel
def close_pairs(lat: Array, lon: Array, vessel: Array, lengths: Array, within_m: float) -> Any:
    """All pairs of different vessels at most ``within_m`` apart, by a sweep over latitude.

    Args:
        lat, lon, vessel: ``(n,)``; ``lat`` ascending.
        lengths: :func:`degrees_m` of ``lat``.

    Returns:
        ``(m,)`` int32 i, int32 j (positions, i < j) and float64 distance [m]. No grid, so no cell edges, no
        antimeridian and no pole to be missed.
    """
    n = len(lat)
    room = 1024
    first = np.empty(room, np.int32)
    second = np.empty(room, np.int32)
    metres = np.empty(room, np.float64)
    begun, count = _fill_pairs(lat, lon, vessel, lengths, within_m, 0, 0, first, second, metres)
    while begun < n:
        room *= 4
        first, second, metres = _roomier(first, room), _roomier(second, room), _roomier(metres, room)
        begun, count = _fill_pairs(lat, lon, vessel, lengths, within_m, begun, count, first, second, metres)
    return first[:count].copy(), second[:count].copy(), metres[:count].copy()


@kernel
def _roomier(column: Array, room: int) -> Any:
    grown = np.empty(room, column.dtype)
    grown[: len(column)] = column
    return grown


@kernel
def _fill_pairs(
    lat: Array,
    lon: Array,
    vessel: Array,
    lengths: Array,
    within_m: float,
    begin: int,
    count: int,
    first: Array,
    second: Array,
    metres: Array,
) -> Any:
    """Pairs whose first member is ``begin`` or later, behind ``count`` that are there.

    Returns:
        Where to go on with more room (``n`` when all is done), and the number of pairs then there.
    """
    band = within_m / LEAST_DEGREE_M
    n = len(lat)
    for i in range(begin, n):
        widest = 360.0
        if abs(lat[i]) + band < 89.0:
            widest = band * 1.01 / np.cos(np.radians(abs(lat[i]) + band))
        whole = count
        for j in range(i + 1, n):
            if lat[j] - lat[i] > band:
                break
            dlon = abs(wrap_deg(lon[j] - lon[i]))
            if dlon > widest or vessel[i] == vessel[j]:
                continue
            if dlon <= _PLANE_DEG:
                y = (lat[j] - lat[i]) * 0.5 * (lengths[i, 0] + lengths[j, 0])
                x = dlon * 0.5 * (lengths[i, 1] + lengths[j, 1])
                away = np.sqrt(y * y + x * x)
            else:
                away = distance_m(lat[i], lon[i], lat[j], lon[j])
            if away > within_m:
                continue
            if count == len(first):
                return i, whole
            first[count] = i
            second[count] = j
            metres[count] = away
            count += 1
    return n, count


# Columns of a pair that is going on: whole numbers and measures.
KEY, FIRST, LAST, SLOTS, ROW_A0, ROW_A1, ROW_B0, LEAST_SLOT = range(8)
PAIR_INTS = 8
LAT0, LON0, LAT1, LON1, DLAT, DLON, METRES, LEAST, KN, KN_MAX, PATH = range(11)
PAIR_FLOATS = 11

NOBODY = -1
"""A free place of a table of pairs."""


@kernel
def _place(ints: Array, table: Array, key: int) -> Any:
    """Where a pair's number stands in the table, or the free place where it belongs."""
    mask = len(table) - 1
    spread = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing (Knuth, TAOCP 3, 6.4)
    at = np.int64(spread >> np.uint64(32)) & mask
    while table[at] != NOBODY and ints[table[at], KEY] != key:
        at = (at + 1) & mask
    return at


@kernel
def fill_table(ints: Array, count: int, table: Array) -> None:
    """Note where each of ``count`` pairs stands; ``table`` has a power of two of places, at least twice as many."""
    table[:] = NOBODY
    for p in range(count):
        table[_place(ints, table, ints[p, KEY])] = p


@kernel
def close_unseen(ints: Array, floats: Array, count: int, slot: int, bridge: int) -> Any:
    """Take out pairs not seen for more than ``bridge`` slots; the others close ranks.

    Returns:
        How many go on, and what was taken out, ``(c, PAIR_INTS)`` and ``(c, PAIR_FLOATS)``.
    """
    gone = 0
    for p in range(count):
        if slot - ints[p, LAST] > bridge:
            gone += 1
    off_ints = np.empty((gone, PAIR_INTS), np.int64)
    off_floats = np.empty((gone, PAIR_FLOATS), np.float64)
    if gone == 0:
        return count, off_ints, off_floats
    on = off = 0
    for p in range(count):
        if slot - ints[p, LAST] > bridge:
            _copy_pair(ints, floats, p, off_ints, off_floats, off)
            off += 1
        else:
            if on < p:
                _copy_pair(ints, floats, p, ints, floats, on)
            on += 1
    return on, off_ints, off_floats


@kernel
def extend_pairs(
    ints: Array,
    floats: Array,
    count: int,
    table: Array,
    i: Array,
    j: Array,
    metres: Array,
    lat: Array,
    lon: Array,
    kn: Array,
    row: Array,
    vessel: Array,
    mmsi: Array,
    lengths: Array,
    slot: int,
) -> int:
    """Add the close pairs of one slot to the pairs that go on, in place.

    Args:
        ints, floats: room for pairs, the first ``count`` of which go on; for all that could be new.
        table: see :func:`fill_table`; kept up.
        i, j, metres: close pairs of the slot ``(m,)``: positions of the two samples, distance [m]; no pair twice.
        lat, lon, kn, row, vessel, mmsi: the samples of the slot ``(n,)``; ``lengths``: :func:`degrees_m` of ``lat``.
        slot: its number.

    Returns:
        How many pairs go on now.
    """
    for k in range(len(i)):
        # By MMSI: the numbers of vessels depend on how the stream is cut.
        x, y = (j[k], i[k]) if mmsi[i[k]] > mmsi[j[k]] else (i[k], j[k])
        key: Any = (np.int64(vessel[x]) << 32) | np.int64(vessel[y])
        at = _place(ints, table, key)
        p = table[at]
        if p == NOBODY:
            p = table[at] = count
            count += 1
            _begin_pair(ints, floats, p, key, slot, row[x], row[y], lat[x], lon[x])
        else:
            # Slow ships: a few hundred metres, so that the lengths of degrees here serve (1e-4 of it at 60 degrees).
            y_m = (lat[x] - floats[p, LAT1]) * lengths[x, 0]
            x_m = wrap_deg(lon[x] - floats[p, LON1]) * lengths[x, 1]
            floats[p, PATH] += np.sqrt(y_m * y_m + x_m * x_m)
        ints[p, LAST] = slot
        ints[p, SLOTS] += 1
        ints[p, ROW_A1] = row[x]
        floats[p, LAT1] = lat[x]
        floats[p, LON1] = lon[x]
        floats[p, DLAT] += lat[x] - floats[p, LAT0]
        floats[p, DLON] += wrap_deg(lon[x] - floats[p, LON0])
        floats[p, METRES] += metres[k]
        if metres[k] < floats[p, LEAST]:
            floats[p, LEAST] = metres[k]
            ints[p, LEAST_SLOT] = slot
        floats[p, KN] += (kn[x] + kn[y]) / 2.0
        floats[p, KN_MAX] = max(floats[p, KN_MAX], kn[x], kn[y])
    return count


@kernel
def _begin_pair(
    ints: Array, floats: Array, p: int, key: int, slot: int, row_a: int, row_b: int, lat: float, lon: float
) -> None:
    ints[p, KEY] = key
    ints[p, FIRST] = slot
    ints[p, SLOTS] = 0
    ints[p, ROW_A0] = row_a
    ints[p, ROW_B0] = row_b
    for column in range(PAIR_FLOATS):
        floats[p, column] = 0.0
    floats[p, LAT0] = lat
    floats[p, LON0] = lon
    floats[p, LEAST] = np.inf


@kernel
def _copy_pair(ints: Array, floats: Array, i: int, to_ints: Array, to_floats: Array, k: int) -> None:
    for column in range(PAIR_INTS):
        to_ints[k, column] = ints[i, column]
    for column in range(PAIR_FLOATS):
        to_floats[k, column] = floats[i, column]


@kernel
def most_near(lat: Array, lon: Array, value: Array, at_lat: float, at_lon: float, within_m: float) -> int:
    """The largest value among points at most ``within_m`` from a place; 0 for none.

    Args:
        lat, lon, value: ``(n,)``; ``lat`` ascending; values above zero.
    """
    band = within_m / LEAST_DEGREE_M
    most = 0
    for k in range(np.searchsorted(lat, at_lat - band), len(lat)):
        if lat[k] > at_lat + band:
            break
        if value[k] > most and distance_m(lat[k], lon[k], at_lat, at_lon) <= within_m:
            most = value[k]
    return most


@kernel
def vessels_near(lat: Array, lon: Array, vessel: Array, within_m: float) -> Array:
    """How many different vessels have a point at most ``within_m`` from each point, its own included.

    Args:
        lat, lon: ``(n,)``; ``lat`` ascending.
        vessel: ``(n,)`` small numbers from 0.

    Returns:
        ``(n,)`` int64. Room grows with points and vessels, not with pairs.
    """
    n = len(lat)
    near = np.zeros(n, np.int64)
    if n == 0:
        return near
    band = within_m / LEAST_DEGREE_M
    counted_for = np.full(vessel.max() + 1, -1, np.int64)
    low = 0
    for i in range(n):
        while lat[i] - lat[low] > band:
            low += 1
        for j in range(low, n):
            if lat[j] - lat[i] > band:
                break
            if counted_for[vessel[j]] != i and distance_m(lat[i], lon[i], lat[j], lon[j]) <= within_m:
                counted_for[vessel[j]] = i
                near[i] += 1
    return near
