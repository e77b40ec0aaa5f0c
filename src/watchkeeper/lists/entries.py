"""What a list holds: entries as given and as read, and what could not be read, counted."""

from typing import Final

import msgspec

REJECTED_TEXT: Final = 200
"""Characters kept of a rejected row."""


class ListEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One vessel of one list.

    ``imo`` is seven digits but may fail its check digit (such a number is shown, never matched); further
    numbers of the same record stand in ``other_imos`` and ``other_mmsis``. ``flag`` is ISO 3166-1 alpha-2
    where ``flag_text`` names a country. ``as_of`` is the entry's own date where given, else the list's (ISO
    date). ``row`` is the line of the file (the record within the document for XML and JSON), from 1.
    ``unread`` tells values that stand in the list but could not be understood.
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


class VesselList(msgspec.Struct, frozen=True, kw_only=True):
    """A list as one file holds it.

    ``as_of`` is the date the file states of its own content, or the newest date among its entries; None
    where the file says none. ``file_written`` is only when this copy was written (UTC). ``set_aside`` counts
    records that are no vessels, by kind. ``notes`` are things a reader should know (columns not read, files
    read beside it).
    """

    id: str
    title: str
    path: str
    format: str
    as_of: str | None
    file_written: str
    sha256: str
    entries: tuple[ListEntry, ...]
    rejected: tuple[Rejected, ...] = ()
    set_aside: dict[str, int] = {}
    notes: tuple[str, ...] = ()


class UnreadableList(msgspec.Struct, frozen=True):
    """A list that was asked for and could not be read."""

    path: str
    reason: str
    next_step: str
