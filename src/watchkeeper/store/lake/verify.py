"""Looking for damage: of the head, of each date's manifest, of each file, and between them."""

from collections import Counter
from collections.abc import Iterator

import msgspec

from watchkeeper.store.lake.contents import Contents, check_file
from watchkeeper.store.lake.damage import Damage, of_file
from watchkeeper.store.lake.files import Files, MissingFileError
from watchkeeper.store.lake.manifest import (
    HEAD,
    MANIFEST,
    Entry,
    Head,
    Manifest,
    NewerSchemaError,
    Projection,
    RealmHead,
    UnreadableError,
    date_folder,
    decode,
    manifest_name,
    place_of,
    read_head,
)

__all__ = ["Damage", "damages"]


def damages(files: Files, *, deep: bool = True) -> list[Damage]:
    """Everything that is wrong with a lake, worst first within a date; with ``deep`` every row is read.

    A file that a running writer has just written, and names a moment later, is reported as not named.
    """
    try:
        head = read_head(files)
    except MissingFileError:
        return [
            Damage(kind="head-missing", file=HEAD, effect="Nothing can be read. Put it back from a backup.")
        ]
    except NewerSchemaError as error:
        return [Damage(kind="newer-schema", file=HEAD, effect=f"Nothing is read. {error}")]
    except UnreadableError as error:
        return [Damage(kind="head-garbled", file=HEAD, effect=f"Nothing can be read. {error.what}")]
    there = {found.name: found.size_bytes for found in files.list()}
    dates = {(realm, date) for realm, known in head.realms.items() for date in known.dates}
    found: list[Damage] = []
    for realm, date in sorted(dates):
        found += _date(files, head, realm, date, there, deep=deep)
    found += _strays(there, dates)
    return found


def _strays(there: dict[str, int], dates: set[tuple[str, str]]) -> Iterator[Damage]:
    """Files outside the dates that the head knows."""
    for name in there:
        if name != HEAD and (place := place_of(name)) not in dates:
            realm, date = place or ("", "")
            yield Damage(kind="not-named", file=name, effect=_LEFTOVER, realm=realm, date=date)


_LEFTOVER = "Not read by anybody; takes up space. Left by a run that was killed, or put there by hand."


def _date(
    files: Files, head: Head, realm: str, date: str, there: dict[str, int], *, deep: bool
) -> Iterator[Damage]:
    name = manifest_name(realm, date)
    folder = date_folder(realm, date)
    known = {n.removeprefix(f"{folder}/"): size for n, size in there.items() if n.startswith(f"{folder}/")}
    manifest = _manifest(files, head, realm, date, sum(n.endswith(".parquet") for n in known))
    if isinstance(manifest, Damage):
        yield manifest
        return
    epoch = head.realms.get(realm, RealmHead()).epoch
    yield from _naming(manifest, name, known, epoch)
    yield from _overlaps(manifest, name)
    contents: dict[Projection, list[Contents]] = {"tracks": [], "cells": [], "statics": []}
    whole = True
    for entry in {e.name: e for e in manifest.files if e.epoch_first <= epoch}.values():
        found, seen = check_file(files, manifest, entry, known.get(entry.name), deep=deep)
        yield from found
        whole = whole and seen is not None
        if seen is not None:
            contents[entry.projection].append(seen)
    if whole:
        yield from _between(manifest, name, contents)


def _manifest(files: Files, head: Head, realm: str, date: str, count: int) -> Manifest | Damage:
    name = manifest_name(realm, date)
    effect = f"Nothing of {date} ({realm}) can be read: {count} files of unknown standing."

    def damage(kind: str, why: str = "") -> Damage:
        return msgspec.convert(
            {"kind": kind, "file": name, "effect": f"{effect} {why}".strip(), "realm": realm, "date": date},
            Damage,
        )

    try:
        data = files.get(name)
        manifest = decode(data, Manifest, files.address(name))
    except MissingFileError:
        return damage("manifest-missing")
    except NewerSchemaError as error:
        return damage("newer-schema", str(error))
    except UnreadableError as error:
        return damage("older-schema" if "before the first" in error.what else "manifest-garbled", error.what)
    if manifest.lake != head.id:
        return damage("manifest-foreign", f"It belongs to lake {manifest.lake}.")
    if (manifest.realm, manifest.date) != (realm, date):
        return damage("manifest-foreign", f"It belongs to {manifest.date} of {manifest.realm}.")
    return manifest


def _naming(manifest: Manifest, name: str, known: dict[str, int], epoch: int) -> Iterator[Damage]:
    for twice, times in Counter(e.name for e in manifest.files).items():
        if times > 1:
            first = next(e for e in manifest.files if e.name == twice)
            yield of_file("named-twice", name, manifest, first, f"{twice} counts {times} times.")
    named = {e.name for e in manifest.files} | {r.name for r in manifest.retired} | {MANIFEST}
    for stray in sorted(set(known) - named):
        file = f"{date_folder(manifest.realm, manifest.date)}/{stray}"
        yield Damage(kind="not-named", file=file, effect=_LEFTOVER, realm=manifest.realm, date=manifest.date)
    for entry in manifest.files:
        if entry.epoch_first > epoch:
            what = f"{entry.name} is of epoch {entry.epoch_first}, the lake is at {epoch}: a run was killed."
            yield of_file("epoch-not-reached", name, manifest, entry, what)


def _overlaps(manifest: Manifest, name: str) -> Iterator[Damage]:
    """Files written at different times that claim the same flush: its rows would count twice."""
    groups: dict[tuple[Projection, str], Entry] = {}
    for entry in manifest.files:
        groups.setdefault((entry.projection, entry.group), entry)
    last: dict[Projection, Entry] = {}
    for entry in sorted(groups.values(), key=lambda e: (e.projection, e.epoch_first, e.epoch_last)):
        before = last.get(entry.projection)
        if before is not None and before.epoch_last >= entry.epoch_first:
            what = f"{before.name} and {entry.name} both hold epoch {entry.epoch_first}: rows count twice."
            yield of_file("epochs-overlap", name, manifest, entry, what)
        if before is None or entry.epoch_last > before.epoch_last:
            last[entry.projection] = entry


def _between(manifest: Manifest, name: str, contents: dict[Projection, list[Contents]]) -> Iterator[Damage]:
    """Both projections hold the same positions."""
    tracks, cells = (Contents.sum(contents[p]) for p in ("tracks", "cells"))
    if tracks == cells:
        return
    if tracks.rows != cells.rows:
        what = f"By ship there are {tracks.rows:,} positions, by place {cells.rows:,}."
    else:
        what = f"By ship and by place there are {tracks.rows:,} positions, but not the same."
    yield Damage(
        kind="projections-disagree",
        file=name,
        effect=f"{what} The two questions get different answers on {manifest.date}.",
        realm=manifest.realm,
        date=manifest.date,
        rows=abs(tracks.rows - cells.rows),
    )
