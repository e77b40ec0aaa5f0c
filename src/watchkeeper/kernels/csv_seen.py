"""Two memories of a stream: which lines were seen lately, and what a ship last said of itself.

Both are open-addressed tables of 64-bit hashes. The first keeps two generations, so that its size is bounded
whatever the length of the file; the second grows with the number of ships.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.compiled import kernel
from watchkeeper.kernels.csv_bytes import fetch_ahead

_ZERO: Final = np.uint64(0)
_ONE: Final = np.uint64(1)
_AHEAD: Final = 128
"""Lines whose table slots are fetched before any is looked at, so that the cache misses overlap."""
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)

GENERATION: Final = 1 << 21
"""Distinct lines per generation. Two generations are kept: a line is known again if at most this many
distinct lines lie between it and its copy. With 64-bit hashes the chance that one line of a day of 10
million is taken for another is below 1e7 * 2 * 2**21 / 2**64 = 2.3e-6."""


class SeenLines:
    """The distinct lines seen lately, by hash. About 64 MB once a million lines were seen, less before."""

    def __init__(self, generation: int = GENERATION) -> None:
        self._generation = generation
        self._now = np.zeros(1 << 12, np.uint64)
        self._before = np.zeros(1, np.uint64)
        self._count = 0

    def repeated(self, hashes: NDArray[np.uint64], wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which of the ``wanted`` lines were seen before; the others are remembered. Cuts change nothing."""
        out = np.zeros(len(hashes), np.bool_)
        done = 0
        while done < len(hashes):
            room = min(len(self._now) // 2, self._generation)
            done, self._count = _mark(hashes, wanted, done, self._now, self._before, self._count, room, out)
            if self._count < room:
                continue
            if self._count == self._generation:
                self._now, self._before, self._count = np.zeros_like(self._now), self._now, 0
            else:
                grown = np.zeros(4 * len(self._now), np.uint64)
                _copy(self._now, grown)
                self._now = grown
        return out


class LastSaid:
    """The last hash of static data per ship."""

    def __init__(self) -> None:
        self._ships = np.zeros(1 << 12, np.int64)
        self._hashes = np.zeros(1 << 12, np.uint64)
        self._count = 0

    def changed(
        self, mmsi: NDArray[np.integer], hashes: NDArray[np.uint64], wanted: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Which of the ``wanted`` rows say something else than the ship's wanted row before."""
        if 2 * (self._count + len(mmsi)) > len(self._ships):
            self._grow(len(mmsi))
        out = np.zeros(len(mmsi), np.bool_)
        self._count += _changed(mmsi.astype(np.int64), hashes, wanted, self._ships, self._hashes, out)
        return out

    def _grow(self, more: int) -> None:
        ships, hashes = self._ships, self._hashes
        size = 1 << int(4 * (self._count + more)).bit_length()
        self._ships, self._hashes = np.zeros(size, np.int64), np.zeros(size, np.uint64)
        used = ships != 0
        out = np.zeros(int(used.sum()), np.bool_)
        _changed(ships[used], hashes[used], ~out, self._ships, self._hashes, out)


@kernel
def _mark(
    hashes: Any, wanted: Any, start: int, now: Any, before: Any, count: int, room: int, out: Any
) -> tuple[int, int]:
    """Mark repeated lines from ``start`` until the end or until ``room`` lines are in ``now``."""
    mask_now = np.uint64(len(now) - 1)
    mask_before = np.uint64(len(before) - 1)
    at = start
    while at < len(hashes) and count < room:
        stop = min(at + _AHEAD, len(hashes))
        for i in range(at, stop):
            fetch_ahead(now, hashes[i] & mask_now)
            fetch_ahead(before, hashes[i] & mask_before)
        while at < stop and count < room:
            if wanted[at]:
                value = max(hashes[at], _ONE)
                slot = value & mask_now
                while now[slot] != _ZERO and now[slot] != value:
                    slot = (slot + _ONE) & mask_now
                if now[slot] == value:
                    out[at] = True
                else:
                    out[at] = _holds(before, mask_before, value)
                    now[slot] = value
                    count += 1
            at += 1
    return at, count


@kernel
def _holds(table: Any, mask: Any, value: Any) -> bool:
    if mask == _ZERO:
        return False
    slot = value & mask
    while table[slot] != _ZERO:
        if table[slot] == value:
            return True
        slot = (slot + _ONE) & mask
    return False


@kernel
def _copy(table: Any, grown: Any) -> None:
    mask = np.uint64(len(grown) - 1)
    for value in table:
        if value == _ZERO:
            continue
        slot = value & mask
        while grown[slot] != _ZERO:
            slot = (slot + _ONE) & mask
        grown[slot] = value


@kernel
def _changed(mmsi: Any, hashes: Any, wanted: Any, ships: Any, last: Any, out: Any) -> int:
    mask = np.uint64(len(ships) - 1)
    added = 0
    for i in range(len(mmsi)):
        if not wanted[i]:
            continue
        slot = (np.uint64(mmsi[i]) * _GOLDEN >> np.uint64(32)) & mask
        while ships[slot] != 0 and ships[slot] != mmsi[i]:
            slot = (slot + _ONE) & mask
        added += 1 if ships[slot] == 0 else 0
        out[i] = ships[slot] == 0 or last[slot] != hashes[i]
        ships[slot] = mmsi[i]
        last[slot] = hashes[i]
    return added
