"""NMEA 0183 logs of AIS receivers: ``!AIVDM`` and its relatives, tag blocks, ``$PGHP``, trailing times.

A raw row is one message (of one or several sentences) or one sentence or line that could not be used. Its
reference is the physical line of its first sentence. The time of a message is that of its first part that
has one: the ``c:`` of its tag block or of its group, else the ``$PGHP`` before it, else the Unix time behind
it, else that of the message before. The design is in ``docs/decisions/0002-nmea.md``.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

import numpy as np

from watchkeeper.errors import InputError
from watchkeeper.kernels import nmea, nmea_messages, nmea_reader
from watchkeeper.kernels.nmea_parts import TEXT
from watchkeeper.model.records import Array, Batch, Positions, Quarantined, Statics, pack_row
from watchkeeper.model.time import NO_TIME, SECOND
from watchkeeper.sources.cleaning import (
    Fate,
    available,
    clean_statics,
    count_fates,
    notice_statics,
    position_fates,
)
from watchkeeper.sources.options import ReadOptions

NAME: Final = "nmea"

_BOTH: Final = 19
"""The one message that is a position report and static data."""

_LOOKS_LIKE: Final = re.compile(
    rb"^(?:\\[^\\\r\n]{0,200}\\){0,4}[^,;{\"\r\n]{0,40}"
    rb"(?:![!-~]{2}VD[MO],[1-9],|\$PGHP,|\$[A-Z]{5},[^\r\n]{0,200}\*[0-9A-Fa-f]{2}\s*$)",
    re.MULTILINE,
)


def sniff(head: bytes, filename: str) -> bool:
    """Whether the beginning of a file reads like an NMEA log. Their names end in anything."""
    return _LOOKS_LIKE.search(head) is not None


def batches(
    stream: BinaryIO, index: int, name: str, options: ReadOptions, chunk: int = nmea_reader.MOST_CHUNK
) -> Iterator[Batch]:
    """The records of a log, about 100,000 raw rows a batch.

    ``chunk``, bytes read at a time, changes nothing else.

    Raises:
        InputError: the log carries no times and ``options`` do not say when it began and how fast it ran.
    """
    reader = nmea_reader.new_reader()
    clock = _Clock(name, options)
    for _ in _filled(stream, reader, chunk):
        yield _batch(reader, clock, index, name, options)


class Decoder:
    """The same for a log that grows: whole lines in, batches out at once. What waits for its next part stays here."""

    def __init__(self, index: int, name: str, options: ReadOptions) -> None:
        self._index, self._name, self.options = index, name, options
        self._reader = nmea_reader.new_reader()
        self._clock = _Clock(name, options)

    def push(self, lines: bytes) -> Iterator[Batch]:
        """The records of whole lines, each ended by a line end."""
        buffer = self._reader["buffer"][0]
        done = 0
        while done < len(lines):
            stop = lines.rfind(b"\n", done, done + nmea_reader.MOST_CHUNK) + 1
            data = lines[done : stop if stop > done else done + nmea_reader.MOST_CHUNK]
            buffer[: len(data)] = np.frombuffer(data, np.uint8)
            for _ in _read_all(self._reader, len(data)):
                yield self._batch()
            done += len(data)
        yield self._batch()

    def _batch(self) -> Batch:
        return _batch(self._reader, self._clock, self._index, self._name, self.options)

    def snapshot(self) -> dict[str, Array]:
        """What is remembered between lines, as named arrays."""
        clock = self._clock
        untimed = -1 if clock.untimed is None else int(clock.untimed)
        state = {name: self._reader[name].copy() for name in nmea_reader.REMEMBERED}
        return state | {"clock": np.array([untimed, clock.last, clock.count])}

    def restore(self, state: dict[str, Array]) -> None:
        """Go on from a snapshot."""
        for name in nmea_reader.REMEMBERED:
            self._reader[name] = state[name]
        untimed, self._clock.last, self._clock.count = (int(x) for x in state["clock"])
        self._clock.untimed = None if untimed < 0 else bool(untimed)


def _filled(stream: BinaryIO, reader: Array, chunk: int) -> Iterator[None]:
    """Read the stream; pause whenever the reader is full, and at the end. The caller empties the reader."""
    buffer = reader["buffer"][0]
    held = 0
    while data := stream.read(chunk):
        buffer[held : held + len(data)] = np.frombuffer(data, np.uint8)
        newline = data.rfind(b"\n")
        complete = held + newline + 1 if newline >= 0 else 0
        held += len(data)
        yield from _read_all(reader, complete)
        held -= complete
        buffer[:held] = buffer[complete : complete + held]
        if held > nmea_reader.LINE_LIMIT and not reader["skipping"][0]:
            nmea.skip_line(reader, held)
        if reader["skipping"][0]:
            held = 0
    if held:
        buffer[held] = ord("\n")
        yield from _read_all(reader, held + 1)
    while not nmea.close_parts(reader):
        yield
    yield


def _read_all(reader: Array, complete: int) -> Iterator[None]:
    start = nmea.read_lines(reader, 0, complete)
    while start < complete:
        yield
        start = nmea.read_lines(reader, start, complete)


@dataclass(slots=True)
class _Clock:
    """Gives every message a time. Its first batch that holds messages decides whether a log is timed."""

    name: str
    options: ReadOptions
    untimed: bool | None = None
    last: int = NO_TIME
    count: int = 0

    def times(self, given: Array, noticed: Counter[str]) -> Array:
        """Times [ms UTC] of the messages whose own times are ``given``, ``NO_TIME`` where they have none."""
        known = given != NO_TIME
        if self.untimed is None and len(given):
            self.untimed = not known.any()
        first = self.count
        self.count += len(given)
        if self.untimed:
            return self._reckoned(first, len(given))
        if known.all():
            self.last = int(given[-1]) if len(given) else self.last
            return given.copy()
        return self._filled(given, known, noticed)

    def _reckoned(self, first: int, many: int) -> Array:
        start, rate = self.options.start, self.options.rate
        if start is None or rate is None:
            raise InputError(
                f"{self.name} carries no times: none of its first {many:,} messages has a tag block with c:, "
                "a $PGHP line before it or a Unix time behind it.",
                "Say when it began and how many messages a second it holds, with --start and --rate.",
            )
        if not rate > 0:
            raise InputError(f"A rate of {rate} messages a second is not possible.", "Give --rate above 0.")
        return start + np.round(np.arange(first, first + many) * (SECOND / rate)).astype(np.int64)

    def _filled(self, given: Array, known: Array, noticed: Counter[str]) -> Array:
        """The last known time where a message has none, and the first known one at the very beginning."""
        previous = np.maximum.accumulate(np.where(known, np.arange(len(given)), -1))
        before = self.last if self.last != NO_TIME else int(given[np.argmax(known)])
        noticed["time_from_previous"] += int(np.count_nonzero(~known))
        t: Array = np.where(previous >= 0, given[previous], before)
        self.last = int(t[-1])
        return t


@dataclass(slots=True)
class _Counts:
    rows: Counter[str] = field(default_factory=Counter)
    noticed: Counter[str] = field(default_factory=Counter)


def _batch(reader: Array, clock: _Clock, index: int, name: str, options: ReadOptions) -> Batch:
    """Turn what the reader holds into records, and empty it."""
    many = int(reader["messages"][0])
    counts = _Counts()
    quarantine = _quarantine(reader, name)
    kind = reader["kind"][0, :many]
    t = clock.times(reader["t"][0, :many], counts.noticed)
    row = pack_row(index, reader["line"][0, :many])
    positions = _positions(reader, kind, t, row, options, counts)
    statics = _statics(reader, kind, t, row, options, counts)
    senders = np.empty(many, np.int32)
    nmea_messages.decode_senders(reader, reader["offset"][0, :many], senders)
    _count(reader, kind, counts)
    counts.rows["read"] = many + len(quarantine)
    counts.rows["quarantined"] = len(quarantine)
    nmea_reader.empty(reader)
    return Batch(index, positions, statics, +counts.rows, +counts.noticed, quarantine, senders)


def _positions(
    reader: Array, kind: Array, t: Array, row: Array, options: ReadOptions, counts: _Counts
) -> Positions:
    which = np.flatnonzero(np.isin(kind, nmea_messages.POSITION_TYPES))
    columns = {n: np.empty(len(which), d) for n, d in Positions.DTYPES.items()}
    columns["t"], columns["row"] = t[which], row[which]
    raw = Positions(**columns)
    nmea_messages.decode_positions(
        reader, reader["offset"][0][which], raw.mmsi, raw.lat, raw.lon, raw.sog_kn,
        raw.cog_deg, raw.heading_deg, raw.nav_status, raw.ais_class,
    )  # fmt: skip
    fates = position_fates(raw, options, counts.noticed)
    count_fates(fates, counts.rows)
    kept = fates == Fate.KEPT
    both = int(np.count_nonzero(kind[which[kept]] == _BOTH))
    counts.rows["position"] += int(np.count_nonzero(kept)) - both
    counts.rows["position_and_static"] += both
    return available(raw.take(kept))


def _statics(
    reader: Array, kind: Array, t: Array, row: Array, options: ReadOptions, counts: _Counts
) -> Statics:
    """Static data. Type 19 is already counted as a position."""
    only = _decode_statics(reader, np.flatnonzero((kind == 5) | (kind == 24)), t, row)
    kept = clean_statics(only, options, counts.rows, counts.noticed)
    counts.rows["static"] += len(kept)
    both = _decode_statics(reader, np.flatnonzero(kind == _BOTH), t, row)
    if not len(both):
        return kept
    notice_statics(both, counts.noticed)
    merged = Statics.concat([kept, clean_statics(both, options, None, Counter())])
    return merged.take(np.argsort(merged.row, kind="stable"))


def _decode_statics(reader: Array, which: Array, t: Array, row: Array) -> Statics:
    columns = {n: np.zeros(len(which), d) for n, d in Statics.DTYPES.items()}
    columns["t"], columns["row"] = t[which], row[which]
    raw = Statics(**columns)
    name, callsign, destination = (
        text.view(np.uint8).reshape(len(text), text.dtype.itemsize)
        for text in (raw.name, raw.callsign, raw.destination)
    )
    nmea_messages.decode_statics(
        reader, reader["offset"][0][which], raw.mmsi, raw.imo, name, callsign,
        raw.ship_type, raw.length_m, raw.beam_m, raw.draught_m, destination, raw.ais_class,
    )  # fmt: skip
    return raw


def _count(reader: Array, kind: Array, counts: _Counts) -> None:
    """Count messages by type, and what the reader noticed on the way."""
    by_type = np.bincount(kind, minlength=nmea_messages.MOST_TYPE + 1)
    counts.noticed.update({f"message_type_{n}": int(c) for n, c in enumerate(by_type) if c})
    counts.noticed.update(dict(zip(nmea_reader.COUNTS, reader["counts"][0].tolist(), strict=True)))
    counts.rows["not_a_ship"] += int(by_type[list(nmea_messages.NOT_SHIP_TYPES)].sum())
    read = (*nmea_messages.POSITION_TYPES, *nmea_messages.STATIC_TYPES, *nmea_messages.NOT_SHIP_TYPES)
    counts.rows["other"] += int(by_type.sum() - by_type[list(set(read))].sum())


def _quarantine(reader: Array, name: str) -> list[Quarantined]:
    u = reader[0]
    return [
        Quarantined(
            name,
            int(u["unusable_line"][i]),
            nmea_reader.REASONS[u["unusable_reason"][i]],
            u["unusable_text"][i * TEXT :][: u["unusable_length"][i]].tobytes().decode("utf-8", "replace"),
        )
        for i in range(int(reader["unusable"][0]))
    ]
