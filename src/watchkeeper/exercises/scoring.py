"""Findings held against the truth: what was found, what was missed, what was reported beside it."""

import statistics
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from watchkeeper.exercises.truth import TruthCase
from watchkeeper.model.time import MINUTE, from_iso

SLACK_MS: Final = 30 * MINUTE
"""A finding and a case belong together when their times overlap within this."""

PER_VESSEL_DAYS: Final = 1_000.0


class BehaviourScore(msgspec.Struct, frozen=True):
    """One row of the scoreboard.

    ``extra``: findings that match no positive case of their behaviour and lie on no ship that shows another
    injected behaviour at that time, nor on a look-alike of another that ``shows`` this one. Those are ``related``: a
    ship adrift over a cable rightly has two.
    ``start_errors_min``: |start found - start true| of the cases found, in minutes; ``start_error_min`` their median,
    None where nothing was found.
    """

    behaviour: str
    cases: int
    found: int
    recall: float | None
    negatives: int
    violated: int
    findings: int
    related: int
    extra: int
    extra_per_1000_vessel_days: float
    start_error_min: float | None
    start_errors_min: tuple[float, ...] = ()


class Scoreboard(msgspec.Struct, frozen=True):
    """Scores of all behaviours, with the names of the cases missed and of the look-alikes reported."""

    behaviours: tuple[BehaviourScore, ...]
    missed: tuple[str, ...]
    violated: tuple[str, ...]
    vessel_days: float


class _Span(msgspec.Struct, frozen=True):
    """Who and when."""

    behaviour: str
    ships: frozenset[int]
    start: int
    end: int | None

    def meets(self, other: "_Span", slack: int = SLACK_MS) -> bool:
        """A ship in common, and times that overlap within ``slack``."""
        return (
            bool(self.ships & other.ships)
            and (other.end is None or self.start <= other.end + slack)
            and (self.end is None or other.start <= self.end + slack)
        )


def score(truth: Sequence[TruthCase], findings: Iterable[dict[str, Any]], vessel_days: float) -> Scoreboard:
    """Hold findings against the truth.

    Args:
        truth: the cases of the simulated day.
        findings: as in ``findings.ndjson``: ``behaviour``, ``mmsi``, ``other_mmsi``, ``start``, ``end``
            (ISO 8601; null while open).
        vessel_days: ships heard times days, the base of the rate of extra findings.
    """
    spans = [_of_finding(finding) for finding in findings]
    cases = [(case, _of_case(case)) for case in truth]
    names = sorted({case.behaviour for case in truth} | {span.behaviour for span in spans})
    missed: list[str] = []
    violated: list[str] = []
    rows = tuple(_row(name, cases, spans, vessel_days, missed, violated) for name in names)
    return Scoreboard(rows, tuple(missed), tuple(violated), vessel_days)


def _row(
    behaviour: str,
    cases: Sequence[tuple[TruthCase, _Span]],
    spans: Sequence[_Span],
    vessel_days: float,
    missed: list[str],
    violated: list[str],
) -> BehaviourScore:
    mine = [span for span in spans if span.behaviour == behaviour]
    shown = [(case, span) for case, span in cases if case.positive and case.behaviour == behaviour]
    quiet = [(case, span) for case, span in cases if not case.positive and case.behaviour == behaviour]
    errors = []
    for case, span in shown:
        hits = [finding for finding in mine if finding.meets(span)]
        if hits:
            errors.append(min(abs(finding.start - span.start) for finding in hits) / MINUTE)
        else:
            missed.append(case.case)
    broken = [case.case for case, span in quiet if any(finding.meets(span, 0) for finding in mine)]
    violated.extend(broken)
    unmatched = [finding for finding in mine if not any(finding.meets(span) for _, span in shown)]
    true = [span for case, span in cases if case.positive or behaviour in case.shows]
    related = sum(any(finding.meets(span) for span in true) for finding in unmatched)
    extra = len(unmatched) - related
    return BehaviourScore(
        behaviour=behaviour,
        cases=len(shown),
        found=len(errors),
        recall=len(errors) / len(shown) if shown else None,
        negatives=len(quiet),
        violated=len(broken),
        findings=len(mine),
        related=related,
        extra=extra,
        extra_per_1000_vessel_days=extra * PER_VESSEL_DAYS / vessel_days if vessel_days else 0.0,
        start_error_min=statistics.median(errors) if errors else None,
        start_errors_min=tuple(errors),
    )


def _of_case(case: TruthCase) -> _Span:
    ships = frozenset(m for m in (case.mmsi, case.other_mmsi, *case.also) if m is not None)
    return _Span(case.behaviour, ships, from_iso(case.start), from_iso(case.end))


def _of_finding(finding: dict[str, Any]) -> _Span:
    ships = frozenset(m for m in (finding["mmsi"], finding.get("other_mmsi")) if m is not None)
    end = finding.get("end")
    return _Span(finding["behaviour"], ships, from_iso(finding["start"]), from_iso(end) if end else None)
