"""From candidate episodes to findings: each is judged once, and what is set aside is counted by reason."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from watchkeeper.engine.context import TRUST_STATES, RunContext
from watchkeeper.engine.engine import Watch
from watchkeeper.model.behaviour import Behaviour, Context, Found, Trust
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.finding import Confidence, Evidence, Finding, finding_id, row_name
from watchkeeper.model.time import to_iso

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Outcome:
    """What became of one behaviour's candidates."""

    findings: list[Finding] = field(default_factory=list)
    set_aside: Counter[str] = field(default_factory=Counter)
    failure: str | None = None


def judge_all(
    watches: Sequence[Watch], context: RunContext, sources: Sequence[str], realm: str
) -> dict[str, Outcome]:
    """Judge every behaviour, first those whose findings say which positions can be relied on; by behaviour id."""
    first = sorted(watches, key=lambda w: w.behaviour.marks == "trusted")
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
    assert behaviour.judging is not None
    needed = {name: watch.thresholds[name] for name in behaviour.judge_needs}
    seen: set[str] = set()
    candidates = Episodes.concat(watch.episodes)
    context.begin(candidates)
    for episode in candidates:
        try:
            verdict = behaviour.judging(episode, context, **needed)
        except Exception as error:  # noqa: BLE001 - a behaviour that raises stops itself, loudly
            outcome.failure = f"{type(error).__name__}: {error}"
            _LOG.exception("behaviour %s stopped", behaviour.id)
            break
        if not isinstance(verdict, Found):
            outcome.set_aside[verdict.reason] += 1
            continue
        if behaviour.marks != "trusted":
            _mark(behaviour, episode, verdict, context)
        finding = _finding(watch, episode, verdict, context, list(sources), realm)
        if finding.id not in seen:
            seen.add(finding.id)
            outcome.findings.append(finding)
    return outcome


def _mark(behaviour: Behaviour, e: Episode, found: Found, context: RunContext) -> None:
    trust = Trust(behaviour.marks, f"{behaviour.id}: {found.summary}")
    start = e.start if found.start is None else found.start
    end = e.end if found.end is None else found.end
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
    start = e.start if found.start is None else found.start
    end = e.end if found.end is None else found.end
    lat, lon = found.place or (e.lat0, e.lon0)
    first = min(e.first_row, e.other_row) if other is not None and e.other_row >= 0 else e.first_row
    key = "+".join(str(m) for m in sorted({ship.mmsi, other.mmsi if other else ship.mmsi}))
    name, line = row_name(first, sources)
    trust = _trust(watch.behaviour, e, start, end, context)
    confidence, confidence_reason = _confidence(found, trust)
    return Finding(
        id=finding_id(realm, watch.behaviour.id, key, f"{PurePath(name).name}:{line}"),
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
