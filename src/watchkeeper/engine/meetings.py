"""The shape ``meetings``: pairs of vessels that stay near each other, slot by slot, with constant work per slot."""

from copy import copy
from itertools import pairwise

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
        self.ints = np.empty((0, k.PAIR_INTS), np.int64)
        self.floats = np.empty((0, k.PAIR_FLOATS), np.float64)

    def push(self, samples: Array, heard_until: int) -> Episodes:
        """Take samples; work through the slots that are final once everything until ``heard_until`` is known."""
        self.waiting = np.concatenate([self.waiting, samples])
        final = (heard_until - MAX_LEG_MS) // SLOT_MS
        return self._work(self.waiting["slot"] < final)

    def ended(self, data_end: int) -> Episodes:
        """What closes if the data end here, with what went on until then as open. Changes nothing."""
        end = copy(self)
        done = end._work(np.ones(len(end.waiting), bool))
        still_open = end.ints[:, k.LAST] >= data_end // SLOT_MS - end.bridge_slots
        return Episodes.concat([done, end._episodes(end.ints, end.floats, still_open)])

    def _work(self, ready: Array) -> Episodes:
        now = self.waiting[ready]
        self.waiting = self.waiting[~ready]
        now = now[np.lexsort((now["vessel"], now["lat"], now["slot"]))]
        if not len(now):
            return Episodes.empty()
        edges = np.flatnonzero(np.r_[True, now["slot"][1:] != now["slot"][:-1], True])
        closed = [self._slot(now[start:stop]) for start, stop in pairwise(edges.tolist())]
        return Episodes.concat(closed)

    def _slot(self, s: Array) -> Episodes:
        """One slot: extend the pairs that go on, begin new ones, close those not seen for too long."""
        lat, lon, vessel = (np.ascontiguousarray(s[name]) for name in ("lat", "lon", "vessel"))
        i, j, metres = k.close_pairs(lat, lon, vessel, self.within_m)
        # By MMSI: the numbers of vessels depend on how the stream is cut.
        swap = s["mmsi"][i] > s["mmsi"][j]
        a, b = np.where(swap, j, i), np.where(swap, i, j)
        key = (vessel[a].astype(np.int64) << 32) | vessel[b]
        order = np.argsort(key, kind="stable")
        if (key[order][1:] == key[order][:-1]).any():
            # Two tracks under one MMSI can give a pair twice: the nearer one counts.
            order = np.lexsort((metres, key))
        self.ints, self.floats, gone_ints, gone_floats = k.extend_pairs(
            self.ints,
            self.floats,
            key[order],
            a[order],
            b[order],
            metres[order],
            lat,
            lon,
            np.ascontiguousarray(s["kn"]),
            np.ascontiguousarray(s["row"]),
            int(s["slot"][0]),
            self.bridge_slots,
        )
        return self._episodes(gone_ints, gone_floats, np.zeros(len(gone_ints), bool))

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
