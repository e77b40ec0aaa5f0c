"""Which positions of a track must stay for the eye to miss nothing."""

import math

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.model.records import Array


@kernel
def telling(t: Array, lat: Array, lon: Array, speed: Array, slots: int, silent_ms: int) -> Array:
    """Of every slot of time the first and the last position, the slowest and the fastest, and the one farthest
    from the straight way through the slot; and both ends of every silence.

    Args:
        t, lat, lon: ``(n,)``, at least one, in time order [ms, deg].
        speed: ``(n,)``, a number for *not sent* too.
        slots: into how many equal slots the whole time is cut.
        silent_ms: longer between two positions is a silence.

    Returns:
        ``(n,)`` bool.
    """
    n = len(t)
    keep = np.zeros(n, np.bool_)
    span = t[n - 1] - t[0] + 1
    first = 0
    while first < n:
        slot = (t[first] - t[0]) * slots // span
        last = first
        while last + 1 < n and (t[last + 1] - t[0]) * slots // span == slot:
            last += 1
        slow = fast = far = first
        farthest = -1.0
        for k in range(first, last + 1):
            slow = k if speed[k] < speed[slow] else slow
            fast = k if speed[k] >= speed[fast] else fast
            away = _detour(lat, lon, first, last, k)
            if away >= farthest:
                far, farthest = k, away
        keep[first] = keep[last] = keep[slow] = keep[fast] = keep[far] = True
        first = last + 1
    for k in range(n - 1):
        if t[k + 1] - t[k] > silent_ms:
            keep[k] = keep[k + 1] = True
    return keep


@kernel
def _detour(lat: Array, lon: Array, first: int, last: int, k: int) -> float:
    """How far a position lies from the line through the ends of its slot, in degrees of latitude."""
    shrink = math.cos(math.radians(lat[k]))
    along_x = ((lon[last] - lon[first] + 180.0) % 360.0 - 180.0) * shrink
    along_y = lat[last] - lat[first]
    x = ((lon[k] - lon[first] + 180.0) % 360.0 - 180.0) * shrink
    y = lat[k] - lat[first]
    length = math.hypot(along_x, along_y)
    # A slot that ends where it began has no direction: then plain distance.
    return abs(x * along_y - y * along_x) / length if length > 0.0 else math.hypot(x, y)
