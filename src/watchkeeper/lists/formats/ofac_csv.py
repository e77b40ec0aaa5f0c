"""OFAC's SDN and consolidated lists as CSV (``sdn.csv``, ``cons_prim.csv``).

Twelve columns without a header, ``-0-`` for *not given*.

Format: OFAC, *Specially Designated Nationals List: Data Formats & Data Schemas*. IMO number and MMSI stand in
the remarks, aliases in ``alt.csv`` (``cons_alt.csv``) and remarks that were too long in ``sdn_comments.csv``
(``cons_comments.csv``); both are read when they lie beside it. The file does not state its date.
"""

import re
from collections import defaultdict
from pathlib import Path
from typing import Final

from watchkeeper.lists.entries import Party
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.table import first_row, rows
from watchkeeper.lists.values import clean

FORMAT: Final = "OFAC SDN CSV"
_COLUMNS: Final = 12
_NUMBER, _NAME, _TYPE, _PROGRAM, _CALLSIGN, _SHIP_TYPE = 0, 1, 2, 3, 5, 6
_TONNAGE, _GROSS_TONNAGE, _FLAG, _OWNER, _REMARKS = 7, 8, 9, 10, 11
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
    beside: tuple[str, ...]
    if file.stem.startswith("cons"):
        reading = Reading("ofac-consolidated", "OFAC consolidated (non-SDN)", may_name_no_ship=True)
        beside, comments = ("cons_alt.csv",), ("cons_comments.csv",)
    else:
        reading = Reading("ofac-sdn", "OFAC SDN")
        beside, comments = ("alt.csv", "sdn_alt.csv"), ("sdn_comments.csv",)
    aliases = _beside(reading, file.path, beside, 3, "aliases")
    remarks = _beside(reading, file.path, comments, 1, "further remarks")
    for row, cells in rows(file):
        if cells == [_END_OF_FILE]:
            continue
        if len(cells) != _COLUMNS:
            reading.reject(row, f"{len(cells)} columns instead of {_COLUMNS}", ",".join(cells))
            continue
        kind = clean(cells[_TYPE]) or "entity"
        if not cells[_NUMBER].strip().isdigit() or kind.casefold() not in _TYPES:
            reading.reject(
                row, f"{cells[_NUMBER][:20]!r} is no entry number or {kind[:20]!r} no type", ",".join(cells)
            )
            continue
        if kind.casefold() != "vessel":
            reading.set_aside[kind] += 1
            continue
        number = cells[_NUMBER].strip()
        _add(reading, row, cells, aliases[number], remarks[number])
    return reading


def _add(reading: Reading, row: int, cells: list[str], aliases: list[str], remarks: list[str]) -> None:
    remark = " ".join((cells[_REMARKS], *remarks))
    reading.add(
        row,
        id=cells[_NUMBER].strip(),
        names=(cells[_NAME], *aliases, *_ALIAS.findall(remark)),
        imo=_IMO.findall(remark),
        mmsi=_MMSI.findall(remark),
        callsign=cells[_CALLSIGN],
        flag=cells[_FLAG],
        ship_type=cells[_SHIP_TYPE],
        programs=re.split(r"[\[\];]+", cells[_PROGRAM]),
        source=reading.title,
        parties=_owner(cells[_OWNER]),
        facts={
            "deadweight_t": cells[_TONNAGE],
            "gross_tonnage": cells[_GROSS_TONNAGE],
            "owner": cells[_OWNER],
        },
    )


def _owner(text: str) -> list[Party]:
    name = clean(text)
    return [Party(role="owner", name=name)] if name else []


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
