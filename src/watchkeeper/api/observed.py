"""A lake that may not be there yet: before the first observation a server shows an empty sea, and then what comes."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

from watchkeeper.api.services import Observations
from watchkeeper.errors import StoreError
from watchkeeper.model.finding import REAL
from watchkeeper.store.lake.parquet import empty
from watchkeeper.store.lake.read import COLUMNS, STATIC_COLUMNS


class Observed:
    """Asks a lake, and opens it when it is there.

    Args:
        open_lake: opens it; raises StoreError while there is none.
    """

    def __init__(self, open_lake: Callable[[], Observations]) -> None:
        self._open: Final = open_lake
        self._lock = threading.Lock()
        self._lake: Observations | None = None

    def track(self, mmsi: int, t_from: int, t_to: int, realm: str = REAL) -> Any:
        """Reports of one ship, in order of time."""
        lake = self._there()
        return _no_positions() if lake is None else lake.track(mmsi, t_from, t_to, realm)

    def box(
        self,
        west: float,
        south: float,
        east: float,
        north: float,
        t: int,
        within_ms: int,
        realm: str = REAL,
    ) -> Any:
        """The last report of every ship in a box."""
        lake = self._there()
        return _no_positions() if lake is None else lake.box(west, south, east, north, t, within_ms, realm)

    def statics(self, t_from: int, t_to: int, mmsi: Sequence[int] | None = None, realm: str = REAL) -> Any:
        """What ships said of themselves."""
        lake = self._there()
        return empty(STATIC_COLUMNS, "statics") if lake is None else lake.statics(t_from, t_to, mmsi, realm)

    def span(self, realm: str = REAL) -> tuple[int, int] | None:
        """First and last report; None where there is none."""
        lake = self._there()
        return None if lake is None else lake.span(realm)

    def _there(self) -> Observations | None:
        with self._lock:
            if self._lake is None:
                try:
                    self._lake = self._open()
                except StoreError:
                    return None
            return self._lake


def _no_positions() -> Any:
    return empty(COLUMNS, "cells")
