"""Where every ship is now: one small file that is replaced as a whole, for maps that must not wait for order.

The engine waits until reports have come into their order; a map need not. One row a vessel heard in the last hours.
"""

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather

from watchkeeper.errors import StoreError
from watchkeeper.model.records import Array, Positions, unpack_row
from watchkeeper.model.time import HOUR

FILE: Final = "latest.arrow"
KEPT_MS: Final = 6 * HOUR

_COLUMNS: Final = (
    "t", "row", "mmsi", "lat", "lon", "sog_kn", "cog_deg", "heading_deg", "nav_status", "ais_class",
)  # fmt: skip


class Latest:
    """The newest report of each ship, however it arrived."""

    def __init__(self) -> None:
        self._rows = Positions.empty()  # in order of MMSI

    def push(self, positions: Positions) -> None:
        """Take reports in any order."""
        if not len(positions):
            return
        order = np.lexsort((positions.row, positions.t, positions.mmsi))
        news = positions.take(order[np.flatnonzero(np.diff(positions.mmsi[order], append=-1))])
        mine = self._rows
        at = np.searchsorted(mine.mmsi, news.mmsi)
        there = at < len(mine)
        there[there] = mine.mmsi[at[there]] == news.mmsi[there]
        held = at[there]
        later = (news.t[there] > mine.t[held]) | (
            (news.t[there] == mine.t[held]) & (news.row[there] > mine.row[held])
        )
        for name in Positions.DTYPES:
            getattr(mine, name)[held[later]] = getattr(news, name)[there][later]
        if not there.all():
            joined = Positions.concat([mine, news.take(~there)])
            self._rows = joined.take(np.argsort(joined.mmsi, kind="stable"))

    def forget(self, before: int) -> None:
        """Drop ships not heard since a time [ms UTC]."""
        kept = self._rows.t >= before
        if not kept.all():
            self._rows = self._rows.take(kept)

    def __len__(self) -> int:
        return len(self._rows)

    def write(self, folder: Path, feeds: Array, now: int) -> None:
        """Replace the file. ``feeds`` are their names by number; ``now`` [ms UTC] is when the file was written.

        Raises:
            StoreError: there is no room; the file before stays.
        """
        rows = self._rows
        columns = {name: pa.array(getattr(rows, name)) for name in _COLUMNS if name != "row"}
        columns["t"] = pa.array(rows.t, pa.timestamp("ms", "UTC"))
        source, line = unpack_rows(rows.row)
        columns["feed"] = pa.array(np.asarray(feeds, object)[source] if len(rows) else [], pa.string())
        columns["line"] = pa.array(line)
        table = pa.table(columns).replace_schema_metadata({"written": str(now)})
        partial = folder / f"{FILE}.partial"
        try:
            feather.write_feather(table, str(partial), compression="uncompressed")
            partial.replace(folder / FILE)
        except OSError as error:
            raise StoreError(f"{folder / FILE} cannot be written: {error}.", "Look at the disk.") from error


def unpack_rows(row: Array) -> tuple[Array, Array]:
    """Feed numbers and lines of packed rows ``(n,)``."""
    bits = unpack_row(-1)[1].bit_length()
    return row >> bits, row & ((1 << bits) - 1)
