"""Who was heard where and when: the memory behind witnesses, coverage and activity."""

from copy import copy

import numpy as np

from watchkeeper.engine.fixes import Columns
from watchkeeper.engine.memory import Memory
from watchkeeper.engine.sightings import Sightings
from watchkeeper.kernels.presence import fastest, neighbour_cells, register, visits
from watchkeeper.model.picture import Witnesses
from watchkeeper.model.records import Array
from watchkeeper.model.time import HOUR, MINUTE

SLOT_MS = 15 * MINUTE
_CELL_BITS = 21
_SLOT_BITS = 40
_SLOT_MASK = (1 << _SLOT_BITS) - 1


class Presence:
    """Visits of vessels to cells of a quarter degree in quarter hours, and their highest speed in each hour."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._keys: list[Array] = []
        self._who: list[Array] = []
        self._t: list[Array] = []
        self._places: list[Array] = []
        self._hour0: int | None = None
        self._speeds = np.full((0, 0), np.nan, np.float32)
        self._sorted: tuple[Array, Array] | None = None
        self._by_vessel: Array | None = None
        self._sightings: Sightings | None = None

    def push(self, c: Columns, vessels: int) -> None:
        """Take a batch."""
        # By track, not by vessel: what is noted must not depend on how the stream is cut.
        last = self._memory.rows("last", 2 * vessels, 0, np.int64, -1)
        keys, at = visits(c.track, c.t, c.lat, c.lon, last, SLOT_MS)
        self._note(keys, c.vessel[at], c.t[at], c.lat[at], c.lon[at])
        register(
            c.vessel, c.t, c.row, c.lat, c.lon, c.ais_class, self.register(vessels), self.places(vessels)
        )
        hour = c.t // HOUR
        first = int(hour.min())
        if self._hour0 is None:
            self._hour0 = first
        self._widen(vessels, min(first, self._hour0), int(hour.max()))
        fastest(c.vessel, hour - self._hour0, c.sog_kn, c.leg_kn, self._speeds)

    def push_late(self, vessel: Array, t: Array, lat: Array, lon: Array, vessels: int) -> None:
        """Take reports that came too late for anything but to show that their sender was heard ``(n,)``."""
        keys, at = visits(vessel, t, lat, lon, np.full(vessels, -1, np.int64), SLOT_MS)
        self._note(keys, vessel[at], t[at], lat[at], lon[at])

    def _note(self, keys: Array, who: Array, t: Array, lat: Array, lon: Array) -> None:
        self._keys.append(keys.copy())
        self._who.append(who)
        self._t.append(t)
        self._places.append(np.stack([lat, lon]))
        self._sorted = self._by_vessel = self._sightings = None

    def sightings(self) -> Sightings:
        """The first report of each vessel in each quarter hour."""
        if self._sightings is None:
            who = np.concatenate([np.empty(0, np.int32), *self._who])
            t = np.concatenate([np.empty(0, np.int64), *self._t])
            lat, lon = np.concatenate([np.empty((2, 0)), *self._places], axis=1)
            self._sightings = Sightings(who, t, lat, lon, SLOT_MS)
        return self._sightings

    def forget(self, before: int) -> None:
        """Drop visits before a time [ms UTC]; first and last report of each vessel stay."""
        t = np.concatenate([np.empty(0, np.int64), *self._t])
        kept = t >= before
        if not kept.all():
            self._keys = [np.concatenate(self._keys)[kept]]
            self._who, self._t = [np.concatenate(self._who)[kept]], [t[kept]]
            self._places = [np.concatenate(self._places, axis=1)[:, kept]]
            self._sorted = self._by_vessel = self._sightings = None
        if self._hour0 is not None and (hours := before // HOUR - self._hour0) > 0:
            self._speeds, self._hour0 = self._speeds[:, hours:].copy(), self._hour0 + hours

    def register(self, vessels: int) -> Array:
        """First time, first row, last time, reports, class and its time of each vessel ``(vessels, 6)`` int64."""
        return self._memory.rows("register", vessels, 6, np.int64, 0)

    def places(self, vessels: int) -> Array:
        """First latitude and longitude of each vessel ``(vessels, 2)``."""
        return self._memory.rows("places", vessels, 2, np.float64, np.nan)

    def _widen(self, vessels: int, first: int, last: int) -> None:
        assert self._hour0 is not None
        rows, columns = self._speeds.shape
        shift, width = self._hour0 - first, last - first + 1
        if vessels <= rows and shift == 0 and width <= columns:
            return
        shape = (max(rows, 2 * vessels if vessels > rows else rows), max(columns + shift, width + 24))
        grown = np.full(shape, np.nan, np.float32)
        grown[:rows, shift : shift + columns] = self._speeds
        self._speeds, self._hour0 = grown, first

    def _index(self) -> tuple[Array, Array]:
        """Distinct visits: ``cell << _SLOT_BITS | slot`` ascending, and vessel."""
        if self._sorted is None:
            keys = np.concatenate([np.empty(0, np.int64), *self._keys])
            who = np.concatenate([np.empty(0, np.int32), *self._who])
            by_cell = ((keys & ((1 << _CELL_BITS) - 1)) << _SLOT_BITS) | (keys >> _CELL_BITS)
            order = np.lexsort((who, by_cell))
            by_cell, who = by_cell[order], who[order]
            if len(who):
                distinct = np.r_[True, (by_cell[1:] != by_cell[:-1]) | (who[1:] != who[:-1])]
                by_cell, who = by_cell[distinct], who[distinct]
            self._sorted = (by_cell, who)
        return self._sorted

    def _slots(self) -> Array:
        """All visits as ``vessel << _SLOT_BITS | slot``, ascending."""
        if self._by_vessel is None:
            by_cell, who = self._index()
            self._by_vessel = np.sort((who.astype(np.int64) << _SLOT_BITS) | (by_cell & _SLOT_MASK))
        return self._by_vessel

    def witnesses(self, vessel: int, lat: float, lon: float, start: int, end: int) -> Witnesses:
        """Others heard in the cell of a place and those around it, in the whole quarter hours inside a time."""
        first, last = start // SLOT_MS + 1, end // SLOT_MS - 1
        slots: set[int] = set()
        ships: set[int] = set()
        around = False
        by_cell, who = self._index()
        margin = 2 * HOUR // SLOT_MS
        for cell in neighbour_cells(lat, lon).tolist():
            lo = int(np.searchsorted(by_cell, (cell << _SLOT_BITS) | max(first - margin, 0), "left"))
            hi = int(np.searchsorted(by_cell, (cell << _SLOT_BITS) | max(last + margin, 0), "right"))
            others = who[lo:hi] != vessel
            slot = (by_cell[lo:hi] & _SLOT_MASK)[others]
            inside = (slot >= first) & (slot <= last)
            slots.update(slot[inside].tolist())
            ships.update(who[lo:hi][others][inside].tolist())
            around = around or bool((~inside).any())
        return Witnesses(max(last - first + 1, 0), len(slots), len(ships), around)

    def max_speed(self, vessel: int, start: int, end: int) -> float:
        """The highest speed of a vessel in the hours touching a time [kn]; NaN if not heard."""
        if self._hour0 is None or vessel >= len(self._speeds):
            return float("nan")
        lo = max(start // HOUR - self._hour0, 0)
        hi = max(end // HOUR - self._hour0 + 1, 0)
        # numpy's maximum that skips NaN, without the warning of nanmax and at a tenth of its cost.
        return float(np.fmax.reduce(self._speeds[vessel, lo:hi], initial=np.nan))

    def heard(self, vessel: int, start: int, end: int) -> bool:
        """Whether the vessel was heard in a whole quarter hour inside a time."""
        first, last = max(start // SLOT_MS + 1, 0), end // SLOT_MS - 1
        if last < first:
            return False
        slots = self._slots()
        # A number of the column's own type: for any other, numpy would copy the column.
        at = int(slots.searchsorted(np.int64((vessel << _SLOT_BITS) | first)))
        return at < len(slots) and int(slots[at]) <= (vessel << _SLOT_BITS) | last

    def frozen(self) -> "Presence":
        """As it is now, to be asked in another thread while this one goes on."""
        other = copy(self)
        other._memory = self._memory.copy()
        other._keys, other._who = list(self._keys), list(self._who)
        other._t, other._places = list(self._t), list(self._places)
        other._speeds = self._speeds.copy()
        return other

    def snapshot(self) -> dict[str, Array]:
        """All state as arrays."""
        return {
            "keys": np.concatenate([np.empty(0, np.int64), *self._keys]),
            "who": np.concatenate([np.empty(0, np.int32), *self._who]),
            "t": np.concatenate([np.empty(0, np.int64), *self._t]),
            "places": np.concatenate([np.empty((2, 0)), *self._places], axis=1),
            "hour0": np.array([-1 if self._hour0 is None else self._hour0]),
            "speeds": self._speeds.copy(),
        } | {f"memory.{k}": v for k, v in self._memory.snapshot().items()}

    def restore(self, state: dict[str, Array]) -> None:
        """Go back to a snapshot."""
        self._keys, self._who = [state["keys"]], [state["who"]]
        self._t, self._places = [state["t"]], [state["places"]]
        self._sorted = self._by_vessel = self._sightings = None
        self._hour0 = None if state["hour0"][0] < 0 else int(state["hour0"][0])
        self._speeds = state["speeds"].copy()
        self._memory.restore({k[7:]: v for k, v in state.items() if k.startswith("memory.")})
