"""OFAC's SDN list as CSV (``sdn.csv``): no header, 12 columns, ``-0-`` for *not given*.

Format: OFAC, *Specially Designated Nationals List: Data Formats & Data Schemas*. IMO number and MMSI stand in
the remarks, aliases in ``alt.csv`` and remarks that were too long in ``sdn_comments.csv``; both are read when
they lie beside it. The file does not state its date.
"""

import re
from collections import defaultdict
from pathlib import Path
from typing import Final

from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.table import first_row, rows
from watchkeeper.lists.values import clean

FORMAT: Final = "OFAC SDN CSV"
_COLUMNS: Final = 12
_NUMBER, _NAME, _TYPE, _PROGRAM, _CALLSIGN, _SHIP_TYPE, _FLAG, _REMARKS = 0, 1, 2, 3, 5, 6, 9, 11
_TYPES: Final = frozenset(("-0-", "individual", "vessel", "aircraft", "entity"))
_END_OF_FILE: Final = "\x1a"
"""The mark with which OFAC's file ends, as DOS files did."""

_IMO: Final = re.compile(
    r"(?:Vessel Registration Identification(?:\s+IMO)?|\bIMO)\b[:\s]*(\d+)", re.IGNORECASE
)
_MMSI: Final = re.compile(r"\bMMSI\b[:\s]*(\d+)", re.IGNORECASE)
_ALIAS: Final = re.compile(r"\b[afn]\.k\.a\.,? ['\"](.+?)['\"](?=[;.,)]|$)")


def recognises(head: bytes) -> bool:
    """The first row has 12 columns, a number first and a type of entry third."""
    row = first_row(head)
    return len(row) == _COLUMNS and row[_NUMBER].strip().isdigit() and row[_TYPE].strip().lower() in _TYPES


def read(file: ListFile) -> Reading:
    """Read the rows; aliases and further remarks from the files beside it."""
    reading = Reading("ofac-sdn", "OFAC SDN")
    aliases = _beside(reading, file.path, ("alt.csv", "sdn_alt.csv"), 3, "aliases")
    remarks = _beside(reading, file.path, ("sdn_comments.csv",), 1, "further remarks")
    for row, cells in rows(file):
        if cells == [_END_OF_FILE]:
            continue
        if len(cells) != _COLUMNS:
            reading.reject(row, f"{len(cells)} columns instead of {_COLUMNS}", ",".join(cells))
            continue
        kind = clean(cells[_TYPE]) or "entity"
        if kind.casefold() != "vessel":
            reading.set_aside[kind] += 1
            continue
        number = cells[_NUMBER].strip()
        remark = " ".join((cells[_REMARKS], *remarks[number]))
        reading.add(
            row,
            id=number,
            names=(cells[_NAME], *aliases[number], *_ALIAS.findall(remark)),
            imo=_IMO.findall(remark),
            mmsi=_MMSI.findall(remark),
            callsign=cells[_CALLSIGN],
            flag=cells[_FLAG],
            ship_type=cells[_SHIP_TYPE],
            programs=re.split(r"[\[\];]+", cells[_PROGRAM]),
            source=reading.title,
        )
    return reading


def _beside(
    reading: Reading, path: Path, names: tuple[str, ...], column: int, what: str
) -> defaultdict[str, list[str]]:
    """One column of a file of OFAC's beside the list, by entry number; a note says whether it was there."""
    values: defaultdict[str, list[str]] = defaultdict(list)
    spellings = [spelling for name in names for spelling in (name, name.upper())]
    found = next((beside for name in spellings if (beside := path.with_name(name)).is_file()), None)
    if found is None:
        reading.notes.append(f"no {names[0]} beside it: {what} not read")
        return values
    for _, cells in rows(ListFile(found)):
        if len(cells) > column:
            values[cells[0].strip()].append(cells[column])
    reading.notes.append(f"{what} read from {found.name}")
    return values
