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
        self._fills: dict[str, Any] = {}
        self._given: dict[str, int] = {}  # rows that were ever asked for

    def rows(self, name: str, count: int, width: int, dtype: DTypeLike, fill: Any) -> Array:
        """The first ``count`` rows of array ``name``: ``(count,)`` for width 0, else ``(count, width)``."""
        array = self._arrays.get(name)
        if array is None or len(array) < count:
            room = max(1024, 2 * count)
            grown = _filled((room, width) if width else room, fill, np.dtype(dtype))
            if array is not None:
                touched = self._touched(name)
                grown[touched] = array[touched]  # and no others, which would take memory from then on
            self._arrays[name] = array = grown
            self._fills[name] = fill
        self._given[name] = max(count, self._given.get(name, 0))
        return array[:count]

    def _touched(self, name: str) -> Array:
        """Which rows differ from the default."""
        array = self._arrays[name][: self._given[name]]
        return np.flatnonzero(_differs(array, np.asarray(self._fills[name], array.dtype)))

    def copy(self) -> "Memory":
        """One that does not change with this one."""
        other = Memory()
        other._arrays = {name: array[: self._given[name]].copy() for name, array in self._arrays.items()}
        other._fills, other._given = dict(self._fills), dict(self._given)
        return other

    def snapshot(self) -> dict[str, Array]:
        """Of each array its length, its default, and copies of the rows that differ from that and where they are.

        Most rows of most arrays were never touched: a state of gigabytes is kept in megabytes.
        """
        state: dict[str, Array] = {}
        for name, array in self._arrays.items():
            fill = np.asarray(self._fills[name], array.dtype)
            touched = self._touched(name)
            state |= {f"{name}/at": touched, f"{name}/rows": array[touched], f"{name}/fill": fill}
            state[f"{name}/shape"] = np.array(array.shape)
        return state

    def restore(self, state: dict[str, Array]) -> None:
        """Go back to a snapshot."""
        self._arrays, self._fills, self._given = {}, {}, {}
        for name in (key.removesuffix("/at") for key in state if key.endswith("/at")):
            rows, fill = state[f"{name}/rows"], state[f"{name}/fill"]
            array = _filled(tuple(state[f"{name}/shape"]), fill, rows.dtype)
            array[state[f"{name}/at"]] = rows
            self._arrays[name], self._fills[name] = array, fill
            self._given[name] = int(state[f"{name}/at"].max(initial=-1)) + 1


def _filled(shape: int | tuple[int, ...], fill: Any, dtype: np.dtype[Any]) -> Array:
    """Rows of a default. Zeros are the system's: they take no memory, and no time, until they are touched."""
    return np.full(shape, fill, dtype) if fill else np.zeros(shape, dtype)


def _differs(array: Array, fill: Array) -> Array:
    """Which rows differ from the default."""
    # A default of NaN is equal to nothing.
    other = array if not fill else array != fill if fill == fill else array == array
    return np.asarray(other.any(axis=1) if array.ndim == 2 else other)


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
