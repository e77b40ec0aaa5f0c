"""``alerts``: the officer's list, what can be done with an alert, mutes, and the hand-over of a shift."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchkeeper.cli import options, shift
from watchkeeper.cli.desk import (
    SHORT,
    As,
    For,
    Realm,
    Reason,
    StoreDir,
    Until,
    actor,
    as_record,
    done,
    end_of,
    named,
    now_ms,
    opened,
    several,
    when,
)
from watchkeeper.cli.output import for_programs, print_lines, print_page, print_text, table
from watchkeeper.errors import UsageError
from watchkeeper.log import one_line
from watchkeeper.model.finding import REAL

if TYPE_CHECKING:
    from watchkeeper.cases.alarms.alert import Standing
    from watchkeeper.cases.alarms.listing import Row
    from watchkeeper.model.event import Document

app = typer.Typer(no_args_is_help=True)

Ids = Annotated[list[str], typer.Argument(metavar="ALERT...", help="Ids, or how they begin.")]
Id = Annotated[str, typer.Argument(metavar="ALERT", help="Its id, or how it begins.")]


@app.callback()
def alerts() -> None:
    """Work the officer's list.

    Example: watchkeeper alerts list --store watch
    """


@app.command("list")
def list_alerts(
    store: StoreDir,
    state: Annotated[
        list[str] | None, typer.Option("--state", help="Repeatable.", show_default="open")
    ] = None,
    mmsi: Annotated[int | None, typer.Option("--mmsi", help="One ship.")] = None,
    text: Annotated[str, typer.Option("--text", help="What name or headline hold.")] = "",
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """The list: new ones first, the highest score first, muted ones below.

    Example: watchkeeper alerts list --store watch --state new --state snoozed
    """
    from watchkeeper.cases.alarms.alert import ALERTS, DONE, OPEN
    from watchkeeper.cases.alarms.keeping import everything
    from watchkeeper.cases.alarms.listing import listed
    from watchkeeper.cases.alarms.mutes import MUTES, in_force
    from watchkeeper.model.event import Query

    states = tuple(state or OPEN)
    unknown = [name for name in states if name not in (*OPEN, *DONE)]
    if unknown:
        raise UsageError(f"--state {unknown[0]} is no state.", f"Choose of {', '.join((*OPEN, *DONE))}.")
    now = now_ms()
    with opened(store) as log:
        query = Query(collection=ALERTS, realm=realm, states=states, mmsi=mmsi, text=text, order="score")
        mutes = in_force(everything(log, Query(collection=MUTES, realm=realm, order="id")), now)
        rows = listed(everything(log, query), mutes, now, states)
    if for_programs(as_json):
        print_lines(rows)
    else:
        columns = ("alert", "state", ">score", "ship or feed", "headline", "escalates")
        print_page(table(columns, map(_cells, rows)), f"{len(rows)} alerts; times are UTC")


@app.command()
def show(alert: Id, store: StoreDir, realm: Realm = REAL, as_json: options.Json = None) -> None:
    """One alert: what it says, where it stands, and all that was done with it.

    Example: watchkeeper alerts show 3f2a --store watch
    """
    from watchkeeper.cases.alarms.alert import ALERTS
    from watchkeeper.cases.alarms.keeping import events_of

    with opened(store) as log:
        document = named(log, ALERTS, alert, realm)
        events = list(events_of(log, 0, kinds=("alert.",), subject=document.id))
    if for_programs(as_json):
        print_lines([{**as_record(document), "events": events}])
    else:
        print_text(_page(document))
        told = [e for e in events if e.kind != "alert.updated" or e.body.get("worse")]
        print_text(f"  {when(e.at)}  {one_line(e.actor)}  {_did(e.kind, e.body)}" for e in told)


@app.command()
def acknowledge(
    ids: Ids,
    store: StoreDir,
    reason: Reason = "",
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Say that you have seen them, and are at it.

    Example: watchkeeper alerts acknowledge 3f2a 77c1 --store watch --as anna
    """
    _act(store, ids, "acknowledge", name, realm, as_json, reason=reason)


@app.command()
def snooze(
    ids: Ids,
    store: StoreDir,
    how_long: For = None,
    until: Until = None,
    reason: Reason = "",
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Put them aside for 60 minutes, or as long as you say; they come back earlier if they become worse.

    Example: watchkeeper alerts snooze 3f2a --for "4 h" --store watch
    """
    now = now_ms()
    _act(
        store, ids, "snooze", name, realm, as_json, reason=reason, until=end_of(how_long, until, now), at=now
    )


@app.command()
def assign(
    ids: Ids,
    store: StoreDir,
    to: Annotated[str, typer.Option("--to", metavar="NAME", help="Whom.")],
    reason: Reason = "",
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Give them to somebody.

    Example: watchkeeper alerts assign 3f2a --to bo --store watch
    """
    _act(store, ids, "assign", name, realm, as_json, reason=reason, to=to)


@app.command()
def confirm(
    ids: Ids,
    store: StoreDir,
    reason: Reason = "",
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Say that it is what it looks like.

    Example: watchkeeper alerts confirm 3f2a --reason "seen by the patrol aircraft" --store watch
    """
    _act(store, ids, "confirm", name, realm, as_json, reason=reason)


@app.command()
def dismiss(
    ids: Ids,
    store: StoreDir,
    reason: Reason = "",
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Say that it is nothing, and why. Only another kind of finding raises it again.

    Example: watchkeeper alerts dismiss 3f2a --reason "cable layer at work" --store watch
    """
    _act(store, ids, "dismiss", name, realm, as_json, reason=reason)


@app.command()
def close(
    ids: Ids,
    store: StoreDir,
    reason: Reason = "",
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Take what was decided off the list.

    Example: watchkeeper alerts close 3f2a --store watch
    """
    _act(store, ids, "close", name, realm, as_json, reason=reason)


@app.command()
def reopen(
    ids: Ids,
    store: StoreDir,
    reason: Reason = "",
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Take a decision back; the alert is new again.

    Example: watchkeeper alerts reopen 3f2a --reason "the cable layer was elsewhere" --store watch
    """
    _act(store, ids, "reopen", name, realm, as_json, reason=reason)


for command in (shift.mute, shift.mutes, shift.unmute, shift.handover):
    app.command()(command)


def _act(
    store: StoreDir,
    ids: list[str],
    action: str,
    name: str | None,
    realm: str,
    as_json: bool | None,
    at: int | None = None,
    **said: Any,
) -> None:
    """Do the same with some alerts; where one cannot be done, none is."""
    from watchkeeper.cases.alarms.alert import ALERTS
    from watchkeeper.cases.alarms.states import act

    by, now = actor(name), at if at is not None else now_ms()
    with opened(store, write=True) as log:
        found = several(log, ALERTS, ids, realm)
        # Who can write the files of the store can do anything with it: a role would only seem to protect.
        drafts = [act(alert, action, at=now, actor=by, role="admin", **said) for alert in found]
        done(log.append(drafts), as_json)


def _cells(row: "Row") -> tuple[object, ...]:
    says = row.standing.says
    who = says.name or "no name"
    name = f"{who} ({says.mmsi})" if says.mmsi is not None else who
    state = f"{row.state}, muted" if row.muted_by else row.state
    return row.id[:SHORT], state, says.score, name, says.headline, when(row.next_level_at)


def _page(document: "Document") -> Iterator[str]:
    from watchkeeper.cases.alarms.alert import standing_of
    from watchkeeper.cli.explaining import wrapped

    standing = standing_of(document)
    says = standing.says
    yield one_line(
        f"Alert {document.id}: {says.name or 'no name'}" + (f", MMSI {says.mmsi}" if says.mmsi else "")
    )
    yield one_line(_where(document.state, standing))
    yield from wrapped(one_line(says.headline), 2, first="  ")
    yield ""
    for shown in says.findings:
        asset = f" at {shown.asset}" if shown.asset else ""
        yield one_line(f"  {shown.behaviour}{asset}  {shown.start} to {shown.end or 'now'}  {shown.id}")
    yield from ("", "What was done (UTC):")


def _where(state: str, standing: "Standing") -> str:
    parts = [state, f"score {standing.says.score:g}", f"raised {when(standing.raised_at)}"]
    if standing.raised > 1:
        parts.append(f"{standing.raised} times")
    if standing.assigned_to:
        parts.append(f"assigned to {standing.assigned_to}")
    if standing.snoozed_until is not None:
        parts.append(f"until {when(standing.snoozed_until)}")
    if standing.level:
        parts.append(f"escalated {standing.level} times")
    return ", ".join(parts)


def _did(kind: str, body: dict[str, Any]) -> str:
    said = body.get("reason") or body.get("to") or "; ".join(body.get("worse", ()))
    return one_line(kind.removeprefix("alert.").replace("-", " ") + (f": {said}" if said else ""))
