"""Reading long ranges in bounded memory: by bucket for workers, or all ships merged in time order for a replay."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, TypeVar

import numpy as np
import pyarrow as pa

from watchkeeper.model.finding import REAL
from watchkeeper.model.records import Array, Positions, Statics
from watchkeeper.model.time import MINUTE
from watchkeeper.store.lake.files import Files, MissingFileError
from watchkeeper.store.lake.manifest import Projection, RealmHead, read_head, read_manifest
from watchkeeper.store.lake.parquet import between, empty, footer, read_groups
from watchkeeper.store.lake.parts import sources_of
from watchkeeper.store.lake.read import COLUMNS, read_statics
from watchkeeper.store.lake.rows import bucket_of, column, in_time_order, to_positions, to_statics
from watchkeeper.store.lake.snapshot import ATTEMPTS, Piece, dates_between, pieces, steadily

SLICE_ROWS: Final = 1_000_000
"""About how many rows are held at once: a slice of time is as long as holds so many."""

BATCH_ROWS: Final = 100_000

R = TypeVar("R", Positions, Statics)

Mask = Callable[[Piece], Array]
"""Which row groups of a file are wanted."""

Keep = Callable[[pa.Table], Array]
"""Which rows are wanted."""


def slices(
    files: Files,
    realm: str,
    projection: Projection,
    t_from: int,
    t_to: int,
    columns: Sequence[str],
    wanted: Mask,
    keep: Keep | None = None,
) -> Iterator[tuple[int, int, pa.Table]]:
    """Slices of time in order, each with all its rows: from, to, table.

    A slice that was given is done with: where a joining takes away files before the next one is read, that one is read
    from the files which hold its rows now.
    """
    done, failed = t_from, 0
    while done < t_to:
        try:
            for found in steadily(partial(pieces, files, realm, projection, done, t_to)).values():
                for end in _ends(files, found, wanted, done, t_to):
                    table = _slice(files, found, wanted, keep, done, end, columns)
                    begin, done, failed = done, end, 0
                    if table.num_rows:
                        yield begin, end, table
            return
        except MissingFileError:
            failed += 1
            if failed >= ATTEMPTS:
                raise


def _ends(files: Files, found: list[Piece], wanted: Mask, t_from: int, t_to: int) -> list[int]:
    """Where slices of a date end [ms], so that each holds about SLICE_ROWS rows, by what the footers say."""
    groups = []
    for piece in found:
        known, mask = footer(files, piece.name), wanted(piece)
        low, high = known.range("t")
        groups.append(np.stack([low[mask], high[mask], known.rows[mask]]).astype(np.int64))
    low, high, rows = np.concatenate(groups, axis=1) if groups else np.empty((3, 0), np.int64)
    here = (high >= t_from) & (low < t_to)
    if not here.any():
        return []
    begin = max(t_from, int(low[here].min()))
    end = min(t_to, int(high[here].max()) + 1)
    # The rows of a group are taken to be spread evenly over its time, minute by minute.
    minutes = -(-(end - begin) // MINUTE)
    first = np.clip((low[here] - begin) // MINUTE, 0, minutes - 1)
    last = np.clip((high[here] - begin) // MINUTE, 0, minutes - 1)
    change = np.zeros(minutes + 1)
    each = rows[here] / (last - first + 1)
    np.add.at(change, first, each)
    np.add.at(change, last + 1, -each)
    before = np.cumsum(np.cumsum(change)[:minutes])
    cuts = np.searchsorted(before, np.arange(SLICE_ROWS, before[-1], SLICE_ROWS)) + 1
    return [*(begin + MINUTE * k for k in np.unique(cuts).tolist() if k < minutes), end]


def _slice(
    files: Files,
    found: list[Piece],
    wanted: Mask,
    keep: Keep | None,
    t_from: int,
    t_to: int,
    columns: Sequence[str],
) -> pa.Table:
    """The rows of a slice in time order; one row group is decoded at a time."""
    needed = list(dict.fromkeys([*columns, "mmsi", "t", "source", "row"]))
    parts = []
    for piece in found:
        mask = wanted(piece) & footer(files, piece.name).overlapping("t", t_from, t_to - 1)
        for group in np.flatnonzero(mask).tolist():
            table = between(read_groups(files, piece.name, [group], needed), t_from, t_to)
            parts.append(table if keep is None else table.filter(pa.array(keep(table))))
    if not parts:
        return empty(columns, "tracks")
    return in_time_order(pa.concat_tables(parts)).select(list(columns))


class Replay:
    """The positions of a range in time order: by t, then by source and row, whatever files they lie in.

    ``sources`` are the names that packed rows refer to: those given first, in their order, then the others by name.
    Equal times come in the order of that list, as in a scan of the same inputs.
    """

    def __init__(self, files: Files, realm: str, t_from: int, t_to: int, sources: Sequence[str] = ()) -> None:
        self._files, self._realm = files, realm
        self._from, self._to = t_from, t_to
        others = steadily(lambda: _sources(files, realm, t_from, t_to)) - set(sources)
        self.sources = [*sources, *sorted(others)]
        self._numbers = {name: k for k, name in enumerate(self.sources)}

    def __iter__(self) -> Iterator[Positions]:
        for positions, _ in self.batches():
            yield positions

    def batches(self) -> Iterator[tuple[Positions, Statics]]:
        """Positions with the static data of the same stretch of time, which may hold none of either."""
        told = self._from
        for _, end, table in self._slices():
            yield from self._cut(table, self._statics(told, end))
            told = end
        rest = self._statics(told, self._to)
        if len(rest):
            yield Positions.empty(), rest

    def _slices(self) -> Iterator[tuple[int, int, pa.Table]]:
        def everything(piece: Piece) -> Array:
            return np.ones(len(footer(self._files, piece.name).rows), bool)

        return slices(self._files, self._realm, "cells", self._from, self._to, COLUMNS, everything)

    def _statics(self, t_from: int, t_to: int) -> Statics:
        table = steadily(lambda: read_statics(self._files, self._realm, None, t_from, t_to))
        self._learn(table)
        return _by_row(to_statics(table, self._numbers))

    def _learn(self, table: pa.Table) -> None:
        """Number the sources that came while this was running."""
        for name in sorted(sources_of(table) - set(self._numbers)):
            self._numbers[name] = len(self.sources)
            self.sources.append(name)

    def _cut(self, table: pa.Table, statics: Statics) -> Iterator[tuple[Positions, Statics]]:
        self._learn(table)
        positions = _by_row(to_positions(table, self._numbers))
        begin = 0
        for start in range(0, len(positions), BATCH_ROWS):
            part = positions.slice(start, start + BATCH_ROWS)
            last = start + BATCH_ROWS >= len(positions)
            end = len(statics) if last else int(np.searchsorted(statics.t, part.t[-1], "right"))
            yield part, statics.slice(begin, end)
            begin = end


def _by_row(records: R) -> R:
    order = np.lexsort((records.row, records.t))
    return records.take(order)


def _sources(files: Files, realm: str, t_from: int, t_to: int) -> set[str]:
    head = read_head(files)
    return {
        name
        for date in dates_between(head.realms.get(realm, RealmHead()), t_from, t_to)
        for name in read_manifest(files, head.id, realm, date).sources
    }


def scan_bucket(
    files: Files,
    bucket: int,
    t_from: int,
    t_to: int,
    columns: Sequence[str],
    mmsi: Sequence[int] | None = None,
    realm: str = REAL,
) -> Iterator[pa.RecordBatch]:
    """The rows of one bucket of ships in time order."""

    def wanted(piece: Piece) -> Array:
        known = footer(files, piece.name)
        if bucket not in piece.entry.buckets:
            return np.zeros(len(known.rows), bool)
        mask = known.overlapping("bucket", bucket, bucket)
        if mmsi is not None:
            low, high = known.range("mmsi")
            mask &= np.any([(low <= m) & (m <= high) for m in mmsi], axis=0)
        return mask

    def keep(table: pa.Table) -> Array:
        ships = column(table, "mmsi")
        mask: Array = bucket_of(ships) == bucket
        return mask if mmsi is None else mask & np.isin(ships, np.asarray(mmsi))

    for _, _, table in slices(files, realm, "tracks", t_from, t_to, columns, wanted, keep):
        yield from table.combine_chunks().to_batches(max_chunksize=BATCH_ROWS)
