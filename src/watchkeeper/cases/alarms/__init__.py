"""The officer's list: which findings are one matter, one alert for each, who did what with it, and what is due.

Everything here is a pure function of events, documents and a time that is given. :mod:`keeping` is the one module that
reads and writes a log of decisions; the runner calls it. Design: ``docs/decisions/0018-alarms-and-cases.md``.
"""

from watchkeeper.cases.alarms.findings import FindingsProjector, HealthProjector, PairsProjector
from watchkeeper.cases.alarms.keeping import after_judging, beat, muted_alerts
from watchkeeper.cases.alarms.mutes import MutesProjector
from watchkeeper.cases.alarms.projector import AlertsProjector, HandoversProjector, MarksProjector
from watchkeeper.model.event import Projector

__all__ = ["after_judging", "beat", "muted_alerts", "projectors"]


def projectors() -> tuple[Projector, ...]:
    """What keeps the documents of this room: give it to the log when it is opened."""
    return (
        FindingsProjector(),
        PairsProjector(),
        HealthProjector(),
        AlertsProjector(),
        MutesProjector(),
        HandoversProjector(),
        MarksProjector(),
    )
