"""How well each behaviour does on simulated days: found, right, false on quiet traffic, start in time.

A day is simulated, worked through in memory and held against its truth; what many days give is added up. Half of the
days carry cases, the other half are quiet: the same traffic without any, on which every finding is false.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Final

import msgspec

from watchkeeper.behaviours import all_behaviours
from watchkeeper.engine.judging import Outcome
from watchkeeper.exercises.catalogue import all_injections
from watchkeeper.exercises.intervals import Interval, poisson, quantile, wilson
from watchkeeper.exercises.rehearse import rehearse
from watchkeeper.exercises.scoring import PER_VESSEL_DAYS, BehaviourScore, score
from watchkeeper.exercises.simulate import packaged_land, simulate
from watchkeeper.exercises.simulation import MOST_DENSITY, SimulationSpec
from watchkeeper.exercises.stage import of_simulation
from watchkeeper.exercises.truth import TruthCase
from watchkeeper.model.finding import Finding

REALM: Final = "exercise:evaluate"
QUIET_DENSITY: Final = 2.0
"""A quiet day has so many more ordinary ships: in place of those of the cases, and since nothing is rarer than them."""


class Kind(msgspec.Struct, frozen=True):
    """A builder of cases: how many it made, and how many were reported."""

    behaviour: str
    positive: bool
    kind: str
    cases: int
    reported: int


class DayScore(msgspec.Struct, frozen=True):
    """What one day gave. ``failures``: behaviours that stopped with an error, and the error."""

    seed: int
    region: str
    density: float
    dirt: float
    quiet: bool
    vessel_days: float
    scores: tuple[BehaviourScore, ...]
    kinds: tuple[Kind, ...]
    failures: dict[str, str]


class Quality(msgspec.Struct, frozen=True):
    """What is known of one behaviour.

    ``recall`` is ``found`` of ``cases``; ``precision`` is ``found`` of ``found`` and ``extra`` findings;
    ``quiet_findings`` in ``quiet_vessel_days``; ``start_errors_min`` |start found - start true| in minutes.
    """

    behaviour: str
    cases: int
    found: int
    extra: int
    related: int
    look_alikes: int
    violated: int
    quiet_findings: int
    quiet_vessel_days: float
    start_errors_min: tuple[float, ...]
    kinds: tuple[Kind, ...]
    failures: tuple[str, ...] = ()

    @property
    def measured(self) -> bool:
        """Whether the simulator has cases of it."""
        return self.cases > 0

    @property
    def recall(self) -> tuple[float, Interval]:
        """Share of the cases found, and its interval."""
        return self.found / max(self.cases, 1), wilson(self.found, self.cases)

    @property
    def precision(self) -> tuple[float, Interval]:
        """Share of what was reported that is true, each case counted once, and its interval."""
        reported = self.found + self.extra
        return self.found / max(reported, 1), wilson(self.found, reported)

    @property
    def quiet_rate(self) -> tuple[float, Interval]:
        """Findings per 1,000 vessel-days of quiet traffic, and its interval."""
        exposure = self.quiet_vessel_days / PER_VESSEL_DAYS
        return self.quiet_findings / exposure if exposure else 0.0, poisson(self.quiet_findings, exposure)

    def start_error(self, share: float) -> tuple[float, float, float]:
        """A quantile of the start error [min], and its interval."""
        return quantile(self.start_errors_min, share)


def plan(
    seeds: Iterable[int],
    regions: Sequence[str],
    rows: int,
    cases: int,
    densities: Sequence[float] = (1.0,),
    dirts: Sequence[float] = (1.0,),
) -> list[SimulationSpec]:
    """A day with cases and a quiet one for each seed and region; density and dirt take their values in turn."""
    settings = list(product(densities, dirts))
    days = []
    for number, (seed, region) in enumerate(product(seeds, regions)):
        density, dirt = settings[(number // len(regions) + number) % len(settings)]
        for count, crowd in ((cases, density), (0, min(density * QUIET_DENSITY, MOST_DENSITY))):
            days.append(
                SimulationSpec(
                    seed=seed,
                    region=region,  # type: ignore[arg-type]  # the spec refuses other regions by name
                    rows=rows,
                    cases_per_behaviour=count,
                    density=crowd,
                    dirt=dirt,
                )
            )
    return days


def evaluate_day(spec: SimulationSpec) -> DayScore:
    """Simulate a day, work it through and hold what was found against the truth."""
    day = simulate(spec)
    outcomes = rehearse(of_simulation(day), REALM, packaged_land())
    return score_day(spec, day.truth, day.vessel_days, outcomes)


def score_day(
    spec: SimulationSpec, truth: Sequence[TruthCase], vessel_days: float, outcomes: dict[str, Outcome]
) -> DayScore:
    """What the outcomes of a day are worth."""
    findings: list[Finding] = [f for outcome in outcomes.values() for f in outcome.findings]
    board = score(truth, map(msgspec.to_builtins, findings), vessel_days)
    return DayScore(
        seed=spec.seed,
        region=spec.region,
        density=spec.density,
        dirt=spec.dirt,
        quiet=not spec.cases_per_behaviour,
        vessel_days=vessel_days,
        scores=board.behaviours,
        kinds=tuple(_kinds(truth, set(board.missed), set(board.violated))),
        failures={name: outcome.failure for name, outcome in outcomes.items() if outcome.failure},
    )


def _kinds(truth: Sequence[TruthCase], missed: set[str], violated: set[str]) -> Iterator[Kind]:
    made: Counter[tuple[str, bool, str]] = Counter()
    reported: Counter[tuple[str, bool, str]] = Counter()
    for case in truth:
        key = (case.behaviour, case.positive, case.kind)
        made[key] += 1
        reported[key] += case.case not in missed if case.positive else case.case in violated
    for key, count in sorted(made.items()):
        yield Kind(*key, count, reported[key])


def add_up(days: Iterable[DayScore]) -> list[Quality]:
    """What all days together say of every declared behaviour, and of every one that has cases."""
    days = list(days)
    named = {s.behaviour for day in days for s in day.scores}
    return [_quality(name, days) for name in sorted({*all_behaviours(), *all_injections(), *named})]


def _quality(name: str, days: Sequence[DayScore]) -> Quality:
    busy = [s for day in days if not day.quiet for s in day.scores if s.behaviour == name]
    quiet = [s for day in days if day.quiet for s in day.scores if s.behaviour == name]
    return Quality(
        behaviour=name,
        cases=sum(s.cases for s in busy),
        found=sum(s.found for s in busy),
        extra=sum(s.extra for s in busy),
        related=sum(s.related for s in busy),
        look_alikes=sum(s.negatives for s in busy),
        violated=sum(s.violated for s in busy),
        quiet_findings=sum(s.findings for s in quiet),
        quiet_vessel_days=sum(day.vessel_days for day in days if day.quiet),
        start_errors_min=tuple(error for s in busy for error in s.start_errors_min),
        kinds=tuple(_kinds_of(name, days)),
        failures=tuple(sorted({day.failures[name] for day in days if name in day.failures})),
    )


def _kinds_of(name: str, days: Sequence[DayScore]) -> Iterator[Kind]:
    made: Counter[tuple[bool, str]] = Counter()
    reported: Counter[tuple[bool, str]] = Counter()
    for kind in (kind for day in days for kind in day.kinds if kind.behaviour == name):
        made[kind.positive, kind.kind] += kind.cases
        reported[kind.positive, kind.kind] += kind.reported
    for (positive, kind_name), count in sorted(made.items(), reverse=True):
        yield Kind(name, positive, kind_name, count, reported[positive, kind_name])
