"""The United Nations Security Council Consolidated List as XML (``consolidated.xml``).

It names individuals and entities; an entity whose particulars give an IMO number is taken as an entry. That
number may be a company's: the type is shown as *entity*.
"""

import re
from typing import Any, Final

from watchkeeper.errors import ListError
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.values import iso_date
from watchkeeper.lists.xmlrecords import records, text, texts

FORMAT: Final = "UN consolidated list XML"
_IMO: Final = re.compile(r"\bIMO(?:\s+(?:number|no))?\b[\s.:#]*(\d{7})\b", re.IGNORECASE)


def recognises(head: bytes) -> bool:
    """The root element is ``CONSOLIDATED_LIST``."""
    return b"<CONSOLIDATED_LIST" in head


def read(file: ListFile) -> Reading:
    """Read record by record.

    Raises:
        ListError: broken off, or without the date on which it was generated.
    """
    reading = Reading("un-sanctions", "UN Security Council consolidated list", may_name_no_ship=True)
    row = 0
    for tag, element in records(file, ("INDIVIDUAL", "ENTITY")):
        if tag == "CONSOLIDATED_LIST":
            reading.as_of = iso_date(element.get("dateGenerated"))
            if reading.as_of is None:
                raise ListError(
                    f"{file.path}: not the UN's list: `CONSOLIDATED_LIST` has no dateGenerated.",
                    "Fetch it again.",
                )
            continue
        row += 1
        imo = _IMO.findall(" ".join([*texts(element, "COMMENTS1"), *texts(element, "FIRST_NAME")]))
        if not (text(element, "DATAID") and text(element, "FIRST_NAME")):
            reading.reject(row, "no DATAID or FIRST_NAME", text(element, "REFERENCE_NUMBER") or "")
        elif tag == "ENTITY" and imo:
            _add(reading, row, element, imo)
        else:
            reading.set_aside[tag.lower()] += 1
    return reading


def _add(reading: Reading, row: int, element: Any, imo: list[str]) -> None:
    reading.add(
        row,
        id=text(element, "REFERENCE_NUMBER") or text(element, "DATAID"),
        names=[text(element, "FIRST_NAME"), *texts(element, "ENTITY_ALIAS/ALIAS_NAME")],
        imo=imo,
        ship_type="entity",
        programs=[text(element, "UN_LIST_TYPE")],
        source=reading.title,
        as_of=text(element, "LISTED_ON"),
    )
