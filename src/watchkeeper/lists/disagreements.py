"""Where lists that name the same ship say different things of it: both are shown, neither is chosen."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from watchkeeper.lists.entries import ListEntry
from watchkeeper.lists.names import normal_name

_FIELDS: Final[tuple[tuple[str, Callable[[ListEntry], Sequence[object]]], ...]] = (
    ("IMO number", lambda entry: entry.imos),
    ("MMSI", lambda entry: entry.mmsis),
    ("name", lambda entry: entry.names),
    ("flag", lambda entry: (entry.flag,) if entry.flag else ()),
    ("callsign", lambda entry: (entry.callsign,) if entry.callsign else ()),
    ("owner", lambda entry: [party.name for party in entry.parties if party.role.startswith("owner")][:1]),
)
_SHOWN: Final = 3
"""Values of one list named in a sentence."""


def disagreements(named: Iterable[tuple[str, ListEntry]]) -> tuple[str, ...]:
    """A sentence for each field in which entries of different lists have nothing in common.

    ``named``: title of the list and its entry. Entries of one list are one voice; a list that does not give
    the field says nothing.
    """
    entries = list(named)
    found: list[str] = []
    for what, values_of in _FIELDS:
        said: dict[str, dict[str, str]] = {}
        dates: dict[str, str | None] = {}
        for title, entry in entries:
            values = {normal_name(str(value)): str(value) for value in values_of(entry)}
            if values:
                said.setdefault(title, {}).update(values)
                dates.setdefault(title, entry.as_of)
        if _apart(list(said.values())):
            told = (f"{_or(values)} ({title}, {dates[title] or 'undated'})" for title, values in said.items())
            found.append(f"the lists disagree on {what}: {'; '.join(told)}")
    return tuple(found)


def _apart(said: list[dict[str, str]]) -> bool:
    """Whether two of the lists have no value in common."""
    return any(not one.keys() & other.keys() for k, one in enumerate(said) for other in said[:k])


def _or(values: dict[str, str]) -> str:
    shown = list(values.values())
    more = f" or {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return " or ".join(shown[:_SHOWN]) + more
