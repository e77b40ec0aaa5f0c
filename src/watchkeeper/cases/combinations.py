"""Combinations of findings as data: and / then / within over behaviours, lists and assets.

The form is described at the top of ``combinations.toml``. A file is parsed once; whatever is wrong with it is one
error that names the file, the combination and the key.
"""

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

import msgspec

from watchkeeper.cases.weights import weights
from watchkeeper.errors import ConfigError
from watchkeeper.model.units import UNITS, parse_quantity

ANY: Final = "*"
LISTED: Final = "listed-vessel"
BUILT_IN: Final = "combinations.toml"

_MAX_BYTES: Final = 1 << 20
_MAX_COMBINATIONS: Final = 200
_MAX_STEPS: Final = 4
"""Steps in any order are tried in every order: 24 of four."""
_MAX_WEIGHT: Final = 100.0
_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One finding of a combination: of one of these behaviours and, with ``at``, at an asset of such an id."""

    any_of: frozenset[str]
    at: tuple[str, ...] = ()


class Combination(msgspec.Struct, frozen=True, kw_only=True):
    """Findings of one ship that mean more together. ``steps`` are in time order where ``ordered``.

    ``within_s`` is how long may lie between the end of one finding and the beginning of the next [s].
    """

    name: str
    title: str
    why: str
    weight: float
    source: str
    origin: str
    steps: tuple[Step, ...]
    ordered: bool
    within_s: float | None = None
    assets: Literal["same", "different"] | None = None
    listed: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()


class _Written(msgspec.Struct, frozen=True, kw_only=True):
    """A combination as it stands in the file."""

    name: str
    title: str
    why: str
    weight: float
    source: str
    origin: str
    and_: tuple[Step, ...] = msgspec.field(name="and", default=())
    then: tuple[Step, ...] = ()
    within: str | None = None
    assets: Literal["same", "different"] | None = None
    listed: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()


_KEYS: Final = tuple(field.encode_name for field in msgspec.structs.fields(_Written))
_STEP_KEYS: Final = Step.__struct_fields__


@cache
def built_in() -> tuple[Combination, ...]:
    """The combinations that watchkeeper brings along."""
    text = files(__package__).joinpath(BUILT_IN).read_text("utf-8")
    return parse(text, BUILT_IN, weights().behaviour)


def load(paths: Sequence[Path], behaviours: Collection[str]) -> tuple[Combination, ...]:
    """The built-in combinations and those of some files.

    Args:
        paths: TOML files.
        behaviours: the ids that may be named, besides those that have a weight.

    Raises:
        ConfigError: a file cannot be read, or a combination in it does not make sense.
    """
    known = {*behaviours, *weights().behaviour}
    all_of_them = built_in()
    for path in paths:
        all_of_them += parse(_text(path), str(path), known, all_of_them)
    return all_of_them


def parse(
    text: str, origin: str, behaviours: Collection[str], before: Sequence[Combination] = ()
) -> tuple[Combination, ...]:
    """The combinations of a file.

    Args:
        text: TOML.
        origin: the file's name, for messages.
        behaviours: the ids that may be named.
        before: combinations that are there already, whose names are taken and may be contained.

    Raises:
        ConfigError: with the file, the combination and the key.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{origin} is not TOML: {error}.", "Correct that line; see https://toml.io."
        ) from error
    written = document.pop("combination", [])
    if document or not isinstance(written, list):
        raise ConfigError(
            f"{origin}: {next(iter(document), 'combination')} is not a combination.",
            "Begin each combination with [[combination]].",
        )
    if len(written) > _MAX_COMBINATIONS:
        raise ConfigError(f"{origin} has more than {_MAX_COMBINATIONS} combinations.", "Split the file.")
    made: list[Combination] = []
    for number, table in enumerate(written, 1):
        reader = _Reader(origin, number, table, behaviours)
        made.append(reader.read([c.name for c in (*before, *made)]))
    return tuple(made)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ConfigError(
                f"{path} is larger than {_MAX_BYTES >> 20} MiB.", "Give a file of combinations."
            )
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror}.", "Check the path given with --combinations."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error


class _Reader:
    """Reads one table and says where in it something is wrong."""

    def __init__(self, origin: str, number: int, table: Any, behaviours: Collection[str]) -> None:
        name = table.get("name") if isinstance(table, dict) else None
        self.where = f"{origin}: combination {name if isinstance(name, str) else number}"
        self.table = table
        self.behaviours = behaviours

    def read(self, taken: Sequence[str]) -> Combination:
        """The combination; ``taken`` are the names of those before it."""
        written = self._written()
        self._check_name(written.name, taken)
        steps = written.and_ or written.then
        if bool(written.and_) == bool(written.then):
            self._refuse("and, then", "exactly one of the two is needed", "Give the steps under one key.")
        if len(steps) > _MAX_STEPS:
            self._refuse("and, then", f"more than {_MAX_STEPS} steps", "Make two combinations of it.")
        if written.assets == "different" and len(steps) != 2:
            self._refuse("assets", '"different" needs two steps', "Make two combinations of it.")
        if not 0 <= written.weight <= _MAX_WEIGHT:
            self._refuse(
                "weight", f"{written.weight:g} is not from 0 to {_MAX_WEIGHT:g}", "An encounter weighs 30."
            )
        for key in ("title", "why", "source", "origin"):
            if not getattr(written, key).strip():
                self._refuse(key, "is empty", "Say it in a sentence: the tree shows it.")
        for k, step in enumerate(steps):
            self._check_step(f"{'and' if written.and_ else 'then'}[{k + 1}]", step)
        for name in written.contains:
            if name not in taken:
                self._unknown("contains", f"there is no combination {name} before it", name, taken)
        return Combination(
            **{key: getattr(written, key) for key in ("name", "title", "why", "weight", "source", "origin")},
            steps=steps,
            ordered=bool(written.then),
            within_s=self._within(written.within),
            assets=written.assets,
            listed=written.listed,
            contains=written.contains,
        )

    def _written(self) -> _Written:
        if not isinstance(self.table, dict):
            self._refuse("", "is not a table", "Begin it with [[combination]].")
        self._check_keys("", self.table, _KEYS)
        for key in ("and", "then"):
            steps = self.table.get(key, [])
            for k, step in enumerate(steps if isinstance(steps, list) else []):
                if isinstance(step, dict):
                    self._check_keys(f"{key}[{k + 1}].", step, _STEP_KEYS)
        try:
            return msgspec.convert(self.table, _Written)
        except msgspec.ValidationError as error:
            what, _, path = str(error).partition(" - at `$")
            self._refuse(path.strip("`.") or "keys", what, "See the top of the built-in combinations.toml.")

    def _check_keys(self, prefix: str, table: Mapping[str, Any], known: Collection[str]) -> None:
        for key in table:
            if key not in known:
                self._unknown(prefix + key, "is not a key", key, known)

    def _check_name(self, name: str, taken: Collection[str]) -> None:
        if not _NAME.fullmatch(name):
            self._refuse("name", f"{name!r} is not lower-case-with-hyphens", "For example dark-then-slow.")
        if name in taken:
            self._refuse("name", f"{name} is taken", "Choose another name.")

    def _check_step(self, key: str, step: Step) -> None:
        if not step.any_of:
            self._refuse(f"{key}.any_of", "names no behaviour", 'Name one, or write "*".')
        for behaviour in sorted(step.any_of):
            if behaviour == LISTED:
                self._refuse(f"{key}.any_of", "being listed is no event", 'Write listed = ["*"] instead.')
            if behaviour != ANY and behaviour not in self.behaviours:
                self._unknown(
                    f"{key}.any_of", f"there is no behaviour {behaviour}", behaviour, self.behaviours
                )

    def _within(self, text: str | None) -> float | None:
        if text is None:
            return None
        try:
            seconds = parse_quantity(text, UNITS["s"])
        except ConfigError as error:
            self._refuse("within", error.what.rstrip("."), error.next_step)
        if seconds < 0 or text.strip().replace(".", "").isdecimal():
            self._refuse("within", f"{text!r} is not a duration", 'Write it with a unit, for example "24 h".')
        return seconds

    def _unknown(self, key: str, what: str, name: str, known: Collection[str]) -> NoReturn:
        near = difflib.get_close_matches(name, [*known], 1, 0.5)
        self._refuse(key, what, f"Did you mean {near[0]}?" if near else f"Known: {', '.join(sorted(known))}.")

    def _refuse(self, key: str, what: str, next_step: str) -> NoReturn:
        raise ConfigError(f"{self.where}: {key + ': ' if key else ''}{what}.", next_step)
