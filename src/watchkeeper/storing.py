"""A scan put into a store: its positions and static data into the lake, its findings and alerts into the log."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from watchkeeper.cases.alarms import after_judging
from watchkeeper.cases.combinations import Combination
from watchkeeper.cases.known import Known
from watchkeeper.errors import InputError, StateError
from watchkeeper.model.event import Draft
from watchkeeper.model.finding import REAL, Finding
from watchkeeper.model.picture import Ship
from watchkeeper.model.records import Array, Positions, Statics, pack_row
from watchkeeper.projectors import projectors
from watchkeeper.sources.inputs import listed
from watchkeeper.sources.opening import STDIN
from watchkeeper.store.folder import Store, is_store
from watchkeeper.stored import ASSETS, KEPT
from watchkeeper.watching.changes import changes

BEGUN: Final = "scan.begun"
ACTOR: Final = "scan"
CHECKPOINTS: Final = "checkpoints"
"""Where a watch keeps its checkpoints in its store: they name an epoch of the lake beyond which only it may write."""

_BLOCK: Final = 1 << 20


class ScanStore:
    """The store that a scan is put into; made where there is none. Use it in a ``with`` statement.

    What a scan that was killed left in the lake is taken back when the next one opens the store.

    Args:
        where: its folder.
        inputs: what is scanned, as the user named it.
        now: when it is kept [ms UTC].
        simulated: whether the traffic was.

    Raises:
        StoreError: it is in use, damaged, or not a store.
        StateError: a watch keeps it, or it holds the same content already.
        InputError: standard input, which cannot be read again.
    """

    def __init__(self, where: Path, inputs: Sequence[str], now: int, *, simulated: bool) -> None:
        if STDIN in inputs:
            raise InputError("Standard input cannot be put into a store.", "Save it to a file and scan that.")
        if (where / CHECKPOINTS).exists():
            raise StateError(f"{where} is kept by a watch.", "Put scans into a store of their own.")
        if not is_store(where):
            Store.create(where)
        self._now, self._simulated = now, simulated
        self._content = fingerprint_of(listed(inputs))
        self._store = Store.open(where, write=True, projectors=projectors())
        try:
            self._take_back()
            self._refuse_twice(inputs)
        except BaseException:
            self._store.close()
            raise

    def keep(
        self,
        folder: Path,
        statics: Statics,
        sources: Sequence[str],
        findings: Sequence[Finding],
        ship_of: Callable[[int], Ship],
        known_of: Callable[[int], Known],
        combinations: Sequence[Combination],
    ) -> None:
        """Put a scan's result into the store.

        Args:
            folder: with the scan's ``tracks.parquet`` and ``assets.geojson``.
            statics: what ships said of themselves.
            sources: names of the inputs, by number.
            findings: with their raw lines.
            ship_of, known_of, combinations: as for alerts.
        """
        lake, log, now = self._store.lake, self._store.decisions, self._now
        epoch = lake.epoch(REAL)
        log.append([self._draft(BEGUN, epoch, sources)])
        for positions, track in _tracks(folder / "tracks.parquet"):
            epoch += 1
            lake.append(epoch, REAL, positions, Statics.empty(), sources=sources, track=track)
        lake.append(epoch + 1, REAL, Positions.empty(), statics, sources=sources)
        drafts = changes({}, findings, now, now, lambda gone: {}, exact=True)
        log.append([*drafts, self._draft(KEPT, epoch + 1, sources)])
        after_judging(
            log, now=now, ship_of=ship_of, known_of=known_of, combinations=combinations, actor=ACTOR
        )
        (self._store.where / ASSETS).write_bytes((folder / "assets.geojson").read_bytes())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()

    def _take_back(self) -> None:
        last = self._store.decisions.read(kinds=(BEGUN, KEPT))[-1:]
        if last and last[0].kind == BEGUN:
            self._store.lake.truncate_after(last[0].body["epoch"], REAL)

    def _refuse_twice(self, inputs: Sequence[str]) -> None:
        kept = self._store.decisions.read(kinds=(KEPT,))
        if any(event.body["content"] == self._content for event in kept):
            raise StateError(
                f"The store holds {', '.join(inputs)} already.", "Leave --store out to scan it again."
            )

    def _draft(self, kind: str, epoch: int, sources: Sequence[str]) -> Draft:
        body = {
            "inputs": list(sources),
            "content": self._content,
            "epoch": epoch,
            "simulated": self._simulated,
        }
        return Draft(kind=kind, subject=self._content[:16], at=self._now, actor=ACTOR, body=body)


def fingerprint_of(paths: Sequence[str]) -> str:
    """What tells the content of inputs from all other content (SHA-256)."""
    digest = hashlib.sha256()
    for path in paths:
        with Path(path).open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def _tracks(path: Path) -> Iterator[tuple[Positions, Array]]:
    """The row groups of a track file as records, with the track of each."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for group in range(file.metadata.num_row_groups):
            table = file.read_row_group(group)
            columns = {name: table[name].to_numpy() for name in table.column_names}
            columns["t"] = columns["t"].astype("datetime64[ms]").view(np.int64)
            columns["row"] = pack_row(columns["source"].astype(np.int64), columns["row"])
            positions = Positions(
                **{name: np.asarray(columns[name], dtype) for name, dtype in Positions.DTYPES.items()}
            )
            yield positions, columns["track"]
