"""What a MISP event says is to be looked for: attributes flagged for detection, and the numbers of ships."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from watchkeeper.exchange.indicators import normal
from watchkeeper.exchange.things import Indicator, IndicatorKind
from watchkeeper.model.marking import Marking

_TYPES: Final[Mapping[str, IndicatorKind]] = {
    "domain": "domain", "hostname": "domain", "url": "url", "uri": "url", "link": "url", "email": "email",
    "email-src": "email", "email-dst": "email",
}  # fmt: skip
_HASHES: Final = ("md5", "sha1", "sha256", "sha512")
_ADDRESSES: Final = ("ip-src", "ip-dst", "ip")
_SHIP: Final[Mapping[str, IndicatorKind]] = {"imoNumber": "imo", "imo": "imo", "mmsi": "mmsi"}

Json = Mapping[str, Any]


def indicators(event: Json, id: str, marking: Marking) -> Iterator[Indicator]:
    """All of an event, each once.

    Args:
        event: as it was decoded.
        id: its UUID.
        marking: that of the event.
    """
    name = str(event.get("info", ""))[:200]
    seen = set()
    for attribute in _attributes(event):
        pattern = f"{attribute.get('type')}: {attribute.get('value')}"[:500]
        values = list(_values(attribute))
        for kind, value in values:
            if (kind, value) in seen:
                continue
            seen.add((kind, value))
            yield Indicator(
                kind=kind,
                value=value,
                object=f"{id}/{attribute.get('uuid', '')}",
                name=name,
                pattern=pattern,
                alone=len(values) == 1,
                revoked=bool(attribute.get("deleted")),
                marking=marking,
            )


def _attributes(event: Json) -> Iterator[Json]:
    for holder in (event, *_listed(event.get("Object"))):
        yield from _listed(holder.get("Attribute"))


def _listed(value: object) -> Iterator[Json]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def _values(attribute: Json) -> Iterator[tuple[IndicatorKind, str]]:
    """What an attribute holds that can be looked for, each in the form by which it is sought."""
    value, type_ = attribute.get("value"), attribute.get("type")
    if not isinstance(value, str | int) or not isinstance(type_, str):
        return
    ship = _SHIP.get(str(attribute.get("object_relation")))
    if ship is not None:
        said = [(ship, str(value))]
    elif attribute.get("to_ids") in (True, 1, "1"):
        parts = zip(type_.split("|"), str(value).split("|"), strict=False)
        said = [one for kind, part in parts for one in _kinds(kind, part.strip())]
    else:
        return
    for kind, text in said:
        found = normal(kind, text)
        if found is not None:
            yield kind, found


def _kinds(type_: str, text: str) -> list[tuple[IndicatorKind, str]]:
    if type_ in _HASHES:
        return [("hash", f"{type_}:{text}")]
    if type_ in _ADDRESSES:
        return [("ipv4", text), ("ipv6", text)]
    return [(_TYPES[type_], text)] if type_ in _TYPES else []
