"""Vessels by dense number: who they are, what they last said of themselves, and every change of it."""

from copy import copy

import numpy as np

from watchkeeper.engine.memory import Memory
from watchkeeper.kernels.changes import changed, row_hash
from watchkeeper.kernels.group import assign
from watchkeeper.model.records import Array, Statics

_PARTS = (
    ("imo",),
    ("name",),
    ("callsign",),
    ("ship_type", "length_m", "beam_m"),
    ("draught_m",),
    ("destination",),
)
"""What is compared together. Each is unknown on its own: a type 24 report has the name or the rest."""


class Vessels:
    """The register of the run. Numbers are given in order of first appearance and never change."""

    def __init__(self) -> None:
        self.count = 0
        self._keys = np.zeros(1 << 14, np.int32)
        self._numbers = np.zeros(1 << 14, np.int32)
        self._mmsi = np.empty(0, np.int32)
        self._memory = Memory()
        self._changes: list[Statics] = []
        self._changed_by: list[Array] = []

    def assign(self, mmsi: Array) -> Array:
        """Dense numbers ``(n,)`` int32 of MMSIs."""
        while len(self._keys) < 2 * (self.count + len(mmsi)):
            self._widen()
        before = self.count
        numbers, self.count = assign(mmsi, self._keys, self._numbers, self.count)
        if self.count > before:
            new = np.empty(self.count - before, np.int32)
            fresh = numbers >= before
            new[numbers[fresh] - before] = mmsi[fresh]
            self._mmsi = np.concatenate([self._mmsi, new])
        return np.asarray(numbers)

    def _widen(self) -> None:
        self._keys = np.zeros(2 * len(self._keys), np.int32)
        self._numbers = np.zeros(len(self._keys), np.int32)
        assign(self._mmsi, self._keys, self._numbers, 0)

    @property
    def mmsi(self) -> Array:
        """The MMSI of each vessel, ``(count,)``."""
        return self._mmsi

    def learn(self, statics: Statics) -> Statics:
        """Keep those static reports that say something new of their vessel, and give them back."""
        if not len(statics):
            return statics
        vessel = self.assign(statics.mmsi)
        hashes = np.empty((len(statics), len(_PARTS)), np.uint64)
        for k, names in enumerate(_PARTS):
            hashes[:, k] = row_hash(_known_bytes(statics, names))
        last = self._memory.rows("static", self.count, len(_PARTS), np.uint64, 0)
        new = changed(vessel, hashes, last)
        said = statics.take(new)
        if len(said):
            self._changes.append(said)
            self._changed_by.append(vessel[new])
        return said

    def changes(self) -> tuple[Statics, Array]:
        """Every static report that said something new, and its vessel, in order of arrival."""
        if not self._changes:
            return Statics.empty(), np.empty(0, np.int32)
        self._changes = [Statics.concat(self._changes)]
        self._changed_by = [np.concatenate(self._changed_by)]
        return self._changes[0], self._changed_by[0]

    def forget(self, before: int) -> None:
        """Drop what was said before a time [ms UTC] and has been said again since, part by part."""
        statics, vessel = self.changes()
        kept = statics.t >= before
        if kept.all():
            return
        for names in _PARTS:
            said = np.flatnonzero(_known_bytes(statics, names).any(axis=1))
            # The last of each vessel: of equal numbers in a reversed column numpy's unique finds the first.
            last = len(said) - 1 - np.unique(vessel[said][::-1], return_index=True)[1]
            kept[said[last]] = True
        self._changes, self._changed_by = [statics.take(kept)], [vessel[kept]]

    def frozen(self) -> "Vessels":
        """As they are now, to be asked in another thread while these go on; not for new ones."""
        other = copy(self)
        other._changes, other._changed_by = list(self._changes), list(self._changed_by)
        return other

    def snapshot(self) -> dict[str, Array]:
        """All state as arrays."""
        statics, vessel = self.changes()
        state = {f"memory.{k}": v for k, v in self._memory.snapshot().items()}
        state |= {f"change.{name}": getattr(statics, name).copy() for name in Statics.DTYPES}
        return state | {"mmsi": self._mmsi.copy(), "changed_by": vessel.copy()}

    @classmethod
    def restored(cls, state: dict[str, Array]) -> "Vessels":
        """The register as it was when ``state`` was taken."""
        vessels = cls()
        vessels.assign(state["mmsi"])
        vessels._changes = [Statics(**{name: state[f"change.{name}"] for name in Statics.DTYPES})]
        vessels._changed_by = [state["changed_by"]]
        vessels._memory.restore({k[7:]: v for k, v in state.items() if k.startswith("memory.")})
        return vessels


def _known_bytes(statics: Statics, names: tuple[str, ...]) -> Array:
    """The bytes of the named columns side by side ``(n, width)``, zero where a value is not available."""
    columns = []
    for name in names:
        column = getattr(statics, name)
        if column.dtype.kind == "f":
            column = np.where(np.isnan(column), 0, column).astype("f4")
        elif name == "ship_type":
            column = np.where(column < 0, 0, column).astype("i2")
        columns.append(np.ascontiguousarray(column).view(np.uint8).reshape(len(statics), -1))
    return np.concatenate(columns, axis=1)
