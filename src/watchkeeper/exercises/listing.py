"""A made-up sanctions list. Programmes and sources say that they are invented."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from watchkeeper.exercises.ships import Ship

COLUMNS: Final = ("imo", "mmsi", "name", "flag", "program", "source", "as_of")
PROGRAM: Final = "INVENTED-PROGRAMME-7"
SOURCE: Final = "Simulated list of the Ministry of Invention"

FLAGS: Final = {
    209: "CY", 211: "DE", 219: "DK", 230: "FI", 231: "FO", 244: "NL", 248: "MT", 257: "NO", 258: "NO",
    261: "PL",
    265: "SE", 273: "RU", 275: "LV", 276: "EE", 277: "LT", 352: "PA", 412: "CN", 431: "JP", 503: "AU",
    512: "NZ",
    520: "FJ", 538: "MH", 572: "TV", 576: "VU", 636: "LR",
}  # fmt: skip
"""Flag (ISO 3166-1 alpha-2) of the maritime identification digits the regions use (ITU MID table)."""


class ListEntry(msgspec.Struct, frozen=True):
    """One ship on the list. 0 and empty are *not stated*."""

    imo: int
    mmsi: int
    name: str
    flag: str
    as_of: str
    program: str = PROGRAM
    source: str = SOURCE


def flag_of(ship: Ship) -> str:
    """The flag a ship's MMSI names, empty where it is not a ship's."""
    return FLAGS.get(ship.mmsi // 1_000_000, "")


def dump_list(entries: Iterable[ListEntry], path: Path) -> None:
    """Write the list as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for entry in entries:
            writer.writerow([getattr(entry, column) or "" for column in COLUMNS])
