"""A file that another program appends to, followed across rotation, truncation and renames; and across a restart.

How far it was read is kept beside the spool: the file (by its inode), an offset where a line begins, and the number
of that line in the spool. Each line of the file is one of the spool, so that after a kill the lines which the spool
has already are passed over, exactly.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from watchkeeper.feeds.transport import Clock, ConnectionLostError, Piece

READ_BYTES: Final = 1 << 20
LOOK_S: Final = 0.2
POSITION: Final = ".position"


class Place(msgspec.Struct, frozen=True):
    """Line ``line`` of the spool begins at ``offset`` of the file with this inode."""

    inode: int
    offset: int
    line: int


class Follow:
    """Follows a file.

    Args:
        path: of the file; it need not be there yet.
        clock: the present [ms UTC].
        spool: the folder of the spool, where the place is kept.
        next_line: the next line of the spool.
        follow: whether more may come; else the feed ends with the file.
        look_s: how often to look for more [s].
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        spool: Path,
        next_line: int,
        *,
        follow: bool = True,
        look_s: float = LOOK_S,
    ) -> None:
        self.path, self._clock, self._follow, self._look_s = path, clock, follow, look_s
        self._position = spool / POSITION
        self._next_line = next_line
        self.ended, self.dropped = False, 0

    async def pieces(self, connected: Callable[[], None]) -> AsyncIterator[Piece]:
        """See :class:`Transport`."""
        place = self._place()
        path = self._named(place.inode) if place is not None else self.path
        try:
            file: BinaryIO = (path or self.path).open("rb", buffering=0)
        except OSError as error:
            raise ConnectionLostError(
                f"{self.path} cannot be read: {error.strerror}.", "It is followed when it is there."
            ) from error
        connected()
        if place is not None and path is not None:
            file.seek(place.offset)
            _pass_over(file, max(0, self._next_line - place.line))
        else:
            await self.kept(_mark(file), self._next_line)
        try:
            while True:
                async for piece in self._to_end(file):
                    yield piece
                if not self._follow:
                    yield Piece(file.read(READ_BYTES), self._clock())
                    yield Piece(b"", self._clock(), ends=True)
                    yield Piece(b"", self._clock(), mark=_mark(file))
                    self.ended = True
                    return
                following = self._following(file)
                if following is None:
                    await asyncio.sleep(self._look_s)
                    continue
                async for piece in self._to_end(file):  # what was written until it was put aside
                    yield piece
                yield Piece(file.read(READ_BYTES), self._clock())
                yield Piece(b"", self._clock(), ends=True)
                file.close()
                file = following
                yield Piece(b"", self._clock(), mark=_mark(file))
        finally:
            file.close()

    async def kept(self, mark: tuple[int, int], next_line: int) -> None:
        """See :class:`Transport`. The place is replaced as a whole."""
        inode, offset = mark
        new = self._position.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(Place(inode, offset, next_line)))
        new.replace(self._position)
        self._next_line = next_line

    async def _to_end(self, file: BinaryIO) -> AsyncIterator[Piece]:
        """Whole lines up to the end of the file; what has no line end yet is left, unless it is too long for a line."""
        while True:
            begin = file.tell()
            data = file.read(READ_BYTES)
            end = data.rfind(b"\n") + 1
            if not end and len(data) < READ_BYTES:
                file.seek(begin)
                return
            if end:
                file.seek(begin + end)
                yield Piece(data[:end], self._clock(), mark=_mark(file))
            else:
                yield Piece(data, self._clock())  # the framer cuts it; the place stays where the line begins
            await asyncio.sleep(0)

    def _following(self, file: BinaryIO) -> BinaryIO | None:
        """The file that is to be read now, where it is another or was cut short; None while it is the same."""
        try:
            at = self.path.stat()
        except OSError:
            return None  # moved away, and the next is not there yet
        same = os.fstat(file.fileno())
        if at.st_ino == same.st_ino and at.st_size >= file.tell():
            return None
        try:
            return self.path.open("rb", buffering=0)
        except OSError:
            return None

    def _place(self) -> Place | None:
        try:
            return msgspec.json.decode(self._position.read_bytes(), type=Place)
        except (OSError, msgspec.MsgspecError):
            return None

    def _named(self, inode: int) -> Path | None:
        """The file with this inode, by whatever name it has now; None where it is gone."""
        beside = [self.path, *sorted(self.path.parent.glob(f"{self.path.name}*"))]
        for path in beside:
            try:
                if path.stat().st_ino == inode:
                    return path
            except OSError:
                continue
        return None


def _mark(file: BinaryIO) -> tuple[int, int]:
    return os.fstat(file.fileno()).st_ino, file.tell()


def _pass_over(file: BinaryIO, lines: int) -> None:
    while lines > 0 and (data := file.read(READ_BYTES)):
        count = data.count(b"\n")
        if count < lines:
            lines -= count
            continue
        at = -1
        for _ in range(lines):
            at = data.find(b"\n", at + 1)
        file.seek(at + 1 - len(data), os.SEEK_CUR)
        return
