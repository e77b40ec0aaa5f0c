"""The shape ``meetings``: pairs of vessels that stay near each other, slot by slot, with constant work per slot."""

from copy import copy
from itertools import pairwise
from typing import Self

import numpy as np

from watchkeeper.kernels import meetings as k
from watchkeeper.model.episodes import Episodes
from watchkeeper.model.records import Array
from watchkeeper.model.time import MINUTE

SLOT_MS = 10 * MINUTE
MAX_LEG_MS = 60 * MINUTE
"""Ten-minute positions, interpolated over at most an hour: Global Fishing Watch, pipe-encounters."""

_SAMPLE = np.dtype(
    [
        ("slot", "i8"),
        ("vessel", "i4"),
        ("mmsi", "i4"),
        ("lat", "f8"),
        ("lon", "f8"),
        ("kn", "f8"),
        ("row", "i8"),
    ]
)


class Meetings:
    """Close pairs that go on now, and samples of slots that can still receive some."""

    def __init__(self, within_m: float, at_least_ms: int, bridge_ms: int) -> None:
        self.within_m = within_m
        self.at_least_ms = at_least_ms
        self.bridge_slots = bridge_ms // SLOT_MS + 1
        self.waiting = np.empty(0, _SAMPLE)
        self._count = 0
        self._ints = np.empty((0, k.PAIR_INTS), np.int64)
        self._floats = np.empty((0, k.PAIR_FLOATS), np.float64)
        self._table = np.empty(0, np.int32)

    def snapshot(self) -> dict[str, Array]:
        """Everything, as arrays that are copies; the same however the stream was cut."""
        ints, floats = self._going()
        limits = np.array([self.within_m, self.at_least_ms, self.bridge_slots])
        return {"waiting": self.waiting.copy(), "ints": ints, "floats": floats, "limits": limits}

    @classmethod
    def restored(cls, saved: dict[str, Array]) -> Self:
        """As it was when the snapshot was taken."""
        within_m, at_least_ms, bridge_slots = saved["limits"].tolist()
        meetings = cls(within_m, int(at_least_ms), 0)
        meetings.bridge_slots = int(bridge_slots)
        meetings.waiting = saved["waiting"].copy()
        meetings._keep(saved["ints"].copy(), saved["floats"].copy())
        return meetings

    def push(self, samples: Array, heard_until: int) -> Episodes:
        """Take samples; work through the slots that are final once everything until ``heard_until`` is known."""
        self.waiting = np.concatenate([self.waiting, samples])
        final = (heard_until - MAX_LEG_MS) // SLOT_MS
        return self._work(self.waiting["slot"] < final)

    def ended(self, data_end: int) -> Episodes:
        """What closes if the data end here, with what went on until then as open. Changes nothing."""
        end = copy(self)
        end._keep(*self._going())
        done = end._work(np.ones(len(end.waiting), bool))
        ints, floats = end._going()
        still_open = ints[:, k.LAST] >= data_end // SLOT_MS - end.bridge_slots
        return Episodes.concat([done, end._episodes(ints, floats, still_open)])

    def _work(self, ready: Array) -> Episodes:
        if not ready.any():
            return Episodes.empty()
        now = self.waiting[ready]
        self.waiting = self.waiting[~ready]
        now = now[np.lexsort((now["lat"], now["slot"]))]
        edges = np.flatnonzero(np.r_[True, now["slot"][1:] != now["slot"][:-1], True])
        return Episodes.concat([self._slot(now[start:stop]) for start, stop in pairwise(edges.tolist())])

    def _slot(self, s: Array) -> Episodes:
        """One slot: close pairs not seen for too long, extend those that go on, begin new ones."""
        slot = int(s["slot"][0])
        self._count, ints, floats = k.close_unseen(
            self._ints, self._floats, self._count, slot, self.bridge_slots
        )
        if len(ints):
            k.fill_table(self._ints, self._count, self._table)
        column = {name: np.ascontiguousarray(s[name]) for name in _SAMPLE.names or ()}
        lat, lon, vessel = column["lat"], column["lon"], column["vessel"]
        lengths = k.degrees_m(lat)
        i, j, metres = k.close_pairs(lat, lon, vessel, lengths, self.within_m)
        if np.bincount(vessel).max() > 1:
            i, j, metres = _nearest_of_each(i, j, metres, vessel)
        self._make_room(len(i))
        self._count = k.extend_pairs(
            self._ints, self._floats, self._count, self._table, i, j, metres, lat, lon, column["kn"], column["row"],
            vessel, column["mmsi"], lengths, slot,
        )  # fmt: skip
        order = np.argsort(ints[:, k.KEY])
        return self._episodes(ints[order], floats[order], np.zeros(len(ints), bool))

    def _keep(self, ints: Array, floats: Array) -> None:
        """Go on from these pairs."""
        self._ints, self._floats, self._count = ints, floats, len(ints)
        self._table = np.empty(0, np.int32)
        self._make_room(0)

    def _make_room(self, more: int) -> None:
        need = self._count + more
        if len(self._ints) < need:
            grow = ((0, 2 * need - len(self._ints)), (0, 0))
            self._ints, self._floats = np.pad(self._ints, grow), np.pad(self._floats, grow)
        if len(self._table) < 2 * len(self._ints):
            self._table = np.empty(1 << (2 * len(self._ints)).bit_length(), np.int32)
            k.fill_table(self._ints, self._count, self._table)

    def _going(self) -> tuple[Array, Array]:
        """Copies of the pairs that go on, by key."""
        order = np.argsort(self._ints[: self._count, k.KEY])
        return self._ints[order], self._floats[order]

    def _episodes(self, ints: Array, floats: Array, still_open: Array) -> Episodes:
        long = (ints[:, k.LAST] - ints[:, k.FIRST]) * SLOT_MS >= self.at_least_ms
        n, f = ints[long], floats[long]
        slots = np.maximum(n[:, k.SLOTS], 1)
        return Episodes.build(
            len(n),
            vessel=n[:, k.KEY] >> 32,
            other=n[:, k.KEY] & 0xFFFFFFFF,
            start=n[:, k.FIRST] * SLOT_MS,
            end=n[:, k.LAST] * SLOT_MS,
            open=still_open[long],
            first_row=n[:, k.ROW_A0],
            last_row=n[:, k.ROW_A1],
            other_row=n[:, k.ROW_B0],
            lat0=f[:, k.LAT0],
            lon0=f[:, k.LON0],
            lat1=f[:, k.LAT1],
            lon1=f[:, k.LON1],
            lat=f[:, k.LAT0] + f[:, k.DLAT] / slots,
            lon=(f[:, k.LON0] + f[:, k.DLON] / slots + 540) % 360 - 180,
            n=n[:, k.SLOTS],
            path_m=f[:, k.PATH],
            sog_max=f[:, k.KN_MAX],
            sog_mean=f[:, k.KN] / slots,
            value=f[:, k.METRES] / slots,
            low=f[:, k.LEAST],
            low_t=n[:, k.LEAST_SLOT] * SLOT_MS,
        )


def _nearest_of_each(i: Array, j: Array, metres: Array, vessel: Array) -> tuple[Array, Array, Array]:
    """Two tracks under one MMSI can give a pair twice: the nearer one counts."""
    a, b = vessel[i].astype(np.int64), vessel[j].astype(np.int64)
    key = (np.minimum(a, b) << 32) | np.maximum(a, b)
    order = np.lexsort((metres, key))
    first = order[np.r_[True, key[order][1:] != key[order][:-1]]] if len(order) else order
    return i[first], j[first], metres[first]
