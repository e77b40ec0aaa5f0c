"""The formats in which things are exported and imported. A file of this room that declares a :class:`Format` is found.

A format is one file (or a folder with ``format.py``). Heavy libraries are imported inside its functions::

    FORMAT = Format(name="kml", title="KML 2.2, for globes", media="application/vnd.google-earth.kml+xml",
                    suffix=".kml", write=write)
"""

import difflib
import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import BinaryIO

from watchkeeper import exchange
from watchkeeper.errors import InputError, UsageError
from watchkeeper.exchange.things import Incoming, Things

Write = Callable[[Things, BinaryIO], None]
Read = Callable[[bytes], Incoming]
Send = Callable[[Things, str], int]
Losses = Callable[[Things], Iterable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format: its name on the command line, what it is, and how it is written and read.

    ``write`` is None where it can only be read, ``read`` where it can only be written. The same things give the same
    bytes. ``read`` raises :class:`InputError` where the input as a whole cannot be used; a part that cannot is
    refused and counted. ``recognises`` says, of the first 64 KiB of a file, whether it is of this format. ``losses``
    are sentences on what of these things the format cannot say, for whoever exports. ``send`` brings them to an
    address whose scheme is one of ``schemes`` and counts the messages; it raises :class:`OutputError`.
    """

    name: str
    title: str
    media: str
    suffix: str
    write: Write | None = None
    read: Read | None = None
    recognises: Callable[[bytes], bool] = lambda head: False
    losses: Losses = lambda things: ()
    schemes: tuple[str, ...] = ()
    send: Send | None = None


@cache
def all_formats() -> dict[str, Format]:
    """Every format by name."""
    found: dict[str, Format] = {}
    for module in _modules():
        for value in vars(module).values():
            if isinstance(value, Format):
                assert found.get(value.name, value) is value, f"two formats are called {value.name}"
                found[value.name] = value
    return dict(sorted(found.items()))


def writer(name: str) -> Format:
    """A format that can be written.

    Raises:
        UsageError: there is none of this name.
    """
    return _named(name, {n: f for n, f in all_formats().items() if f.write is not None}, "written")


def reader(name: str) -> Format:
    """A format that can be read.

    Raises:
        UsageError: there is none of this name.
    """
    return _named(name, {n: f for n, f in all_formats().items() if f.read is not None}, "read")


def recognised(data: bytes, where: str) -> Format:
    """The format of a file.

    Raises:
        InputError: it is of none, or of several.
    """
    head = data[: 1 << 16]
    found = [f for f in all_formats().values() if f.read is not None and f.recognises(head)]
    if len(found) != 1:
        known = ", ".join(n for n, f in all_formats().items() if f.read is not None)
        several = (
            f"of several formats ({', '.join(f.name for f in found)})" if found else "of no known format"
        )
        raise InputError(f"{where} is {several}.", f"Name one with --format: {known}.")
    return found[0]


def _named(name: str, known: dict[str, Format], done: str) -> Format:
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        advice = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."
        raise UsageError(f"There is no format {name} that can be {done}.", advice)
    return known[name]


def _modules() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(exchange.__path__, f"{exchange.__name__}."):
        name = f"{module.name}.format" if module.ispkg else module.name
        if not module.ispkg or importlib.util.find_spec(name) is not None:
            yield importlib.import_module(name)
