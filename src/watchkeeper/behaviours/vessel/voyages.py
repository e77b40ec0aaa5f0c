"""Voyages that are findings by themselves, as data: ``voyages.toml`` beside this file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Voyage:
    """A call in one of the countries ``origins``, then one in one of ``destinations``, by ships of ``types``."""

    id: str
    title: str
    origins: frozenset[str]
    destinations: frozenset[str]
    types: frozenset[int]
    source: str


@cache
def voyages() -> tuple[Voyage, ...]:
    """The rules in force."""
    text = files("watchkeeper.behaviours.vessel").joinpath("voyages.toml").read_text("utf-8")
    return tuple(
        Voyage(
            rule["id"],
            rule["title"],
            frozenset(rule["from"]),
            frozenset(rule["to"]),
            frozenset(rule["types"]),
            rule["source"],
        )
        for rule in tomllib.loads(text)["voyage"]
    )
