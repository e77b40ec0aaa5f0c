"""What the commands of the desk share: the store, who works, the time, things named by how their id begins."""

import getpass
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchkeeper.cli import options
from watchkeeper.errors import UsageError
from watchkeeper.model.time import SECOND, to_iso

if TYPE_CHECKING:
    from watchkeeper.model.event import Decisions, Document, Event, Projector

STORE: Final = Path("watch")
"""Where the store is if nobody says otherwise: a folder beside the work at hand."""

StoreDir = Annotated[
    Path,
    typer.Option(
        "--store",
        metavar="DIR",
        help="The store of the watch.",
        envvar="WATCHKEEPER_STORE",
        default_factory=lambda: STORE,
        show_default=str(STORE),
    ),
]
As = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="NAME", help="Who decides; it stands in the log.", show_default="your user name"
    ),
]
Realm = Annotated[str, typer.Option("--realm", help="`real`, or `exercise:<id>`.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stands in the log.")]
For = Annotated[str | None, typer.Option("--for", metavar="DURATION", help="Such as `60 min`, `4 h`, `7 d`.")]
Until = Annotated[str | None, typer.Option("--until", metavar="TIME", help="ISO 8601, UTC.")]

SHORT: Final = 8
_LEAST_PREFIX: Final = 4
_NAME: Final = re.compile(r"[\w.@ -]{1,60}")


def projectors() -> "tuple[Projector, ...]":
    """Everything that keeps documents of decisions: give it to a store when it is opened."""
    from watchkeeper.projectors import projectors as every

    return every()


@contextmanager
def opened(store: Path, *, write: bool = False) -> "Iterator[Decisions]":
    """The log of decisions of a store, to read or to decide in, beside the watch that writes it."""
    from watchkeeper.store.folder import Store

    with Store.open(store, write=False, decide=write, projectors=projectors()) as held:
        yield held.decisions


def actor(name: str | None) -> str:
    """Who works, as the log names them.

    Raises:
        UsageError: no name, or one with signs that a name does not have.
    """
    given = (name or getpass.getuser()).strip()
    if not _NAME.fullmatch(given):
        raise UsageError(f"--as {given!r} is no name.", "Use letters, figures, blanks and . - @.")
    return f"user:{given}"


def now_ms() -> int:
    """The time of the wall clock [ms UTC]."""
    return int(datetime.now(UTC).timestamp() * SECOND)


def named(log: "Decisions", collection: str, id: str, realm: str) -> "Document":
    """The one document whose id begins so.

    Raises:
        UsageError: none, or several; they are named.
    """
    from watchkeeper.cases.alarms.keeping import everything
    from watchkeeper.model.event import Query

    exact = log.document(collection, id)
    if exact is not None and exact.realm == realm:
        return exact
    what = collection.rstrip("s")
    if len(id) < _LEAST_PREFIX:
        raise UsageError(f"{id!r} names no {what}.", f"Give {_LEAST_PREFIX} signs of its id or more.")
    query = Query(collection=collection, realm=realm, order="id")
    found = [document for document in everything(log, query) if document.id.startswith(id)]
    if len(found) != 1:
        near = ", ".join(document.id[: len(id) + 4] for document in found[:5])
        several = f"{len(found)} {collection} have ids that begin so: {near}." if found else ""
        raise UsageError(
            f"{id!r} names {'more than one' if found else 'no'} {what}.",
            several or f"See `{collection} list`.",
        )
    return found[0]


def several(log: "Decisions", collection: str, ids: Sequence[str], realm: str) -> "list[Document]":
    """The documents of some ids, each once."""
    found = {document.id: document for document in (named(log, collection, id, realm) for id in ids)}
    return list(found.values())


def when(ms: int | None) -> str:
    """A time for a table: to the minute."""
    return "" if ms is None else to_iso(ms)[:16].replace("T", " ")


def done(events: "Sequence[Event]", as_json: bool | None) -> None:
    """Say what was written."""
    from watchkeeper.cli.output import for_programs, print_lines, print_text

    if for_programs(as_json):
        print_lines(events)
        return
    print_text(
        f"{event.kind} {event.subject[:SHORT]} ({event.actor}, {to_iso(event.at)})" for event in events
    )


def as_record(document: "Document") -> dict[str, Any]:
    """A document as a program reads it: its columns beside its body."""
    return {"id": document.id, "state": document.state, "realm": document.realm, **document.body}


def end_of(how_long: str | None, until: str | None, now: int) -> int | None:
    """When something ends that is given by ``--for`` or ``--until`` [ms UTC]; None for neither.

    Raises:
        UsageError: both are given, or no time.
    """
    from watchkeeper.cases.alarms.rules import duration_ms

    if how_long is not None and until is not None:
        raise UsageError("--for and --until are both given.", "Give one of them.")
    return now + duration_ms(how_long) if how_long is not None else options.moment(until, "--until")
