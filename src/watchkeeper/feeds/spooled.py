"""Reading a spool: on from a line, across its files, compressed or not, while it is written."""

import logging
import os
import re
from bisect import bisect_right
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np
import zstandard

from watchkeeper.errors import FeedError

COMPRESSED: Final = ".zst"
UNFINISHED: Final = ".unfinished"
_NAME: Final = re.compile(r"(\d{12,})\.[a-z]+(?:\.zst)?")
_BLOCK: Final = 1 << 20
_LOG = logging.getLogger(__name__)


class SpoolFile(NamedTuple):
    """A file of a spool and the number of its first line."""

    first: int
    path: Path


def name_of(first: int, suffix: str) -> str:
    """How the file is named that begins with line ``first``."""
    return f"{first:012d}.{suffix}"


def files_of(folder: Path) -> list[SpoolFile]:
    """The files, by their first line. Of one that is there twice the plain one counts."""
    found: dict[int, Path] = {}
    try:
        names = sorted(entry.name for entry in os.scandir(folder))
    except FileNotFoundError:
        return []
    for name in names:
        match = _NAME.fullmatch(name)
        if match:
            found.setdefault(int(match[1]), folder / name)  # "x.nmea" stands before "x.nmea.zst"
    return [SpoolFile(first, path) for first, path in sorted(found.items())]


def open_file(path: Path) -> BinaryIO:
    """The content of a file of a spool."""
    raw = path.open("rb", buffering=0)
    if path.suffix != COMPRESSED:
        return raw
    return zstandard.ZstdDecompressor().stream_reader(raw, closefd=True)


def blocks_of(file: SpoolFile) -> Iterator[bytes]:
    """The content of a file, by blocks.

    Raises:
        FeedError: it is damaged.
    """
    try:
        with open_file(file.path) as stream:
            while block := stream.read(_BLOCK):
                yield block
    except zstandard.ZstdError as error:
        raise damaged(file.path, error) from error


def damaged(path: Path, error: Exception) -> FeedError:
    """What to say of a file that cannot be decompressed."""
    return FeedError(
        f"The spool file {path} is damaged: {error}.", "Bring it back from a backup, or move it away."
    )


def count_lines(file: SpoolFile) -> int:
    """How many lines a file has."""
    return sum(block.count(b"\n") for block in blocks_of(file))


class SpoolReader:
    """Gives the lines of a spool that were not read yet.

    Args:
        folder: of the spool; it may not be there yet.
        name: of the feed.
        from_line: the first that is wanted.
    """

    def __init__(self, folder: Path, name: str, from_line: int = 1) -> None:
        self.folder, self.name = folder, name
        self.next_line = from_line
        self._at: SpoolFile | None = None
        self._stream: BinaryIO | None = None
        self._carry = b""
        self.missed = 0
        """Lines that should be there and are not."""

    def seek(self, line: int) -> None:
        """Go on with this line, from 1."""
        self.close()
        self.next_line = line

    def read(self, most: int) -> tuple[bytes, int]:
        """Whole lines that were not read yet, about ``most`` bytes, and the number of the first; empty for none.

        A line longer than ``most`` is given whole.

        Raises:
            FeedError: the line to go on with is not kept any more, or a file is damaged.
        """
        while True:
            first = self.next_line
            if self._stream is None and not self._open():
                return b"", first
            block = self._lines(most)
            if block:
                self.next_line += block.count(b"\n")
                return block, first
            following = self._following()
            if following is None:
                return b"", first
            block = self._lines(
                most
            )  # what was written between the look at the file and the look at the folder
            if block:
                self.next_line += block.count(b"\n")
                return block, first
            self.close()
            self._pass_over(following)

    def close(self) -> None:
        """Let go of the open file."""
        if self._stream is not None:
            self._stream.close()
        self._stream, self._at, self._carry = None, None, b""

    def _lines(self, most: int) -> bytes:
        parts = [self._carry]
        while True:
            block = self._read(most)
            if not block:
                self._carry = b"".join(parts)
                return b""
            end = block.rfind(b"\n") + 1
            if end:
                self._carry = block[end:]
                return b"".join([*parts, block[:end]])
            parts.append(block)

    def _read(self, most: int) -> bytes:
        assert self._stream is not None
        assert self._at is not None
        try:
            return self._stream.read(most)
        except zstandard.ZstdError as error:
            path = self._at.path
            self.close()
            raise damaged(path, error) from error

    def _open(self) -> bool:
        """Open the file of the next line and stand before that line; False where there is none yet."""
        files = files_of(self.folder)
        holding = [f for f in files if f.first <= self.next_line]
        if not holding:
            if files or self.next_line > 1:
                raise self._missing()
            return False
        try:
            self._stream = open_file(holding[-1].path)
        except FileNotFoundError:  # compressed or removed since the folder was read
            return self._open() if files != files_of(self.folder) else False
        self._at = holding[-1]
        self._skip(self.next_line - self._at.first)
        return True

    def _skip(self, lines: int) -> None:
        while lines > 0:
            block = self._read(_BLOCK)
            if not block:
                self.close()
                raise self._missing()
            count = block.count(b"\n")
            if count >= lines:
                end = int(np.flatnonzero(np.frombuffer(block, np.uint8) == 10)[lines - 1])
                self._carry = block[end + 1 :]
                if b"\n" in self._carry:
                    self._stream = _Behind(self._carry, self._stream)  # type: ignore[arg-type, assignment]
                    self._carry = b""
                return
            lines -= count

    def _following(self) -> int | None:
        """The first line of the next file, if there is one: then this one grows no more."""
        assert self._at is not None
        at = self._at.first
        return min((f.first for f in files_of(self.folder) if f.first > at), default=None)

    def _pass_over(self, following: int) -> None:
        """Lines between two files are gone: power failed before they were on the disk, or a file was cut short."""
        if self.next_line < following:
            _LOG.warning("The spool %s has no lines %d to %d.", self.folder, self.next_line, following - 1)
            self.missed += following - self.next_line
            self.next_line = following

    def _missing(self) -> FeedError:
        return FeedError(
            f"Line {self.next_line} of the spool {self.folder} is not kept any more.",
            "Begin anew with --forget, or bring the spool back from a backup.",
        )


class _Behind:
    """A stream with bytes that were already taken from it put back in front."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head, self._stream = head, stream

    def read(self, most: int) -> bytes:
        if self._head:
            block, self._head = self._head[:most], self._head[most:]
            return block
        return self._stream.read(most)

    def close(self) -> None:
        self._stream.close()


def raw_line(folder: Path, line: int) -> bytes | None:
    """One line without its end; None where it is not kept, or not there yet."""
    return raw_lines(folder, (line,)).get(line)


def raw_lines(folder: Path, lines: Collection[int]) -> dict[int, bytes]:
    """Lines without their ends, by number; without those that are not kept, or not there yet. A file is read once."""
    files = files_of(folder)
    firsts = [file.first for file in files]
    wanted: dict[int, list[int]] = {}
    for line in sorted(set(lines)):
        at = bisect_right(firsts, line) - 1
        if at >= 0:
            wanted.setdefault(at, []).append(line)
    try:
        return {n: raw for at, numbers in wanted.items() for n, raw in _lines_of(files[at], numbers)}
    except FileNotFoundError:  # compressed or removed since the folder was read
        return raw_lines(folder, lines)


def _lines_of(file: SpoolFile, numbers: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Some lines of a file, by ascending number."""
    number, begun = file.first, b""
    waiting = deque(numbers)
    for block in blocks_of(file):
        many = block.count(b"\n")
        if (
            waiting[0] >= number + many
        ):  # what is asked for begins at the earliest in the line that is not ended
            begun = (b"" if many else begun) + block[block.rfind(b"\n") + 1 :]
            number += many
            continue
        block, begun = begun + block, b""
        ends = np.flatnonzero(np.frombuffer(block, np.uint8) == 10)
        while waiting and waiting[0] < number + many:
            at = waiting.popleft() - number
            yield number + at, block[int(ends[at - 1]) + 1 if at else 0 : int(ends[at])]
        if not waiting:
            return
        begun, number = block[int(ends[-1]) + 1 :], number + many
