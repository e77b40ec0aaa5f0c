"""The way to a peer: one server, reached as it was configured, within limits of time and size.

The name is resolved once and every request goes to that very address. Redirects and proxies are not followed, TLS is
verified, and in the clear only this machine is spoken to unless the configuration says otherwise. Addresses inside a
network are allowed, because a peer is configured by who runs the node; those at which machines tell their own secrets
are not. What fails for a moment is tried again, each time after a longer wait.
"""

import ipaddress
import random
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec

from watchkeeper.errors import ConfigError, FeedError, LimitError

MOST_BYTES: Final = 64 << 20
"""Of one answer."""

ATTEMPTS: Final = 5
_FIRST_WAIT_S: Final = 0.25
_LONGEST_WAIT_S: Final = 30.0
_TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
_WHOLE_S: Final = 300.0
"""So long one answer may take."""

_AGAIN: Final = frozenset((408, 425, 429, 500, 502, 503, 504))
_KEY: Final = "wk_"
"""Begins a key of a watchkeeper, which works as a bearer token everywhere there."""

_PORTS: Final = {"https": 443, "http": 80}


class AnsweredError(FeedError):
    """The peer answered with a refusal. ``status`` is that of HTTP."""

    def __init__(self, what: str, status: int) -> None:
        super().__init__(
            what, "Look whether the address, the account and its rights are as agreed with the peer."
        )
        self.status = status


class Answer(msgspec.Struct, frozen=True):
    """Status, headers (in small letters) and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Way:
    """Requests to one server. Use it in a ``with`` statement.

    Args:
        url: anything on the server.
        user, secret: who asks; a secret without user is a bearer token.
        insecure: whether another machine may be spoken to in the clear.
        ca: a file with certificates of the authority, where it is not one that everybody knows.
        sleep: how one waits [s].

    Raises:
        ConfigError: the address cannot be used.
        FeedError: its name cannot be resolved.
    """

    def __init__(
        self,
        url: str,
        user: str | None,
        secret: str | None,
        *,
        insecure: bool = False,
        ca: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        scheme, host, port = _parts(url)
        address = _address(scheme, host, port, insecure=insecure)
        self.host, self._sleep = host, sleep
        literal = f"[{address}]" if ":" in address else address
        self._base = f"{scheme}://{literal}:{port}"
        self._headers = {"Host": urlsplit(url).netloc.rpartition("@")[2], "User-Agent": "watchkeeper"}
        self._extensions = {"sni_hostname": host}
        auth = None
        if secret is not None and (user is None or secret.startswith(_KEY)):
            self._headers["Authorization"] = f"Bearer {secret}"
        elif user is not None:
            auth = httpx.BasicAuth(user, secret or "")
        self._client = httpx.Client(
            auth=auth,
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            verify=_trust(ca) if scheme == "https" else False,
        )

    def __enter__(self) -> "Way":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        media: str = "application/json",
        fine: Sequence[int] = (200, 202),
    ) -> Answer:
        """An answer whose status is fine.

        Args:
            fine: statuses that are no refusals.

        Raises:
            AnsweredError: another status.
            FeedError: nobody answered, however often it was tried.
            LimitError: the answer is too large.
        """
        query = f"?{urlencode(params)}" if params else ""
        headers = {"Accept": media} | ({} if body is None else {"Content-Type": media})
        for attempt in range(ATTEMPTS):
            wait_s = _FIRST_WAIT_S * 4**attempt * random.uniform(0.5, 1.0)  # noqa: S311 - no secret hangs on it
            last = attempt == ATTEMPTS - 1
            try:
                answer = self._once(method, path + query, body, headers)
            except httpx.TransportError as error:
                if last:
                    raise FeedError(
                        f"{self.host} did not answer: {type(error).__name__}.",
                        "It goes on from there next time.",
                    ) from error
            else:
                if answer.status in fine:
                    return answer
                if last or answer.status not in _AGAIN:
                    raise AnsweredError(
                        f"{self.host} answered {answer.status} to {method} {path}.", answer.status
                    )
                asked = answer.headers.get("retry-after", "")
                wait_s = max(wait_s, float(asked)) if asked.isascii() and asked.isdigit() else wait_s
            self._sleep(min(wait_s, _LONGEST_WAIT_S))
        raise AssertionError  # the last attempt returns or raises

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        until = time.monotonic() + _WHOLE_S
        with self._client.stream(
            method,
            self._base + path,
            content=body,
            headers=self._headers | headers,
            extensions=self._extensions,
        ) as answer:
            data = bytearray()
            for chunk in answer.iter_bytes():
                data += chunk
                if len(data) > MOST_BYTES:
                    raise LimitError(
                        f"An answer of {self.host} is larger than {MOST_BYTES >> 20} MiB.",
                        "Nothing of it is used.",
                    )
                if time.monotonic() > until:
                    raise httpx.ReadTimeout("too slow")
            return Answer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, bytes(data))


def same_server(url: str, other: str) -> bool:
    """Whether two addresses lead to one server."""
    return _parts(url) == _parts(other)


def _parts(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise _refused(f"{url[:200]!r} is no address: {error}") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise _refused(f"{url[:200]!r} is no address of the web")
    if parts.username is not None or parts.password is not None:
        raise _refused("The address of a peer holds a name or password")
    return parts.scheme, parts.hostname, port


def _address(scheme: str, host: str, port: int, *, insecure: bool) -> str:
    """The address of a host, once every address that it has was judged."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise FeedError(
            f"{host} cannot be resolved: {error}.", "Check the address and the network."
        ) from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    for address in addresses:
        ip = _ip(address)
        if ip.is_loopback:
            continue
        if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved:
            raise _refused(f"{host} is at {address}, where no peer can be")
        if scheme == "http" and not insecure:
            raise _refused(f"{host} would be spoken to in the clear")
    return addresses[0]


def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address; one of IPv4 that is written as one of IPv6 is judged as what it is."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return ip.ipv4_mapped or ip if isinstance(ip, ipaddress.IPv6Address) else ip


def _trust(ca: str | None) -> Any:
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:
        raise ConfigError(
            f"{ca}: {error.strerror or error}.", "Give a file with certificates (PEM)."
        ) from error


def _refused(what: str) -> ConfigError:
    return ConfigError(f"{what}: it is not asked.", "Correct the peer's url; use https.")
