"""``scan``: the main job."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchkeeper import log
from watchkeeper.cli import options
from watchkeeper.cli.output import for_programs, print_lines, print_page, table
from watchkeeper.model.time import SECOND

if TYPE_CHECKING:
    from watchkeeper.cases.alerts import Alert
    from watchkeeper.scan import Progress, ScanRequest, ScanResult

SHOWN: Final = 25
"""Alerts in the table; the files have all."""


def scan(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT...", help="Files, folders, patterns, archives; - is standard input."),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the results go.")],
    layers: options.Layers = None,
    lists: options.Lists = None,
    combinations: options.Combinations = None,
    config: options.Config = None,
    settings: options.Set = None,
    t_from: Annotated[
        str | None, typer.Option("--from", metavar="T", help="Leave earlier reports out (ISO 8601).")
    ] = None,
    t_to: Annotated[
        str | None,
        typer.Option("--to", metavar="T", help="Leave later reports out; a date is its whole day."),
    ] = None,
    bbox: Annotated[
        str | None, typer.Option("--bbox", metavar="W,S,E,N", help="Leave reports outside out (degrees).")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--start", metavar="T", help="Time of the first record of a log without times."),
    ] = None,
    rate: Annotated[
        float | None, typer.Option("--rate", metavar="N", help="Records a second of a log without times.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the files of an earlier scan in DIR.")
    ] = False,
    report: Annotated[bool, typer.Option("--report/--no-report", help="Write report.html.")] = True,
    store: Annotated[
        Path | None,
        typer.Option("--store", metavar="DIR", help="Put it into a store too; made where there is none."),
    ] = None,
    as_json: options.Json = None,
) -> None:
    """Read ship traffic and say which ships need attention, why, and which raw line shows it.

    Layers, lists and combinations of the configuration are used too.

    Example: watchkeeper scan aisdk-2024-11-18.zip --out result --layer cables.geojson --list sdn.csv
    """
    span = options.window(t_from, t_to)
    where = options.box(bbox)
    first, rate = options.moment(start, "--start"), options.rate_of(rate, start)

    from watchkeeper.cli.config import in_force
    from watchkeeper.scan import ScanRequest

    chosen = in_force(config, settings)
    result = run_scan(
        ScanRequest(
            inputs=tuple(inputs),
            out=out,
            settings=chosen,
            now=present(),
            layers=(*chosen.layers, *(layers or ())),
            lists=(*chosen.lists, *(lists or ())),
            combinations=(*chosen.combinations, *(combinations or ())),
            t_from=span[0],
            t_to=span[1],
            bbox=where,
            start=first,
            rate=rate,
            force=force,
            report=report,
            store=store,
        )
    )
    if for_programs(as_json):
        print_lines(result.alerts)
    else:
        print_alerts(result.alerts)
    say_what_was_done(result)


def present() -> int:
    """The wall clock [ms UTC]. It is read here and handed on; nothing below the commands looks at it."""
    return time.time_ns() * SECOND // 1_000_000_000


def run_scan(request: "ScanRequest") -> "ScanResult":
    """Scan with progress on standard error.

    Raises:
        InputError, LayerError, ListError, OutputError: see :func:`watchkeeper.scan.scan`.
    """
    from watchkeeper.cli.progress import stages
    from watchkeeper.cli.warm import announce_compiling
    from watchkeeper.scan import scan as run

    announce_compiling()
    with stages() as shown:
        return run(request, _show(shown.show))


def _show(show: Callable[..., None]) -> "Callable[[Progress], None]":
    return lambda p: show(p.stage, p.done_bytes, p.total_bytes, p.rows)


def print_alerts(alerts: "Sequence[Alert]") -> None:
    """The ranked table."""
    rows = [
        (a.rank, f"{a.score:.1f}", a.mmsi, a.name, a.flag, a.ship_type, a.headline) for a in alerts[:SHOWN]
    ]
    if not rows:
        print_page("No ship shows a behaviour above its threshold.")
        return
    print_page(table((">Rank", ">Score", ">MMSI", "Name", "Flag", "Type", "Why"), rows))
    if len(alerts) > SHOWN:
        print_page(f"{len(alerts) - SHOWN} more in alerts.ndjson")


def say_what_was_done(result: "ScanResult") -> None:
    """On standard error: what was read and compared, what is not known, and where the files are."""
    say, run = log.talk().print, result.run
    rows = run["rows"]
    left_out = ", ".join(
        f"{n:,} {what.replace('_', ' ')}" for what, n in rows.items() if n and what != "read"
    )
    say(f"read {rows['read']:,} rows: {left_out or 'nothing'}")
    say(f"vessels: {run['vessels']:,}, from {run['start']} to {run['end']}")
    found = ", ".join(f"{b['findings']} {name}" for name, b in run["behaviours"].items() if b["findings"])
    say(f"findings: {found or 'none'}; ships to look at: {len(result.alerts)}")
    for name, behaviour in run["behaviours"].items():
        if behaviour["status"] != "ran":
            say(f"warning: {name} stopped, so its silence means nothing: {behaviour['status']}")
    if not run["assets"]:
        say("no layer with assets was given: nothing was compared with cables or pipelines")
    for one in run["lists"]:
        lost = f", {one['rejected']:,} rows could not be read" if one["rejected"] else ""
        say(
            f"{one['kind']} {one['title']}: {one['entries']:,} entries, dated {one['as_of'] or 'nowhere'}{lost}"
        )
    if not any(one["kind"] == "vessel list" for one in run["lists"]):
        say("no list was given: no ship was compared with sanctions")
    say(f"results: {result.out}")
