"""What of a lake counts at one moment, and reading that outlives a joining meanwhile."""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar

from watchkeeper.store.lake.files import Files, MissingFileError
from watchkeeper.store.lake.manifest import (
    Entry,
    Head,
    Manifest,
    Projection,
    RealmHead,
    date_folder,
    date_of,
    date_range,
    read_head,
    read_manifest,
)

ATTEMPTS: Final = 5

T = TypeVar("T")


class Piece(NamedTuple):
    """A file that counts: its full name, and what its manifest says."""

    name: str
    entry: Entry


def counting(manifest: Manifest, epoch: int) -> list[Entry]:
    """The files of a manifest that began in an epoch which the head has reached."""
    return [e for e in manifest.files if e.epoch_first <= epoch]


def dates_between(head: RealmHead, t_from: int, t_to: int) -> list[str]:
    """The dates of a realm that have times in ``[t_from, t_to)``, in order."""
    if t_to <= t_from or not head.dates:
        return []
    first = date_of(max(t_from, date_range(head.dates[0])[0]))
    last = date_of(max(min(t_to - 1, date_range(head.dates[-1])[1] - 1), 0))
    return [date for date in head.dates if first <= date <= last]


def pieces(
    files: Files, realm: str, projection: Projection, t_from: int, t_to: int, head: Head | None = None
) -> dict[str, list[Piece]]:
    """By date, the files of a projection with times in ``[t_from, t_to)``."""
    head = head or read_head(files)
    known = head.realms.get(realm, RealmHead())
    found = {}
    for date in dates_between(known, t_from, t_to):
        manifest = read_manifest(files, head.id, realm, date)
        found[date] = [
            Piece(f"{date_folder(realm, date)}/{e.name}", e)
            for e in counting(manifest, known.epoch)
            if e.projection == projection and e.t_min < t_to and e.t_max >= t_from
        ]
    return found


def steadily(read: Callable[[], T]) -> T:
    """What ``read`` gives; it is asked again where a file went away between its manifest and itself."""
    for _ in range(ATTEMPTS - 1):
        try:
            return read()
        except MissingFileError:
            continue
    return read()
