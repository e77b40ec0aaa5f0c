"""Options that several commands share, and how their texts are read."""

import math
from pathlib import Path
from typing import Annotated, Final

import typer

from watchkeeper.errors import UsageError
from watchkeeper.model.time import DAY, from_iso

Json = Annotated[
    bool | None,
    typer.Option(
        "--json/--table", help="JSON lines or a table.", show_default="a table on a terminal, else JSON lines"
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="Settings.", show_default="./watchkeeper.toml, else the user's own"
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A setting, such as ais-gap.min_gap=2h. Repeatable."),
]
Layers = Annotated[
    list[Path] | None,
    typer.Option(
        "--layer", metavar="FILE", help="Cables, pipelines, ports, zones ... to protect. Repeatable."
    ),
]
Lists = Annotated[
    list[Path] | None,
    typer.Option("--list", metavar="FILE", help="A sanctions or vessel list. Repeatable."),
]
Combinations = Annotated[
    list[Path] | None,
    typer.Option(
        "--combinations", metavar="FILE", help="Findings that mean more together, of your own. Repeatable."
    ),
]

_DATE_LENGTH: Final = len("2024-11-18")
_BOX: Final = "Write west,south,east,north in degrees, for example --bbox 9,53,31,66."


def moment(text: str | None, option: str, *, end_of_day: bool = False) -> int | None:
    """ISO 8601 as ms UTC; a date alone is its beginning, or its end.

    Raises:
        UsageError: not ISO 8601.
    """
    if text is None:
        return None
    try:
        ms = from_iso(text)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{option} {text} is not a time.", "Write 2024-11-18 or 2024-11-18T06:00:00Z."
        ) from error
    is_date = len(text.strip()) <= _DATE_LENGTH
    return ms + DAY - 1 if end_of_day and is_date else ms


def window(t_from: str | None, t_to: str | None) -> tuple[int | None, int | None]:
    """The time window of ``--from`` and ``--to``, both ends included [ms UTC].

    Raises:
        UsageError: not times, or in the wrong order.
    """
    start, end = moment(t_from, "--from"), moment(t_to, "--to", end_of_day=True)
    if start is not None and end is not None and start > end:
        raise UsageError(f"--from {t_from} is after --to {t_to}.", "Exchange them.")
    return start, end


def box(text: str | None) -> tuple[float, float, float, float] | None:
    """``W,S,E,N`` in degrees; west greater than east means across the antimeridian.

    Raises:
        UsageError: not four numbers, out of range, or south of south.
    """
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise UsageError(f"--bbox {text} is not four numbers.", _BOX) from error
    degrees = (west, south, east, north)
    inside = (
        all(map(math.isfinite, degrees)) and max(abs(west), abs(east)) <= 180 and -90 <= south < north <= 90
    )
    if not inside or west == east:
        raise UsageError(f"--bbox {text} is no box on the earth.", _BOX)
    return degrees


def rate_of(rate: float | None, start: str | None) -> float | None:
    """Records a second of a log without times.

    Raises:
        UsageError: not a positive number, or without ``--start``.
    """
    if rate is None:
        return None
    if not (math.isfinite(rate) and rate > 0):
        raise UsageError(f"--rate {rate:g} is not a rate.", "Give the records a second, above 0.")
    if start is None:
        raise UsageError(
            "--rate is given without --start.", "Give the time of the first record with --start."
        )
    return rate
