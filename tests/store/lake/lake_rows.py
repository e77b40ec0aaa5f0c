"""Small columns for the tests of the lake, and rows as plain tuples to compare."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from watchkeeper.model.records import Positions, Statics, pack_row
from watchkeeper.model.time import DAY, HOUR, MINUTE, NO_TIME

T0 = 1_767_571_200_000
"""2026-01-05T00:00:00Z."""

SOURCES = ("tcp-1", "a file.csv", "ключ")

Row = tuple[Any, ...]


def positions(
    t: Sequence[int],
    mmsi: int | Sequence[int] = 219_000_001,
    lat=57.0,
    lon=18.0,
    *,
    line=None,
    source=0,
    **other,
) -> Positions:
    """Reports at ``t`` (ms after T0)."""
    n = len(t)

    def column(value, dtype):
        return np.broadcast_to(np.asarray(value, dtype), n).copy()

    lines = column(np.arange(1, n + 1) if line is None else line, "i8")
    return Positions(
        t=T0 + np.asarray(t, "i8"),
        row=np.asarray(pack_row(0, lines) | (column(source, "i8") << 40), "i8"),
        mmsi=column(mmsi, "i4"),
        lat=column(lat, "f8"),
        lon=column(lon, "f8"),
        sog_kn=column(other.get("sog", 10.0), "f4"),
        cog_deg=column(other.get("cog", 90.0), "f4"),
        heading_deg=column(other.get("heading", np.nan), "f4"),
        nav_status=column(other.get("nav", 15), "i1"),
        ais_class=column(other.get("ais_class", 1), "i1"),
    )


def random_positions(
    seed: int, n: int, *, begin: int = 0, span: int = 2 * HOUR, line: int = 1, ships: int = 40
) -> Positions:
    """Reports of some ships all over the world in no order, some values not available."""
    rng = np.random.default_rng(seed)
    some = np.where(rng.random(n) < 0.2, np.nan, rng.uniform(0, 30, n))
    return positions(
        begin + rng.integers(0, span, n) // 1000 * 1000,
        rng.choice(np.arange(219_000_000, 219_000_000 + ships), n),
        rng.uniform(-90, 90, n),
        rng.uniform(-180, 180, n),
        line=np.arange(line, line + n),
        source=rng.integers(0, len(SOURCES), n),
        sog=some,
        heading=some * 12,
        nav=rng.integers(0, 16, n),
    )


def statics(t: Sequence[int], mmsi: int | Sequence[int] = 219_000_001, *, name=b"ANNA", line=None) -> Statics:
    """Static data at ``t`` (ms after T0)."""
    n = len(t)
    lines = np.arange(1, n + 1) if line is None else np.asarray(line)
    return Statics(
        t=T0 + np.asarray(t, "i8"),
        row=np.asarray(pack_row(0, lines), "i8"),
        mmsi=np.broadcast_to(np.asarray(mmsi, "i4"), n).copy(),
        imo=np.full(n, 9_000_015, "i4"),
        name=np.full(n, name, "S20"),
        callsign=np.full(n, b"OU1", "S7"),
        ship_type=np.full(n, 70, "i2"),
        length_m=np.full(n, 100, "f4"),
        beam_m=np.full(n, np.nan, "f4"),
        draught_m=np.full(n, 7.5, "f4"),
        destination=np.full(n, "РИГА".encode(), "S20"),
        ais_class=np.full(n, 1, "i1"),
    )


def expected(p: Positions, *, track=None, heard=None, sources: Sequence[str] = SOURCES) -> list[Row]:
    """The rows that a lake should give for records, in its order."""
    n = len(p)
    track = np.zeros(n, int) if track is None else track
    heard = np.full(n, NO_TIME) if heard is None else heard
    rows = [
        (
            int(p.mmsi[k]), int(track[k]), int(p.t[k]), None if heard[k] == NO_TIME else int(heard[k]), float(p.lat[k]),
            float(p.lon[k]), _none(p.sog_kn[k]), _none(p.cog_deg[k]), _none(p.heading_deg[k]), int(p.nav_status[k]),
            int(p.ais_class[k]), sources[int(p.row[k]) >> 40], int(p.row[k]) & ((1 << 40) - 1),
        )
        for k in range(n)
    ]  # fmt: skip
    return in_order(rows)


def in_order(rows: Iterable[Row]) -> list[Row]:
    """By t, source, row."""
    return sorted(rows, key=lambda r: (r[2], r[11], r[12]))


def _none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def as_rows(table: pa.Table | pa.RecordBatch) -> list[Row]:
    """A table of positions as tuples; times as ms."""
    columns = []
    for name in table.column_names:
        values = table.column(name)
        columns.append(
            (values.cast(pa.int64()) if pa.types.is_timestamp(values.type) else values).to_pylist()
        )
    return list(zip(*columns, strict=True))


__all__ = ["DAY", "HOUR", "MINUTE", "SOURCES", "T0"]
