"""Reading the body of a request: never more than it may have, never for ever, never too many at once."""

import time
from typing import Final

from starlette.types import Receive

from watchkeeper.exchange.taxii.answers import RefusedError

_PATIENCE_S: Final = 10.0
_SLOWEST_BYTES_S: Final = 20_000
"""Who sends more slowly, after that patience, is not waited for."""

_DRAINED_BYTES: Final = 64 << 20
"""So much beyond the limit is read and thrown away, so that the caller gets to read why it is refused."""

_HELD_AT_ONCE: Final = 512 << 20


class Bodies:
    """Reads bodies, and knows how many bytes are held by those that were read and not yet worked on."""

    def __init__(self) -> None:
        self.held = 0

    async def read(self, receive: Receive, length: str | None, most: int) -> bytes:
        """The body. Whoever reads one gives it back with :meth:`let_go`.

        Args:
            length: the header Content-Length.
            most: bytes that it may have.

        Raises:
            RefusedError: 400, 408, 413, or 503 where too much is under way.
        """
        if length is not None and not (length.isascii() and length.isdigit()):
            raise RefusedError(400, "Content-Length is no number.")
        too_large = RefusedError(
            413, f"The body has more than {most} bytes. Send the objects in several requests."
        )
        if length is not None and int(length[:18]) > most + _DRAINED_BYTES:
            raise too_large
        parts: list[bytes] = []
        size = 0
        begin = time.monotonic()
        try:
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise RefusedError(400, "The body ended too early.")
                part: bytes = message.get("body", b"")
                size += len(part)
                if size <= most:
                    parts.append(part)
                    self.held += len(part)
                else:
                    self.held -= sum(map(len, parts))
                    parts.clear()
                self._check(size, most, begin, too_large)
                if not message.get("more_body", False):
                    break
            if size > most:
                raise too_large
        except RefusedError:
            self.held -= sum(map(len, parts))
            raise
        return b"".join(parts)

    def let_go(self, body: bytes) -> None:
        """The body is worked on."""
        self.held -= len(body)

    def _check(self, size: int, most: int, begin: float, too_large: RefusedError) -> None:
        if size > most + _DRAINED_BYTES:
            raise too_large
        if time.monotonic() - begin > _PATIENCE_S + size / _SLOWEST_BYTES_S:
            raise RefusedError(408, "The body came too slowly.", {"Connection": "close"})
        if self.held > _HELD_AT_ONCE:
            raise RefusedError(503, "Too much is being sent at once.", {"Retry-After": "5"})
