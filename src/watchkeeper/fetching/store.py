"""What was fetched, in versions: a folder for each item, in it every version with its record beside it.

``ofac-sdn/ofac-sdn.20261122.ab12cd34ef56.xml`` and the same with ``.json``. The newest is in use. Files and
records appear whole or not at all; a folder can be read, copied and moved without this program.
"""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from watchkeeper.errors import FetchError, OutputError

ENVIRONMENT: Final = "WATCHKEEPER_FETCHED"
REFUSED: Final = "refused"
RECORD: Final = ".json"
_HASH_SHOWN: Final = 12
_TEMPORARY: Final = ".part-"
_ABANDONED_S: Final = 86_400.0
_DATE: Final = len("2026-11-22")


class Record(msgspec.Struct, kw_only=True):
    """Where a version came from and what it holds. Times are ISO 8601 UTC.

    ``fetched`` is when this content came first, ``looked`` when it was last seen to be unchanged; ``entries``
    counts ships, flags or features; ``refused`` says why a file kept aside is not in use.
    """

    name: str
    title: str
    publisher: str
    licence: str
    terms: str
    address: str
    fetched: str
    looked: str
    sha256: str
    bytes: int
    last_modified: str | None = None
    format: str | None = None
    as_of: str | None = None
    entries: int | None = None
    rejected: int | None = None
    notes: list[str] = []
    refused: str | None = None


class Version(msgspec.Struct, frozen=True):
    """A version on disk."""

    path: Path
    record: Record


class Store:
    """The folder of everything fetched; made when first written to."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()

    def versions(self, key: str) -> list[Version]:
        """The versions of an item, the oldest first.

        Raises:
            FetchError: a record cannot be read.
        """
        found = [
            Version(path.with_suffix(""), _read(path))
            for path in (self.folder / key).glob("*" + RECORD)
            if path.with_suffix("").is_file()
        ]
        return sorted(found, key=lambda version: (version.record.fetched, version.path.name))

    def current(self, key: str) -> Version | None:
        """The version in use."""
        return next(reversed(self.versions(key)), None)

    def days(self, name: str) -> list[str]:
        """The days of traffic of which there are versions, as keys, the earliest first."""
        found = sorted(self.folder.glob(f"{name}-*")) if self.folder.is_dir() else []
        return [one.name for one in found if self.versions(one.name)]

    @contextmanager
    def workshop(self, key: str, suffix: str) -> Iterator[Path]:
        """A place for a file that is not yet known to be good, on the same disk; emptied afterwards.

        Raises:
            OutputError: the folder cannot be written.
        """
        home = self.folder / key
        try:
            home.mkdir(parents=True, exist_ok=True)
            _sweep(home)
            room = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=home))
        except OSError as error:
            raise OutputError(
                f"{home} cannot be written: {error.strerror}.", "Give another folder with --to DIR."
            ) from error
        try:
            yield room / f"{key}{suffix}"
        finally:
            shutil.rmtree(room, ignore_errors=True)

    def keep(self, key: str, file: Path, record: Record, suffix: str) -> Version:
        """Make the file the version in use, or keep it aside where its record says that it was refused."""
        home = self.folder / key / (REFUSED if record.refused else "")
        home.mkdir(parents=True, exist_ok=True)
        date = record.fetched[:_DATE].replace("-", "")
        path = home / f"{key}.{date}.{record.sha256[:_HASH_SHOWN]}{suffix}"
        file.replace(path)
        write_record(path, record)
        return Version(path, record)


def _sweep(home: Path) -> None:
    """Remove what a run that was killed left behind, when it is older than any run lasts."""
    for left in home.glob(_TEMPORARY + "*"):
        if time.time() - left.stat().st_mtime > _ABANDONED_S:
            shutil.rmtree(left, ignore_errors=True)


def write_record(path: Path, record: Record) -> None:
    """Put the record beside its file, whole or not at all."""
    target = path.with_name(path.name + RECORD)
    temporary = target.with_name(f"{_TEMPORARY}{os.getpid()}-{target.name}")
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
    temporary.replace(target)


def unchanged(version: Version) -> bool:
    """Whether the file still is what was fetched."""
    with version.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == version.record.sha256


def default_folder() -> Path:
    """``WATCHKEEPER_FETCHED``, else the user's folder for data."""
    import platformdirs

    given = os.environ.get(ENVIRONMENT)
    return Path(given).expanduser() if given else platformdirs.user_data_path("watchkeeper") / "fetched"


def _read(path: Path) -> Record:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError) as error:
        raise FetchError(
            f"{path}: the record cannot be read ({error}).", "Remove it and fetch again."
        ) from error
