"""What lists and registers know of a ship, and where lists say different things of it."""

from collections.abc import Iterable, Sequence

import msgspec

from watchkeeper.model.picture import ListMatch
from watchkeeper.model.register import FlagStanding, ShipFacts

REGISTER_FIELDS = tuple(
    f for f in ShipFacts.__dataclass_fields__ if f not in ("imo", "source", "disagreements")
)


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What was known of a ship from outside the traffic.

    ``lists`` are the entries that name it; ``facts`` what registers say of the hull; ``standing`` how port state
    control ranks its flag; ``consulted`` the titles of all lists that were given.
    """

    lists: tuple[ListMatch, ...] = ()
    facts: ShipFacts | None = None
    standing: FlagStanding | None = None
    consulted: tuple[str, ...] = ()

    def values(self, field: str) -> tuple[str, ...]:
        """What stands in a field: ``list``, ``programs``, ``standing``, or one of a register."""
        if field == "list":
            return tuple(m.list_title for m in self.lists)
        if field == "programs":
            return tuple(m.programs for m in self.lists if m.programs)
        if field == "standing":
            return (self.standing.standing,) if self.standing else ()
        value = getattr(self.facts, field) if self.facts else None
        return () if value in (None, ()) else (str(value),)


NOTHING = Known()


class Said(msgspec.Struct, frozen=True):
    """What one list says."""

    list: str
    as_of: str
    value: str


class Difference(msgspec.Struct, frozen=True):
    """Something about which lists say different things; both stand here, and neither is preferred."""

    about: str
    said: tuple[Said, ...]


def differences(known: Known) -> tuple[Difference, ...]:
    """Where two lists disagree: that the ship is listed at all, and what they say of it."""
    if not known.lists:
        return ()
    naming = dict.fromkeys(m.list_title for m in known.lists)
    silent = [title for title in known.consulted if title not in naming]
    found = []
    if silent:
        said = [Said(m.list_title, m.as_of, "names the ship") for m in _once(known.lists)]
        found.append(
            Difference("being listed", (*said, *(Said(t, "", "does not name the ship") for t in silent)))
        )
    for about in dict.fromkeys(key for m in known.lists for key, _ in m.says):
        said = [
            Said(m.list_title, m.as_of, value) for m in known.lists for key, value in m.says if key == about
        ]
        if len({_plain(one.value) for one in said}) > 1 and len({one.list for one in said}) > 1:
            found.append(Difference(about, tuple(dict.fromkeys(said))))
    return tuple(found)


def _once(matches: Sequence[ListMatch]) -> Iterable[ListMatch]:
    return {m.list_title: m for m in reversed(matches)}.values()


def _plain(value: str) -> str:
    """A value without what spelling alone makes different."""
    return "".join(c for c in value.casefold() if c.isalnum())
