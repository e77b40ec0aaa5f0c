"""MarineCadastre day files of NOAA and the U.S. Coast Guard: 17 CamelCase columns, snake_case since 2025.

Times are ISO 8601 UTC; IMO numbers carry the prefix ``IMO``; rows need not be in time order.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

from watchkeeper.model.records import Batch
from watchkeeper.sources.chunks import CHUNK_BYTES, chunks, take_header
from watchkeeper.sources.delimited import read_delimited
from watchkeeper.sources.layout import ISO, Layout, header_fields, share_of, slots_of_columns
from watchkeeper.sources.options import ReadOptions

NAME: Final = "NOAA MarineCadastre CSV"
CAMEL_CASE: Final = {
    "mmsi": "mmsi",
    "basedatetime": "t",
    "lat": "lat",
    "lon": "lon",
    "sog": "sog_kn",
    "cog": "cog_deg",
    "heading": "heading_deg",
    "vesselname": "name",
    "imo": "imo",
    "callsign": "callsign",
    "vesseltype": "ship_type",
    "status": "nav_status",
    "length": "length_m",
    "width": "beam_m",
    "draft": "draught_m",
    "cargo": "",
    "transceiverclass": "ais_class",
}
SNAKE_CASE: Final = {
    "mmsi": "mmsi",
    "base_date_time": "t",
    "longitude": "lon",
    "latitude": "lat",
    "sog": "sog_kn",
    "cog": "cog_deg",
    "heading": "heading_deg",
    "vessel_name": "name",
    "imo": "imo",
    "call_sign": "callsign",
    "vessel_type": "ship_type",
    "status": "nav_status",
    "length": "length_m",
    "width": "beam_m",
    "draft": "draught_m",
    "cargo": "",
    "transceiver": "ais_class",
}
_ENOUGH: Final = 0.7
"""Both headers share nine names; one with this share of the names is meant as this format."""


def sniff(head: bytes, filename: str) -> bool:
    """Whether the first line is one of the two headers."""
    header = header_fields(head.split(b"\n", 1)[0])
    return any(share_of(header, tuple(names)) >= _ENOUGH for names in (CAMEL_CASE, SNAKE_CASE))


def batches(
    stream: BinaryIO, index: int, name: str, options: ReadOptions, chunk_bytes: int = CHUNK_BYTES
) -> Iterator[Batch]:
    """The records of a day file.

    Raises:
        InputError: a mandatory column is missing or doubled, or no row can be read.
    """
    line, rest = take_header(chunks(stream, chunk_bytes=chunk_bytes))
    header = header_fields(line)
    names = max((CAMEL_CASE, SNAKE_CASE), key=lambda names: share_of(header, tuple(names)))
    slots = slots_of_columns(header, names, name, NAME)
    yield from read_delimited(rest, Layout(slots, ISO), index, name, options)
