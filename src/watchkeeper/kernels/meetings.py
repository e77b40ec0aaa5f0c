"""Who was near whom: positions at common times, and pairs of vessels within reach of each other."""

from typing import Any

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.geodesy import distance_m
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
    # 111 km a degree is the least length of a degree of latitude plus a margin (110 574 m at the equator, WGS84).
    band = within_m / 110_500.0
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
