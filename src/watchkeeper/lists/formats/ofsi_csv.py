"""The UK's consolidated list of financial sanctions targets (``ConList.csv``, OFSI, form of 2022).

No longer updated since 28 January 2026, when the UK Sanctions List took its place; archives hold it. A line
with its date, then one row for each name; the particulars of a ship stand in ``Other Information`` as
``(IMO number):9000003 (Flag of ship):Comoros (Type of ship):Oil tanker``.
"""

import re
from collections.abc import Mapping
from typing import Final

from watchkeeper.lists.formats.uk_csv import full_name, owners, report_date
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.table import Table, has_columns
from watchkeeper.lists.values import names_in, split

FORMAT: Final = "UK OFSI consolidated list CSV"
_NEEDED: Final = (
    *(f"Name {k}" for k in range(1, 7)),
    "Other Information",
    "Group Type",
    "Alias Type",
    "Regime",
    "Listed On",
    "Group ID",
)
_KINDS: Final = frozenset(("Individual", "Entity", "Ship"))
_LONGEST_TOLD: Final = 20_000
"""Characters of a cell in which labels are looked for."""
_LABELLED: Final = re.compile(r"\(([^()]+)\):\s*(.*?)(?=\s*\([^()]+\):|$)", re.DOTALL)


def recognises(head: bytes) -> bool:
    """A header of names in six parts with groups."""
    return has_columns(head, "name6", "grouptype") or has_columns(head, "name6", "groupid")


def read(file: ListFile) -> Reading:
    """Read the rows and join those of each group.

    Raises:
        ListError: a column is missing.
    """
    reading = Reading("uk-ofsi", "UK OFSI consolidated list")
    table = Table(file, _NEEDED)
    reading.as_of = report_date(" ".join(cell for row in table.preamble for cell in row))
    ships: dict[str, list[tuple[int, Mapping[str, str]]]] = {}
    others: dict[str, str] = {}
    for row, cells in table.rows(reading):
        kind, group = cells["grouptype"].strip().title(), cells["groupid"].strip()
        if kind not in _KINDS or not group:
            reason = f"Group Type is {kind[:40]!r}" if group else "no Group ID"
            reading.reject(row, reason, ",".join(cells.values()))
        elif kind == "Ship":
            ships.setdefault(group, []).append((row, cells))
        else:
            others[group] = kind
    reading.set_aside.update(others.values())
    for group, rows in ships.items():
        _add(reading, group, rows)
    return reading


def _add(reading: Reading, group: str, rows: list[tuple[int, Mapping[str, str]]]) -> None:
    said: dict[str, str] = {}
    for _, cells in rows:
        for label, value in _LABELLED.findall(cells["otherinformation"][:_LONGEST_TOLD]):
            said.setdefault(label.strip().casefold(), value.strip(" ."))
    primary = sorted(rows, key=lambda one: not one[1]["aliastype"].casefold().startswith("primary"))
    names = (full_name([cells[f"name{k}"] for k in range(1, 7)]) for _, cells in primary)
    first_row, first = rows[0]

    def told(*labels: str) -> str | None:
        return next((said[label] for label in labels if said.get(label)), None)

    flag = told("flag of ship", "current believed flag of ship")
    owner = told("current owners", "current owner/operator", "current owner/operator (s)")
    reading.add(
        first_row,
        id=group,
        names=[name for text in names for name in names_in(text)],
        imo=(told("imo number"),),
        flag=flag,
        ship_type=told("type of ship"),
        programs=split(first["regime"]),
        source=reading.title,
        as_of=first["listedon"],
        date_order="day first",
        parties=owners([owner or ""]),
        facts={
            "built": told("year built"),
            "gross_tonnage": told("tonnage of ship"),
            "length_m": told("length of ship"),
            "flag_history": told("previous flags"),
            "owner": owner,
        },
    )
