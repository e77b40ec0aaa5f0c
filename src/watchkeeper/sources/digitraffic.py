"""Vessel locations of the Finnish Digitraffic service (Fintraffic): GeoJSON as served, or a flattened
snapshot.

As served, every feature has its own time (``timestampExternal`` [ms]). A snapshot ``{"timestamp": ...,
"vessels": [...]}`` has one time for all; its rows are noticed as ``time_from_snapshot``. A row's number is
that of its element, from 1.
"""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

import msgspec
import numpy as np

from watchkeeper.errors import InputError, LimitError
from watchkeeper.model.columns import ROLES
from watchkeeper.model.records import Batch
from watchkeeper.sources.chunks import Chunk, chunk_of
from watchkeeper.sources.delimited import read_delimited
from watchkeeper.sources.layout import ISO, NO_QUOTE, UNIT_SEPARATOR, Layout
from watchkeeper.sources.options import ReadOptions
from watchkeeper.sources.table import joined

NAME: Final = "Digitraffic JSON"
SIZE_LIMIT: Final = 256 << 20
"""The whole service has some 20,000 vessels, 10 MB. JSON is read as a whole, at about ten times its size."""
_ROWS: Final = 50_000
_MARKS: Final = (b'"timestampExternal"', b'"portCalls"', b'"vessels"', b'"FeatureCollection"')
_PROPERTIES: Final = {
    "t": "timestampExternal", "mmsi": "mmsi", "sog_kn": "sog", "cog_deg": "cog", "heading_deg": "heading",
    "nav_status": "navStat",
}  # fmt: skip
_SNAPSHOT: Final = {
    "mmsi": "mmsi", "lat": "lat", "lon": "lon", "sog_kn": "sog", "cog_deg": "cog", "heading_deg": "heading",
    "nav_status": "nav_status", "imo": "imo", "name": "name", "callsign": "callsign", "ship_type":
    "ship_type", "draught_m": "draught", "destination": "destination",
}  # fmt: skip


def sniff(head: bytes, filename: str) -> bool:
    """Whether it is JSON with the keys of the service."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and any(mark in head for mark in _MARKS)


def batches(stream: BinaryIO, index: int, name: str, options: ReadOptions) -> Iterator[Batch]:
    """The positions of a response or of a snapshot.

    Raises:
        InputError: not JSON, or JSON that holds no positions.
        LimitError: larger than the limit.
    """
    found = _decoded(stream, name)
    elements, snapshot = _elements(found, name)
    rows = [_snapshot_row(e, snapshot) if snapshot else _feature_row(e) for e in elements]
    time = ISO if snapshot else "ms"
    slots = np.arange(len(ROLES), dtype=np.int16)
    layout = Layout(slots, time, UNIT_SEPARATOR, NO_QUOTE, misshapen="not a vessel location")
    for batch in read_delimited(_chunks(rows), layout, index, name, options):
        if snapshot:
            batch.noticed["time_from_snapshot"] += batch.rows["read"]
        yield batch


def raw_rows(stream: BinaryIO, name: str, rows: Sequence[int]) -> dict[int, str]:
    """The elements of the given numbers (from 1), as JSON."""
    elements, _ = _elements(_decoded(stream, name), name)
    return {row: msgspec.json.encode(elements[row - 1]).decode() for row in rows if 0 < row <= len(elements)}


def _decoded(stream: BinaryIO, name: str) -> object:
    parts = bytearray()
    while block := stream.read(1 << 20):
        parts += block
        if len(parts) > SIZE_LIMIT:
            raise LimitError(
                f"{name} is JSON of more than {SIZE_LIMIT >> 20} MiB.", "Split it, or give it as NDJSON."
            )
    try:
        return msgspec.json.decode(parts.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{name} is not complete JSON: {error}.", "Download it again.") from error


def _elements(found: object, name: str) -> tuple[list[object], str]:
    """The elements that each make a row, and the time of the snapshot, if it is one."""
    if isinstance(found, dict) and isinstance(found.get("features"), list):
        return found["features"], ""
    if isinstance(found, dict) and isinstance(found.get("vessels"), list):
        if not isinstance(found.get("timestamp"), str):
            raise InputError(f"{name} is a snapshot of vessels without its time.", 'Add "timestamp".')
        return found["vessels"], found["timestamp"]
    if isinstance(found, list) and found and isinstance(found[0], dict):
        if found[0].get("type") == "Feature":
            return found, ""
        if "portCalls" in found[0]:
            raise _port_calls(name)
    if isinstance(found, dict) and "portCalls" in found:
        raise _port_calls(name)
    raise InputError(
        f"{name} is JSON, but holds no vessel locations.", "Give a response of the locations endpoint."
    )


def _port_calls(name: str) -> InputError:
    return InputError(
        f"{name} holds port calls, not positions.", "Give a response of the locations endpoint."
    )


def _feature_row(element: object) -> bytes:
    if not isinstance(element, dict):
        return msgspec.json.encode(element)
    properties, geometry = element.get("properties"), element.get("geometry")
    properties = properties if isinstance(properties, dict) else {}
    values = {role: properties.get(key) for role, key in _PROPERTIES.items()}
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if isinstance(coordinates, list) and len(coordinates) >= 2:
        values["lon"], values["lat"] = coordinates[:2]
    values["mmsi"] = values["mmsi"] or element.get("mmsi")
    return joined([values.get(role) for role in ROLES])


def _snapshot_row(element: object, time: str) -> bytes:
    if not isinstance(element, dict):
        return msgspec.json.encode(element)
    values = {role: element.get(key) for role, key in _SNAPSHOT.items()}
    return joined([time, *(values.get(role) for role in ROLES[1:])])


def _chunks(rows: list[bytes]) -> Iterator[Chunk]:
    for start in range(0, len(rows), _ROWS):
        yield chunk_of(rows[start : start + _ROWS], start + 1)
