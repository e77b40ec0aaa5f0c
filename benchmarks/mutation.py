"""Break every behaviour in every simple way and say what the gate does not see: ``python benchmarks/mutation.py``.

Ends with 1 where a behaviour that finds nothing survives, or none of its broken thresholds and conditions is seen.
"""

import argparse
import sys

from quality import LOCK, mutant_lines, tried
from watchkeeper.exercises.evaluate import plan
from watchkeeper.exercises.evaluate_floors import load_floors
from watchkeeper.exercises.mutation import PLAIN, Fate
from watchkeeper.exercises.regions import REGIONS


def blind(fates: list[Fate]) -> list[str]:
    """Behaviours whose breaking is not seen."""
    plain = {fate.behaviour for fate in fates if fate.survived and fate.mutant in PLAIN}
    seen = {fate.behaviour for fate in fates if not fate.survived and fate.mutant not in PLAIN}
    return sorted(plain | {fate.behaviour for fate in fates} - seen)


def main() -> None:
    """Try every mutant and print the survivors."""
    options = argparse.ArgumentParser()
    options.add_argument("--seeds", type=int, default=2)
    options.add_argument("--rows", type=int, default=300_000)
    options.add_argument("--cases", type=int, default=2)
    options.add_argument("--jobs", type=int, default=2)
    given = options.parse_args()
    days = plan(range(101, 101 + given.seeds), list(REGIONS), given.rows, given.cases)
    fates = tried(days, given.jobs, None, load_floors(LOCK))
    print("\n".join(mutant_lines(fates)))
    if unseen := blind(fates):
        sys.exit(f"Breaking these is not seen: {', '.join(unseen)}")


if __name__ == "__main__":
    main()
