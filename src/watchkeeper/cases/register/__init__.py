"""Cases and the incident register: what alerts become when people work on them, and what is entered from reports.

An incident is a case that says what happened where and when, with tags of the vocabularies and graded sources. Who did
it is never a field: it is a claim, by a named party, on a date, with its source.
Design: ``docs/decisions/0018-alarms-and-cases.md``.
"""

from watchkeeper.cases.register.projector import CasesProjector, ReportsProjector
from watchkeeper.model.event import Projector

__all__ = ["projectors"]


def projectors() -> tuple[Projector, ...]:
    """What keeps the documents of this room: give it to the log when it is opened."""
    return (CasesProjector(), ReportsProjector())
