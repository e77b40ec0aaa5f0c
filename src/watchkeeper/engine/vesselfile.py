"""The vessel file: who was heard, what each ship last said of itself, and when, as Parquet."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.engine.context import RunContext
from watchkeeper.engine.presence import Presence
from watchkeeper.kernels.presence import REPORTS
from watchkeeper.model.records import Array

SCHEMA: Final = pa.schema(
    [
        pa.field("mmsi", pa.int32(), False),
        pa.field("imo", pa.int32()),
        pa.field("name", pa.string()),
        pa.field("callsign", pa.string()),
        pa.field("flag", pa.string()),
        pa.field("ship_type", pa.int16()),
        pa.field("ais_class", pa.int8(), False),
        pa.field("length_m", pa.float32()),
        pa.field("beam_m", pa.float32()),
        pa.field("draught_m", pa.float32()),
        pa.field("destination", pa.string()),
        pa.field("first_t", pa.timestamp("ms", "UTC"), False),
        pa.field("last_t", pa.timestamp("ms", "UTC"), False),
    ],
    metadata={"watchkeeper": "vessels"},
)
"""One row a vessel that sent positions; null is *never said*. ``flag`` is the one its MMSI names."""


def write_vessels(path: Path, context: RunContext, presence: Presence, vessels: int) -> None:
    """Write those of the ``vessels`` numbered so far of which a position was kept."""
    heard = np.flatnonzero(presence.register(vessels)[:, REPORTS] > 0)
    rows = [_row(context, int(number)) for number in heard]
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), path, compression="zstd")


def _row(context: RunContext, number: int) -> dict[str, Any]:
    ship, said = context.ship(number), context.statics(number)
    first, last = context.span(number)
    to = said.destination[said.destination != b""]
    return {
        "mmsi": ship.mmsi,
        "imo": ship.imo or None,
        "name": ship.name or None,
        "callsign": ship.callsign or None,
        "flag": ship.flag,
        "ship_type": ship.ship_type if ship.ship_type >= 0 else None,
        "ais_class": ship.ais_class,
        "length_m": None if np.isnan(ship.length_m) else ship.length_m,
        "beam_m": _last(said.beam_m),
        "draught_m": _last(said.draught_m),
        "destination": to[-1].decode("utf-8", "replace") if len(to) else None,
        "first_t": first,
        "last_t": last,
    }


def _last(column: Array) -> float | None:
    """The last value above zero; zero and NaN are *not available*."""
    known = column[column > 0]
    return float(known[-1]) if len(known) else None
