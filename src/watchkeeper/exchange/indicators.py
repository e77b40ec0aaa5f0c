"""What others say to look for: values out of their patterns, in one form, whatever they were written like.

Only what can be compared is read (``object:path = 'value'``); the pattern itself is kept whole beside it.

Source: OASIS, *STIX 2.1*, 9 (STIX patterning).
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from typing import Final

from watchkeeper.exchange.things import IndicatorKind
from watchkeeper.model.imo import valid_imo

LONGEST: Final = 1 << 16
"""Characters of a pattern that is looked into; a longer one is kept, and nothing is sought by it."""

_LONGEST_VALUE: Final = 2048
_SIGN: Final = r"(?:[^'\\]|\\.)"
_COMPARISON: Final = re.compile(
    rf"([a-z0-9-]{{1,64}}):((?:[A-Za-z0-9_.\-]++|\[[^\]']{{0,16}}\]|'{_SIGN}{{0,64}}+'){{1,8}}+)\s*+=\s*+"
    rf"('{_SIGN}{{0,{_LONGEST_VALUE}}}+'|\d{{1,20}})",
    re.DOTALL,
)
_TEXTS: Final = re.compile(rf"'{_SIGN}*+(?:'|\Z)", re.DOTALL)
"""A text, or one that does not end: read once from its beginning, so that no pattern takes longer than it is long."""
_TOGETHER: Final = re.compile(r"\b(AND|FOLLOWEDBY|NOT|WITHIN|REPEATS|START|STOP)\b")
_HASH_LENGTHS: Final = {
    "md5": 32,
    "sha-1": 40,
    "sha-256": 64,
    "sha-512": 128,
    "sha3-256": 64,
    "sha3-512": 128,
}
_HASH: Final = re.compile(r"[0-9a-fA-F]+", re.ASCII)
_KINDS: Final[dict[str, IndicatorKind]] = {
    "ipv4-addr": "ipv4",
    "ipv6-addr": "ipv6",
    "domain-name": "domain",
    "url": "url",
    "email-addr": "email",
}
_SHIPS: Final[dict[str, IndicatorKind]] = {"imo": "imo", "imo_number": "imo", "mmsi": "mmsi"}


def values_in(pattern: str) -> list[tuple[IndicatorKind, str]]:
    """Kinds and values of a pattern's comparisons, each once, in order; those of no kind that is known are left out."""
    if len(pattern) > LONGEST:
        return []
    found = (_value(*match.groups()) for match in _COMPARISON.finditer(pattern))
    return list(dict.fromkeys(one for one in found if one is not None))


def alone(pattern: str) -> bool:
    """Whether each value of a pattern is enough by itself: nothing else has to hold with it."""
    return not _TOGETHER.search(_TEXTS.sub("''", pattern))


def normal(kind: IndicatorKind, value: str) -> str | None:
    """The one form in which a value of a kind is kept and compared; None where it is none of that kind.

    Hashes begin with their algorithm (``sha-256:...``).
    """
    text = value.strip()
    if not text or len(text) > _LONGEST_VALUE:
        return None
    match kind:
        case "imo":
            digits = text.upper().removeprefix("IMO").strip()
            return digits if _number(digits, 7) and valid_imo(int(digits)) else None
        case "mmsi":
            return text if _number(text, 9) else None
        case "ipv4" | "ipv6":
            return _address(text, 4 if kind == "ipv4" else 6)
        case "domain":
            return text.rstrip(".").casefold() or None
        case "email":
            return text.casefold()
        case "hash":
            return _hash(text)
        case _:
            return text


def ships_named(values: Iterable[tuple[IndicatorKind, str]]) -> tuple[set[int], set[int]]:
    """IMO numbers and MMSIs among values in normal form."""
    imos, mmsis = set(), set()
    for kind, value in values:
        if kind == "imo":
            imos.add(int(value))
        elif kind == "mmsi":
            mmsis.add(int(value))
    return imos, mmsis


def _value(object: str, path: str, given: str) -> tuple[IndicatorKind, str] | None:
    text = re.sub(r"\\(.)", r"\1", given[1:-1], flags=re.DOTALL) if given.startswith("'") else given
    for kind, candidate in _readings(object, path, text):
        value = normal(kind, candidate)
        if value is not None:
            return kind, value
    return None


def _readings(object: str, path: str, text: str) -> Iterator[tuple[IndicatorKind, str]]:
    last = path.rpartition(".")[2].strip("'[]")
    if last in _SHIPS:
        yield _SHIPS[last], text
    elif path == "value" and object in _KINDS:
        yield _KINDS[object], text
        if object == "ipv4-addr":
            yield "ipv6", text
    elif path.startswith("hashes."):
        yield "hash", f"{path.removeprefix('hashes.').strip(chr(39))}:{text}"
    elif object == "network-traffic" and path in ("dst_ref.value", "src_ref.value"):
        yield from (("ipv4", text), ("ipv6", text), ("domain", text))


def _number(text: str, digits: int) -> bool:
    return len(text) == digits and text.isascii() and text.isdigit()


def _address(text: str, version: int) -> str | None:
    try:
        net = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    if net.version != version:
        return None
    return str(net.network_address) if net.prefixlen == net.max_prefixlen else str(net)


def _hash(text: str) -> str | None:
    name, _, digest = text.partition(":")
    algorithm = name.strip().lower()
    algorithm = {"sha1": "sha-1", "sha256": "sha-256", "sha512": "sha-512"}.get(algorithm, algorithm)
    right = _HASH_LENGTHS.get(algorithm)
    if not _HASH.fullmatch(digest) or (right is not None and len(digest) != right):
        return None
    return f"{algorithm}:{digest.lower()}"
