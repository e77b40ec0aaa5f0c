"""The quality of every behaviour into ``docs/reference/quality.md``; with ``--lock`` its floors into ``quality.lock``.

``python benchmarks/quality.py [--seeds N] [--rows N] [--cases N] [--mutant-seeds N] [--thresholds N] [--lock]``
"""

import argparse
import datetime
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import measure
from watchkeeper.exercises.evaluate import DayScore, Quality, add_up, evaluate_day, plan
from watchkeeper.exercises.evaluate_floors import Floor, floor_of, floors_text, gate, load_floors
from watchkeeper.exercises.evaluate_table import COLUMNS, remarks, row
from watchkeeper.exercises.mutation import Fate, fates, try_all
from watchkeeper.exercises.parallel import each_done
from watchkeeper.exercises.regions import REGIONS
from watchkeeper.exercises.simulation import SimulationSpec

REPO = Path(__file__).parent.parent
PAGE = REPO / "docs" / "reference" / "quality.md"
LOCK = REPO / "quality.lock"
SCENARIOS = sorted((REPO / "tests" / "scenarios").glob("*/*.toml"))
DENSITIES, DIRTS = (1.0, 1.5), (0.0, 0.5, 1.0)

WHY = {
    "ais-gap": (
        "Where fewer than three other ships within 30 nmi fall silent with it (`outage_ships`, `outage_radius`), a "
        "failed receiver at the edge of its reach looks like the silence of one ship: these are the look-alikes "
        "`receiver fails` that are reported. Asking for fewer would take simultaneous silences of strangers for an "
        "outage. On days with ten cases of every behaviour among 3 million reports (2026-11-28, one seed, three seas) "
        "recall was 0.80 (24 of 30), and that of receiver-outage 2 of 6: why is not traced; with so many silences put "
        "in, the others near by are likely taken for a failed receiver."
    ),
    "gnss-interference": (
        "What is missed is the case `all over`. A ship that is scattered for long sends so many reports from false "
        "places that one of them becomes the track the engine takes for hers, and her own reports become the displaced "
        "ones; the area of the event then falls apart. Loss of the fix cannot be seen in the columns read."
    ),
}
"""Why a behaviour does not reach what is wanted, as far as it is known."""

WANTED = Floor(recall=0.95, precision=0.9, quiet_per_1000_vessel_days=2.0, start_error_min=60.0)
"""What this project asks of a behaviour."""

HEAD = """\
# Quality of the behaviours

Written by `make quality`. Do not edit: the words stand in `benchmarks/quality.py`.

Each behaviour on simulated days whose truth is known: what share of the cases is found (recall), what share of what
is reported is true (precision, each case counted once), how many findings there are per 1,000 vessel-days of quiet
traffic (the same sea without any case, so that every finding is false), how far the start is off, and how many of
the innocent look-alikes were reported. In brackets are 95 % intervals: Wilson for shares, exact Poisson for rates,
order statistics for minutes. Precision depends on how rare the real thing is; the rate on quiet traffic does not.

**What it cannot say.** The sea is [this project's own](../explanation/simulator.md): a score here is a necessary
condition. Findings on ships that show another injected behaviour at the time count neither for nor against.
"""


def worked_through(days: Sequence[SimulationSpec], jobs: int) -> list[DayScore]:
    """Every day, with a line of progress each."""
    done = []
    for _, one in each_done(evaluate_day, days, jobs):
        done.append(one)
        print(f"{len(done)} of {len(days)} days", file=sys.stderr)
    return done


def tried(
    days: Sequence[SimulationSpec], jobs: int, thresholds: int | None, floors: dict[str, Floor]
) -> list[Fate]:
    """Every mutant over the days and the scenarios."""
    trials = []
    for number, (_, trial) in enumerate(try_all(days, SCENARIOS, jobs, thresholds), 1):
        trials.append(trial)
        print(f"mutants: {number} of {len(days) + len(SCENARIOS)}", file=sys.stderr)
    return fates(trials, floors, thresholds)


def below_wanted(measured: Iterable[Quality]) -> list[str]:
    """Behaviours that do not reach what is wanted, with the figures and the cases behind them."""
    lines = []
    for quality in measured:
        recall, precision, rate = quality.recall[0], quality.precision[0], quality.quiet_rate[0]
        short = []
        if quality.measured and recall < WANTED.recall:
            short.append(f"recall {recall:.2f} (wanted {WANTED.recall:g})")
        if quality.measured and precision < WANTED.precision:
            short.append(
                f"precision {precision:.2f} (wanted {WANTED.precision:g}), {quality.extra} extra findings"
            )
        if rate > WANTED.quiet_per_1000_vessel_days:
            short.append(
                f"{rate:.1f} findings per 1,000 quiet vessel-days (wanted {WANTED.quiet_per_1000_vessel_days:g})"
            )
        if short:
            why = WHY.get(quality.behaviour, "The reason is not known.")
            lines.append(f"* **{quality.behaviour}**: {'; '.join(short)}. {why}")
    return lines or ["Every behaviour that is measured reaches it."]


def mutant_lines(tried_mutants: Sequence[Fate]) -> list[str]:
    """How many were seen, and who was not, by name."""
    survivors: dict[str, list[str]] = {}
    for fate in tried_mutants:
        if fate.survived:
            survivors.setdefault(fate.behaviour, []).append(fate.mutant)
    killed = len(tried_mutants) - sum(map(len, survivors.values()))
    lines = [f"{killed} of {len(tried_mutants)} turned the gate or a scenario red. Not seen:", ""]
    return lines + [f"* {behaviour}: {', '.join(names)}" for behaviour, names in survivors.items()]


def page(measured: Sequence[Quality], days: int, tried_mutants: Sequence[Fate], command: str) -> str:
    """The whole page."""
    columns = [column.lstrip(">") for column in COLUMNS]
    behind = remarks(measured)
    parts = [
        HEAD,
        f"Measured on {datetime.datetime.now(datetime.UTC):%Y-%m-%d} with `{command}`: "
        f"{days} days, half of them quiet, {', '.join(REGIONS)}; {measure.machine()}.\n",
        measure.table(columns, [list(row(quality)) for quality in measured]),
        "\n## What was missed, and which look-alikes were reported\n",
        "\n".join(f"* {line}" for line in behind) or "Nothing.",
        "\n## What does not reach what is wanted\n",
        f"Wanted: recall {WANTED.recall:g}, precision {WANTED.precision:g}, at most "
        f"{WANTED.quiet_per_1000_vessel_days:g} findings per 1,000 vessel-days of quiet traffic.\n",
        "\n".join(below_wanted(measured)),
        "\n## The gate\n",
        "`quality.lock` holds a floor for each behaviour: the end of the interval that the evaluation leaves open. The "
        "tests run a smaller evaluation and fail where its own interval lies wholly below a floor.\n",
    ]
    if tried_mutants:
        parts += [
            "\n## Can the gate fail?\n",
            "Each behaviour was broken in every simple way: it detects nothing, sets everything aside, finds every "
            "candidate, has each threshold multiplied or divided by four. A mutant that is not seen marks a threshold "
            "that no simulated case and no scenario tests.\n",
            "\n".join(mutant_lines(tried_mutants)),
        ]
    return "\n".join(parts) + "\n"


def main() -> None:
    """Measure, write the page and, where asked, the floors; say what is below them."""
    options = argparse.ArgumentParser()
    options.add_argument("--seeds", type=int, default=20)
    options.add_argument("--rows", type=int, default=300_000)
    options.add_argument("--cases", type=int, default=2)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--mutant-seeds", type=int, default=1)
    options.add_argument("--thresholds", type=int, default=None)
    options.add_argument("--lock", action="store_true")
    given = options.parse_args()
    seas = list(REGIONS)
    days = plan(range(1, 1 + given.seeds), seas, given.rows, given.cases, DENSITIES, DIRTS)
    measured = add_up(worked_through(days, given.jobs))
    floors = {
        quality.behaviour: floor_of(quality) for quality in measured if quality.measured and quality.found
    }
    if given.lock:
        LOCK.write_text(floors_text(measured), "utf-8")
    mutant_days = plan(range(101, 101 + given.mutant_seeds), seas, given.rows, given.cases)
    tried_mutants = tried(mutant_days, given.jobs, given.thresholds, floors) if given.mutant_seeds else []
    command = " ".join(["python benchmarks/quality.py", *sys.argv[1:]])
    PAGE.write_text(page(measured, len(days), tried_mutants, command), "utf-8")
    for behaviour, faults in gate(measured, load_floors(LOCK)).items():
        print(f"below its floor: {behaviour}: {'; '.join(faults)}")


if __name__ == "__main__":
    main()
