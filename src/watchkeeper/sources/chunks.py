"""A byte stream as blocks of whole lines, and work on them on two cores in order."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.csv_bytes import PADDING
from watchkeeper.kernels.newlines import newlines
from watchkeeper.model.records import QUARANTINE_TEXT
from watchkeeper.sources.ahead import ahead
from watchkeeper.sources.streams import File

CHUNK_BYTES: Final = 8 << 20
"""About 45,000 rows of a Danish day: small enough for the caches, large enough to hide overheads."""
LINE_LIMIT: Final = 1 << 20
"""A line longer than 1 MiB is no record of anything."""
_NEWLINE: Final = 10

Result = TypeVar("Result")


@dataclass(slots=True)
class Chunk:
    """Whole lines: ``data[:size]`` ends with a line end. ``first_line`` counts from 1.

    ``overlong`` holds line number and beginning of lines that were longer than :data:`LINE_LIMIT`; in
    ``data`` they are empty lines, so that line numbers stay right.
    """

    data: NDArray[np.uint8]
    size: int
    lines: int
    first_line: int
    overlong: tuple[tuple[int, str], ...] = ()

    def text(self, begin: int, end: int, limit: int = QUARANTINE_TEXT) -> str:
        """At most ``limit`` characters of ``data[begin:end]``; what is not UTF-8 is replaced."""
        return self.data[begin : min(end, begin + 4 * limit)].tobytes().decode(errors="replace")[:limit]


def chunks(stream: BinaryIO, first_line: int = 1, chunk_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
    """Cut ``stream`` into chunks at line ends. Memory is bounded whatever the length of a line."""
    carried = np.empty(0, np.uint8)
    line = first_line
    while True:
        data = np.empty(len(carried) + chunk_bytes + 1 + PADDING, np.uint8)
        data[: len(carried)] = carried
        size = len(carried) + fill(stream, data[len(carried) : len(carried) + chunk_bytes])
        offset = stream.tell() - size if isinstance(stream, File) else 0
        at_end = size < len(carried) + chunk_bytes
        if at_end and size and data[size - 1] != _NEWLINE:
            data[size] = _NEWLINE
            size += 1
        overlong: tuple[tuple[int, str], ...] = ()
        cut = _after_last_newline(data[:size])
        if size - cut > LINE_LIMIT:
            overlong = ((line + int(np.count_nonzero(data[:cut] == _NEWLINE)), _beginning(data[cut:size])),)
            carried = _skip_line(stream, chunk_bytes)
            data[cut] = _NEWLINE
            cut += 1
        else:
            carried = data[cut:size].copy()
        data[cut : cut + PADDING] = 0
        ends = newlines(data, cut)
        lines = int(ends.sum())
        if isinstance(stream, File):
            stream.landmarks.note(offset, line, ends)
        if lines:
            yield Chunk(data, cut, lines, line, overlong)
        line += lines
        if at_end:
            return


def fill(stream: BinaryIO, view: NDArray[np.uint8]) -> int:
    """Read until ``view`` is full or the stream ends; the number of bytes read."""
    target = view.data
    done = 0
    while done < len(target):
        count = stream.readinto(target[done:])  # type: ignore[attr-defined]
        if not count:
            break
        done += count
    return done


def in_order(parts: Iterator[Chunk], work: Callable[[Chunk], Result], workers: int = 2) -> Iterator[Result]:
    """``work`` on every chunk, in the order of the stream. One thread reads ahead, ``workers`` work."""
    with ThreadPoolExecutor(workers, thread_name_prefix="convert") as pool:
        working: deque[Future[Result]] = deque()
        for chunk in ahead(parts):
            working.append(pool.submit(work, chunk))
            if len(working) > workers:
                yield working.popleft().result()
        while working:
            yield working.popleft().result()


def _after_last_newline(data: NDArray[np.uint8]) -> int:
    step = 1 << 16
    for stop in range(len(data), 0, -step):
        start = max(0, stop - step)
        found = np.flatnonzero(data[start:stop] == _NEWLINE)
        if len(found):
            return start + int(found[-1]) + 1
    return 0


def _skip_line(stream: BinaryIO, chunk_bytes: int) -> NDArray[np.uint8]:
    """Read on to the next line end; what follows it."""
    data = np.empty(chunk_bytes, np.uint8)
    while size := fill(stream, data):
        ends = np.flatnonzero(data[:size] == _NEWLINE)
        if len(ends):
            return data[int(ends[0]) + 1 : size].copy()
    return data[:0]


def _beginning(data: NDArray[np.uint8]) -> str:
    return data[: 4 * QUARANTINE_TEXT].tobytes().decode(errors="replace")[:QUARANTINE_TEXT]


def take_header(parts: Iterator[Chunk]) -> tuple[bytes, Iterator[Chunk]]:
    """The first line, and the chunks without it; an empty line where there is nothing."""
    first = next(parts, None)
    if first is None:
        return b"", iter(())
    cut = int(np.argmax(first.data[: first.size] == _NEWLINE)) + 1
    rest = Chunk(first.data[cut:], first.size - cut, first.lines - 1, first.first_line + 1, first.overlong)
    return first.data[: cut - 1].tobytes(), chain([rest] if rest.lines else [], parts)


def chunk_of(lines: list[bytes], first_line: int) -> Chunk:
    """A chunk of lines (without line ends) that were made, not read."""
    text = b"\n".join([*lines, b""])
    data = np.frombuffer(bytearray(text + bytes(PADDING)), np.uint8)  # writable, as those that are read
    return Chunk(data, len(text), len(lines), first_line)
