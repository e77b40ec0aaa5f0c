"""From an address to the transport that it names. Keys and passwords come from the environment."""

from collections.abc import Mapping
from pathlib import Path

from watchkeeper.errors import FeedError
from watchkeeper.feeds.address import Address
from watchkeeper.feeds.follow import Follow
from watchkeeper.feeds.local import Serial, StandardInput, baud_of
from watchkeeper.feeds.sockets import TcpClient, TcpServer, Udp
from watchkeeper.feeds.transport import Clock, Transport

PREFIX = "WATCHKEEPER_"


def open_transport(
    address: Address, spool: Path, next_line: int, clock: Clock, environment: Mapping[str, str]
) -> Transport:
    """The transport of a feed.

    Args:
        address: the feed.
        spool: the folder of its spool.
        next_line: the next line of the spool.
        clock: the present [ms UTC].
        environment: where keys and passwords are.

    Raises:
        FeedError: a key is missing, or an option cannot be read.
    """
    a = address
    match a.scheme:
        case "tcp" | "kystverket":
            return TcpClient(a.host, a.port, clock)
        case "tcp-listen":
            return TcpServer(a.host, a.port, clock)
        case "udp":
            return Udp(a.host, a.port, clock)
        case "serial":
            return Serial(a.path, baud_of(a.options.get("baud", "")), clock)
        case "stdin":
            return StandardInput(clock)
        case "file":
            return Follow(Path(a.path), clock, spool, next_line, follow=_yes(a, "follow", default=True))
        case _:
            return _by_library(a, clock, environment)


def _by_library(a: Address, clock: Clock, environment: Mapping[str, str]) -> Transport:
    """Transports that need a library of their own, which is loaded only for them."""
    if a.scheme in ("ws", "wss", "aisstream"):
        from watchkeeper.feeds import websocket

        allow = _yes(a, "allow_link_local", default=False)
        if a.scheme == "aisstream":
            return websocket.aisstream(a, secret(environment, "AISSTREAM_API_KEY", a), clock)
        greeting = a.options.get("subscribe", "")
        url = f"{a.scheme}://{_bracketed(a.host)}:{a.port}{a.path or '/'}"
        return websocket.WebSocket(url, clock, greeting=greeting.encode(), allow_link_local=allow)
    if a.scheme in ("mqtt", "mqtts", "digitraffic"):
        from watchkeeper.feeds import mqtt

        return mqtt.from_address(a, credentials(environment, a), clock)
    if a.scheme == "barentswatch":
        from watchkeeper.feeds.barentswatch import BarentsWatch

        return BarentsWatch(
            secret(environment, "BARENTSWATCH_CLIENT_ID", a),
            secret(environment, "BARENTSWATCH_CLIENT_SECRET", a),
            clock,
        )
    assert a.scheme == "kafka"
    from watchkeeper.feeds import kafka

    return kafka.from_address(a, credentials(environment, a), clock)


def secret(environment: Mapping[str, str], variable: str, address: Address) -> str:
    """A key that a feed cannot do without.

    Raises:
        FeedError: it is not set.
    """
    value = environment.get(variable, "").strip()
    if not value:
        raise FeedError(f"The feed {address.name} needs {variable}.", "Set it in the environment.")
    return value


def credentials(environment: Mapping[str, str], address: Address) -> tuple[str, str] | None:
    """Name and password of a feed that may do without: ``WATCHKEEPER_<NAME>_USER`` and ``..._PASSWORD``."""
    name = "".join(c if c.isalnum() else "_" for c in address.name).upper()
    user = environment.get(f"{PREFIX}{name}_USER", "")
    return (user, environment.get(f"{PREFIX}{name}_PASSWORD", "")) if user else None


def _yes(address: Address, option: str, *, default: bool) -> bool:
    value = address.options.get(option)
    if value is None:
        return default
    if value not in ("yes", "no"):
        raise FeedError(
            f"The feed {address.name} has {option}={value}.", f"Write {option}=yes or {option}=no."
        )
    return value == "yes"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
