"""``fetch``: public data from their publishers."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchkeeper import log
from watchkeeper.cli import options
from watchkeeper.cli.output import for_programs, print_lines, print_page, table
from watchkeeper.errors import FetchError, UsageError, WatchkeeperError

if TYPE_CHECKING:
    from watchkeeper.fetching.catalogue import Item
    from watchkeeper.fetching.fetch import Fetched
    from watchkeeper.fetching.store import Store, Version

DIFF: Final = "diff"


def fetch(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME [DAY]...", help="What to fetch; `diff NAME` compares its last two versions."
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="Show what can be fetched and what is there.")] = False,
    given: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Take this file instead of downloading.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--to", metavar="DIR", help="Where versions are kept.", show_default="the user's data folder"
        ),
    ] = None,
    as_json: options.Json = None,
) -> None:
    """Get lists, map layers and days of traffic; each is checked before it replaces the version in use.

    A name that was fetched can be used in place of a file: scan ... --list ofac-sdn --layer osm-cables.

    Example: watchkeeper fetch ofac-sdn eu-vessels dma 2025-12-31
    """
    from watchkeeper.fetching.store import Store

    store = Store(folder)
    if show:
        _show(store, as_json)
    elif what and what[0] == DIFF:
        _differences(store, what[1:], as_json)
    elif what:
        _fetch(store, asked(what), given, as_json)
    else:
        raise UsageError("Nothing to fetch was named.", "`watchkeeper fetch --list` shows what there is.")


def asked(words: list[str]) -> "list[tuple[Item, date | None]]":
    """Items, each with the day that was written behind it.

    Raises:
        UsageError: an unknown name, or a day without a name before it.
    """
    from watchkeeper.fetching.catalogue import item_named

    found: list[tuple[Item, date | None]] = []
    for word in words:
        day = _day(word)
        if day is None:
            found.append((item_named(word), None))
        elif not found:
            raise UsageError(f"{word} stands before any name.", "Write `fetch dma 2025-12-31`.")
        elif found[-1][1] is None:
            found[-1] = (found[-1][0], day)
        else:
            found.append((found[-1][0], day))
    return found


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _fetch(
    store: "Store", items: "list[tuple[Item, date | None]]", given: Path | None, as_json: bool | None
) -> None:
    """Each in turn; what fails does not keep the others from being fetched."""
    from watchkeeper.cli.progress import stages
    from watchkeeper.cli.scan import present
    from watchkeeper.fetching.fetch import fetch as get
    from watchkeeper.fetching.fetch import key_of

    if given is not None and len(items) != 1:
        raise UsageError("--from is given with several names.", "Name the one it is for.")
    for item, day in items:
        key_of(item, day)
    failed: list[WatchkeeperError] = []
    done: list[Fetched] = []
    for item, day in items:
        try:
            with stages() as shown:
                done.append(
                    get(item, store, present(), day=day, given=given, progress=_progress(shown, item.name))
                )
        except FetchError as error:
            failed.append(error)
            if len(items) > 1:
                log.talk().print(f"failed: {log.one_line(str(error))}")
    if for_programs(as_json):
        print_lines(_as_record(one) for one in done)
    else:
        print_page(*(_in_words(one) for one in done))
    if failed and len(items) == 1:
        raise failed[0]
    if failed:
        raise FetchError(f"{len(failed)} of {len(items)} could not be fetched.", "The reasons are above.")


def _progress(shown: Any, name: str) -> Any:
    return lambda done, total: shown.show(name, done, total, done, "bytes")


def _in_words(one: "Fetched") -> str:
    record = one.version.record
    if one.outcome == "unchanged":
        return f"{record.name}: unchanged since {record.fetched[:10]} ({_holds(one.version)})"
    was = f"; before: {one.before.record.entries:,}" if one.before and one.before.record.entries else ""
    lines = [f"{record.name}: new version, {_holds(one.version)}{was}", f"  {one.version.path}"]
    lines += [f"  licence: {record.licence}", *(f"  note: {note}" for note in record.notes)]
    return "\n".join(lines)


def _holds(version: "Version") -> str:
    record = version.record
    dated = f"dated {record.as_of}" if record.as_of else "without a date of its own"
    rejected = f", {record.rejected:,} rows rejected" if record.rejected else ""
    return f"{record.entries or 0:,} entries, {dated}{rejected}"


def _as_record(one: "Fetched") -> dict[str, Any]:
    import msgspec

    record: dict[str, Any] = msgspec.to_builtins(one.version.record)
    return {"outcome": one.outcome, "path": str(one.version.path)} | record


def _show(store: "Store", as_json: bool | None) -> None:
    from watchkeeper.fetching.catalogue import catalogue

    rows = [row for item in catalogue().values() for row in _rows(item, store)]
    if for_programs(as_json):
        print_lines(rows)
        return
    columns = ("Name", "What", "Licence", ">Versions", ">Entries", "Dated", ">Age, days")
    keys = ("name", "title", "licence", "versions", "entries", "as_of", "age_days")
    print_page(table(columns, ([row[key] for key in keys] for row in rows)))
    print_page(f"versions are kept in {store.folder}")


def _rows(item: "Item", store: "Store") -> list[dict[str, Any]]:
    """The item with its newest version; for traffic, one row for every day that is there."""
    days = store.days(item.name) if item.by_day else []
    return [_row(item, key, store.versions(key)) for key in days or [item.name]]


def _row(item: "Item", key: str, versions: "list[Version]") -> dict[str, Any]:
    newest = versions[-1].record if versions else None
    today = datetime.now(UTC).date()
    return {
        "name": key,
        "title": item.title + (", by hand" if item.by_hand else "") + (", by day" if item.by_day else ""),
        "kind": item.kind,
        "publisher": item.publisher,
        "licence": item.licence,
        "terms": item.terms,
        "versions": len(versions),
        "entries": newest.entries if newest else None,
        "as_of": newest.as_of if newest else None,
        "fetched": newest.fetched if newest else None,
        "age_days": (today - date.fromisoformat(newest.looked[:10])).days if newest else None,
        "sha256": newest.sha256 if newest else None,
        "path": str(versions[-1].path) if versions else None,
    }


def _differences(store: "Store", names: list[str], as_json: bool | None) -> None:
    from watchkeeper.fetching.catalogue import item_named
    from watchkeeper.lists.differences import differences
    from watchkeeper.lists.load import load_any

    if len(names) != 1:
        raise UsageError("diff needs one name.", "Write `watchkeeper fetch diff ofac-sdn`.")
    item = item_named(names[0])
    if item.kind != "list":
        raise UsageError(f"{item.name} is no list.", "Only versions of lists are compared entry by entry.")
    versions = store.versions(item.name)
    if len(versions) < 2:
        what = f"{item.name}: {len(versions)} version{'s' * (len(versions) != 1)}, nothing to compare."
        raise FetchError(what, f"Run `watchkeeper fetch {item.name}` when the publisher has changed it.")
    old, new = versions[-2:]
    found = differences(load_any(old.path), load_any(new.path))
    if for_programs(as_json):
        print_lines([found])
        return
    print_page(
        f"{item.name}: {old.record.fetched[:10]} ({found.before:,} entries) to {new.record.fetched[:10]} "
        f"({found.after:,}): {len(found.added):,} added, {len(found.removed):,} removed, "
        f"{len(found.changed):,} changed, {found.same:,} the same"
    )
    for sign, entries in (("+", found.added), ("-", found.removed), ("~", found.changed)):
        for one in entries:
            fields = "".join(f"; {field}: {before} -> {after}" for field, before, after in one.fields)
            print_page(f"{sign} {one.key} {one.name}{fields}")
