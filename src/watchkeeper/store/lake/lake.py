"""The lake: one object to write, read, join, forget and check observations with."""

import threading
import uuid
from collections.abc import Iterator, Sequence
from typing import Self

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.errors import StateError, StoreError
from watchkeeper.model.finding import REAL
from watchkeeper.model.records import Array, Positions, Statics
from watchkeeper.store.lake import compact as joining
from watchkeeper.store.lake import forget, parts
from watchkeeper.store.lake.files import Files, MissingFileError
from watchkeeper.store.lake.manifest import (
    HEAD,
    VERIFY,
    Entry,
    Head,
    Manifest,
    Projection,
    RealmHead,
    place_of,
    read_head,
    read_manifest,
    write,
)
from watchkeeper.store.lake.read import COLUMNS, Box, read_box, read_statics, read_track
from watchkeeper.store.lake.rows import BUCKETS, bucket_of
from watchkeeper.store.lake.scan import Replay, scan_bucket
from watchkeeper.store.lake.snapshot import counting, pieces, steadily
from watchkeeper.store.lake.verify import Damage, damages


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """How much a lake holds. ``rows`` and ``bytes`` by projection; ``dates``, ``epochs`` and ``span`` by realm."""

    id: str
    schema: int
    files: int
    rows: dict[Projection, int]
    bytes: dict[Projection, int]
    dates: dict[str, tuple[str, ...]]
    epochs: dict[str, int]
    span: dict[str, tuple[int, int]]


class Lake:
    """Observations in a folder or in object storage. Open it with :meth:`open`.

    Reading is safe from any thread and process while another writes. Writing is for one process; within it,
    :meth:`compact` may run in a thread beside :meth:`append`. Times are ms UTC, ranges are ``[t_from, t_to)``.
    """

    def __init__(self, files: Files, head: Head, *, write: bool) -> None:
        self._files, self._head, self._write = files, head, write
        self._id = head.id
        self._lock = threading.Lock()
        # Set while something is being written; still set when it failed, and nobody knows how far it came.
        self._unsure = False
        self._back_to: tuple[str, int] | None = None

    @classmethod
    def open(cls, where: str, *, write: bool = False) -> Self:
        """Open the lake in a folder, or at ``s3://bucket/prefix``; with ``write``, make one where nothing is.

        Object storage takes its credentials from ``AWS_*`` and its address from ``WATCHKEEPER_S3_ENDPOINT``.

        Raises:
            StoreError: there is no lake, it is damaged, or a later version wrote it.
        """
        files = Files(where)
        try:
            head = read_head(files)
        except MissingFileError:
            head = _begin(files, write)
        return cls(files, forget.tidy(files, head) if write else head, write=write)

    @property
    def id(self) -> str:
        """What tells this lake from every other."""
        return self._id

    @property
    def where(self) -> str:
        """The folder or address it was opened at."""
        return self._files.where

    def epoch(self, realm: str = REAL) -> int:
        """The last epoch that counts; 0 before the first."""
        return read_head(self._files).realms.get(realm, RealmHead()).epoch

    # Writing

    def append(
        self,
        epoch: int,
        realm: str,
        positions: Positions,
        statics: Statics,
        *,
        sources: Sequence[str],
        track: Array | None = None,
        heard: Array | None = None,
    ) -> None:
        """Write a flush. Until this returns nobody sees any of it; then everybody sees all of it.

        Args:
            epoch: the number of the flush, above that of every flush of the realm before.
            realm: ``real`` or ``exercise:<id>``.
            positions: reports in any order, of the years 1970 to 9999, at finite degrees; ``row`` is packed with the
                place of its feed or file in ``sources``.
            statics: static data, likewise.
            sources: names of feeds and files.
            track: which of two hulls of one MMSI, (n,) int8; all 0 if not given.
            heard: when each report was received [ms UTC], (n,) int64, NO_TIME where that is not known.

        Raises:
            StateError: the epoch was written before.
            StoreError: it cannot be written. The lake is as it was; the same flush can be given again.
        """
        with self._lock:
            self._may_write()
            last = self._head.realms.get(realm, RealmHead()).epoch
            if epoch <= last:
                raise StateError(
                    f"Epoch {epoch} of {realm} was written before; the lake is at {last}.",
                    "Drop the later epochs first (truncate_after).",
                )
            self._unsure, self._back_to = True, (realm, last)
            flush = parts.Flush(epoch, realm, positions, statics, sources, track, heard)
            self._head = parts.append(self._files, self._head, flush)
            self._unsure, self._back_to = False, None

    def truncate_after(self, epoch: int, realm: str | None = None) -> None:
        """Forget every epoch after this one, of one realm or of all.

        Raises:
            StateError: the epoch was joined with later ones.
        """
        with self._lock:
            self._may_write()
            realms = set(self._head.realms) if realm is None else {realm} & set(self._head.realms)
            self._unsure = True
            self._head = forget.truncate(self._files, self._head, epoch, realms)
            self._unsure = False

    def compact(
        self, until_epoch: int, *, now: int, over: int | None = None, realm: str | None = None
    ) -> int:
        """Join small files, and remove leftovers; how many files were replaced.

        Args:
            until_epoch: later epochs are left as they are: that of the oldest checkpoint one may go back to.
            now: the time [ms UTC].
            over: dates that ended before this time [ms UTC] get their last layout; two hours before now by default.
            realm: one realm; all by default.

        Raises:
            DamagedFileError: a file is not what was written; its date is left as it is, the dates before it are done.
        """
        over = now - 2 * forget.GRACE if over is None else over
        count = 0
        for name, date in self._dates(realm):
            while True:
                with self._lock:
                    self._may_write()
                    epoch = min(until_epoch, self._head.realms[name].epoch)
                    if date not in self._head.realms[name].dates:
                        break
                    manifest = read_manifest(self._files, self._id, name, date)
                work = joining.work_of(manifest, epoch, over)
                if not work or not self._joined(work[0], now):
                    break
                count += len(work[0].old)
        self.sweep(now=now)
        return count

    def expire(self, before: int, *, now: int, realm: str | None = None) -> list[tuple[str, str]]:
        """Forget whole dates that ended before a time, and remove leftovers; which (realm, date) went."""
        with self._lock:
            self._may_write()
            realms = set(self._head.realms) if realm is None else {realm} & set(self._head.realms)
            self._unsure = True
            self._head, gone = forget.expire(self._files, self._head, before, realms)
            self._unsure = False
            forget.sweep(self._files, self._head, now)
        return gone

    def sweep(self, *, now: int) -> int:
        """Remove files that count no more and are older than an hour; how many."""
        with self._lock:
            self._may_write()
            return forget.sweep(self._files, self._head, now)

    # Reading

    def track(
        self, mmsi: int, t_from: int, t_to: int, realm: str = REAL, columns: Sequence[str] = COLUMNS
    ) -> pa.Table:
        """The reports of one ship, in time order."""
        return steadily(lambda: read_track(self._files, realm, mmsi, t_from, t_to, columns))

    def box(
        self, west: float, south: float, east: float, north: float, t: int, within_ms: int, realm: str = REAL
    ) -> pa.Table:
        """The last report of every ship that was in a box, in ``(t - within_ms, t]``; by MMSI.

        Degrees, edges included; ``west > east`` crosses the antimeridian. A ship whose last report lies outside is not
        given, unless it got there at more than 60 knots.
        """
        area = Box(west, south, east, north)
        return steadily(lambda: read_box(self._files, realm, area, t, within_ms))

    def statics(
        self, t_from: int, t_to: int, mmsi: Sequence[int] | None = None, realm: str = REAL
    ) -> pa.Table:
        """What ships said of themselves, in time order; of all ships, or of some."""
        return steadily(lambda: read_statics(self._files, realm, mmsi, t_from, t_to))

    def scan(
        self,
        t_from: int,
        t_to: int,
        columns: Sequence[str] = COLUMNS,
        *,
        mmsi: Sequence[int] | None = None,
        buckets: Sequence[int] | None = None,
        realm: str = REAL,
    ) -> Iterator[pa.RecordBatch]:
        """Bucket by bucket, the reports in time order, in batches of at most 100,000 rows and bounded memory."""
        wanted = set(range(BUCKETS)) if buckets is None else set(buckets)
        if mmsi is not None:
            wanted &= set(bucket_of(np.asarray(mmsi, np.int64)).tolist())
        for bucket in sorted(wanted):
            yield from scan_bucket(self._files, bucket, t_from, t_to, columns, mmsi, realm)

    def replay(self, t_from: int, t_to: int, realm: str = REAL, *, sources: Sequence[str] = ()) -> Replay:
        """All positions in time order, in bounded memory; see :class:`Replay`."""
        return Replay(self._files, realm, t_from, t_to, sources)

    def paths(self, projection: Projection, t_from: int, t_to: int, realm: str = REAL) -> list[str]:
        """The addresses of the files that count, for other programs (duckdb, polars)."""
        found = steadily(lambda: pieces(self._files, realm, projection, t_from, t_to))
        return [self._files.address(piece.name) for date in found.values() for piece in date]

    def span(self, realm: str = REAL) -> tuple[int, int] | None:
        """The first and the last event time of a realm; None where it has no positions."""
        return self.info().span.get(realm)

    def info(self) -> Info:
        """How much there is."""
        return steadily(self._info)

    def verify(self, *, deep: bool = True) -> list[Damage]:
        """What is damaged, and what that means; with ``deep`` every row is read."""
        return damages(self._files, deep=deep)

    def _info(self) -> Info:
        head = read_head(self._files)
        entries: dict[str, list[Entry]] = {}
        for realm, known in head.realms.items():
            entries[realm] = [
                e for m in _manifests(self._files, head, realm) for e in counting(m, known.epoch)
            ]
        every = [e for found in entries.values() for e in found]
        positions = {r: [e for e in found if e.projection == "cells"] for r, found in entries.items()}
        projections: tuple[Projection, ...] = ("tracks", "cells", "statics")
        return Info(
            id=head.id,
            schema=head.schema,
            files=len(every),
            rows={p: sum(e.rows for e in every if e.projection == p) for p in projections},
            bytes={p: sum(e.bytes for e in every if e.projection == p) for p in projections},
            dates={realm: known.dates for realm, known in head.realms.items()},
            epochs={realm: known.epoch for realm, known in head.realms.items()},
            span={r: (min(e.t_min for e in f), max(e.t_max for e in f)) for r, f in positions.items() if f},
        )

    def _joined(self, work: joining.Work, now: int) -> bool:
        made = joining.join(self._files, work)
        realm, date = work.manifest.realm, work.manifest.date
        with self._lock:
            if date not in self._head.realms[realm].dates:
                return False
            manifest = read_manifest(self._files, self._id, realm, date)
            after = forget.replaced(manifest, work.old, made, now)
            if after is not None:
                write(self._files, after)
        return after is not None

    def _dates(self, realm: str | None) -> list[tuple[str, str]]:
        with self._lock:
            self._may_write()
            realms = self._head.realms
            return [(r, d) for r in sorted(realms) for d in realms[r].dates if realm in (None, r)]

    def _may_write(self) -> None:
        if not self._write:
            raise StoreError(f"{self._files.where} was opened for reading.", "Open it with write=True.")
        if self._unsure:
            self._settle()

    def _settle(self) -> None:
        """Look what became of a write that failed, and take back a flush of it."""
        head = read_head(self._files)
        if self._back_to and (realm := self._back_to[0]) in head.realms:
            head = forget.truncate(self._files, head, self._back_to[1], {realm})
        self._head = forget.tidy(self._files, head)
        self._unsure, self._back_to = False, None


def _manifests(files: Files, head: Head, realm: str) -> list[Manifest]:
    return [read_manifest(files, head.id, realm, date) for date in head.realms[realm].dates]


def _begin(files: Files, write_it: bool) -> Head:
    if any(place_of(found.name) for found in files.list()):
        raise StoreError(f"{files.address(HEAD)} is missing, but there are files of a lake.", VERIFY)
    if not write_it:
        raise StoreError(
            f"{files.where} holds no lake.", "Write into it first: watchkeeper scan --store, or watch."
        )
    head = Head(id=str(uuid.uuid4()))
    write(files, head)
    return head
