"""Performance of flags as CSV: a flag, and its standing (white, grey, black) or inspections and detentions.

The Paris MoU publishes its lists as tables of a document; the columns here are theirs. ``Valid from`` or a
date in the file's name (``paris-mou-2026-07-01.csv``) dates the list.
"""

import re
from typing import Final

from watchkeeper.errors import ListError
from watchkeeper.lists.flag_performance import FlagReading
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.table import Table, has_columns
from watchkeeper.lists.values import iso_date

FORMAT: Final = "flag performance CSV"

_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "flag": ("flag", "flagstate", "country", "flagstates", "administration"),
    "standing": ("standing", "list", "colour", "color", "status", "performance", "wgb"),
    "inspections": ("inspections", "inspections3years", "numberofinspections", "totalinspections"),
    "detentions": ("detentions", "detentions3years", "numberofdetentions", "totaldetentions"),
    "rank": ("rank", "ranking", "position"),
    "excess_factor": ("excessfactor", "ef"),
    "as_of": ("validfrom", "asof", "date", "effectivefrom"),
}
_SHIPS: Final = ("imo", "imonumber", "mmsi", "name", "vesselname", "shipname", "uniqueid")
_YEARS: Final = re.compile(r"(?:\d{4})+$")


def recognises(head: bytes) -> bool:
    """A header with flags and how they perform, and without ships."""
    if any(has_columns(head, column) for column in _SHIPS):
        return False
    flag = next((column for column in _HEADERS["flag"] if has_columns(head, column)), None)
    if flag is None:
        return False
    says = (*_HEADERS["standing"], *_HEADERS["excess_factor"], *_HEADERS["detentions"])
    return any(has_columns(head, flag, column) for column in says) or _has_counts(head)


def _has_counts(head: bytes) -> bool:
    """Columns such as ``Detentions 2023-2025``."""
    first = head.split(b"\n", 1)[0].lower()
    return b"inspections" in first and b"detentions" in first


def read(file: ListFile) -> FlagReading:
    """Read row by row.

    Raises:
        ListError: no column for flag, or neither standing nor counts.
    """
    reading = FlagReading("paris-mou" if "paris" in file.stem else file.stem, "Paris MoU flag performance")
    flag = next((column for column in _HEADERS["flag"] if has_columns(file.head, column)), "flag")
    columns: dict[str, str] | None = None
    dated = re.search(r"\d{4}-\d{2}-\d{2}", file.path.name)
    reading.as_of = iso_date(dated[0]) if dated else None
    for row, cells in Table(file, (flag,)).rows(reading):
        if columns is None:
            columns = _columns(file, list(cells))
        said = {field: cells[column] for field, column in columns.items()}
        reading.add(row, said, said.get("as_of"))
    return reading


def _columns(file: ListFile, header: list[str]) -> dict[str, str]:
    plain = {_YEARS.sub("", name): name for name in reversed(header)}
    columns = {
        field: plain[name] for field, names in _HEADERS.items() for name in reversed(names) if name in plain
    }
    if "standing" not in columns and not {"inspections", "detentions"} <= columns.keys():
        raise ListError(
            f"{file.path}: expected a column `standing`, or `inspections` and `detentions`; "
            f"found {', '.join(header)}.",
            "Add the columns of the published table.",
        )
    return columns
