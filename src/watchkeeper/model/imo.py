"""IMO ship identification numbers (IMO resolution A.1117(30)): seven digits, the last a check digit."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_LEAST: Final = 1_000_000
_MOST: Final = 9_999_999


def valid_imo(imo: int) -> bool:
    """Whether ``imo`` is seven digits whose weighted sum (7, 6, 5, 4, 3, 2) ends in the last digit."""
    return bool(valid_imos(np.array([imo], np.int64))[0])


def valid_imos(imo: NDArray[np.integer]) -> NDArray[np.bool_]:
    """The same for a column of numbers. Shape ``(n,)`` in, ``(n,)`` out."""
    number = imo.astype(np.int64)
    in_range = (number >= _LEAST) & (number <= _MOST)
    total = np.zeros(len(number), np.int64)
    rest = number // 10
    for weight in range(2, 8):
        total += (rest % 10) * weight
        rest //= 10
    return in_range & (total % 10 == number % 10)
