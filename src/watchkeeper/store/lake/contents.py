"""Checking one file against what its manifest says, and its rows against where they lie."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.errors import StoreError
from watchkeeper.model.records import Array
from watchkeeper.store.lake.damage import Damage, DamageKind, of_file
from watchkeeper.store.lake.files import Files
from watchkeeper.store.lake.manifest import Entry, Manifest, date_folder, date_range
from watchkeeper.store.lake.parquet import footer, read_groups
from watchkeeper.store.lake.rows import SCHEMAS, bucket_of, column, sort_keys, source_numbers

_MIX = np.uint64(0x9E3779B97F4A7C15)


class Contents(NamedTuple):
    """What files hold, whatever the order and the files: the number of rows and the sum of their hashes."""

    rows: int
    hashes: int

    @classmethod
    def sum(cls, parts: Iterable[Self]) -> "Contents":
        """Of several files together."""
        every = list(parts)
        return cls(sum(p.rows for p in every), sum(p.hashes for p in every) % 2**64)


def check_file(
    files: Files, manifest: Manifest, entry: Entry, size_bytes: int | None, *, deep: bool
) -> tuple[list[Damage], Contents | None]:
    """What is wrong with a file, and what it holds (None where that cannot be told)."""
    name = f"{date_folder(manifest.realm, manifest.date)}/{entry.name}"

    def damage(kind: DamageKind, what: str) -> Damage:
        return of_file(kind, name, manifest, entry, what, ships_of(files, manifest, entry))

    if size_bytes is None:
        return [damage("file-missing", "The file is missing.")], None
    if size_bytes != entry.bytes:
        return [damage("file-cut", f"The file has {size_bytes:,} bytes instead of {entry.bytes:,}.")], None
    if not deep:
        return [], Contents(entry.rows, 0)
    try:
        data = files.get(name)
        if hashlib.sha256(data).hexdigest() != entry.sha256:
            return [damage("file-changed", "The file is not what was written (checksum).")], None
        table = pq.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as error:
        return [damage("file-unreadable", f"No Parquet file: {' '.join(str(error).split())[:100]}.")], None
    except StoreError as error:
        return [damage("file-unreadable", error.what)], None
    if not table.schema.equals(SCHEMAS[entry.projection]):
        return [damage("columns-differ", "It has other columns than this version writes.")], None
    return [damage(kind, what) for kind, what in _rows(manifest, entry, table)], _contents(table)


def _rows(manifest: Manifest, entry: Entry, table: pa.Table) -> list[tuple[DamageKind, str]]:
    wrong: list[tuple[DamageKind, str]] = []
    if table.num_rows != entry.rows:
        wrong.append(("rows-differ", f"It holds {table.num_rows:,} rows, the manifest says {entry.rows:,}."))
    if not table.num_rows:
        return wrong
    t, mmsi = column(table, "t"), column(table, "mmsi")
    begin, end = date_range(manifest.date)
    if strange := int(((t < begin) | (t >= end)).sum()):
        wrong.append(("date-foreign", f"{strange:,} rows are of another date."))
    elif (int(t.min()), int(t.max())) != (entry.t_min, entry.t_max):
        wrong.append(("times-wrong", "Its rows have other times than the manifest says: some are not found."))
    realms = table.column("realm").unique().to_pylist()
    if realms != [manifest.realm]:
        wrong.append(("realm-foreign", f"Rows are of {', '.join(realms)}, not of {manifest.realm}."))
    if entry.projection == "tracks":
        own = bucket_of(mmsi)
        if (own != column(table, "bucket")).any() or set(own.tolist()) != set(entry.buckets):
            wrong.append(("bucket-foreign", "Ships lie in a bucket that is not theirs: they are not found."))
    if not _is_sorted(sort_keys(entry.projection, table)):
        wrong.append(("order-wrong", "Its rows are not in their order: row groups are read in vain."))
    return wrong


def _is_sorted(keys: tuple[Array, ...]) -> bool:
    equal = np.ones(len(keys[0]) - 1, bool)
    for key in keys:
        step = np.diff(key.astype(np.int64))
        if (equal & (step < 0)).any():
            return False
        equal &= step == 0
    return True


def _contents(table: pa.Table) -> Contents:
    names = {name for c in table.column("source").chunks for name in c.dictionary.to_pylist()}
    numbers = {name: int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big") for name in names}
    mixed = np.zeros(table.num_rows, np.uint64)
    keys = [column(table, n).astype(np.int64) for n in ("mmsi", "t", "row")]
    if "lat" in table.column_names:
        keys += [column(table, n).view(np.int64) for n in ("lat", "lon")]
    for key in (*keys, source_numbers(table, numbers)):
        mixed = (mixed ^ key.view(np.uint64)) * _MIX
        mixed ^= mixed >> np.uint64(29)
    return Contents(table.num_rows, int(mixed.sum(dtype=np.uint64)))


def ships_of(files: Files, manifest: Manifest, entry: Entry) -> list[int]:
    """The ships whose rows a file holds, as the other projection of the same flushes tells."""
    if entry.projection == "statics":
        return []
    ships: set[int] = set()
    for other in manifest.files:
        if other.projection in ("statics", entry.projection) or other.group != entry.group:
            continue
        name = f"{date_folder(manifest.realm, manifest.date)}/{other.name}"
        try:
            groups = range(len(footer(files, name).rows))
            table = read_groups(files, name, groups, ["mmsi", "t"])
        except StoreError:
            continue
        t, mmsi = column(table, "t"), column(table, "mmsi")
        here = (t >= entry.t_min) & (t <= entry.t_max)
        if entry.buckets:
            here &= np.isin(bucket_of(mmsi), np.asarray(entry.buckets))
        ships |= set(np.unique(mmsi[here]).tolist())
    return sorted(ships)
