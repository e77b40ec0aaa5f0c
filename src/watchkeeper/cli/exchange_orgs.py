"""``exchange org``: organisations, and what was agreed with each."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from watchkeeper import log
from watchkeeper.cli import desk, options
from watchkeeper.cli.exchange_desk import converted, given, names_of, opened
from watchkeeper.cli.output import for_programs, print_lines, print_page, table
from watchkeeper.model.time import to_iso

if TYPE_CHECKING:
    from watchkeeper.exchange.partners import Partner

app = typer.Typer(no_args_is_help=True)

Organisation = Annotated[str, typer.Argument(metavar="ORGANISATION", help="Its name.")]
Country = Annotated[str | None, typer.Option("--country", metavar="ABC", help="ISO 3166 alpha-3.")]
Communities = Annotated[
    list[str] | None, typer.Option("--community", metavar="NAME", help="One it belongs to. Repeatable.")
]
Accepts = Annotated[
    list[str] | None,
    typer.Option(
        "--accepts", metavar="TLP", help="A level it has agreed to keep. Repeatable.", show_default="clear"
    ),
]
Purposes = Annotated[
    list[str] | None,
    typer.Option("--purpose", metavar="WORD", help="What it may be given things for. Repeatable.",
                 show_default="awareness"),
]  # fmt: skip
Exercises = Annotated[
    list[str] | None, typer.Option("--exercise", metavar="ID", help="One it takes part in. Repeatable.")
]
Identity = Annotated[
    str | None, typer.Option("--identity", metavar="ID", help="The STIX identity that stands for it.")
]
Relay = Annotated[
    bool | None, typer.Option("--may-relay/--own-only", help="Whether it may post what others made.")
]


@app.callback()
def organisations() -> None:
    """Organisations, and what was agreed with each.

    Example: watchkeeper exchange org list
    """


@app.command(name="add")
def add_organisation(
    store: desk.StoreDir,
    name: Organisation,
    country: Country = None,
    communities: Communities = None,
    accepts: Accepts = None,
    purposes: Purposes = None,
    exercises: Exercises = None,
    identity: Identity = None,
    may_relay: Relay = None,
) -> None:
    """Add an organisation, and what was agreed with it.

    Example: watchkeeper exchange org add "Border Guard" --country EST --accepts green --accepts amber
    """
    from watchkeeper.exchange.partners import checked_organisation

    with opened(store) as (hub, held):
        name = checked_organisation(name, names_of(held))
        held.users.add_organisation(name, desk.now_ms())
        said = _agreement(country, communities, accepts, purposes, exercises, may_relay)
        hub.partners.set(_partner({"organisation": name, "identity": identity, "agreement": said}))
    log.talk().print(f"added: {name}")


@app.command(name="change")
def change_organisation(
    store: desk.StoreDir,
    name: Organisation,
    country: Country = None,
    communities: Communities = None,
    accepts: Accepts = None,
    purposes: Purposes = None,
    exercises: Exercises = None,
    identity: Identity = None,
    may_relay: Relay = None,
    revoked: Annotated[
        bool | None, typer.Option("--revoke/--restore", help="No partner from now on; or again.")
    ] = None,
) -> None:
    """Change what is given of what was agreed; it holds for the next page that is read.

    Example: watchkeeper exchange org change "Border Guard" --revoke
    """
    with opened(store) as (hub, _):
        said = msgspec.to_builtins(hub.partners.one(name))
        said["agreement"] |= _agreement(country, communities, accepts, purposes, exercises, may_relay)
        said |= given(identity=identity)
        if revoked is not None:
            said["agreement"]["revoked_at"] = desk.now_ms() if revoked else None
        hub.partners.set(_partner(said))
    log.talk().print(f"changed: {name}")


@app.command(name="list")
def list_organisations(store: desk.StoreDir, as_json: options.Json = None) -> None:
    """Show all organisations and what was agreed with them.

    Example: watchkeeper exchange org list --json
    """
    with opened(store) as (hub, held):
        found = [hub.partners.one(name) for name in names_of(held)]
    if for_programs(as_json):
        print_lines(found)
        return
    rows = [
        (p.organisation, p.agreement.country, ", ".join(p.agreement.accepts), ", ".join(p.agreement.purposes),
         "yes" if p.agreement.may_relay else "",
         "" if p.agreement.revoked_at is None else to_iso(p.agreement.revoked_at)[:16])
        for p in found
    ]  # fmt: skip
    print_page(table(("Organisation", "Country", "Keeps", "For", "Relays", "Revoked"), rows))


def _agreement(
    country: str | None,
    communities: list[str] | None,
    accepts: list[str] | None,
    purposes: list[str] | None,
    exercises: list[str] | None,
    may_relay: bool | None,
) -> dict[str, Any]:
    return given(
        country=country, communities=communities, purposes=purposes, exercises=exercises, may_relay=may_relay,
        accepts=None if accepts is None else sorted({"clear", *accepts}),
    )  # fmt: skip


def _partner(said: dict[str, Any]) -> "Partner":
    from watchkeeper.exchange.partners import Partner

    made: Partner = converted(said, Partner)
    return made
