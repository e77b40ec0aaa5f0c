"""What comes from this machine: a serial line, standard input."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from threading import Event, Thread
from typing import Any, Final

import serial  # type: ignore[import-untyped]

from watchkeeper.errors import FeedError
from watchkeeper.feeds.transport import Clock, ConnectionLostError, Piece

READ_BYTES: Final = 1 << 16
BAUD: Final = 38_400
"""IEC 61162-2, the rate of AIS receivers."""
_PIECES: Final = 64


class Serial:
    """Reads a serial line, 8N1."""

    def __init__(self, path: str, baud: int, clock: Clock) -> None:
        self.path, self.baud, self._clock = path, baud, clock
        self.ended, self.dropped = False, 0

    async def pieces(self, connected: Callable[[], None]) -> AsyncIterator[Piece]:
        """See :class:`Transport`."""
        try:
            line = serial.Serial(self.path, self.baud, timeout=0)
        except (OSError, ValueError) as error:  # pyserial's own error is an OSError
            raise ConnectionLostError(
                f"The serial line {self.path} cannot be opened: {error}.", "Check the cable and the rights."
            ) from error
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        fd = line.fileno()
        loop.add_reader(fd, ready.set)
        connected()
        try:
            while True:
                await ready.wait()
                ready.clear()
                data = line.read(READ_BYTES)
                if data:
                    yield Piece(data, self._clock())
        except OSError as error:
            raise ConnectionLostError(f"The serial line {self.path} is gone: {error}.") from error
        finally:
            loop.remove_reader(fd)
            line.close()

    async def kept(self, mark: Any, next_line: int) -> None:
        """Nothing is acknowledged."""


class StandardInput:
    """Reads a file descriptor to its end, in a thread of its own: it may be a terminal, a pipe or a file."""

    def __init__(self, clock: Clock, fd: int = 0) -> None:
        self._clock, self._fd = clock, fd
        self.ended, self.dropped = False, 0

    async def pieces(self, connected: Callable[[], None]) -> AsyncIterator[Piece]:
        """See :class:`Transport`."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        stopped = Event()

        def read() -> None:
            while not stopped.is_set():
                try:
                    data = os.read(self._fd, READ_BYTES)
                    handed = asyncio.run_coroutine_threadsafe(self._put(queue, data), loop)
                    handed.result()
                except (OSError, RuntimeError, asyncio.CancelledError):  # closed, or the loop has ended
                    return
                if not data:
                    return

        Thread(target=read, name="standard input", daemon=True).start()
        connected()
        try:
            while data := await queue.get():
                yield Piece(data, self._clock())
            self.ended = True
        finally:
            stopped.set()

    async def _put(self, queue: asyncio.Queue[bytes], data: bytes) -> None:
        while queue.qsize() >= _PIECES:
            await asyncio.sleep(0.01)
        await queue.put(data)

    async def kept(self, mark: Any, next_line: int) -> None:
        """Nothing is acknowledged."""


def baud_of(text: str) -> int:
    """The rate that an address gives.

    Raises:
        FeedError: it is none.
    """
    if not text:
        return BAUD
    if not text.isdigit() or not 300 <= int(text) <= 4_000_000:
        raise FeedError(f"{text!r} is no rate of a serial line.", "Write it as ?baud=38400.")
    return int(text)
