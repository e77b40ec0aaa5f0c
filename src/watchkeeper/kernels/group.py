"""Dense vessel numbers and the one grouping of a batch by vessel."""

from typing import Any

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.model.records import Array

_MIX = np.uint64(0x9E3779B97F4A7C15)


@kernel
def assign(mmsi: Array, keys: Array, numbers: Array, count: int) -> Any:
    """Dense numbers of MMSIs, new ones in order of appearance.

    Args:
        mmsi: ``(n,)`` int32.
        keys: open-addressing table, ``(2**k,)`` int32, 0 for empty; changed in place. At least twice as
            many places as there will be vessels.
        numbers: the number stored with each key, ``(2**k,)`` int32; changed in place.
        count: how many vessels there are before.

    Returns:
        ``(n,)`` int32 numbers, and how many vessels there are now.
    """
    mask = np.uint64(len(keys) - 1)
    out = np.empty(len(mmsi), np.int32)
    for i in range(len(mmsi)):
        key = mmsi[i]
        place = ((np.uint64(key) * _MIX) >> np.uint64(32)) & mask
        while keys[place] != 0 and keys[place] != key:
            place = (place + np.uint64(1)) & mask
        if keys[place] == 0:
            keys[place] = key
            numbers[place] = count
            count += 1
        out[i] = numbers[place]
    return out, count


@kernel
def group_order(vessel: Array, scratch: Array) -> Any:
    """A stable order that brings the rows of each vessel together (counting sort over the vessels present).

    Args:
        vessel: ``(n,)`` int32 dense numbers.
        scratch: ``(vessels,)`` int32, all -1; given back all -1.

    Returns:
        ``order`` ``(n,)`` int32 with ``vessel[order]`` grouped, groups in order of first appearance, rows of a
        group in their old order.
    """
    n = len(vessel)
    counts = np.zeros(n + 1, np.int32)
    present = np.empty(n, np.int32)
    groups = 0
    for i in range(n):
        v = vessel[i]
        if scratch[v] < 0:
            scratch[v] = groups
            present[groups] = v
            groups += 1
        counts[scratch[v] + 1] += 1
    for g in range(groups):
        counts[g + 1] += counts[g]
    order = np.empty(n, np.int32)
    for i in range(n):
        g = scratch[vessel[i]]
        order[counts[g]] = i
        counts[g] += 1
    for g in range(groups):
        scratch[present[g]] = -1
    return order
