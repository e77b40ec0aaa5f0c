"""Settings: what can be set, what is in force, and where each value came from.

A value is taken from the last of these that gives it: the default, the configuration file (TOML), an
environment variable, ``--set``. Quantities are written with units (``"6 h"``); a bare number is in the
setting's own unit. An unknown name is an error that says the nearest known one, wherever it was written.
"""

import difflib
import math
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn, get_type_hints

from watchkeeper.errors import ConfigError
from watchkeeper.model.settings import EngineSettings
from watchkeeper.model.units import UNITS, Unit, parse_quantity
from watchkeeper.sources.options import TableMapping

FILE_NAME: Final = "watchkeeper.toml"
ENVIRONMENT_PREFIX: Final = "WATCHKEEPER__"
DEFAULT: Final = "default"

_MAX_FILE_BYTES: Final = 1 << 20
_LAYERS, _LISTS, _COMBINATIONS = "layers", "lists", "combinations"
_NOTIFY: Final = "notify"
"""Ways out are named by the user, so they are no settings of known names; the room of notifications reads them."""
_EXCHANGE: Final = "exchange"
"""Likewise: collections are the user's; the room of exchange reads them."""

_BEHAVIOURS, _ENGINE, _TABLE = "behaviours.", "engine.", "sources.table."
_COLUMNS: Final = _TABLE + "columns."

Value = float | str | tuple[Path, ...] | None


@dataclass(frozen=True, slots=True)
class Setting:
    """Something that can be set: its dotted name, default, and unit (None for text and for files)."""

    key: str
    default: Value
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """A setting with its value and where that came from: default, file:line, environment variable or flag."""

    setting: Setting
    value: Value
    origin: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a run.

    ``engine``: the fields of :class:`~watchkeeper.model.settings.EngineSettings`; ``behaviours``: the
    thresholds of every behaviour by id, defaults filled in, in the units of their declarations; ``table``:
    how a generic table is read, None where nothing is said; ``layers``, ``lists``, ``combinations``: files;
    ``in_force``: every setting with its origin; ``notify``: the tables ``[notify.NAME]`` of the file as written, which
    :func:`watchkeeper.notify.routes.routes_of` reads; ``exchange``: the table ``[exchange]`` as written, which
    :func:`watchkeeper.exchange.hub.settings.settings_of` reads.
    """

    engine: dict[str, float]
    behaviours: dict[str, dict[str, float]]
    table: TableMapping | None
    layers: tuple[Path, ...]
    lists: tuple[Path, ...]
    combinations: tuple[Path, ...]
    in_force: tuple[InForce, ...]
    notify: dict[str, Any] = field(default_factory=dict)
    exchange: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Given:
    """A value somebody wrote: under which name, where, and the folder its relative paths start from."""

    key: str
    value: Any
    origin: str
    folder: Path


def config_file(given: Path | None, folder: Path) -> Path | None:
    """The configuration file: ``given``, else the one in ``folder``, else the user's own, else none."""
    if given is not None:
        return given
    import platformdirs

    candidates = (folder / FILE_NAME, platformdirs.user_config_path("watchkeeper") / FILE_NAME)
    return next((path for path in candidates if path.is_file()), None)


def load_settings(file: Path | None, environ: Mapping[str, str], flags: Sequence[str]) -> Settings:
    """The settings in force.

    Args:
        file: a TOML file, or None to read none.
        environ: variables ``WATCHKEEPER__BEHAVIOURS__AIS_GAP__MIN_GAP="2 h"`` are read, others left alone.
        flags: ``KEY=VALUE`` each; ``ais-gap.min_gap`` is short for ``behaviours.ais-gap.min_gap``.

    Raises:
        ConfigError: the file cannot be read, a name is unknown, or a value or unit does not fit.
    """
    in_force = {s.key: InForce(s, s.default, DEFAULT) for s in known_settings().values()}
    as_written: dict[str, dict[str, Any]] = {_NOTIFY: {}, _EXCHANGE: {}}
    for given in (*_from_file(file), *_from_environment(environ), *_from_flags(flags)):
        if given.key in as_written:
            if not isinstance(given.value, dict):
                raise ConfigError(f"{given.origin}: {given.key} is no table.", f"Write [{given.key}].")
            as_written[given.key] = given.value
            continue
        setting = known_settings().get(given.key) or _unknown(given.key, given.origin, known_settings())
        in_force[given.key] = InForce(setting, _read(given, setting), given.origin)
    return replace(_settings(in_force), notify=as_written[_NOTIFY], exchange=as_written[_EXCHANGE])


@cache
def known_settings() -> Mapping[str, Setting]:
    """Everything that can be set, by dotted name."""
    from watchkeeper.behaviours import all_behaviours  # these need numpy, which not every command does
    from watchkeeper.model.columns import ROLES

    known = [Setting(_LAYERS, ()), Setting(_LISTS, ()), Setting(_COMBINATIONS, ())]
    hints = get_type_hints(EngineSettings, include_extras=True)
    for one in fields(EngineSettings):
        unit = next(m for m in hints[one.name].__metadata__ if isinstance(m, Unit))
        known.append(Setting(_ENGINE + one.name, getattr(EngineSettings(), one.name), unit))
    for declared in all_behaviours().values():
        for t in declared.thresholds.values():
            known.append(Setting(f"{_BEHAVIOURS}{declared.id}.{t.name}", t.default, t.unit))
    known += [Setting(_TABLE + "time", None), Setting(_TABLE + "delimiter", None)]
    known += [Setting(_COLUMNS + role, None) for role in ROLES]
    return {setting.key: setting for setting in known}


def _from_file(file: Path | None) -> Iterator[_Given]:
    if file is None:
        return
    try:
        if file.stat().st_size > _MAX_FILE_BYTES:
            raise ConfigError(
                f"{file} is larger than {_MAX_FILE_BYTES >> 20} MiB.", "Give a configuration file."
            )
        text = file.read_text("utf-8-sig")
        document = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}.", "Check the path given with --config.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not UTF-8 text.", "Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{file} is not TOML: {error}.", "Correct that line; see https://toml.io."
        ) from error
    lines = _lines_of_keys(text)
    for key, value in _leaves(document, ""):
        yield _Given(key, value, f"{file}:{_line_of(key, lines)}", file.parent)


def _leaves(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Dotted names and values; an empty table counts only where nothing of that name is known."""
    for name, value in table.items():
        key = prefix + name
        if not isinstance(value, dict) or key in (_NOTIFY, _EXCHANGE):
            yield key, value
        elif value:
            yield from _leaves(value, key + ".")
        elif not any(known.startswith(key + ".") for known in known_settings()):
            yield key, value


def _lines_of_keys(text: str) -> dict[str, int]:
    """Line, from 1, of every table header and key as written, which TOML's reader does not tell."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            table = _plain_key(header[1])
            lines.setdefault(table, number)
        elif key := re.match(r"\s*([\w\"'.\s-]+?)\s*=", line):
            lines.setdefault(f"{table}.{_plain_key(key[1])}".lstrip("."), number)
    return lines


def _plain_key(written: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in written.split("."))


def _line_of(key: str, lines: Mapping[str, int]) -> int:
    """The line of the key, or of the inline table that holds it."""
    while key not in lines and "." in key:
        key = key.rpartition(".")[0]
    return lines.get(key, 1)


def _from_environment(environ: Mapping[str, str]) -> Iterator[_Given]:
    names = {_variable(key): key for key in known_settings()}
    for variable, value in sorted(environ.items()):
        if variable.startswith(ENVIRONMENT_PREFIX):
            key = names.get(variable) or _unknown(variable, "environment", names)
            yield _Given(key, value, f"environment {variable}", Path())


def _variable(key: str) -> str:
    return ENVIRONMENT_PREFIX + key.upper().replace(".", "__").replace("-", "_")


def _from_flags(flags: Sequence[str]) -> Iterator[_Given]:
    for flag in flags:
        key, separator, value = flag.partition("=")
        if not separator:
            raise ConfigError(
                f"--set {flag} has no value.", "Write --set KEY=VALUE, for example ais-gap.min_gap=2h."
            )
        key = key.strip()
        behaviour = f"{_BEHAVIOURS}{key.partition('.')[0]}."
        if any(known.startswith(behaviour) for known in known_settings()):
            key = _BEHAVIOURS + key
        yield _Given(key, value.strip(), "--set", Path())


def _unknown(key: str, where: str, known: Mapping[str, object]) -> NoReturn:
    near = difflib.get_close_matches(key, known, 1, 0.5)
    advice = f"Did you mean {near[0]}?" if near else "`watchkeeper config show` lists all."
    raise ConfigError(f"{where}: there is no setting {key}.", advice)


def _read(given: _Given, setting: Setting) -> Value:
    if setting.unit is not None:
        return _quantity(given, setting.unit)
    if isinstance(setting.default, tuple):
        return _paths(given)
    if not isinstance(given.value, str):
        raise ConfigError(f"{given.origin}: {given.key} is not text.", "Put the value in quotes.")
    return given.value


def _quantity(given: _Given, unit: Unit) -> float:
    try:
        number = parse_quantity(given.value, unit)
    except ConfigError as error:
        raise ConfigError(f"{given.origin}: {given.key}: {error.what}", error.next_step) from error
    if not (math.isfinite(number) and number >= 0):
        raise ConfigError(f"{given.origin}: {given.key} is {given.value}.", "Give a number from 0 up.")
    if unit is not UNITS["count"]:
        return number
    if number != int(number):
        raise ConfigError(f"{given.origin}: {given.key} is {given.value}.", "Give a whole number.")
    return int(number)


def _paths(given: _Given) -> tuple[Path, ...]:
    """A list of paths in TOML; elsewhere separated as in PATH."""
    value = given.value
    if isinstance(value, str):
        value = [part for part in value.split(os.pathsep) if part]
    if not (isinstance(value, list) and all(isinstance(path, str) and path for path in value)):
        raise ConfigError(
            f"{given.origin}: {given.key} is not a list of files.", f'Write {given.key} = ["one", "two"].'
        )
    return tuple(given.folder / Path(path).expanduser() for path in value)


def _settings(in_force: Mapping[str, InForce]) -> Settings:
    values = {key: one.value for key, one in in_force.items()}
    behaviours: dict[str, dict[str, float]] = {}
    for key, value in _below(values, _BEHAVIOURS).items():
        behaviour, _, threshold = key.rpartition(".")
        behaviours.setdefault(behaviour, {})[threshold] = value
    return Settings(
        engine=_below(values, _ENGINE),
        behaviours=behaviours,
        table=_table(in_force),
        layers=values[_LAYERS],  # type: ignore[arg-type]  # _read gives paths where the default is paths
        lists=values[_LISTS],  # type: ignore[arg-type]
        combinations=values[_COMBINATIONS],  # type: ignore[arg-type]
        in_force=tuple(in_force.values()),
    )


def _table(in_force: Mapping[str, InForce]) -> TableMapping | None:
    said: dict[str, Any] = {k: one.value for k, one in in_force.items() if one.value is not None}
    table = _below(said, _TABLE)
    delimiter = table.get("delimiter")
    if delimiter is not None and (len(delimiter) != 1 or not delimiter.isascii()):
        origin = in_force[_TABLE + "delimiter"].origin
        raise ConfigError(
            f"{origin}: the delimiter {delimiter!r} is not one character.", 'Write ";" or "\\t".'
        )
    if not table:
        return None
    return TableMapping(_below(said, _COLUMNS), table.get("time", "auto"), delimiter)


def _below(values: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {key[len(prefix) :]: value for key, value in values.items() if key.startswith(prefix)}
