"""One feed kept alive: its transport connected again and again, what comes framed and handed on.

The pause between two attempts is random between nothing and a bound that doubles (exponential backoff with full
jitter), so that many clients do not come back at once; a connection that stood for a while begins with short pauses
again. What cannot be handed on (a full disk) is kept, and nothing more is read meanwhile: TCP makes the other side
wait.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from watchkeeper.errors import WatchkeeperError
from watchkeeper.feeds.framing import Framer
from watchkeeper.feeds.health import Health
from watchkeeper.feeds.said import own_time
from watchkeeper.feeds.transport import Clock, Piece, RefusedError, Transport

_LOG = logging.getLogger(__name__)

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 60.0
REFUSED_PAUSE_S: Final = 300.0
STABLE_S: Final = 30.0
"""A connection that stood so long was a good one."""


class Sink(Protocol):
    """Takes whole lines; waits where it cannot take them yet."""

    async def take(self, lines: bytes, heard: int, mark: Any) -> None:
        """Lines that came at ``heard`` [ms UTC]."""
        ...


class Pauses:
    """How long to wait before the next attempt [s]."""

    def __init__(
        self, first_s: float = FIRST_PAUSE_S, longest_s: float = LONGEST_PAUSE_S, seed: int | None = None
    ) -> None:
        self._first_s, self._longest_s = first_s, longest_s
        self._random = random.Random(seed)  # noqa: S311 - spreads clients out, guards nothing
        self._failures = 0

    def next(self) -> float:
        """The pause before this attempt."""
        bound = min(self._longest_s, self._first_s * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return self._random.uniform(0.0, bound)

    def reset(self) -> None:
        """The connection was a good one."""
        self._failures = 0


class Feed:
    """A feed that is kept alive until it is cancelled or has ended.

    Args:
        transport: how it comes.
        sink: where its lines go.
        health: is told what happens.
        clock: the present [ms UTC].
        sleep: waits [s].
    """

    def __init__(
        self,
        transport: Transport,
        sink: Sink,
        health: Health,
        clock: Clock,
        pauses: Pauses | None = None,
        refused_s: float = REFUSED_PAUSE_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.transport, self.sink, self.health = transport, sink, health
        self.cut = self.halves = 0
        self._clock, self._pauses, self._sleep = clock, pauses or Pauses(), sleep
        self._refused_s = refused_s
        self._framers: dict[int, Framer] = {}
        self._dropped = 0

    async def run(self) -> None:
        """Receive until the feed ends for good."""
        while True:
            began = self._clock()
            pause = None
            try:
                await self._connection()
                why = "it has ended"
            except RefusedError as error:
                pause, why = self._refused_s, str(error)
            except WatchkeeperError as error:
                why = str(error)
            finally:
                await self._close()
            now = self._clock()
            self.health.apart(now, why, refused=pause is not None)
            if self.transport.ended:
                return
            _LOG.info("%s: %s", self.health.feed, why)
            if now - began >= STABLE_S * 1000:
                self._pauses.reset()
            await self._sleep(self._pauses.next() if pause is None else pause)

    async def _connection(self) -> None:
        pieces = self.transport.pieces(lambda: self.health.connected(self._clock()))
        try:
            async for piece in pieces:
                await self._take(piece)
        finally:
            await pieces.aclose()  # type: ignore[attr-defined]

    async def _take(self, piece: Piece) -> None:
        framer = self._framers.setdefault(piece.stream, Framer())
        if piece.ends:
            lines = framer.end(piece.heard)
            self._forget(piece.stream)
        elif piece.whole:
            lines = framer.message(piece.data, piece.heard, piece.topic)
        else:
            lines = framer.stream(piece.data, piece.heard)
        if lines:
            said = own_time(lines)
            said = said if said != piece.heard else None  # the stamp that was just put on it
            self.health.heard(piece.heard, lines.count(b"\n"), len(lines), said)
        dropped = self.transport.dropped - self._dropped
        if dropped:
            self._dropped += dropped
            self.health.trouble(piece.heard, f"{self.transport.dropped} messages came too fast", dropped)
        if lines or piece.mark is not None:
            await self.sink.take(lines, piece.heard, piece.mark)

    async def _close(self) -> None:
        """What has begun and has no end is kept as it is."""
        for number in list(self._framers):
            now = self._clock()
            lines = self._framers[number].end(now)
            self._forget(number)
            if lines:
                await self.sink.take(lines, now, None)

    def _forget(self, number: int) -> None:
        framer = self._framers.pop(number)
        self.cut += framer.cut
        self.halves += framer.halves
