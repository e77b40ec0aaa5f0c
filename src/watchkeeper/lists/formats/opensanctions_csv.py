"""OpenSanctions' maritime collection as CSV (``maritime.csv``): vessels, and companies with an IMO number.

Columns: https://www.opensanctions.org/datasets/maritime/. Several values in a cell are separated by ``;``. A
company's IMO number is of another series than a ship's: companies are set aside.
"""

from typing import Final

from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.table import Table, has_columns
from watchkeeper.lists.values import split

FORMAT: Final = "OpenSanctions maritime CSV"
_NEEDED: Final = ("type", "caption", "imo", "risk", "flag", "mmsi", "id", "url", "datasets")
_VESSEL: Final = "vessel"


def recognises(head: bytes) -> bool:
    """A header with a caption, a risk and the datasets."""
    return has_columns(head, "caption", "risk") or has_columns(head, "caption", "datasets", "imo")


def read(file: ListFile) -> Reading:
    """Read row by row. The file does not state its date.

    Raises:
        ListError: a column is missing.
    """
    reading = Reading("opensanctions-maritime", "OpenSanctions maritime")
    several_flags = 0
    for row, cells in Table(file, _NEEDED).rows(reading):
        kind = cells["type"].strip()
        if kind.casefold() != _VESSEL:
            reading.set_aside[kind.lower() or "row without a type"] += 1
            continue
        flags = split(cells["flag"])
        several_flags += len(flags) > 1
        reading.add(
            row,
            id=cells["id"],
            names=(cells["caption"], *split(cells.get("aliases"))),
            imo=split(cells["imo"]),
            mmsi=split(cells["mmsi"]),
            flag=next(iter(flags), None),
            programs=split(cells["risk"]),
            source=", ".join(split(cells["datasets"])),
            url=cells["url"],
        )
    if several_flags:
        reading.notes.append(f"{several_flags:,} vessels have several flags; the first of each is used")
    return reading
