"""Rows of CSV files, for the formats that are one."""

import csv
import re
from collections.abc import Iterator

from watchkeeper.lists.opening import ListFile, text_of


def first_row(head: bytes, delimiter: str = ",") -> list[str]:
    """The cells of the first line of ``head``; none where it is no CSV."""
    first = re.split(rb"[\r\n]", head.lstrip(), maxsplit=1)[0]
    try:
        return next(csv.reader([text_of(first)], delimiter=delimiter), [])
    except csv.Error:
        return []


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
