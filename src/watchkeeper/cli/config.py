"""``config``: the settings in force."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from watchkeeper import log
from watchkeeper.cli import options
from watchkeeper.cli.output import for_programs, print_lines, print_page, table

if TYPE_CHECKING:
    from watchkeeper.config import InForce, Settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def config() -> None:
    """The settings in force.

    Example: watchkeeper config show
    """


@app.command()
def show(config: options.Config = None, settings: options.Set = None, as_json: options.Json = None) -> None:
    """Show every setting with its value, its unit and where it came from.

    Example: watchkeeper config show --set ais-gap.min_gap=2h
    """
    rows = [_row(one) for one in in_force(config, settings).in_force]
    if for_programs(as_json):
        print_lines(rows)
    else:
        print_page(table(("Setting", ">Value", "Unit", "From"), [_words(row) for row in rows]))


def in_force(config: Path | None, flags: list[str] | None) -> "Settings":
    """The settings by file, environment and flags; says on standard error which file was read.

    Raises:
        ConfigError: see :func:`watchkeeper.config.load_settings`.
    """
    from watchkeeper.config import config_file, load_settings

    file = config_file(config, Path())
    if file is not None and config is None:
        log.talk().print(f"configuration: {file}")
    return load_settings(file, os.environ, flags or [])


def _row(one: "InForce") -> dict[str, Any]:
    value = [str(path) for path in one.value] if isinstance(one.value, tuple) else one.value
    unit = one.setting.unit.symbol if one.setting.unit else None
    return {"setting": one.setting.key, "value": value, "unit": unit, "from": one.origin}


def _words(row: dict[str, Any]) -> tuple[object, ...]:
    value = ", ".join(row["value"]) if isinstance(row["value"], list) else row["value"]
    return row["setting"], value, row["unit"], row["from"]
