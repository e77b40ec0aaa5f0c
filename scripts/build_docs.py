"""The pages of the reference that are made from the code, added while MkDocs builds the site.

A hook of MkDocs (see ``mkdocs.yml``): nothing generated lies in the source tree, so nothing can be out
of date.
"""

import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

from typer.main import get_command
from typer.testing import CliRunner

from watchkeeper import errors
from watchkeeper.behaviours import all_behaviours
from watchkeeper.cases.combinations import Combination, built_in
from watchkeeper.cases.redflags import catalogue as catalogue_of_flags
from watchkeeper.cli.app import app
from watchkeeper.cli.redflags import shown_by
from watchkeeper.config import ENVIRONMENT_PREFIX, known_settings
from watchkeeper.exercises.incidents import all_incidents
from watchkeeper.exercises.incidents.telling import page
from watchkeeper.model.behaviour import Behaviour
from watchkeeper.model.units import Unit

_BEHAVIOURS = """\
# Behaviours

What watchkeeper can find. A finding says what was measured beside its threshold; it never says why a ship did
it. Any threshold can be set, for example `--set ais-gap.min_gap=2h`; see [settings](settings.md).

| behaviour | what it measures |
|---|---|
"""

_SETTINGS = """\
# Settings

A value is taken from the last of these that gives it: the default, the configuration file (`--config FILE`,
else `watchkeeper.toml` in the working folder, else the user's own), an environment variable, and
`--set KEY=VALUE`. Quantities are written with units. A unit of another dimension is refused; so is an unknown
key, with the nearest known name. `watchkeeper config show` prints every value in force and its origin.

```toml
# watchkeeper.toml
[behaviours.ais-gap]
min_gap = "2 h"
```

The same from the environment: `{variable}="2 h"`; as a flag: `--set ais-gap.min_gap=2h`.

`sources.table` describes a table of unknown make; see
[read a table of your own](../how-to/read-your-own-table.md).

| key | default | measures |
|---|---|---|
"""

_RED_FLAGS = """\
# Red flags

What authorities tell the shipping and energy trade to look out for, and where watchkeeper would show it. A red flag is
a reason to look closer; none is a breach by itself. `watchkeeper explain MMSI` says which of them a ship shows.

What documents say is told in our words. *Section not verified* means that we could not read the document itself to
the line. Flags that ship traffic cannot show are listed too, so that their absence is not read as an answer.

| red flag | shown by |
|---|---|
{rows}
## Behaviours that no document names

| behaviour | why |
|---|---|
{without}
"""

_COMBINATIONS = """\
# Combinations

Findings of one ship that mean more together than one by one. Each adds its weight to the ship's score, times the
confidence and trust of its weakest finding. The weights are judgements that order a list. To add your own, see
[combine findings](../how-to/combine-findings.md).

"""

_EXIT_CODES = """\
# Exit codes

Every error is one line on standard error that says what happened, where, and what to do next. Records that
cannot be read are not errors: they are counted in `run.json` and kept in `quarantine.ndjson`.

| code | meaning |
|---|---|
| 0 | Done. |
{rows}| 130 | Interrupted (Ctrl-C); nothing half-written stays. |
"""

MONOTONE = {+1: "larger means fewer findings", -1: "smaller means fewer findings"}


_FOLDERS = {
    "tutorial": "Tutorial",
    "how-to": "How to",
    "reference": "Reference",
    "explanation": "Explanation",
    "incidents": "Incidents",
    "decisions": "Decisions",
}


def on_config(config: Any) -> Any:
    """The order of the pages: each folder's in order of name (called by MkDocs)."""
    docs = Path(config["docs_dir"])
    written = {page.relative_to(docs).as_posix() for page in docs.rglob("*.md")}
    everything = sorted(written | pages().keys())
    config["nav"] = ["index.md"] + [
        {title: [page for page in everything if page.startswith(f"{folder}/")]}
        for folder, title in _FOLDERS.items()
    ]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages to the site (called by MkDocs)."""
    from mkdocs.structure.files import File

    for path, content in pages().items():
        files.append(File.generated(config, path, content=content))
    return files


@cache
def http_api() -> str:
    """What the HTTP API answers, from its declared routes."""
    sys.path.insert(0, str(Path(__file__).parent))  # MkDocs and the tests load this file alone
    try:
        from api_reference import http_api as made
    finally:
        sys.path.pop(0)
    return str(made())


@cache
def pages() -> dict[str, str]:
    """Each generated page by its path under ``docs/``."""
    return {
        "reference/behaviours.md": _BEHAVIOURS + "".join(map(_row, all_behaviours().values())),
        "reference/commands.md": commands(),
        "reference/settings.md": settings(),
        "reference/red-flags.md": red_flags(),
        "reference/combinations.md": combinations(),
        "reference/exit-codes.md": exit_codes(),
        "reference/http-api.md": http_api(),
        **{f"reference/commands/{name}.md": command(name) for name in top_commands()},
        **{f"reference/behaviours/{one.id}.md": _entry(one) for one in all_behaviours().values()},
        **{f"incidents/{name}.md": page(name, one) for name, one in all_incidents().items()},
    }


def _row(behaviour: Behaviour) -> str:
    return f"| [{behaviour.id}](behaviours/{behaviour.id}.md) | {_measures(behaviour)} |\n"


def _measures(behaviour: Behaviour) -> str:
    return _sentence(behaviour.doc["measures"].removeprefix(f"{behaviour.title}: "))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _quantity(value: object, unit: Unit | None) -> str:
    if isinstance(value, (int, float)) and unit is not None:
        return f"{value:g}" if unit.dimension in ("count", "ratio") else f"{value:g} {unit.symbol}"
    return f"{value}" if value else ""


def _entry(behaviour: Behaviour) -> str:
    rows = "".join(
        f"| `{name}` | {_quantity(threshold.default, threshold.unit)} "
        f"| {MONOTONE.get(behaviour.monotone.get(name, 0), '')} |\n"
        for name, threshold in behaviour.thresholds.items()
    )
    references = "".join(f"* {r.title}, {r.where}: {r.figure}\n" for r in behaviour.references)
    return (
        f"# {behaviour.id}\n\nVersion {behaviour.version}. {_measures(behaviour)}\n\n"
        f"**Why it matters.** {_sentence(behaviour.doc['why'])}\n\n"
        f"**Innocent causes.** {_sentence(behaviour.doc['innocent'])}\n\n"
        f"**Next step.** {_sentence(behaviour.doc['next'])}\n\n"
        f"| threshold | default | |\n|---|---|---|\n{rows}\n"
        f"References:\n\n{references}"
    )


def red_flags() -> str:
    """Every red flag with its documents, and what shows it."""
    flags = catalogue_of_flags()
    rows = "".join(f"| [{flag.title}](#{flag.id}) | {shown_by(flag)} |\n" for flag in flags.flag)
    without = "".join(f"| {name} | {_sentence(reason)}. |\n" for name, reason in flags.no_flag.items())
    sections = [
        f"\n## {flag.id}\n\n{flag.title}. Shown by: {shown_by(flag)}.\n\n"
        + "".join(f"* {flags.citation(source)}: {source.says}\n" for source in flag.source)
        for flag in flags.flag
    ]
    return _RED_FLAGS.format(rows=rows, without=without).rstrip() + "\n" + "".join(sections)


def combinations() -> str:
    """Every built-in combination."""
    return _COMBINATIONS + "\n".join(_combination(one) for one in built_in())


def _combination(one: Combination) -> str:
    steps = [
        " or ".join("any conduct" if name == "*" else f"`{name}`" for name in sorted(step.any_of))
        + (" at an asset" if step.at else "")
        for step in one.steps
    ]
    limits = [
        "listed" if one.listed else "",
        f"within {one.within_s / 3600:g} h" if one.within_s is not None else "",
        f"at {one.assets} asset{'s' if one.assets == 'different' else ''}" if one.assets else "",
        f"counts instead of {', '.join(one.contains)}" if one.contains else "",
    ]
    return (
        f"## {one.title}\n\n`{one.name}`, weight {one.weight:g}. {one.why}\n\n"
        f"* {_sentence((', then ' if one.ordered else ', and ').join(steps))}\n"
        + "".join(f"* {_sentence(limit)}\n" for limit in limits if limit)
        + f"* Source: {one.source}\n* Weight: {one.origin}\n"
    )


def commands() -> str:
    """What the program answers to ``--help``, and where each command is told."""
    links = [f"* [{name}](commands/{name}.md)" for name in top_commands()]
    return "\n".join(["# Commands\n", f"```text\n{help_of()}\n```\n", *links]) + "\n"


def top_commands() -> list[str]:
    """The first words of all commands."""
    return list(dict.fromkeys(name[0] for name in command_names()))


def command(first: str) -> str:
    """What a command, or every command of a group, answers to ``--help``."""
    sections = [
        f"## {' '.join(('watchkeeper', *name))}\n\n```text\n{help_of(*name)}\n```\n"
        for name in command_names()
        if name[0] == first
    ]
    return "\n".join([f"# watchkeeper {first}\n", *sections])


def command_names() -> list[tuple[str, ...]]:
    """Every command that is not hidden, those of groups with the group's name first."""
    names: list[tuple[str, ...]] = []
    for name, command in get_command(app).commands.items():
        below = [(name, each) for each in getattr(command, "commands", {})]
        itself = [(name,)] if not below or getattr(command, "invoke_without_command", False) else []
        names += [] if command.hidden else itself + below
    return names


@cache
def help_of(*command: str) -> str:
    """The help text of a command, 100 columns wide, without colours."""
    plain = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    result = CliRunner().invoke(app, [*command, "--help"], env=plain, prog_name="watchkeeper")
    return "\n".join(line.rstrip() for line in result.output.strip().splitlines())


def settings() -> str:
    """Everything that can be set, with its default."""
    rows = "".join(
        f"| `{each.key}` | {_quantity(each.default, each.unit)} | {_dimension(each.unit)} |\n"
        for each in known_settings().values()
    )
    variable = ENVIRONMENT_PREFIX + "BEHAVIOURS__AIS_GAP__MIN_GAP"
    return _SETTINGS.format(variable=variable) + rows


def _dimension(unit: Unit | None) -> str:
    return unit.dimension if unit else ""


def exit_codes() -> str:
    """The table of exit codes, from the tree of errors as it is drawn in their module."""
    drawn = re.findall(r"(\w+Error) +(\d+) +(.+)", errors.__doc__ or "")
    rows = "".join(f"| {code} | {_sentence(meaning)}. |\n" for _, code, meaning in drawn)
    return _EXIT_CODES.format(rows=rows)


if __name__ == "__main__":
    for text in pages().values():
        sys.stdout.write(text)
