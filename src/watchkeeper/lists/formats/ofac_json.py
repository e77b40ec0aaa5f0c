"""OFAC SDN vessels as JSON: ``{"generated_at", "count", "vessels": [{"imo", "name", "programs", ...}]}``.

A form in circulation that is made from the SDN XML. Its ``generated_at`` is the list's date here.
"""

from typing import Any, Final

import msgspec

from watchkeeper.errors import ListError
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.values import iso_date

FORMAT: Final = "OFAC SDN vessels JSON"


class _Info(msgspec.Struct):
    call_sign: str | None = None
    vessel_type: str | None = None
    flag: str | None = None
    dwt: float | str | None = None
    gross_tonnage: float | str | None = None


class _Vessel(msgspec.Struct):
    imo: int | str | None = None
    mmsi: int | str | None = None
    name: str | None = None
    aliases: list[str] = []
    programs: list[str] = []
    list_name: str | None = None
    vessel_info: _Info = msgspec.field(default_factory=_Info)


class _Document(msgspec.Struct):
    vessels: list[msgspec.Raw]
    generated_at: str | None = None
    count: int | None = None


def recognises(head: bytes) -> bool:
    """A JSON object with ``vessels`` near its beginning."""
    return head.lstrip().startswith(b"{") and b'"vessels"' in head and b'"schema"' not in head


def read(file: ListFile) -> Reading:
    """Read the document; a vessel of another form is rejected, the others stay."""
    try:
        document = msgspec.json.decode(file.document(), type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ListError(f"{file.path}: not valid JSON ({error}).", "Fetch the list again.") from error
    reading = Reading("ofac-sdn", "OFAC SDN")
    reading.as_of = iso_date(document.generated_at)
    reading.stated(file, document.count, len(document.vessels))
    for row, raw in enumerate(document.vessels, 1):
        try:
            vessel = msgspec.json.decode(raw, type=_Vessel)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            reading.reject(row, str(error), bytes(raw).decode("utf-8", "replace"))
            continue
        info = vessel.vessel_info
        reading.add(
            row,
            names=(vessel.name, *vessel.aliases),
            imo=(_text(vessel.imo),),
            mmsi=(_text(vessel.mmsi),),
            callsign=info.call_sign,
            flag=info.flag,
            ship_type=info.vessel_type,
            programs=vessel.programs,
            source=vessel.list_name,
            facts={"deadweight_t": _text(info.dwt), "gross_tonnage": _text(info.gross_tonnage)},
        )
    return reading


def _text(value: Any) -> str | None:
    return None if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)
