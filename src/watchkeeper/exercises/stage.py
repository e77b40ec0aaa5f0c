"""What a source would give of a simulated day or a scenario, in memory: records, assets, places, a list."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from watchkeeper.exercises import listing, scenario
from watchkeeper.exercises.scenario import Scenario
from watchkeeper.exercises.scenario_batches import scenario_batches, scenario_register
from watchkeeper.exercises.ships import Identity, Station
from watchkeeper.exercises.simulation import Simulation
from watchkeeper.lists.entries import ListEntry, VesselList
from watchkeeper.lists.matching import ListIndex
from watchkeeper.model.asset import PLACE_KINDS, Asset
from watchkeeper.model.mmsi import MmsiClass, classify
from watchkeeper.model.picture import ListMatch, Ship
from watchkeeper.model.records import CLASS_A, CLASS_B, CLASS_UNKNOWN, Array, Positions, Statics, pack_row
from watchkeeper.model.register import ShipFacts
from watchkeeper.model.time import DAY
from watchkeeper.sources.cleaning import Fate, available, available_statics, position_fates
from watchkeeper.sources.options import ReadOptions

SOURCE: Final = "day.csv"
"""The input that rows are counted in: the file ``simulate`` writes."""

_HEADER_LINES: Final = 1

Entry = listing.ListEntry | scenario.Listed


@dataclass(frozen=True, slots=True)
class Stage:
    """Records in order of arrival, their rows numbered as lines of one input, and what lies around them."""

    positions: Positions
    statics: Statics
    assets: list[Asset]
    places: list[Asset]
    listed: ListIndex
    registered: Mapping[int, ShipFacts] = field(default_factory=dict)

    def matches(self, ship: Ship) -> list[ListMatch]:
        """The list entries that name a ship."""
        found = self.listed.match(ship.imo or None, ship.mmsi, ship.name, ship.flag, ship.callsign)
        return [
            ListMatch(
                m.entry.list, m.entry.name or m.entry.id, m.by, m.confidence, m.reason,
                ", ".join(m.entry.programs), m.entry.as_of or "date unknown",
            )
            for m in found
        ]  # fmt: skip


def of_simulation(day: Simulation) -> Stage:
    """What the reader of the Danish layout makes of the day's file, without the file."""
    r = day.reports
    sends = np.full(len(Station), -1, np.int8)
    sends[[Station.CLASS_A, Station.CLASS_B]] = CLASS_A, CLASS_B
    kind = sends[day.stations[r.ship]]
    raw = Positions(
        r.t, pack_row(0, np.arange(len(r), dtype=np.int64) + 1 + _HEADER_LINES), r.mmsi,
        np.round(r.lat, 6), np.round(r.lon, 6), np.round(r.sog_kn, 1), np.round(r.cog_deg, 1),
        np.floor(r.heading_deg), r.nav_status, np.where(kind < 0, CLASS_UNKNOWN, kind).astype(np.int8),
    )  # fmt: skip
    now = day.spec.start_ms + int(day.spec.hours / 24.0 * DAY) + DAY
    fates = position_fates(raw, ReadOptions(now=now), Counter(), _repeated(raw, r.static), kind < 0)
    kept = fates == Fate.KEPT
    news = _news(r.mmsi, r.static, (kept | (fates == Fate.NO_POSITION)) & (r.static >= 0))
    who = r.static[news]
    statics = _statics(day.identities, who, raw.t[news], raw.row[news], raw.mmsi[news], raw.ais_class[news])
    return _stage(available(raw.take(kept)), statics, day.assets, day.listed)


def of_scenario(told: Scenario) -> Stage:
    """Records of ships, as all that is no ship is counted at the door."""
    positions, statics, assets, _ = scenario_batches(told)
    stage = _stage(
        positions.take(classify(positions.mmsi) == MmsiClass.SHIP),
        statics.take(classify(statics.mmsi) == MmsiClass.SHIP),
        assets,
        told.listed,
    )
    return replace(stage, registered=scenario_register(told))


def _stage(positions: Positions, statics: Statics, around: list[Asset], listed: Sequence[Entry]) -> Stage:
    places = [asset for asset in around if asset.kind in PLACE_KINDS]
    assets = [asset for asset in around if asset.kind not in PLACE_KINDS]
    one = VesselList(
        id="simulated", title="simulated", path="", format="simulated", as_of=None, file_written="",
        sha256="", entries=tuple(_entry(k, entry) for k, entry in enumerate(listed, 1)),
    )  # fmt: skip
    return Stage(positions, statics, assets, places, ListIndex([one]))


def _repeated(raw: Positions, static: Array) -> Array:
    """Rows all of whose columns were seen before."""
    order = np.lexsort((raw.lon, raw.lat, raw.t, raw.mmsi))
    same = np.ones(len(order), np.bool_)
    same[:1] = False
    for column in (static, raw.t, raw.mmsi, raw.lat, raw.lon, raw.sog_kn, raw.cog_deg, raw.heading_deg):
        value = np.nan_to_num(column[order], nan=-1.0)
        same[1:] &= value[1:] == value[:-1]
    repeated = np.zeros(len(order), np.bool_)
    repeated[order[same]] = True
    return repeated


def _news(mmsi: Array, static: Array, speaks: Array) -> Array:
    """Rows at which a ship says something else of herself than in her row before."""
    rows = np.flatnonzero(speaks)
    order = rows[np.argsort(mmsi[rows], kind="stable")]
    same = np.zeros(len(order), np.bool_)
    same[1:] = (mmsi[order][1:] == mmsi[order][:-1]) & (static[order][1:] == static[order][:-1])
    return np.sort(order[~same])


def _statics(
    who: list[Identity], which: Array, t: Array, row: Array, mmsi: Array, ais_class: Array
) -> Statics:
    def column(name: str, dtype: str) -> Array:
        values = [getattr(one, name) for one in who]
        text = [str(value).strip().encode() for value in values] if dtype[0] == "S" else values
        return np.array(text, dtype)[which]

    return available_statics(
        Statics(
            t, row, mmsi, column("imo", "i4"), column("name", "S20"), column("callsign", "S7"),
            column("ship_type", "i2"), column("length_m", "f4"), column("beam_m", "f4"), column("draught_m", "f4"),
            column("destination", "S20"), ais_class,
        )
    )  # fmt: skip


def _entry(row: int, entry: Entry) -> ListEntry:
    return ListEntry(
        list="simulated", id=str(row), row=row, name=entry.name or None, imo=entry.imo or None,
        mmsi=entry.mmsi or None, flag=entry.flag or None, as_of=entry.as_of,
    )  # fmt: skip
