"""What can be fetched, from where and under which licence: ``catalogue.toml`` as records."""

import difflib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

from watchkeeper.errors import UsageError

Kind = Literal["list", "layer", "traffic", "schema"]
MEGABYTE: Final = 1 << 20


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A layer that is joined with others: the kind of its assets, and the property that names them."""

    kind: str
    name: str = ""


class Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that can be fetched; the fields are described at the head of ``catalogue.toml``.

    ``query`` is sent as the form field ``data``; ``by_hand`` says why it is not downloaded; ``address`` is the
    pattern for ``parts``.
    """

    title: str
    publisher: str
    licence: str
    terms: str
    kind: Kind
    suffix: str
    max_mb: int
    name: str = ""
    format: str = ""
    addresses: tuple[str, ...] = ()
    page: str = ""
    link: str = ""
    address: str = ""
    parts: Mapping[str, Part] = {}
    query: str = ""
    convert: Literal["", "overpass"] = ""
    by_day: bool = False
    by_hand: str = ""
    least: int = 0

    @property
    def limit_bytes(self) -> int:
        """The most that is downloaded."""
        return self.max_mb * MEGABYTE


@cache
def catalogue() -> Mapping[str, Item]:
    """Name -> item, in the order of the file."""
    text = files("watchkeeper.fetching").joinpath("catalogue.toml").read_text("utf-8")
    items = msgspec.toml.decode(text, type=dict[str, Item])
    return {name: msgspec.structs.replace(item, name=name) for name, item in items.items()}


def item_named(name: str) -> Item:
    """The item of that name.

    Raises:
        UsageError: there is none; says the nearest.
    """
    item = catalogue().get(name)
    if item is None:
        near = difflib.get_close_matches(name, catalogue(), 1)
        advice = (
            f"Did you mean {near[0]}?" if near else "`watchkeeper fetch --list` shows what can be fetched."
        )
        raise UsageError(f"There is nothing to fetch called {name}.", advice)
    return item
