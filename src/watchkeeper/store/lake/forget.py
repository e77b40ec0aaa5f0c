"""Forgetting: later epochs when a writer goes on from a checkpoint, old dates, and files that count no more."""

from typing import Final

import msgspec

from watchkeeper.errors import StateError
from watchkeeper.model.time import HOUR
from watchkeeper.store.lake.files import Files, Found
from watchkeeper.store.lake.manifest import (
    HEAD,
    MANIFEST,
    Entry,
    Head,
    Manifest,
    RealmHead,
    Retired,
    date_folder,
    date_range,
    place_of,
    read_manifest,
    write,
)

GRACE: Final = HOUR
"""How long a file that counts no more is kept for those who still read it."""


def truncate(files: Files, head: Head, epoch: int, realms: set[str]) -> Head:
    """Forget what was written after an epoch. The head is moved first: from then on nobody sees it.

    Raises:
        StateError: rows of that epoch and of later ones were joined in one file.
    """
    for realm in realms:
        for manifest in _manifests(files, head, realm):
            for entry in manifest.files:
                if entry.epoch_first <= epoch < entry.epoch_last:
                    raise StateError(
                        f"{files.where} cannot go back to epoch {epoch}: epochs {entry.epoch_first} to "
                        f"{entry.epoch_last} of {realm} on {manifest.date} were joined.",
                        "Begin from a later checkpoint, or in a new store.",
                    )
    changed = {
        realm: msgspec.structs.replace(known, epoch=min(known.epoch, epoch)) if realm in realms else known
        for realm, known in head.realms.items()
    }
    after = msgspec.structs.replace(head, realms=changed)
    write(files, after)
    return tidy(files, after)


def tidy(files: Files, head: Head) -> Head:
    """Take out of the manifests what the head has not reached (a flush that was killed), and dates that it forgot."""
    for found in files.list():
        place = place_of(found.name)
        if place is None or not found.name.endswith(f"/{MANIFEST}"):
            continue
        realm, date = place
        known = head.realms.get(realm, RealmHead())
        manifest = read_manifest(files, head.id, realm, date)
        left = tuple(e for e in manifest.files if e.epoch_first <= known.epoch)
        if date not in known.dates:
            files.delete(found.name)
        elif left != manifest.files:
            write(files, msgspec.structs.replace(manifest, files=left))
    return head


def expire(files: Files, head: Head, before: int, realms: set[str]) -> tuple[Head, list[tuple[str, str]]]:
    """Forget whole dates that ended before a time; the head, and which (realm, date) they were."""
    gone = [
        (realm, date)
        for realm in sorted(realms)
        for date in head.realms[realm].dates
        if date_range(date)[1] <= before
    ]
    changed = {
        realm: msgspec.structs.replace(
            known, dates=tuple(d for d in known.dates if (realm, d) not in set(gone))
        )
        for realm, known in head.realms.items()
    }
    after = msgspec.structs.replace(head, realms=changed)
    if gone:
        write(files, after)
    for realm, date in gone:
        folder = date_folder(realm, date)
        for found in sorted(files.list(folder), key=lambda f: not f.name.endswith(MANIFEST)):
            files.delete(found.name)
        files.remove_empty_folder(folder)
    return after, gone


def sweep(files: Files, head: Head, now: int) -> int:
    """Remove files that no manifest names, or that were replaced, an hour ago; how many."""
    by_date: dict[tuple[str, str], list[Found]] = {}
    removed = 0
    for found in files.list():
        place = place_of(found.name)
        if place is not None:
            by_date.setdefault(place, []).append(found)
        elif found.name != HEAD and _is_old(found, now) and found.name.startswith(HEAD):
            files.delete(found.name)
            removed += 1
    for (realm, date), there in by_date.items():
        if date in head.realms.get(realm, RealmHead()).dates:
            removed += _sweep_date(files, head, read_manifest(files, head.id, realm, date), there, now)
        else:
            removed += _remove(files, [f for f in there if _is_old(f, now)])
            files.remove_empty_folder(date_folder(realm, date))
    return removed


def _sweep_date(files: Files, head: Head, manifest: Manifest, there: list[Found], now: int) -> int:
    named = {e.name for e in manifest.files} | {MANIFEST}
    kept = {r.name for r in manifest.retired if r.at > now - GRACE}
    late = {r.name for r in manifest.retired} - kept
    removed = 0
    for found in there:
        name = found.name.rsplit("/", 1)[1]
        if name not in named and name not in kept and (name in late or _is_old(found, now)):
            removed += _remove(files, [found])
    if late:
        retired = tuple(r for r in manifest.retired if r.name in kept)
        write(files, msgspec.structs.replace(manifest, retired=retired))
    return removed


def _is_old(found: Found, now: int) -> bool:
    return found.written < now - GRACE


def _remove(files: Files, found: list[Found]) -> int:
    for file in found:
        files.delete(file.name)
    return len(found)


def _manifests(files: Files, head: Head, realm: str) -> list[Manifest]:
    known = head.realms[realm]
    return [read_manifest(files, head.id, realm, date) for date in known.dates]


def replaced(manifest: Manifest, old: list[Entry], new: list[Entry], now: int) -> Manifest | None:
    """The manifest with ``new`` files in the place of ``old`` ones; None where one of those counts no more."""
    names = {e.name for e in old}
    if not names <= {e.name for e in manifest.files}:
        return None
    return msgspec.structs.replace(
        manifest,
        files=(*(e for e in manifest.files if e.name not in names), *new),
        retired=(*manifest.retired, *(Retired(name, now) for name in sorted(names))),
    )
