"""The spool of a feed: files of raw lines, numbered from 1 for ever. What is here is never lost.

A file is named by the number of its first line (``000000000001.nmea``). Only the last one grows; when it is large or
old enough the next begins, and it is compressed by and by (:mod:`compressing`). A kill leaves at most half a line
at the very end, which the next start cuts off, so that numbers stay right.
"""

import fcntl
import os
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Final

from watchkeeper.errors import FeedError
from watchkeeper.feeds.spooled import COMPRESSED, SpoolFile, count_lines, files_of, name_of
from watchkeeper.model.time import HOUR

FILE_BYTES: Final = 64 << 20
FILE_MS: Final = HOUR
_LOCK: Final = ".writer"
_BLOCK: Final = 1 << 20


class SpoolFullError(FeedError):
    """A spool cannot be written now. ``written`` of the bytes are in it, whole lines."""

    def __init__(self, what: str, written: int) -> None:
        super().__init__(what, "Make room on its disk; the feed waits and goes on by itself.")
        self.written = written


class Spool:
    """The spool in a folder, open for writing, by one process at a time.

    Args:
        folder: made where it does not exist.
        suffix: what files are named for: ``nmea``, ``ndjson``.
        now: the present [ms UTC].
        file_bytes: how large a file grows.
        file_ms: how long one is written [ms].
        at_least: the number of the next line, where more was read from here than the disk kept.

    Raises:
        FeedError: the folder cannot be written, or another process writes it.
    """

    def __init__(
        self,
        folder: Path,
        suffix: str,
        now: int,
        *,
        file_bytes: int = FILE_BYTES,
        file_ms: int = FILE_MS,
        at_least: int = 1,
    ) -> None:
        self.folder, self.suffix = folder, suffix
        self._file_bytes, self._file_ms = file_bytes, file_ms
        self.cut_bytes = 0
        """How much of an unfinished last line the start cut off."""
        self._lock = _locked(folder)
        self._fd, self._size, self._since = -1, 0, now
        self._synced = True
        self._closing = Lock()
        self.next_line = 1
        try:
            self._open_last(now)
            if self.next_line < at_least:
                self.next_line = at_least
                self._rotate(now)
        except OSError as error:
            os.close(self._lock)
            raise _unwritable(folder, error) from error

    def append(self, lines: bytes, now: int) -> int:
        """Write whole lines, each ended by a newline; the number of the first.

        Raises:
            SpoolFullError: the disk takes no more; says how many bytes were taken.
        """
        if self._size and (self._size >= self._file_bytes or now - self._since >= self._file_ms):
            self._rotate(now)
        first = self.next_line
        view = memoryview(lines)
        done = 0
        try:
            while done < len(view):
                done += os.write(self._fd, view[done:])
        except OSError as error:
            kept = bytes(view[:done]).rfind(b"\n") + 1
            os.ftruncate(self._fd, self._size + kept)
            self._wrote(lines[:kept])
            raise SpoolFullError(f"The spool {self.folder} takes no more: {error.strerror}.", kept) from error
        self._wrote(lines)
        return first

    def sync(self) -> None:
        """Bring what was written to the disk. May be called from another thread than the writer's.

        Raises:
            OSError: the disk failed.
        """
        with self._closing:
            if not self._synced and self._fd >= 0:
                self._synced = True
                os.fsync(self._fd)

    def release(self, line: int, now: int, *, keep_bytes: int, keep_ms: int) -> list[Path]:
        """Remove files of which no line from ``line`` on is in, where they are too old, or all together too large.

        ``line`` is the first that a restart may still ask for. The files removed.
        """
        files = files_of(self.folder)
        sizes = {f.path: f.path.stat().st_size for f in files}
        total = sum(sizes.values())
        gone: list[Path] = []
        for file, following in pairwise(files):
            old = now - round(file.path.stat().st_mtime * 1000) > keep_ms
            if following.first > line or not (old or total > keep_bytes):
                break
            file.path.unlink()
            total -= sizes[file.path]
            gone.append(file.path)
        return gone

    def closed_files(self) -> list[SpoolFile]:
        """Files that are written to their end and not compressed."""
        return [f for f in files_of(self.folder)[:-1] if f.path.suffix != COMPRESSED]

    def close(self) -> None:
        """Bring everything to the disk and give the folder free."""
        self.sync()
        with self._closing:
            if self._fd >= 0:
                os.close(self._fd)
                os.close(self._lock)
                self._fd = -1

    def _wrote(self, lines: bytes) -> None:
        self._size += len(lines)
        self.next_line += lines.count(b"\n")
        self._synced = False

    def _open_last(self, now: int) -> None:
        files = files_of(self.folder)
        last = files[-1] if files else SpoolFile(1, self.folder / name_of(1, self.suffix))
        if last.path.suffix == COMPRESSED:
            following = last.first + count_lines(last)
            last = SpoolFile(following, self.folder / name_of(following, self.suffix))
        self._open(last, now)
        whole = _end_of_lines(self._fd, self._size)
        if whole < self._size:
            self.cut_bytes = self._size - whole
            os.ftruncate(self._fd, whole)
            self._size = whole
        self.next_line = last.first + count_lines(last)

    def _open(self, file: SpoolFile, now: int) -> None:
        self._fd = os.open(file.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
        self._size = os.fstat(self._fd).st_size
        self._since = now
        folder = os.open(self.folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def _rotate(self, now: int) -> None:
        with self._closing:
            before = self._fd
            try:
                os.fsync(before)
                self._open(SpoolFile(self.next_line, self.folder / name_of(self.next_line, self.suffix)), now)
            except OSError as error:
                self._fd = before
                raise SpoolFullError(
                    f"The spool {self.folder} takes no more: {error.strerror}.", 0
                ) from error
            self._synced = True
            if before >= 0:
                os.close(before)


def _locked(folder: Path) -> int:
    """The folder's lock, as an open file."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise FeedError(
            f"Another process writes the spool {folder}.", "Stop the other watch of this store."
        ) from error
    return lock


def _unwritable(folder: Path, error: OSError) -> FeedError:
    return FeedError(f"The spool {folder} cannot be written: {error.strerror}.", "Check the store's folder.")


def _end_of_lines(fd: int, size: int) -> int:
    """Where the last whole line ends."""
    stop = size
    while stop > 0:
        start = max(0, stop - _BLOCK)
        found = os.pread(fd, stop - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        stop = start
    return 0
