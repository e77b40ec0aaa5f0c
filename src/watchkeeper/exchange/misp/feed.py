"""MISP feeds: a folder with ``manifest.json``, ``hashes.csv`` and an event a file, as any web server can offer it.

A feed says what is so now: writing it again removes the events that are no longer there. Files appear whole, the
manifest after its events, so whoever reads meanwhile misses nothing.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from watchkeeper.errors import InputError, LimitError, OutputError
from watchkeeper.exchange.misp.events import as_json, events
from watchkeeper.exchange.misp.reading import read
from watchkeeper.exchange.things import Incoming, Things
from watchkeeper.exchange.untrusted import MOST_BYTES, read_json

MANIFEST: Final = "manifest.json"
HASHES: Final = "hashes.csv"
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_EVENTS: Final = 10_000

Get = Callable[[str], bytes]


def write_feed(things: Things, folder: Path) -> list[str]:
    """Write the feed; the UUIDs of its events.

    Raises:
        OutputError: the folder cannot be written, or holds something else under a name of ours.
    """
    manifest: dict[str, Any] = {}
    hashes: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before = _listed(folder)
        for event in events(things):
            _put(folder / f"{event.uuid}.json", as_json(event))
            manifest |= event.manifest
            hashes += [f"{digest},{event.uuid}\n" for digest in event.attributes_hashes("md5")]
        # MISP compares what it has by the MD5 of values: the format's choice, and no protection of anything.
        _put(folder / HASHES, "".join(hashes).encode())
        _put(folder / MANIFEST, msgspec.json.encode(manifest, order="sorted"))
        for gone in before - manifest.keys():
            (folder / f"{gone}.json").unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror}.", "Look at the folder.") from error
    return list(manifest)


def read_feed(get: Get) -> Incoming:
    """All events of a feed.

    Args:
        get: gives a file of it by name.

    Raises:
        InputError: no feed, or one that names files outside itself.
        LimitError: too many events, or too much of them.
    """
    manifest = read_json(get(MANIFEST), "The manifest")
    if not isinstance(manifest, dict) or not all(_UUID.fullmatch(name) for name in manifest):
        raise InputError("The manifest does not name events by UUIDs.", "Give the address of a MISP feed.")
    if len(manifest) > _MOST_EVENTS:
        raise LimitError(f"The feed has more than {_MOST_EVENTS} events.", "Take a part of it.")
    parts: list[bytes] = []
    for name in manifest:
        parts.append(get(f"{name}.json"))
        read_json(parts[-1], f"Event {name}")
        if sum(map(len, parts)) > MOST_BYTES:
            raise LimitError(f"The feed is larger than {MOST_BYTES >> 20} MiB.", "Take a part of it.")
    return read(b'{"response":[' + b",".join(parts) + b"]}") if parts else Incoming()


def from_folder(folder: Path) -> Get:
    """The files of a feed in a folder."""

    def get(name: str) -> bytes:
        try:
            return (folder / name).read_bytes()
        except OSError as error:
            raise InputError(
                f"{folder / name}: {error.strerror}.", "Give the folder of a MISP feed."
            ) from error

    return get


def _listed(folder: Path) -> set[str]:
    """The events of the manifest that is there."""
    path = folder / MANIFEST
    if not path.exists():
        return set()
    try:
        found = read_json(path.read_bytes(), str(path))
    except InputError as error:
        raise OutputError(f"{path} is no manifest of a feed.", "Choose another folder.") from error
    return {name for name in found if _UUID.fullmatch(name)} if isinstance(found, dict) else set()


def _put(path: Path, data: bytes) -> None:
    """A file, whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(data)
    partial.replace(path)
