"""``store``: what a watch keeps: how much there is, whether it is whole, backup and restore."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import typer

from watchkeeper.cli import options
from watchkeeper.cli.output import for_programs, print_lines, print_page, table
from watchkeeper.cli.progress import stages
from watchkeeper.errors import OutputError, StoreError

if TYPE_CHECKING:
    from watchkeeper.model.event import Projector
    from watchkeeper.store.checking import Found
    from watchkeeper.store.folder import Store

_DOCUMENTS: Final = frozenset({"document-changed", "document-missing", "document-surplus"})

Folder = Annotated[Path, typer.Argument(metavar="STORE", help="The folder of the store.")]
Lake = Annotated[
    str | None,
    typer.Option(
        "--lake",
        metavar="WHERE",
        help="A folder, or s3://bucket/prefix.",
        show_default="the folder lake inside the store",
    ),
]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="postgresql://user@host/name, without a password.",
        show_default="that of WATCHKEEPER_DATABASE, else a SQLite file inside the store",
    ),
]

app = typer.Typer(no_args_is_help=True)


@app.callback()
def store() -> None:
    """The store of a watch: observations and decisions.

    Example: watchkeeper store info watch-store
    """


@app.command()
def create(where: Folder, lake: Lake = None, database: Database = None, as_json: options.Json = None) -> None:
    """Make an empty store.

    Example: watchkeeper store create watch-store --lake s3://baltic/lake
    """
    from watchkeeper.store.folder import Store

    made = Store.create(where, lake=lake, database=database)
    _say(as_json, {"store": str(where), **msgspec.to_builtins(made)})


@app.command()
def info(where: Folder, as_json: options.Json = None) -> None:
    """Say what a store holds. The hash, noted elsewhere, shows later that no decision was changed.

    Example: watchkeeper store info watch-store
    """
    from watchkeeper.store.folder import Store

    with Store.open(where, write=False) as opened:
        told = _info(opened)
    if for_programs(as_json):
        print_lines([told])
        return
    print_page(
        table(("", ""), [(k, v) for k, v in told.items() if not isinstance(v, dict | None)]),
        table(("Documents", ">Count"), list(told["documents"].items())),
    )
    if told["observations"]:
        print_page(_lake_table(told["observations"]))
    else:
        print_page("nothing was observed yet")


@app.command()
def verify(
    where: Folder,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out the rows of the lake and the documents.")
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make documents that differ again from the events.")
    ] = False,
    as_json: options.Json = None,
) -> None:
    """Look for damage and say what it affects; exit code 9 where there is some. Others may write meanwhile.

    Example: watchkeeper store verify watch-store
    """
    from watchkeeper.store.checking import examine
    from watchkeeper.store.folder import Store

    projectors = None if quick else _projectors()
    found = _examined(where, projectors, quick)
    documents = [f for f in found if f.kind in _DOCUMENTS]
    if rebuild and all(f in documents for f in found if f.part != "lake"):
        with Store.open(where, write=False, decide=True, projectors=_projectors()) as opened:
            count = opened.decisions.rebuild()
        found = examine(where, projectors, deep=not quick)
        documents = []
        _remark(f"{count:,} documents were made again")
    if for_programs(as_json):
        print_lines(found)
    elif found:
        rows = [(f.part, f.kind, f.where, f.effect) for f in found]
        print_page(table(("Part", "Damage", "Where", "What it means"), rows))
    else:
        print_page(f"{where}: no damage found")
    if found:
        raise StoreError(
            f"{where} is damaged in {len(found):,} places.",
            "Add --rebuild to make the documents again."
            if len(documents) == len(found)
            else "Restore decisions from a backup (watchkeeper store restore), observations from a copy.",
        )


@app.command()
def compact(
    where: Folder,
    before: Annotated[
        str | None,
        typer.Option(
            "--forget-before",
            metavar="DATE",
            help="Also forget the observations of earlier dates. Decisions are kept for ever.",
        ),
    ] = None,
    as_json: options.Json = None,
) -> None:
    """Join small files of the lake; a watch does so by itself, and must not be running.

    Example: watchkeeper store compact watch-store --forget-before 2026-01-01
    """
    from watchkeeper.store.decisions.engines import tend
    from watchkeeper.store.folder import Store

    forget, now = options.moment(before, "--forget-before"), time.time_ns() // 1_000_000
    with Store.open(where, write=True) as opened, stages() as bars:
        bars.show("joining files", 0, None)
        gone = opened.lake.expire(forget, now=now) if forget is not None else []
        epochs = [*opened.lake.info().epochs.values(), 0]
        until = _oldest_checkpoint(opened.where)
        joined = opened.lake.compact(max(epochs) if until is None else until, now=now)
        tend(opened.engine)
    _say(as_json, {"joined_files": joined, "forgotten_dates": [f"{date} ({realm})" for realm, date in gone]})


@app.command()
def export(
    where: Folder,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to.", show_default="standard output"),
    ] = None,
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--kind", help="Events of this kind only; one ending in a dot is a beginning. Repeatable."
        ),
    ] = None,
    after: Annotated[int, typer.Option("--after", metavar="SEQ", help="Events behind this one.")] = 0,
) -> None:
    """Write every decision as a line of JSON, hashes included.

    Example: watchkeeper store export watch-store --kind alert. > alerts.ndjson
    """
    from watchkeeper.store.folder import Store

    with Store.open(where, write=False) as opened:
        lines = opened.decisions.export(after, kinds=kinds or ())
        if out is None:
            for line in lines:
                sys.stdout.write(line.decode() + "\n")
            return
        if out.exists():
            raise OutputError(f"{out} is there already.", "Give another name, or remove it.")
        partial = out.with_name(out.name + ".unfinished")
        try:
            with partial.open("wb") as file:
                file.writelines(line + b"\n" for line in lines)
            partial.replace(out)
        finally:
            partial.unlink(missing_ok=True)


@app.command()
def backup(
    where: Folder,
    to: Annotated[Path, typer.Argument(metavar="FILE", help="The backup, a new file (.ndjson.zst).")],
    as_json: options.Json = None,
) -> None:
    """Write all decisions into one file with a checksum, while the store is in use. Copy the lake beside it.

    Example: watchkeeper store backup watch-store decisions-2026-01-05.ndjson.zst
    """
    from watchkeeper.store.folder import Store

    with Store.open(where, write=False) as opened, stages() as bars:
        made = opened.decisions.backup(
            to, progress=lambda done, total: bars.show("decisions", done, total, done, "events")
        )
    _say(as_json, {"file": str(to), **msgspec.to_builtins(made)})


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    where: Annotated[Path, typer.Argument(metavar="STORE", help="A new folder for the store.")],
    lake: Lake = None,
    database: Database = None,
    as_json: options.Json = None,
) -> None:
    """Make a store of a backup: the same decisions with the same hashes, in either kind of database.

    Example: watchkeeper store restore decisions-2026-01-05.ndjson.zst new-store
    """
    from watchkeeper.store.folder import Store

    with stages() as bars:
        made = Store.restore(
            where,
            file,
            lake=lake,
            database=database,
            projectors=_projectors(),
            progress=lambda done, total: bars.show("decisions", done, total, done, "events"),
        )
    _say(as_json, {"store": str(where), **msgspec.to_builtins(made)})


def _projectors() -> "tuple[Projector, ...]":
    """All that make documents of decisions."""
    from watchkeeper.projectors import projectors

    return projectors()


def _examined(where: Path, projectors: "tuple[Projector, ...] | None", quick: bool) -> "list[Found]":
    from watchkeeper.store.checking import examine

    with stages() as bars:

        def show(done: int, total: int) -> None:
            bars.show("decisions", done, total, done, "events")

        return examine(where, projectors, deep=not quick, progress=show)


def _info(opened: "Store") -> dict[str, Any]:
    from watchkeeper.store.decisions.engines import where_of
    from watchkeeper.store.lake.files import Files

    head = opened.decisions.standing()
    observed = bool(Files(opened.lake_address).list())
    return {
        "store": str(opened.where),
        "id": head.store,
        "database": where_of(opened.engine),
        "lake": opened.lake_address,
        "decisions": head.seq,
        "hash": head.hash,
        "schema": head.schema,
        "documents": opened.decisions.counts(),
        "observations": msgspec.to_builtins(opened.lake.info()) if observed else None,
    }


def _lake_table(told: dict[str, Any]) -> Any:
    from watchkeeper.model.time import to_iso

    rows = [
        (realm, len(dates), *(map(to_iso, told["span"][realm]) if realm in told["span"] else ("", "")))
        for realm, dates in told["dates"].items()
    ]
    size = sum(told["bytes"].values()) / 1e6
    title = f"{told['rows']['cells']:,} positions, {told['files']:,} files, {size:,.1f} MB"
    return table(("Realm", ">Dates", "From", "To"), rows, title)


def _oldest_checkpoint(where: Path) -> int | None:
    """The epoch of the oldest checkpoint of a watch on this store, to which it may go back."""
    from watchkeeper.engine.checkpoint import descriptions
    from watchkeeper.storing import CHECKPOINTS

    return min((int(one.get("epoch", 0)) for one in descriptions(where / CHECKPOINTS)), default=None)


def _say(as_json: bool | None, told: dict[str, Any]) -> None:
    if for_programs(as_json):
        print_lines([told])
    else:
        print_page(table(("", ""), list(told.items())))


def _remark(text: str) -> None:
    from watchkeeper import log

    log.talk().print(text)
