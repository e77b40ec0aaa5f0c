"""Lines of BarentsWatch's live AIS (Norwegian Coastal Administration), as it sends them or as a spool keeps them.

A line of the combined stream holds a ship's position and what is known of its static data, with the keys of the
service (``msgtime``, ``speedOverGround`` ...); lines of the other streams hold one of the two. Draught is in tenths
of a metre.
"""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from watchkeeper.model.records import Batch
from watchkeeper.sources.messages import (
    BOTH,
    NOT_A_SHIP,
    OTHER,
    POSITION,
    STATIC,
    Said,
    mmsi_of,
    read_messages,
    size_of,
    time_of,
)
from watchkeeper.sources.options import ReadOptions

NAME: Final = "BarentsWatch JSON"
_LINE: Final = re.compile(rb'^\{(?=[^\n]*"msgtime")(?=[^\n]*"mmsi")', re.MULTILINE)
_STATIC: Final = {
    "imo": "imoNumber", "name": "name", "callsign": "callSign", "ship_type": "shipType",
    "destination": "destination", "length_m": "shipLength", "beam_m": "shipWidth",
}  # fmt: skip
_STATIONS: Final = frozenset({"Aton", "BaseStation"})


def sniff(head: bytes, filename: str) -> bool:
    """Whether a line is a JSON object with the keys of the service."""
    return _LINE.search(head) is not None


def batches(stream: BinaryIO, index: int, name: str, options: ReadOptions) -> Iterator[Batch]:
    """The records of the lines."""
    yield from read_messages(stream, interpret, index, name, options)


def interpret(line: dict[str, Any]) -> Said:
    """What one line says.

    Raises:
        UnreadableError: it has no time or MMSI.
    """
    t, mmsi = time_of(line.get("msgtime", line.get("heard"))), mmsi_of(line.get("mmsi"))
    if line.get("type") in _STATIONS:
        return Said(NOT_A_SHIP, t, mmsi)
    draught = line.get("draught")
    values = {
        "lat": line.get("latitude"), "lon": line.get("longitude"), "sog_kn": line.get("speedOverGround"),
        "cog_deg": line.get("courseOverGround"), "heading_deg": line.get("trueHeading"),
        "nav_status": line.get("navigationalStatus"),
        **{column: line.get(key) for column, key in _STATIC.items()},
        "draught_m": draught / 10 if isinstance(draught, int | float) else None,
    }  # fmt: skip
    if values["length_m"] is None:
        values["length_m"] = size_of(line.get("dimensionA"), line.get("dimensionB"))
        values["beam_m"] = size_of(line.get("dimensionC"), line.get("dimensionD"))
    located = "latitude" in line and "longitude" in line
    described = any(line.get(key) is not None for key in _STATIC.values())
    kind = BOTH if located and described else POSITION if located else STATIC if described else OTHER
    return Said(kind, t, mmsi, values)
