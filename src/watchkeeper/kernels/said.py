"""What ships said of themselves, and what they said afterwards instead."""

from typing import Final

import numpy as np

from watchkeeper.model.records import Array
from watchkeeper.model.time import MINUTE

PLACEHOLDER_IMOS: Final = (1234567, 5555555)
"""Numbers typed to fill the field; both have a valid check digit."""


def changes(vessel: Array, t: Array, column: Array, known: Array) -> tuple[Array, Array]:
    """Consecutive known values of a vessel that differ.

    Args:
        vessel, t, column: ``(n,)`` static reports in any order: vessel number, time [ms], a field.
        known: ``(n,)`` bool, where the field is available.

    Returns:
        Two ``(m,)`` arrays of positions: the last report of the old value and the first of the new one.
    """
    order = np.flatnonzero(known)
    order = order[np.lexsort((t[order], vessel[order]))]
    a, b = order[:-1], order[1:]
    differs = (vessel[a] == vessel[b]) & (column[a] != column[b])
    return a[differs], b[differs]


def kept_min(t: Array, column: Array, known: Array, at: int, until: int) -> float:
    """How long the value at position ``at`` was said before another one, or until a time [min].

    Args:
        t, column, known: ``(n,)`` the static reports of one vessel in time order.
        at: position of the first report of the value.
        until: when the vessel was last heard [ms].
    """
    later = at + 1 + np.flatnonzero(known[at + 1 :] & (column[at + 1 :] != column[at]))
    end = int(t[later[0]]) if len(later) else until
    return (end - int(t[at])) / MINUTE


def stood_min(t: Array, column: Array, known: Array, at: int) -> float:
    """How long the value before the one at position ``at`` had been said [min]; arguments as :func:`kept_min`."""
    before = np.flatnonzero(known[:at])
    others = before[column[before] != column[before[-1]]]
    since = before[before > others[-1]][0] if len(others) else before[0]
    return (int(t[at]) - int(t[since])) / MINUTE


def first_of(t: Array, row: Array, start: int, first_row: int) -> int:
    """Position of the report of a time and raw row among one vessel's ``(n,)`` in time order; -1 for none."""
    at = np.flatnonzero((t == start) & (row == first_row))
    return int(at[0]) if len(at) else -1
