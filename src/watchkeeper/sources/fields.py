"""Fields to typed columns, with what could not be read marked per row and counted."""

from collections import Counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels import csv_values
from watchkeeper.kernels.csv_moments import read_moments
from watchkeeper.kernels.csv_seen import combined_hashes
from watchkeeper.kernels.csv_values import State
from watchkeeper.model.records import NAV_UNDEFINED, TYPE_UNKNOWN, Array, Statics
from watchkeeper.model.time import SECOND
from watchkeeper.sources import codes
from watchkeeper.sources.layout import FIRST_STATIC, ROLES, SLOT, Layout

FIELD_FAULT: Final = 10
"""Row faults from here on: this plus a slot means that field cannot be read, plus ``len(ROLES)`` more that it
is missing. Below are the faults of the line's shape."""
_TIME_UNITS_MS: Final = {"s": float(SECOND), "ms": 1.0}
_LARGEST_INT32: Final = 2**31 - 1
_FARTHEST_MS: Final = float(2**53)
_IMO_PREFIX: Final = np.frombuffer(b"IMO", np.uint8)


class Tables:
    """The word tables in the form the kernels take."""

    def __init__(self) -> None:
        self.nothing = csv_values.word_keys(codes.NOTHING)
        self.nav_status = codes.Words(codes.with_numbers(codes.NAV_STATUS, NAV_UNDEFINED + 1), NAV_UNDEFINED)
        self.ais_class = codes.Words(codes.AIS_CLASS, 0)
        self.ship_type = codes.Words(codes.with_numbers(codes.SHIP_TYPE, 100), TYPE_UNKNOWN)


class FieldReader:
    """Reads the fields at ``begin``, ``end`` (slots, n) of ``data``.

    ``fault`` (n,) is set for rows whose mandatory fields cannot be read; ``noticed`` counts optional ones.
    """

    def __init__(
        self,
        data: NDArray[np.uint8],
        begin: NDArray[np.int32],
        end: NDArray[np.int32],
        fault: NDArray[np.int16],
        layout: Layout,
        tables: Tables,
    ) -> None:
        self.data, self.begin, self.end, self.fault = data, begin, end, fault
        self.layout, self.tables = layout, tables
        self.noticed: Counter[str] = Counter()
        self._state = np.empty(len(fault), np.int8)
        self._filled = set(layout.slot_of_column.tolist())

    def time(self) -> Array:
        """Event times [ms UTC]; mandatory."""
        unit = _TIME_UNITS_MS.get(self.layout.time)
        if unit is None:
            out = np.empty(len(self.fault), np.int64)
            pattern = np.frombuffer(self.layout.time.encode(), np.uint8)
            read_moments(self.data, *self._bounds("t"), pattern, self.tables.nothing, out, self._state)
        else:
            since = np.nan_to_num(self._decimals("t") * unit)
            self._state[np.abs(since) > _FARTHEST_MS] = State.UNREADABLE
            out = np.clip(since, -_FARTHEST_MS, _FARTHEST_MS).astype(np.int64)
        self._require("t")
        return out

    def mmsi(self) -> Array:
        """MMSI; mandatory. A number that cannot be one (negative, broken, too long) becomes 0, malformed."""
        number = self._decimals("mmsi")
        self._require("mmsi")
        whole = (number == np.floor(number)) & (number >= 0) & (number <= _LARGEST_INT32)
        return np.where(whole, number, 0).astype(np.int32)

    def degrees(self, role: str) -> Array:
        """Latitude or longitude: NaN where missing, a fault where it is something else than a number."""
        number = self._decimals(role)
        self._require(role, even_if_missing=False)
        return number

    def numbers(self, role: str) -> Array:
        """An optional number as float32, NaN where there is none."""
        if SLOT[role] not in self._filled:
            return np.full(len(self.fault), np.nan, np.float32)
        number = self._decimals(role)
        self._notice(f"{role}_unreadable")
        with np.errstate(over="ignore"):
            return number.astype(np.float32)

    def codes(self, role: str, words: codes.Words) -> Array:
        """The code of an optional word."""
        out = np.full(len(self.fault), words.missing, np.int16)
        if SLOT[role] in self._filled:
            bounds = self._bounds(role)
            csv_values.read_words(
                self.data, *bounds, words.keys, words.codes, words.missing, out, self._state
            )
            self._notice(f"{role}_unrecognised")
        return out

    def texts(self, role: str, width: int) -> Array:
        """Text as trimmed upper-case UTF-8 of at most ``width`` bytes."""
        out = np.zeros((len(self.fault), width), np.uint8)
        if SLOT[role] not in self._filled:
            return out.view(f"S{width}")[:, 0]
        foreign = csv_values.read_texts(self.data, *self._bounds(role), self.tables.nothing, out)
        column = out.view(f"S{width}")[:, 0]
        if foreign:
            for i in np.flatnonzero((out > 127).any(axis=1)).tolist():
                column[i] = repaired(bytes(self.data[slice(*self._span(role, i))]), width)
        return column

    def statics(self, t: Array, row: Array, mmsi: Array, ais_class: Array) -> Statics:
        """The static columns of all rows."""
        imo = np.nan_to_num(self.numbers_exact("imo"))
        return Statics(
            t=t, row=row, mmsi=mmsi, ais_class=ais_class,
            imo=np.clip(imo, 0, _LARGEST_INT32).astype(np.int32),
            name=self.texts("name", 20), callsign=self.texts("callsign", 7),
            destination=self.texts("destination", 20),
            ship_type=self.codes("ship_type", self.tables.ship_type),
            length_m=self.numbers("length_m"), beam_m=self.numbers("beam_m"),
            draught_m=self.numbers("draught_m"),
        )  # fmt: skip

    def numbers_exact(self, role: str) -> Array:
        """An optional number as float64, for identifiers that float32 would round."""
        number = self._decimals(role)
        self._notice(f"{role}_unreadable")
        return number

    def note_statics(self) -> tuple[NDArray[np.bool_], NDArray[np.uint64]]:
        """Count missing static values; which rows say anything static at all, and a hash of what they say."""
        csv_values.skip_prefix(self.data, *self._bounds("imo"), _IMO_PREFIX)
        begin, end = self.begin[FIRST_STATIC:], self.end[FIRST_STATIC:]
        hashes = np.zeros(len(self.fault), np.uint64)
        combined_hashes(self.data, begin, end, hashes)
        known = np.zeros(len(self.fault), np.bool_)
        patterns = csv_values.note_statics(
            self.data, begin, end, hashes, self.tables.nothing, self.fault == 0, known
        )
        for k, role in enumerate(ROLES[FIRST_STATIC:]):
            if SLOT[role] in self._filled:
                missing = patterns[(np.arange(len(patterns)) >> k) & 1 == 0].sum()
                self.noticed[f"{role.removesuffix('_m')}_not_available"] += int(missing)
        return known, hashes

    def _decimals(self, role: str) -> NDArray[np.float64]:
        out = np.empty(len(self.fault), np.float64)
        csv_values.read_decimals(self.data, *self._bounds(role), self.tables.nothing, out, self._state)
        return out

    def _require(self, role: str, even_if_missing: bool = True) -> None:
        unmarked = self.fault == 0
        self.fault[unmarked & (self._state == State.UNREADABLE)] = FIELD_FAULT + SLOT[role]
        if even_if_missing:
            self.fault[unmarked & (self._state == State.MISSING)] = FIELD_FAULT + len(ROLES) + SLOT[role]

    def _notice(self, key: str) -> None:
        if count := int(np.count_nonzero((self._state == State.UNREADABLE) & (self.fault == 0))):
            self.noticed[key] += count

    def _bounds(self, role: str) -> tuple[Any, Any]:
        return self.begin[SLOT[role]], self.end[SLOT[role]]

    def _span(self, role: str, i: int) -> tuple[int, int]:
        return int(self.begin[SLOT[role], i]), int(self.end[SLOT[role], i])


def repaired(text: bytes, width: int) -> bytes:
    """Text with bytes beyond ASCII: upper case, not UTF-8 replaced, cut between characters."""
    clean = text.decode(errors="replace").replace('""', '"').strip(" @").upper()
    clean = "".join(c if c >= " " else " " for c in clean)
    return clean.encode()[:width].decode(errors="ignore").encode()
