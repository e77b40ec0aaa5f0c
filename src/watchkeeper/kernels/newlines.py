"""Line ends in bytes, counted 64 at a time."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.csv_bytes import bit_count, matches

STRETCH: Final = 1 << 16
"""Bytes counted together."""
_NEWLINE: Final = 10
_ONE: Final = np.uint64(1)


def newlines(data: NDArray[np.uint8], size: int) -> NDArray[np.int64]:
    """How many line ends are in each 64 KiB of ``data[:size]``, which is padded by ``csv_bytes.PADDING``."""
    counts = np.zeros(-(-size // STRETCH), np.int64)
    _count(data, size, counts)
    return counts


@kernel
def _count(data: Any, size: int, counts: Any) -> None:
    for k in range(len(counts)):
        stop = min((k + 1) * STRETCH, size)
        count = 0
        for at in range(k * STRETCH, stop, 64):
            bits = matches(data, at, _NEWLINE)
            if stop - at < 64:
                bits &= (_ONE << np.uint64(stop - at)) - _ONE
            count += bit_count(bits)
        counts[k] = count
