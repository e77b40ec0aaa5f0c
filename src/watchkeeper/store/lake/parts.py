"""Writing a flush: one file of each projection for each date, then the manifests, then the head."""

import hashlib
import uuid
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.model.records import Array, Positions, Statics
from watchkeeper.model.time import DAY
from watchkeeper.store.lake.files import Files
from watchkeeper.store.lake.manifest import (
    Entry,
    Head,
    Manifest,
    Projection,
    RealmHead,
    date_folder,
    date_of,
    read_manifest,
    write,
)
from watchkeeper.store.lake.parquet import encode
from watchkeeper.store.lake.rows import arranged, bucket_of, column, day_of, positions_table, statics_table


class Flush(NamedTuple):
    """What one flush brings. Rows are packed with the position of their source in ``sources``."""

    epoch: int
    realm: str
    positions: Positions
    statics: Statics
    sources: Sequence[str]
    track: Array | None = None
    heard: Array | None = None


def append(files: Files, head: Head, flush: Flush) -> Head:
    """Write a flush; the head that says so is written last, and given back."""
    tables: dict[str, dict[Projection, pa.Table]] = {}
    rows = positions_table(flush.positions, flush.sources, flush.realm, flush.track, flush.heard)
    for date, part in _by_date(rows):
        tables[date] = {"tracks": part, "cells": part}
    for date, part in _by_date(statics_table(flush.statics, flush.sources, flush.realm)):
        tables.setdefault(date, {})["statics"] = part
    known = head.realms.get(flush.realm, RealmHead())
    for date, projections in tables.items():
        _add_to_date(files, head, flush, date, projections, date in known.dates)
    dates = tuple(sorted({*known.dates, *tables}))
    after = msgspec.structs.replace(
        head, realms={**head.realms, flush.realm: RealmHead(epoch=flush.epoch, dates=dates)}
    )
    write(files, after)
    return after


def _by_date(table: pa.Table) -> list[tuple[str, pa.Table]]:
    days = day_of(column(table, "t"))
    return [
        (date_of(int(day) * DAY), table.filter(pa.array(days == day)) if days.min() != days.max() else table)
        for day in np.unique(days)
    ]


def _add_to_date(
    files: Files, head: Head, flush: Flush, date: str, tables: dict[Projection, pa.Table], there: bool
) -> None:
    group = uuid.uuid4().hex[:8]
    made = [
        write_file(
            files,
            flush.realm,
            date,
            projection,
            arranged(projection, table),
            group,
            (flush.epoch, flush.epoch),
        )
        for projection, table in tables.items()
    ]
    if there:
        manifest = read_manifest(files, head.id, flush.realm, date)
    else:
        manifest = Manifest(lake=head.id, realm=flush.realm, date=date)
    named = {name for table in tables.values() for name in sources_of(table)}
    write(
        files,
        msgspec.structs.replace(
            manifest,
            files=(*manifest.files, *made),
            sources=tuple(sorted({*manifest.sources, *named})),
        ),
    )


def write_file(
    files: Files,
    realm: str,
    date: str,
    projection: Projection,
    table: pa.Table,
    group: str,
    epochs: tuple[int, int],
    *,
    level: int = 0,
    number: int | None = None,
) -> Entry:
    """Write rows that are in the order of ``projection`` as a file; what the manifest will say about it.

    ``number`` tells several files of one group and projection apart.
    """
    data = encode(projection, table)
    suffix = "" if number is None else f"-{number:02d}"
    name = f"{projection}-{epochs[0]}-{epochs[1]}-{group}{suffix}.parquet"
    files.put(f"{date_folder(realm, date)}/{name}", data, last=False)  # its manifest follows
    t = column(table, "t")
    buckets = np.unique(bucket_of(column(table, "mmsi"))).tolist() if projection == "tracks" else ()
    return Entry(
        name=name,
        projection=projection,
        group=group,
        rows=table.num_rows,
        bytes=data.size,
        sha256=hashlib.sha256(data).hexdigest(),
        epoch_first=epochs[0],
        epoch_last=epochs[1],
        t_min=int(t.min()),
        t_max=int(t.max()),
        buckets=tuple(buckets),
        level=level,
    )


def sources_of(table: pa.Table) -> set[str]:
    """The names of the sources that rows came from."""
    return set(table.column("source").unique().to_pylist())
