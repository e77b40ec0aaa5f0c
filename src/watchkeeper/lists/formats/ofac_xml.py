"""OFAC's SDN and consolidated lists as XML (``sdn.xml``, ``consolidated.xml``; not ``sdn_advanced.xml``).

Format: OFAC, *Specially Designated Nationals List: Data Formats & Data Schemas*. The element that states the
list's date is spelled ``publshInformation`` by OFAC. The XML namespace has changed over the years and is not
looked at.
"""

from typing import Any, Final

from watchkeeper.lists.entries import Party
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.values import clean, iso_date
from watchkeeper.lists.xmlrecords import records, text

FORMAT: Final = "OFAC SDN XML"
_IMO, _MMSI = "vessel registration identification", "mmsi"


def recognises(head: bytes) -> bool:
    """The root element is ``sdnList``."""
    return b"<sdnList" in head


def read(file: ListFile) -> Reading:
    """Read entry by entry, each forgotten after use.

    Raises:
        ListError: the document breaks off, or holds fewer records than it says.
    """
    kind = "consolidated" if file.stem.startswith("cons") or "consolidated" in file.stem else "sdn"
    title = "OFAC SDN" if kind == "sdn" else "OFAC consolidated (non-SDN)"
    reading = Reading(f"ofac-{kind}", title, may_name_no_ship=kind != "sdn")
    declared: str | None = None
    row = 0
    for tag, element in records(file, ("publshInformation", "sdnEntry")):
        if tag == "publshInformation":
            reading.as_of = iso_date(text(element, "Publish_Date"), "month first")
            declared = text(element, "Record_Count")
        elif tag == "sdnEntry":
            row += 1
            sdn_type = text(element, "sdnType") or "entry without a type"
            if sdn_type.casefold() == "vessel":
                _add(reading, row, element)
            else:
                reading.set_aside[sdn_type] += 1
    reading.stated(file, int(declared) if declared and declared.isdigit() else None, row)
    return reading


def _add(reading: Reading, row: int, entry: Any) -> None:
    ids = [
        ((text(one, "idType") or "").casefold(), text(one, "idNumber"))
        for one in entry.iterfind("{*}idList/{*}id")
    ]
    info = entry.find("{*}vesselInfo")
    owner = clean(text(info, "vesselOwner"))
    reading.add(
        row,
        id=text(entry, "uid"),
        names=(
            text(entry, "lastName"),
            *(text(aka, "lastName") for aka in entry.iterfind("{*}akaList/{*}aka")),
        ),
        imo=[number for kind, number in ids if kind == _IMO],
        mmsi=[number for kind, number in ids if kind == _MMSI],
        callsign=text(info, "callSign"),
        flag=text(info, "vesselFlag"),
        ship_type=text(info, "vesselType"),
        programs=[one.text for one in entry.iterfind("{*}programList/{*}program")],
        source=reading.title,
        parties=[Party(role="owner", name=owner)] if owner else (),
        facts={
            "deadweight_t": text(info, "tonnage"),
            "gross_tonnage": text(info, "grossRegisteredTonnage"),
            "owner": owner,
        },
    )
