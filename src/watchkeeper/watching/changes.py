"""From what is found now to events: what is new, says something else, has its end, or is no longer found."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

import msgspec

from watchkeeper.model.event import Draft
from watchkeeper.model.finding import Finding
from watchkeeper.model.time import from_iso

ACTOR: Final = "watch"
OPENED, UPDATED, CLOSED, WITHDRAWN = (
    "finding.opened",
    "finding.updated",
    "finding.closed",
    "finding.withdrawn",
)

LARGER: Final = 0.2
"""A finding that goes on is written again when a measured value differs by a fifth: a silence that grows by the minute
would fill the log. A judgement."""


class Standing(msgspec.Struct, frozen=True):
    """A finding as the log has it: itself, the ``seq`` of the event that said so, and whether it is withdrawn."""

    finding: Finding
    seq: int
    withdrawn: bool = False


def changes(
    known: Mapping[str, Standing],
    found: Iterable[Finding],
    settled_before: int,
    at: int,
    reasons: Callable[[Collection[Finding]], dict[str, str]],
    *,
    exact: bool = False,
) -> list[Draft]:
    """The events that bring the log to what is found.

    Args:
        known: findings in the log, by id.
        found: what is found now.
        settled_before: what began earlier is not withdrawn any more [ms UTC]: what would explain it may be forgotten.
        at: when it is written [ms UTC].
        reasons: why findings are no longer found, by id.
        exact: write the smallest difference too, because nothing will be written after.
    """
    now = {f.id: f for f in found}
    drafts = [
        draft for f in now.values() if (draft := change(known.get(f.id), f, at, exact=exact)) is not None
    ]
    gone = [
        s.finding
        for id, s in known.items()
        if id not in now and not s.withdrawn and from_iso(s.finding.start) >= settled_before
    ]
    why = reasons(gone) if gone else {}
    for finding in gone:
        reason = why.get(finding.id, "what was heard later shows something else")
        drafts.append(_draft(WITHDRAWN, finding, known[finding.id].seq, at, reason))
    return drafts


def change(before: Standing | None, finding: Finding, at: int, *, exact: bool) -> Draft | None:
    """The event that brings the log to what one finding says now; None where there is nothing to say."""
    if before is None:
        return _draft(OPENED if finding.end is None else CLOSED, finding, 0, at)
    if before.withdrawn:
        return _draft(OPENED if finding.end is None else CLOSED, finding, before.seq, at, "found again")
    if finding == before.finding:
        return None
    goes_on = finding.end is None and before.finding.end is None
    if goes_on and not exact and not _says_more(before.finding, finding):
        return None
    return _draft(UPDATED if finding.end is None else CLOSED, finding, before.seq, at)


def _says_more(old: Finding, new: Finding) -> bool:
    """Whether an open finding says something else than before, not only a little more of the same."""
    if (old.confidence, old.trust, old.asset, old.other_mmsi) != (
        new.confidence,
        new.trust,
        new.asset,
        new.other_mmsi,
    ):
        return True
    if [m.name for m in old.measured] != [m.name for m in new.measured]:
        return True
    return any(_differs(a.value, b.value) for a, b in zip(old.measured, new.measured, strict=True))


def _differs(old: Any, new: Any) -> bool:
    numbers = isinstance(old, int | float) and isinstance(new, int | float)
    return not math.isclose(old, new, rel_tol=LARGER) if numbers else old != new


def _draft(kind: str, finding: Finding, after: int, at: int, reason: str | None = None) -> Draft:
    """The event that follows ``after``: its key makes one of two attempts to write it."""
    body = {"finding": msgspec.to_builtins(finding), "reason": reason}
    return Draft(
        kind=kind,
        subject=finding.id,
        at=at,
        actor=ACTOR,
        body=body,
        realm=finding.realm,
        key=f"finding:{finding.id}:{after}",
    )
