"""``users``: who may use the HTTP API of a store."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchkeeper import log
from watchkeeper.cli import desk, options
from watchkeeper.cli.output import for_programs, print_lines, print_page, print_text, table
from watchkeeper.errors import UsageError
from watchkeeper.model.time import to_iso

if TYPE_CHECKING:
    from watchkeeper.api.access.desk import Desk
    from watchkeeper.api.access.users import User

_PAGE = 500

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The user's name.")]


@app.callback()
def users() -> None:
    """Users of the HTTP API, and keys for programs.

    Example: watchkeeper users list --store watch
    """


@app.command()
def add(
    name: Name,
    store: desk.StoreDir,
    role: Annotated[str, typer.Option("--role", help="viewer, analyst, supervisor or admin.")] = "viewer",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
    ] = False,
    without_password: Annotated[
        bool, typer.Option("--no-password", help="Only keys, or the organisation's sign-in.")
    ] = False,
    issuer: Annotated[
        str | None, typer.Option("--oidc-issuer", metavar="URL", help="The provider that signs the user in.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option("--oidc-subject", metavar="ID", help="The user's name at the provider.")
    ] = None,
    exercises: Annotated[
        list[str] | None,
        typer.Option("--exercise", metavar="ID", help="An exercise to belong to. Repeatable."),
    ] = None,
) -> None:
    """Add a user.

    Example: watchkeeper users add anna --role analyst --store watch
    """
    from watchkeeper.api.access.users import checked_role

    if (issuer is None) != (subject is None):
        raise UsageError("A provider knows a user by a subject.", "Give --oidc-issuer and --oidc-subject.")
    with _desk(store) as held:
        password = None if without_password or issuer else password_given(password_stdin)
        made = held.users.add(
            name,
            checked_role(role),
            desk.now_ms(),
            password=password,
            issuer=issuer,
            subject=subject,
            exercises=exercises or (),
        )
    log.talk().print(f"added: {made.name}, {made.role}")


@app.command(name="list")
def list_users(store: desk.StoreDir, as_json: options.Json = None) -> None:
    """Show all users.

    Example: watchkeeper users list --store watch
    """
    with _desk(store) as held:
        found = list(_everybody(held))
    if for_programs(as_json):
        print_lines(found)
        return
    rows = [
        (u.name, u.role, "yes" if u.has_password else "", u.issuer, to_iso(u.created_at)[:10],
         to_iso(u.disabled_at)[:10] if u.disabled_at is not None else "")
        for u in found
    ]  # fmt: skip
    print_page(table(("Name", "Role", "Password", "Provider", "Since", "Disabled"), rows))


@app.command()
def disable(
    name: Name,
    store: desk.StoreDir,
    again: Annotated[bool, typer.Option("--undo", help="Let the user in again; keys stay revoked.")] = False,
) -> None:
    """Sign a user out, revoke the keys, and let the user in no more.

    Example: watchkeeper users disable anna --store watch
    """
    with _desk(store) as held:
        held.users.change(_named(held, name).id, desk.now_ms(), disabled=not again)
    log.talk().print(f"{'let in again' if again else 'disabled'}: {name}")


@app.command()
def password(
    name: Name,
    store: desk.StoreDir,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
    ] = False,
) -> None:
    """Give a user a new password; the user is signed out.

    Example: watchkeeper users password anna --store watch
    """
    with _desk(store) as held:
        held.users.change(_named(held, name).id, desk.now_ms(), password=password_given(password_stdin))
    log.talk().print(f"new password: {name}")


@app.command()
def key(
    name: Name,
    store: desk.StoreDir,
    scopes: Annotated[
        list[str],
        typer.Option("--scope", metavar="SCOPE", help="What it may do, such as ships:read. Repeatable."),
    ],
    purpose: Annotated[
        str, typer.Option("--for", metavar="TEXT", help="What the key is for.")
    ] = "made by `users key`",
    days: Annotated[int, typer.Option("--days", help="For how many days it works.")] = 90,
) -> None:
    """Make a key for a program of a user; it is printed this once.

    Example: watchkeeper users key anna --scope ships:read --scope assets:read --for QGIS --store watch
    """
    with _desk(store) as held:
        made, secret = held.keys.make(_named(held, name).id, purpose, scopes, days, desk.now_ms())
    log.talk().print(f"works until {to_iso(made.expires_at)[:10]}; it is not shown again")
    print_text([secret])


@contextmanager
def _desk(store: Path) -> "Iterator[Desk]":
    from watchkeeper.api.access.desk import Desk
    from watchkeeper.store.folder import Store

    with Store.open(store, write=False, decide=True, projectors=desk.projectors()) as held:
        yield Desk(held.engine)


def _everybody(held: "Desk") -> "Iterator[User]":
    after = ""
    while page := held.users.page(after, _PAGE):
        yield from page
        after = page[-1].name


def _named(held: "Desk", name: str) -> "User":
    user = held.users.by_name(name)
    if user is None:
        raise UsageError(f"There is no user {name}.", "`watchkeeper users list` shows all.")
    return user


def password_given(from_stdin: bool) -> str:
    """From standard input, or asked for twice at a terminal; never from the command line, which others can see."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask for a password.", "Give --password-stdin or --no-password."
        )
    given: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return given
