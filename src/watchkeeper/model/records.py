"""Observations are columns: one numpy array per field, all of one length, one kind per batch.

Every record has ``t`` (event time), ``row`` (a reference to the raw record: which input, which
line) and ``mmsi``. Times are ``int64`` milliseconds UTC; bare numbers end in their unit;
*not available* is NaN for numbers, 15 for navigational status, 0 for an IMO number, empty for text.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Final, Self

import msgspec
import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
"""A one-dimensional column."""

NAV_UNDEFINED: Final = 15
TYPE_UNKNOWN: Final = -1
CLASS_UNKNOWN, CLASS_A, CLASS_B = 0, 1, 2

_LINE_BITS: Final = 40


def pack_row(source: int, line: int | Array) -> Any:
    """One ``int64`` that names a raw record: input number (in the order given) and line, from 1."""
    return (source << _LINE_BITS) | line


def unpack_row(row: int) -> tuple[int, int]:
    """The input number and the line of a packed row."""
    return int(row) >> _LINE_BITS, int(row) & ((1 << _LINE_BITS) - 1)


class _Columns:
    """What all record kinds share. Subclasses are dataclasses whose fields are the columns."""

    DTYPES: ClassVar[dict[str, DTypeLike]]

    def __len__(self) -> int:
        return len(self.t)  # type: ignore[attr-defined]

    def __post_init__(self) -> None:
        for name, dtype in self.DTYPES.items():
            column = getattr(self, name)
            assert column.dtype == np.dtype(dtype), f"{name} is {column.dtype}, not {np.dtype(dtype)}"
            assert len(column) == len(self), f"{name} has {len(column)} rows, not {len(self)}"

    def take(self, where: Array) -> Self:
        """The rows at ``where`` (a mask or positions), as new columns."""
        return type(self)(*(getattr(self, f.name)[where] for f in fields(self)))  # type: ignore[arg-type]

    def slice(self, start: int, stop: int) -> Self:
        """Rows ``start`` to ``stop``, as views."""
        return type(self)(*(getattr(self, f.name)[start:stop] for f in fields(self)))  # type: ignore[arg-type]

    @classmethod
    def empty(cls) -> Self:
        """No rows."""
        return cls(*(np.empty(0, d) for d in cls.DTYPES.values()))

    @classmethod
    def concat(cls, parts: Iterable[Self]) -> Self:
        """All rows of ``parts``, in order."""
        chosen = [p for p in parts if len(p)]
        if not chosen:
            return cls.empty()
        if len(chosen) == 1:
            return chosen[0]
        return cls(*(np.concatenate([getattr(p, name) for p in chosen]) for name in cls.DTYPES))


@dataclass(slots=True)
class Positions(_Columns):
    """Position reports.

    ``t`` event time [ms UTC]; ``row`` packed raw reference; ``mmsi``; ``lat``, ``lon`` [deg, WGS84];
    ``sog_kn`` speed over ground, ``cog_deg`` course over ground, ``heading_deg`` true heading (NaN where
    not available); ``nav_status`` 0-15 of ITU-R M.1371; ``ais_class`` 0 unknown, 1 A, 2 B.
    """

    t: Array
    row: Array
    mmsi: Array
    lat: Array
    lon: Array
    sog_kn: Array
    cog_deg: Array
    heading_deg: Array
    nav_status: Array
    ais_class: Array

    DTYPES: ClassVar[dict[str, DTypeLike]] = {
        "t": "i8", "row": "i8", "mmsi": "i4", "lat": "f8", "lon": "f8", "sog_kn": "f4",
        "cog_deg": "f4", "heading_deg": "f4", "nav_status": "i1", "ais_class": "i1",
    }  # fmt: skip


@dataclass(slots=True)
class Statics(_Columns):
    """Static and voyage data (types 5, 19, 24 and the static columns of CSV files).

    Text columns are fixed-width UTF-8 bytes, trimmed, upper case as sent, empty where not available;
    ``imo`` 0 and ``ship_type`` -1 (ITU-R M.1371 codes 0-99), sizes and draught NaN where not available.
    """

    t: Array
    row: Array
    mmsi: Array
    imo: Array
    name: Array
    callsign: Array
    ship_type: Array
    length_m: Array
    beam_m: Array
    draught_m: Array
    destination: Array
    ais_class: Array

    DTYPES: ClassVar[dict[str, DTypeLike]] = {
        "t": "i8", "row": "i8", "mmsi": "i4", "imo": "i4", "name": "S20", "callsign": "S7",
        "ship_type": "i2", "length_m": "f4", "beam_m": "f4", "draught_m": "f4",
        "destination": "S20", "ais_class": "i1",
    }  # fmt: skip


class Quarantined(msgspec.Struct, frozen=True):
    """A record that could not be read: which input, which line, why, and its text (at most 500 characters)."""

    source: str
    line: int
    reason: str
    text: str


QUARANTINE_TEXT: Final = 500


@dataclass(slots=True)
class Batch:
    """What a source yields: the records of about 100,000 raw rows, and what became of all the others.

    ``rows`` counts *raw rows* once each, by what became of them: ``read`` is their number, the other keys
    add up to it (``position``, ``static``, ``position_and_static``, ``exact_duplicate``, ``no_position``,
    ``not_a_ship``, ``out_of_range``, ``outside_request``, ``other``, ``quarantined``).
    ``noticed`` counts values seen on the way, over all rows read, and does not add up
    (``lat_lon_not_available``, ``sog_not_available``, ``message_type_8``, ``mmsi_aton`` ...). ``senders`` are
    the MMSIs of the readable rows, ships or not, with repeats ``(n,)`` int32.
    """

    source: int
    positions: Positions
    statics: Statics
    rows: Counter[str] = field(default_factory=Counter)
    noticed: Counter[str] = field(default_factory=Counter)
    quarantine: list[Quarantined] = field(default_factory=list)
    senders: Array = field(default_factory=lambda: np.empty(0, np.int32))
