"""Events on their way to TAK: each as XML or as TAK Protocol 1, through the transports of pytak.

``udp://`` one datagram an event (a mesh, or a multicast group), ``tcp://`` and ``tls://`` a stream. With ``proto`` in
the scheme (``tcp+proto://``) events go as protobuf. TLS asks for a certificate of the client: pytak's settings
``PYTAK_TLS_CLIENT_CERT``, ``PYTAK_TLS_CLIENT_KEY``, ``PYTAK_TLS_CLIENT_CAFILE`` ... of the environment.
"""

import asyncio
import os
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, tostring

from watchkeeper.errors import OutputError, UsageError
from watchkeeper.exchange.cot.events import events
from watchkeeper.exchange.things import Things
from watchkeeper.exchange.untrusted import xml_bytes

SCHEMES: Final = ("udp", "tcp", "tls", "udp+proto", "tcp+proto", "tls+proto")
_PREFIX: Final = "PYTAK_"
_TIMEOUT_S: Final = 20.0
_LARGEST_DATAGRAM: Final = 65_000
"""What fits a UDP datagram over IPv4 (65 507), with room."""


def send(things: Things, url: str) -> int:
    """Send all events; how many they were.

    Raises:
        UsageError: it is no address of a known kind.
        OutputError: nobody takes them.
    """
    scheme, host, port = _address(url)
    transport, _, proto = scheme.partition("+")
    messages = [_message(event, transport, proto) for event in events(things)]
    if transport == "udp" and max(map(len, messages), default=0) > _LARGEST_DATAGRAM:
        raise OutputError("An event is too large for a datagram.", "Send by tcp:// instead.")
    try:
        asyncio.run(asyncio.wait_for(_sent(f"{transport}://{host}:{port}", messages), _TIMEOUT_S))
    except TimeoutError as error:
        raise OutputError(f"{url} took too long.", "Look whether the server reads.") from error
    except (
        OSError,
        SyntaxError,
        ValueError,
    ) as error:  # pytak raises SyntaxError for settings that do not fit
        raise OutputError(
            f"{url} cannot be reached: {error}.", "Check address, certificate and server."
        ) from error
    return len(messages)


def as_xml(event: Element) -> bytes:
    """One event as an XML document."""
    return xml_bytes(event)


def as_protobuf(event: Element, *, stream: bool) -> bytes:
    """One event as TAK Protocol 1, of a stream or of a mesh. What has no field there stands in ``xmlDetail``."""
    import takproto  # type: ignore[import-untyped]

    version = takproto.TAKProtoVer.STREAM if stream else takproto.TAKProtoVer.MESH
    return bytes(takproto.xml2proto(tostring(event), version))


def _message(event: Element, transport: str, proto: str) -> bytes:
    return as_protobuf(event, stream=transport != "udp") if proto else as_xml(event)


def _address(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{url!r} is no address: {error}.", "Write tcp://host:port.") from error
    if parts.scheme not in SCHEMES or not parts.hostname or port is None:
        raise UsageError(
            f"{url!r} is no address for events.", f"Write SCHEME://host:port, one of {', '.join(SCHEMES)}."
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return parts.scheme, host, port


async def _sent(url: str, messages: Sequence[bytes]) -> None:
    with warnings.catch_warnings(
        action="ignore", category=UserWarning
    ):  # aiohttp is for enrolment, not used here
        import pytak  # type: ignore[import-untyped]

    settings = {key: value for key, value in os.environ.items() if key.startswith(_PREFIX)}
    write_only = url.replace("udp://", "udp+wo://")  # a multicast group may be written to without joining it
    _, writer = await pytak.protocol_factory(
        {"PYTAK_TLS_CLIENT_CIPHERS": "DEFAULT", **settings, "COT_URL": write_only}
    )
    try:
        await _written(writer, messages)
    finally:
        writer.close()
        if hasattr(writer, "wait_closed"):
            await writer.wait_closed()


async def _written(writer: Any, messages: Iterable[bytes]) -> None:
    """A datagram each, or one after the other into a stream."""
    for message in messages:
        if hasattr(writer, "send"):
            await writer.send(message)
        else:
            writer.write(message)
            await writer.drain()
