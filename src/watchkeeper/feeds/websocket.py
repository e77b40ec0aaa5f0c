"""WebSockets: any server that sends messages, and aisstream.io.

aisstream.io wants the subscription within three seconds and answers a wrong key with ``{"error": ...}``. It is known
to keep a connection open and send nothing: that is for :mod:`health` to see.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException

from watchkeeper.errors import FeedError
from watchkeeper.feeds.address import Address
from watchkeeper.feeds.guard import checked_address
from watchkeeper.feeds.transport import Clock, ConnectionLostError, Piece, RefusedError

MESSAGE_BYTES: Final = 16 << 20
"""A larger message ends the connection."""
PING_S: Final = 20.0
_OPEN_S: Final = 20.0
_CLOSE_S: Final = 2.0
"""How long the other side may take to say goodbye. One that answers no ping says nothing."""
_QUEUE: Final = 1_024
_REFUSED: Final = frozenset({400, 401, 403, 404})
AISSTREAM_PATH: Final = "/v0/stream"
WORLD: Final = "-180,-90,180,90"


class WebSocket:
    """Reads the messages of a server.

    Args:
        url: ``ws://`` or ``wss://``.
        clock: the present [ms UTC].
        greeting: what is sent first, empty for nothing.
        refusal: tells whether a message says that we are not wanted: why, or an empty text.
        allow_link_local: whether the address may be one that machines give to each other.
        ping_s: how often the other side must show that it is there [s].
    """

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        greeting: bytes = b"",
        refusal: Callable[[bytes], str] | None = None,
        allow_link_local: bool = False,
        ping_s: float = PING_S,
    ) -> None:
        self.url, self._clock, self._greeting, self._refusal = url, clock, greeting, refusal
        self._allow_link_local, self._ping_s = allow_link_local, ping_s
        self.ended, self.dropped = False, 0

    async def pieces(self, connected: Callable[[], None]) -> AsyncIterator[Piece]:
        """See :class:`Transport`."""
        address = await checked_address(self.url, allow_link_local=self._allow_link_local)
        try:
            async with _NoRedirects(
                self.url, host=address, open_timeout=_OPEN_S, ping_interval=self._ping_s,
                ping_timeout=self._ping_s, close_timeout=_CLOSE_S, max_size=MESSAGE_BYTES, max_queue=_QUEUE, proxy=None,
            ) as socket:  # fmt: skip
                if self._greeting:
                    await socket.send(self._greeting.decode())
                connected()
                async for piece in self._messages(socket):
                    yield piece
        except InvalidStatus as error:
            kind = RefusedError if error.response.status_code in _REFUSED else ConnectionLostError
            raise kind(f"{self.url} answered {error.response.status_code}.", "Check the address.") from error
        except (OSError, TimeoutError, WebSocketException, InvalidHandshake) as error:
            raise ConnectionLostError(f"{self.url}: {_said(error)}.") from error
        raise ConnectionLostError(f"{self.url} closed the connection.")

    async def kept(self, mark: Any, next_line: int) -> None:
        """Nothing is acknowledged."""

    async def _messages(self, socket: ClientConnection) -> AsyncIterator[Piece]:
        async for message in socket:
            data = message.encode() if isinstance(message, str) else message
            why = self._refusal(data) if self._refusal is not None else ""
            yield Piece(data, self._clock(), whole=True)
            if why:
                raise RefusedError(f"{self.url} says: {why}.", "Check the key.")


class _NoRedirects(connect):
    """A redirect would lead to an address that was not looked at."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


def aisstream(address: Address, key: str, clock: Clock, *, url: str = "") -> WebSocket:
    """The live stream of aisstream.io within a box.

    Args:
        address: with ``bbox`` (west, south, east, north [deg]) and ``types`` of messages, by comma.
        key: of the user.
        clock: the present [ms UTC].
        url: another server that speaks like it.

    Raises:
        FeedError: the box is none.
    """
    west, south, east, north = _box(address.options.get("bbox", WORLD), address.name)
    boxes = [[[south, west], [north, east]]]
    if west > east:
        boxes = [[[south, west], [north, 180.0]], [[south, -180.0], [north, east]]]
    wanted: dict[str, Any] = {"APIKey": key, "BoundingBoxes": boxes}
    types = [t for t in address.options.get("types", "").split(",") if t]
    if types:
        wanted["FilterMessageTypes"] = types
    url = url or f"wss://{address.host}:{address.port}{AISSTREAM_PATH}"
    return WebSocket(url, clock, greeting=msgspec.json.encode(wanted), refusal=_aisstream_refusal)


def _aisstream_refusal(message: bytes) -> str:
    if len(message) > 2_000 or b'"error"' not in message:
        return ""
    try:
        said = msgspec.json.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    error = said.get("error") if isinstance(said, dict) else None
    return str(error)[:200] if error else ""


def _box(text: str, name: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise _no_box(text, name) from error
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south < north <= 90):
        raise _no_box(text, name)
    return west, south, east, north


def _no_box(text: str, name: str) -> FeedError:
    return FeedError(
        f"The feed {name} has {text!r} as its box.",
        "Write west,south,east,north in degrees: bbox=9,53,31,66.",
    )


def _said(error: Exception) -> str:
    if isinstance(error, asyncio.TimeoutError):
        return "no answer"
    return str(error).strip().rstrip(".") or type(error).__name__
