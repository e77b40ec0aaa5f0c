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
from watchkeeper.kernels.csv_bytes import PADDING
from watchkeeper.kernels.csv_moments import read_moment
from watchkeeper.kernels.csv_rows import FIELD_FAULT, FIRST_STATIC, Form, Rows, read_rows, statics_met
from watchkeeper.kernels.csv_seen import LastSaid, SeenLines
from watchkeeper.kernels.csv_split import LineFault, split_line
from watchkeeper.kernels.csv_values import State
from watchkeeper.model.columns import ROLES
from watchkeeper.model.records import Batch, Positions, Quarantined, Statics, pack_row
from watchkeeper.sources.ahead import ahead
from watchkeeper.sources.chunks import LINE_LIMIT, Chunk, in_order
from watchkeeper.sources.cleaning import Fate, available, available_statics, count_fates, position_fates
from watchkeeper.sources.codes import FIRST_OTHER_STATION, OTHER_STATIONS
from watchkeeper.sources.fields import StaticFields, form_of, words
from watchkeeper.sources.layout import SLOT, UNIT_SEPARATOR, Layout
from watchkeeper.sources.options import ReadOptions

_LINE_REASONS: Final = {
    LineFault.QUOTE: "a quote that is not closed",
    LineFault.OVERLONG: f"line longer than {LINE_LIMIT} bytes",
}
_FIELD_NAMES: Final = {"t": "time", "mmsi": "MMSI", "lat": "latitude", "lon": "longitude"}
_COUNTED: Final = {
    "sog_kn": "unreadable", "cog_deg": "unreadable", "heading_deg": "unreadable",
    "nav_status": "unrecognised", "ais_class": "unrecognised",
}  # fmt: skip
_HOPELESS_ROWS: Final = 10
"""If the first rows, at least this many, are all unreadable, the file is not what it seems."""


@dataclass(slots=True)
class _Read:
    """The lines of a chunk, converted; values as sent."""

    chunk: Chunk
    rows: Rows
    noticed: Counter[str]


def read_delimited(
    chunks: Iterator[Chunk], layout: Layout, index: int, name: str, options: ReadOptions
) -> Iterator[Batch]:
    """Batches of input number ``index``, called ``name``, from its chunks, in order.

    Raises:
        InputError: not one of the first rows can be read.
    """
    return ahead(_batches(chunks, layout, index, name, options))


def _batches(
    chunks: Iterator[Chunk], layout: Layout, index: int, name: str, options: ReadOptions
) -> Iterator[Batch]:
    form = form_of(layout)
    seen, said = SeenLines(), LastSaid()
    begun = False
    spare: list[NDArray[np.uint64]] = []

    def convert(chunk: Chunk) -> _Read:
        met = spare.pop() if spare else statics_met()  # each is used by one thread at a time
        read = _convert(chunk, form, met)
        spare.append(met)
        return read

    for read in in_order(chunks, convert):
        batch = Batch(index, Positions.empty(), Statics.empty(), noticed=read.noticed)
        _quarantine(read, layout, form, name, batch)
        if not begun and batch.rows["read"]:
            _refuse_hopeless(batch, name)
            begun = True
        _sort_out(read, form, options, seen, said, batch)
        yield batch


def _convert(chunk: Chunk, form: Form, met: NDArray[np.uint64]) -> _Read:
    """The part of the work that needs no order: find the fields and convert them."""
    rows, unreadable, patterns = read_rows(chunk.data, chunk.size, chunk.lines, form, words(), met)
    noticed: Counter[str] = Counter()
    for role, kind in _COUNTED.items():
        if count := int(unreadable[SLOT[role]]):
            noticed[f"{role}_{kind}"] = count
    filled = np.arange(len(patterns)) >> np.arange(len(ROLES) - FIRST_STATIC)[:, None] & 1
    for slot in form.slot_of[form.slot_of >= FIRST_STATIC].tolist():
        noticed[f"{ROLES[slot].removesuffix('_m')}_not_available"] = int(
            patterns[filled[slot - FIRST_STATIC] == 0].sum()
        )
    return _Read(chunk, rows, noticed)


def _sort_out(
    read: _Read, form: Form, options: ReadOptions, seen: SeenLines, said: LastSaid, batch: Batch
) -> None:
    """The part that needs order: what was seen before, what stays, what is new about a ship."""
    rows, chunk = read.rows, read.chunk
    whole = rows.fault == 0
    duplicate = seen.repeated(rows.hash, whole)
    at = np.flatnonzero(whole)
    raw = Positions(
        row=pack_row(
            batch.source, np.arange(chunk.first_line, chunk.first_line + chunk.lines, dtype=np.int64)
        ),
        **{name: getattr(rows, name) for name in Positions.DTYPES if name != "row"},
    )
    if len(at) < len(whole):
        raw = raw.take(at)
    batch.senders = raw.mmsi
    other_station = _other_stations(raw, batch.noticed)
    fates = position_fates(raw, options, batch.noticed, duplicate[at], other_station)
    count_fates(fates, batch.rows)
    kept = fates == Fate.KEPT
    batch.positions = available(raw.take(kept))

    speaks = rows.says_static[at] & (kept | (fates == Fate.NO_POSITION))
    news = said.changed(raw.mmsi, rows.static_hash[at], speaks)
    new = at[news]
    fields = StaticFields(chunk.data, rows.line_begin[new], rows.line_end[new], form)
    batch.statics = available_statics(
        fields.statics(raw.t[news], raw.row[news], raw.mmsi[news], raw.ais_class[news])
    )
    batch.noticed += fields.noticed
    both = int(np.count_nonzero(news & kept))
    batch.rows["position"] += int(np.count_nonzero(kept)) - both
    batch.rows["position_and_static"] += both


def _other_stations(raw: Positions, noticed: Counter[str]) -> NDArray[np.bool_]:
    where: NDArray[np.bool_] = raw.ais_class >= FIRST_OTHER_STATION
    if where.any():
        for code, count in zip(*np.unique(raw.ais_class[where], return_counts=True), strict=True):
            noticed[f"station_{OTHER_STATIONS[int(code)]}"] += int(count)
    return where


def _quarantine(read: _Read, layout: Layout, form: Form, name: str, batch: Batch) -> None:
    """Count the lines and set aside those that cannot be read."""
    chunk, rows = read.chunk, read.rows
    faulty = np.flatnonzero(rows.fault)
    empty = int(np.count_nonzero(rows.fault[faulty] == LineFault.EMPTY)) - len(chunk.overlong)
    batch.rows["read"] = chunk.lines - empty
    if empty:
        batch.noticed["empty_line"] = empty
    records = [
        Quarantined(name, line, _LINE_REASONS[LineFault.OVERLONG], text) for line, text in chunk.overlong
    ]
    for i in faulty[rows.fault[faulty] != LineFault.EMPTY].tolist():
        text = chunk.text(int(rows.line_begin[i]), int(rows.line_end[i]))
        if layout.delimiter == UNIT_SEPARATOR:
            text = text.replace(chr(UNIT_SEPARATOR), ",")
        records.append(Quarantined(name, chunk.first_line + i, _reason(read, i, layout, form), text))
    batch.quarantine = sorted(records, key=lambda record: record.line)
    batch.rows["quarantined"] = len(records)


def _reason(read: _Read, i: int, layout: Layout, form: Form) -> str:
    fault = int(read.rows.fault[i])
    if fault == LineFault.FIELD_COUNT:
        return layout.misshapen
    if fault < FIELD_FAULT:
        return _LINE_REASONS[LineFault(fault)]
    missing, slot = divmod(fault - FIELD_FAULT, len(ROLES))
    role = ROLES[slot]
    if missing:
        return f"no {_FIELD_NAMES[role]}"
    if role == "t" and _reads_swapped(_field(read, i, slot, form), layout.time):
        return (
            "time is month first, the format is day first" if _day_first(layout.time) else "time is day first"
        )
    return f"{_FIELD_NAMES[role]} cannot be read"


def _field(read: _Read, i: int, slot: int, form: Form) -> str:
    begin, end = np.zeros(len(ROLES), np.int32), np.zeros(len(ROLES), np.int32)
    start, stop = int(read.rows.line_begin[i]), int(read.rows.line_end[i])
    split_line(read.chunk.data, start, stop, form.slot_of, form.delimiter, form.quote, begin, end)
    return read.chunk.text(int(begin[slot]), int(end[slot]), limit=40)


def _day_first(pattern: str) -> bool:
    return pattern.find("d") < pattern.find("m")


def _reads_swapped(text: str, pattern: str) -> bool:
    """Whether a time would be one if day and month changed places."""
    if "d" not in pattern:
        return False
    other = pattern.translate(str.maketrans("dm", "md"))
    data = np.frombuffer(bytearray(text.encode() + bytes(PADDING)), np.uint8)
    swapped = np.frombuffer(bytearray(other.encode()), np.uint8)
    _, state = read_moment(data, 0, len(data) - PADDING, swapped, np.empty(0, np.uint64))
    return bool(state == State.READ)


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
