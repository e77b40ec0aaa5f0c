"""From candidate episodes to findings: each is judged once, and what is set aside is counted by reason."""

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final

from watchkeeper.engine.context import TRUST_STATES, RunContext
from watchkeeper.engine.engine import Watch
from watchkeeper.model.behaviour import Behaviour, Found, Verdict
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Confidence, Evidence, Finding, finding_id, row_name
from watchkeeper.model.picture import Context, Trust
from watchkeeper.model.records import Array
from watchkeeper.model.time import MINUTE, to_iso

_LOG = logging.getLogger(__name__)

EXPLAINS_WITHIN_MS: Final = 15 * MINUTE
"""A leap back follows what was marked by one report: at most the interval after which a weak receiver hears again."""


@dataclass(slots=True)
class Outcome:
    """What became of one behaviour's candidates."""

    findings: list[Finding] = field(default_factory=list)
    set_aside: Counter[str] = field(default_factory=Counter)
    failure: str | None = None


def judge_all(
    watches: Sequence[Watch], context: RunContext, sources: Sequence[str], realm: str
) -> dict[str, Outcome]:
    """Judge every behaviour; by behaviour id.

    Those that say which positions can be relied on come first, and of them those that explain others.
    """
    by_id = {w.behaviour.id: w.behaviour for w in watches}

    def depth(behaviour: Behaviour) -> int:
        """How many explanations deep."""
        return 1 + max((depth(by_id[b]) for b in behaviour.explained_by if b in by_id), default=0)

    first = sorted(watches, key=lambda w: (w.behaviour.marks == "trusted", depth(w.behaviour)))
    judged = {w.behaviour.id: judge(w, context, sources, realm) for w in first}
    return {w.behaviour.id: judged[w.behaviour.id] for w in watches}


def judge(watch: Watch, context: RunContext, sources: Sequence[str], realm: str) -> Outcome:
    """Judge every candidate of a behaviour.

    Args:
        watch: the behaviour and what it detected.
        context: the whole picture.
        sources: the names of the inputs, by number.
        realm: ``real`` or ``exercise:<id>``.
    """
    outcome = Outcome(failure=watch.failure)
    behaviour = watch.behaviour
    seen: set[str] = set()
    for episode, verdict in _verdicts(watch, context, outcome):
        reason = _why_not(behaviour, episode, verdict, context)
        if reason is not None:
            outcome.set_aside[reason] += 1
            continue
        assert isinstance(verdict, Found)
        if behaviour.marks != "trusted":
            _mark(behaviour, episode, verdict, context)
        finding = _finding(watch, episode, verdict, context, list(sources), realm)
        if finding.id not in seen:
            seen.add(finding.id)
            outcome.findings.append(finding)
    return outcome


def why_not(
    watch: Watch, context: RunContext, sources: Sequence[str], realm: str, ids: Collection[str]
) -> dict[str, str]:
    """Why candidates that were findings with these ids are set aside now; ids without a candidate are left out."""
    reasons: dict[str, str] = {}
    for episode, verdict in _verdicts(watch, context, Outcome()):
        reason = _why_not(watch.behaviour, episode, verdict, context)
        if reason is not None:
            id = _id(watch.behaviour, episode, context, list(sources), realm)
            if id in ids:
                reasons[id] = reason
    return reasons


def _why_not(behaviour: Behaviour, e: Episode, verdict: Verdict, context: RunContext) -> str | None:
    """Why a candidate is no finding; None where it is one."""
    if not isinstance(verdict, Found):
        return verdict.reason
    by = _explained(behaviour, e, verdict, context)
    if by is not None:
        return f"explained by {by}"
    if behaviour.rests_on == "silence":
        feed = context.feed_out(e.first_row, e.start, e.end)
        if feed is not None:
            return f"unknown: {feed} was not live"
    return None


def _verdicts(watch: Watch, context: RunContext, outcome: Outcome) -> Iterator[tuple[Episode, Verdict]]:
    """Each candidate with its verdict, until the behaviour raises."""
    behaviour = watch.behaviour
    assert behaviour.judging is not None
    needed = {name: watch.thresholds[name] for name in behaviour.judge_needs}
    candidates = Episodes.concat(watch.episodes)
    try:
        context.begin(candidates, _events(watch, candidates))
        for episode in candidates:
            yield episode, behaviour.judging(episode, context, **needed)
    except Exception as error:  # noqa: BLE001 - a behaviour that raises stops itself, loudly
        outcome.failure = f"{type(error).__name__}: {error}"
        _LOG.exception("behaviour %s stopped", behaviour.id)


def _events(watch: Watch, candidates: Episodes) -> Array | None:
    """Which candidates belong together, where the behaviour says so."""
    behaviour = watch.behaviour
    if behaviour.grouping is None:
        return None
    events: Array = behaviour.grouping(
        candidates, **{name: watch.thresholds[name] for name in behaviour.grouping_needs}
    )
    return events


def _explained(behaviour: Behaviour, e: Episode, found: Found, context: RunContext) -> str | None:
    """The behaviour whose mark, at the time of the finding or just before, explains it."""
    if not behaviour.explained_by:
        return None
    start, end = _span(e, found)
    vessels = [v for v in (e.vessel, e.other) if v >= 0]
    marked = [context.marked(v, start - EXPLAINS_WITHIN_MS, end, behaviour.explained_by) for v in vessels]
    return next((by for by in marked if by is not None), None)


def _span(e: Episode, found: Found) -> tuple[int, int]:
    return e.start if found.start is None else found.start, e.end if found.end is None else found.end


def _mark(behaviour: Behaviour, e: Episode, found: Found, context: RunContext) -> None:
    trust = Trust(behaviour.marks, f"{behaviour.id}: {found.summary}", behaviour.id)
    start, end = _span(e, found)
    for vessel in {e.vessel, e.other} - {-1}:
        context.mark(vessel, start, end, trust)


def _confidence(found: Found, trust: Trust) -> tuple[Confidence, str]:
    """One step lower where positions are suspect, low where they are unreliable."""
    if trust.state == "trusted":
        return found.confidence, found.confidence_reason
    lower: Confidence = "medium" if found.confidence == "high" and trust.state == "suspect" else "low"
    return lower, f"{found.confidence_reason}; the ship's positions are {trust.state}"


def _finding(
    watch: Watch, e: Episode, found: Found, context: Context, sources: list[str], realm: str
) -> Finding:
    ship = context.ship(e.vessel)
    other_vessel = max(e.other, found.other)
    other = context.ship(other_vessel) if other_vessel >= 0 else None
    start, end = _span(e, found)
    lat, lon = found.place or (e.lat0, e.lon0)
    trust = _trust(watch.behaviour, e, start, end, context)
    confidence, confidence_reason = _confidence(found, trust)
    return Finding(
        id=_id(watch.behaviour, e, context, sources, realm),
        behaviour=watch.behaviour.id,
        version=watch.behaviour.version,
        mmsi=ship.mmsi,
        other_mmsi=other.mmsi if other else None,
        imo=ship.imo or None,
        name=ship.name or None,
        start=to_iso(start),
        end=None if e.open else to_iso(end),
        lat=round(lat, 6),
        lon=round(lon, 6),
        asset=context.asset(found.asset).id if found.asset >= 0 else None,
        measured=found.measured,
        evidence=_evidence(e, found, sources),
        confidence=confidence,
        confidence_reason=confidence_reason,
        realm=realm,
        summary=found.summary,
        trust=trust.state,
        trust_reason=trust.reason,
    )


def _id(behaviour: Behaviour, e: Episode, context: Context, sources: list[str], realm: str) -> str:
    """Of behaviour, ship or pair, and first evidence row. Whom only the whole picture shows is no part of it: more data
    may show another."""
    first = min(e.first_row, e.other_row) if e.other >= 0 and e.other_row >= 0 else e.first_row
    pair = {context.ship(vessel).mmsi for vessel in (e.vessel, e.other) if vessel >= 0}
    name, line = row_name(first, sources)
    key = "+".join(str(m) for m in sorted(pair))
    return finding_id(realm, behaviour.id, key, f"{PurePath(name).name}:{line}")


def _trust(behaviour: Behaviour, e: Episode, start: int, end: int, context: Context) -> Trust:
    """Of the positions a finding rests on. What ships say of themselves, and what marks positions, rest on none."""
    if behaviour.observes == "vessels" or behaviour.marks != "trusted":
        return Trust()
    both = [context.trust(vessel, start, end) for vessel in (e.vessel, e.other) if vessel >= 0]
    return max(both, key=lambda t: TRUST_STATES.index(t.state))


def _evidence(e: Episode, found: Found, sources: list[str]) -> tuple[Evidence, ...]:
    """The raw rows that show the finding, each once, in the order first, other, last."""
    rows = (
        (e.first_row, e.start, found.shows[0]),
        (e.other_row, e.low_t if e.low_t >= 0 else e.start, found.shows[2]),
        (e.last_row, e.end, found.shows[1]),
    )
    evidence: dict[int, Evidence] = {}
    for row, t, shows in rows:
        if row >= 0 and shows and row not in evidence:
            name, line = row_name(row, sources)
            evidence[row] = Evidence(name, line, to_iso(t), shows)
    return tuple(evidence.values())
