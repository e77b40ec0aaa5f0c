"""The UK Sanctions List as CSV or ODS (Foreign, Commonwealth & Development Office).

A line with the date of the report, then one row for each *name*: the rows of one ``Unique ID`` are one entry.
Dates are written day first.
"""

import re
from collections.abc import Mapping
from typing import Final

from watchkeeper.lists.entries import Party
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.table import Table, has_columns
from watchkeeper.lists.values import clean, iso_date, names_in, split

FORMAT: Final = "UK Sanctions List CSV"
TITLE: Final = "UK Sanctions List"
KINDS: Final = ("Individual", "Entity", "Ship")
_NAME_PARTS: Final = ("Name 1", "Name 2", "Name 3", "Name 4", "Name 5", "Name 6")
_NEEDED: Final = (
    "Unique ID",
    *_NAME_PARTS,
    "Name type",
    "Regime Name",
    "Designation Type",
    "Sanctions Imposed",
    "Date Designated",
    "IMO number",
    "Current owner/operator (s)",
    "Current believed flag of ship",
    "Previous flags",
    "Type of ship",
    "Tonnage of ship",
    "Length of ship",
    "Year Built",
)
_DATE: Final = re.compile(r"\d{1,2}[-/ ]\w+[-/ ]\d{4}|\d{4}-\d{2}-\d{2}")

Cells = Mapping[str, str]


def recognises(head: bytes) -> bool:
    """A header of names in six parts with designations."""
    return has_columns(head, "uniqueid", "name6") or has_columns(head, "designationtype", "imonumber")


def read(file: ListFile) -> Reading:
    """Read the rows and join those of each ship.

    Raises:
        ListError: a column is missing.
    """
    reading = Reading("uk-sanctions", TITLE)
    table = Table(file, _NEEDED)
    reading.as_of = report_date(" ".join(cell for row in table.preamble for cell in row))
    ships: dict[str, list[tuple[int, Cells]]] = {}
    others: dict[str, str] = {}
    for row, cells in table.rows(reading):
        kind, number = cells["designationtype"].strip(), cells["uniqueid"].strip()
        if kind.title() not in KINDS or not number:
            reason = (
                f"Designation Type is {kind[:40]!r}, not one of {', '.join(KINDS)}"
                if number
                else "no Unique ID"
            )
            reading.reject(row, reason, ",".join(cells.values()))
        elif kind.title() == "Ship":
            ships.setdefault(number, []).append((row, cells))
        else:
            others[number] = kind.title()
    reading.set_aside.update(others.values())
    for number, rows in ships.items():
        _add(reading, number, rows)
    return reading


def report_date(text: str) -> str | None:
    """The date in the line above the header."""
    found = _DATE.search(text)
    return iso_date(found[0], "day first") if found else None


def owners(texts: list[str]) -> list[Party]:
    """The owners and operators named with a ship; whether they are listed is not said."""
    names = dict.fromkeys(name for text in texts for name in split(text))
    return [Party(role="owner or operator", name=name) for name in names]


def full_name(parts: list[str | None]) -> str | None:
    """A name from its parts; ships have only the last."""
    return clean(" ".join(part for part in map(clean, parts) if part))


def _add(reading: Reading, number: str, rows: list[tuple[int, Cells]]) -> None:
    def every(column: str) -> list[str]:
        return list(dict.fromkeys(text for _, cells in rows if (text := clean(cells[column]))))

    def joined(column: str) -> str | None:
        return "; ".join(every(column)) or None

    primary = sorted(rows, key=lambda one: not one[1]["nametype"].strip().casefold().startswith("primary"))
    names = (full_name([cells[f"name{k}"] for k in range(1, 7)]) for _, cells in primary)
    first_row, first = rows[0]
    sanctions = (part for text in every("sanctionsimposed") for part in split(text))
    reading.add(
        first_row,
        id=number,
        names=[name for text in names for name in names_in(text)],
        imo=every("imonumber"),
        flag=next(iter(every("currentbelievedflagofship")), None),
        ship_type=next(iter(every("typeofship")), None),
        programs=[*every("regimename"), *sanctions],
        source=TITLE,
        as_of=first["datedesignated"].partition(" ")[0],
        date_order="day first",
        parties=owners(every("currentowneroperators")),
        facts={
            "built": joined("yearbuilt"),
            "gross_tonnage": joined("tonnageofship"),
            "length_m": joined("lengthofship"),
            "flag_history": joined("previousflags"),
            "owner": joined("currentowneroperators"),
        },
    )
