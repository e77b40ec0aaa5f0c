"""The gate on quality, and the proof that it can fail.

A small evaluation is held against the recorded floors. Beside the sound behaviours every behaviour runs broken: it
detects nothing, sets everything aside, finds every candidate, has a threshold moved. The gate, or a scenario, must turn
red. `make mutation` does the same with every threshold.
"""

from collections import defaultdict
from pathlib import Path

import pytest

from watchkeeper.exercises.evaluate import DayScore, add_up, plan
from watchkeeper.exercises.evaluate_floors import Floor, gate, load_floors
from watchkeeper.exercises.mutation import PLAIN, Fate, Trial, fates, try_all

REPO = Path(__file__).parent.parent
DAYS = plan((101,), ("baltic", "antimeridian", "arctic"), 300_000, 2)
SCENARIOS = sorted((REPO / "tests" / "scenarios").glob("*/*.toml"))
THRESHOLDS = 4
"""How many thresholds of each behaviour are moved here: those named first, which are the rule's own."""

Trials = tuple[list[DayScore], list[Trial]]


@pytest.fixture(scope="module")
def trials() -> Trials:
    done = list(try_all(DAYS, SCENARIOS, 2, THRESHOLDS))
    return [sound for sound, _ in done if sound is not None], [trial for _, trial in done]


@pytest.fixture(scope="module")
def floors() -> dict[str, Floor]:
    return load_floors(REPO / "quality.lock")


@pytest.fixture(scope="module")
def broken(trials: Trials, floors: dict[str, Floor]) -> dict[str, list[Fate]]:
    by_behaviour = defaultdict(list)
    for fate in fates(trials[1], floors, THRESHOLDS):
        by_behaviour[fate.behaviour].append(fate)
    return by_behaviour


def test_no_behaviour_is_worse_than_its_floor(trials: Trials, floors: dict[str, Floor]) -> None:
    assert gate(add_up(trials[0]), floors) == {}


def test_a_behaviour_that_finds_nothing_turns_the_gate_red(broken: dict[str, list[Fate]]) -> None:
    survivors = [
        f"{fate.behaviour}: {fate.mutant}" for each in broken.values() for fate in each
        if fate.mutant in PLAIN and fate.survived
    ]  # fmt: skip
    assert broken
    assert not survivors


def test_a_broken_threshold_or_condition_turns_the_gate_red(broken: dict[str, list[Fate]]) -> None:
    """Of every behaviour at least one: which thresholds do nothing here is in docs/reference/quality.md."""
    blind = [
        behaviour for behaviour, each in broken.items()
        if all(fate.survived for fate in each if fate.mutant not in PLAIN)
    ]  # fmt: skip
    assert not blind
