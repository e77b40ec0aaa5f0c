"""All feeds of a watch, received in a thread of their own: into their spools, with an eye on their health.

One feed that fails in a way nobody thought of stops alone, is ``down`` with the reason, and is tried again later.
"""

import asyncio
import logging
import os
import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

from watchkeeper.errors import FeedError
from watchkeeper.feeds.address import Address
from watchkeeper.feeds.compressing import compress
from watchkeeper.feeds.feed import Feed, Pauses
from watchkeeper.feeds.health import Health, Picture, Transition
from watchkeeper.feeds.opening import open_transport
from watchkeeper.feeds.spool import FILE_BYTES, FILE_MS, Spool, SpoolFullError
from watchkeeper.feeds.spooled import SpoolReader, raw_line, raw_lines
from watchkeeper.feeds.transport import Clock
from watchkeeper.feeds.twice import Twice
from watchkeeper.model.time import DAY

_LOG = logging.getLogger(__name__)
RETRY_S: Final = 60.0
"""How long a feed rests that failed in a way nobody thought of."""

_FULL_S: Final = 0.5
_START_S: Final = 30.0
_TIDY_MS: Final = 5_000


def wall_clock() -> int:
    """The present [ms UTC]."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Keep:
    """How long spools are kept, and how their files are cut. What a restart still needs is kept in any case.

    ``sync_ms``: how much of what was received may be lost when the power fails.
    """

    bytes: int = 20 << 30
    ms: int = 7 * DAY
    file_bytes: int = FILE_BYTES
    file_ms: int = FILE_MS
    sync_ms: int = 250


class Receiver:
    """See the module.

    Args:
        folder: where the spools are, one folder for each feed.
        addresses: the feeds, each of its own name.
        environment: where keys and passwords are.
        places: the next line of each feed that a checkpoint names: the spool goes on behind it.
        usual: the usual interval of each feed before a restart [ms].
        clock: the present [ms UTC].
        pauses_s: the first and the longest pause between two attempts to connect.

    Raises:
        FeedError: a spool cannot be written, or an address cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        addresses: Sequence[Address],
        *,
        environment: Mapping[str, str] | None = None,
        places: Mapping[str, int] | None = None,
        usual: Mapping[str, int] | None = None,
        keep: Keep | None = None,
        clock: Clock = wall_clock,
        pauses_s: tuple[float, float] | None = None,
    ) -> None:
        self._keep, self._clock = keep or Keep(), clock
        self._changes: deque[Transition] = deque()
        self._pictures: list[Picture] = []
        self._stopping, self._running = Event(), Event()
        self._thread: Thread | None = None
        self._twice = Twice()
        self._readers: list[SpoolReader] = []
        self.folder = folder
        self._feeds: dict[str, _Received] = {}
        try:
            for address in addresses:
                self._feeds[address.name] = self._one(
                    address,
                    os.environ if environment is None else environment,
                    (places or {}).get(address.name, 1),
                    (usual or {}).get(address.name),
                    pauses_s,
                )
        except FeedError:
            self._close()
            raise
        self._look()

    def start(self) -> None:
        """Begin to receive."""
        self._thread = Thread(target=self._work, name="receiver", daemon=True)
        self._thread.start()
        self._running.wait(_START_S)

    def stop(self) -> None:
        """Stop receiving, and bring what was received to the disk."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self._close()

    def readers(self) -> list[SpoolReader]:
        """What reads each spool, in the order of the feeds, from its first line on (:meth:`SpoolReader.seek`).

        They are closed when the receiver is stopped, and open again when they are read on.
        """
        readers = [SpoolReader(self.folder / name, name) for name in self._feeds]
        self._readers += readers
        return readers

    def pictures(self) -> list[Picture]:
        """How every feed was at the last look, at most a fraction of a second ago."""
        return self._pictures

    def transitions(self) -> list[Transition]:
        """What changed since this was last asked, in order."""
        changes: list[Transition] = []
        while self._changes:
            changes.append(self._changes.popleft())
        return changes

    def ended(self) -> bool:
        """Whether all feeds have ended for good, as standard input does."""
        return all(r.feed.transport.ended and r.done for r in self._feeds.values())

    def raw(self, feed: str, line: int) -> bytes | None:
        """A line of a feed as it was received; None where it is not kept any more."""
        return raw_line(self.folder / feed, line)

    def raws(self, feed: str, lines: Collection[int]) -> dict[int, bytes]:
        """Lines of a feed as they were received, by number, without those that are not kept any more."""
        return raw_lines(self.folder / feed, lines)

    def release(self, feed: str, line: int) -> None:
        """Lines before this one will not be asked for again by a restart."""
        self._feeds[feed].released = line

    def sync(self) -> None:
        """Bring to the disk what was received: a checkpoint may then lean on it.

        Raises:
            FeedError: the disk failed.
        """
        for received in self._feeds.values():
            try:
                received.spool.sync()
            except OSError as error:
                raise FeedError(
                    f"The spool {received.spool.folder} cannot be brought to its disk: {error.strerror}.",
                    "Look after the disk; nothing is lost as long as the machine runs.",
                ) from error

    def _one(
        self,
        address: Address,
        environment: Mapping[str, str],
        place: int,
        usual: int | None,
        pauses_s: tuple[float, float] | None,
    ) -> "_Received":
        now = self._clock()
        folder = self.folder / address.name
        spool = Spool(
            folder, address.suffix, now,
            file_bytes=self._keep.file_bytes, file_ms=self._keep.file_ms, at_least=place,
        )  # fmt: skip
        try:
            transport = open_transport(address, folder, spool.next_line, self._clock, environment)
        except FeedError:
            spool.close()
            raise
        health = Health(address.name, now, usual)
        if spool.cut_bytes:
            _LOG.warning(
                "%s: half a line (%d bytes) at the end of the spool was cut off.",
                address.name,
                spool.cut_bytes,
            )
        received = _Received(self, spool, health, place)
        received.feed = Feed(
            transport, received, health, self._clock, Pauses(*pauses_s) if pauses_s else None
        )
        return received

    def _work(self) -> None:
        asyncio.run(self._receive())

    async def _receive(self) -> None:
        tasks = [asyncio.create_task(r.supervise()) for r in self._feeds.values()]
        self._running.set()
        await self._beats()
        await self._settle()  # once before, as long as acknowledgements can still be sent
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._settle()

    async def _settle(self) -> None:
        for received in self._feeds.values():
            await received.settle()

    async def _beats(self) -> None:
        """Keep the beat going until all is stopped: without it a dead feed would look alive."""
        while not self._stopping.is_set():
            beat = asyncio.create_task(self._beat())
            await asyncio.wait([beat])
            if beat.exception() is not None:
                _LOG.error("Looking after the feeds failed.", exc_info=beat.exception())
                await asyncio.sleep(1.0)

    async def _beat(self) -> None:
        """What is done again and again for all feeds: the disk, the health, old files."""
        while not self._stopping.is_set():
            await self._settle()
            self._look()
            await asyncio.sleep(self._keep.sync_ms / 1000)

    def _look(self) -> None:
        now = self._clock()
        for received in self._feeds.values():
            change = received.health.look(now)
            if change is not None:
                self._changes.append(change)
        self._pictures = [r.health.picture(now) for r in self._feeds.values()]

    def _close(self) -> None:
        for reader in self._readers:
            reader.close()
        for received in self._feeds.values():
            received.spool.close()


class _Received:
    """A feed, its spool and its health."""

    feed: Feed

    def __init__(self, owner: Receiver, spool: Spool, health: Health, place: int) -> None:
        self.spool, self.health, self.released = spool, health, place
        self.done = False
        self._owner = owner
        self._mark: tuple[Any, int] | None = None
        self._tidied_at = 0

    async def take(self, lines: bytes, heard: int, mark: Any) -> None:
        """See :class:`Sink`: into the spool, however long the disk is full."""
        clock, stopping = self._owner._clock, self._owner._stopping
        if lines:
            self.health.compared(*self._owner._twice.compare(self.health.feed, lines, heard))
        while lines:
            try:
                self.spool.append(lines, clock())
                break
            except SpoolFullError as error:
                lines = lines[error.written :]
                self.health.trouble(clock(), str(error))
                if stopping.is_set():
                    _LOG.error("%s: %d bytes were not kept. %s", self.health.feed, len(lines), error)
                    return
                await asyncio.sleep(_FULL_S)
        if mark is not None:
            self._mark = (mark, self.spool.next_line)

    async def supervise(self) -> None:
        """Keep the feed going, whatever happens to it."""
        while True:
            task = asyncio.create_task(self.feed.run())
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                task.cancel()
                await asyncio.wait([task])
                raise
            error = None if task.cancelled() else task.exception()
            if error is None:
                self.done = True
                return
            why = f"it stopped: {type(error).__name__}: {error}"
            _LOG.error("%s: %s", self.health.feed, why, exc_info=error)
            self.health.apart(self._owner._clock(), why, refused=True)
            await asyncio.sleep(RETRY_S)

    async def settle(self) -> None:
        """Bring what came to the disk, tell the transport, and make old files small or remove them."""
        mark, self._mark = self._mark, None
        now = self._owner._clock()
        try:
            await asyncio.to_thread(self.spool.sync)
            if mark is not None:
                await self.feed.transport.kept(*mark)
            if now - self._tidied_at >= _TIDY_MS:
                self._tidied_at = now
                await asyncio.to_thread(self._tidy, now)
        except OSError as error:
            self._mark = self._mark or mark
            self.health.trouble(now, f"the spool's disk failed: {error.strerror or error}")

    def _tidy(self, now: int) -> None:
        keep = self._owner._keep
        self.spool.release(self.released, now, keep_bytes=keep.bytes, keep_ms=keep.ms)
        for file in self.spool.closed_files():
            compress(file.path)
