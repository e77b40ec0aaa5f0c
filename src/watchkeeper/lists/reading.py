"""Where formats hand over the texts of a record; they become an entry or a counted reject."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from watchkeeper.errors import ListError
from watchkeeper.lists.entries import REJECTED_TEXT, ListEntry, Party, Rejected, VesselList
from watchkeeper.lists.facts import read_facts
from watchkeeper.lists.flags import flag_from_text
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.values import DateOrder, Numbers, clean, imo_numbers, iso_date, mmsi_numbers
from watchkeeper.model.imo import valid_imo
from watchkeeper.model.register import ShipFacts

EMPTY_ROWS_REFUSED: Final = 2
"""Rows with something in the column of IMO numbers, none of which is one: the columns are shifted."""


class Gathering:
    """A file being read, of whichever kind: what every kind counts."""

    def __init__(self, document_id: str, title: str) -> None:
        self.id = document_id
        self.title = title
        self.as_of: str | None = None
        self.rejected: list[Rejected] = []
        self.set_aside: Counter[str] = Counter()
        self.notes: list[str] = []

    def reject(self, row: int, reason: str, text: str) -> None:
        """Count a row that cannot be used, with the reason."""
        self.rejected.append(Rejected(row, reason, text[:REJECTED_TEXT]))

    def stated(self, file: ListFile, declared: int | None, held: int) -> None:
        """Compare the number of records the file states with those it holds.

        Raises:
            ListError: it holds fewer: what is missing would be answered with *not listed*.
        """
        if declared is None or declared == held:
            return
        if held < declared:
            raise ListError(
                f"{file.path}: the file says {declared:,} records and holds {held:,}.",
                "It was cut short: fetch it again.",
            )
        self.notes.append(f"the file says {declared:,} records and holds {held:,}")

    def about(self, file: ListFile, format_name: str) -> dict[str, Any]:
        """What every kind of document says of its file."""
        return {
            "id": self.id,
            "title": self.title,
            "path": str(file.path),
            "format": format_name,
            "as_of": self.as_of,
            "file_written": file.file_written,
            "sha256": file.sha256,
            "rejected": tuple(sorted(self.rejected, key=lambda one: one.row)),
            "set_aside": dict(self.set_aside),
            "notes": tuple(self.notes),
        }

    def instead(self) -> str:
        """What a file held that had nothing to use."""
        held = [f"{count:,} {kind}" for kind, count in self.set_aside.items()]
        if self.rejected:
            first = self.rejected[0]
            held.append(f"{len(self.rejected):,} rows rejected, the first at {first.row}: {first.reason}")
        return "; ".join(held) or "0 records"


class Reading(Gathering):
    """A list of ships being read.

    ``may_name_no_ship``: the file is certainly the publisher's, so records that are no ships are an answer.
    """

    def __init__(self, list_id: str, title: str, *, may_name_no_ship: bool = False) -> None:
        super().__init__(list_id, title)
        self.entries: list[ListEntry] = []
        self._may_name_no_ship = may_name_no_ship
        self._filled = 0

    def add(
        self,
        row: int,
        *,
        id: str | None = None,
        names: Iterable[str | None] = (),
        imo: Iterable[str | None] = (),
        mmsi: Iterable[str | None] = (),
        callsign: str | None = None,
        flag: str | None = None,
        ship_type: str | None = None,
        programs: Iterable[str | None] = (),
        source: str | None = None,
        as_of: str | None = None,
        date_order: DateOrder = "unknown",
        url: str | None = None,
        parties: Iterable[Party] = (),
        facts: Mapping[str, str | None] | None = None,
    ) -> None:
        """Take a vessel's record as its texts; the first name is the name, the others are aliases.

        A value that cannot be understood stays with the entry as ``unread``. A record without any IMO number,
        MMSI or name is rejected: nothing could ever match it. ``facts``: texts by the fields of
        :data:`watchkeeper.lists.facts.FIELDS`.
        """
        imo, mmsi = list(imo), list(mmsi)
        self._filled += any(clean(text) for text in (*imo, *mmsi))
        imos, mmsis = _joined(map(imo_numbers, imo)), _joined(map(mmsi_numbers, mmsi))
        known = tuple(dict.fromkeys(n for name in names if (n := clean(name))))
        unread = [*imos.unread, *mmsis.unread]
        dated = iso_date(as_of, date_order)
        if dated is None and clean(as_of):
            unread.append(f"{as_of!r} is not a date that can be read one way only")
        if not (imos.found or mmsis.found or known):
            self.reject(row, "no IMO number, MMSI or name", "; ".join(unread))
            return
        of_hull = {"name": next(iter(known), None), "flag": flag, "ship_type": ship_type, **(facts or {})}
        hull = self._hull(imos, of_hull, dated, unread) if facts and any(map(clean, facts.values())) else None
        self.entries.append(
            ListEntry(
                list=self.id,
                id=clean(id) or str(row),
                name=known[0] if known else None,
                aliases=known[1:],
                imo=next(iter(imos.found), None),
                mmsi=next(iter(mmsis.found), None),
                other_imos=imos.found[1:],
                other_mmsis=mmsis.found[1:],
                callsign=clean(callsign),
                flag=flag_from_text(flag),
                flag_text=clean(flag),
                ship_type=clean(ship_type),
                programs=tuple(dict.fromkeys(p for program in programs if (p := clean(program)))),
                source=clean(source),
                as_of=dated,
                url=clean(url),
                row=row,
                unread=tuple(unread),
                parties=tuple(parties),
                facts=hull,
            )
        )

    def _hull(
        self, imos: Numbers, said: Mapping[str, str | None], as_of: str | None, unread: list[str]
    ) -> ShipFacts | None:
        """What a record says of a hull that has a valid IMO number; ``unread`` grows."""
        if not (imos.found and valid_imo(imos.found[0])):
            return None
        facts, not_understood = read_facts(imos.found[0], said, self.title, as_of)
        unread += not_understood
        return facts

    def done(self, file: ListFile, format_name: str) -> VesselList:
        """The list as read.

        Raises:
            ListError: no vessel in it; no number where numbers should be.
        """
        if not self.entries and not (self._may_name_no_ship and self.set_aside):
            raise ListError(
                f"{file.path}: no vessel in this list ({self.instead()}).", "Check that it is the right list."
            )
        if self._filled >= EMPTY_ROWS_REFUSED and not any(e.imo or e.mmsi for e in self.entries):
            raise ListError(
                f"{file.path}: none of {self._filled:,} rows has an IMO number or MMSI where the header says so.",
                "Check whether the columns are shifted against the header.",
            )
        if self.as_of is None:
            self.as_of = max((e.as_of for e in self.entries if e.as_of), default=None)
        if self.as_of:
            self.entries = [_dated(entry, self.as_of) for entry in self.entries]
        return VesselList(entries=tuple(self.entries), **self.about(file, format_name))


def _dated(entry: ListEntry, as_of: str) -> ListEntry:
    if entry.as_of:
        return entry
    facts = replace(entry.facts, as_of=as_of) if entry.facts else None
    return msgspec.structs.replace(entry, as_of=as_of, facts=facts)


def _joined(parts: Iterable[Numbers]) -> Numbers:
    each = list(parts)
    if len(each) == 1:
        return each[0]
    found: dict[int, None] = {}
    unread: list[str] = []
    for part in each:
        found.update(dict.fromkeys(part.found))
        unread += part.unread
    return Numbers(tuple(found), tuple(unread))
