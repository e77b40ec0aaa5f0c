"""``exchange retract|holders|ledger|why|verify``: what was released, to whom, why; and taking it back."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchkeeper.cli import options
from watchkeeper.cli.desk import SHORT, As, Reason, StoreDir, actor, now_ms, when
from watchkeeper.cli.output import for_programs, print_lines, print_page, print_text, table
from watchkeeper.cli.share import By
from watchkeeper.cli.sharing_desk import opened
from watchkeeper.errors import StoreError, UsageError

if TYPE_CHECKING:
    from watchkeeper.exchange.ledger import Entry, Holder, Why

Object = Annotated[
    str, typer.Argument(metavar="OBJECT", help="The id of an object, or how it or its UUID begins.")
]
To = Annotated[str, typer.Option("--to", metavar="ORG", help="An organisation.")]

_SHOWN: Final = 3


def retract(object: Object, store: StoreDir, reason: Reason = "", by: By = "", name: As = None) -> None:
    """Take an object back: a new version, revoked, with the reason, goes to all who could read it or have it.

    Example: watchkeeper exchange retract infrastructure--2f --reason "The name was misread." --by "Coast Guard"
    """
    from watchkeeper.exchange.retraction import retract as take_back
    from watchkeeper.log import talk

    if not by.strip():
        raise UsageError("Nobody says who takes it back.", "Give --by, or set WATCHKEEPER_ORGANISATION.")
    who = actor(name).removeprefix("user:")
    with opened(store) as held:
        id = held.object(object)
        done = take_back(
            held.hub, held.carriage, held.decisions, id, reason=reason, by=by, user=who, at=now_ms()
        )
    talk().print(f"taken back: {done.object}, in {len(done.collections)} collections")
    talk().print(f"they are told when they next pull: {', '.join(done.told) or 'nobody'}")
    if done.unreachable:
        talk().print(f"these have it and are given nothing here any more: {', '.join(done.unreachable)}")


def holders(object: Object, store: StoreDir, as_json: options.Json = None) -> None:
    """Who pulled an object, which versions and when; and who was not told yet that it was taken back.

    Example: watchkeeper exchange holders infrastructure--2f
    """
    with opened(store) as held:
        found = held.ledger.holders(held.object(object))
    if for_programs(as_json):
        print_lines(found)
        return
    rows = [
        (one.organisation, version.version or "deleted since", when(version.at), _told(one))
        for one in found
        for version in one.versions
    ]
    print_page(table(("organisation", "version", "first pulled (UTC)", "retraction"), rows))


def ledger(
    store: StoreDir,
    to: Annotated[str | None, typer.Option("--to", metavar="ORG", help="Only of this organisation.")] = None,
    as_json: options.Json = None,
) -> None:
    """What was released to partners, withheld from them and why, what they pulled, what was taken back.

    Example: watchkeeper exchange ledger --to Navy
    """
    with opened(store) as held:
        entries = list(held.ledger.entries(to))
    if for_programs(as_json):
        print_lines(entries)
        return
    columns = ("time (UTC)", "organisation", "what", ">objects", "which", "rule", "why")
    print_page(table(columns, (_row(alike) for alike in _together(entries))))


def why(object: Object, store: StoreDir, to: To, as_json: options.Json = None) -> None:
    """Why an organisation has an object, or has not: as it stands now, as it was decided, and what it pulled.

    Example: watchkeeper exchange why infrastructure--2f --to Liaison
    """
    with opened(store) as held:
        if to not in held.hub.partners.organisations():
            raise UsageError(f"There is no organisation {to[:100]}.", "See: watchkeeper exchange org list")
        answer = held.ledger.why(held.object(object), to, now_ms())
    if for_programs(as_json):
        print_lines([answer])
        return
    print_text(_in_words(answer))


def verify(store: StoreDir, as_json: options.Json = None) -> None:
    """Whether the ledger is whole: the chain of the log, the pulls against it, and the objects against their sums.

    Example: watchkeeper exchange verify
    """
    from watchkeeper.exchange.auditing import faults_of

    with opened(store) as held:
        faults = [str(damage) for damage in held.decisions.verify()]
        counted, wrong = faults_of(held.store.engine, held.decisions)
        standing = held.decisions.standing()
    faults += wrong
    if for_programs(as_json):
        print_lines([{**counted, "head": standing.seq, "hash": standing.hash, "faults": faults}])
    else:
        counts = ", ".join(f"{n:,} {what}" for what, n in counted.items())
        print_text([f"{counts}; head {standing.seq} {standing.hash}", *faults])
    if faults:
        raise StoreError(
            f"The ledger is not whole: {len(faults)} faults.", "Restore the last backup into a new store."
        )


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group ``exchange``."""
    for command in (retract, holders, ledger, why, verify):
        app.command()(command)


def _told(holder: "Holder") -> str:
    if holder.told_at is not None:
        return f"told {when(holder.told_at)}"
    return "not told yet" if holder.outstanding else ""


def _together(entries: Iterable["Entry"]) -> Iterator[list["Entry"]]:
    """Entries of one event that say the same of several objects."""
    for _, alike in groupby(entries, key=lambda e: (e.event, e.organisation, e.happened, e.rule, e.says)):
        yield list(alike)


def _row(alike: "list[Entry]") -> tuple[object, ...]:
    first, ids = alike[0], [id for entry in alike for id in entry.objects]
    which = ", ".join(f"{id.partition('--')[0]} {id.partition('--')[2][:SHORT]}" for id in ids[:_SHOWN])
    more = " ..." if len(ids) > _SHOWN else ""
    count = sum(entry.count for entry in alike)
    return (when(first.at), first.organisation, first.happened, count, which + more, first.rule, first.says)


def _in_words(answer: "Why") -> list[str]:
    lines = [f"{answer.object}, towards {answer.organisation}"]
    for standing in answer.now:
        lines.append(f"  now      {standing.title}, version {standing.version}: {standing.decision.outcome}")
        lines += [f"           {reason.rule}: {reason.says}" for reason in standing.decision.reasons]
    if not answer.now:
        lines.append("  now      No collection carries it.")
    for entry in answer.decided:
        lines.append(f"  decided  {when(entry.at)}: {entry.happened} ({entry.rule}). {entry.says}")
    for version in answer.given:
        lines.append(f"  pulled   {when(version.at)}: version {version.version or 'deleted since'}")
    if not answer.given:
        lines.append("  pulled   never")
    return lines
