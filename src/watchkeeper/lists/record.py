"""What a run keeps of the lists it used: which, how old, and every row that could not be read."""

from collections.abc import Iterator
from typing import Any, Final

from watchkeeper.lists.entries import FlagPerformance, ListEntry, ShipRegister, VesselList
from watchkeeper.model.imo import valid_imo

ROWS_KEPT: Final = 1_000
"""Rows of one file that are kept with their reason; all are counted."""

KINDS: Final = {
    VesselList: "vessel list",
    ShipRegister: "ship register",
    FlagPerformance: "flag performance",
}


def list_record(one: VesselList | ShipRegister | FlagPerformance) -> dict[str, Any]:
    """A list, register or flag performance list, as ``run.json`` keeps it.

    ``entries`` counts ships or flags; ``rejected`` rows that are none; ``rejected_rows`` the first
    :data:`ROWS_KEPT` of them and ``unread_values`` the first values that could not be understood, each with
    its row.
    """
    unread = list(_unread(one))
    return {
        "id": one.id,
        "title": one.title,
        "kind": KINDS[type(one)],
        "format": one.format,
        "path": one.path,
        "as_of": one.as_of,
        "sha256": one.sha256,
        "entries": count_of(one),
        "set_aside": dict(one.set_aside),
        "notes": list(one.notes),
        "rejected": len(one.rejected),
        "rejected_rows": [
            {"row": r.row, "reason": r.reason, "text": r.text} for r in one.rejected[:ROWS_KEPT]
        ],
        "unread": len(unread),
        "unread_values": unread[:ROWS_KEPT],
    }


def count_of(one: VesselList | ShipRegister | FlagPerformance) -> int:
    """How many ships or flags."""
    if isinstance(one, VesselList):
        return len(one.entries)
    return len(one.ships if isinstance(one, ShipRegister) else one.flags)


def _unread(one: VesselList | ShipRegister | FlagPerformance) -> Iterator[dict[str, Any]]:
    if isinstance(one, VesselList):
        for entry in one.entries:
            for what in (*entry.unread, *_wrong_numbers(entry)):
                yield {"row": entry.row, "entry": entry.id, "what": what}
    elif isinstance(one, ShipRegister):
        for each in one.unread:
            yield {"row": each.row, "entry": each.text, "what": each.reason}


def _wrong_numbers(entry: ListEntry) -> Iterator[str]:
    """IMO numbers that no ship can be matched by."""
    for imo in entry.imos:
        if not valid_imo(imo):
            yield f"the check digit of IMO number {imo} is wrong, so it matches no ship"
