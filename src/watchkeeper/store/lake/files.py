"""Files of a lake, in a folder or in S3-compatible object storage, by one class.

A file appears whole or not at all: in a folder it is written under another name, brought to the disk and renamed; in
object storage it is one PUT. Every file of a lake is small enough to be made in memory.
"""

import os
import uuid
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from watchkeeper.errors import StoreError

ENDPOINT: Final = "WATCHKEEPER_S3_ENDPOINT"
"""The variable that names another server than Amazon's (``https://minio.example.org:9000``)."""

UNFINISHED: Final = ".unfinished"
"""How the name of a file ends while it is being written to a folder."""

_CONNECT_S: Final = 5.0


class MissingFileError(StoreError):
    """A file that should be there is not."""


class Found(NamedTuple):
    """A file that is there: its name, its size, and when it was last written [ms UTC, by the clock of its server]."""

    name: str
    size_bytes: int
    written: int


class Files:
    """The files below one address. Names are relative and use ``/``.

    Raises:
        StoreError: from any method, where the folder or the server cannot do what is asked.
        MissingFileError: from :meth:`get` and :meth:`open`, where there is no such file.
    """

    def __init__(self, where: str) -> None:
        self.where = where.rstrip("/") or where
        self._local = not where.startswith("s3://")
        if self._local:
            self._root = str(Path(where).absolute())
            self._fs = fs.LocalFileSystem()
        else:
            self._root = where.removeprefix("s3://").strip("/")
            if not self._root:
                raise StoreError(f"{where} names no bucket.", "Write s3://bucket/prefix.")
            self._fs = _s3()

    def address(self, name: str) -> str:
        """The full address of a file, for people and for other programs."""
        return f"{self._root}/{name}" if self._local else f"s3://{self._root}/{name}"

    def get(self, name: str) -> bytes:
        """All bytes of a file."""
        try:
            with self._fs.open_input_stream(f"{self._root}/{name}") as stream:
                return bytes(stream.read())
        except OSError as error:
            raise self._cannot("read", name, error) from error

    def open(self, name: str) -> Any:
        """A file to read from at any place (a ``pyarrow.NativeFile``, to be closed)."""
        try:
            return self._fs.open_input_file(f"{self._root}/{name}")
        except OSError as error:
            raise self._cannot("read", name, error) from error

    def put(self, name: str, data: bytes | pa.Buffer, *, last: bool = True) -> None:
        """Write a file, or replace it, in one step; ``last`` is False where another of its folder follows."""
        try:
            if self._local:
                self._put_local(Path(self._root) / name, data, last=last)
            else:
                with self._fs.open_output_stream(f"{self._root}/{name}") as stream:
                    stream.write(data)
        except OSError as error:
            raise self._cannot("written", name, error) from error

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is no error."""
        try:
            self._fs.delete_file(f"{self._root}/{name}")
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._cannot("removed", name, error) from error

    def list(self, below: str = "") -> list[Found]:
        """All files below a folder (at any depth), by name; none where there is no such folder."""
        start = f"{self._root}/{below}".rstrip("/")
        try:
            found = self._fs.get_file_info(fs.FileSelector(start, recursive=True, allow_not_found=True))
        except OSError as error:
            raise self._cannot("listed", below, error) from error
        cut = len(self._root) + 1
        return sorted(
            Found(f.path[cut:], f.size, f.mtime_ns // 1_000_000) for f in found if f.type == fs.FileType.File
        )

    def remove_empty_folder(self, name: str) -> None:
        """Remove a folder that holds nothing; object storage has no folders."""
        if self._local:
            path = Path(self._root) / name
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()

    def _put_local(self, path: Path, data: bytes | pa.Buffer, *, last: bool) -> None:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            _bring_to_disk(path.parent.parent)
        beside = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}{UNFINISHED}")
        try:
            with beside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        if last:
            _bring_to_disk(path.parent)

    def _cannot(self, what: str, name: str, error: OSError) -> StoreError:
        address = self.address(name)
        if isinstance(error, FileNotFoundError) and what == "read":
            return MissingFileError(f"{address} is missing.", "Run: watchkeeper store verify")
        verb = "be read" if what == "read" else f"be {what}"
        reason = error.strerror or " ".join(str(error).split())[:300]
        where = "the disk and the rights to the folder" if self._local else "the server and its credentials"
        return StoreError(f"{address} cannot {verb}: {reason}.", f"Look at {where}.")


def _bring_to_disk(folder: Path) -> None:
    """A new name in a folder outlives a power cut only when the folder itself was written."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _s3() -> Any:
    """Object storage as the environment describes it; credentials are read by the library (``AWS_*``)."""
    given: dict[str, Any] = {}
    if endpoint := os.environ.get(ENDPOINT):
        parts = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
        given = {"scheme": parts.scheme, "endpoint_override": parts.netloc}
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region or endpoint:
        given["region"] = region or "us-east-1"
    # Opening late makes a small file one PUT; writing in this thread makes its error ours.
    return fs.S3FileSystem(
        **given, connect_timeout=_CONNECT_S, allow_delayed_open=True, background_writes=False
    )
