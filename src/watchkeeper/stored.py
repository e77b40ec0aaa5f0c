"""A store, opened for the questions that are asked of a scan's folder: assets, vessels, findings, tracks by parts."""

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from watchkeeper.errors import InputError
from watchkeeper.lists.flags import flag_of_mmsi
from watchkeeper.model.asset import Asset
from watchkeeper.model.event import Query
from watchkeeper.model.finding import REAL
from watchkeeper.model.records import Array
from watchkeeper.scanned import Noted, Span, read_assets
from watchkeeper.sources.ahead import begun
from watchkeeper.store.folder import Store

ASSETS: Final = "assets.geojson"
KEPT: Final = "scan.kept"
"""The event that says that a scan was put into the store."""

_PAGE: Final = 1_000
_SAID: Final = ("imo", "name", "callsign", "ship_type", "length_m", "draught_m")


class Stored:
    """A store, read. What it holds of the realm ``real``.

    Raises:
        StoreError: it cannot be read.
        InputError: it holds no position.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._store = Store.open(folder, write=False)
        span = self._store.lake.span(REAL)
        if span is None:
            raise InputError(
                f"{folder}: the store holds no position.", "Put a scan into it, or keep a watch."
            )
        self.span: Final = Span(*span)

    @cached_property
    def simulated(self) -> bool:
        """Whether a scan in it was of simulated traffic."""
        return any(e.body.get("simulated") for e in self._store.decisions.read(kinds=(KEPT,)))

    @cached_property
    def assets(self) -> list[Asset]:
        """The assets that were watched."""
        path = self.folder / ASSETS
        return read_assets(path) if path.exists() else []

    def vessels(self) -> dict[int, dict[str, Any]]:
        """What each ship last said of itself, by MMSI."""
        ships: dict[int, dict[str, Any]] = {}
        for row in self._store.lake.statics(self.span.start, self.span.end + 1).to_pylist():
            mmsi = row["mmsi"]
            ship = ships.setdefault(
                mmsi, dict.fromkeys(_SAID) | {"mmsi": mmsi, "flag": flag_of_mmsi(mmsi), "ais_class": 0}
            )
            ship |= {name: row[name] for name in _SAID if row.get(name) not in (None, "", 0, -1)}
            ship["ais_class"] = row.get("ais_class") or ship["ais_class"]
        return ships

    def findings(self) -> list[Noted]:
        """All findings that hold."""
        found: list[Noted] = []
        after = None
        while True:
            page = self._store.decisions.documents(
                Query(collection="findings", states=("open", "closed"), limit=_PAGE, after=after)
            )
            found += [msgspec.convert(d.body["finding"], Noted, strict=False) for d in page.items]
            after = page.next
            if after is None:
                return found

    def rows(
        self, columns: Sequence[str], start: int, end: int, mmsi: Collection[int] | None = None
    ) -> Iterator[dict[str, Array]]:
        """As :meth:`watchkeeper.scanned.Scanned.rows`: ship by ship in time order, a batch at a time."""
        return begun(self._rows(columns, start, end, mmsi))

    def _rows(
        self, columns: Sequence[str], start: int, end: int, mmsi: Collection[int] | None
    ) -> Iterator[dict[str, Array]]:
        ships = None if mmsi is None else sorted(mmsi)
        for batch in self._store.lake.scan(start, end + 1, columns, mmsi=ships):
            part = {
                name: np.asarray(batch[name].to_numpy(zero_copy_only=False), _DTYPES.get(name))
                for name in columns
            }
            if "t" in part:
                part["t"] = part["t"].astype("datetime64[ms]").view(np.int64)
            yield part


_DTYPES: Final = {"mmsi": np.int32, "track": np.int8, "lat": np.float64, "lon": np.float64}
