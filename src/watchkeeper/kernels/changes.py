"""Which static reports say something new."""

from typing import Any

import numpy as np

from watchkeeper.kernels.compiled import kernel
from watchkeeper.model.records import Array


@kernel
def row_hash(content: Array) -> Any:
    """A hash of each row of bytes ``(n, width)`` uint8 -> ``(n,)`` uint64; 0 only for all-zero rows."""
    out = np.zeros(len(content), np.uint64)
    mix = np.uint64(0x9E3779B97F4A7C15)
    for i in range(len(content)):
        h = np.uint64(0)
        blank = True
        for k in range(content.shape[1]):
            if content[i, k]:
                blank = False
            h = (h ^ np.uint64(content[i, k])) * mix
            h ^= h >> np.uint64(29)
        out[i] = np.uint64(0) if blank else h | np.uint64(1)
    return out


@kernel
def changed(vessel: Array, parts: Array, last: Array) -> Any:
    """Whether any known part of a static report differs from what the vessel sent last.

    Args:
        vessel: ``(n,)``, in time order for each vessel.
        parts: ``(n, p)`` uint64 hashes, 0 where a part is not known (a report of type 24 tells one half).
        last: ``(vessels, p)`` uint64, 0 at first; changed in place.

    Returns:
        ``(n,)`` bool.
    """
    out = np.zeros(len(vessel), np.bool_)
    for i in range(len(vessel)):
        for k in range(parts.shape[1]):
            part = parts[i, k]
            if part != 0 and part != last[vessel[i], k]:
                out[i] = True
                last[vessel[i], k] = part
    return out
