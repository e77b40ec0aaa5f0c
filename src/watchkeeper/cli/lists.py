"""``lists``: one ship against sanctions and vessel lists."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from watchkeeper.cli import options
from watchkeeper.cli.output import for_programs, print_lines, print_page

app = typer.Typer(no_args_is_help=True)


@app.callback()
def lists() -> None:
    """Sanctions and vessel lists.

    Example: watchkeeper lists check 9329760 --list sdn.csv
    """


@app.command()
def check(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="IMO number, MMSI or name of a ship.")],
    files: options.Lists = None,
    config: options.Config = None,
    as_json: options.Json = None,
) -> None:
    """Look a ship up; every answer names the lists consulted and how old they are.

    Registers and flag performance lists given with --list say what is known of the ship and its flag. A name
    that was fetched stands for its newest version. Without --list, those of the configuration are consulted.

    Example: watchkeeper lists check 9329760 --list sdn.csv --list eu-vessels
    """
    from watchkeeper.cli.config import in_force
    from watchkeeper.fetching.names import resolved
    from watchkeeper.lists.check import check as check_lists
    from watchkeeper.lists.load import load_lists
    from watchkeeper.lists.rendering import render_check

    paths = [resolved(path) for path in files or in_force(config, None).lists]
    report = check_lists(query, load_lists(paths), datetime.now(UTC).date())
    if for_programs(as_json):
        print_lines([report])
    else:
        print_page(render_check(report))
