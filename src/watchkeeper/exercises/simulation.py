"""One simulated day: what is asked for, and what comes out."""

from dataclasses import dataclass, field, fields
from typing import Final

import numpy as np

from watchkeeper.errors import UsageError
from watchkeeper.exercises.catalogue import all_injections
from watchkeeper.exercises.geo import Array
from watchkeeper.exercises.listing import ListEntry
from watchkeeper.exercises.regions import REGIONS, RegionName
from watchkeeper.exercises.ships import Identity
from watchkeeper.exercises.truth import TruthCase
from watchkeeper.model.asset import Asset
from watchkeeper.model.time import from_iso

LEAST_HOURS: Final = 8.0
MOST_HOURS: Final = 24.0 * 14
LEAST_ROWS: Final = 2_000
LEAST_DENSITY: Final = 0.1
MOST_DENSITY: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationSpec:
    """What to simulate.

    ``rows`` is approximate (within a few per cent); ``density`` is how many ordinary ships share them, 1 being a ship
    for each 2,700 rows a day (more ships report more rarely); ``dirt`` scales everything that is wrong with real
    files (0 clean, 1 as measured); ``behaviours`` limits what is injected.

    Raises:
        UsageError: a value is out of range or unknown.
    """

    seed: int = 1
    region: RegionName = "baltic"
    start: str = "2025-03-01"
    hours: float = 24.0
    rows: int = 3_000_000
    cases_per_behaviour: int = 10
    dirt: float = 1.0
    density: float = 1.0
    behaviours: tuple[str, ...] = field(default_factory=lambda: tuple(all_injections()))

    def __post_init__(self) -> None:
        if self.region not in REGIONS:
            raise UsageError(f"There is no region {self.region!r}.", f"Choose one of: {', '.join(REGIONS)}.")
        unknown = sorted(set(self.behaviours) - set(all_injections()))
        if unknown:
            raise UsageError(f"Cannot inject {unknown[0]!r}.", f"Choose from: {', '.join(all_injections())}.")
        for name, least, most in (
            ("seed", 0, 2**63), ("hours", LEAST_HOURS, MOST_HOURS), ("rows", LEAST_ROWS, 1_000_000_000),
            ("cases_per_behaviour", 0, 200), ("dirt", 0, 1),
            ("density", LEAST_DENSITY, MOST_DENSITY),
        ):  # fmt: skip
            value = getattr(self, name)
            if not least <= value <= most:
                raise UsageError(f"{name} is {value}.", f"Give a value from {least:g} to {most:g}.")
        try:
            from_iso(self.start)
        except ValueError as error:
            raise UsageError(f"start is {self.start!r}, not a date.", "Write it as 2025-03-01.") from error

    @property
    def start_ms(self) -> int:
        return from_iso(self.start)


@dataclass(slots=True)
class Reports:
    """Position reports in the order they are written, as columns.

    ``t`` [ms UTC]; ``ship`` and ``static`` number into :attr:`Simulation.stations` and
    :attr:`Simulation.identities` (``static`` -1: nothing static heard yet); ``lat`` 91 and ``lon`` 0 are *no
    position*; NaN is *not available*.
    """

    t: Array
    ship: Array
    static: Array
    mmsi: Array
    lat: Array
    lon: Array
    sog_kn: Array
    cog_deg: Array
    heading_deg: Array
    nav_status: Array

    def __len__(self) -> int:
        return len(self.t)

    def take(self, where: Array) -> None:
        """Keep the rows at ``where``, column by column so that memory is never held twice over."""
        for column in fields(self):
            setattr(self, column.name, getattr(self, column.name)[where])


REPORT_DTYPES: Final = {
    "t": np.int64, "ship": np.int32, "static": np.int32, "mmsi": np.int32, "lat": np.float64,
    "lon": np.float64,
    "sog_kn": np.float32, "cog_deg": np.float32, "heading_deg": np.float32, "nav_status": np.int8,
}  # fmt: skip


@dataclass(slots=True)
class StaticMessages:
    """Static messages in order of time: ``t`` [ms UTC], ship and identity numbers, MMSI."""

    t: Array
    ship: Array
    static: Array
    mmsi: Array


@dataclass(slots=True)
class Simulation:
    """A simulated day and its truth."""

    spec: SimulationSpec
    reports: Reports
    statics: StaticMessages
    stations: Array
    """:class:`~watchkeeper.exercises.ships.Station` of each ship number."""
    identities: list[Identity]
    truth: list[TruthCase]
    assets: list[Asset]
    listed: list[ListEntry]
    vessel_days: float
    """Ships heard, times the length of the day in days."""

    no_room: dict[str, int] = field(default_factory=dict)
    """Cases that could not be placed, by behaviour and builder: the sea was too small or too full."""
