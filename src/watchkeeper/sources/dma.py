"""Day files of the Danish Maritime Authority (``aisdk-YYYY-MM-DD.csv``), 26 columns, or 22 before 2021.

Times are ``dd/mm/yyyy HH:MM:SS`` UTC. Some copies carry a nameless index column in front.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

from watchkeeper.model.records import Batch
from watchkeeper.sources.chunks import CHUNK_BYTES, chunks, take_header
from watchkeeper.sources.delimited import read_delimited
from watchkeeper.sources.layout import Layout, header_fields, share_of, slots_of_columns
from watchkeeper.sources.options import ReadOptions

NAME: Final = "Danish Maritime Authority CSV"
TIME: Final = "d/m/Y H:M:S"
COLUMNS: Final = {
    "timestamp": "t",
    "type of mobile": "ais_class",
    "mmsi": "mmsi",
    "latitude": "lat",
    "longitude": "lon",
    "navigational status": "nav_status",
    "rot": "",
    "sog": "sog_kn",
    "cog": "cog_deg",
    "heading": "heading_deg",
    "imo": "imo",
    "callsign": "callsign",
    "name": "name",
    "ship type": "ship_type",
    "cargo type": "",
    "width": "beam_m",
    "length": "length_m",
    "type of position fixing device": "",
    "draught": "draught_m",
    "destination": "destination",
    "eta": "",
    "data source type": "",
}
_ENOUGH: Final = 0.5
"""A header with half of the names is meant as this format, even if a column is missing."""


def sniff(head: bytes, filename: str) -> bool:
    """Whether the first line is the header of a Danish day file."""
    return share_of(header_fields(head.split(b"\n", 1)[0]), tuple(COLUMNS)) >= _ENOUGH


def batches(
    stream: BinaryIO, index: int, name: str, options: ReadOptions, chunk_bytes: int = CHUNK_BYTES
) -> Iterator[Batch]:
    """The records of a day file.

    Raises:
        InputError: a mandatory column is missing or doubled, or no row can be read.
    """
    header, rest = take_header(chunks(stream, chunk_bytes=chunk_bytes))
    slots = slots_of_columns(header_fields(header), COLUMNS, name, NAME)
    yield from read_delimited(rest, Layout(slots, TIME), index, name, options)
