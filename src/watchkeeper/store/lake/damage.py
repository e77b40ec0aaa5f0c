"""What can be wrong with a lake, and how it is said."""

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from watchkeeper.model.time import to_iso
from watchkeeper.store.lake.manifest import Entry, Manifest, Projection

DamageKind = Literal[
    "head-missing",
    "head-garbled",
    "newer-schema",
    "manifest-missing",
    "manifest-garbled",
    "manifest-foreign",
    "older-schema",
    "named-twice",
    "not-named",
    "epochs-overlap",
    "epoch-not-reached",
    "file-missing",
    "file-cut",
    "file-changed",
    "file-unreadable",
    "columns-differ",
    "rows-differ",
    "order-wrong",
    "times-wrong",
    "date-foreign",
    "realm-foreign",
    "bucket-foreign",
    "projections-disagree",
]

QUESTION: Final[dict[Projection, str]] = {
    "tracks": "where a ship went",
    "cells": "who was in a place",
    "statics": "what a ship said of itself",
}
"""What a projection answers."""

_SHIPS_NAMED: Final = 5


class Damage(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong: where, and what it means for whoever asks the lake.

    ``t_from`` to ``t_to`` are the event times affected [ms UTC], both included; ``rows`` how many rows; ``ships`` which
    MMSIs, where another file still tells.
    """

    kind: DamageKind
    file: str
    effect: str
    realm: str = ""
    date: str = ""
    t_from: int | None = None
    t_to: int | None = None
    rows: int = 0
    ships: tuple[int, ...] = ()


def of_file(
    kind: DamageKind, file: str, manifest: Manifest, entry: Entry, what: str, ships: Sequence[int] = ()
) -> Damage:
    """Damage of one file that the manifest names."""
    return Damage(
        kind=kind,
        file=file,
        effect=f"{what} {_affected(entry, ships)}",
        realm=manifest.realm,
        date=manifest.date,
        t_from=entry.t_min,
        t_to=entry.t_max,
        rows=entry.rows,
        ships=tuple(ships),
    )


def _affected(entry: Entry, ships: Sequence[int]) -> str:
    rows = "rows" if entry.projection == "statics" else "positions"
    times = f"{to_iso(entry.t_min)} to {to_iso(entry.t_max)}"
    return f"Affected: {QUESTION[entry.projection]}, {entry.rows:,} {rows}, {times}{_named(ships)}."


def _named(ships: Sequence[int]) -> str:
    if not ships:
        return ""
    more = f" and {len(ships) - _SHIPS_NAMED:,} more" if len(ships) > _SHIPS_NAMED else ""
    return f", of MMSI {', '.join(str(m) for m in ships[:_SHIPS_NAMED])}{more}"
