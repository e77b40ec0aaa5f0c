"""State that grows with the number of vessels: named arrays, one row per vessel or track."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from watchkeeper.model.records import Array


class Memory:
    """Named arrays with one row per key; rows appear filled with their default as keys appear.

    Everything the engine remembers lives in such arrays, so that a checkpoint is a dictionary of arrays.
    """

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {}

    def rows(self, name: str, count: int, width: int, dtype: DTypeLike, fill: Any) -> Array:
        """The first ``count`` rows of array ``name``: ``(count,)`` for width 0, else ``(count, width)``."""
        array = self._arrays.get(name)
        if array is None or len(array) < count:
            room = max(1024, 2 * count)
            grown = np.full((room, width) if width else room, fill, dtype)
            if array is not None:
                grown[: len(array)] = array
            self._arrays[name] = array = grown
        return array[:count]

    def snapshot(self) -> dict[str, Array]:
        """Copies of all arrays."""
        return {name: array.copy() for name, array in self._arrays.items()}

    def restore(self, arrays: dict[str, Array]) -> None:
        """Go back to a snapshot."""
        self._arrays = {name: array.copy() for name, array in arrays.items()}


class RowsByVessel:
    """Where the rows of each vessel are in columns ordered by vessel.

    Looked up in constant time: a search with numpy would copy the whole column at each call.
    """

    def __init__(self, vessel: Array) -> None:
        self._edges: list[int] = np.searchsorted(vessel, np.arange(int(vessel.max(initial=-1)) + 2)).tolist()

    def __getitem__(self, vessel: int) -> slice:
        if not 0 <= vessel < len(self._edges) - 1:
            return slice(0, 0)
        return slice(self._edges[vessel], self._edges[vessel + 1])
