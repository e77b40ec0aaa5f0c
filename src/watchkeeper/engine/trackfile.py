"""The track file: every kept position, as Parquet, written beside the work by its own thread."""

import queue
import threading
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.engine.fixes import Columns
from watchkeeper.engine.vessels import Vessels
from watchkeeper.model.records import Array

ROW_GROUP: Final = 1_000_000

_TIME: Final = pa.timestamp("ms", "UTC")
SCHEMA: Final = pa.schema(
    [
        pa.field("mmsi", pa.int32(), False),
        pa.field("track", pa.int8(), False),
        pa.field("t", _TIME, False),
        pa.field("lat", pa.float64(), False),
        pa.field("lon", pa.float64(), False),
        pa.field("sog_kn", pa.float32()),
        pa.field("cog_deg", pa.float32()),
        pa.field("heading_deg", pa.float32()),
        pa.field("nav_status", pa.int8()),
        pa.field("ais_class", pa.int8()),
        pa.field("source", pa.int16(), False),
        pa.field("row", pa.int64(), False),
    ],
    metadata={"watchkeeper": "positions"},
)
"""``track`` tells two hulls under one MMSI apart; ``source`` and ``row`` name the raw record."""


class TrackFile:
    """Takes grouped batches; call :meth:`close` at the end. An error of the writing thread is raised there."""

    def __init__(self, path: Path, vessels: Vessels) -> None:
        self._vessels = vessels
        # Floating-point columns compress three times better byte by byte than as a dictionary.
        self._writer = pq.ParquetWriter(
            path,
            SCHEMA,
            compression="zstd",
            compression_level=1,
            use_dictionary=["mmsi", "nav_status", "ais_class", "track", "source"],
            use_byte_stream_split=["lat", "lon", "sog_kn", "cog_deg", "heading_deg"],
            column_encoding={"t": "DELTA_BINARY_PACKED", "row": "DELTA_BINARY_PACKED"},
            write_statistics=["mmsi", "t", "lat", "lon"],
        )
        self._queue: queue.Queue[list[dict[str, Array]] | None] = queue.Queue(maxsize=2)
        self._held: list[dict[str, Array]] = []
        self._rows = 0
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="track-file", daemon=True)
        self._thread.start()

    def __call__(self, c: Columns) -> None:
        """Take a batch; waits where the disk is slower than the work."""
        source = (c.row >> 40).astype(np.int16)
        self._held.append(
            {
                "mmsi": self._vessels.mmsi[c.vessel],
                "track": (c.track & 1).astype(np.int8),
                "t": c.t,
                "lat": c.lat,
                "lon": c.lon,
                "sog_kn": c.sog_kn,
                "cog_deg": c.cog_deg,
                "heading_deg": c.heading_deg,
                "nav_status": c.nav_status,
                "ais_class": c.ais_class,
                "source": source,
                "row": c.row & ((1 << 40) - 1),
            }
        )
        self._rows += len(c.t)
        if self._rows >= ROW_GROUP:
            self._hand_over()

    def close(self) -> None:
        """Write the rest and the footer."""
        if self._held:
            self._hand_over()
        self._queue.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error
        self._writer.close()

    def abort(self) -> None:
        """Stop writing; the file is left incomplete."""
        self._error = self._error or InterruptedError()
        self._queue.put(None)
        self._thread.join()

    def _hand_over(self) -> None:
        if self._error is not None:
            raise self._error
        self._queue.put(self._held)
        self._held, self._rows = [], 0

    def _run(self) -> None:
        while (parts := self._queue.get()) is not None:
            if self._error is None:
                try:
                    self._writer.write_table(_table(parts))
                except OSError as error:
                    self._error = error


def _table(parts: list[dict[str, Array]]) -> pa.Table:
    """The parts as one table; the columns stay where they are."""
    columns = [pa.chunked_array([_column(field, part[field.name]) for part in parts]) for field in SCHEMA]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _column(field: pa.Field, values: Array) -> pa.Array:
    if field.type == _TIME:
        return pa.array(values).view(_TIME)
    return pa.array(values, field.type, from_pandas=field.nullable)
