"""The tree of commands."""

from typing import Annotated, Final

import typer

from watchkeeper import __version__, log
from watchkeeper.cli import (
    alerts,
    attribute,
    behaviours,
    cases,
    config,
    demo,
    evaluate,
    exchange,
    explain,
    export,
    fetch,
    formats,
    import_,
    incidents,
    layers,
    lists,
    redflags,
    scan,
    serve,
    share,
    simulate,
    store,
    sync,
    users,
    warm,
    watch,
)
from watchkeeper.errors import UsageError

EXIT_CODES: Final = (
    "Exit codes: 0 done; 1 unexpected; 2 usage; 3 input; 4 configuration; 5 output; 6 layer; 7 list; 8 fetch; "
    "9 store; 10 feed; 130 interrupted."
)

app = typer.Typer(
    name="watchkeeper",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    epilog=EXIT_CODES,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def watchkeeper(
    debug: Annotated[bool, typer.Option("--debug", help="Log everything; show tracebacks.")] = False,
    log_format: Annotated[
        str, typer.Option("--log-format", help="text, or json: an object on each line.", metavar="FORMAT")
    ] = "text",
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """A day of ship traffic in, the few ships that matter out, with every reason.

    Example: watchkeeper scan aisdk-2024-11-18.zip --out result --layer cables.geojson
    """
    if log_format not in ("text", "json"):
        raise UsageError(f"There is no log format {log_format!r}.", "Choose text or json.")
    log.set_up(debug=debug, as_json=log_format == "json")


app.command()(scan.scan)
app.add_typer(demo.app, name="demo")
app.command()(explain.explain)
app.command()(attribute.attribute)
app.command()(behaviours.behaviours)
app.command()(redflags.redflags)
app.command()(simulate.simulate)
app.command()(evaluate.evaluate)
app.command()(fetch.fetch)
app.command()(export.export)
app.command("import")(import_.import_)
app.add_typer(formats.app, name="formats")
app.add_typer(alerts.app, name="alerts")
app.add_typer(cases.app, name="cases")
app.add_typer(incidents.app, name="incidents")
app.add_typer(store.app, name="store")
app.command()(watch.watch)
app.command()(watch.replay)
app.command()(serve.serve)
app.command()(share.share)
app.add_typer(users.app, name="users")
app.add_typer(exchange.app, name="exchange")
app.add_typer(sync.app, name="sync")
app.add_typer(lists.app, name="lists")
app.add_typer(layers.app, name="layers")
app.add_typer(config.app, name="config")
app.command(hidden=True)(warm.warm)
