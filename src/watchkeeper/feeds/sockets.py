"""TCP, as client and as server, and UDP."""

import asyncio
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from watchkeeper.feeds.transport import Clock, ConnectionLostError, Piece

READ_BYTES: Final = 1 << 18
CONNECT_S: Final = 20.0
UDP_QUEUE: Final = 10_000
"""Datagrams that wait. More are dropped and counted: UDP cannot be asked to wait."""
PEERS: Final = 64
"""Clients of a server at once."""
_QUEUE: Final = 64
_KERNEL_BYTES: Final = 4 << 20


class TcpClient:
    """Reads what a server sends."""

    def __init__(self, host: str, port: int, clock: Clock, connect_s: float = CONNECT_S) -> None:
        self.host, self.port, self._clock, self._connect_s = host, port, clock, connect_s
        self.ended, self.dropped = False, 0

    async def pieces(self, connected: Callable[[], None]) -> AsyncIterator[Piece]:
        """See :class:`Transport`."""
        try:
            async with asyncio.timeout(self._connect_s):
                reader, writer = await asyncio.open_connection(self.host, self.port, limit=READ_BYTES)
        except (OSError, TimeoutError) as error:
            raise lost(self.host, self.port, error) from error
        try:
            keep_alive(writer.get_extra_info("socket"))
            connected()
            while data := await reader.read(READ_BYTES):
                yield Piece(data, self._clock())
        except OSError as error:
            raise lost(self.host, self.port, error) from error
        finally:
            writer.close()
        raise ConnectionLostError(f"{self.host}:{self.port} closed the connection.")

    async def kept(self, mark: Any, next_line: int) -> None:
        """Nothing is acknowledged."""


class TcpServer:
    """Lets receivers connect, and reads what they send; each is a stream of its own."""

    def __init__(self, host: str, port: int, clock: Clock) -> None:
        self.host, self.port, self._clock = host, port, clock
        self.ended, self.dropped = False, 0
        self.refused = 0
        self._peers = 0

    async def pieces(self, connected: Callable[[], None]) -> AsyncIterator[Piece]:
        """See :class:`Transport`."""
        queue: asyncio.Queue[Piece] = asyncio.Queue(_QUEUE)
        peers: set[asyncio.StreamWriter] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if len(peers) >= PEERS:
                self.refused += 1
                writer.close()
                return
            peers.add(writer)
            self._peers += 1
            number = self._peers
            try:
                keep_alive(writer.get_extra_info("socket"))
                while data := await reader.read(READ_BYTES):
                    await queue.put(Piece(data, self._clock(), stream=number))
            except OSError:
                pass  # the peer is gone; what it had begun is closed below, as after an orderly end
            finally:
                peers.discard(writer)
                writer.close()
            await queue.put(Piece(b"", self._clock(), ends=True, stream=number))

        try:
            server = await asyncio.start_server(serve, self.host, self.port, limit=READ_BYTES)
        except OSError as error:
            raise lost(self.host, self.port, error) from error
        self.port = server.sockets[0].getsockname()[1]
        connected()
        try:
            while True:
                yield await queue.get()
        finally:
            server.close()
            for writer in list(peers):
                writer.close()

    async def kept(self, mark: Any, next_line: int) -> None:
        """Nothing is acknowledged."""


class Udp:
    """Listens for datagrams; each is a message."""

    def __init__(self, host: str, port: int, clock: Clock, queue: int = UDP_QUEUE) -> None:
        self.host, self.port, self._clock, self._most = host, port, clock, queue
        self.ended, self.dropped = False, 0

    async def pieces(self, connected: Callable[[], None]) -> AsyncIterator[Piece]:
        """See :class:`Transport`."""
        listener = _Listener(self)
        loop = asyncio.get_running_loop()
        try:
            transport, _ = await loop.create_datagram_endpoint(
                lambda: listener, local_addr=(self.host, self.port)
            )
        except OSError as error:
            raise lost(self.host, self.port, error) from error
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _KERNEL_BYTES)
        self.port = sock.getsockname()[1]
        connected()
        try:
            while True:
                while not listener.waiting:
                    listener.came.clear()
                    await listener.came.wait()
                data = b"".join(listener.waiting)
                listener.waiting.clear()
                yield Piece(data, self._clock())
        finally:
            transport.close()

    async def kept(self, mark: Any, next_line: int) -> None:
        """Nothing is acknowledged."""


class _Listener(asyncio.DatagramProtocol):
    """Keeps datagrams until they are taken. One that has no line end gets it: lines do not reach across."""

    def __init__(self, owner: Udp) -> None:
        self._owner = owner
        self.waiting: deque[bytes] = deque()
        self.came = asyncio.Event()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if len(self.waiting) >= self._owner._most:
            self._owner.dropped += 1
            return
        self.waiting.append(data if data.endswith(b"\n") else data + b"\n")
        self.came.set()


def keep_alive(sock: socket.socket) -> None:
    """Let the kernel find out within two minutes that the other side is gone without a word."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 15)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 6)


def lost(host: str, port: int, error: Exception) -> ConnectionLostError:
    """What to say of a connection that failed."""
    why = "no answer" if isinstance(error, TimeoutError) else getattr(error, "strerror", None) or str(error)
    return ConnectionLostError(f"{host}:{port}: {why}.", "Check that it is there and may be reached.")
