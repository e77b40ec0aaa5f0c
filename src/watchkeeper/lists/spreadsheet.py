"""An OpenDocument spreadsheet as the CSV it would be saved as, row by row: a packing, like gzip.

Only the first sheet with rows is read. The file repeats cells and rows by counts (OpenDocument 1.3 part 3,
19.675 and 19.679), which a program may set to anything: repeated empty cells and rows are dropped at the end,
and what is left is limited.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import IO, Any, Final

MIME: Final = b"application/vnd.oasis.opendocument.spreadsheet"
MAX_COLUMNS: Final = 1_024
"""Columns of a sheet; the widest official list has 58."""
MAX_EMPTY_ROWS: Final = 10_000
"""Empty rows between filled ones; the rest of a sheet of 1,048,576 rows is one repeated row."""
MAX_CONTENT: Final = 1 << 30
"""Bytes of the sheet's XML."""

_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"


class NotASheetError(ValueError):
    """The spreadsheet cannot be read, with the reason."""


def is_spreadsheet(archive: zipfile.ZipFile) -> bool:
    """Whether a zip archive says of itself that it is a spreadsheet."""
    try:
        return archive.getinfo("mimetype").file_size < 200 and archive.read("mimetype").startswith(MIME)
    except KeyError:
        return False


class SheetAsCsv(io.RawIOBase):
    """The rows of the sheet as CSV in UTF-8.

    Raises:
        NotASheetError: encrypted, damaged, with entities or a DTD, or repeating more than the limits.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        info = archive.NameToInfo.get("content.xml")
        if info is None or info.flag_bits & 1:
            raise NotASheetError("the spreadsheet is encrypted or holds no sheet")
        if info.file_size > MAX_CONTENT:
            raise NotASheetError(f"the spreadsheet is larger than {MAX_CONTENT >> 20} MiB when unpacked")
        self._content = archive.open(info)
        self._rows = _rows(self._content)
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._ready:
            row = next(self._rows, None)
            if row is None:
                return 0
            line = io.StringIO()
            csv.writer(line, lineterminator="\n").writerow(row)
            self._ready = line.getvalue().encode()
        count = min(len(view), len(self._ready))
        view[:count], self._ready = self._ready[:count], self._ready[count:]
        return count

    def close(self) -> None:
        if not self.closed:
            self._content.close()
        super().close()


def _rows(content: IO[bytes]) -> Iterator[list[str]]:
    """The filled rows of the first sheet that has any, as wide as those above, with the empty rows before each."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    width = empty = 0
    try:
        for _, element in iterparse(content, forbid_dtd=True):
            if element.tag == _TABLE + "table":
                if width:
                    return
                empty = 0
            elif element.tag == _TABLE + "table-row":
                cells, times = _cells(element), _repeated(element, "number-rows-repeated")
                element.clear()
                if not cells:
                    empty += times
                    continue
                if empty + times > MAX_EMPTY_ROWS:
                    raise NotASheetError(f"the spreadsheet repeats a row {empty + times:,} times")
                width = max(width, len(cells))
                yield from [[""]] * empty
                yield from [cells + [""] * (width - len(cells))] * times
                empty = 0
    except DefusedXmlException as error:
        raise NotASheetError("the spreadsheet declares entities or a DTD, which are refused") from error
    except (ParseError, LookupError) as error:
        raise NotASheetError(f"the spreadsheet breaks off or is not well formed ({error})") from error


def _cells(row: Any) -> list[str]:
    cells: list[str] = []
    for cell in row:
        if cell.tag not in (_TABLE + "table-cell", _TABLE + "covered-table-cell"):
            continue
        text = _text(cell)
        times = _repeated(cell, "number-columns-repeated")
        if len(cells) + times > MAX_COLUMNS:
            if text:
                raise NotASheetError(f"the spreadsheet has more than {MAX_COLUMNS:,} columns")
            break
        cells += [text] * times
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(cell: Any) -> str:
    """A date as ISO 8601, everything else as it is shown; its lines as values, so that a row stays one line."""
    date = cell.get(_OFFICE + "date-value")
    if date:
        return str(date).partition("T")[0]
    lines = (" ".join("".join(line.itertext()).split()) for line in cell.iterfind(_TEXT + "p"))
    return "; ".join(line for line in lines if line)


def _repeated(element: Any, what: str) -> int:
    times = element.get(_TABLE + what) or "1"
    return int(times) if times.isascii() and times.isdigit() and len(times) < 10 else 1
