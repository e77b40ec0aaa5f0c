"""Where feeds over HTTP and WebSocket may lead.

Addresses of feeds are written by the operator, and a receiver in the own network is the usual case: private addresses
are allowed. Link-local ones are not: what answers there is the machine's own cloud, which tells keys to whoever asks
(169.254.169.254 and its relatives), and no AIS feed. ``allow_link_local=yes`` in the address allows them. A name is
resolved once and the connection made to the address that was looked at; redirects are not followed. TCP, UDP and
serial feeds only ever read, and are not asked.
"""

import asyncio
import ipaddress
import socket
from typing import Final
from urllib.parse import urlsplit

from watchkeeper.errors import FeedError
from watchkeeper.feeds.transport import ConnectionLostError, RefusedError

_ALSO: Final = frozenset({ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200")})
"""Where clouds tell keys, outside the link-local networks."""


async def checked_address(url: str, *, allow_link_local: bool) -> str:
    """The address of the host of ``url``, which may be reached.

    Raises:
        ConnectionLostError: the name cannot be resolved now.
        RefusedError: it leads to a link-local address.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme in ("https", "wss") else 80)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ConnectionLostError(
            f"{host} cannot be resolved: {error.strerror}.", "Check the address and the network."
        ) from error
    addresses = [str(info[4][0]) for info in found]
    if not allow_link_local and any(is_link_local(address) for address in addresses):
        raise RefusedError(
            f"{host} is at a link-local address, where no feed is.",
            "Add allow_link_local=yes if it is meant.",
        )
    return addresses[0]


def is_link_local(address: str) -> bool:
    """Whether an address is link-local, or one where a cloud tells keys; an IPv4 one inside IPv6 is judged as such."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError as error:
        raise FeedError(f"{address!r} is no address.") from error
    inner = (ip.ipv4_mapped or ip.sixtofour) if isinstance(ip, ipaddress.IPv6Address) else None
    if inner is not None:
        return is_link_local(str(inner))
    return ip.is_link_local or ip in _ALSO
