"""Messages of aisstream.io, one a line, as its stream sends them or as a spool keeps them.

The envelope ``{"MessageType", "MetaData", "Message"}`` holds a decoded AIS message with the values of ITU-R M.1371,
codes for *not available* included. Its time is that of the service's reception, ``MetaData.time_utc``; the message
itself has none. A spool puts ``"heard"`` in front, which stands in where that cannot be read.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from watchkeeper.model.records import CLASS_A, CLASS_B, Batch
from watchkeeper.sources.messages import (
    BOTH,
    NOT_A_SHIP,
    OTHER,
    POSITION,
    STATIC,
    Said,
    UnreadableError,
    mmsi_of,
    read_messages,
    size_of,
    time_of,
)
from watchkeeper.sources.options import ReadOptions

NAME: Final = "aisstream.io JSON"
_ENVELOPE: Final = re.compile(rb'^\s*\{(?=[^\n]*"MessageType")(?=[^\n]*"MetaData")', re.MULTILINE)
_REFUSAL: Final = re.compile(rb'^\{"heard":\d+,"error":"')
_UTC: Final = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d{1,9})?(?: \+0000 UTC)?")

KINDS: Final = {
    "PositionReport": (POSITION, CLASS_A), "LongRangeAisBroadcastMessage": (POSITION, CLASS_A),
    "StandardClassBPositionReport": (POSITION, CLASS_B), "ExtendedClassBPositionReport": (BOTH, CLASS_B),
    "ShipStaticData": (STATIC, CLASS_A), "StaticDataReport": (STATIC, CLASS_B),
    "BaseStationReport": (NOT_A_SHIP, 0), "AidsToNavigationReport": (NOT_A_SHIP, 0),
    "StandardSearchAndRescueAircraftReport": (NOT_A_SHIP, 0),
}  # fmt: skip
"""What a type of message is, and the class of those that send it."""


def sniff(head: bytes, filename: str) -> bool:
    """Whether a line is the service's envelope, or what it answers to a wrong key."""
    return bool(_ENVELOPE.search(head) or _REFUSAL.match(head))


def batches(stream: BinaryIO, index: int, name: str, options: ReadOptions) -> Iterator[Batch]:
    """The records of the messages."""
    yield from read_messages(stream, interpret, index, name, options)


def interpret(line: dict[str, Any]) -> Said:
    """What one envelope says.

    Raises:
        UnreadableError: it is none, or has no time or MMSI.
    """
    if "error" in line:
        raise UnreadableError(f"the service says: {str(line['error'])[:200]}")
    kind, meta, message = line.get("MessageType"), line.get("MetaData"), line.get("Message")
    if not isinstance(kind, str) or not isinstance(meta, dict) or not isinstance(message, dict):
        raise UnreadableError("not a message of aisstream.io")
    body = message.get(kind)
    body = body if isinstance(body, dict) else {}
    if body.get("Valid") is False:
        raise UnreadableError("the service says that the message is not valid")
    what, ais_class = KINDS.get(kind, (OTHER, 0))
    mmsi = mmsi_of(body.get("UserID", meta.get("MMSI")))
    values = {"ais_class": ais_class, **_position(body), **_static(body)}
    return Said(what, _time(meta, line), mmsi, values)


def _time(meta: Mapping[str, Any], line: Mapping[str, Any]) -> int:
    text = meta.get("time_utc")
    match = _UTC.match(text) if isinstance(text, str) else None
    if match is None:
        return time_of(line.get("heard"))
    return time_of(f"{match[1]}T{match[2]}{(match[3] or '.0')[:7]}Z")


def _position(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "lat": body.get("Latitude"), "lon": body.get("Longitude"), "sog_kn": body.get("Sog"),
        "cog_deg": body.get("Cog"), "heading_deg": body.get("TrueHeading"),
        "nav_status": body.get("NavigationalStatus"),
    }  # fmt: skip


def _static(body: Mapping[str, Any]) -> dict[str, Any]:
    """Type 24 comes in two parts, of which the other is there and not valid."""
    a, b = body.get("ReportA"), body.get("ReportB")
    parts = [part for part in (a, b) if isinstance(part, dict) and part.get("Valid") is not False]
    said = {**body, **{key: value for part in parts for key, value in part.items()}}
    size = said.get("Dimension")
    size = size if isinstance(size, dict) else {}
    return {
        "imo": said.get("ImoNumber"), "name": said.get("Name"), "callsign": said.get("CallSign"),
        "ship_type": said.get("Type", said.get("ShipType")), "destination": said.get("Destination"),
        "draught_m": said.get("MaximumStaticDraught"),
        "length_m": size_of(size.get("A"), size.get("B")), "beam_m": size_of(size.get("C"), size.get("D")),
    }  # fmt: skip
