"""Which candidates belong to one event: those near each other in time and in two places, and all they are linked to.

Links, not cells of a grid: an event that lies across a cell's edge would fall apart (four ships of fifty-five were
missed so in a prototype on a grid of a tenth of a degree).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.geodesy import distance_m
from watchkeeper.model.records import Array


def linked(
    start: Array,
    end: Array,
    first: tuple[Array, Array],
    second: tuple[Array, Array],
    *,
    within_ms: int,
    first_m: float,
    second_m: float,
    same_end: bool,
) -> NDArray[np.int64]:
    """Number the events.

    Args:
        start, end: ``(m,)`` [ms].
        first, second: latitude and longitude of two places of each ``(m,)`` [deg]; a second place of NaN is near
            another of NaN and far from all others.
        within_ms: candidates are linked whose times are no further apart: the beginnings, and the ends too where
            ``same_end``; otherwise the spans.
        first_m, second_m: how near both places must be.

    Returns:
        ``(m,)`` the position of the earliest candidate of the event.
    """
    order = np.argsort(start, kind="stable")
    lat, lon = (c[order] for c in first)
    lat2, lon2 = (c[order] for c in second)
    roots = _linked(start[order], end[order], lat, lon, lat2, lon2, within_ms, first_m, second_m, same_end)
    events = np.empty(len(order), np.int64)
    events[order] = order[roots]
    return events


@kernel
def _root(parent: Array, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel
def _linked(
    start: Array,
    end: Array,
    lat: Array,
    lon: Array,
    lat2: Array,
    lon2: Array,
    within_ms: int,
    first_m: float,
    second_m: float,
    same_end: bool,
) -> Any:
    n = len(start)
    parent = np.arange(n)
    for i in range(n):
        until = (start[i] if same_end else end[i]) + within_ms
        for j in range(i + 1, n):
            if start[j] > until:
                break
            if same_end and abs(end[j] - end[i]) > within_ms:
                continue
            a, b = _root(parent, i), _root(parent, j)
            if a == b or distance_m(lat[i], lon[i], lat[j], lon[j]) > first_m:
                continue
            if np.isnan(lat2[i]) != np.isnan(lat2[j]):
                continue
            if not np.isnan(lat2[i]) and distance_m(lat2[i], lon2[i], lat2[j], lon2[j]) > second_m:
                continue
            parent[max(a, b)] = min(a, b)
    for i in range(n):
        parent[i] = _root(parent, i)
    return parent
