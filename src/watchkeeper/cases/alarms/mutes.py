"""Mutes: rules that keep known alerts quiet for a while, each with a reason, an author and an end."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from watchkeeper.cases.alarms.alert import Says, Shown, standing_of
from watchkeeper.cases.alarms.rules import rules
from watchkeeper.cases.alarms.wording import json_values, name_of
from watchkeeper.errors import UsageError
from watchkeeper.model.event import Document, Draft, Event, Get
from watchkeeper.model.finding import REAL
from watchkeeper.model.time import DAY

MUTES: Final = "mutes"
SET: Final = "mute.set"
LIFTED: Final = "mute.lifted"
ENDED: Final = "mute.ended"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What is muted: all that is given must fit a finding. ``area`` is west, south, east, north [deg]; west above
    east is across the antimeridian."""

    mmsi: int | None = None
    behaviour: str | None = None
    asset: str | None = None
    area: tuple[float, float, float, float] | None = None

    def fits(self, mmsi: int | None, finding: Shown) -> bool:
        """Whether the rule covers a finding of a ship."""
        return (
            self.mmsi in (None, mmsi)
            and self.behaviour in (None, finding.behaviour)
            and self.asset in (None, finding.asset)
            and (self.area is None or _inside(self.area, finding.lat, finding.lon))
        )

    def words(self) -> str:
        """The rule in a few words."""
        area = None if self.area is None else "area " + ",".join(f"{x:g}" for x in self.area)
        parts = (
            None if self.mmsi is None else f"ship {self.mmsi}",
            self.behaviour,
            None if self.asset is None else f"at {self.asset}",
            area,
        )
        return ", ".join(filter(None, parts))


class Mute(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with who made it, why, and until when [ms UTC]."""

    id: str
    rule: Rule
    reason: str
    author: str
    begins: int
    ends: int

    def in_force(self, now: int) -> bool:
        """Whether it holds at a time [ms UTC]."""
        return self.begins <= now < self.ends


def set_mute(rule: Rule, *, reason: str, until: int, at: int, actor: str, realm: str = REAL) -> Draft:
    """The event that makes a mute; its subject is the mute's id.

    Raises:
        UsageError: no rule, no reason, or an end that is past or more than 30 days away.
    """
    if not rule.words():
        raise UsageError("A mute of everything is no mute.", "Name a ship, a behaviour, an asset or an area.")
    if not reason.strip():
        raise UsageError("A mute needs a reason.", "Say why these alerts are known and harmless.")
    most = rules().mute_most_ms
    if not at < until <= at + most:
        raise UsageError(
            f"A mute ends after now and within {most // DAY} days.",
            "Choose an earlier end; it can be set again.",
        )
    body = {"rule": json_values(rule), "reason": reason.strip(), "until": until}
    id = name_of("mute", realm, at, actor, rule.words(), until)
    return Draft(kind=SET, subject=id, at=at, actor=actor, body=body, realm=realm, key=f"{SET}:{id}")


def lift(mute: Document, *, at: int, actor: str, reason: str = "") -> Draft:
    """The event that ends a mute early.

    Raises:
        UsageError: it has ended.
    """
    if mute.state != "in force":
        raise UsageError(f"The mute {mute.id[:8]} has ended already.")
    return Draft(
        kind=LIFTED, subject=mute.id, at=at, actor=actor, body={"reason": reason.strip()}, realm=mute.realm
    )


def mute_of(document: Document) -> Mute:
    """The typed body of a mute's document."""
    return msgspec.convert(document.body, Mute)


def muted_by(alert: Document, mutes: Sequence[Mute], now: int) -> tuple[Mute, ...]:
    """The mutes that keep an alert quiet; none where one of its findings is not covered, or it is on ourselves."""
    return covering(standing_of(alert).says, mutes, now)


def covering(says: Says, mutes: Sequence[Mute], now: int) -> tuple[Mute, ...]:
    """The mutes in force that together cover every finding of an alert."""
    used: dict[str, Mute] = {}
    holding = [mute for mute in mutes if mute.in_force(now)]
    for finding in says.findings:
        mute = next((m for m in holding if m.rule.fits(says.mmsi, finding)), None)
        if mute is None:
            return ()
        used[mute.id] = mute
    return tuple(used.values())


def in_force(documents: Iterable[Document], now: int) -> list[Mute]:
    """The mutes that hold now."""
    mutes = (mute_of(document) for document in documents if document.state == "in force")
    return [mute for mute in mutes if mute.in_force(now)]


class MutesProjector:
    """``mutes``: each ``in force``, ``lifted`` or ``ended``."""

    kinds = frozenset((SET, LIFTED, ENDED))

    def apply(self, event: Event, get: Get) -> Iterable[Document]:
        """The mute after the event."""
        before = get(MUTES, event.subject)
        if event.kind == SET:
            if before is not None:
                return ()
            mute = Mute(
                id=event.subject,
                rule=msgspec.convert(event.body["rule"], Rule),
                reason=event.body["reason"],
                author=event.actor,
                begins=event.at,
                ends=event.body["until"],
            )
            return (_document(mute, "in force", event),)
        if before is None or before.state != "in force":
            return ()
        mute = mute_of(before)
        if event.kind == LIFTED:
            mute = msgspec.structs.replace(mute, ends=min(event.at, mute.ends))
        return (_document(mute, "lifted" if event.kind == LIFTED else "ended", event),)


def _document(mute: Mute, state: str, event: Event) -> Document:
    return Document(
        collection=MUTES,
        id=mute.id,
        realm=event.realm,
        seq=event.seq,
        state=state,
        t=mute.ends,
        mmsi=mute.rule.mmsi,
        text=f"{mute.rule.words()} {mute.reason}",
        body=json_values(mute),
    )


def _inside(area: tuple[float, float, float, float], lat: float, lon: float) -> bool:
    west, south, east, north = area
    across = west <= lon <= east if west <= east else lon >= west or lon <= east
    return south <= lat <= north and across
