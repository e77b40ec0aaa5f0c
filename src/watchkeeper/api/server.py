"""The server: where it listens, with TLS or on this machine only, and whom it believes about where callers are."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from watchkeeper.errors import UsageError

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

_CONNECTIONS: Final = 1000
_BACKLOG: Final = 2048
_HEADER_BYTES: Final = 32 * 1024


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """Where to listen. ``insecure``: also without TLS on an address that others reach; ``trusted``: proxies whose
    forwarded headers count."""

    host: str = "127.0.0.1"
    port: int = 8700
    certificate: Path | None = None
    key: Path | None = None
    insecure: bool = False
    trusted: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """The address as a browser on this machine writes it."""
        host = "localhost" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 - compared, not bound
        host = f"[{host}]" if ":" in host else host
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}"


def check(listening: Listening) -> None:
    """Refuse what would send passwords in the clear, or believe everybody.

    Raises:
        UsageError: an address that others reach without TLS, half a pair of TLS files, or no address of a proxy.
    """
    if (listening.certificate is None) != (listening.key is None):
        raise UsageError("TLS needs a certificate and its key.", "Give --tls-cert and --tls-key.")
    for file in (listening.certificate, listening.key):
        if file is not None and not file.is_file():
            raise UsageError(
                f"{file}: there is no such file.", "Give the PEM files of the certificate and its key."
            )
    if not 0 <= listening.port <= 65535:
        raise UsageError(f"{listening.port} is no port.", "Give a number from 0 to 65535.")
    if listening.certificate is None and not listening.insecure and not is_local(listening.host):
        raise UsageError(
            f"{listening.host} is reached by others, and there is no TLS: passwords would go in the clear.",
            "Give --tls-cert and --tls-key, listen on 127.0.0.1 behind a proxy with TLS, or say --insecure.",
        )
    for proxy in listening.trusted:
        _check_proxy(proxy)


def is_local(host: str) -> bool:
    """Whether only this machine reaches the address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def make_server(app: "ASGIApp", listening: Listening) -> "uvicorn.Server":
    """The server, to be run.

    Raises:
        UsageError: see :func:`check`.
    """
    import uvicorn

    check(listening)
    config = uvicorn.Config(
        app,
        host=listening.host,
        port=listening.port,
        http="auto",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(listening.trusted),
        forwarded_allow_ips=list(listening.trusted) or None,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=_HEADER_BYTES,
        ssl_certfile=listening.certificate,
        ssl_keyfile=listening.key,
    )
    return uvicorn.Server(config)


@contextmanager
def bound(listening: Listening) -> Iterator[tuple[socket.socket, str]]:
    """The socket to listen on, and the address by which a browser on this machine reaches it.

    Raises:
        UsageError: the address is taken, or is none of this machine.
    """
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    # asyncio sends small answers at once (TCP_NODELAY) only where the socket says that it is TCP: else each waits 40 ms
    # for the reader's acknowledgement.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((listening.host, listening.port))
            listener.listen(_BACKLOG)  # from here on callers wait instead of being refused
        except OSError as error:
            raise UsageError(
                f"{listening.host} port {listening.port}: {error.strerror or error}.",
                "Choose another --port or --host.",
            ) from error
        port = listener.getsockname()[1]
        yield listener, msgspec.structs.replace(listening, port=port).origin


def _check_proxy(text: str) -> None:
    """A proxy is named by its address or network; everybody is not one."""
    try:
        network = ip_network(text)
    except ValueError as error:
        raise UsageError(
            f"--trust-proxy {text} is no address.", "Give its IP address, such as 10.0.0.5."
        ) from error
    if network.prefixlen == 0:
        raise UsageError(f"--trust-proxy {text} is everybody.", "Give the address of the proxy itself.")


def proxies(given: Sequence[str] | None) -> tuple[str, ...]:
    """Proxies as given on a command line."""
    return tuple(text.strip() for text in given or ())
