"""Joining small files. What was read before is read after; only the number of files changes.

While a date grows, files of one level are joined into one of the next as soon as there are ``FAN_IN`` of them, so that
a row is rewritten a few times a day and a date never has many files. Once a date is over, its rows are laid out for
good: a file for each bucket of ships, and files of whole half hours.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from watchkeeper.errors import StoreError
from watchkeeper.model.records import Array
from watchkeeper.store.lake.files import Files
from watchkeeper.store.lake.manifest import (
    JOINED,
    VERIFY,
    Entry,
    Manifest,
    Projection,
    date_folder,
    date_range,
)
from watchkeeper.store.lake.parquet import DamagedFileError, between, footer, read_groups
from watchkeeper.store.lake.parts import write_file
from watchkeeper.store.lake.rows import BUCKETS, HALF_HOUR, SCHEMAS, arranged, bucket_of, column

FAN_IN: Final = 8
JOIN_ROWS: Final = 4_000_000
"""Files of a growing date are joined up to so many rows, which are in memory at once."""

CELLS_FILE_ROWS: Final = 2_000_000

LATE_SHARE: Final = 0.02
"""A date that lies by bucket is laid out again once late rows are more than this share of it."""


class Work(NamedTuple):
    """What is to be joined: these files of a date; ``level`` is what they become."""

    manifest: Manifest
    old: list[Entry]
    level: int


def work_of(manifest: Manifest, until_epoch: int, over: int) -> list[Work]:
    """What of a date is worth joining; a date that ended before ``over`` [ms UTC] is laid out for good."""
    settled = [e for e in manifest.files if e.epoch_last <= until_epoch]
    loose = [e for e in settled if e.level < JOINED]
    if date_range(manifest.date)[1] <= over and loose:
        late = sum(e.rows for e in loose) > LATE_SHARE * sum(e.rows for e in settled)
        if late or len({e.group for e in loose}) >= FAN_IN:
            return [Work(manifest, settled, JOINED)]
        return []
    for level in range(JOINED - 1):
        groups = _together([e for e in loose if e.level == level])
        if len(groups) >= FAN_IN:
            return [Work(manifest, [e for e in loose if e.group in groups], level + 1)]
    return []


def _together(entries: list[Entry]) -> set[str]:
    """The first groups that hold no more than JOIN_ROWS positions together."""
    rows: dict[str, int] = {}
    for entry in entries:
        rows[entry.group] = rows.get(entry.group, 0) + entry.rows * (entry.projection == "cells")
    held = np.cumsum(list(rows.values()))
    return set(list(rows)[: int(np.searchsorted(held, JOIN_ROWS, "right"))])


def join(files: Files, work: Work) -> list[Entry]:
    """Write the joined files of a piece of work; nothing names them yet.

    Raises:
        DamagedFileError: a file is not what was written. Nothing is joined: a new checksum would hide it.
    """
    folder = date_folder(work.manifest.realm, work.manifest.date)
    for entry in work.old:
        if hashlib.sha256(files.get(f"{folder}/{entry.name}")).hexdigest() != entry.sha256:
            raise DamagedFileError(
                f"{files.address(f'{folder}/{entry.name}')} is not what was written.", VERIFY
            )
    group = uuid.uuid4().hex[:8]
    made: list[Entry] = []
    for projection in ("tracks", "cells", "statics"):
        old = [e for e in work.old if e.projection == projection]
        if old:
            made += _join_projection(files, work, projection, old, group)
    before, after = sum(e.rows for e in work.old), sum(e.rows for e in made)
    if before != after:
        raise StoreError(f"{files.address(folder)} has {after} rows joined, {before} before.", VERIFY)
    return made


def _join_projection(
    files: Files, work: Work, projection: Projection, old: list[Entry], group: str
) -> Iterator[Entry]:
    epochs = (min(e.epoch_first for e in old), max(e.epoch_last for e in old))
    realm, date = work.manifest.realm, work.manifest.date
    names = [f"{date_folder(realm, date)}/{e.name}" for e in old]
    several = work.level == JOINED
    if several and projection == "tracks":
        tables = _by_bucket(files, names)
    elif several and projection == "cells":
        tables = _by_time(files, names, date_range(date))
    else:
        tables = iter([_gathered(files, projection, names, partial(_every, files))])
    for number, table in enumerate(tables):
        yield write_file(
            files,
            realm,
            date,
            projection,
            arranged(projection, table),
            group,
            epochs,
            level=work.level,
            number=number if several else None,
        )


def _by_bucket(files: Files, names: list[str]) -> Iterator[pa.Table]:
    for bucket in range(BUCKETS):
        table = _gathered(files, "tracks", names, partial(_overlapping, files, "bucket", bucket, bucket))
        table = table.filter(pa.array(bucket_of(column(table, "mmsi")) == bucket, pa.bool_()))
        if table.num_rows:
            yield table


def _by_time(files: Files, names: list[str], day: tuple[int, int]) -> Iterator[pa.Table]:
    """Whole half hours, as many as make about CELLS_FILE_ROWS rows."""
    held: list[pa.Table] = []
    for begin in range(*day, HALF_HOUR):
        end = begin + HALF_HOUR
        table = _gathered(files, "cells", names, partial(_overlapping, files, "t", begin, end - 1))
        table = between(table, begin, end)
        if held and sum(h.num_rows for h in held) + table.num_rows > CELLS_FILE_ROWS:
            yield pa.concat_tables(held)
            held = []
        if table.num_rows:
            held.append(table)
    if held:
        yield pa.concat_tables(held)


def _gathered(
    files: Files, projection: Projection, names: list[str], wanted: Callable[[str], Array]
) -> pa.Table:
    """The row groups of all files that are wanted, as one table."""
    parts = [SCHEMAS[projection].empty_table()]
    for name in names:
        groups = np.flatnonzero(wanted(name)).tolist()
        if groups:
            parts.append(read_groups(files, name, groups, SCHEMAS[projection].names))
    return pa.concat_tables(parts).unify_dictionaries().combine_chunks()


def _overlapping(files: Files, column_name: str, low: int, high: int, name: str) -> Array:
    return footer(files, name).overlapping(column_name, low, high)


def _every(files: Files, name: str) -> Array:
    return np.ones(len(footer(files, name).rows), bool)
