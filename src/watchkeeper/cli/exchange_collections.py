"""``exchange collection``: who reads, who writes, which markings."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from watchkeeper import log
from watchkeeper.cli import desk, options
from watchkeeper.cli.exchange_desk import converted, given, opened
from watchkeeper.cli.output import for_programs, print_lines, print_page, table

if TYPE_CHECKING:
    from watchkeeper.exchange.hub.hub import Hub
    from watchkeeper.exchange.hub.words import Collection, Terms

app = typer.Typer(no_args_is_help=True)

Title = Annotated[str | None, typer.Option("--title", metavar="TEXT", help="What people call it.")]
About = Annotated[str | None, typer.Option("--description", metavar="TEXT", help="What is in it.")]
Alias = Annotated[
    str | None, typer.Option("--alias", metavar="WORD", help="Stands in addresses in place of the id.")
]
Readers = Annotated[
    list[str] | None,
    typer.Option("--read", metavar="WHO", help="An organisation, or user:NAME, that reads. Repeatable."),
]
Writers = Annotated[
    list[str] | None,
    typer.Option("--write", metavar="WHO", help="An organisation, or user:NAME, that writes. Repeatable."),
]
Unmarked = Annotated[
    str | None,
    typer.Option("--unmarked", metavar="TLP", help="The level of what has none.", show_default="amber"),
]
Allowed = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="TLP", help="A level that it takes. Repeatable.", show_default="all"),
]
Purpose = Annotated[
    str | None,
    typer.Option("--purpose", metavar="WORD", help="What it is read for.", show_default="awareness"),
]
Which = Annotated[str, typer.Argument(metavar="COLLECTION", help="Its id or alias.")]


@app.callback()
def collections() -> None:
    """Collections: who reads, who writes, which markings.

    Example: watchkeeper exchange collection list
    """


@app.command(name="add")
def add_collection(
    store: desk.StoreDir,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What people call it.")],
    alias: Alias = None,
    description: About = None,
    readers: Readers = None,
    writers: Writers = None,
    unmarked: Unmarked = None,
    allowed: Allowed = None,
    purpose: Purpose = None,
    realm: Annotated[str | None, typer.Option("--realm", help="`exercise:<id>` for an exercise's.")] = None,
    root_name: Annotated[str | None, typer.Option("--root", metavar="NAME", help="Its API root.")] = None,
    id: Annotated[
        str | None, typer.Option("--id", metavar="UUID", help="Version 4.", show_default="a new one")
    ] = None,
    as_json: options.Json = None,
) -> None:
    """Make a collection. Whoever is not named neither reads nor writes it.

    Example: watchkeeper exchange collection add "Baltic picture" --alias baltic --read Navy --write "Coast Guard"
    """
    from watchkeeper.exchange.hub.collections import DEFAULT_ROOT
    from watchkeeper.exchange.hub.words import Terms

    said = _terms(title, description, readers, writers, unmarked, allowed, purpose) | given(realm=realm)
    with opened(store) as (hub, _):
        terms = converted(said, Terms)
        made = hub.collections.add(terms, root=root_name or DEFAULT_ROOT, id=id, alias=alias)
        _warn_of_strangers(hub, terms)
    say_collections([made], as_json)


@app.command(name="change")
def change_collection(
    store: desk.StoreDir,
    which: Which,
    title: Title = None,
    alias: Alias = None,
    description: About = None,
    readers: Readers = None,
    writers: Writers = None,
    unmarked: Unmarked = None,
    allowed: Allowed = None,
    purpose: Purpose = None,
    as_json: options.Json = None,
) -> None:
    """Change what is given; --read and --write replace all readers and writers, `--read nobody` leaves none.

    Example: watchkeeper exchange collection change baltic --read Navy --read "Border Guard"
    """
    from watchkeeper.exchange.hub.words import Terms

    with opened(store) as (hub, _):
        there = hub.collections.named(which)
        said = msgspec.to_builtins(there.terms)
        said |= _terms(title, description, readers, writers, unmarked, allowed, purpose)
        terms = converted(said, Terms)
        changed = hub.collections.change(there.id, terms, alias if alias is not None else there.alias)
        _warn_of_strangers(hub, terms)
    say_collections([changed], as_json)


@app.command(name="remove")
def remove_collection(store: desk.StoreDir, which: Which) -> None:
    """Remove a collection that is empty.

    Example: watchkeeper exchange collection remove baltic
    """
    with opened(store) as (hub, _):
        hub.collections.remove(hub.collections.named(which).id)
    log.talk().print(f"removed: {which}")


@app.command(name="list")
def list_collections(store: desk.StoreDir, as_json: options.Json = None) -> None:
    """Show all collections.

    Example: watchkeeper exchange collection list --json
    """
    with opened(store) as (hub, _):
        found = hub.collections.all()
    say_collections(found, as_json)


def _terms(
    title: str | None,
    description: str | None,
    readers: list[str] | None,
    writers: list[str] | None,
    unmarked: str | None,
    allowed: list[str] | None,
    purpose: str | None,
) -> dict[str, Any]:
    return given(
        title=title, description=description, readers=_who(readers), writers=_who(writers), unmarked=unmarked,
        allowed=allowed, purpose=purpose,
    )  # fmt: skip


def _who(names: list[str] | None) -> list[str] | None:
    return [] if names == ["nobody"] else names


def _warn_of_strangers(hub: "Hub", terms: "Terms") -> None:
    """Say which readers and writers are nobody yet."""
    from watchkeeper.exchange.hub.words import USER

    known = set(hub.partners.organisations())
    strangers = sorted(
        {name for name in (*terms.readers, *terms.writers) if not name.startswith(USER) and name not in known}
    )
    if strangers:
        log.talk().print(f"no such organisation yet: {', '.join(strangers)}")


def say_collections(found: "list[Collection]", as_json: bool | None) -> None:
    if for_programs(as_json):
        print_lines(
            {"id": c.id, "root": c.root, "alias": c.alias, **msgspec.to_builtins(c.terms)} for c in found
        )
        return
    rows = [
        (
            c.terms.title,
            c.alias,
            c.id,
            c.root,
            ", ".join(c.terms.readers),
            ", ".join(c.terms.writers),
            c.terms.unmarked,
        )
        for c in found
    ]
    print_page(table(("Title", "Alias", "Id", "Root", "Read", "Write", "Unmarked"), rows))
    sys.stdout.flush()
