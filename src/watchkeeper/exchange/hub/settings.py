"""Roots and collections as they are configured, and bringing a hub to them.

::

    [[exchange.collections]]
    title = "Baltic picture"
    alias = "baltic"
    readers = ["Coast Guard", "Navy", "user:liaison"]
    writers = ["Coast Guard"]
    unmarked = "green"
"""

import difflib
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from watchkeeper.errors import ConfigError, UsageError
from watchkeeper.exchange.hub.collections import DEFAULT_ROOT, Collections
from watchkeeper.exchange.hub.words import Collection, Root, Terms

_T = TypeVar("_T", bound=msgspec.Struct)
_NAMES: Final = ("root", "id", "alias")


class Wanted(msgspec.Struct, frozen=True):
    """A collection as it is meant to be."""

    terms: Terms
    root: str
    id: str | None
    alias: str | None


class ExchangeSettings(msgspec.Struct, frozen=True):
    """What stands under ``[exchange]``."""

    roots: tuple[Root, ...] = ()
    collections: tuple[Wanted, ...] = ()


def settings_of(table: Mapping[str, Any]) -> ExchangeSettings:
    """The settings in a table of TOML.

    Raises:
        ConfigError: a key that is not known, something missing, or a value that does not fit.
    """
    _refuse_others(table, ("roots", "collections", "peers"), "[exchange]")
    roots = [_converted(each, Root, "[[exchange.roots]]") for each in _tables(table, "roots")]
    return ExchangeSettings(tuple(roots), tuple(_wanted(each) for each in _tables(table, "collections")))


def apply(collections: Collections, settings: ExchangeSettings) -> list[Collection]:
    """Make what is not there, change what is otherwise; nothing is removed. The collections that are configured.

    Raises:
        ConfigError: something that is there stands in the way.
    """
    try:
        for root in settings.roots:
            collections.set_root(root)
        return [_applied(collections, wanted) for wanted in settings.collections]
    except UsageError as error:
        raise ConfigError(f"[[exchange.collections]]: {error.what}", error.next_step) from error


def _applied(collections: Collections, wanted: Wanted) -> Collection:
    for there in collections.all(wanted.root):
        by_id = wanted.id is not None and there.id == wanted.id.lower()
        by_alias = wanted.id is None and there.alias == wanted.alias
        if by_id or by_alias:
            if (there.terms, there.alias) == (wanted.terms, wanted.alias):
                return there
            return collections.change(there.id, wanted.terms, wanted.alias)
    return collections.add(wanted.terms, root=wanted.root, id=wanted.id, alias=wanted.alias)


def _wanted(table: Mapping[str, Any]) -> Wanted:
    where = "[[exchange.collections]]"
    given = dict(table)
    named = {name: given.pop(name, None) for name in _NAMES}
    for name, value in named.items():
        if value is not None and not isinstance(value, str):
            raise ConfigError(f"{where}: {name} is no text.", "Put it in quotes.")
    if named["id"] is None and named["alias"] is None:
        raise ConfigError(
            f"{where}: {str(given.get('title', ''))[:60]!r} has neither id nor alias, so nothing tells it from others.",
            'Write alias = "..."',
        )
    terms = _converted(given, Terms, where)
    return Wanted(terms, named["root"] or DEFAULT_ROOT, named["id"], named["alias"])


def _tables(table: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = table.get(name, [])
    if not (isinstance(found, list) and all(isinstance(each, dict) for each in found)):
        raise ConfigError(f"exchange.{name} is no list of tables.", f"Write [[exchange.{name}]].")
    return found


def _converted(table: Mapping[str, Any], kind: type[_T], where: str) -> _T:
    _refuse_others(table, kind.__struct_fields__, where)
    try:
        return msgspec.convert(dict(table), kind)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}.", "See the reference of TAXII.") from error


def _refuse_others(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for name in table:
        if name not in known:
            near = difflib.get_close_matches(name, (*known, *_NAMES), 1, 0.5)
            raise ConfigError(
                f"{where}: there is no setting {name}.",
                f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}.",
            )
