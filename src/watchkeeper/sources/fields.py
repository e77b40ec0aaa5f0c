"""The static columns of chosen lines, and what the kernels need to know of a layout and of words."""

from collections import Counter
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels import csv_values
from watchkeeper.kernels.csv_rows import FIRST_STATIC, Form, Words
from watchkeeper.kernels.csv_split import split_lines
from watchkeeper.kernels.csv_values import State, WordTable, word_table
from watchkeeper.model.columns import ROLES
from watchkeeper.model.records import NAV_UNDEFINED, TYPE_UNKNOWN, Array, Statics
from watchkeeper.model.time import SECOND
from watchkeeper.sources import codes
from watchkeeper.sources.chunks import LINE_LIMIT
from watchkeeper.sources.layout import SLOT, Layout

_TIME_UNITS_MS: Final = {"s": float(SECOND), "ms": 1.0}
_LARGEST_INT32: Final = 2**31 - 1


@cache
def words() -> Words:
    """The words of the columns that are read on every line."""
    return Words(
        csv_values.word_keys(codes.NOTHING),
        _table(codes.with_numbers(codes.NAV_STATUS, NAV_UNDEFINED + 1), NAV_UNDEFINED),
        _table(codes.AIS_CLASS, 0),
    )


@cache
def _ship_types() -> WordTable:
    return _table(codes.with_numbers(codes.SHIP_TYPE, 100), TYPE_UNKNOWN)


def _table(codes_of: dict[str, int], missing: int) -> WordTable:
    return word_table(dict.fromkeys(codes.NOTHING, missing) | codes_of, missing)


def form_of(layout: Layout) -> Form:
    """A layout in the form the kernels take."""
    slot_of = layout.slot_of_column
    column_of = np.full(len(ROLES), -1, np.int16)
    column_of[slot_of[slot_of >= 0]] = np.flatnonzero(slot_of >= 0)
    static = slot_of[slot_of >= FIRST_STATIC]
    unit_ms = _TIME_UNITS_MS.get(layout.time, 0.0)
    return Form(
        slot_of=slot_of,
        column_of=column_of,
        static_from=int(static[0]) if len(static) else -1,
        static_to=int(static[-1]) if len(static) else -1,
        delimiter=layout.delimiter,
        quote=layout.quote,
        limit=LINE_LIMIT,
        unit_ms=unit_ms,
        pattern=np.array(list(layout.time.encode()), np.uint8),
    )


class StaticFields:
    """The static fields of the lines ``starts`` to ``stops`` (n,) of ``data``, which are whole.

    ``noticed`` counts values that cannot be read.
    """

    def __init__(self, data: NDArray[np.uint8], starts: Array, stops: Array, form: Form) -> None:
        self.data = data
        self.begin = np.zeros((len(ROLES), len(starts)), np.int32)
        self.end = np.zeros((len(ROLES), len(starts)), np.int32)
        split_lines(data, starts, stops, form.slot_of, form.delimiter, form.quote, self.begin, self.end)
        csv_values.skip_imo(data, *self._bounds("imo"))
        self.noticed: Counter[str] = Counter()
        self._state = np.empty(len(starts), np.int8)

    def statics(self, t: Array, row: Array, mmsi: Array, ais_class: Array) -> Statics:
        """The records, beside the columns that are known already."""
        ship_type = np.empty(len(t), np.int16)
        csv_values.read_words(self.data, *self._bounds("ship_type"), _ship_types(), ship_type, self._state)
        self._notice("ship_type_unrecognised")
        imo = np.nan_to_num(self._numbers("imo"))
        return Statics(
            t=t, row=row, mmsi=mmsi, ais_class=ais_class,
            imo=np.clip(imo, 0, _LARGEST_INT32).astype(np.int32),
            name=self._texts("name", 20), callsign=self._texts("callsign", 7),
            destination=self._texts("destination", 20), ship_type=ship_type,
            length_m=self._measures("length_m"), beam_m=self._measures("beam_m"),
            draught_m=self._measures("draught_m"),
        )  # fmt: skip

    def _numbers(self, role: str) -> NDArray[np.float64]:
        out = np.empty(len(self._state), np.float64)
        csv_values.read_decimals(self.data, *self._bounds(role), words().nothing, out, self._state)
        self._notice(f"{role}_unreadable")
        return out

    def _measures(self, role: str) -> Array:
        with np.errstate(over="ignore"):
            return self._numbers(role).astype(np.float32)

    def _texts(self, role: str, width: int) -> Array:
        """Text as trimmed upper-case UTF-8 of at most ``width`` bytes."""
        out = np.zeros((len(self._state), width), np.uint8)
        begin, end = self._bounds(role)
        foreign = csv_values.read_texts(self.data, begin, end, words().nothing, out)
        column = out.view(f"S{width}")[:, 0]
        if foreign:
            for i in np.flatnonzero((out > 127).any(axis=1)).tolist():
                column[i] = repaired(bytes(self.data[int(begin[i]) : int(end[i])]), width)
        return column

    def _notice(self, key: str) -> None:
        if count := int(np.count_nonzero(self._state == State.UNREADABLE)):
            self.noticed[key] += count

    def _bounds(self, role: str) -> tuple[Any, Any]:
        return self.begin[SLOT[role]], self.end[SLOT[role]]


def repaired(text: bytes, width: int) -> bytes:
    """Text with bytes beyond ASCII: upper case, not UTF-8 replaced, cut between characters."""
    clean = text.decode(errors="replace").replace('""', '"').strip(" @").upper()
    clean = "".join(c if c >= " " else " " for c in clean)
    return clean.encode()[:width].decode(errors="ignore").encode()
