"""What an alert's document holds: what it says, and where it stands with the people who work it."""

from collections.abc import Iterable
from typing import Any, Final, Literal

import msgspec

from watchkeeper.cases.alarms.rules import rules
from watchkeeper.cases.alarms.wording import json_values
from watchkeeper.cases.weights import weights
from watchkeeper.model.event import Document, Event

ALERTS: Final = "alerts"
About = Literal["ship", "feed", "behaviour"]
OPEN: Final = ("new", "acknowledged", "assigned", "snoozed", "confirmed")
DONE: Final = ("dismissed", "closed")


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A finding of the matter: where and when. Times are ISO 8601 UTC, ``end`` null while open."""

    id: str
    behaviour: str
    start: str
    end: str | None
    lat: float
    lon: float
    asset: str | None = None


class Says(msgspec.Struct, frozen=True, kw_only=True):
    """What an alert says now.

    ``founder`` is the id of the finding it is named by; ``kinds`` the behaviours found; ``begins``, ``ends`` when the
    matter began and ended [ms UTC], ``ends`` None while it lasts; ``content`` everything else of
    :class:`watchkeeper.cases.alerts.Alert`, but for what depends on other ships (rank, sensitivity).
    """

    about: About
    name: str
    mmsi: int | None = None
    headline: str
    score: float
    founder: str = ""
    kinds: tuple[str, ...] = ()
    findings: tuple[Shown, ...] = ()
    begins: int
    ends: int | None = None
    content: dict[str, Any] = {}


class Seen(msgspec.Struct, frozen=True):
    """What people were last told of, or last looked at: worse is measured against it."""

    score: float
    kinds: tuple[str, ...]

    def and_also(self, says: Says) -> "Seen":
        """The greater of both."""
        return Seen(max(self.score, says.score), _union(self.kinds, says.kinds))


class By(msgspec.Struct, frozen=True):
    """Who did what, and when [ms UTC]."""

    action: str
    actor: str
    at: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The body of an alert's document. Times in ms UTC, of the clock of whoever gave them.

    ``raised`` counts how often it was raised; ``new_since`` is when it last became new; ``level`` how often it was
    escalated since; ``settled_kinds`` the kinds of finding that were there when it was dismissed or closed; ``into``
    the alert that says the same now; ``not_taken`` the actions that came too late to fit.
    """

    says: Says
    seen: Seen
    raised: int = 1
    raised_at: int
    new_since: int
    changed_at: int
    level: int = 0
    escalated_at: int | None = None
    acknowledged_by: str | None = None
    acknowledged_at: int | None = None
    assigned_to: str | None = None
    snoozed_until: int | None = None
    snoozed_from: str | None = None
    reason: str | None = None
    settled_kinds: tuple[str, ...] = ()
    into: str | None = None
    last: By
    not_taken: int = 0


def standing_of(document: Document) -> Standing:
    """The typed body of an alert's document."""
    return msgspec.convert(document.body, Standing)


def document_of(standing: Standing, state: str, event: Event) -> Document:
    """The document of an alert after an event."""
    says = standing.says
    return Document(
        collection=ALERTS,
        id=event.subject,
        realm=event.realm,
        seq=event.seq,
        state=state,
        t=says.begins,
        mmsi=says.mmsi,
        score=says.score,
        text=" ".join((says.name, says.headline, *says.kinds, str(says.mmsi or ""))).strip(),
        body=json_values(standing),
    )


def worse(seen: Seen, says: Says) -> tuple[str, ...]:
    """In what way a matter is worse than what was seen; empty where it is not.

    A new kind of finding, or half again the score. As what was seen only grows, a score that swings around the boundary
    says so once.
    """
    told = [
        f"a new kind of finding: {kind}" for kind in says.kinds if kind not in seen.kinds and counts(kind)
    ]
    if says.score > seen.score and says.score >= rules().score_factor * seen.score:
        told.append(f"the score rose from {seen.score:g} to {says.score:g}")
    return tuple(told)


def counts(kind: str) -> bool:
    """Whether a kind of finding is about the ship; one about the network around it makes nothing worse."""
    return weights().of(kind).about != "network"


def _union(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
