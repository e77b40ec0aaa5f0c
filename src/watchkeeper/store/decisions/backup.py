"""All decisions in one file, and back: zstd over lines of JSON.

The first line says which store and how far; then every event, its body byte for byte as it was hashed; the last line
counts them and holds the SHA-256 of all lines before it. Documents are not in it: they are made again.
"""

import hashlib
import io
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Literal

import msgspec
import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Engine

from watchkeeper.errors import InputError, OutputError, StoreError
from watchkeeper.model.event import Projector
from watchkeeper.store.decisions import rebuild, schema
from watchkeeper.store.decisions.engines import reading, where_of, writing
from watchkeeper.store.decisions.rows import GENESIS, EventRow
from watchkeeper.store.decisions.tables import HEAD, SCHEMA, documents, events, head

_LEVEL: Final = 6
_AT_ONCE: Final = 5_000
_AGAIN: Final = "Take another backup; this one is not whole."


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds: the store, its last event, the hash of it, and how large the file is."""

    store: str
    seq: int
    hash: str
    bytes: int


class _First(msgspec.Struct, frozen=True, kw_only=True):
    watchkeeper: Literal["decisions"] = "decisions"
    schema: int = SCHEMA
    store: str
    seq: int
    hash: str


class _Last(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    events: int
    sha256: str


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    seq: int
    at: int
    realm: str
    kind: str
    subject: str
    actor: str
    key: str | None
    body: msgspec.Raw
    hash: str


_to_line = msgspec.json.Encoder().encode
_from_line = msgspec.json.Decoder(_Line).decode


def line_of(row: EventRow) -> bytes:
    """An event as a line of JSON, without its line break."""
    return _to_line(_Line(**(row._asdict() | {"body": msgspec.Raw(row.body.encode())})))


def write(engine: Engine, to: Path, progress: Callable[[int, int], None]) -> Summary:
    """Write everything as it is at one moment, while others append; the file appears whole or not at all.

    Raises:
        OutputError: the file is there already, or cannot be written.
    """
    with _appearing(to) as file, reading(engine) as connection:
        standing = connection.execute(head.select()).first()
        if standing is None:
            raise StoreError("The head of the log of decisions is missing.", "Run: watchkeeper store verify")
        digest, count = hashlib.sha256(), 0
        packing = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        with packing.stream_writer(file, closefd=False) as packed:
            first = _First(store=standing.store, seq=standing.seq, hash=standing.hash)
            line = _to_line(first) + b"\n"
            digest.update(line)
            packed.write(line)
            for row in rebuild.rows_of(connection):
                line = line_of(row) + b"\n"
                digest.update(line)
                packed.write(line)
                count += 1
                if count % _AT_ONCE == 0:
                    progress(count, standing.seq)
            packed.write(_to_line(_Last(events=count, sha256=digest.hexdigest())) + b"\n")
    return Summary(store=standing.store, seq=standing.seq, hash=standing.hash, bytes=to.stat().st_size)


def store_of(file: Path) -> str:
    """The id of the store that a backup is of."""
    with _lines(file) as lines:
        return _first(next(lines, b""), file).store


def restore(
    engine: Engine,
    file: Path,
    projectors: Sequence[Projector] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Summary:
    """Put a backup into a database without decisions: the same events, hashes included; all or nothing.

    Raises:
        InputError: the file is no backup, is cut off, or was changed.
        StoreError: there are decisions in the database, or a later version wrote the backup.
    """
    schema.bring_up(engine)
    with writing(engine) as connection, _lines(file) as lines:
        held = connection.execute(sa.select(head.c.seq)).scalar()
        if held:
            raise StoreError(
                f"The database {where_of(engine)} holds {held:,} decisions.", "Restore into an empty one."
            )
        line = next(lines, b"")
        first = _first(line, file)
        digest = hashlib.sha256(line)
        seq, hashed = 0, GENESIS
        for batch in _batches(_checked(lines, first, digest, file)):
            connection.execute(events.insert(), [row._asdict() for row in batch])
            seq, hashed = batch[-1].seq, batch[-1].hash
            progress(seq, first.seq)
        if (seq, hashed) != (first.seq, first.hash):
            raise InputError(f"{file} ends with event {seq}, not {first.seq}.", _AGAIN)
        connection.execute(head.delete())
        row = {"id": HEAD, "store": first.store, "seq": seq, "hash": hashed, "schema": SCHEMA}
        connection.execute(head.insert(), row)
        connection.execute(documents.delete())
        rebuild.project_into(connection, documents, projectors)
    return Summary(store=first.store, seq=seq, hash=hashed, bytes=file.stat().st_size)


def _first(line: bytes, file: Path) -> _First:
    try:
        first = msgspec.json.decode(line, type=_First)
    except msgspec.MsgspecError as error:
        raise InputError(
            f"{file} is no backup of decisions.", "Make one with: watchkeeper store backup"
        ) from error
    if first.schema > SCHEMA:
        raise schema.NewerLogError(
            f"{file} has schema {first.schema}, this program knows up to {SCHEMA}.",
            "Use the version of watchkeeper that wrote it, or a later one.",
        )
    return first


def _checked(
    lines: Iterator[bytes], first: _First, digest: "hashlib._Hash", file: Path
) -> Iterator[EventRow]:
    """The events of a backup, each checked against the one before."""
    before, count = GENESIS, 0
    for line in lines:
        if line.startswith(b'{"events":'):
            _check_end(line, count, digest, file)
            if next(lines, None) is not None:
                raise InputError(f"{file} goes on behind its end.", _AGAIN)
            return
        digest.update(line)
        row = _row(line, file)
        if row.seq != count + 1 or row.hashed(first.store, before) != row.hash:
            raise InputError(f"Event {count + 1} in {file} does not follow the one before.", _AGAIN)
        before, count = row.hash, count + 1
        yield row
    raise InputError(f"{file} is cut off after event {count}.", _AGAIN)


def _check_end(line: bytes, count: int, digest: "hashlib._Hash", file: Path) -> None:
    try:
        last = msgspec.json.decode(line, type=_Last)
    except msgspec.MsgspecError as error:
        raise InputError(f"{file} has no end that can be read: {error}.", _AGAIN) from error
    if (last.events, last.sha256) != (count, digest.hexdigest()):
        raise InputError(f"{file} is not what was written: its checksum differs.", _AGAIN)


def _row(line: bytes, file: Path) -> EventRow:
    try:
        fields = msgspec.structs.asdict(_from_line(line))
        return EventRow(**(fields | {"body": bytes(fields["body"]).decode()}))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(f"{file} has a line that is no event: {error}.", _AGAIN) from error


def _batches(rows: Iterator[EventRow]) -> Iterator[list[EventRow]]:
    batch: list[EventRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


@contextmanager
def _lines(file: Path) -> Iterator[Iterator[bytes]]:
    """The lines of a backup."""
    try:
        with file.open("rb") as opened:
            reader = zstandard.ZstdDecompressor().stream_reader(opened)
            yield iter(io.BufferedReader(reader, 1 << 20))
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}.", "Look at the path.") from error
    except zstandard.ZstdError as error:
        raise InputError(f"{file} is no backup, or is damaged: {error}.", _AGAIN) from error


@contextmanager
def _appearing(to: Path) -> Iterator[BinaryIO]:
    """A file that is there under its name only once all of it is on the disk."""
    if to.exists():
        raise OutputError(f"{to} is there already.", "Give another name, or remove it.")
    beside = to.with_name(f"{to.name}.{uuid.uuid4().hex[:8]}.unfinished")
    try:
        with beside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(to)
        folder = os.open(to.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise OutputError(
            f"{to} cannot be written: {error.strerror or error}.", "Look at the disk and the rights."
        ) from error
    finally:
        beside.unlink(missing_ok=True)
