"""Any CSV whose header names an IMO number, an MMSI or a name: ``imo,mmsi,name,program,source,as_of``."""

from typing import Final

from watchkeeper.errors import ListError
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.table import DELIMITERS, first_row, plain, rows
from watchkeeper.lists.values import names_in, split

FORMAT: Final = "CSV with a header (imo, mmsi or name)"
GENERIC: Final = 2
"""Asked last: many a table has a name in it."""

_HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "imo": ("imo", "imonumber", "imono", "imonr", "imoshipnumber", "vesselimo", "shipimo", "imonumbers"),
    "mmsi": ("mmsi", "mmsinumber", "mmsino", "vesselmmsi", "shipmmsi", "mmsis"),
    "name": ("name", "vesselname", "shipname", "nameofvessel", "nameofship", "vessel", "ship", "currentname"),
    "aliases": ("aliases", "alias", "aka", "formernames", "formername", "previousnames", "othernames"),
    "callsign": ("callsign", "ircs"),
    "flag": ("flag", "flagstate", "currentflag", "flagcode", "country"),
    "ship_type": ("shiptype", "vesseltype", "type"),
    "program": ("program", "programs", "programme", "programmes", "regime", "sanctions", "sanctionprogram"),
    "source": ("source", "list", "authority", "listedby", "datasource"),
    "as_of": ("asof", "date", "listdate", "listingdate", "listed", "listedon", "dateoflisting", "updated"),
    "url": ("url", "link", "sourceurl"),
    "id": ("id", "entryid", "reference", "ref", "uid"),
}
"""Field -> header names, letters and digits only, in lower case; the first that is there is used."""

_IDENTIFIERS: Final = ("imo", "mmsi", "name")


def recognises(head: bytes) -> bool:
    """The first line, cut at some delimiter, names an IMO number, an MMSI or a name."""
    if head.lstrip()[:1] in (b"{", b"[", b"<"):
        return False
    columns, _ = _columns(_header(head))
    return any(field in columns for field in _IDENTIFIERS)


def read(file: ListFile) -> Reading:
    """Read the rows. A row with another number of cells than the header is rejected, not guessed at."""
    reading = Reading(file.stem, file.stem)
    header = _header(file.head)
    columns, unused = _columns(header)
    if repeated := {name for name in header if name and header.count(name) > 1}:
        raise ListError(
            f"{file.path}:1: the column {', '.join(sorted(repeated))} is there twice.",
            "Rename or remove one.",
        )
    if unused:
        reading.notes.append(f"columns not read: {', '.join(unused)}")
    body = rows(file, _delimiter(file.head))
    next(body)
    for row, cells in body:
        while len(cells) > len(header) and not cells[-1]:
            cells.pop()
        if len(cells) != len(header):
            reading.reject(row, f"{len(cells)} columns instead of {len(header)}", ",".join(cells))
            continue
        _add(reading, row, {field: cells[at] for field, at in columns.items()})
    return reading


def _add(reading: Reading, row: int, cell: dict[str, str]) -> None:
    reading.add(
        row,
        id=cell.get("id"),
        names=(*names_in(cell.get("name")), *names_in(cell.get("aliases"))),
        imo=(cell.get("imo"),),
        mmsi=(cell.get("mmsi"),),
        callsign=cell.get("callsign"),
        flag=cell.get("flag"),
        ship_type=cell.get("ship_type"),
        programs=split(cell.get("program")),
        source=cell.get("source"),
        as_of=cell.get("as_of"),
        url=cell.get("url"),
    )


def _columns(header: list[str]) -> tuple[dict[str, int], list[str]]:
    """Field -> column, and the header names that are not used."""
    columns: dict[str, int] = {}
    for field, spellings in _HEADERS.items():
        for spelling in spellings:
            if spelling in header:
                columns[field] = header.index(spelling)
                break
    used = set(columns.values())
    return columns, [name for at, name in enumerate(header) if name and at not in used]


def _header(head: bytes) -> list[str]:
    return _split_header(head, _delimiter(head))


def _delimiter(head: bytes) -> str:
    """The delimiter under which most header names are known."""
    return max(DELIMITERS, key=lambda d: len(_columns(_split_header(head, d))[0]))


def _split_header(head: bytes, delimiter: str) -> list[str]:
    return [plain(cell) for cell in first_row(head, delimiter)]
