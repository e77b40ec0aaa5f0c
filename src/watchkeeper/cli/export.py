"""``export``: findings, ships, assets, alerts and cases, in a format that partners read."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchkeeper.cli.desk import Realm, StoreDir, named, opened
from watchkeeper.errors import OutputError, UsageError

if TYPE_CHECKING:
    from watchkeeper.exchange.things import Marked, Things
    from watchkeeper.model.marking import Tlp

_UNMARKED: Final = "amber"


def export(
    format_: Annotated[str, typer.Option("--format", metavar="NAME", help="Such as stix.")],
    store: StoreDir,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="What a scan wrote, instead of a store.")
    ] = None,
    case: Annotated[
        str | None, typer.Option("--case", metavar="ID", help="Only what belongs to this case.")
    ] = None,
    tlp: Annotated[
        str, typer.Option("--tlp", metavar="LEVEL", help="clear, green, amber, amber+strict or red.")
    ] = _UNMARKED,
    geometry_tlp: Annotated[
        str | None,
        typer.Option("--geometry-tlp", metavar="LEVEL", help="A stricter level for where assets lie."),
    ] = None,
    by: Annotated[
        str,
        typer.Option("--by", metavar="ORG", help="Who says it.", envvar="WATCHKEEPER_ORGANISATION"),
    ] = "",
    received: Annotated[
        bool, typer.Option("--received", help="With what others sent, as it came, where they allow it.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to.", show_default="standard output")
    ] = None,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar="ORG|URL",
            help="For whom: only what it may have. Or where to send it (cot, misp).",
        ),
    ] = None,
    purpose: Annotated[
        str, typer.Option("--purpose", help="For which the organisation receives it.")
    ] = "awareness",
    feed: Annotated[
        Path | None, typer.Option("--feed", metavar="DIR", help="Write a MISP feed into this folder.")
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="The address may be inside your own network, and in the clear.")
    ] = False,
    realm: Realm = "real",
) -> None:
    """Write findings with their evidence, ships, assets, alerts and cases in a format that partners read.

    Whoever has the file has it all. With --to and the name of an organisation it holds what the gate lets through for
    that one, and the decision stands in the log; `watchkeeper share` gives it in the hub instead.

    Example: watchkeeper export --format stix --store watch --tlp green --out watch.json
    """
    from watchkeeper.cli.leaving import addressed, for_whom, leave
    from watchkeeper.exchange.formats import writer
    from watchkeeper.log import talk

    chosen = writer(format_)
    organisation, url = addressed(chosen, to or [], feed, out)
    things = _things(store, data, case, realm, by, _marked(tlp, geometry_tlp), received=received)
    if organisation is not None:
        things = for_whom(store, things, organisation, purpose, format_)
    for loss in chosen.losses(things):
        talk().print(loss)
    talk().print(_amount(things))
    if url is not None or feed is not None:
        leave(chosen, things, url, feed, private=private)
        return
    assert chosen.write is not None
    if out is None:
        chosen.write(things, sys.stdout.buffer)
        return
    try:
        partial = out.with_name(f".{out.name}.unfinished")
        with partial.open("wb") as file:
            chosen.write(things, file)
        partial.replace(out)
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}.", "Look at the folder.") from error


def _amount(things: "Things") -> str:
    """How much there is to export, so that an empty file does not pass for a full one."""
    kinds = ("findings", "vessels", "assets", "alerts", "cases", "listings", "reports", "passed_on")
    counts = [f"{len(held)} {kind.replace('_', ' ')}" for kind in kinds if (held := getattr(things, kind))]
    return f"to export: {', '.join(counts)}" if counts else "there is nothing to export"


def _things(
    store: Path,
    data: Path | None,
    case: str | None,
    realm: str,
    by: str,
    markings: "Marked",
    *,
    received: bool,
) -> "Things":
    from watchkeeper.cases.register.case import CASES
    from watchkeeper.gathering import things_of_scan, things_of_store

    if data is not None:
        if case is not None or received:
            raise UsageError("A scan has no cases, and nothing received.", "Give a store with --store.")
        return things_of_scan(data, author=by, markings=markings)
    id = None
    if case is not None:
        with opened(store) as log:
            id = named(log, CASES, case, realm).id
    return things_of_store(store, case=id, realm=realm, author=by, markings=markings, received=received)


def _marked(tlp: str, geometry: str | None) -> "Marked":
    from watchkeeper.exchange.things import Marked
    from watchkeeper.model.marking import Marking

    parts = {} if geometry is None else {"geometry": Marking(tlp=_level(geometry, "--geometry-tlp"))}
    return Marked(default=Marking(tlp=_level(tlp, "--tlp")), of=parts)


def _level(text: str, option: str) -> "Tlp":
    from watchkeeper.model.marking import TLP

    wanted = text.lower().removeprefix("tlp:")
    for level in TLP:
        if level == wanted:
            return level
    raise UsageError(f"{option} {text} is no level of TLP 2.0.", f"Choose of {', '.join(TLP)}.")
