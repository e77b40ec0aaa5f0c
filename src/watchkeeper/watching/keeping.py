"""Where a watch keeps what it observed: the lake of its store, the spools of its feeds, and what could not be read."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, Protocol

import msgspec
import numpy as np

from watchkeeper.engine.fixes import Columns
from watchkeeper.errors import StoreError
from watchkeeper.model.records import Positions, Quarantined, Statics
from watchkeeper.sources.raw import TEXT_LIMIT
from watchkeeper.store.lake.lake import Lake

QUARANTINE: Final = "quarantine.ndjson"
QUARANTINE_BYTES: Final = 64 << 20
"""A file of what could not be read is not let grow beyond this: a feed of garbage must not fill the disk."""


class Spools(Protocol):
    """The raw lines of feeds."""

    def raws(self, feed: str, lines: Collection[int]) -> dict[int, bytes]:
        """Lines as they were received, by number, without those that are not kept any more."""
        ...

    def release(self, feed: str, line: int) -> None:
        """Lines before this one will not be asked for again by a restart."""
        ...

    def sync(self) -> None:
        """Bring to the disk what was received."""
        ...


class StoreKeeping:
    """The store of a watch.

    Args:
        lake: open for writing.
        folder: where what cannot be read is kept.
        realm: ``real`` or ``exercise:<id>``.
        feeds: their names, by number.
        spools: where their raw lines are.
        ours: raises where this process may no longer write to the store.
    """

    def __init__(
        self,
        lake: Lake,
        folder: Path,
        realm: str,
        feeds: Sequence[str],
        spools: Spools,
        ours: Callable[[], None] = lambda: None,
    ) -> None:
        self._lake, self._folder, self._realm, self._feeds = lake, folder, realm, list(feeds)
        self._spools, self._ours = spools, ours
        self._beside = ThreadPoolExecutor(1, "compact")
        self._joining: Future[int] | None = None

    def append(self, epoch: int, batches: Sequence[Columns], said: Sequence[Statics]) -> None:
        """Write a flush; ``track`` tells two hulls of one MMSI apart."""
        self._ours()
        positions = Positions.concat(_positions(c) for c in batches)
        tracks = [(c.track & 1).astype(np.int8) for c in batches if len(c.t)]
        track = np.concatenate(tracks) if tracks else np.empty(0, np.int8)
        self._lake.append(
            epoch, self._realm, positions, Statics.concat(said), sources=self._feeds, track=track
        )

    def truncate_after(self, epoch: int) -> None:
        """Forget later epochs of this realm."""
        self._lake.truncate_after(epoch, self._realm)

    def texts(self, wanted: Collection[tuple[str, int]]) -> dict[tuple[str, int], str | None]:
        """The texts of lines (feed, number), without those that are not kept any more."""
        found: dict[tuple[str, int], str | None] = {}
        for feed in {feed for feed, _ in wanted}:
            raws = self._spools.raws(feed, [line for of, line in wanted if of == feed])
            found |= {
                (feed, n): raw.decode(errors="replace").rstrip("\r\n")[:TEXT_LIMIT] for n, raw in raws.items()
            }
        return found

    def sync(self) -> None:
        """Bring to the disk what a checkpoint leans on."""
        self._spools.sync()

    def compact(self, until_epoch: int, now: int) -> None:
        """Join small files in a thread, unless it is still at it; what went wrong is raised here the next time."""
        if self._joining is not None:
            if not self._joining.done():
                return
            self._joining.result()
        self._joining = self._beside.submit(self._lake.compact, until_epoch, now=now, realm=self._realm)

    def epoch(self) -> int:
        """The last epoch of the lake."""
        return self._lake.epoch(self._realm)

    def quarantine(self, records: Sequence[Quarantined]) -> None:
        """Keep what could not be read, as long as there is room.

        Raises:
            StoreError: there is no room.
        """
        path = self._folder / QUARANTINE
        try:
            if path.exists() and path.stat().st_size > QUARANTINE_BYTES:
                path.replace(path.with_suffix(".old.ndjson"))
            with path.open("ab") as file:
                file.writelines(msgspec.json.encode(record) + b"\n" for record in records)
        except OSError as error:
            raise StoreError(f"{path} cannot be written: {error.strerror}.", "Look at the disk.") from error

    def released(self, places: dict[str, int]) -> None:
        """Lines before these will not be asked for again by a restart."""
        for feed, line in places.items():
            self._spools.release(feed, line)


def _positions(c: Columns) -> Positions:
    return Positions(**{name: getattr(c, name) for name in Positions.DTYPES})
