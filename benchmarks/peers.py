"""Our behaviours beside the rules of other systems, on the same simulated days with truth.

``python benchmarks/peers.py [--seeds N] [--rows N] [--cases N]`` writes ``docs/reference/peers.md``. The rules are
re-statements in plain Python of what the other projects' code and documents said when they were read, not their
programs; movingpandas runs as it is installed.
"""

import argparse
import datetime
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

import measure
import peers_gaps
import peers_identity
import peers_meetings
import peers_movingpandas
import peers_places
from peers_sea import Rule, Said, sea_of
from watchkeeper.exercises.evaluate import REALM, plan
from watchkeeper.exercises.intervals import wilson
from watchkeeper.exercises.regions import REGIONS
from watchkeeper.exercises.rehearse import rehearse
from watchkeeper.exercises.scoring import PER_VESSEL_DAYS, BehaviourScore, score
from watchkeeper.exercises.simulate import packaged_land, simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.stage import of_simulation

READ = "2026-11-22"
RULES: tuple[Rule, ...] = (
    *peers_gaps.RULES, *peers_meetings.RULES, *peers_places.RULES, *peers_identity.RULES,
    *peers_movingpandas.RULES,
)  # fmt: skip
OURS = "watchkeeper"
BEHAVIOURS = tuple(dict.fromkeys(rule.behaviour for rule in RULES))
PAGE = Path(__file__).parent.parent / "docs" / "reference" / "peers.md"

INTRODUCTION = f"""\
# Beside other systems

Written by `make peers`. The same simulated days with truth, through our behaviours and through the rules of other open
systems. Recall and precision have 95 % intervals (Wilson) and counts; *look-alikes* says how many innocent cases were
reported; *quiet findings* are per 1,000 vessel-days of a sea without any case, on which every finding is false.

**Read with care.** The rules are re-statements in plain Python (`benchmarks/peers_*.py`) of code and documents as read
on {READ}; they are not those programs, which have more parts (scores, reviews, satellite data). The sea and its cases
are [our own](../explanation/simulator.md), made with our definitions in mind: a silence of 2 to 9 hours is no gap to a
rule that wants 12, and rules about presence near a cable are held here against loitering and dragging. movingpandas
is the installed package with the parameters named.
"""


@dataclass
class Tally:
    """What one rule gave over all days."""

    cases: int = 0
    found: int = 0
    extra: int = 0
    look_alikes: int = 0
    violated: int = 0
    quiet: int = 0
    quiet_vessel_days: float = 0.0
    says: str = field(default="its defaults")

    def take(self, one: BehaviourScore, vessel_days: float, quiet: bool) -> None:
        """Add a day."""
        if quiet:
            self.quiet += one.findings
            self.quiet_vessel_days += vessel_days
            return
        self.cases += one.cases
        self.found += one.found
        self.extra += one.extra
        self.look_alikes += one.negatives
        self.violated += one.violated


def one_day(spec: SimulationSpec, tallies: dict[tuple[str, str], Tally]) -> None:
    """A day through our engine and through every rule."""
    day = simulate(spec)
    stage = of_simulation(day)
    quiet = not spec.cases_per_behaviour
    outcomes = rehearse(stage, REALM, packaged_land())
    sea = sea_of(stage)

    def take(behaviour: str, whose: str, found: Iterable[Said]) -> None:
        board = score(day.truth, found, day.vessel_days)
        mine = [row for row in board.behaviours if row.behaviour == behaviour]
        empty = score([], [], 1.0).behaviours
        for row in mine or empty:
            tallies[behaviour, whose].take(row, day.vessel_days, quiet)
        if quiet and not mine:
            tallies[behaviour, whose].quiet_vessel_days += day.vessel_days

    for behaviour in BEHAVIOURS:
        take(behaviour, OURS, [msgspec.to_builtins(f) for f in outcomes[behaviour].findings])
    for rule in RULES:
        take(rule.behaviour, rule.whose, list(rule.find(sea)))
        tallies[rule.behaviour, rule.whose].says = rule.says


def rows(tallies: dict[tuple[str, str], Tally]) -> list[list[str]]:
    """The table, behaviour by behaviour, ours first."""
    lines = []
    for (behaviour, whose), t in sorted(tallies.items(), key=lambda item: (item[0][0], item[0][1] != OURS)):
        reported = t.found + t.extra
        lines.append(
            [
                behaviour, whose, t.says, _percent(t.found, t.cases), _percent(t.found, reported),
                f"{t.violated} of {t.look_alikes}",
                f"{t.quiet * PER_VESSEL_DAYS / max(t.quiet_vessel_days, 1.0):,.1f}",
            ]
        )  # fmt: skip
    return lines


def _percent(hits: int, trials: int) -> str:
    if not trials:
        return "-"
    low, high = wilson(hits, trials)
    return f"{100 * hits / trials:.0f} ({100 * low:.0f}-{100 * high:.0f}), {hits} of {trials}"


def main() -> None:
    """Run all days and print Markdown."""
    options = argparse.ArgumentParser()
    options.add_argument("--seeds", type=int, default=1)
    options.add_argument("--rows", type=int, default=150_000)
    options.add_argument("--cases", type=int, default=3)
    given = options.parse_args()
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    days = [
        replace(day, behaviours=BEHAVIOURS)
        for day in plan(range(201, 201 + given.seeds), list(REGIONS), given.rows, given.cases)
    ]
    for number, spec in enumerate(days, 1):
        print(f"{number} of {len(days)}: {spec.region}, {spec.cases_per_behaviour} cases", file=sys.stderr)
        one_day(spec, tallies)
    command = " ".join(["python benchmarks/peers.py", *sys.argv[1:]])
    head = ["behaviour", "whose", "rule", "recall, %", "precision, %", "look-alikes", "quiet findings"]
    measured = (
        f"Measured on {datetime.datetime.now(datetime.UTC):%Y-%m-%d} with `{command}`: {len(days)} days of about "
        f"{given.rows:,} reports, half of them quiet, {', '.join(REGIONS)}; {measure.machine()}.\n"
    )
    PAGE.write_text("\n".join([INTRODUCTION, measured, measure.table(head, rows(tallies)), ""]), "utf-8")


if __name__ == "__main__":
    main()
