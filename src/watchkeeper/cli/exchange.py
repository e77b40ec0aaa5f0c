"""``exchange``: the hub of a store: a first set-up, its roots, and the groups of what is in it."""

from typing import Annotated

import msgspec
import typer

from watchkeeper import log
from watchkeeper.cli import (
    desk,
    exchange_collections,
    exchange_ledger,
    exchange_orgs,
    exchange_users,
    options,
)
from watchkeeper.cli.exchange_collections import About, Title, say_collections
from watchkeeper.cli.exchange_desk import converted, given, opened
from watchkeeper.cli.output import for_programs, print_lines, print_page, print_text, table

app = typer.Typer(no_args_is_help=True)
app.add_typer(exchange_collections.app, name="collection")
app.add_typer(exchange_orgs.app, name="org")
app.add_typer(exchange_users.user_app, name="user")
app.add_typer(exchange_users.key_app, name="key")
exchange_ledger.add_to(app)


@app.callback()
def exchange() -> None:
    """The exchange hub of a store: collections, organisations, users, keys; `serve` opens it to partners (TAXII 2.1).

    Example: watchkeeper exchange init --demo
    """


@app.command()
def init(
    store: desk.StoreDir,
    demo: Annotated[
        bool, typer.Option("--demo", help="Four collections and two accounts to try it with.")
    ] = False,
    port: Annotated[int, typer.Option("--port", help="Where `serve` will listen.")] = 8700,
    as_json: options.Json = None,
) -> None:
    """Make the hub of a store, and the store where there is none. With --demo, something to try it with.

    With --demo again, the same collections and accounts are there, with new passwords.

    Example: watchkeeper exchange init --demo --json
    """
    from watchkeeper.store.folder import Store, is_store

    if not is_store(store):
        Store.create(store)
    with opened(store) as (hub, held):
        if not demo:
            say_collections(hub.collections.all(), as_json)
            return
        from watchkeeper.cli.exchange_demo import set_up

        made = set_up(hub, held, desk.now_ms(), port)
    if for_programs(as_json):
        print_lines([made])
        return
    print_page(table(("Collection", "Id"), made["collections"].items()))
    rows = [(each["user"], each["password"], each["organisation"]) for each in made["accounts"]]
    print_page(table(("User", "Password", "Organisation"), rows))
    print_text(
        [f"Start it with: watchkeeper serve --store {store} --port {port}", f"Then: {made['discovery']}"]
    )


@app.command()
def root(
    store: desk.StoreDir,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Stands in its address.")],
    title: Title = None,
    description: About = None,
    max_bytes: Annotated[
        int | None, typer.Option("--max-bytes", help="Of one request.", show_default=str(100 << 20))
    ] = None,
) -> None:
    """Make an API root, or change it. The first collection makes the root `hub` by itself.

    Example: watchkeeper exchange root exercises --title "Exercises" --max-bytes 10000000
    """
    from watchkeeper.exchange.hub.words import Root

    with opened(store) as (hub, _):
        there = [one for one in hub.collections.roots() if one.name == name]
        said = msgspec.to_builtins(there[0]) if there else {"name": name}
        said |= given(title=title, description=description, max_bytes=max_bytes)
        hub.collections.set_root(converted(said, Root))
    log.talk().print(f"root: {name}")
