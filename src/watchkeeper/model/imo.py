"""IMO ship identification numbers (IMO resolution A.1117(30)): seven digits, the last a check digit."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LEAST: Final = 1_000_000
_MOST: Final = 9_999_999
_WEIGHTS: Final = range(2, 8)  # from the sixth digit leftwards


def valid_imo(imo: int) -> bool:
    """Whether ``imo`` is seven digits whose weighted sum (7, 6, 5, 4, 3, 2) ends in the last digit."""
    if not _LEAST <= imo <= _MOST:
        return False
    rest, total = imo // 10, 0
    for weight in _WEIGHTS:
        total += rest % 10 * weight
        rest //= 10
    return total % 10 == imo % 10


def valid_imos(imo: "NDArray[np.integer]") -> "NDArray[np.bool_]":
    """The same for a column of numbers. Shape ``(n,)`` in, ``(n,)`` out."""
    import numpy as np  # here, so that a command that looks one number up starts without it

    number = imo.astype(np.int64)
    in_range = (number >= _LEAST) & (number <= _MOST)
    total = np.zeros(len(number), np.int64)
    rest = number // 10
    for weight in _WEIGHTS:
        total += (rest % 10) * weight
        rest //= 10
    valid: NDArray[np.bool_] = in_range & (total % 10 == number % 10)
    return valid
