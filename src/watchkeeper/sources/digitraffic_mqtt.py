"""Messages of Digitraffic's MQTT broker (Fintraffic), one a line with their topic, as a spool keeps them.

``vessels-v2/<MMSI>/location`` holds a position and its time in seconds, ``vessels-v2/<MMSI>/metadata`` static and
voyage data and its time in milliseconds; the MMSI is in the topic alone. Draught is in tenths of a metre; sizes are
the distances of the antenna to bow, stern, port and starboard. Other topics (the broker's own status) are ``other``.
"""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from watchkeeper.model.records import Batch
from watchkeeper.sources.messages import (
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

NAME: Final = "Digitraffic MQTT JSON"
_LINE: Final = re.compile(rb'^\{[^\n]*"topic":\s*"vessels-v2/', re.MULTILINE)
_TOPIC: Final = re.compile(r"vessels-v2/(\d{1,10})/(location|metadata)")


def sniff(head: bytes, filename: str) -> bool:
    """Whether a line is a JSON object with a topic of the service."""
    return _LINE.search(head) is not None


def batches(stream: BinaryIO, index: int, name: str, options: ReadOptions) -> Iterator[Batch]:
    """The records of the messages."""
    yield from read_messages(stream, interpret, index, name, options)


def interpret(line: dict[str, Any]) -> Said:
    """What one message says.

    Raises:
        UnreadableError: it has no topic, time or MMSI.
    """
    topic = line.get("topic")
    if not isinstance(topic, str) or not topic.startswith("vessels-v2/"):
        raise UnreadableError("no topic of Digitraffic")
    match = _TOPIC.fullmatch(topic)
    if match is None:
        return Said(OTHER, time_of(line.get("heard")), 0)
    mmsi = mmsi_of(match[1])
    if match[2] == "location":
        values = {
            "lat": line.get("lat"), "lon": line.get("lon"), "sog_kn": line.get("sog"), "cog_deg": line.get("cog"),
            "heading_deg": line.get("heading"), "nav_status": line.get("navStat"),
        }  # fmt: skip
        return Said(POSITION, time_of(line.get("time", line.get("heard"))), mmsi, values)
    draught = line.get("draught")
    values = {
        "imo": line.get("imo"), "name": line.get("name"), "callsign": line.get("callSign"),
        "ship_type": line.get("type"), "destination": line.get("destination"),
        "draught_m": draught / 10 if isinstance(draught, int | float) else None,
        "length_m": size_of(line.get("refA"), line.get("refB")),
        "beam_m": size_of(line.get("refC"), line.get("refD")),
    }  # fmt: skip
    return Said(STATIC, time_of(line.get("timestamp", line.get("heard"))), mmsi, values)
