"""``sync``: exchange with other hubs: peers, runs, how far each is, where an object came from."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import msgspec
import typer

from watchkeeper import log
from watchkeeper.cli import desk, options
from watchkeeper.cli.output import for_programs, print_lines, print_page, table
from watchkeeper.cli.share import By
from watchkeeper.errors import FeedError, UsageError

if TYPE_CHECKING:
    from watchkeeper.exchange.hub.hub import Hub
    from watchkeeper.exchange.sync.links import Link
    from watchkeeper.exchange.sync.peers import Peer, Peers
    from watchkeeper.exchange.sync.running import Ran
    from watchkeeper.store.folder import Store

app = typer.Typer(no_args_is_help=True)
peer_app = typer.Typer(no_args_is_help=True)
app.add_typer(peer_app, name="peer")

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the peer is called here.")]
_SHOWN: Final = 5
_COLUMNS: Final = (
    "Peer", "Way", ">Expected", ">Received", ">New", ">Refused", ">Conflicts", ">Withheld", ">Known", "Complete",
)  # fmt: skip


class Open(NamedTuple):
    """An open store with its hub and its peers."""

    store: "Store"
    hub: "Hub"
    peers: "Peers"


@contextmanager
def opened(store: Path, config: Path | None) -> Iterator[Open]:
    """The hub of a store and its peers, to decide in."""
    from watchkeeper.api.access.desk import Desk as Users
    from watchkeeper.cli.config import in_force
    from watchkeeper.exchange.hub.hub import Hub
    from watchkeeper.exchange.sync.peers import Peers, peers_of
    from watchkeeper.exchange.sync.tables import bring_up
    from watchkeeper.store.folder import Store

    configured = peers_of(in_force(config, None).exchange)
    with Store.open(store, write=False, decide=True, projectors=desk.projectors()) as held:
        Users(held.engine)  # organisations are kept there
        hub = Hub(held.engine, held.decisions)
        bring_up(held.engine)
        yield Open(held, hub, Peers(held.engine, configured))


@app.callback()
def sync() -> None:
    """Exchange with other hubs (any TAXII 2.1 server): fetch what they give, send what they may have.

    Example: watchkeeper sync run --by "Coast Guard"
    """


@app.command()
def run(
    store: desk.StoreDir,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="PEER...", help="With whom.", show_default="all")
    ] = None,
    by: By = "",
    every: Annotated[
        str | None,
        typer.Option("--every", metavar="DURATION", help="Go on for ever, so often; such as `60 s`."),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Go on for ever, with each peer as often as is said of it.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Everything from the beginning; what is here is not taken twice.")
    ] = False,
    config: options.Config = None,
    as_json: options.Json = None,
) -> None:
    """Exchange with peers, from where it ended the last time; says what was expected and what came.

    Whatever ends it, the next run goes on from there. What was not taken is named with its reason.

    Example: watchkeeper sync run alliance --by "Coast Guard" --every "60 s"
    """
    from watchkeeper.cases.alarms.rules import duration_ms
    from watchkeeper.exchange.sync.running import Sync

    if not by.strip():
        raise UsageError("Nobody says whose node this is.", "Give --by, or set WATCHKEEPER_ORGANISATION.")
    with opened(store, config) as held:
        peers = held.peers.named(names or [])
        if not peers:
            raise UsageError("There are no peers.", "Add one with: watchkeeper sync peer add")
        running = Sync(held.store.engine, held.hub, held.store.decisions, by.strip(), desk.now_ms)
        if not (keep or every):
            ran = list(running.run(peers, again=again))
            _say(ran, as_json)
            for one in ran:
                if not one.complete:
                    what = one.error or f"{one.counts.missing} objects did not come"
                    raise FeedError(
                        f"{one.peer}, {one.direction}: {what}", "It goes on from there next time."
                    )
            return
        pause = {peer.name: duration_ms(every or peer.every) for peer in peers}
        due = dict.fromkeys(pause, 0)
        while True:
            now = desk.now_ms()
            for peer in [peer for peer in peers if due[peer.name] <= now]:
                _say(list(running.run([peer], again=again)), as_json)
                due[peer.name] = now + pause[peer.name]
            again = False
            time.sleep(max(0.1, (min(due.values()) - desk.now_ms()) / 1000))


def _say(ran: "list[Ran]", as_json: bool | None) -> None:
    if for_programs(as_json):
        print_lines(ran)
    else:
        rows = [
            (r.peer, r.direction, r.counts.expected, r.counts.received, r.counts.new,
             sum(r.counts.refused.values()), r.counts.conflicts, sum(r.counts.withheld.values()), r.known, r.complete)
            for r in ran
        ]  # fmt: skip
        print_page(table(_COLUMNS, rows))
    for one in ran:
        for failure in one.not_taken[:_SHOWN]:
            log.talk().print(log.one_line(f"{one.peer}: not taken: {failure.id}: {failure.message}"))
        if one.error:
            log.talk().print(log.one_line(f"{one.peer}, {one.direction}: {one.error}"))


@app.command()
def status(store: desk.StoreDir, config: options.Config = None, as_json: options.Json = None) -> None:
    """Show how far each peer is, and how the last run ended.

    Example: watchkeeper sync status
    """
    from watchkeeper.exchange.sync.accounts import node_of
    from watchkeeper.exchange.sync.links import Links

    with opened(store, config) as held:
        node, links = node_of(held.store.engine), Links(held.store.engine)
        found = [(p, way, links.one(p.name, way)) for p in held.peers.all() for way in p.directions]
    if for_programs(as_json):
        print_lines(
            {"node": node, "peer": p.name, "direction": way, **msgspec.to_builtins(link)}
            for p, way, link in found
        )
        return
    columns = ("Peer", "Way", "Last run", "Went well", ">Expected", ">Received", ">In all", "Ended")
    print_page(table(columns, [_row(p, way, link) for p, way, link in found], title=f"node {node}"))


def _row(peer: "Peer", way: str, link: "Link") -> tuple[object, ...]:
    ended = link.error or ("under way" if link.under_way else "" if link.run_at is None else "well")
    return (
        peer.name, way, desk.when(link.run_at), desk.when(link.well_at), link.run.expected, link.run.received,
        link.total.received, ended,
    )  # fmt: skip


@app.command()
def origin(
    store: desk.StoreDir,
    object: Annotated[str, typer.Argument(metavar="OBJECT", help="The id of an object.")],
    config: options.Config = None,
    as_json: options.Json = None,
) -> None:
    """Show where versions of an object came from: who made them, who handed them on, which nodes they passed.

    Example: watchkeeper sync origin infrastructure--2f9c1d1e-8a52-5d0b-9a57-0c6f3b6f7a10
    """
    from watchkeeper.exchange.sync.links import Links
    from watchkeeper.exchange.sync.provenance import came_of

    with opened(store, config) as held:
        links = Links(held.store.engine)
        called = {links.one(p.name, way).node: p.name for p in held.peers.all() for way in p.directions}
        collections = {one.number: one.alias or one.id for one in held.hub.collections.all()}
        found = came_of(held.store.engine, object)
    if for_programs(as_json):
        print_lines(
            {
                "object": one.id, "version": one.version, "collection": collections.get(one.collection),
                "made_by": one.origin, "received_from": one.source, "received_at": desk.when(one.received_at),
                "sha256": one.sha256.hex(), "path": [called.get(node, node) for node in one.path],
                "outcome": one.outcome, "says": one.says,
            }
            for one in found
        )  # fmt: skip
        return
    rows = [
        (one.version, one.origin, one.source, desk.when(one.received_at),
         " > ".join(called.get(node, node[:8]) for node in one.path), one.outcome, one.sha256.hex()[:16])
        for one in found
    ]  # fmt: skip
    print_page(table(("Version", "Made by", "From", "Received", "Path", "Outcome", "SHA-256"), rows))


@peer_app.callback()
def peers() -> None:
    """The hubs with which this one exchanges.

    Example: watchkeeper sync peer list
    """


@peer_app.command(name="add")
def add_peer(
    store: desk.StoreDir,
    name: Name,
    url: Annotated[str, typer.Argument(metavar="URL", help="Its API root, or its discovery.")],
    organisation: Annotated[str, typer.Option("--org", metavar="NAME", help="Whose hub it is.")],
    theirs: Annotated[
        str, typer.Option("--theirs", metavar="COLLECTION", help="Of the peer: id, alias or title.")
    ],
    ours: Annotated[str, typer.Option("--ours", metavar="COLLECTION", help="Of this hub: id or alias.")],
    direction: Annotated[str, typer.Option("--direction", help="pull, push or both.")] = "pull",
    user: Annotated[str | None, typer.Option("--user", metavar="NAME", help="Our user there.")] = None,
    secret_env: Annotated[
        str | None,
        typer.Option("--secret-env", metavar="VARIABLE", help="Holds the password of that user, or a key."),
    ] = None,
    every: Annotated[
        str, typer.Option("--every", metavar="DURATION", help="With --keep, so often.")
    ] = "5 min",
    insecure: Annotated[
        bool, typer.Option("--insecure", help="In the clear, also to another machine.")
    ] = False,
    ca: Annotated[
        Path | None, typer.Option("--ca", metavar="FILE", help="The authority of a private network (PEM).")
    ] = None,
    take_in: Annotated[
        bool,
        typer.Option("--take-in/--pass-on", help="Make findings, cases and indicators known to the store."),
    ] = True,
    config: options.Config = None,
) -> None:
    """Add a peer. A key of a watchkeeper (wk_...) lets counts and paths be compared; a password only TAXII.

    Example: watchkeeper sync peer add alliance https://hub.example/taxii2/hub/ --org Alliance --theirs releases --ours alliance --secret-env ALLIANCE_KEY
    """  # noqa: E501
    from watchkeeper.cases.alarms.rules import duration_ms
    from watchkeeper.cli.exchange_desk import converted
    from watchkeeper.exchange.sync.peers import Peer

    said: dict[str, Any] = {
        "name": name, "url": url, "organisation": organisation, "theirs": theirs, "ours": ours, "user": user,
        "direction": direction, "secret_env": secret_env, "every": every, "insecure": insecure,
        "ca": None if ca is None else str(ca.absolute()), "take_in": take_in,
    }  # fmt: skip
    duration_ms(every)
    with opened(store, config) as held:
        if organisation not in held.hub.partners.organisations():
            raise UsageError(
                f"There is no organisation {organisation}.", "Add it with: watchkeeper exchange org add"
            )
        held.hub.collections.named(ours)
        held.peers.add(converted(said, Peer))
    log.talk().print(f"added: {name}")


@peer_app.command(name="remove")
def remove_peer(store: desk.StoreDir, name: Name, config: options.Config = None) -> None:
    """Remove a peer, and how far it was; what was exchanged stays.

    Example: watchkeeper sync peer remove alliance
    """
    from watchkeeper.exchange.sync.links import Links

    with opened(store, config) as held:
        held.peers.remove(name)
        Links(held.store.engine).forget(name)
    log.talk().print(f"removed: {name}")


@peer_app.command(name="list")
def list_peers(store: desk.StoreDir, config: options.Config = None, as_json: options.Json = None) -> None:
    """Show all peers.

    Example: watchkeeper sync peer list --json
    """
    with opened(store, config) as held:
        found = held.peers.all()
    if for_programs(as_json):
        print_lines(found)
        return
    columns = ("Peer", "Organisation", "Address", "Theirs", "Ours", "Way", "Every")
    print_page(
        table(
            columns, [(p.name, p.organisation, p.url, p.theirs, p.ours, p.direction, p.every) for p in found]
        )
    )
