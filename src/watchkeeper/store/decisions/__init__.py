"""Decisions as an append-only, chained log of events in SQL, and the documents that projections keep of it.

Here live the tables and their steps, appending and reading, pages of documents, making documents again, looking for
damage, and backup. Nothing here knows what a finding or an alert means.
"""

from watchkeeper.store.decisions.backup import Summary, restore
from watchkeeper.store.decisions.damage import Damage, DamageKind
from watchkeeper.store.decisions.engines import engine_of, for_writing, sqlite_engine
from watchkeeper.store.decisions.faults import DatabaseError
from watchkeeper.store.decisions.log import DecisionLog, Head
from watchkeeper.store.decisions.schema import begin, bring_up

__all__ = [
    "Damage",
    "DamageKind",
    "DatabaseError",
    "DecisionLog",
    "Head",
    "Summary",
    "begin",
    "bring_up",
    "engine_of",
    "for_writing",
    "restore",
    "sqlite_engine",
]
