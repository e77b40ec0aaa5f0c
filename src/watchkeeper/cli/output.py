"""Results on standard output: a table for people, JSON lines for programs."""

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from watchkeeper.log import one_line

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_WIDTH_IN_FILES: Final = 120
"""Columns of a table that does not go to a terminal."""


def for_programs(asked: bool | None) -> bool:
    """Whether JSON lines are wanted: as asked, else unless a person reads a terminal."""
    return asked if asked is not None else not sys.stdout.isatty()


def print_lines(records: Iterable[Any]) -> None:
    """One JSON object a line."""
    encoder = msgspec.json.Encoder()
    for record in records:
        sys.stdout.write(encoder.encode(record).decode() + "\n")


def print_text(lines: Iterable[str]) -> None:
    """Lines for people that are broken already, or must not be broken."""
    for line in lines:
        sys.stdout.write(line + "\n")


def print_page(*parts: "RenderableType") -> None:
    """Text and tables for people. Text is shown as it is, without markup."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _WIDTH_IN_FILES
    console = Console(width=width, markup=False, highlight=False, emoji=False)
    for part in parts:
        console.print(part)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> "Table":
    """A table; columns whose name begins with ``>`` are numbers, aligned right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for column in columns:
        right = column.startswith(">")
        made.add_column(column.lstrip(">"), justify="right" if right else "left", no_wrap=right)
    for row in rows:
        made.add_row(*(Text(cell(value)) for value in row))
    return made


def cell(value: object) -> str:
    """A value in words: nothing for None, figures as short as they are exact."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return one_line(str(value))
