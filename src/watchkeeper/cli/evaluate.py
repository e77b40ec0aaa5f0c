"""``evaluate``: how well each behaviour does on simulated days and on scenarios."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchkeeper.cli.output import for_programs, print_lines, print_page, table
from watchkeeper.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from watchkeeper.exercises.evaluate import DayScore, Quality
    from watchkeeper.exercises.evaluate_scenarios import Expectation
    from watchkeeper.exercises.simulation import SimulationSpec

_REGIONS: Final = "baltic,antimeridian,arctic"
MOST_SEEDS: Final = 10_000


def evaluate(
    scenarios: Annotated[
        list[Path] | None, typer.Argument(metavar="SCENARIO...", help="Scenario files (.toml) to hold too.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="Seeds; 0 for scenarios only.", min=0, max=MOST_SEEDS)] = 3,
    first: Annotated[int, typer.Option("--first-seed", help="The first of them.", min=0)] = 1,
    regions: Annotated[str, typer.Option(help="Seas, with commas.")] = _REGIONS,
    rows: Annotated[int, typer.Option(help="About how many position reports a day has.")] = 300_000,
    cases: Annotated[
        int, typer.Option(help="Cases of each behaviour a day, and as many look-alikes.", min=1)
    ] = 2,
    density: Annotated[
        str, typer.Option(help="Ordinary ships, 1 = one for 2,700 rows; with commas.")
    ] = "1,2",
    dirt: Annotated[str, typer.Option(help="0 clean to 1 as real files are; with commas.")] = "0,0.5,1",
    jobs: Annotated[int, typer.Option(help="Processes.", min=1, max=64)] = 2,
    json: Annotated[bool | None, typer.Option("--json/--table", help="JSON lines or a table.")] = None,
) -> None:
    """Simulate days over seeds, seas, densities and dirt; say what is found, missed, false and late.

    For each seed and sea there is one day with cases and one without, on which every finding is false.

    Example: watchkeeper evaluate --seeds 20 --regions baltic,arctic
    """
    from watchkeeper.exercises.evaluate import add_up, plan

    days = plan(
        range(first, first + seeds), _words(regions), rows, cases, _figures("density", density),
        _figures("dirt", dirt),
    )  # fmt: skip
    held = _held(scenarios or [])
    quality = add_up(_worked_through(days, jobs)) if days else []
    if for_programs(json):
        print_lines([*quality, *held])
        return
    if days:
        print_page(*_page(quality, f"{len(days)} simulated days of about {rows:,} reports"))
    if held:
        unmet = [one for one in held if not one.met]
        print_page(f"Scenarios: {len(held) - len(unmet)} of {len(held)} expectations met.")
        print_page(*(f"  not met: {one.scenario}: {one.expected}" for one in unmet))


def _worked_through(days: "Sequence[SimulationSpec]", jobs: int) -> "list[DayScore]":
    from watchkeeper.cli.progress import stages
    from watchkeeper.exercises.evaluate import evaluate_day
    from watchkeeper.exercises.parallel import each_done

    scores = []
    with stages() as shown:
        shown.show("evaluate", 0, len(days))
        for _, score in each_done(evaluate_day, days, jobs):
            scores.append(score)
            shown.show("evaluate", len(scores), len(days), len(scores), "days")
    return scores


def _held(scenarios: Sequence[Path]) -> "list[Expectation]":
    from watchkeeper.exercises.evaluate_scenarios import evaluate_scenario

    return [one for path in scenarios for one in evaluate_scenario(path)]


def _page(quality: "Sequence[Quality]", title: str) -> "list[RenderableType]":
    from watchkeeper.exercises.evaluate_table import COLUMNS, remarks, row

    return [table(COLUMNS, map(row, quality), title=title), *remarks(quality)]


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _figures(name: str, text: str) -> list[float]:
    try:
        figures = [float(word) for word in _words(text)]
    except ValueError as error:
        raise UsageError(
            f"--{name} is {text!r}: {error}.", "Write numbers with commas, as in 0,0.5,1."
        ) from error
    if not figures:
        raise UsageError(f"--{name} is empty.", "Write numbers with commas, as in 0,0.5,1.")
    return figures
