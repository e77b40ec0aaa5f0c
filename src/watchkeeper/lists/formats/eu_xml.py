"""The EU's consolidated financial sanctions list as XML (``xmlFullSanctionsList_1_1``).

Published by the European Commission (Financial Sanctions Files). It names persons and enterprises; ships are
in it where a subject has an IMO number or is of another type. An enterprise's number may be a company's IMO
number, which is why its type is shown.
"""

import re
from typing import Any, Final

from watchkeeper.errors import ListError
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.values import iso_date
from watchkeeper.lists.xmlrecords import records

FORMAT: Final = "EU financial sanctions XML"
_SUBJECTS: Final = frozenset(("person", "enterprise"))
_IMO: Final = re.compile(r"\bIMO(?:\s+(?:number|no))?\b[\s.:#]*(\d{7})\b", re.IGNORECASE)


def recognises(head: bytes) -> bool:
    """The root element is ``export`` in the Commission's namespace, or holds sanction entities."""
    return b"<export" in head and (b"/fsd/export" in head or b"<sanctionEntity" in head)


def read(file: ListFile) -> Reading:
    """Read subject by subject.

    Raises:
        ListError: broken off, no date of generation, or no subject.
    """
    reading = Reading("eu-sanctions", "EU financial sanctions", may_name_no_ship=True)
    row = 0
    for tag, element in records(file, ("sanctionEntity",)):
        if tag == "export":
            reading.as_of = iso_date(element.get("generationDate"))
            if reading.as_of is None:
                raise ListError(
                    f"{file.path}: not the EU's list: `export` has no generationDate.", "Fetch it again."
                )
            continue
        row += 1
        subject = element.find("{*}subjectType")
        code = "" if subject is None else (subject.get("code") or "")
        if not code:
            reading.reject(row, "no subjectType", element.get("euReferenceNumber") or "")
            continue
        imo = _numbers(element)
        if imo or code.casefold() not in _SUBJECTS:
            _add(reading, row, element, code, imo)
        else:
            reading.set_aside[code] += 1
    return reading


def _numbers(element: Any) -> list[str | None]:
    """IMO numbers of the subject: identifications of that type, and remarks that name one."""
    given = [
        one.get("number") or one.get("latinNumber")
        for one in element.iterfind("{*}identification")
        if "imo"
        in f"{one.get('identificationTypeCode')} {one.get('identificationTypeDescription')}".casefold()
    ]
    remarks = " ".join(text for remark in element.iterfind(".//{*}remark") if (text := remark.text))
    return given or list(_IMO.findall(remarks))


def _add(reading: Reading, row: int, element: Any, code: str, imo: list[str | None]) -> None:
    regulations = element.findall("{*}regulation")
    urls = (one.findtext("{*}publicationUrl") for one in regulations)
    dates = [element.get("designationDate"), *(one.get("publicationDate") for one in regulations)]
    reading.add(
        row,
        id=element.get("euReferenceNumber") or element.get("logicalId"),
        names=[name.get("wholeName") for name in element.iterfind("{*}nameAlias")],
        imo=imo,
        ship_type=code,
        programs=[one.get("programme") for one in regulations],
        source=reading.title,
        as_of=next(filter(None, dates), None),
        url=next(filter(None, urls), None),
    )
