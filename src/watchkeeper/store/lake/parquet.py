"""Parquet files of a lake: made in memory, read by row group, and what their footers say about each group."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.errors import StoreError
from watchkeeper.model.records import Array
from watchkeeper.store.lake.files import Files
from watchkeeper.store.lake.manifest import VERIFY, Projection
from watchkeeper.store.lake.rows import HALF_HOUR, SCHEMAS, column

GROUP_ROWS: Final[dict[Projection, int]] = {"tracks": 50_000, "cells": 12_500, "statics": 50_000}
"""Rows of a row group at most: the least that a question decodes. A busy half hour is cut into areas by it."""

LEAST_ROWS: Final = 8_192
"""A row group ends with its bucket or half hour once it has so many rows."""

_FLOATS: Final = ["lat", "lon", "sog_kn", "cog_deg", "heading_deg"]
_WORDS: Final = ["source", "realm", "nav_status", "ais_class", "track", "bucket"]
_STATISTICS: Final = ("bucket", "mmsi", "t", "lat", "lon")


class DamagedFileError(StoreError):
    """A Parquet file of the lake cannot be read."""


def encode(projection: Projection, table: pa.Table) -> pa.Buffer:
    """The bytes of a Parquet file of rows that are in the order of the projection."""
    names = table.column_names
    sink = pa.BufferOutputStream()
    # Floating-point columns compress three times better byte by byte than as a dictionary. Every page carries its
    # checksum, so that a flipped bit is an error for whoever reads it and not another position.
    writer = pq.ParquetWriter(
        sink,
        SCHEMAS[projection],
        compression="zstd",
        compression_level=1,
        use_dictionary=[n for n in (*_WORDS, "mmsi", "name", "callsign", "destination") if n in names],
        use_byte_stream_split=[n for n in _FLOATS if n in names],
        column_encoding={"t": "DELTA_BINARY_PACKED", "row": "DELTA_BINARY_PACKED"},
        write_statistics=[n for n in _STATISTICS if n in names],
        write_page_checksum=True,
    )
    with writer:
        for begin, end in _groups(projection, table):
            writer.write_table(table.slice(begin, end - begin), row_group_size=end - begin)
    return sink.getvalue()


def _groups(projection: Projection, table: pa.Table) -> list[tuple[int, int]]:
    """Where row groups begin and end: at a change of bucket or half hour where that leaves enough rows."""
    if projection == "tracks":
        key = column(table, "bucket")
    elif projection == "cells":
        key = column(table, "t") // HALF_HOUR
    else:
        key = np.zeros(table.num_rows, np.int8)
    changes = [*(np.flatnonzero(np.diff(key)) + 1).tolist(), table.num_rows]
    groups, begin = [], 0
    for change in changes:
        if change - begin < LEAST_ROWS and change < table.num_rows:
            continue
        pieces = max(1, -(-(change - begin) // GROUP_ROWS[projection]))
        edges = [begin + (change - begin) * k // pieces for k in range(pieces + 1)]
        groups += [(a, b) for a, b in pairwise(edges) if b > a]
        begin = change
    return groups


class Footer:
    """What a file's footer says about its row groups: rows, and least and greatest values (one array each)."""

    def __init__(self, metadata: Any) -> None:
        self.metadata = metadata
        groups = [metadata.row_group(k) for k in range(metadata.num_row_groups)]
        self.rows = np.array([g.num_rows for g in groups], np.int64)
        self._index = {metadata.schema.column(k).name: k for k in range(metadata.num_columns)}
        self._groups = groups
        self._ranges: dict[str, tuple[Array, Array]] = {}

    def range(self, name: str) -> tuple[Array, Array]:
        """Least and greatest value of a column in each group; times as ms. Without statistics: everything."""
        if name not in self._ranges:
            lows, highs = [], []
            for group in self._groups:
                found = group.column(self._index[name]).statistics
                known = found is not None and found.has_min_max
                # The physical value: a time as its integer, without the detour over datetime.
                lows.append(found.min_raw if known else -np.inf)
                highs.append(found.max_raw if known else np.inf)
            self._ranges[name] = (np.array(lows), np.array(highs))
        return self._ranges[name]

    def overlapping(self, name: str, low: float, high: float) -> Array:
        """Which groups may hold values from ``low`` to ``high``, both included (mask)."""
        lows, highs = self.range(name)
        return np.asarray((highs >= low) & (lows <= high))


@lru_cache(maxsize=2048)
def _footer(files: Files, name: str) -> Footer:
    with files.open(name) as source:
        return Footer(_guarded(files, name, lambda: pq.read_metadata(source)))


def footer(files: Files, name: str) -> Footer:
    """The footer of a file, remembered: a file never changes.

    Raises:
        MissingFileError: there is no such file.
        DamagedFileError: it is no Parquet file.
    """
    return _footer(files, name)


def read_groups(files: Files, name: str, groups: Sequence[int], columns: Sequence[str]) -> pa.Table:
    """Some row groups of a file, checked against their checksums.

    Raises:
        MissingFileError: there is no such file.
        DamagedFileError: it is not what was written.
    """
    known = footer(files, name)

    def read() -> pa.Table:
        with files.open(name) as source:
            opened = pq.ParquetFile(source, metadata=known.metadata, page_checksum_verification=True)
            return opened.read_row_groups(list(groups), columns=list(columns))

    return _guarded(files, name, read)


def _guarded(files: Files, name: str, read: Callable[[], Any]) -> Any:
    """What ``read`` gives; what the library raises about a bad file is said in our words."""
    try:
        return read()
    except (pa.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise DamagedFileError(f"{files.address(name)} is damaged: {reason}.", VERIFY) from error


def empty(columns: Sequence[str], projection: Projection) -> pa.Table:
    """No rows."""
    schema = SCHEMAS[projection]
    return pa.schema([schema.field(name) for name in columns]).empty_table()


def between(table: pa.Table, t_from: int, t_to: int) -> pa.Table:
    """The rows with ``t_from <= t < t_to``."""
    t = column(table, "t")
    inside = (t >= t_from) & (t < t_to)
    return table if inside.all() else table.filter(pa.array(inside))
