"""Lines of delimited fields to batches: the one path of every table, however it was written.

A row is counted by the first of these that is true of it: its shape or a mandatory field cannot be read
(quarantined), it is byte for byte a line seen before, cleaning drops it
(:mod:`watchkeeper.sources.cleaning`), it stays. Static columns repeat on every row; a static record is
made where they differ from the ship's last, also on rows without a position. Empty lines are no rows.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import InputError
from watchkeeper.kernels.csv_moments import read_moments
from watchkeeper.kernels.csv_seen import LastSaid, SeenLines
from watchkeeper.kernels.csv_split import Fields, LineFault, split
from watchkeeper.kernels.csv_values import State
from watchkeeper.model.records import Batch, Positions, Quarantined, Statics, pack_row
from watchkeeper.sources.chunks import LINE_LIMIT, Chunk, in_order
from watchkeeper.sources.cleaning import Fate, available, available_statics, count_fates, position_fates
from watchkeeper.sources.codes import FIRST_OTHER_STATION, OTHER_STATIONS
from watchkeeper.sources.fields import FIELD_FAULT, FieldReader, Tables
from watchkeeper.sources.layout import ROLES, UNIT_SEPARATOR, Layout
from watchkeeper.sources.options import ReadOptions

_LINE_REASONS: Final = {
    LineFault.QUOTE: "a quote that is not closed",
    LineFault.OVERLONG: f"line longer than {LINE_LIMIT} bytes",
}
_FIELD_NAMES: Final = {"t": "time", "mmsi": "MMSI", "lat": "latitude", "lon": "longitude"}
_HOPELESS_ROWS: Final = 10
"""If the first rows, at least this many, are all unreadable, the file is not what it seems."""


@dataclass(slots=True)
class _Rows:
    """The lines of a chunk, converted; values as sent. ``fault`` is 0 where a line is whole."""

    chunk: Chunk
    fields: Fields
    fault: NDArray[np.int16]
    positions: Positions
    says_static: NDArray[np.bool_]
    static_hash: NDArray[np.uint64]
    noticed: Counter[str]


def read_delimited(
    chunks: Iterator[Chunk], layout: Layout, index: int, name: str, options: ReadOptions
) -> Iterator[Batch]:
    """Batches of input number ``index``, called ``name``, from its chunks, in order.

    Raises:
        InputError: not one of the first rows can be read.
    """
    tables = Tables()
    seen, said = SeenLines(), LastSaid()
    begun = False
    for rows in in_order(chunks, lambda chunk: _convert(chunk, layout, index, tables)):
        batch = Batch(index, Positions.empty(), Statics.empty(), noticed=rows.noticed)
        _quarantine(rows, layout, name, batch)
        if not begun and batch.rows["read"]:
            _refuse_hopeless(batch, name)
            begun = True
        _sort_out(rows, layout, options, tables, seen, said, batch)
        yield batch


def _convert(chunk: Chunk, layout: Layout, index: int, tables: Tables) -> _Rows:
    """The part of the work that needs no order: find the fields and convert them."""
    fields = split(
        chunk.data, chunk.size, chunk.lines, layout.slot_of_column, len(ROLES),
        layout.delimiter, layout.quote, LINE_LIMIT,
    )  # fmt: skip
    fault = fields.fault.astype(np.int16)
    reader = FieldReader(chunk.data, fields.begin, fields.end, fault, layout, tables)
    positions = Positions(
        t=reader.time(),
        row=pack_row(index, np.arange(chunk.first_line, chunk.first_line + chunk.lines, dtype=np.int64)),
        mmsi=reader.mmsi(),
        lat=reader.degrees("lat"),
        lon=reader.degrees("lon"),
        sog_kn=reader.numbers("sog_kn"),
        cog_deg=reader.numbers("cog_deg"),
        heading_deg=reader.numbers("heading_deg"),
        nav_status=reader.codes("nav_status", tables.nav_status).astype(np.int8),
        ais_class=reader.codes("ais_class", tables.ais_class).astype(np.int8),
    )
    says_static, static_hash = reader.note_statics()
    return _Rows(chunk, fields, fault, positions, says_static, static_hash, reader.noticed)


def _sort_out(
    rows: _Rows,
    layout: Layout,
    options: ReadOptions,
    tables: Tables,
    seen: SeenLines,
    said: LastSaid,
    batch: Batch,
) -> None:
    """The part that needs order: what was seen before, what stays, what is new about a ship."""
    whole = rows.fault == 0
    duplicate = seen.repeated(rows.fields.hash, whole)
    at = np.flatnonzero(whole)
    raw = rows.positions if len(at) == len(whole) else rows.positions.take(at)
    batch.senders = raw.mmsi
    other_station = _other_stations(raw, batch.noticed)
    fates = position_fates(raw, options, batch.noticed, duplicate[at], other_station)
    count_fates(fates, batch.rows)
    kept = fates == Fate.KEPT
    batch.positions = available(raw.take(kept))

    speaks = rows.says_static[at] & (kept | (fates == Fate.NO_POSITION))
    news = said.changed(raw.mmsi, rows.static_hash[at], speaks)
    new = at[news]
    reader = FieldReader(
        rows.chunk.data, rows.fields.begin[:, new], rows.fields.end[:, new], rows.fault[new], layout, tables
    )
    batch.statics = available_statics(
        reader.statics(raw.t[news], raw.row[news], raw.mmsi[news], raw.ais_class[news])
    )
    batch.noticed += reader.noticed
    both = int(np.count_nonzero(news & kept))
    batch.rows["position"] += int(np.count_nonzero(kept)) - both
    batch.rows["position_and_static"] += both


def _other_stations(raw: Positions, noticed: Counter[str]) -> NDArray[np.bool_]:
    where: NDArray[np.bool_] = raw.ais_class >= FIRST_OTHER_STATION
    if where.any():
        for code, count in zip(*np.unique(raw.ais_class[where], return_counts=True), strict=True):
            noticed[f"station_{OTHER_STATIONS[int(code)]}"] += int(count)
    return where


def _quarantine(rows: _Rows, layout: Layout, name: str, batch: Batch) -> None:
    """Count the lines and set aside those that cannot be read."""
    chunk, fields = rows.chunk, rows.fields
    empty = int(np.count_nonzero(rows.fault == LineFault.EMPTY)) - len(chunk.overlong)
    batch.rows["read"] = chunk.lines - empty
    if empty:
        batch.noticed["empty_line"] = empty
    records = [
        Quarantined(name, line, _LINE_REASONS[LineFault.OVERLONG], text) for line, text in chunk.overlong
    ]
    for i in np.flatnonzero((rows.fault != 0) & (rows.fault != LineFault.EMPTY)).tolist():
        text = chunk.text(int(fields.line_begin[i]), int(fields.line_end[i]))
        if layout.delimiter == UNIT_SEPARATOR:
            text = text.replace(chr(UNIT_SEPARATOR), ",")
        records.append(Quarantined(name, chunk.first_line + i, _reason(rows, i, layout), text))
    batch.quarantine = sorted(records, key=lambda record: record.line)
    batch.rows["quarantined"] = len(records)


def _reason(rows: _Rows, i: int, layout: Layout) -> str:
    fault = int(rows.fault[i])
    if fault == LineFault.FIELD_COUNT:
        return layout.misshapen
    if fault < FIELD_FAULT:
        return _LINE_REASONS[LineFault(fault)]
    missing, slot = divmod(fault - FIELD_FAULT, len(ROLES))
    role = ROLES[slot]
    value = rows.chunk.text(int(rows.fields.begin[slot, i]), int(rows.fields.end[slot, i]), limit=40)
    if missing:
        return f"no {_FIELD_NAMES[role]}"
    if role == "t" and _reads_swapped(value, layout.time):
        return (
            "time is month first, the format is day first" if _day_first(layout.time) else "time is day first"
        )
    return f"{_FIELD_NAMES[role]} cannot be read"


def _day_first(pattern: str) -> bool:
    return pattern.find("d") < pattern.find("m")


def _reads_swapped(text: str, pattern: str) -> bool:
    """Whether a time would be one if day and month changed places."""
    if "d" not in pattern:
        return False
    other = pattern.translate(str.maketrans("dm", "md"))
    data = np.frombuffer(text.encode() + bytes(64), np.uint8)
    state = np.empty(1, np.int8)
    begin, end = np.zeros(1, np.int32), np.full(1, len(text.encode()), np.int32)
    read_moments(
        data, begin, end, np.frombuffer(other.encode(), np.uint8), np.empty(0, np.uint64),
        np.empty(1, np.int64), state,
    )  # fmt: skip
    return bool(state[0] == State.READ)


def _refuse_hopeless(batch: Batch, name: str) -> None:
    read = batch.rows["read"]
    if read < _HOPELESS_ROWS or batch.rows["quarantined"] < read:
        return
    reason, count = Counter(record.reason for record in batch.quarantine).most_common(1)[0]
    example = next(record for record in batch.quarantine if record.reason == reason)
    raise InputError(
        f"{name}: none of the first {read} rows can be read; {count} because of: {reason} "
        f"(line {example.line}: {example.text[:120]!r}).",
        "Check the format; an unusual table can be described under [sources.table] in the configuration.",
    )
