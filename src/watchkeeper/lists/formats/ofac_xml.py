"""OFAC's SDN and consolidated lists as XML (``sdn.xml``, ``consolidated.xml``; not ``sdn_advanced.xml``).

Format: OFAC, *Specially Designated Nationals List: Data Formats & Data Schemas*. The element that states the
list's date is spelled ``publshInformation`` by OFAC. The XML namespace has changed over the years and is not
looked at.
"""

from collections.abc import Iterator
from typing import IO, Any, Final

from watchkeeper.errors import ListError
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.values import iso_date

FORMAT: Final = "OFAC SDN XML"
_IMO, _MMSI = "vessel registration identification", "mmsi"


def recognises(head: bytes) -> bool:
    """The root element is ``sdnList``."""
    return b"<sdnList" in head


def read(file: ListFile) -> Reading:
    """Read entry by entry, each forgotten after use. A document that breaks off is refused as a whole."""
    kind = "consolidated" if file.stem.startswith("cons") else "sdn"
    reading = Reading(f"ofac-{kind}", "OFAC SDN" if kind == "sdn" else "OFAC consolidated (non-SDN)")
    declared: str | None = None
    row = 0
    with file.open() as stream:
        for element in _elements(file, stream):
            if _tag(element) == "publshInformation":
                reading.as_of = iso_date(_text(element, "Publish_Date"), "month first")
                declared = _text(element, "Record_Count")
                continue
            row += 1
            sdn_type = _text(element, "sdnType") or "entry without a type"
            if sdn_type.casefold() == "vessel":
                _add(reading, row, element)
            else:
                reading.set_aside[sdn_type] += 1
    if declared and declared.isdigit() and int(declared) != row:
        reading.notes.append(f"the file says {int(declared):,} records and holds {row:,}")
    return reading


def _elements(file: ListFile, stream: IO[bytes]) -> Iterator[Any]:
    """The elements directly below the root, each forgotten after use. Entities and DTDs are refused."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    depth = 0
    root: Any = None
    try:
        for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            if root is None:
                root = element
            elif event == "end" and depth == 1:
                yield element
                root.clear()
    except DefusedXmlException as error:
        raise ListError(
            f"{file.path}: the XML declares entities or a DTD, which are refused.", "Fetch it again."
        ) from error
    except (ParseError, LookupError, ValueError) as error:  # the last two: an encoding that is not known
        raise ListError(
            f"{file.path}: the XML breaks off or is not well formed ({error}).", "Fetch it again."
        ) from error


def _add(reading: Reading, row: int, entry: Any) -> None:
    ids = [
        ((_text(one, "idType") or "").casefold(), _text(one, "idNumber"))
        for one in entry.iterfind("{*}idList/{*}id")
    ]
    info = entry.find("{*}vesselInfo")
    reading.add(
        row,
        id=_text(entry, "uid"),
        names=(
            _text(entry, "lastName"),
            *(_text(aka, "lastName") for aka in entry.iterfind("{*}akaList/{*}aka")),
        ),
        imo=[number for kind, number in ids if kind == _IMO],
        mmsi=[number for kind, number in ids if kind == _MMSI],
        callsign=_text(info, "callSign"),
        flag=_text(info, "vesselFlag"),
        ship_type=_text(info, "vesselType"),
        programs=[one.text for one in entry.iterfind("{*}programList/{*}program")],
        source=reading.title,
    )


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Any, name: str) -> str | None:
    text: str | None = None if element is None else element.findtext("{*}" + name)
    return text
