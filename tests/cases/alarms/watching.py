"""A watch of which only the findings matter: opens, closes and withdraws them in a log in memory."""

from typing import Any

import msgspec

from cases.alarms.memory import MemoryLog
from cases.making import at, finding, ship
from watchkeeper.cases import alarms
from watchkeeper.cases.alarms.alert import ALERTS, Standing, standing_of
from watchkeeper.cases.alarms.states import act
from watchkeeper.cases.alarms.wording import json_values
from watchkeeper.model.event import Decisions, Document, Draft, Event, Query
from watchkeeper.model.finding import Finding
from watchkeeper.model.time import MINUTE, from_iso

NOON = from_iso("2025-03-02T12:00:00Z")


class Watch:
    """A log, a clock that is set by hand, and findings told to it."""

    def __init__(self, log: Decisions | None = None) -> None:
        self.log = log if log is not None else MemoryLog(alarms.projectors())
        self.now = NOON

    def tell(self, kind: str, told: Finding, reason: str | None = None) -> None:
        body = {"finding": json_values(told), "reason": reason}
        self.log.append(
            [Draft(kind=f"finding.{kind}", subject=told.id, at=self.now, actor="watch", body=body)]
        )

    def find(self, behaviour: str, mmsi: int = 1, number: int = 0, **other: Any) -> Finding:
        told = finding(behaviour, mmsi, number, **other)
        self.tell("opened", told)
        return told

    def health(self, kind: str, name: str, reason: str = "no message for 90 s") -> None:
        self.log.append([Draft(kind=kind, subject=name, at=self.now, actor="watch", body={"reason": reason})])

    def judge(self) -> list[Event]:
        return alarms.after_judging(self.log, now=self.now, ship_of=ship)

    def beat(self) -> list[Event]:
        return alarms.beat(self.log, now=self.now)

    def wait(self, minutes: float) -> None:
        self.now += round(minutes * MINUTE)

    def do(self, action: str, alert: Document | None = None, **said: Any) -> None:
        target = alert or self.alert
        draft = act(target, action, at=self.now, actor=said.pop("actor", "user:anna"), **said)
        self.log.append([draft])

    @property
    def alerts(self) -> list[Document]:
        return list(self.log.documents(Query(collection=ALERTS, order="t")).items)

    @property
    def alert(self) -> Document:
        (only,) = self.alerts
        return only

    @property
    def standing(self) -> Standing:
        return standing_of(self.alert)


def later(told: Finding, **other: Any) -> Finding:
    """The finding as it is told again."""
    return msgspec.structs.replace(told, **other)


__all__ = ["NOON", "Watch", "at", "finding", "later", "ship"]
