"""Whether a file is what it should be, found out by the loader that will read it later."""

import io
import zipfile
from pathlib import Path

import msgspec

from watchkeeper.errors import FetchError, ListError
from watchkeeper.fetching.catalogue import Item


class Checked(msgspec.Struct, frozen=True):
    """What a file holds: entries are ships, flags, features or, for traffic and schemas, files in the archive."""

    format: str
    entries: int
    as_of: str | None = None
    rejected: int = 0
    notes: tuple[str, ...] = ()


def check(item: Item, path: Path, now: int) -> Checked:
    """Read the file as a scan would. ``now`` [ms UTC].

    Raises:
        WatchkeeperError: it is not as expected, with the reason.
    """
    checked = {"list": _list, "layer": _layer, "traffic": _traffic, "schema": _schema}[item.kind](
        item, path, now
    )
    if checked.entries < item.least:
        raise FetchError(
            f"{checked.entries:,} entries, where at least {item.least:,} are expected.",
            "Look at the publisher's page.",
        )
    return checked


def _list(item: Item, path: Path, now: int) -> Checked:
    from watchkeeper.lists.load import load_any
    from watchkeeper.lists.record import count_of

    one = load_any(path)
    if item.format and one.format != item.format:
        raise ListError(f"it is {one.format}; {item.format} is expected.", "Look at the publisher's page.")
    return Checked(one.format, count_of(one), one.as_of, len(one.rejected), one.notes)


def _layer(item: Item, path: Path, now: int) -> Checked:
    from watchkeeper.layers.reading import read_layer

    assets, report = read_layer(path)
    return Checked(report.format, len(assets), rejected=len(report.skipped))


def _traffic(item: Item, path: Path, now: int) -> Checked:
    from watchkeeper.sources.inputs import open_inputs
    from watchkeeper.sources.options import ReadOptions

    inputs = open_inputs([str(path)], ReadOptions(now=now))
    return Checked(", ".join(dict.fromkeys(one.format for one in inputs)), len(inputs))


def _schema(item: Item, path: Path, now: int) -> Checked:
    """An archive with XML schemas in it, or in Java archives in it."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            for jar in (archive.getinfo(name) for name in names if name.endswith(".jar")):
                if jar.file_size <= item.limit_bytes:
                    with zipfile.ZipFile(io.BytesIO(archive.read(jar))) as inner:
                        names += inner.namelist()
    except (OSError, zipfile.BadZipFile) as error:
        raise FetchError(f"it is no archive of schemas: {error}.", "Look at the publisher's page.") from error
    return Checked("XML schemas", sum(name.endswith(".xsd") for name in names))
