"""Vessels of Annex XLII of Regulation (EU) 833/2014, and of Regulation (EU) 2017/1509, as CSV.

As the Danish Maritime Authority publishes them for import: ``Vessel name;IMO number ;Date of application;
Subject to``, dates as ``18.12.2025``.
"""

from typing import Final

from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.table import Table, has_columns
from watchkeeper.lists.values import names_in, split

FORMAT: Final = "EU designated vessels CSV"
_NEEDED: Final = ("Vessel name", "IMO number", "Date of application")


def recognises(head: bytes) -> bool:
    """A header names a ship and the date from which its listing applies."""
    return has_columns(head, "dateofapplication") and (
        has_columns(head, "vesselname") or has_columns(head, "imonumber")
    )


def read(file: ListFile) -> Reading:
    """Read row by row; a ship that was listed twice is two entries.

    Raises:
        ListError: a column is missing.
    """
    reading = Reading("eu-vessels", "EU designated vessels")
    for row, cells in Table(file, _NEEDED).rows(reading):
        reading.add(
            row,
            names=names_in(cells["vesselname"]),
            imo=(cells["imonumber"],),
            programs=split(cells.get("subjectto")) or ("EU 833/2014 Annex XLII",),
            source=reading.title,
            as_of=cells["dateofapplication"],
            date_order="day first",
        )
    return reading
