"""Rows of CSV files, for the formats that are one."""

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from watchkeeper.errors import ListError
from watchkeeper.lists.names import normal_text
from watchkeeper.lists.opening import ListFile, text_of
from watchkeeper.lists.reading import Gathering

DELIMITERS: Final = ",;\t|"
PREAMBLE: Final = 5
"""Lines in which the header must be; publishers write a date or a title above it."""


def first_row(head: bytes, delimiter: str = ",") -> list[str]:
    """The cells of the first line of ``head``; none where it is no CSV."""
    return next(_first_rows(head, delimiter), [])


def plain(column: str) -> str:
    """A column's name as it is compared: letters and digits only, in lower case."""
    return normal_text(column).replace(" ", "")


def has_columns(head: bytes, *names: str) -> bool:
    """Whether one of the first lines is a header with these columns, given as :func:`plain` makes them."""
    if head.lstrip()[:1] in (b"{", b"[", b"<"):
        return False
    return any(
        set(names) <= set(map(plain, row)) for delimiter in DELIMITERS for row in _first_rows(head, delimiter)
    )


class Table:
    """The rows of a CSV file under a header that must name certain columns.

    Raises:
        ListError: no such header in the first lines, or a column that is needed is missing or there twice.
    """

    def __init__(self, file: ListFile, needed: Sequence[str]) -> None:
        self._file, self._needed = file, needed
        wanted = set(map(plain, needed))
        first = [(delimiter, list(_first_rows(file.head, delimiter))) for delimiter in DELIMITERS]
        candidates = [
            (len(wanted & set(map(plain, r))), d, k, r) for d, rs in first for k, r in enumerate(rs)
        ]
        count, self._delimiter, at, self.header = max(
            candidates, key=lambda one: one[0], default=(0, ",", 0, [])
        )
        names = [plain(column) for column in self.header]
        if count < len(wanted):
            raise self._unexpected(wanted - set(names))
        if twice := sorted({name for name in names if name and names.count(name) > 1}):
            raise ListError(
                f"{file.path}: the column {', '.join(twice)} is there twice.", "Rename or remove one."
            )
        self.preamble = dict(first)[self._delimiter][:at]
        self._columns = {name: k for k, name in enumerate(names) if name}

    def rows(self, reading: Gathering) -> Iterator[tuple[int, Mapping[str, str]]]:
        """Line and cells by :func:`plain` column name; a row of another length is rejected."""
        after = False
        for line, cells in rows(self._file, self._delimiter):
            if not after:
                after = cells == self.header
                continue
            while len(cells) > len(self.header) and not cells[-1].strip():
                cells.pop()
            if len(cells) != len(self.header):
                reading.reject(line, f"{len(cells)} columns instead of {len(self.header)}", ",".join(cells))
                continue
            yield line, {name: cells[k] for name, k in self._columns.items()}

    def _unexpected(self, missing: Collection[str]) -> ListError:
        absent = [column for column in self._needed if plain(column) in missing]
        return ListError(
            f"{self._file.path}: not the columns of this list: {_named(absent)} missing; "
            f"found {_named(self.header)}.",
            "The publisher changed the form, or the file was saved by another program: fetch it again.",
        )


def _named(columns: Sequence[str]) -> str:
    shown = ", ".join(repr(column[:40]) for column in columns[:8])
    return shown + (f" and {len(columns) - 8} more" if len(columns) > 8 else "") or "nothing"


def _first_rows(head: bytes, delimiter: str) -> Iterator[list[str]]:
    """The cells of the first filled lines, as far as they are CSV."""
    lines = [line for line in re.split(rb"[\r\n]+", head.lstrip())[: PREAMBLE + 1] if line.strip()]
    for line in lines[:PREAMBLE]:
        try:
            yield next(csv.reader([text_of(line)], delimiter=delimiter), [])
        except csv.Error:
            return


def rows(file: ListFile, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins, blank ones left out.

    Lines that are no CSV come as one cell which says so, and are rejected for their number of columns.
    """
    reader = csv.reader(map(text_of, file.lines()), delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells = [f"lines {line} to {reader.line_num}: {error}"]
        if cells and any(cells):
            yield line, cells
