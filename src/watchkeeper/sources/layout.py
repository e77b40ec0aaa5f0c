"""Which column of a table holds what: from header names to slots, and one clear error where none fits."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import InputError
from watchkeeper.model.columns import ROLES

SLOT: Final = {role: slot for slot, role in enumerate(ROLES)}
MANDATORY: Final = ("t", "mmsi", "lat", "lon")
COMMA, QUOTE = ord(","), ord('"')
NO_QUOTE: Final = 0xFF
"""A byte that UTF-8 never holds, where quotes mean nothing."""
UNIT_SEPARATOR: Final = 0x1F
"""Between the fields of rows that never were text (ASCII: unit separator)."""
ISO: Final = "Y-m-d H:M:S"
"""ISO 8601 as a pattern of :func:`watchkeeper.kernels.csv_moments.read_moment`; the space also reads a T."""


@dataclass(frozen=True)
class Layout:
    """How the lines of one input are read.

    ``time`` is ``"s"``, ``"ms"`` or a pattern of ``Y m d H M S`` and literals; ``slot_of_column`` (columns,)
    says which slot of :data:`ROLES` each column fills, -1 for none; ``misshapen`` is what is wrong with a
    line of another number of fields.
    """

    slot_of_column: NDArray[np.int16]
    time: str
    delimiter: int = COMMA
    quote: int = QUOTE
    misshapen: str = "another number of fields than the header"


def header_fields(line: bytes, delimiter: int = COMMA) -> list[str]:
    """The column names of a header line as they are compared: trimmed, lower case, no ``#``, no quotes."""
    text = line.decode("utf-8-sig", errors="replace").rstrip("\r\n")
    return [field.strip().strip('"').lstrip("#").strip().lower() for field in text.split(chr(delimiter))]


def slots_of_columns(
    header: Sequence[str], names: Mapping[str, str], name: str, file_kind: str
) -> NDArray[np.int16]:
    """The slot each column of ``header`` fills, by ``names`` (column name -> role).

    Raises:
        InputError: a mandatory column is missing, or a column that is needed is there twice.
    """
    roles = [names.get(column, "") for column in header]
    wanted = {role: column for column, role in names.items()}
    missing = [wanted.get(role, role) for role in MANDATORY if role not in roles]
    if missing:
        raise InputError(
            f"{name} looks like {file_kind} but has no column {_listed(missing)}.",
            "Check that the header line is complete.",
        )
    twice = [column for column, count in Counter(header).items() if count > 1 and names.get(column)]
    twice += [f"{role} (under two names)" for role, count in Counter(roles).items() if role and count > 1]
    if twice:
        raise InputError(
            f"{name} ({file_kind}) has column {_listed(twice[:1])} more than once.",
            "Remove or rename one of them.",
        )
    return np.array([SLOT.get(role, -1) for role in roles], np.int16)


def share_of(header: Sequence[str], names: Sequence[str]) -> float:
    """Which share of ``names`` the header holds, 0-1."""
    return len(set(names) & set(header)) / len(names)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
