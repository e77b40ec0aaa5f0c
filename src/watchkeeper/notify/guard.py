"""Where requests may go: to configured hosts, at public addresses unless the route says that it is an own one.

A name is resolved once, every address it has is judged, and the connection is made to that very address: a name that
answers differently a moment later gains nothing. Redirects are not followed (see :mod:`http`).
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

import msgspec

from watchkeeper.notify.faults import NotifyError

Resolve = Callable[[str, int], Sequence[str]]
_PORTS: Final = {"https": 443, "http": 80}
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
"""Addresses that stand for IPv4 ones (RFC 6052)."""


class Target(msgspec.Struct, frozen=True):
    """Where to connect: the host as it is named, the address it has, the port, and whether in the clear."""

    scheme: str
    host: str
    address: str
    port: int


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotifyError(
            f"{host} cannot be resolved: {error}.", "Check the address and the network."
        ) from error
    return list(dict.fromkeys(str(info[4][0]) for info in found))


def target(url: str, *, private: bool, resolving: Resolve = resolve) -> Target:
    """Where a configured address leads.

    Args:
        url: as it is configured.
        private: whether the route may lead into the own network, and there in the clear.
        resolving: how names are resolved.

    Raises:
        NotifyError: another scheme, no host, credentials in the address, or an address that may not be reached.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise _refused(f"{url!r} is no address: {error}") from error
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not host:
        raise _refused(f"{url!r} is no address of the web")
    if parts.username is not None or parts.password is not None:
        raise _refused("The address holds a name or password")
    if parts.scheme == "http" and not private:
        raise _refused(f"{host} would be told in the clear")
    addresses = [_literal(host)] if _literal(host) else list(resolving(host, port))
    if not addresses:
        raise NotifyError(f"{host} has no address.", "Check its name.")
    for address in addresses:
        if not private and not is_public(address):
            raise _refused(f"{host} is at {address}, inside a network")
    return Target(parts.scheme, host, addresses[0], port)


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet; one that stands for another is judged by that."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.teredo is not None:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _literal(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ""


def _refused(what: str) -> NotifyError:
    return NotifyError(
        f"{what}: it is not sent there.",
        "Correct the route; `private = true` allows an address inside the own network.",
        again=False,
    )
