"""Rows of a lake: columns, orders, and the way from records to tables and back.

``tracks`` are sorted by (bucket, MMSI, t), ``cells`` by (half hour, cell, t), ``statics`` by (MMSI, t). A cell is a
quarter of a degree each way; cells are numbered along a Morton curve, so that a run of rows is a small area both ways.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from watchkeeper.model.records import Array, Positions, Statics, pack_row
from watchkeeper.model.time import DAY, MINUTE, NO_TIME

BUCKETS: Final = 16
HALF_HOUR: Final = 30 * MINUTE
CELLS_PER_DEG: Final = 4

_LINE: Final = (1 << 40) - 1

TIME: Final = pa.timestamp("ms", "UTC")
NAME: Final = pa.dictionary(pa.int32(), pa.string())
REALM: Final = pa.field("realm", NAME, False)
BUCKET: Final = pa.field("bucket", pa.int8(), False)

CELLS: Final = pa.schema(
    [
        pa.field("mmsi", pa.int32(), False),
        pa.field("track", pa.int8(), False),
        pa.field("t", TIME, False),
        pa.field("heard", TIME),
        pa.field("lat", pa.float64(), False),
        pa.field("lon", pa.float64(), False),
        pa.field("sog_kn", pa.float32()),
        pa.field("cog_deg", pa.float32()),
        pa.field("heading_deg", pa.float32()),
        pa.field("nav_status", pa.int8(), False),
        pa.field("ais_class", pa.int8(), False),
        pa.field("source", NAME, False),
        pa.field("row", pa.int64(), False),
        REALM,
    ]
)
"""``track`` tells two hulls of one MMSI apart; ``heard`` is when the report was received, null where that is not known;
``source`` (feed or file) and ``row`` (line, from 1) name the raw record; numbers are null where not available."""

TRACKS: Final = CELLS.insert(0, BUCKET)

STATICS: Final = pa.schema(
    [
        pa.field("mmsi", pa.int32(), False),
        pa.field("t", TIME, False),
        pa.field("imo", pa.int32(), False),
        pa.field("name", pa.string(), False),
        pa.field("callsign", pa.string(), False),
        pa.field("ship_type", pa.int16(), False),
        pa.field("length_m", pa.float32()),
        pa.field("beam_m", pa.float32()),
        pa.field("draught_m", pa.float32()),
        pa.field("destination", pa.string(), False),
        pa.field("ais_class", pa.int8(), False),
        pa.field("source", NAME, False),
        pa.field("row", pa.int64(), False),
        REALM,
    ]
)

SCHEMAS: Final = {"tracks": TRACKS, "cells": CELLS, "statics": STATICS}
ROWS: Final = CELLS.remove(CELLS.get_field_index("realm"))
"""What is read back of positions, by default: all but the realm, which the reader named."""


def bucket_of(mmsi: Array) -> Array:
    """The bucket of each ship, 0 to 15 (int8), by the upper bits of a multiplicative hash (Knuth)."""
    return ((np.asarray(mmsi).astype(np.uint32) * np.uint32(2_654_435_769)) >> np.uint32(28)).astype(np.int8)


def cell_of(lat: Array, lon: Array) -> Array:
    """The number of each position's cell along the Morton curve (int64); NaN-free degrees."""
    y = np.clip(np.floor((lat + 90.0) * CELLS_PER_DEG), 0, 180 * CELLS_PER_DEG - 1).astype(np.int64)
    x = np.clip(np.floor((lon + 180.0) * CELLS_PER_DEG), 0, 360 * CELLS_PER_DEG - 1).astype(np.int64)
    return _spread(y) << 1 | _spread(x)


def _spread(v: Array) -> Array:
    """The lowest 16 bits, each followed by a zero."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        v = (v | v << shift) & mask
    return v


def order_of(*keys: Array) -> Array:
    """The positions that sort by integer ``keys``, the most significant first.

    Keys that fit into 63 bits together are sorted as one number, several times faster than one after the other.
    """
    if len(keys[0]) == 0:
        return np.empty(0, np.int64)
    lows = [int(k.min()) for k in keys]
    bits = [(int(k.max()) - low).bit_length() for k, low in zip(keys, lows, strict=True)]
    if sum(bits) > 63:
        return np.lexsort(keys[::-1])
    packed = np.zeros(len(keys[0]), np.int64)
    for key, low, width in zip(keys, lows, bits, strict=True):
        packed = (packed << width) | (key.astype(np.int64) - low)
    return np.argsort(packed)


def column(table: pa.Table, name: str) -> Array:
    """A column as numpy; times as ``int64`` ms, with NO_TIME for null, numbers with NaN for null."""
    values = table.column(name).combine_chunks()
    if values.type == TIME:
        values = values.view(pa.int64()).fill_null(NO_TIME)
    return values.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def sort_keys(projection: str, table: pa.Table) -> tuple[Array, ...]:
    """The keys by which a projection is sorted, the most significant first."""
    t = column(table, "t")
    if projection == "cells":
        return t // HALF_HOUR, cell_of(column(table, "lat"), column(table, "lon")), t
    mmsi = column(table, "mmsi")
    return (bucket_of(mmsi), mmsi, t) if projection == "tracks" else (mmsi, t)


def arranged(projection: str, table: pa.Table) -> pa.Table:
    """The rows in the order and with the columns of a projection."""
    table = table.take(pa.array(order_of(*sort_keys(projection, table))))
    if projection == "tracks" and "bucket" not in table.column_names:
        table = table.add_column(0, BUCKET, pa.array(bucket_of(column(table, "mmsi"))))
    return table.combine_chunks()


def positions_table(
    positions: Positions, sources: Sequence[str], realm: str, track: Array | None, heard: Array | None
) -> pa.Table:
    """Positions as a table with the columns of ``cells``, in the order given."""
    n = len(positions)
    given = {
        "track": np.zeros(n, np.int8) if track is None else track.astype(np.int8),
        "heard": np.full(n, NO_TIME) if heard is None else heard,
    }
    return _table(CELLS, positions, given, sources, realm)


def statics_table(statics: Statics, sources: Sequence[str], realm: str) -> pa.Table:
    """Static data as a table, in the order given. Bytes that are no UTF-8 become U+FFFD."""
    return _table(STATICS, statics, {}, sources, realm)


def _table(
    schema: pa.Schema,
    records: Positions | Statics,
    given: dict[str, Array],
    sources: Sequence[str],
    realm: str,
) -> pa.Table:
    named = {
        "source": pa.DictionaryArray.from_arrays(
            (records.row >> 40).astype(np.int32), pa.array(sources, pa.string())
        ),
        "realm": pa.DictionaryArray.from_arrays(np.zeros(len(records), np.int32), pa.array([realm])),
    }
    columns = []
    for field in schema:
        if field.name in named:
            columns.append(named[field.name])
        elif field.name == "row":
            columns.append(pa.array(records.row & _LINE))
        else:
            values = given[field.name] if field.name in given else getattr(records, field.name)
            columns.append(_column(field, values))
    return pa.Table.from_arrays(columns, schema=schema)


def _column(field: pa.Field, values: Array) -> pa.Array:
    if field.type == TIME:
        unknown = values == NO_TIME if field.nullable else None
        return pa.array(values, pa.int64(), mask=unknown).view(TIME)
    if field.type == pa.string():
        raw = pa.array(values, pa.binary())
        try:
            return raw.cast(pa.string())
        except pa.ArrowInvalid:
            return pa.array([v.decode("utf-8", "replace") for v in values.tolist()], pa.string())
    return pa.array(values, field.type, from_pandas=field.nullable)


def to_positions(table: pa.Table, numbers: dict[str, int]) -> Positions:
    """Rows as records; ``numbers`` gives each source the number that ``row`` is packed with."""
    return Positions(
        **{
            name: _packed(table, numbers) if name == "row" else column(table, name).astype(dtype, copy=False)
            for name, dtype in Positions.DTYPES.items()
        }
    )


def to_statics(table: pa.Table, numbers: dict[str, int]) -> Statics:
    """Rows as records, as :func:`to_positions`."""
    columns = {}
    for name, dtype in Statics.DTYPES.items():
        if name == "row":
            columns[name] = _packed(table, numbers)
        elif np.dtype(dtype).kind == "S":
            texts = table.column(name).cast(pa.binary()).to_pylist()
            columns[name] = np.array(texts, dtype) if texts else np.empty(0, dtype)
        else:
            columns[name] = column(table, name).astype(dtype, copy=False)
    return Statics(**columns)


def source_numbers(table: pa.Table, numbers: dict[str, int]) -> Array:
    """The number of each row's source (int64), -1 where ``numbers`` has none."""
    chunks = table.column("source").chunks
    parts = [
        np.array([numbers.get(name, -1) for name in c.dictionary.to_pylist()] or [0], np.int64)[
            c.indices.to_numpy()
        ]
        for c in chunks
    ]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def _packed(table: pa.Table, numbers: dict[str, int]) -> Array:
    packed = pack_row(0, column(table, "row")) | (source_numbers(table, numbers) << 40)
    return np.asarray(packed, np.int64)


def day_of(t: Array) -> Array:
    """The day number of each time (days since 1970 UTC)."""
    return t // DAY


def in_time_order(table: pa.Table) -> pa.Table:
    """Rows by t, then source (by name), then row: the one order that does not depend on how they are kept."""
    names = sorted({name for c in table.column("source").chunks for name in c.dictionary.to_pylist()})
    rank = {name: k for k, name in enumerate(names)}
    keys = (column(table, "t"), source_numbers(table, rank), column(table, "row"))
    return table.unify_dictionaries().take(pa.array(order_of(*keys))).combine_chunks()
