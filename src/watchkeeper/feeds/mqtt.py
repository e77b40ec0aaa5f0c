"""MQTT: topics of a broker, and those of Digitraffic, which speaks it over a WebSocket."""

import ssl
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import aiomqtt

from watchkeeper.errors import FeedError
from watchkeeper.feeds.address import Address
from watchkeeper.feeds.guard import checked_address
from watchkeeper.feeds.transport import Clock, ConnectionLostError, Piece, RefusedError

DIGITRAFFIC_TOPIC: Final = "vessels-v2/#"
DIGITRAFFIC_PATH: Final = "/mqtt"
KEEP_ALIVE_S: Final = 30
_CONNECT_S: Final = 20.0
_QUEUE: Final = 20_000
_REFUSALS: Final = ("not authorized", "not authorised", "bad user name", "identifier rejected")


class Mqtt:
    """Reads what is published under a topic.

    Args:
        host, port: of the broker.
        topic: with wildcards.
        clock: the present [ms UTC].
        tls: whether the connection is encrypted.
        path: of the WebSocket; empty where MQTT runs over TCP itself.
        credentials: name and password.
        qos: 0 or 1.
    """

    def __init__(
        self,
        host: str,
        port: int,
        topic: str,
        clock: Clock,
        *,
        tls: bool = False,
        path: str = "",
        credentials: tuple[str, str] | None = None,
        qos: int = 0,
    ) -> None:
        self.host, self.port, self.topic, self._clock = host, port, topic, clock
        self._tls, self._path, self._credentials, self._qos = tls, path, credentials, qos
        self.ended, self.dropped = False, 0

    async def pieces(self, connected: Callable[[], None]) -> AsyncIterator[Piece]:
        """See :class:`Transport`."""
        if self._path:
            await checked_address(f"https://{self.host}:{self.port}", allow_link_local=False)
        try:
            async with self._client() as client:
                await client.subscribe(self.topic, qos=self._qos)
                connected()
                async for message in client.messages:
                    yield Piece(_bytes(message.payload), self._clock(), whole=True, topic=str(message.topic))
        except aiomqtt.MqttError as error:
            said = str(error).strip().rstrip(".") or type(error).__name__
            refused = any(word in said.lower() for word in _REFUSALS)
            kind = RefusedError if refused else ConnectionLostError
            raise kind(f"The broker {self.host}:{self.port}: {said}.", "Check that it is there.") from error
        raise ConnectionLostError(f"The broker {self.host}:{self.port} closed the connection.")

    async def kept(self, mark: Any, next_line: int) -> None:
        """Nothing is acknowledged."""

    def _client(self) -> aiomqtt.Client:
        user, password = self._credentials or (None, None)
        return aiomqtt.Client(
            self.host, self.port, username=user, password=password, keepalive=KEEP_ALIVE_S,
            identifier=f"watchkeeper-{uuid.uuid4().hex[:12]}", timeout=_CONNECT_S,
            tls_context=ssl.create_default_context() if self._tls else None,
            transport="websockets" if self._path else "tcp", websocket_path=self._path or None,
            max_queued_incoming_messages=_QUEUE,
        )  # fmt: skip


def from_address(address: Address, credentials: tuple[str, str] | None, clock: Clock) -> Mqtt:
    """The transport of ``mqtt://``, ``mqtts://`` or ``digitraffic://``.

    Raises:
        FeedError: no topic, or another quality of service.
    """
    if address.scheme == "digitraffic":
        return Mqtt(address.host, address.port, DIGITRAFFIC_TOPIC, clock, tls=True, path=DIGITRAFFIC_PATH)
    topic, qos = address.path.removeprefix("/"), address.options.get("qos", "0")
    if not topic:
        raise FeedError(f"The feed {address.name} names no topic.", "Write it as mqtt://broker:1883/topic.")
    if qos not in ("0", "1"):
        raise FeedError(f"The feed {address.name} has qos={qos}.", "Use 0 or 1.")
    return Mqtt(
        address.host, address.port, topic, clock,
        tls=address.scheme == "mqtts", credentials=credentials, qos=int(qos),
    )  # fmt: skip


def _bytes(payload: Any) -> bytes:
    return payload if isinstance(payload, bytes) else str("" if payload is None else payload).encode()
