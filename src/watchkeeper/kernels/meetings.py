"""Who was near whom: positions at common times, and pairs of vessels within reach of each other."""

from typing import Any

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.geodesy import LEAST_DEGREE_M, distance_m
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
    room = 1024
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
        dlon = (lon[i] - lon_before[i] + 540.0) % 360.0 - 180.0
        for s in range(first, last + 1):
            if count == room:
                room *= 2
                index2 = np.empty(room, np.int32)
                index2[:count] = index
                index = index2
                slot2 = np.empty(room, np.int64)
                slot2[:count] = slot
                slot = slot2
                place2 = np.empty((3, room), np.float64)
                place2[:, :count] = place
                place = place2
            part = (s * slot_ms - before) / (t[i] - before)
            index[count] = i
            slot[count] = s
            place[0, count] = lat_before[i] + part * (lat[i] - lat_before[i])
            place[1, count] = (lon_before[i] + part * dlon + 540.0) % 360.0 - 180.0
            place[2, count] = speed
            count += 1
    return index[:count], slot[:count], place[:, :count]


@kernel
def close_pairs(lat: Array, lon: Array, vessel: Array, within_m: float) -> Any:
    """All pairs of different vessels at most ``within_m`` apart, by a sweep over latitude.

    Args:
        lat, lon, vessel: ``(n,)``; ``lat`` ascending.

    Returns:
        ``(m,)`` int32 i, int32 j (positions, i < j) and float64 distance [m]. No grid, so no cell edges, no
        antimeridian and no pole to be missed.
    """
    band = within_m / LEAST_DEGREE_M
    room = 1024
    first = np.empty(room, np.int32)
    second = np.empty(room, np.int32)
    metres = np.empty(room, np.float64)
    count = 0
    n = len(lat)
    for i in range(n):
        widest = 360.0
        if abs(lat[i]) + band < 89.0:
            widest = band * 1.01 / np.cos(np.radians(abs(lat[i]) + band))
        for j in range(i + 1, n):
            if lat[j] - lat[i] > band:
                break
            dlon = abs((lon[j] - lon[i] + 540.0) % 360.0 - 180.0)
            if dlon > widest or vessel[i] == vessel[j]:
                continue
            away = distance_m(lat[i], lon[i], lat[j], lon[j])
            if away > within_m:
                continue
            if count == room:
                room *= 2
                first2 = np.empty(room, np.int32)
                first2[:count] = first
                first = first2
                second2 = np.empty(room, np.int32)
                second2[:count] = second
                second = second2
                metres2 = np.empty(room, np.float64)
                metres2[:count] = metres
                metres = metres2
            first[count] = i
            second[count] = j
            metres[count] = away
            count += 1
    return first[:count], second[:count], metres[:count]


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
                off_ints[off] = ints[i]
                off_floats[off] = floats[i]
                off += 1
            else:
                on_ints[on] = ints[i]
                on_floats[on] = floats[i]
                on += 1
            i += 1
            continue
        known = i < p and ints[i, KEY] == key[j]
        if known and slot - ints[i, LAST] > bridge:
            off_ints[off] = ints[i]
            off_floats[off] = floats[i]
            off += 1
            i += 1
            known = False
        x, y = a[j], b[j]
        n, f = on_ints[on], on_floats[on]
        if known:
            n[:] = ints[i]
            f[:] = floats[i]
            i += 1
            f[PATH] += distance_m(f[LAT1], f[LON1], lat[x], lon[x])
        else:
            n[KEY] = key[j]
            n[FIRST] = slot
            n[SLOTS] = 0
            n[ROW_A0] = row[x]
            n[ROW_B0] = row[y]
            f[:] = 0.0
            f[LAT0] = lat[x]
            f[LON0] = lon[x]
            f[LEAST] = np.inf
        n[LAST] = slot
        n[SLOTS] += 1
        n[ROW_A1] = row[x]
        f[LAT1] = lat[x]
        f[LON1] = lon[x]
        f[DLAT] += lat[x] - f[LAT0]
        f[DLON] += (lon[x] - f[LON0] + 540.0) % 360.0 - 180.0
        f[METRES] += metres[j]
        if metres[j] < f[LEAST]:
            f[LEAST] = metres[j]
            n[LEAST_SLOT] = slot
        f[KN] += (kn[x] + kn[y]) / 2.0
        f[KN_MAX] = max(f[KN_MAX], kn[x], kn[y])
        on += 1
        j += 1
    return on_ints[:on], on_floats[:on], off_ints[:off], off_floats[:off]


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
