"""Ships of the *War & Sanctions* portal (GUR) as CSV: the fields of its interface as columns."""

from typing import Final

from watchkeeper.lists.formats.war_sanctions_json import LIST_ID, NEEDED, TITLE, add_ship
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Reading
from watchkeeper.lists.table import Table, has_columns

FORMAT: Final = "War & Sanctions ships CSV"
_OPTIONAL: Final = {
    "callsign": "callsign",
    "type": "type",
    "year": "year",
    "weight": "weight",
    "dwt": "dwt",
    "length": "length",
    "isshadow": "is_shadow",
    "shadowgroup": "shadow_group",
    "owner": "owner",
    "commercemanager": "commerce_manager",
    "securitymanager": "security_manager",
    "piclub": "pi_club",
}
"""Column -> field."""


def recognises(head: bytes) -> bool:
    """A header with fields of that interface only."""
    return has_columns(head, "isshadow") or has_columns(head, "commercemanager", "imo")


def read(file: ListFile) -> Reading:
    """Read row by row.

    Raises:
        ListError: a column is missing.
    """
    reading = Reading(LIST_ID, TITLE)
    for row, cells in Table(file, NEEDED).rows(reading):
        ship = {field: cells[field] for field in NEEDED}
        ship |= {field: cells[column] for column, field in _OPTIONAL.items() if column in cells}
        add_ship(reading, row, ship)
    return reading
