"""What a user writes to name a feed: ``tcp://host:port``, ``aisstream://?bbox=W,S,E,N``, a path, ``-``.

Addresses hold no secrets: keys and passwords come from the environment, and an address with one in it is refused.
"""

import difflib
import re
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from watchkeeper.errors import FeedError

STDIN: Final = "-"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(//)?(.*)", re.DOTALL)


class Scheme(NamedTuple):
    """What addresses of one scheme look like.

    ``port``: the usual one, None where it must be written; ``host``: the usual one, empty where it must be
    written; ``options`` beside ``name``; ``suffix`` of the spool's files; ``path``: whether something stands behind
    the host.
    """

    example: str
    options: tuple[str, ...] = ()
    host: str = ""
    port: int | None = None
    suffix: str = "nmea"
    path: bool = False


SCHEMES: Final[dict[str, Scheme]] = {
    "tcp": Scheme("tcp://192.168.1.20:10110"),
    "tcp-listen": Scheme("tcp-listen://0.0.0.0:10110", host="127.0.0.1"),
    "udp": Scheme("udp://0.0.0.0:10110", host="127.0.0.1"),
    "serial": Scheme("serial:///dev/ttyUSB0?baud=38400", ("baud",), path=True),
    "file": Scheme("file:received.nmea", ("follow",), path=True),
    "stdin": Scheme("-"),
    "ws": Scheme("ws://host:port/path", ("subscribe", "allow_link_local"), port=80, path=True, suffix="lines"),
    "wss": Scheme("wss://host/path", ("subscribe", "allow_link_local"), port=443, path=True, suffix="lines"),
    "aisstream": Scheme(
        "aisstream://?bbox=9,53,31,66", ("bbox", "types"), "stream.aisstream.io", 443, "ndjson"
    ),
    "mqtt": Scheme("mqtt://broker:1883/topic/#", ("qos",), port=1883, path=True, suffix="lines"),
    "mqtts": Scheme("mqtts://broker:8883/topic/#", ("qos",), port=8883, path=True, suffix="lines"),
    "digitraffic": Scheme("digitraffic://", (), "meri.digitraffic.fi", 443, "ndjson"),
    "kystverket": Scheme("kystverket://", (), "153.44.253.27", 5631),
    "barentswatch": Scheme("barentswatch://", (), "live.ais.barentswatch.no", 443, "ndjson"),
    "kafka": Scheme("kafka://broker:9092/topic?group=watch", ("group", "start"), port=9092, path=True, suffix="lines"),
}  # fmt: skip


class Address(msgspec.Struct, frozen=True):
    """A feed as it is named. ``text`` is what was written; ``path`` what stands behind the host, decoded."""

    text: str
    scheme: str
    name: str
    host: str = ""
    port: int = 0
    path: str = ""
    options: dict[str, str] = {}

    @property
    def suffix(self) -> str:
        """What the files of its spool are named for."""
        return SCHEMES[self.scheme].suffix


def parse(text: str) -> Address:
    """The feed that an address names.

    Raises:
        FeedError: no such scheme, or something is missing, unknown or secret in it.
    """
    if text == STDIN:
        return Address(text, "stdin", "stdin")
    if not text or "\0" in text or "\n" in text:
        raise FeedError(f"{text!r} is no address of a feed.", _examples())
    match = _SCHEME.fullmatch(text)
    if match is None or (match[1].lower() not in SCHEMES and not match[2]):
        return _path_of("file", text, text)
    scheme = match[1].lower()
    if scheme not in SCHEMES or scheme == "stdin":
        near = difflib.get_close_matches(scheme, SCHEMES, 1, 0.4)
        hint = f"Perhaps {near[0]} was meant ({SCHEMES[near[0]].example})." if near else _examples()
        raise FeedError(f"There is no kind of feed called {scheme}: {text}.", hint)
    if scheme in ("file", "serial"):
        return _path_of(scheme, match[3], text)
    return _host_of(scheme, text)


def parse_all(texts: list[str]) -> list[Address]:
    """The feeds that addresses name, each of its own name.

    Raises:
        FeedError: as :func:`parse`, or two have one name.
    """
    found = [parse(text) for text in texts]
    for k, one in enumerate(found):
        for other in found[:k]:
            if one.name == other.name:
                raise FeedError(
                    f"Two feeds are called {one.name}: {other.text} and {one.text}.",
                    "Give one of them ?name=...",
                )
    return found


def _host_of(scheme: str, text: str) -> Address:
    kind = SCHEMES[scheme]
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise FeedError(f"{text!r} is no address: {error}.", f"Write it as {kind.example}.") from error
    if parts.username is not None or parts.password is not None:
        raise FeedError(
            f"The address of the feed at {parts.hostname} holds a name or password.",
            "Set WATCHKEEPER_<NAME>_USER and WATCHKEEPER_<NAME>_PASSWORD, with the feed's name in capitals.",
        )
    host, port = parts.hostname or kind.host, port if port is not None else kind.port
    path = unquote(parts.path) if kind.path else parts.path.strip("/")
    if not host or not port:
        missing = "port" if host else "host"
        raise FeedError(f"The feed {text} names no {missing}.", f"Write it as {kind.example}.")
    if path and not kind.path:
        raise FeedError(f"The feed {text} has {path!r} behind its host.", f"Write it as {kind.example}.")
    query = parts.query
    if scheme.startswith("mqtt") and "#" in text:
        raise FeedError(
            f"A # in {text} ends an address.", "Write the wildcard of all topics below as %23: topic/%23."
        )
    options = _options(kind, query, text)
    written = parts.hostname or ("" if kind.host else host)
    usual = "-".join(filter(None, [scheme, written, str(port) if port != kind.port else ""]))
    name = options.pop("name", "") or _named(f"{usual}-{path.strip('/')}" if path.strip("/") else usual)
    return Address(text, scheme, _checked(name, text), host, port, path, options)


def _path_of(scheme: str, rest: str, text: str) -> Address:
    kind = SCHEMES[scheme]
    path, _, query = rest.partition("?")
    if not path.strip("/"):
        raise FeedError(f"The feed {text} names no file.", f"Write it as {kind.example}.")
    options = _options(kind, query, text)
    name = options.pop("name", "") or _named(path.rstrip("/").rpartition("/")[2])
    return Address(text, scheme, _checked(name, text), path=path, options=options)


def _options(kind: Scheme, query: str, text: str) -> dict[str, str]:
    known = ("name", *kind.options)
    options: dict[str, str] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key not in known:
            near = difflib.get_close_matches(key, known, 1, 0.5)
            hint = f"Perhaps {near[0]} was meant." if near else f"Known: {', '.join(known)}."
            secret = (
                " Keys come from the environment." if "key" in key.lower() or "pass" in key.lower() else ""
            )
            raise FeedError(f"The feed {text.partition('?')[0]} has an unknown option {key}.", hint + secret)
        if key in options:
            raise FeedError(f"The feed {text} gives {key} twice.", "Give it once.")
        options[key] = value
    return options


def _named(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:64] or "feed"


def _checked(name: str, text: str) -> str:
    if not _NAME.fullmatch(name):
        raise FeedError(
            f"{name!r} is no name for the feed {text.partition('?')[0]}.",
            "Use letters, digits, dot, dash and underscore, at most 64.",
        )
    return name


def _examples() -> str:
    return "Feeds are written " + ", ".join(s.example for s in SCHEMES.values()) + ", or as a path."
