"""Questions to the lake: where did this ship go, who was here then, what did ships say of themselves."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from watchkeeper.model.records import Array
from watchkeeper.model.time import HOUR
from watchkeeper.store.lake.files import Files
from watchkeeper.store.lake.parquet import between, empty, footer, read_groups
from watchkeeper.store.lake.rows import ROWS, STATICS, bucket_of, column, in_time_order, order_of
from watchkeeper.store.lake.snapshot import Piece, pieces

COLUMNS: Final = tuple(ROWS.names)
STATIC_COLUMNS: Final = tuple(name for name in STATICS.names if name != "realm")

FASTEST_KN: Final = 60.0
"""A box is read with a margin of what a ship can do at this speed, to see who left it."""

_NMI_PER_DEG: Final = 60.0


class Box(NamedTuple):
    """An area [deg]; ``west > east`` crosses the antimeridian, 360 degrees or more is the whole circle."""

    west: float
    south: float
    east: float
    north: float

    def inside(self, lat: Array, lon: Array) -> Array:
        """Which positions lie in it, edges included (mask). A pole has every longitude."""
        inside = np.asarray((lat >= self.south) & (lat <= self.north))
        if self.east - self.west >= 360:
            return inside
        # The remainder is slow: it is taken only of what lies between the parallels.
        lat, lon, rows = lat[inside], lon[inside], np.flatnonzero(inside)
        across = np.mod(lon - self.west, 360.0) <= (self.east - self.west) % 360.0
        inside[rows] = across | (np.abs(lat) >= 90.0)
        return inside

    def widened(self, margin_nmi: float) -> "Box":
        """The box and all that lies within a distance of it."""
        up = margin_nmi / _NMI_PER_DEG
        south, north = max(self.south - up, -90.0), min(self.north + up, 90.0)
        narrowest = math.cos(math.radians(max(abs(south), abs(north))))
        width = self.east - self.west if self.east - self.west >= 360 else (self.east - self.west) % 360
        side = up / narrowest if narrowest > 1e-3 else 360.0
        if width + 2 * side >= 360:
            return Box(-180.0, south, 180.0, north)
        west = _normal(self.west - side)
        return Box(west, south, west + width + 2 * side, north)

    def spans(self) -> list[tuple[float, float]]:
        """Its longitudes as ranges within -180 to 180."""
        if self.east - self.west >= 360:
            return [(-180.0, 180.0)]
        west = _normal(self.west)
        east = west + (self.east - self.west) % 360
        return [(west, east)] if east <= 180 else [(west, 180.0), (-180.0, east - 360)]


def _normal(lon: float) -> float:
    return (lon + 180.0) % 360.0 - 180.0


def read_track(
    files: Files, realm: str, mmsi: int, t_from: int, t_to: int, columns: Sequence[str]
) -> pa.Table:
    """The reports of one ship, in time order."""
    bucket = int(bucket_of(np.array([mmsi]))[0])
    parts = [empty(COLUMNS, "cells")]
    for found in pieces(files, realm, "tracks", t_from, t_to).values():
        for piece in found:
            if bucket in piece.entry.buckets:
                mask = footer(files, piece.name).overlapping("bucket", bucket, bucket)
                parts.append(_of_ships(files, piece, mask, np.array([mmsi]), COLUMNS))
    table = between(pa.concat_tables(parts), t_from, t_to)
    return in_time_order(table).select(list(columns))


def read_statics(files: Files, realm: str, mmsi: Sequence[int] | None, t_from: int, t_to: int) -> pa.Table:
    """What ships said of themselves, in time order; of all ships, or of some."""
    parts = [empty(STATIC_COLUMNS, "statics")]
    for found in pieces(files, realm, "statics", t_from, t_to).values():
        for piece in found:
            every = np.ones(len(footer(files, piece.name).rows), bool)
            parts.append(_of_ships(files, piece, every, mmsi, STATIC_COLUMNS))
    return in_time_order(between(pa.concat_tables(parts), t_from, t_to))


def _of_ships(
    files: Files, piece: Piece, mask: Array, mmsi: Array | Sequence[int] | None, columns: Sequence[str]
) -> pa.Table:
    """The rows of some ships (None: all) in the row groups of a file that ``mask`` leaves."""
    known = footer(files, piece.name)
    if mmsi is not None:
        low, high = known.range("mmsi")
        mask = mask & np.any([(low <= m) & (m <= high) for m in mmsi], axis=0)
    groups = np.flatnonzero(mask).tolist()
    if not groups:
        return empty(columns, piece.entry.projection)
    table = read_groups(files, piece.name, groups, columns)
    return table if mmsi is None else table.filter(pa.array(np.isin(column(table, "mmsi"), np.asarray(mmsi))))


def read_box(files: Files, realm: str, box: Box, t: int, within_ms: int) -> pa.Table:
    """The last report of each ship in ``(t - within_ms, t]``, of those ships for which it lies in the box; by MMSI."""
    t_from, t_to = t - within_ms + 1, t + 1
    seen = box.widened(FASTEST_KN * within_ms / HOUR)
    parts = [empty(COLUMNS, "cells")]
    for found in pieces(files, realm, "cells", t_from, t_to).values():
        for piece in found:
            groups = _groups_in(files, piece, seen, t_from, t_to)
            if groups:
                part = read_groups(files, piece.name, groups, COLUMNS)
                times = column(part, "t")
                near = seen.inside(column(part, "lat"), column(part, "lon"))
                parts.append(part.filter(pa.array(near & (times >= t_from) & (times < t_to))))
    table = _latest(pa.concat_tables(parts))
    inside = box.inside(column(table, "lat"), column(table, "lon"))
    return table.filter(pa.array(inside, pa.bool_())).combine_chunks()


def _groups_in(files: Files, piece: Piece, box: Box, t_from: int, t_to: int) -> list[int]:
    known = footer(files, piece.name)
    across = [known.overlapping("lon", west, east) for west, east in box.spans()]
    if max(abs(box.south), abs(box.north)) >= 90:
        across.append(known.overlapping("lat", 90, 90) | known.overlapping("lat", -90, -90))
    mask = np.any(across, axis=0) & known.overlapping("lat", box.south, box.north)
    return np.flatnonzero(mask & known.overlapping("t", t_from, t_to - 1)).tolist()


def _latest(table: pa.Table) -> pa.Table:
    """The last row of each ship and hull; at equal times the one that stands later in its source."""
    table = in_time_order(table)
    mmsi, track = column(table, "mmsi"), column(table, "track")
    order = order_of(mmsi, track, np.arange(len(mmsi)))
    same = (np.diff(mmsi[order]) == 0) & (np.diff(track[order]) == 0)
    return table.take(pa.array(order[np.append(~same, True)] if len(order) else order))
