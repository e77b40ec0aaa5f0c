"""Byte streams that know what ended them early."""

import io
from bisect import bisect_left
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from watchkeeper.kernels.newlines import STRETCH

Source = io.RawIOBase | io.BufferedIOBase | BinaryIO


class Stream(io.RawIOBase):
    """Bytes to read; ``fault`` is empty unless something ended them early."""

    def __init__(self, raw: Source) -> None:
        self.raw = raw
        self._fault = ""

    @property
    def fault(self) -> str:
        """What ended the content early, here or in what lies beneath."""
        return self._fault or (self.raw.fault if isinstance(self.raw, Stream) else "")

    @property
    def bytes_read(self) -> int:
        """How far the file beneath has been read, as stored [bytes]; 0 where that cannot be told."""
        if isinstance(self.raw, Stream):
            return self.raw.bytes_read
        return self.raw.tell() if not self.raw.closed and self.raw.seekable() else 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any, /) -> int:
        return self.raw.readinto(target) or 0  # type: ignore[union-attr]

    def close(self) -> None:
        self.raw.close()
        super().close()


class Landmarks:
    """Where lines are in a file, every 64 KiB: noted while it is read, so that a line is found again at once."""

    def __init__(self) -> None:
        self._offsets: list[int] = []
        self._lines: list[int] = []

    def note(self, offset: int, line: int, ends: NDArray[np.int64]) -> None:
        """At byte ``offset`` line ``line`` (from 1) begins; ``ends`` are the line ends in each
        :data:`newlines.STRETCH` bytes from there on."""
        self._offsets += range(offset, offset + len(ends) * STRETCH, STRETCH)
        self._lines += (line + np.cumsum(ends) - ends).tolist()

    def before(self, line: int) -> tuple[int, int]:
        """A byte before the beginning of a line, or at it, and the line that goes on there."""
        k = bisect_left(self._lines, line) - 1
        return (self._offsets[k], self._lines[k]) if k >= 0 else (0, 1)


class File(Stream):
    """A file as it is, in which one can move."""

    def __init__(self, raw: Source) -> None:
        super().__init__(raw)
        self.landmarks = Landmarks()

    def seekable(self) -> bool:
        return self.raw.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self.raw.seek(offset, whence)

    def tell(self) -> int:
        return self.raw.tell()


class Tee(Stream):
    """Keeps what is read from ``raw`` in the file ``spool``."""

    def __init__(self, raw: Source, spool: Path) -> None:
        super().__init__(raw)
        spool.parent.mkdir(parents=True, exist_ok=True)
        self._kept = spool.open("wb")

    def readinto(self, target: Any, /) -> int:
        count = super().readinto(target)
        self._kept.write(memoryview(target)[:count])
        return count

    def close(self) -> None:
        self._kept.close()
        super().close()


class Replayed(Stream):
    """``raw`` with bytes that were already taken from it put back in front."""

    def __init__(self, head: bytes, raw: Source) -> None:
        super().__init__(raw)
        self._head = memoryview(head)

    def readinto(self, target: Any, /) -> int:
        if not self._head:
            return super().readinto(target)
        count = min(len(target), len(self._head))
        target[:count] = self._head[:count]
        self._head = self._head[count:]
        return count
