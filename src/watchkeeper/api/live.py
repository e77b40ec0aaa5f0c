"""Server-sent events: new events of the log, to everybody who listens.

One task looks at the log; listeners wake when it has grown and read what they lack, the latest from memory. A listener
keeps no queue: one that reads slowly is ended, and goes on later from the last event it had (Last-Event-ID).
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

import anyio.to_thread
import msgspec
import sqlalchemy as sa
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from watchkeeper.api.figures import Figures
from watchkeeper.api.problems import Refused
from watchkeeper.api.services import Limits
from watchkeeper.errors import StoreError
from watchkeeper.model.event import Decisions, Event

_RECENT: Final = 5_000
_AT_ONCE: Final = 500
_ENCODE: Final = msgspec.json.Encoder().encode


class Live:
    """The end of the log, followed."""

    def __init__(self, decisions: Decisions, limits: Limits, figures: Figures) -> None:
        self.limits, self.figures = limits, figures
        self._decisions = decisions
        self._recent: deque[Event] = deque(maxlen=_RECENT)
        self._grown = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self.head = 0
        self.open = 0
        self.ending = False

    async def start(self) -> None:
        """Begin to follow."""
        self.head = await anyio.to_thread.run_sync(self._decisions.head)
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """End, and wake every listener so that it ends too."""
        self.ending = True
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        async with self._grown:
            self._grown.notify_all()

    async def after(self, seq: int, within_s: float) -> list[Event]:
        """Events after one, in order; waits for the first, at most so long."""
        if seq >= self.head:
            async with self._grown:
                with suppress(TimeoutError):
                    async with asyncio.timeout(within_s):
                        await self._grown.wait_for(lambda: self.ending or self.head > seq)
        if seq >= self.head:
            return []
        if self._recent and self._recent[0].seq <= seq + 1:
            first = seq + 1 - self._recent[0].seq
            return [self._recent[k] for k in range(first, min(first + _AT_ONCE, len(self._recent)))]
        return await anyio.to_thread.run_sync(self._read, seq)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self.limits.poll_s)
            with suppress(StoreError, sa.exc.SQLAlchemyError):  # a log that is busy is looked at again
                while new := await anyio.to_thread.run_sync(self._read, self.head):
                    async with self._grown:
                        self._recent.extend(new)
                        self.head = new[-1].seq
                        self._grown.notify_all()
            self.figures.head.set(self.head)

    def _read(self, after: int) -> list[Event]:
        return self._decisions.read(after, limit=_AT_ONCE)


class EventStream(Response):
    """An answer that goes on: events after ``seq`` that ``wanted`` lets through.

    Raises:
        Refused: 503, too many streams are open.
    """

    def __init__(
        self, live: Live, seq: int, wanted: Callable[[Event], bool], allowed: Callable[[], bool]
    ) -> None:
        if live.open >= live.limits.streams:
            raise Refused(503, "Too many event streams are open.", "Close one.", {"Retry-After": "30"})
        super().__init__(
            None, 200, {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}, "text/event-stream"
        )
        del self.headers["content-length"]
        self._live, self._seq, self._wanted, self._allowed = live, seq, wanted, allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the reader leaves, is slow, may no longer read, or the server ends."""
        scope["streaming"] = True
        live = self._live
        live.open += 1
        live.figures.streams.inc()
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            live.open -= 1
            live.figures.streams.dec()
            for task in (sending, leaving):
                task.cancel()
            results = await asyncio.gather(sending, leaving, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, TimeoutError | OSError):
                raise result

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            async for part in self._parts():
                async with asyncio.timeout(self._live.limits.send_seconds):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
        except TimeoutError:
            self._live.figures.slow_streams.inc()
            raise
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _parts(self) -> AsyncIterator[bytes]:
        yield b"retry: 2000\n\n"
        while not self._live.ending:
            events = await self._live.after(self._seq, self._live.limits.heartbeat_s)
            if not await anyio.to_thread.run_sync(self._allowed):
                yield b"event: ended\ndata: {}\n\n"
                return
            if events:
                self._seq = events[-1].seq
            shown = b"".join(_sse(event) for event in events if self._wanted(event))
            # A position without an event keeps the reader's place where nothing of a long run was for it.
            yield shown or (f"id: {self._seq}\n: nothing new\n\n".encode())


def _sse(event: Event) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.seq, event.kind.encode(), _ENCODE(event))


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
