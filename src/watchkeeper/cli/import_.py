"""``import``: what others sent, into a store."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchkeeper.cli import options
from watchkeeper.cli.desk import As, StoreDir, actor, now_ms, projectors
from watchkeeper.cli.output import for_programs, print_lines, print_page, table
from watchkeeper.errors import InputError

if TYPE_CHECKING:
    from watchkeeper.exchange.things import Incoming
    from watchkeeper.model.event import Event
    from watchkeeper.store.folder import Store

AUTO: Final = "auto"
_AT_ONCE: Final = 1_000
"""Events of one transaction."""
_REASONS_SHOWN: Final = 5


def import_(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="What was received; also the folder or https address of a MISP feed."
        ),
    ],
    store: StoreDir,
    format_: Annotated[
        str, typer.Option("--format", metavar="NAME", help="`auto` looks into the file.")
    ] = AUTO,
    sender: Annotated[
        str, typer.Option("--from", metavar="ORG", help="The organisation that handed it on.")
    ] = "",
    private: Annotated[
        bool, typer.Option("--private", help="An address may be inside your own network, and in the clear.")
    ] = False,
    by: As = None,
    as_json: options.Json = None,
) -> None:
    """Take in findings, evidence, cases and indicators of others; they are kept apart from your own findings.

    Every object is kept byte for byte, with who made it, who sent it, when it came, and its SHA-256. What cannot be
    used is refused with its reason, and the rest is taken.

    Example: watchkeeper import case.json --store watch --from "Coast Guard of Estonia"
    """
    from watchkeeper.log import one_line, talk
    from watchkeeper.store.folder import Store

    who = actor(by)
    told = []
    with Store.open(store, write=False, decide=True, projectors=projectors()) as held:
        for given in files:
            path = Path(given)
            incoming, name, digest = _feed(given, private=private) or _read(path, format_)
            told.append(_kept(held, incoming, path, name, digest, sender, who))
            for refused in incoming.refused[:_REASONS_SHOWN]:
                talk().print(f"{path}: refused: {one_line(f'{refused.where}: {refused.reason}')}")
    if for_programs(as_json):
        print_lines(told)
        return
    columns = ("File", "Format", ">Objects", ">New", ">Findings", ">Indicators", ">Ships matched", ">Refused")
    keys = ("file", "format", "objects", "new", "findings", "indicators", "ships_matched", "refused")
    print_page(
        table(columns, ([len(v) if isinstance(v := one[k], list) else v for k in keys] for one in told))
    )


def _feed(given: str, *, private: bool) -> "tuple[Incoming, str, str] | None":
    """What a MISP feed holds, where a folder or an address is given; its SHA-256 is that of its manifest."""
    import hashlib

    from watchkeeper.exchange.misp.feed import MANIFEST, from_folder, read_feed

    if "://" in given:
        from watchkeeper.cli.guarded import files_at

        get = files_at(given, private=private)
    elif Path(given).is_dir():
        get = from_folder(Path(given))
    else:
        return None
    return read_feed(get), "misp", hashlib.sha256(get(MANIFEST)).hexdigest()


def _read(path: Path, format_: str) -> "tuple[Incoming, str, str]":
    """What a file holds, the name of its format, and its SHA-256."""
    import hashlib

    from watchkeeper.exchange.formats import reader, recognised

    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}.", "Give a file that can be read.") from error
    known = recognised(data, str(path)) if format_ == AUTO else reader(format_)
    assert known.read is not None
    try:
        incoming = known.read(data)
    except InputError as error:
        raise type(error)(f"{path}: {error.what}", error.next_step) from error
    return incoming, known.name, hashlib.sha256(data).hexdigest()


def _kept(
    store: "Store", incoming: "Incoming", path: Path, name: str, digest: str, sender: str, who: str
) -> dict[str, Any]:
    """Keep it, and say what came of it."""
    from watchkeeper.exchange.received import Provenance, drafts
    from watchkeeper.exchange.sought import ships_sought

    source = Provenance(sender=sender, format=name, file=path.name, sha256=digest)
    before = store.decisions.head()
    waiting = drafts(incoming, source, at=now_ms(), actor=who)
    written: list[Event] = []
    while part := list(islice(waiting, _AT_ONCE)):
        written += store.decisions.append(part)
    things = incoming.things
    return {
        "file": str(path),
        "format": name,
        "sha256": digest,
        "objects": len(incoming.kept),
        "new": sum(event.seq > before and event.kind == "received.object" for event in written),
        "findings": len(things.findings),
        "vessels": len(things.vessels),
        "cases": len(things.cases),
        "indicators": len(incoming.indicators),
        "ships_matched": sorted(ships_sought(store, incoming.indicators, things.realm)),
        "refused": len(incoming.refused),
        "reasons": [f"{one.where}: {one.reason}" for one in incoming.refused[:100]],
    }
