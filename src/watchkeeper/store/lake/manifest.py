"""What a lake says about itself: its head, and the manifest of each date of each realm.

::

    lake.json                                   the head: which lake, up to which epoch each realm counts, its dates
    realm=real/date=2026-01-05/manifest.json    which files of that date count
    realm=real/date=2026-01-05/tracks-....parquet

A file counts when the manifest of its date names it and it began in an epoch that the head has reached. So a flush that
cuts across midnight, or that was killed between two manifests, is seen whole or not at all.
"""

from typing import Final, Literal, TypeVar
from urllib.parse import quote, unquote

import msgspec

from watchkeeper.errors import StoreError
from watchkeeper.model.time import DAY, from_iso, to_iso
from watchkeeper.store.lake.files import Files

SCHEMA: Final = 1
"""The version of everything that is written here. A reader refuses a higher one."""

HEAD: Final = "lake.json"
MANIFEST: Final = "manifest.json"

Projection = Literal["tracks", "cells", "statics"]

VERIFY: Final = "Run: watchkeeper store verify"


class NewerSchemaError(StoreError):
    """A later version of the program wrote this."""


class UnreadableError(StoreError):
    """A head or manifest is not what it should be."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One file that counts.

    ``group`` names the files that were written together; ``epoch_first`` to ``epoch_last`` are the flushes whose rows
    it holds; ``t_min``, ``t_max`` the event times [ms UTC]; ``buckets`` which buckets of ships (empty for ``cells``
    and ``statics``); ``level`` how often its rows were joined, ``JOINED`` once they lie by bucket.
    """

    name: str
    projection: Projection
    group: str
    rows: int
    bytes: int
    sha256: str
    epoch_first: int
    epoch_last: int
    t_min: int
    t_max: int
    buckets: tuple[int, ...] = ()
    level: int = 0


JOINED: Final = 9


class Retired(msgspec.Struct, frozen=True):
    """A file that counts no more, kept for those who still read it; ``at`` is when it was replaced [ms UTC]."""

    name: str
    at: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Which files of a date count. ``sources`` are the names of feeds and files that its rows came from."""

    watchkeeper: Literal["lake manifest"] = "lake manifest"
    schema: int = SCHEMA
    lake: str
    realm: str
    date: str
    sources: tuple[str, ...] = ()
    files: tuple[Entry, ...] = ()
    retired: tuple[Retired, ...] = ()


class RealmHead(msgspec.Struct, frozen=True):
    """Up to which epoch a realm counts, and the dates it has."""

    epoch: int = 0
    dates: tuple[str, ...] = ()


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Which lake this is, and what of it counts."""

    watchkeeper: Literal["lake"] = "lake"
    schema: int = SCHEMA
    id: str
    realms: dict[str, RealmHead] = {}


class _Version(msgspec.Struct):
    schema: int


S = TypeVar("S", Head, Manifest)


def date_of(t: int) -> str:
    """The UTC date of a time."""
    return to_iso(t)[:10]


def date_range(date: str) -> tuple[int, int]:
    """First millisecond of a date, and of the next."""
    begin = from_iso(date)
    return begin, begin + DAY


def realm_folder(realm: str) -> str:
    """The folder of a realm; whatever stands in its name, it is one folder."""
    return f"realm={quote(realm, safe='')}"


def date_folder(realm: str, date: str) -> str:
    """The folder of a date of a realm."""
    return f"{realm_folder(realm)}/date={date}"


def place_of(name: str) -> tuple[str, str] | None:
    """Realm and date of a file by its folder; None where it stands elsewhere."""
    parts = name.split("/")
    if len(parts) != 3 or not parts[0].startswith("realm=") or not parts[1].startswith("date="):
        return None
    return unquote(parts[0].removeprefix("realm=")), parts[1].removeprefix("date=")


def manifest_name(realm: str, date: str) -> str:
    """Where the manifest of a date stands."""
    return f"{date_folder(realm, date)}/{MANIFEST}"


def decode(data: bytes, kind: type[S], where: str) -> S:
    """Read a head or a manifest.

    Raises:
        NewerSchemaError: a later version wrote it.
        UnreadableError: it is no JSON, of an earlier version without a migration, or has other fields.
    """
    try:
        version = msgspec.json.decode(data, type=_Version).schema
        if version > SCHEMA:
            raise NewerSchemaError(
                f"{where} has schema {version}, this program knows up to {SCHEMA}.",
                "Use the version of watchkeeper that wrote it, or a later one.",
            )
        if version < SCHEMA:
            raise UnreadableError(f"{where} has schema {version}, before the first ({SCHEMA}).", VERIFY)
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise UnreadableError(f"{where} cannot be read: {error}.", VERIFY) from error


def read_head(files: Files) -> Head:
    """The head of a lake."""
    return decode(files.get(HEAD), Head, files.address(HEAD))


def read_manifest(files: Files, lake: str, realm: str, date: str) -> Manifest:
    """The manifest of a date.

    Raises:
        MissingFileError: there is none.
        UnreadableError: it belongs to another lake, realm or date, or is garbled.
    """
    name = manifest_name(realm, date)
    manifest = decode(files.get(name), Manifest, files.address(name))
    if (manifest.lake, manifest.realm, manifest.date) != (lake, realm, date):
        raise UnreadableError(f"{files.address(name)} belongs to another lake, realm or date.", VERIFY)
    return manifest


def write(files: Files, what: Head | Manifest) -> None:
    """Replace the head or a manifest in one step."""
    name = HEAD if isinstance(what, Head) else manifest_name(what.realm, what.date)
    files.put(name, msgspec.json.format(msgspec.json.encode(what), indent=1))
