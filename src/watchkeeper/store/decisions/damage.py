"""What can be wrong with a log of decisions, and how it is said."""

from typing import Literal

import msgspec

DamageKind = Literal[
    "newer-schema",
    "table-missing",
    "head-missing",
    "database-damaged",
    "event-changed",
    "event-unreadable",
    "event-missing",
    "event-inserted",
    "events-exchanged",
    "events-foreign",
    "tail-missing",
    "tail-surplus",
    "head-wrong",
    "key-twice",
    "document-changed",
    "document-missing",
    "document-surplus",
    "documents-unmakable",
]


class Damage(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong: where, and what it means for whoever relies on the log.

    ``seq_from`` to ``seq_to`` are the events affected, both included; ``subjects`` what they are about, where that can
    still be told; ``count`` how many events or documents are meant.
    """

    kind: DamageKind
    where: str
    effect: str
    seq_from: int | None = None
    seq_to: int | None = None
    subjects: tuple[str, ...] = ()
    count: int = 1
