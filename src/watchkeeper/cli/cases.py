"""``cases``: alerts that belong together, with notes, evidence, claims, and a timeline of it all."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchkeeper.cli import options
from watchkeeper.cli.casefile import line_of, page, print_cases, timeline_of
from watchkeeper.cli.desk import (
    As,
    Realm,
    Reason,
    StoreDir,
    actor,
    as_record,
    done,
    named,
    now_ms,
    opened,
    several,
)
from watchkeeper.cli.output import for_programs, print_lines, print_text
from watchkeeper.errors import UsageError
from watchkeeper.model.finding import REAL

if TYPE_CHECKING:
    from watchkeeper.cases.register.actions import Worker
    from watchkeeper.model.event import Decisions, Draft

app = typer.Typer(no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="CASE", help="Its id, or how it begins.")]
Alerts = Annotated[list[str], typer.Argument(metavar="ALERT...", help="Ids, or how they begin.")]


@app.callback()
def cases() -> None:
    """Work cases.

    Example: watchkeeper cases list --store watch
    """


@app.command("list")
def list_cases(
    store: StoreDir,
    state: Annotated[str, typer.Option("--state", help="open, closed or all.")] = "open",
    text: Annotated[str, typer.Option("--text", help="Words that a case holds.")] = "",
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """The cases, latest first.

    Example: watchkeeper cases list --state all --store watch
    """
    from watchkeeper.cases.alarms.keeping import everything
    from watchkeeper.cases.register.case import CASES
    from watchkeeper.cases.register.search import Wanted, search
    from watchkeeper.model.event import Query

    if state not in ("open", "closed", "all"):
        raise UsageError(f"--state {state} is no state.", "Choose of open, closed, all.")
    states = () if state == "all" else (state,)
    with opened(store) as log:
        found = everything(log, Query(collection=CASES, realm=realm, states=states, order="t"))
    print_cases(search(found, Wanted(text=text)), as_json)


@app.command()
def show(case: Id, store: StoreDir, realm: Realm = REAL, as_json: options.Json = None) -> None:
    """One case with its timeline: what happened at sea, what was said, and what was done, by whom.

    Example: watchkeeper cases show 51d0 --store watch
    """
    from watchkeeper.cases.register.case import CASES, case_of

    with opened(store) as log:
        document = named(log, CASES, case, realm)
        moments = timeline_of(log, document)
    if for_programs(as_json):
        print_lines([{**as_record(document), "timeline": moments}])
        return
    print_text(page(document.id, document.state, case_of(document)))
    print_text(line_of(moment) for moment in moments)


@app.command()
def new(
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What it is about, in a few words.")],
    store: StoreDir,
    alert: Annotated[
        list[str] | None, typer.Option("--alert", help="An alert it is made of. Repeatable.")
    ] = None,
    summary: Annotated[str, typer.Option("--summary", metavar="TEXT", help="What is known.")] = "",
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Open a case, of alerts or of nothing yet.

    Example: watchkeeper cases new "Slow over C-Lion1" --alert 3f2a --store watch
    """
    from watchkeeper.cases.alarms.alert import ALERTS
    from watchkeeper.cases.register.actions import open_case

    with opened(store, write=True) as log:
        alerts = several(log, ALERTS, alert or (), realm)
        draft = open_case(title, at=now_ms(), actor=actor(name), summary=summary, alerts=alerts, realm=realm)
        done(log.append([draft]), as_json)


@app.command()
def add(
    case: Id,
    alerts: Alerts,
    store: StoreDir,
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Group more alerts under a case.

    Example: watchkeeper cases add 51d0 77c1 --store watch
    """
    from watchkeeper.cases.alarms.alert import ALERTS

    def draft(worker: "Worker", log: "Decisions") -> "Draft":
        return worker.add_alerts(several(log, ALERTS, alerts, realm))

    work(store, case, name, realm, as_json, draft)


@app.command()
def note(
    case: Id,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to write down.")],
    store: StoreDir,
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Write something into a case.

    Example: watchkeeper cases note 51d0 "The operator was called." --store watch
    """
    work(store, case, name, realm, as_json, lambda worker, log: worker.note(text))


@app.command()
def evidence(
    case: Id,
    store: StoreDir,
    finding: Annotated[str | None, typer.Option("--finding", metavar="ID", help="A finding.")] = None,
    line: Annotated[
        str | None, typer.Option("--line", metavar="TEXT", help="A raw line and where it stands.")
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", help="A document; its SHA-256 is kept.")] = None,
    shows: Annotated[str, typer.Option("--shows", metavar="TEXT", help="What it shows.")] = "",
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Add evidence to a case: a finding, a raw line, or a document.

    Example: watchkeeper cases evidence 51d0 --line "aisdk.csv:17: 18/11/2024 ..." --shows "7 kn" --store watch
    """
    given = [("finding", finding), ("line", line), ("document", None if file is None else _sha256_of(file))]
    chosen = [(kind, id) for kind, id in given if id is not None]
    if len(chosen) != 1:
        raise UsageError("Evidence is one thing.", "Give one of --finding, --line, --file.")
    kind, id = chosen[0]
    remark = shows or (file.name if file is not None else "")
    work(store, case, name, realm, as_json, lambda worker, log: worker.evidence(kind, id, remark))


@app.command()
def claim(
    case: Id,
    says: Annotated[str, typer.Argument(metavar="STATEMENT", help="What was said, in the party's words.")],
    store: StoreDir,
    party: Annotated[str, typer.Option("--by", metavar="PARTY", help="Who said it.")],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="When it was said.")],
    source: Annotated[str, typer.Option("--source", metavar="TEXT", help="Where it can be read.")],
    attributes_to: Annotated[
        str, typer.Option("--to", metavar="TEXT", help="Whom the party holds responsible.")
    ] = "",
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Write down who said what, when, and where it can be read. Who did it is never more than that.

    Example: watchkeeper cases claim 51d0 "It was sabotage." --by "Minister of X" --on 2024-11-19 --source "press release" --store watch
    """  # noqa: E501
    work(
        store,
        case,
        name,
        realm,
        as_json,
        lambda worker, log: worker.claim(
            party=party, said_on=on, says=says, source=source, attributes_to=attributes_to
        ),
    )


@app.command()
def status(
    case: Id,
    to: Annotated[str, typer.Argument(metavar="STATUS", help="suspected, confirmed or refuted.")],
    store: StoreDir,
    reason: Reason = "",
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Say whether it is suspected, confirmed or refuted, and why.

    Example: watchkeeper cases status 51d0 refuted --reason "the splice had aged" --store watch
    """
    work(store, case, name, realm, as_json, lambda worker, log: worker.status(to, reason))


@app.command()
def close(
    case: Id,
    store: StoreDir,
    reason: Reason = "",
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Close a case.

    Example: watchkeeper cases close 51d0 --reason "handed to the prosecutor" --store watch
    """
    work(store, case, name, realm, as_json, lambda worker, log: worker.close(reason))


@app.command()
def reopen(
    case: Id,
    store: StoreDir,
    reason: Reason = "",
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Open a closed case again.

    Example: watchkeeper cases reopen 51d0 --reason "new data" --store watch
    """
    work(store, case, name, realm, as_json, lambda worker, log: worker.reopen(reason))


def work(
    store: Path,
    case: str,
    name: str | None,
    realm: str,
    as_json: bool | None,
    drafted: "Callable[[Worker, Decisions], Draft]",
) -> None:
    """Do one thing with a case, and say so."""
    from watchkeeper.cases.register.actions import Worker
    from watchkeeper.cases.register.case import CASES

    by = actor(name)
    with opened(store, write=True) as log:
        worker = Worker(named(log, CASES, case, realm), at=now_ms(), actor=by)
        done(log.append([drafted(worker, log)]), as_json)


def _sha256_of(file: Path) -> str:
    import hashlib

    from watchkeeper.errors import InputError

    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}.", "Check the path given with --file.") from error
