"""A scan's track file searched: one pass for what came near a stretch in a window, then whole tracks of some ships."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from watchkeeper.cases.attribution.case import M_PER_MS
from watchkeeper.cases.attribution.habit import Track
from watchkeeper.cases.attribution.reach import Fix
from watchkeeper.cases.attribution.settings import settings
from watchkeeper.cases.attribution.stretch import Stretch
from watchkeeper.kernels.group import assign
from watchkeeper.kernels.nearby import FIX_KNOWN, FIX_LAT, FIX_LON, FIX_T, Legs, Search, legs_near
from watchkeeper.model.records import Array
from watchkeeper.model.time import MINUTE
from watchkeeper.scanned import Scanned, Span

if TYPE_CHECKING:
    from watchkeeper.stored import Stored

_SLOT_MS: Final = 15 * MINUTE
_TRACK_COLUMNS: Final = ("mmsi", "track", "t", "lat", "lon", "sog_kn", "cog_deg", "heading_deg")
_NO_LEGS: Final = Legs(*(np.empty(0, kind) for kind in ("i4", "i8", "f8", "f8", "i8", "f8", "f8")))


@dataclass(frozen=True, slots=True)
class TrackLog:
    """What one pass left. A number has two tracks, ``2 k`` and ``2 k + 1``; ``mmsi[k]`` is the number.

    ``last``, ``first``: ``(tracks, 5)`` last and first report of each (columns of :mod:`watchkeeper.kernels.nearby`);
    ``heard_there``: share of the window's quarter hours in which anybody was heard around the stretch.
    """

    legs: Legs
    last: Array
    first: Array
    mmsi: Array
    heard_there: float


def begin_log(scanned: "Scanned | Stored", window: Span) -> Iterator[dict[str, Array]]:
    """Begin to read what :func:`read_log` looks through."""
    aside = int(settings().of("around") + settings().of("longest_silence"))
    return scanned.rows(("mmsi", "track", "t", "lat", "lon"), window.start - aside, window.end + aside)


def read_log(log: Iterator[dict[str, Array]], stretch: Stretch, window: Span) -> TrackLog:
    """Legs that touch the window or the hours around, and could touch the stretch."""
    rules = settings()
    around, longest = rules.of("around"), rules.of("longest_silence")
    fastest = max(rules.top_speed_kn.values()) * (1.0 + rules.of("top_speed_margin")) * M_PER_MS
    start, end = int(window.start - around), int(window.end + around)
    search = Search(start, end, stretch.lat, stretch.lon, stretch.radius_m + rules.of("near"),
                    int(rules.of("dark_after")), int(longest), fastest,
                    stretch.radius_m + rules.of("hearing"), _SLOT_MS)  # fmt: skip
    keys, numbers, count = np.zeros(1 << 14, np.int32), np.zeros(1 << 14, np.int32), 0
    state = np.zeros((2, 0, 5))
    heard = np.zeros((end - start) // _SLOT_MS + 1, np.int64)
    mmsi, parts = np.empty(0, np.int32), [_NO_LEGS]
    for rows in log:
        new = len(pa.array(rows["mmsi"]).unique())
        while len(keys) < 2 * (count + new):
            keys, numbers = np.zeros(2 * len(keys), np.int32), np.zeros(2 * len(keys), np.int32)
            assign(mmsi, keys, numbers, 0)
        vessel, count = assign(rows["mmsi"], keys, numbers, count)
        fresh = vessel >= len(mmsi)
        mmsi = np.concatenate([mmsi, np.empty(count - len(mmsi), np.int32)])
        mmsi[vessel[fresh]] = rows["mmsi"][fresh]
        state = np.concatenate([state, np.zeros((2, 2 * count - state.shape[1], 5))], axis=1)
        track = (2 * vessel + rows["track"]).astype(np.int32)
        found, before = legs_near(
            search, track, rows["t"], rows["lat"], rows["lon"], state[0], state[1], heard
        )
        parts.append(
            Legs(track[found], before[0].astype(np.int64), before[1], before[2],
                 rows["t"][found], rows["lat"][found], rows["lon"][found])
        )  # fmt: skip
    legs = Legs(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    aside = int(around) // _SLOT_MS
    inside = heard[aside:-aside]
    return TrackLog(legs, state[0], state[1], mmsi, float((inside > 0).mean()) if len(inside) else 1.0)


def open_ends(log: TrackLog, data: Span, window: Span) -> list[tuple[int, Fix, int]]:
    """Tracks not heard after, or before, a report, where the silence touches the window and is not long past."""
    rules = settings()
    dark, open_ms = rules.of("dark_after"), rules.of("open_silence")
    ends = []
    for state, until, sign in ((log.last, data.end, 1), (log.first, data.start, -1)):
        t = state[:, FIX_T]
        # Of the two tracks of a number the one that was heard farther out.
        known = np.where(state[:, FIX_KNOWN] > 0, sign * t, -np.inf).reshape(-1, 2)
        outer = (known == known.max(axis=1, keepdims=True)).ravel() & (state[:, FIX_KNOWN] > 0)
        silent = outer & (sign * (until - t) > dark)
        touches = (t < window.end) & (t > window.start - open_ms) if sign > 0 else (
            t > window.start) & (t < window.end + open_ms)  # fmt: skip
        for track in np.flatnonzero(silent & touches).tolist():
            fix = Fix(int(t[track]), float(state[track, FIX_LAT]), float(state[track, FIX_LON]))
            ends.append((track, fix, until))
    return ends


def read_tracks(
    scanned: "Scanned | Stored", window: Span, log: TrackLog, wanted: set[int]
) -> dict[int, Track]:
    """Whole tracks of some ships, in the hours that show their habit, by track number."""
    history = int(settings().of("history"))
    start, end = window.start - history, window.end + history
    number = {int(mmsi): k for k, mmsi in enumerate(log.mmsi)}
    ships = {int(log.mmsi[track // 2]) for track in wanted}
    parts = list(scanned.rows(_TRACK_COLUMNS, start, end, ships))
    if not parts:
        return {}
    columns = {name: np.concatenate([part[name] for part in parts]) for name in _TRACK_COLUMNS}
    numbers = np.array([number[m] for m in sorted(ships)], np.int32)
    vessel = numbers[np.searchsorted(np.array(sorted(ships)), columns["mmsi"])]
    track = 2 * vessel + columns["track"]
    kept = (columns["t"] >= start) & (columns["t"] <= end) & np.isin(track, np.array(sorted(wanted)))
    order = np.flatnonzero(kept)[np.lexsort((columns["t"][kept], track[kept]))]
    edges = np.flatnonzero(np.diff(track[order], prepend=-1, append=-1))
    names = ("t", "lat", "lon", "sog_kn", "cog_deg", "heading_deg")
    sorted_columns = [columns[name][order].astype(np.int64 if name == "t" else np.float64) for name in names]
    return {
        int(track[order[lo]]): Track(*(column[lo:hi] for column in sorted_columns))
        for lo, hi in pairwise(edges.tolist())
    }
