"""What is known before the first row of traffic: assets, places, land, lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from watchkeeper.cases.known import Known
from watchkeeper.fetching.names import resolved
from watchkeeper.layers.assets import Assets
from watchkeeper.layers.land import Land
from watchkeeper.layers.places import Places
from watchkeeper.layers.reading import LayerReport, read_layer
from watchkeeper.lists.disagreements import disagreements
from watchkeeper.lists.entries import FlagPerformance, ListEntry, ShipRegister, VesselList
from watchkeeper.lists.flag_performance import FlagIndex
from watchkeeper.lists.load import AnyList, load_any
from watchkeeper.lists.matching import ListIndex, Match
from watchkeeper.lists.registers import RegisterIndex
from watchkeeper.model.asset import LINE_KINDS, PLACE_KINDS, Asset
from watchkeeper.model.picture import ListMatch, Ship
from watchkeeper.model.register import FlagStanding, ShipFacts


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Assets are what is to be protected, places what explains why ships lie still.

    ``documents`` are the files given as lists, of every kind: vessel lists, registers, flag performance.
    """

    layers: tuple[LayerReport, ...]
    assets: list[Asset]
    places: list[Asset]
    asset_index: Assets | None
    place_index: Places | None
    land: Land
    lists: ListIndex
    documents: tuple[AnyList, ...] = ()
    registers: RegisterIndex = field(default_factory=RegisterIndex)
    flags: FlagIndex = field(default_factory=FlagIndex)

    @property
    def reach_m(self) -> float:
        """How far from an asset anything is looked for [m]."""
        return max((asset.buffer_m for asset in self.assets), default=0.0)

    def list_matches(self, ship: Ship) -> list[ListMatch]:
        """The list entries that name a ship."""
        if not self.lists.lists:
            return []
        titles = {one.id: one.title for one in self.lists.lists}
        found = self.lists.match(ship.imo or None, ship.mmsi, ship.name, ship.flag, ship.callsign)
        apart = disagreements((titles[match.entry.list], match.entry) for match in found)
        return [_list_match(match, titles, apart) for match in found]

    def register(self, imo: int) -> ShipFacts | None:
        """What registers and lists know of the hull with this IMO number."""
        return self.registers.of(imo)

    def known(self, ship: Ship) -> Known:
        """All that lists and registers say of a ship."""
        return Known(
            lists=tuple(self.list_matches(ship)),
            facts=self.register(ship.imo) if ship.imo else None,
            standing=self.flag_standing(ship.flag) if ship.flag else None,
            consulted=tuple(one.title for one in self.lists.lists),
        )

    def flag_standing(self, flag: str) -> FlagStanding | None:
        """How port state control ranks a flag (ISO 3166-1 alpha-2)."""
        return self.flags.of(flag)


def load_surroundings(layers: Sequence[Path], lists: Sequence[Path]) -> Surroundings:
    """Read layers and lists, given as files or by the name under which they were fetched.

    Raises:
        LayerError, ListError: one of them cannot be used.
        FetchError: a name of which nothing was fetched.
    """
    read = [read_layer(resolved(path)) for path in layers]
    features = [asset for found, _ in read for asset in found]
    places = [a for a in features if a.kind in PLACE_KINDS]
    assets = [a for a in features if a.kind in LINE_KINDS or a.kind == "zone"]
    documents = tuple(load_any(resolved(path)) for path in lists)
    vessel_lists = [one for one in documents if isinstance(one, VesselList)]
    return Surroundings(
        layers=tuple(report for _, report in read),
        assets=assets,
        places=places,
        asset_index=Assets(assets) if assets else None,
        place_index=Places(places) if places else None,
        land=Land.load(),
        lists=ListIndex(vessel_lists),
        documents=documents,
        registers=RegisterIndex((one for one in documents if isinstance(one, ShipRegister)), vessel_lists),
        flags=FlagIndex(one for one in documents if isinstance(one, FlagPerformance)),
    )


def _list_match(match: Match, titles: dict[str, str], apart: tuple[str, ...]) -> ListMatch:
    entry = match.entry
    reason = "; ".join((match.reason, *apart))
    return ListMatch(
        list_title=titles.get(entry.list, entry.list),
        entry=entry.name or entry.id,
        by=match.by,
        confidence=match.confidence,
        reason=reason,
        programs=", ".join(entry.programs),
        as_of=entry.as_of or "date unknown",
        says=tuple(_says(entry)),
    )


def _says(entry: ListEntry) -> Iterator[tuple[str, str]]:
    """What an entry says of the ship, so that lists can be compared."""
    fields = {"name": entry.name, "IMO number": entry.imo, "MMSI": entry.mmsi, "call sign": entry.callsign}
    for about, value in (fields | {"flag": entry.flag, "type": entry.ship_type}).items():
        if value:
            yield about, str(value)
    for party in entry.parties:
        yield party.role, party.name + (" (listed too)" if party.listed else "")
