"""Where formats hand over the texts of a record; they become an entry or a counted reject."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from watchkeeper.errors import ListError
from watchkeeper.lists.entries import REJECTED_TEXT, ListEntry, Rejected, VesselList
from watchkeeper.lists.flags import flag_from_text
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.values import DateOrder, Numbers, clean, imo_numbers, iso_date, mmsi_numbers


class Reading:
    """A list being read."""

    def __init__(self, list_id: str, title: str) -> None:
        self.id = list_id
        self.title = title
        self.as_of: str | None = None
        self.entries: list[ListEntry] = []
        self.rejected: list[Rejected] = []
        self.set_aside: Counter[str] = Counter()
        self.notes: list[str] = []

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
    ) -> None:
        """Take a vessel's record as its texts; the first name is the name, the others are aliases.

        A value that cannot be understood stays with the entry as ``unread``. A record without any IMO number,
        MMSI or name is rejected: nothing could ever match it.
        """
        imos, mmsis = _joined(map(imo_numbers, imo)), _joined(map(mmsi_numbers, mmsi))
        known = tuple(dict.fromkeys(n for name in names if (n := clean(name))))
        unread = [*imos.unread, *mmsis.unread]
        dated = iso_date(as_of, date_order)
        if dated is None and clean(as_of):
            unread.append(f"{as_of!r} is not a date that can be read one way only")
        if not (imos.found or mmsis.found or known):
            self.reject(row, "no IMO number, MMSI or name", "; ".join(unread))
            return
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
            )
        )

    def reject(self, row: int, reason: str, text: str) -> None:
        """Count a row that is no entry, with the reason."""
        self.rejected.append(Rejected(row, reason, text[:REJECTED_TEXT]))

    def done(self, file: ListFile, format_name: str) -> VesselList:
        """The list as read.

        Raises:
            ListError: no vessel in it.
        """
        if not self.entries:
            raise ListError(
                f"{file.path}: no vessel in this list ({self._instead()}).",
                "Check that it is the right list.",
            )
        if self.as_of is None:
            self.as_of = max((e.as_of for e in self.entries if e.as_of), default=None)
        if self.as_of:
            dated = (
                msgspec.structs.replace(e, as_of=self.as_of) if e.as_of is None else e for e in self.entries
            )
            self.entries = list(dated)
        return VesselList(
            id=self.id,
            title=self.title,
            path=str(file.path),
            format=format_name,
            as_of=self.as_of,
            file_written=file.file_written,
            sha256=file.sha256,
            entries=tuple(self.entries),
            rejected=tuple(self.rejected),
            set_aside=dict(self.set_aside),
            notes=tuple(self.notes),
        )

    def _instead(self) -> str:
        """What a list without vessels held."""
        held = [f"{count:,} {kind}" for kind, count in self.set_aside.items()]
        if self.rejected:
            first = self.rejected[0]
            held.append(f"{len(self.rejected):,} rows rejected, the first at {first.row}: {first.reason}")
        return "; ".join(held) or "0 records"


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
