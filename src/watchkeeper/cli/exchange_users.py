"""``exchange user`` and ``exchange key``: who exchanges for an organisation, and by which keys."""

from typing import Annotated, Final

import typer

from watchkeeper import log
from watchkeeper.cli import desk, options
from watchkeeper.cli.exchange_desk import opened, organisation_id
from watchkeeper.cli.output import for_programs, print_lines, print_page, print_text, table
from watchkeeper.errors import UsageError
from watchkeeper.model.time import to_iso

user_app = typer.Typer(no_args_is_help=True)
key_app = typer.Typer(no_args_is_help=True)

_PAGE: Final = 500
SCOPES: Final = {"read": "exchange:read", "write": "exchange:write"}
User = Annotated[str, typer.Argument(metavar="NAME", help="The user's name.")]


@user_app.callback()
def users() -> None:
    """Users who exchange for an organisation.

    Example: watchkeeper exchange user list
    """


@user_app.command(name="add")
def add_user(
    store: desk.StoreDir,
    name: User,
    organisation: Annotated[str, typer.Option("--org", metavar="NAME", help="For whom.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
    ] = False,
    without_password: Annotated[bool, typer.Option("--no-password", help="Only keys.")] = False,
) -> None:
    """Add a user for an organisation. As a viewer, it sees the pages of the watch too, if it is given its scopes.

    Example: watchkeeper exchange user add liaison --org "Border Guard" --no-password
    """
    from watchkeeper.cli.users import password_given

    with opened(store) as (_, held):
        id = organisation_id(held, organisation)
        password = None if without_password else password_given(password_stdin)
        held.users.add(name, "viewer", desk.now_ms(), password=password, organisation=id)
    log.talk().print(f"added: {name} for {organisation}")


@user_app.command(name="list")
def list_users(store: desk.StoreDir, as_json: options.Json = None) -> None:
    """Show users and their organisations.

    Example: watchkeeper exchange user list
    """
    with opened(store) as (_, held):
        names = {o.id: o.name for o in held.users.organisations("", _PAGE)}
        found = [
            {
                "user": u.name,
                "organisation": names.get(u.organisation or ""),
                "disabled": u.disabled_at is not None,
            }
            for u in held.users.page("", _PAGE)
        ]
    if for_programs(as_json):
        print_lines(found)
        return
    print_page(table(("User", "Organisation", "Disabled"), [tuple(each.values()) for each in found]))


@key_app.callback()
def keys() -> None:
    """Keys by which programs exchange.

    Example: watchkeeper exchange key make liaison --read
    """


@key_app.command(name="make")
def make_key(
    store: desk.StoreDir,
    name: User,
    read: Annotated[bool, typer.Option("--read", help="It may read.")] = False,
    write: Annotated[bool, typer.Option("--write", help="It may write.")] = False,
    purpose: Annotated[str, typer.Option("--for", metavar="TEXT", help="What it is for.")] = "exchange",
    days: Annotated[int, typer.Option("--days", help="For how many days it works.")] = 90,
) -> None:
    """Make a key of a user; it is printed this once. It stands as a bearer token, or in place of the password.

    Example: watchkeeper exchange key make liaison --read --for "poller of the liaison office"
    """
    scopes = [SCOPES[word] for word, wanted in (("read", read), ("write", write)) if wanted]
    if not scopes:
        raise UsageError("The key may neither read nor write.", "Give --read, --write or both.")
    with opened(store) as (_, held):
        user = held.users.by_name(name)
        if user is None:
            raise UsageError(f"There is no user {name}.", "See: watchkeeper exchange user list")
        made, secret = held.keys.make(user.id, purpose, scopes, days, desk.now_ms())
    log.talk().print(f"works until {to_iso(made.expires_at)[:10]}; it is not shown again")
    print_text([secret])
