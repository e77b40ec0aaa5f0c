"""Which entries of which lists a ship matches, by what, how surely, and what speaks against it.

By IMO number first: it is given to a hull once and for all (IMO A.1117(30)). Then by MMSI, which belongs to
the radio licence and changes with the flag (ITU-R M.585-9). Then by name and flag together, which two ships
may share.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from watchkeeper.lists.entries import ListEntry, VesselList
from watchkeeper.lists.flags import flag_of_mmsi
from watchkeeper.lists.names import normal_name, normal_text
from watchkeeper.model.imo import valid_imo

By = Literal["imo", "mmsi", "name+flag", "name"]
Confidence = Literal["low", "medium", "high"]

_SAID: Final[dict[By, tuple[str, ...]]] = {
    "imo": ("IMO number",),
    "mmsi": ("MMSI",),
    "name+flag": ("name", "flag"),
    "name": ("name",),
}
"""What a way of matching has compared already."""
_NAMING: Final = frozenset(("IMO number", "MMSI", "name", "callsign"))
"""Identifiers that name a ship, other than a flag, which thousands share."""

_REASON: Final[dict[By, str]] = {
    "imo": "same IMO number, which stays with the hull",
    "mmsi": "same MMSI, which changes with the flag and can be given again",
    "name+flag": "same name and flag only, which two ships may share",
    "name": "same name only, which several ships may share",
}


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that fits a ship; ``agrees`` and ``conflicts`` compare the other identifiers both have."""

    entry: ListEntry
    by: By
    confidence: Confidence
    reason: str
    agrees: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


class _Ship(msgspec.Struct, frozen=True):
    """What a ship sends, in the forms that are compared; ``imo`` is None where its check digit is wrong."""

    imo: int | None
    sent_imo: int | None
    mmsi: int | None
    name: str | None
    flag: str | None
    callsign: str | None


class ListIndex:
    """Lists made searchable. Building costs a few microseconds per entry, a match about as much.

    IMO numbers whose check digit is wrong are on no side ever compared.
    """

    def __init__(self, lists: Iterable[VesselList]) -> None:
        self.lists: tuple[VesselList, ...] = tuple(lists)
        self._by_imo: defaultdict[int, list[ListEntry]] = defaultdict(list)
        self._by_mmsi: defaultdict[int, list[ListEntry]] = defaultdict(list)
        self._by_name: defaultdict[str, list[ListEntry]] = defaultdict(list)
        for one in self.lists:
            for entry in one.entries:
                self._add(entry)

    def _add(self, entry: ListEntry) -> None:
        for imo in entry.imos:
            if valid_imo(imo):
                self._by_imo[imo].append(entry)
        for mmsi in entry.mmsis:
            self._by_mmsi[mmsi].append(entry)
        for name in dict.fromkeys(map(normal_name, entry.names)):
            if name:
                self._by_name[name].append(entry)

    def match(
        self,
        imo: int | None = None,
        mmsi: int | None = None,
        name: str | None = None,
        flag: str | None = None,
        callsign: str | None = None,
    ) -> list[Match]:
        """Every entry, of every list, that the ship matches, each once, by the strongest identifier.

        ``flag`` is ISO 3166-1 alpha-2; without it, that of the MMSI is used. Zero and empty mean *not known*.
        An entry of the same name and flag but another valid IMO number is another hull, not a match.
        """
        ship = _Ship(
            imo=imo if imo and valid_imo(imo) else None,
            sent_imo=imo or None,
            mmsi=mmsi or None,
            name=normal_name(name or "") or None,
            flag=flag or (flag_of_mmsi(mmsi) if mmsi else None),
            callsign=_callsign(callsign or "") or None,
        )
        found: dict[int, Match] = {}
        for by, entries in self._candidates(ship):
            for entry in entries:
                if id(entry) not in found:
                    found[id(entry)] = _judged(ship, entry, by)
        return list(found.values())

    def named(self, name: str) -> list[Match]:
        """Every entry of that name or alias, whatever its flag."""
        ship = _Ship(None, None, None, normal_name(name) or None, None, None)
        return [_judged(ship, entry, "name") for entry in self._by_name.get(ship.name or "", ())]

    def _candidates(self, ship: _Ship) -> Iterable[tuple[By, Sequence[ListEntry]]]:
        if ship.imo:
            yield "imo", self._by_imo.get(ship.imo, ())
        if ship.mmsi:
            yield "mmsi", self._by_mmsi.get(ship.mmsi, ())
        if ship.name and ship.flag:
            named = self._by_name.get(ship.name, ())
            yield "name+flag", [e for e in named if e.flag == ship.flag and not _other_hull(ship, e)]


def _other_hull(ship: _Ship, entry: ListEntry) -> bool:
    return ship.imo is not None and any(map(valid_imo, entry.imos)) and ship.imo not in entry.imos


def _judged(ship: _Ship, entry: ListEntry, by: By) -> Match:
    """The match with what agrees, what conflicts and how sure that makes it."""
    agrees, conflicts = _compared(ship, entry)
    agrees = [what for what in agrees if what not in _SAID[by]]
    confidence = _confidence(by, _NAMING.intersection(agrees), frozenset(conflicts))
    reason = _REASON[by]
    if agrees:
        reason += "; also the same " + ", ".join(agrees)
    if conflicts:
        reason += "; but " + "; ".join(conflicts.values())
    for party in entry.listed_parties:
        reason += f"; its {party.role} {party.name} is listed too"
    return Match(
        entry=entry,
        by=by,
        confidence=confidence,
        reason=reason,
        agrees=tuple(agrees),
        conflicts=tuple(conflicts.values()),
    )


def _confidence(by: By, agrees: frozenset[str], conflicts: frozenset[str]) -> Confidence:
    """From the further identifiers that agree or conflict. A hull may change its flag, an MMSI not."""
    if by == "imo":
        return "high" if agrees or not conflicts & _NAMING else "medium"
    if by == "mmsi":
        if conflicts:
            return "low"
        return "high" if agrees else "medium"
    return "medium" if "callsign" in agrees and not conflicts else "low"


def _compared(ship: _Ship, entry: ListEntry) -> tuple[list[str], dict[str, str]]:
    """Identifiers that agree, and sentences on those that do not; what one side lacks is neither."""
    agrees: list[str] = []
    conflicts: dict[str, str] = {}

    def compare(what: str, sent: object, listed: Sequence[object], shown: str) -> None:
        if sent is None or not listed:
            return
        if sent in listed:
            agrees.append(what)
        else:
            conflicts[what] = f"the list gives {what} {shown}, the ship sends {sent}"

    compare("IMO number", ship.sent_imo, entry.imos, _or(entry.imos))
    compare("MMSI", ship.mmsi, entry.mmsis, _or(entry.mmsis))
    compare(
        "name",
        ship.name and ship.name.upper(),
        [normal_name(n).upper() for n in entry.names],
        _or(entry.names),
    )
    listed_callsign = entry.callsign or ""
    compare(
        "callsign", ship.callsign, [_callsign(listed_callsign)] if listed_callsign else [], listed_callsign
    )
    compare("flag", ship.flag, [entry.flag] if entry.flag else [], entry.flag or "")
    return agrees, conflicts


def _callsign(text: str) -> str:
    return normal_text(text).replace(" ", "").upper()


def _or(values: Sequence[object]) -> str:
    shown = " or ".join(map(str, values[:3]))
    return shown + (f" or {len(values) - 3} more" if len(values) > 3 else "")
