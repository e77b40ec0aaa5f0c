"""What a list holds: entries as given and as read, and what could not be read, counted."""

from typing import Final

import msgspec

from watchkeeper.model.register import FlagStanding, ShipFacts

REJECTED_TEXT: Final = 200
"""Characters kept of a rejected row."""


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands behind a ship: ``role`` as the list names it (owner, manager, owner of the owner ...).

    ``listed`` tells that the party is itself on the list; None where the list does not say. ``programs`` are
    the reasons given for it.
    """

    role: str
    name: str
    listed: bool | None = None
    programs: tuple[str, ...] = ()
    id: str | None = None


class ListEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One vessel of one list.

    ``imo`` is seven digits but may fail its check digit (such a number is shown, never matched); further
    numbers of the same record stand in ``other_imos`` and ``other_mmsis``. ``flag`` is ISO 3166-1 alpha-2
    where ``flag_text`` names a country. ``as_of`` is the entry's own date where given, else the list's (ISO
    date). ``row`` is the line of the file (the record within the document for XML and JSON), from 1.
    ``unread`` tells values that stand in the list but could not be understood. ``facts`` are what the list
    says of the hull beside naming it.
    """

    list: str
    id: str
    name: str | None
    aliases: tuple[str, ...] = ()
    imo: int | None = None
    mmsi: int | None = None
    other_imos: tuple[int, ...] = ()
    other_mmsis: tuple[int, ...] = ()
    callsign: str | None = None
    flag: str | None = None
    flag_text: str | None = None
    ship_type: str | None = None
    programs: tuple[str, ...] = ()
    source: str | None = None
    as_of: str | None = None
    url: str | None = None
    row: int
    unread: tuple[str, ...] = ()
    parties: tuple[Party, ...] = ()
    facts: ShipFacts | None = None

    @property
    def listed_parties(self) -> tuple[Party, ...]:
        """Owners, managers and others who are listed themselves."""
        return tuple(party for party in self.parties if party.listed)

    @property
    def imos(self) -> tuple[int, ...]:
        """Every IMO number of the record."""
        return (self.imo, *self.other_imos) if self.imo else ()

    @property
    def mmsis(self) -> tuple[int, ...]:
        """Every MMSI of the record."""
        return (self.mmsi, *self.other_mmsis) if self.mmsi else ()

    @property
    def names(self) -> tuple[str, ...]:
        """The name and the aliases."""
        return (self.name, *self.aliases) if self.name else self.aliases


class Rejected(msgspec.Struct, frozen=True):
    """A row that is no entry: its number from 1, why, and the beginning of its text."""

    row: int
    reason: str
    text: str


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a file that was read.

    ``as_of`` is the date the file states of its own content, or the newest date among its entries; None
    where the file says none. ``file_written`` is only when this copy was written (UTC). ``set_aside`` counts
    records that are not what was looked for, by kind. ``notes`` are things a reader should know (columns not
    read, files read beside it).
    """

    id: str
    title: str
    path: str
    format: str
    as_of: str | None
    file_written: str
    sha256: str
    rejected: tuple[Rejected, ...] = ()
    set_aside: dict[str, int] = {}
    notes: tuple[str, ...] = ()


class VesselList(Document, frozen=True, kw_only=True):
    """A list of ships as one file holds it."""

    entries: tuple[ListEntry, ...]


class ShipRegister(Document, frozen=True, kw_only=True):
    """Facts on ships. ``unread``: row and what of it could not be understood."""

    ships: tuple[ShipFacts, ...]
    unread: tuple[Rejected, ...] = ()


class FlagPerformance(Document, frozen=True, kw_only=True):
    """How port state control ranks flags."""

    flags: tuple[FlagStanding, ...]


class UnreadableList(msgspec.Struct, frozen=True):
    """A list that was asked for and could not be read."""

    path: str
    reason: str
    next_step: str
