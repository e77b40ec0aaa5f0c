"""Gets an item: download or a file given, conversion, check, and only then the new version."""

import re
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urljoin

import msgspec

from watchkeeper.errors import FetchError, UsageError, WatchkeeperError
from watchkeeper.fetching.catalogue import Item
from watchkeeper.fetching.checking import Checked, check
from watchkeeper.fetching.converting import from_overpass, joined
from watchkeeper.fetching.store import Record, Store, Version, write_record

if TYPE_CHECKING:
    import httpx

    from watchkeeper.fetching.download import Downloaded, Progress

PAGE_BYTES: Final = 10 << 20
"""A page on which an address is looked for."""
_PACKED: Final = {b"PK\x03\x04": ".zip", b"\x28\xb5\x2f\xfd": ".csv.zst"}
"""How a day of traffic is packed, which publishers change, by its first bytes."""


class Fetched(msgspec.Struct, frozen=True):
    """What became of it: a new version, or the same content as before."""

    outcome: Literal["new", "unchanged"]
    version: Version
    before: Version | None


class _Got(msgspec.Struct, frozen=True):
    """Where a file came from."""

    address: str
    last_modified: str | None = None
    as_of: str | None = None


def key_of(item: Item, day: date | None) -> str:
    """The name under which versions are kept: for traffic, one for each day.

    Raises:
        UsageError: a day for what has none, or none for what needs one.
    """
    if item.by_day and day is None:
        raise UsageError(f"{item.name} is fetched by the day.", f"Write `fetch {item.name} 2025-12-31`.")
    if day is not None and not item.by_day:
        raise UsageError(f"{item.name} has no days.", f"Write `fetch {item.name}`.")
    return f"{item.name}-{day:%Y-%m-%d}" if day else item.name


def fetch(
    item: Item,
    store: Store,
    now: int,
    *,
    day: date | None = None,
    given: Path | None = None,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Fetched:
    """Get an item, or take the file ``given`` for it, check it and make it the version in use. ``now`` [ms UTC].

    Raises:
        FetchError: it cannot be had, or what came is not as expected; the version in use stays.
        UsageError: see :func:`key_of`.
    """
    key = key_of(item, day)
    moment = f"{datetime.fromtimestamp(now / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
    before = store.current(key)
    with store.workshop(key, item.suffix) as file:
        got = _taken(given, file) if given else _downloaded(item, file, day, progress)
        record = _record(item, key, got, moment, file)
        if before is not None and before.record.sha256 == record.sha256:
            before.record.looked = moment
            write_record(before.path, before.record)
            return Fetched("unchanged", before, before)
        try:
            checked = check(item, file, now)
        except WatchkeeperError as error:
            record.refused = " ".join(error.what.replace(str(file), key).split())
            aside = store.keep(key, file, record, item.suffix)
            stays = (
                f"the version of {before.record.fetched[:10]} stays in use"
                if before
                else "there is none in use"
            )
            raise FetchError(
                f"{key} was refused: {record.refused}", f"It is kept as {aside.path}; {stays}."
            ) from error
        _describe(record, checked, got)
        return Fetched("new", store.keep(key, file, record, _suffix(item, file)), before)


def _suffix(item: Item, file: Path) -> str:
    if not item.by_day:
        return item.suffix
    with file.open("rb") as content:
        return _PACKED.get(content.read(4), item.suffix)


def _record(item: Item, key: str, got: _Got, moment: str, file: Path) -> Record:
    with file.open("rb") as content:
        digest = file_digest(content, "sha256").hexdigest()
    return Record(
        name=key,
        title=item.title,
        publisher=item.publisher,
        licence=item.licence,
        terms=item.terms,
        address=got.address,
        fetched=moment,
        looked=moment,
        sha256=digest,
        bytes=file.stat().st_size,
        last_modified=got.last_modified,
    )


def _describe(record: Record, checked: Checked, got: _Got) -> None:
    record.format = checked.format
    record.entries = checked.entries
    record.rejected = checked.rejected
    record.as_of = checked.as_of or got.as_of
    record.notes = list(checked.notes)


def _taken(given: Path, file: Path) -> _Got:
    try:
        shutil.copyfile(given, file)
    except OSError as error:
        raise FetchError(f"{given}: {error.strerror}.", "Check the path given with --from.") from error
    return _Got(f"file {given.name}")


def _downloaded(item: Item, file: Path, day: date | None, progress: "Progress") -> _Got:
    if item.by_hand:
        raise FetchError(
            f"{item.by_hand}.", f"Then `watchkeeper fetch {item.name} --from FILE` ({item.terms})."
        )
    from watchkeeper.fetching.download import client

    with client() as http:
        if item.parts:
            return _parts(http, item, file, progress)
        address = _address_on_page(http, item, file) if item.page else ""
        addresses = [address] if address else [one.format(day=day) if day else one for one in item.addresses]
        raw = file.with_name("raw") if item.convert else file
        got = _first(http, item, addresses, raw, progress)
    as_of = from_overpass(item, raw, file) if item.convert == "overpass" else None
    return _Got(got.address, got.last_modified, as_of)


def _first(
    http: "httpx.Client", item: Item, addresses: list[str], into: Path, progress: "Progress"
) -> "Downloaded":
    """The first of the addresses under which there is something."""
    from watchkeeper.fetching.download import NotThereError, download

    missing: list[str] = []
    for address in addresses:
        try:
            return download(http, address, into, item.limit_bytes, progress, item.query)
        except NotThereError as error:
            missing.append(error.what)
    raise FetchError(" ".join(missing), f"Look whether it is published: {item.terms}")


def _parts(http: "httpx.Client", item: Item, file: Path, progress: "Progress") -> _Got:
    got: dict[str, Path] = {}
    for part in item.parts:
        got[part] = file.with_name(f"{part}.geojson")
        _first(http, item, [item.address.format(part=part)], got[part], progress)
    joined(item, got, file)
    return _Got(item.address.format(part=",".join(item.parts)))


def _address_on_page(http: "httpx.Client", item: Item, file: Path) -> str:
    """The newest address is on the publisher's page, which is read, not executed."""
    from watchkeeper.fetching.download import download

    page = file.with_name("page.html")
    download(http, item.page, page, PAGE_BYTES, lambda done, total: None)
    found = re.search(item.link, page.read_text("utf-8", errors="replace"))
    if found is None:
        raise FetchError(
            f"{item.name}: the address was not found on {item.page}.",
            f"Download it from there by hand, then `watchkeeper fetch {item.name} --from FILE`.",
        )
    return urljoin(item.page, str(found[1]).replace("&amp;", "&"))
