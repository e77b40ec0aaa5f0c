"""What leaves the house: an outbox, one file per way out. Design: ``docs/decisions/0018-alarms-and-cases.md``."""

from watchkeeper.model.event import Projector
from watchkeeper.notify.outbox import NotifyMarksProjector, OutboxProjector

__all__ = ["projectors"]


def projectors() -> tuple[Projector, ...]:
    """What keeps the documents of this room: give it to the log when it is opened."""
    return (OutboxProjector(), NotifyMarksProjector())
