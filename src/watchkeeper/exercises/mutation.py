"""Can the gate fail? Each behaviour is broken once in every simple way; a broken one must turn it red.

All mutants stand watch beside the sound behaviours in one pass over the same simulated days, so a hundred of them cost
little more than none. A mutant that the gate does not see is a hole in the cases, or a threshold that does nothing
on these days; it is named.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from watchkeeper.engine.engine import Watch
from watchkeeper.engine.judging import Outcome, judge, judge_all
from watchkeeper.exercises.evaluate import REALM, DayScore, add_up, score_day
from watchkeeper.exercises.evaluate_floors import Floor, worse
from watchkeeper.exercises.evaluate_scenarios import expectations
from watchkeeper.exercises.parallel import each_done
from watchkeeper.exercises.rehearse import detect, on_duty
from watchkeeper.exercises.scenario import Scenario, load_scenario
from watchkeeper.exercises.simulate import packaged_land, simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.stage import SOURCE, of_scenario, of_simulation
from watchkeeper.model.behaviour import Behaviour, Found, SetAside, Verdict
from watchkeeper.model.episodes import Episode, Episodes
from watchkeeper.model.picture import Context

FACTOR: Final = 4.0
"""How far a threshold is moved: far enough that a rule built on it is another rule."""


PLAIN: Final = ("detects nothing", "sets everything aside")
"""Mutants that find nothing at all; the others break a condition or a threshold."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A behaviour with one thing broken. ``name`` says which."""

    name: str
    watch: Watch


class Fate(msgspec.Struct, frozen=True):
    """What the gate said of a mutant; ``faults`` is empty where it survived."""

    behaviour: str
    mutant: str
    faults: tuple[str, ...]
    measured: bool = True
    """Whether the simulator has cases of the behaviour; scenarios may judge it all the same."""

    @property
    def survived(self) -> bool:
        """Whether the gate stayed green."""
        return not self.faults


def mutants(watch: Watch, thresholds: int | None = None) -> Iterator[Mutant]:
    """Every way in which a behaviour is broken; of its thresholds only the first few where ``thresholds`` is given."""
    behaviour = watch.behaviour
    # A mutant does not mark positions: it must break only itself.
    sound = replace(behaviour, marks="trusted")

    def broken(name: str, declared: Behaviour, values: dict[str, float]) -> Mutant:
        return Mutant(name, Watch(declared, values))

    yield broken(PLAIN[0], replace(sound, detect=_nothing), watch.thresholds)
    yield broken(PLAIN[1], replace(sound, judging=_set_aside), watch.thresholds)
    yield broken("finds every candidate", replace(sound, judging=_always(behaviour)), watch.thresholds)
    for name in list(watch.thresholds)[:thresholds]:
        value = watch.thresholds[name]
        for sign, factor in (("x", FACTOR), ("/", 1.0 / FACTOR)):
            label = f"{name} {sign} {FACTOR:g}"
            yield broken(label, sound, watch.thresholds | {name: value * factor})


def _nothing(*_: Any, **__: Any) -> Episodes:
    return Episodes.build(0)


def _set_aside(_: Episode, __: Context, **___: float) -> Verdict:
    return SetAside("mutant")


def _always(behaviour: Behaviour) -> Callable[..., Verdict]:
    judging = behaviour.judging
    assert judging is not None

    def found(episode: Episode, context: Context, **thresholds: float) -> Verdict:
        verdict = judging(episode, context, **thresholds)
        return verdict if isinstance(verdict, Found) else Found((), "mutant", "low", "mutant")

    return found


class Trial(msgspec.Struct, frozen=True):
    """What one day or one scenario says of the mutants: their scores, or the expectations they do not meet."""

    scores: dict[str, dict[str, DayScore]] = {}
    unmet: dict[str, dict[str, tuple[str, ...]]] = {}


def try_day(spec: SimulationSpec, thresholds: int | None = None) -> tuple[DayScore, Trial]:
    """A day of the sound behaviours, and the same day of every mutant, by behaviour and mutant."""
    day = simulate(spec)
    sound, broken = _both(thresholds)
    context = detect(of_simulation(day), [*sound, *(m.watch for m in broken)], packaged_land())
    whole = score_day(spec, day.truth, day.vessel_days, judge_all(sound, context, [SOURCE], REALM))
    scores: dict[str, dict[str, DayScore]] = {}
    for mutant in broken:
        name = mutant.watch.behaviour.id
        outcome = {name: judge(mutant.watch, context, [SOURCE], REALM)}
        mine = [case for case in day.truth if case.positive or name in (case.behaviour, *case.shows)]
        scores.setdefault(name, {})[mutant.name] = score_day(spec, mine, day.vessel_days, outcome)
    return whole, Trial(scores=scores)


def try_scenario(path: Path, thresholds: int | None = None) -> Trial:
    """The expectations of a scenario that mutants do not meet, though the sound behaviours do."""
    scenario = load_scenario(path)
    expected = {expect.behaviour for expect in scenario.expect}
    sound, broken = _both(thresholds)
    broken = [mutant for mutant in broken if mutant.watch.behaviour.id in expected]
    context = detect(of_scenario(scenario), [*sound, *(m.watch for m in broken)], None)
    whole = judge_all(sound, context, [SOURCE], REALM)
    unmet: dict[str, dict[str, tuple[str, ...]]] = {}
    for mutant in broken:
        name = mutant.watch.behaviour.id
        missing = _unmet(path, scenario, name, judge(mutant.watch, context, [SOURCE], REALM))
        usual = _unmet(path, scenario, name, whole[name])
        unmet.setdefault(name, {})[mutant.name] = tuple(one for one in missing if one not in usual)
    return Trial(unmet=unmet)


def try_all(
    days: Sequence[SimulationSpec], scenarios: Sequence[Path], jobs: int, thresholds: int | None = None
) -> Iterator[tuple[DayScore | None, Trial]]:
    """Every day and every scenario, as they are done; a scenario has no score of the sound behaviours."""
    work = partial(_try_one, thresholds=thresholds)
    yield from (result for _, result in each_done(work, [*days, *scenarios], jobs))


def _try_one(given: SimulationSpec | Path, thresholds: int | None) -> tuple[DayScore | None, Trial]:
    if isinstance(given, SimulationSpec):
        return try_day(given, thresholds)
    return None, try_scenario(given, thresholds)


def _both(thresholds: int | None) -> tuple[list[Watch], list[Mutant]]:
    sound = on_duty()
    return sound, [mutant for watch in sound for mutant in mutants(watch, thresholds)]


def _unmet(path: Path, scenario: Scenario, behaviour: str, outcome: Outcome) -> list[str]:
    return [
        f"{one.scenario}: {one.expected}"
        for one in expectations(path, scenario, outcome.findings)
        if one.behaviour == behaviour and not one.met
    ]


def fates(trials: Sequence[Trial], floors: dict[str, Floor], thresholds: int | None = None) -> list[Fate]:
    """What the gate says of every mutant: below the floor on the days together, or a scenario not met."""
    result = []
    for mutant in _both(thresholds)[1]:
        name = mutant.watch.behaviour.id
        faults = [fault for trial in trials for fault in trial.unmet.get(name, {}).get(mutant.name, ())]
        days = [trial.scores[name][mutant.name] for trial in trials if trial.scores]
        quality = next(one for one in add_up(days) if one.behaviour == name)
        if quality.measured and name in floors:
            faults += worse(quality, floors[name])
        result.append(Fate(name, mutant.name, tuple(faults), quality.measured))
    return result
