"""Lines of a feed to batches as they come: the formats of files, decoded piece by piece.

What a line means does not depend on where the stream was cut: a decoder remembers the beginning of messages in several
parts, and of a table its header.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from watchkeeper.errors import InputError
from watchkeeper.model.records import QUARANTINE_TEXT, Array, Batch, Positions, Quarantined, Statics
from watchkeeper.sources import nmea
from watchkeeper.sources.inputs import formats
from watchkeeper.sources.options import ReadOptions

_HEAD: Final = 1 << 16


@dataclass(slots=True)
class LiveDecoder:
    """Decodes one feed, whose number among the feeds is ``index``. Its first lines say of which format it is."""

    index: int
    name: str
    options: ReadOptions
    _format: str = ""
    _header: bytes = b""
    _nmea: nmea.Decoder | None = None
    _source: Any = field(default=None)

    def push(self, lines: bytes, first_line: int, now: int) -> Iterator[Batch]:
        """The records of whole lines. What cannot be read, whatever the reason, is quarantined: a feed goes on.

        Args:
            lines: each ended by a line end.
            first_line: the number of the first, from 1.
            now: the present [ms UTC]; later times are out of range.
        """
        if not lines:
            return
        self.options = replace(self.options, now=now)
        try:
            yield from self._decoded(lines, first_line)
        except InputError as error:
            yield self._unreadable(lines, first_line, error.what)

    def _decoded(self, lines: bytes, first_line: int) -> Iterator[Batch]:
        if not self._format:
            self._recognise(lines)
        if self._nmea is not None:
            self._nmea.options = self.options
            yield from self._nmea.push(lines)
            return
        shift = first_line - 1
        if self._header and first_line > 1:
            lines, shift = self._header + lines, shift - 1
        stream = io.BytesIO(lines)
        for batch in self._source.batches(stream, self.index, self.name, self.options):
            yield _moved(batch, shift)

    def _recognise(self, lines: bytes) -> None:
        source = next((s for s in formats() if s.sniff(lines[:_HEAD], self.name)), None)
        if source is None:
            raise InputError("of no known format")
        objects = lines.startswith(b"{") or b"\n{" in lines
        self._begin(source.NAME, b"" if objects else lines[: lines.find(b"\n") + 1])

    def _unreadable(self, lines: bytes, first_line: int, reason: str) -> Batch:
        """All lines of a block in quarantine: those of a banner before the first message, or of another service."""
        records = [
            Quarantined(
                self.name,
                number,
                reason,
                line.decode(errors="replace")[:QUARANTINE_TEXT],
            )
            for number, line in enumerate(lines.splitlines(), first_line)
        ]
        batch = Batch(self.index, Positions.empty(), Statics.empty(), quarantine=records)
        batch.rows["read"] = batch.rows["quarantined"] = len(records)
        return batch

    def _begin(self, format: str, header: bytes) -> None:
        self._format, self._header = format, header
        self._source = next(s for s in formats() if format == s.NAME)
        if format == nmea.NAME:
            self._header, self._nmea = b"", nmea.Decoder(self.index, self.name, self.options)

    def snapshot(self) -> dict[str, Array]:
        """What is remembered, as named arrays."""
        state = {"format": np.array(self._format), "header": np.frombuffer(self._header, np.uint8)}
        if self._nmea is not None:
            state |= {f"nmea.{name}": array for name, array in self._nmea.snapshot().items()}
        return state

    def restore(self, state: dict[str, Array]) -> None:
        """Go on from a snapshot."""
        if not str(state["format"]):
            return
        self._begin(str(state["format"]), state["header"].tobytes())
        if self._nmea is not None:
            self._nmea.restore({k[5:]: v for k, v in state.items() if k.startswith("nmea.")})


def _moved(batch: Batch, lines: int) -> Batch:
    """The batch with its lines numbered on."""
    if lines:
        batch.positions.row += lines
        batch.statics.row += lines
        batch.quarantine = [type(q)(q.source, q.line + lines, q.reason, q.text) for q in batch.quarantine]
    return batch
