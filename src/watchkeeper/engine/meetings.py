"""The shape ``meetings``: pairs of vessels that stay near each other, slot by slot, with constant work per slot."""

from itertools import pairwise

import numpy as np

from watchkeeper.kernels.geodesy import distances_m
from watchkeeper.kernels.meetings import close_pairs
from watchkeeper.model.episodes import Episodes
from watchkeeper.model.records import Array
from watchkeeper.model.time import MINUTE

SLOT_MS = 10 * MINUTE
MAX_LEG_MS = 60 * MINUTE
"""Ten-minute positions, interpolated over at most an hour: Global Fishing Watch, pipe-encounters."""

_SAMPLE = np.dtype(
    [("slot", "i8"), ("vessel", "i4"), ("lat", "f8"), ("lon", "f8"), ("kn", "f8"), ("row", "i8")]
)
_PAIR = np.dtype(
    [
        ("key", "i8"), ("first", "i8"), ("last", "i8"), ("n", "i8"), ("row_a0", "i8"), ("row_a1", "i8"),
        ("row_b0", "i8"), ("lat0", "f8"), ("lon0", "f8"), ("lat1", "f8"), ("lon1", "f8"), ("dlat", "f8"),
        ("dlon", "f8"), ("metres", "f8"), ("least", "f8"), ("least_slot", "i8"), ("kn", "f8"), ("kn_max", "f8"),
        ("path", "f8"),
    ]
)  # fmt: skip


class Meetings:
    """Close pairs that go on now, and samples of slots that can still receive some."""

    def __init__(self, within_m: float, at_least_ms: int, bridge_ms: int) -> None:
        self.within_m = within_m
        self.at_least_ms = at_least_ms
        self.bridge_slots = bridge_ms // SLOT_MS + 1
        self.waiting = np.empty(0, _SAMPLE)
        self.pairs = np.empty(0, _PAIR)

    def push(self, samples: Array, heard_until: int) -> Episodes:
        """Take samples; work through the slots that are final once everything until ``heard_until`` is known."""
        self.waiting = np.concatenate([self.waiting, samples])
        final = (heard_until - MAX_LEG_MS) // SLOT_MS
        return self._work(self.waiting["slot"] < final)

    def finish(self, data_end: int) -> Episodes:
        """Work through the rest and close everything; what went on until the end is open."""
        done = self._work(np.ones(len(self.waiting), bool))
        last_slot = data_end // SLOT_MS
        rest = self._episodes(self.pairs, self.pairs["last"] >= last_slot - self.bridge_slots)
        self.pairs = np.empty(0, _PAIR)
        return Episodes.concat([done, rest])

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
        i, j, metres = close_pairs(s["lat"], s["lon"], s["vessel"], self.within_m)
        swap = s["vessel"][i] > s["vessel"][j]
        i, j = np.where(swap, j, i), np.where(swap, i, j)
        key = (s["vessel"][i].astype(np.int64) << 32) | s["vessel"][j]
        # Two tracks under one MMSI can give a pair twice: the nearer one counts.
        order = np.lexsort((metres, key))
        order = order[np.r_[True, key[order][1:] != key[order][:-1]]] if len(order) else order
        a, b, metres, key = s[i[order]], s[j[order]], metres[order], key[order]
        slot = int(s["slot"][0])

        gone = slot - self.pairs["last"] > self.bridge_slots
        closed = self._episodes(self.pairs[gone], np.zeros(int(gone.sum()), bool))
        kept = self.pairs[~gone]
        place = np.searchsorted(kept["key"], key)
        known = np.zeros(len(key), bool)
        inside = place < len(kept)
        known[inside] = kept["key"][place[inside]] == key[inside]
        self._extend(kept, place[known], a[known], b[known], metres[known], slot)
        fresh = self._begin(a[~known], b[~known], metres[~known], key[~known], slot)
        joined = np.concatenate([kept, fresh])
        self.pairs = joined[np.argsort(joined["key"], kind="stable")]
        return closed

    @staticmethod
    def _begin(a: Array, b: Array, metres: Array, key: Array, slot: int) -> Array:
        p = np.zeros(len(key), _PAIR)
        p["key"], p["first"], p["last"], p["n"] = key, slot, slot, 1
        p["row_a0"], p["row_a1"], p["row_b0"] = a["row"], a["row"], b["row"]
        for end in "01":
            p["lat" + end], p["lon" + end] = a["lat"], a["lon"]
        p["metres"], p["least"], p["least_slot"] = metres, metres, slot
        p["kn"] = (a["kn"] + b["kn"]) / 2
        p["kn_max"] = np.maximum(a["kn"], b["kn"])
        return p

    @staticmethod
    def _extend(p: Array, at: Array, a: Array, b: Array, metres: Array, slot: int) -> None:
        p["path"][at] += distances_m(p["lat1"][at], p["lon1"][at], a["lat"], a["lon"])
        p["last"][at] = slot
        p["n"][at] += 1
        p["row_a1"][at] = a["row"]
        p["lat1"][at], p["lon1"][at] = a["lat"], a["lon"]
        p["dlat"][at] += a["lat"] - p["lat0"][at]
        p["dlon"][at] += (a["lon"] - p["lon0"][at] + 540) % 360 - 180
        p["metres"][at] += metres
        nearer = metres < p["least"][at]
        p["least"][at[nearer]] = metres[nearer]
        p["least_slot"][at[nearer]] = slot
        p["kn"][at] += (a["kn"] + b["kn"]) / 2
        p["kn_max"][at] = np.maximum(p["kn_max"][at], np.maximum(a["kn"], b["kn"]))

    def _episodes(self, pairs: Array, still_open: Array) -> Episodes:
        long = (pairs["last"] - pairs["first"]) * SLOT_MS >= self.at_least_ms
        p = pairs[long]
        n = np.maximum(p["n"], 1)
        return Episodes.build(
            len(p),
            vessel=p["key"] >> 32,
            other=p["key"] & 0xFFFFFFFF,
            start=p["first"] * SLOT_MS,
            end=p["last"] * SLOT_MS,
            open=still_open[long],
            first_row=p["row_a0"],
            last_row=p["row_a1"],
            other_row=p["row_b0"],
            lat0=p["lat0"],
            lon0=p["lon0"],
            lat1=p["lat1"],
            lon1=p["lon1"],
            lat=p["lat0"] + p["dlat"] / n,
            lon=(p["lon0"] + p["dlon"] / n + 540) % 360 - 180,
            n=p["n"],
            path_m=p["path"],
            sog_max=p["kn_max"],
            sog_mean=p["kn"] / n,
            value=p["metres"] / n,
            low=p["least"],
            low_t=p["least_slot"] * SLOT_MS,
        )
