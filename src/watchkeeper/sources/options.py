"""What the caller may ask of a source: a window, a box, a start for untimed logs, a mapping for tables."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

BoundingBox = tuple[float, float, float, float]
"""West, south, east, north [deg]; west greater than east means across the antimeridian."""


class TableMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a table of unknown make is read: our field name -> its column name, and how times are written.

    Args:
        columns: for example ``{"t": "Zeit", "mmsi": "Schiff", "lat": "Breite", "lon": "Länge"}``.
        time: ``"auto"``, ``"iso"``, ``"s"`` or ``"ms"`` since 1970 UTC, or a pattern of ``%Y %m %d %H %M %S``
            and literal characters, for example ``"%d/%m/%Y %H:%M:%S"``. Times without a zone are UTC.
        delimiter: one character; found in the header where not given.
    """

    columns: dict[str, str] = {}
    time: str = "auto"
    delimiter: str | None = None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What every source is told.

    Args:
        now: the present [ms UTC]; later times are out of range.
        t_from, t_to: the window asked for [ms UTC], both ends included.
        bbox: the box asked for.
        start: the time [ms UTC] of the first record of a log that carries no times.
        rate: how many records of such a log make a second.
        table: how a generic table is read.
        spool: a folder in which standard input is kept, so that its raw lines can be shown later.
    """

    now: int
    t_from: int | None = None
    t_to: int | None = None
    bbox: BoundingBox | None = None
    start: int | None = None
    rate: float | None = None
    table: TableMapping | None = None
    spool: Path | None = None
