"""``demo``: a simulated day, scanned, ranked, and held against the truth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchkeeper.cli.incident import incident
from watchkeeper.cli.output import print_page, table

if TYPE_CHECKING:
    from watchkeeper.exercises.simulation import Simulation
    from watchkeeper.scan import ScanResult

_ROWS: Final = 1_000_000
_CASES: Final = 2

app = typer.Typer()
app.command()(incident)


@app.callback(invoke_without_command=True)
def demo(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go.")] = Path("demo"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same day.")] = 1,
    rows: Annotated[int, typer.Option(help="About how many position reports.")] = _ROWS,
    cases: Annotated[int, typer.Option(help="Injected cases of each behaviour.")] = _CASES,
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the report in a browser.")] = False,
) -> None:
    """Simulate a day, scan it, and show the ranked ships, the score against the truth and the report.

    With the word incident and a name, a public incident is replayed instead.

    Example: watchkeeper demo --out demo --open
    """
    if context.invoked_subcommand is not None:
        return
    from watchkeeper.cli.scan import present, print_alerts, run_scan, say_what_was_done
    from watchkeeper.cli.simulate import ASSETS, LISTED, WRITTEN, Format, simulated
    from watchkeeper.config import load_settings
    from watchkeeper.exercises.simulation import SimulationSpec
    from watchkeeper.scan import ScanRequest

    made = simulated(SimulationSpec(seed=seed, rows=rows, cases_per_behaviour=cases), out, [Format.DMA])
    result = run_scan(
        ScanRequest(
            inputs=(str(out / WRITTEN[Format.DMA]),),
            out=out / "result",
            settings=load_settings(None, {}, ()),
            now=present(),
            layers=(out / ASSETS,),
            lists=(out / LISTED,),
            force=True,
            simulated=True,
        )
    )
    say_what_was_done(result)
    print_alerts(result.alerts)
    _print_scoreboard(made, result)
    report = (result.out / "report.html").resolve()
    print_page(f"report: {report}")
    if show:
        import webbrowser

        webbrowser.open(report.as_uri())


def _print_scoreboard(made: "Simulation", result: "ScanResult") -> None:
    import msgspec

    from watchkeeper.exercises.scoring import score

    board = score(made.truth, map(msgspec.to_builtins, result.findings), made.vessel_days)
    columns = (
        "Behaviour", ">Cases", ">Found", ">Recall", ">Look-alikes", ">Reported", ">Extra",
        ">Per 1,000 vessel-days", ">Start off by, min",
    )  # fmt: skip
    rows = [
        (
            b.behaviour, b.cases, b.found, _fixed(b.recall, 2), b.negatives, b.violated, b.extra,
            _fixed(b.extra_per_1000_vessel_days, 1), _fixed(b.start_error_min, 1),
        )
        for b in board.behaviours
    ]  # fmt: skip
    print_page(table(columns, rows, title=f"Against the truth, {board.vessel_days:,.0f} vessel-days"))


def _fixed(value: float | None, places: int) -> str:
    return "" if value is None else f"{value:.{places}f}"
