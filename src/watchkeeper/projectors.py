"""Everything that keeps documents of decisions. Whoever appends to a log opens it with these."""

from watchkeeper import notify
from watchkeeper.cases import alarms, register
from watchkeeper.exchange.received import ReceivedProjector
from watchkeeper.model.event import Projector


def projectors() -> tuple[Projector, ...]:
    """The projectors of all rooms."""
    return (*alarms.projectors(), *register.projectors(), *notify.projectors(), ReceivedProjector())
