"""Who was near whom: positions at common times, and pairs of vessels within reach of each other."""

from typing import Any

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.geodesy import LEAST_DEGREE_M, distance_m, wrap_deg
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
    room = 0
    for i in range(len(t)):
        if has_before[i]:
            room += max(0, t[i] // slot_ms - np.int64(t_before[i]) // slot_ms)
    index = np.empty(room, np.int32)
    slot = np.empty(room, np.int64)
    place = np.empty((3, room), np.float64)
    count = 0
    for i in range(len(t)):
        if not has_before[i]:
            continue
        before = np.int64(t_before[i])
        first = before // slot_ms + 1
        last = t[i] // slot_ms
        if last < first or t[i] - before > max_leg_ms:
            continue
        speed = sog_kn[i] if sog_kn[i] == sog_kn[i] else leg_kn[i]
        if not speed < slower_kn:
            continue
        dlon = wrap_deg(lon[i] - lon_before[i])
        for s in range(first, last + 1):
            part = (s * slot_ms - before) / (t[i] - before)
            index[count] = i
            slot[count] = s
            place[0, count] = lat_before[i] + part * (lat[i] - lat_before[i])
            place[1, count] = wrap_deg(lon_before[i] + part * dlon)
            place[2, count] = speed
            count += 1
    return index[:count].copy(), slot[:count].copy(), place[:, :count].copy()


@kernel
def close_pairs(lat: Array, lon: Array, vessel: Array, within_m: float) -> Any:
    """All pairs of different vessels at most ``within_m`` apart, by a sweep over latitude.

    Args:
        lat, lon, vessel: ``(n,)``; ``lat`` ascending.

    Returns:
        ``(m,)`` int32 i, int32 j (positions, i < j) and float64 distance [m]. No grid, so no cell edges, no
        antimeridian and no pole to be missed.
    """
    n = len(lat)
    room = 1024
    first = np.empty(room, np.int32)
    second = np.empty(room, np.int32)
    metres = np.empty(room, np.float64)
    begun, count = _fill_pairs(lat, lon, vessel, within_m, 0, 0, first, second, metres)
    while begun < n:
        room *= 4
        first, second, metres = _roomier(first, room), _roomier(second, room), _roomier(metres, room)
        begun, count = _fill_pairs(lat, lon, vessel, within_m, begun, count, first, second, metres)
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


@kernel
def extend_pairs(
    ints: Array,
    floats: Array,
    key: Array,
    a: Array,
    b: Array,
    metres: Array,
    lat: Array,
    lon: Array,
    kn: Array,
    row: Array,
    slot: int,
    bridge: int,
) -> Any:
    """Merge the close pairs of one slot into the pairs that go on.

    Args:
        ints, floats: pairs that go on, ``(p, PAIR_INTS)`` and ``(p, PAIR_FLOATS)``, by ascending key.
        key, a, b, metres: close pairs of the slot ``(m,)`` by ascending key, then distance: key of the pair,
            positions of its two samples, distance [m]. Of two pairs with one key the first counts.
        lat, lon, kn, row: the samples of the slot ``(n,)``.
        slot: its number.
        bridge: a pair not seen for more than so many slots is closed.

    Returns:
        Pairs that go on (ints, floats), by ascending key; pairs closed (ints, floats).
    """
    p, m = len(ints), len(key)
    on_ints = np.empty((p + m, PAIR_INTS), np.int64)
    on_floats = np.empty((p + m, PAIR_FLOATS), np.float64)
    off_ints = np.empty((p, PAIR_INTS), np.int64)
    off_floats = np.empty((p, PAIR_FLOATS), np.float64)
    on = off = i = j = 0
    while i < p or j < m:
        if j < m and j > 0 and key[j] == key[j - 1]:
            j += 1
            continue
        if j >= m or (i < p and ints[i, KEY] < key[j]):
            if slot - ints[i, LAST] > bridge:
                _copy_pair(ints, floats, i, off_ints, off_floats, off)
                off += 1
            else:
                _copy_pair(ints, floats, i, on_ints, on_floats, on)
                on += 1
            i += 1
            continue
        known = i < p and ints[i, KEY] == key[j]
        if known and slot - ints[i, LAST] > bridge:
            _copy_pair(ints, floats, i, off_ints, off_floats, off)
            off += 1
            i += 1
            known = False
        x, y = a[j], b[j]
        if known:
            _copy_pair(ints, floats, i, on_ints, on_floats, on)
            i += 1
            on_floats[on, PATH] += distance_m(on_floats[on, LAT1], on_floats[on, LON1], lat[x], lon[x])
        else:
            on_ints[on, KEY] = key[j]
            on_ints[on, FIRST] = slot
            on_ints[on, SLOTS] = 0
            on_ints[on, ROW_A0] = row[x]
            on_ints[on, ROW_B0] = row[y]
            for column in range(PAIR_FLOATS):
                on_floats[on, column] = 0.0
            on_floats[on, LAT0] = lat[x]
            on_floats[on, LON0] = lon[x]
            on_floats[on, LEAST] = np.inf
        on_ints[on, LAST] = slot
        on_ints[on, SLOTS] += 1
        on_ints[on, ROW_A1] = row[x]
        on_floats[on, LAT1] = lat[x]
        on_floats[on, LON1] = lon[x]
        on_floats[on, DLAT] += lat[x] - on_floats[on, LAT0]
        on_floats[on, DLON] += wrap_deg(lon[x] - on_floats[on, LON0])
        on_floats[on, METRES] += metres[j]
        if metres[j] < on_floats[on, LEAST]:
            on_floats[on, LEAST] = metres[j]
            on_ints[on, LEAST_SLOT] = slot
        on_floats[on, KN] += (kn[x] + kn[y]) / 2.0
        on_floats[on, KN_MAX] = max(on_floats[on, KN_MAX], kn[x], kn[y])
        on += 1
        j += 1
    return on_ints[:on], on_floats[:on], off_ints[:off], off_floats[:off]


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
