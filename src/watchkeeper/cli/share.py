"""``share``: a case to exactly the partners that may have it, after saying what goes to whom and why."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchkeeper.cli import options
from watchkeeper.cli.desk import As, Realm, StoreDir, named, now_ms
from watchkeeper.errors import OutputError, UsageError
from watchkeeper.model.finding import REAL

if TYPE_CHECKING:
    from watchkeeper.exchange.sharing import Conditions, Line, Plan
    from watchkeeper.model.marking import Tlp

By = Annotated[
    str,
    typer.Option("--by", metavar="ORG", help="Your organisation.", envvar="WATCHKEEPER_ORGANISATION"),
]
_NOT_SHOWN: Final = frozenset({"extension-definition"})


def share(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Its id, or how it begins.")],
    store: StoreDir,
    to: Annotated[list[str], typer.Option("--to", metavar="ORG", help="An organisation. Repeatable.")],
    by: By = "",
    tlp: Annotated[
        str, typer.Option("--tlp", metavar="LEVEL", help="clear, green, amber, amber+strict or red.")
    ] = "amber",
    pap: Annotated[
        str | None, typer.Option("--pap", metavar="LEVEL", help="clear, green, amber or red.")
    ] = None,
    rel_to: Annotated[
        str, typer.Option("--rel-to", metavar="ABC,ABC", help="Only to these countries (ISO 3166 alpha-3).")
    ] = "",
    community: Annotated[
        list[str] | None,
        typer.Option("--community", metavar="NAME", help="Only to one of these. Repeatable."),
    ] = None,
    orcon: Annotated[bool, typer.Option("--orcon", help="Nobody but you passes it on.")] = False,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="TIME", help="Released until then; ISO 8601, UTC.")
    ] = None,
    purpose: Annotated[
        str | None,
        typer.Option(
            "--purpose", metavar="WORD", help="Only for awareness, investigation, protection, enforcement."
        ),
    ] = None,
    geometry: Annotated[
        str | None,
        typer.Option("--geometry-tlp", metavar="LEVEL", help="A stricter level for where assets lie."),
    ] = None,
    evidence: Annotated[
        str | None, typer.Option("--evidence-tlp", metavar="LEVEL", help="A stricter level for raw records.")
    ] = None,
    notes: Annotated[
        str | None,
        typer.Option("--notes-tlp", metavar="LEVEL", help="A stricter level for the case's notes."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go to whom.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Release without asking.")] = False,
    name: As = None,
    realm: Realm = REAL,
    as_json: options.Json = None,
) -> None:
    """Share a case: shows for each object and partner what goes, what is withheld or redacted, and why; then asks.

    Whoever is named with --to gets it only if all conditions let it in. Everything that was decided is in the log.

    Example: watchkeeper share 51d0 --to Navy --to "Border Guard" --tlp amber --rel-to EST,FIN --by "Coast Guard" --dry-run
    """  # noqa: E501
    from watchkeeper.cases.register.case import CASES
    from watchkeeper.cli.desk import actor
    from watchkeeper.cli.sharing_desk import opened
    from watchkeeper.exchange.releasing import Desk
    from watchkeeper.exchange.stix.bundle import bundle_of_case
    from watchkeeper.gathering import things_of_store

    if not by.strip():
        raise UsageError("Nobody says who shares.", "Give --by, or set WATCHKEEPER_ORGANISATION.")
    levels = {"geometry": geometry, "evidence": evidence, "notes": notes}
    conditions = _conditions(to, tlp, pap, rel_to, community, orcon, expires, purpose, levels)
    who, now = actor(name).removeprefix("user:"), now_ms()
    with opened(store) as held:
        id = named(held.decisions, CASES, case, realm).id
        markings = conditions.markings(by, realm)
        things = things_of_store(store, case=id, realm=realm, author=by, markings=markings)
        desk = Desk(held.hub, held.carriage, held.decisions, by)
        planned = desk.plan(bundle_of_case(things, id), conditions, realm, now)
        _show(planned, as_json)
        if dry_run or not _agreed(yes):
            return
        receipt = desk.release(id, planned, conditions, realm, now, who)
    _say_done(planned, len(receipt.seqs))
    if receipt.failed:
        first = receipt.failed[0]
        raise OutputError(
            f"{len(receipt.failed)} objects were not taken; the first is {first.id}: {first.message}",
            "What was taken is released; share again when the cause is gone.",
        )


def _conditions(
    to: Sequence[str],
    tlp: str,
    pap: str | None,
    rel_to: str,
    community: Sequence[str] | None,
    orcon: bool,
    expires: str | None,
    purpose: str | None,
    levels: Mapping[str, str | None],
) -> "Conditions":
    from watchkeeper.cli.exchange_desk import converted
    from watchkeeper.exchange.sharing import Conditions

    countries = [code.strip().upper() for code in rel_to.split(",") if code.strip()]
    if any(len(code) != 3 or not code.isalpha() for code in countries):
        raise UsageError(f"--rel-to {rel_to} has no country codes of three letters.", "Write EST,FIN.")
    said: dict[str, Any] = {
        "to": tuple(dict.fromkeys(to)),
        "tlp": level_of(tlp, "--tlp"),
        "pap": None if pap is None else pap.lower().removeprefix("pap:"),
        "countries": countries,
        "communities": community or [],
        "originator_control": orcon,
        "expires": options.moment(expires, "--expires"),
        "purpose": purpose,
        **{kind: level_of(text, f"--{kind}-tlp") for kind, text in levels.items() if text is not None},
    }
    made: Conditions = converted(said, Conditions)
    return made


def level_of(text: str, option: str) -> "Tlp":
    """A level of TLP 2.0 by its name.

    Raises:
        UsageError: it is none.
    """
    from watchkeeper.model.marking import TLP

    wanted = text.lower().removeprefix("tlp:")
    for level in TLP:
        if level == wanted:
            return level
    raise UsageError(f"{option} {text} is no level of TLP 2.0.", f"Choose of {', '.join(TLP)}.")


def _agreed(yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("Nothing was released: nobody is there to be asked.", "Say --yes, or --dry-run.")
    return typer.confirm("Release it so?", err=True)


def _show(planned: "Plan", as_json: bool | None) -> None:
    from watchkeeper.cli.output import for_programs, print_lines, print_page, print_text, table

    if for_programs(as_json):
        print_lines(planned.lines)
        return
    shown = [line for line in planned.lines if line.type not in _NOT_SHOWN]
    parties = list(dict.fromkeys(line.organisation for line in shown))
    cells: dict[str, dict[str, str]] = {}
    titles: dict[str, tuple[str, str]] = {}
    for line in shown:
        cells.setdefault(line.object, {})[line.organisation] = _cell(line)
        titles[line.object] = (line.type, line.name or line.object.partition("--")[2][:8])
    rows = [(*titles[id], *(of.get(party, "") for party in parties)) for id, of in cells.items()]
    print_page(table(("object", "name", *parties), rows))
    print_text(_why(shown, planned))


def _cell(line: "Line") -> str:
    return line.outcome if line.outcome == "goes" else f"{line.outcome} ({line.rule})"


def _why(shown: Sequence["Line"], planned: "Plan") -> Iterator[str]:
    """The reasons in words, each once; and who had an earlier version and does not get this one."""
    counts: dict[tuple[str, str, str], int] = {}
    for line in shown:
        key = (line.organisation, line.outcome, line.says)
        counts[key] = counts.get(key, 0) + 1
    for (organisation, outcome, says), count in counts.items():
        yield f"{organisation}, {outcome} ({count}): {says}"
    for organisation, ids in planned.left_out.items():
        yield (
            f"{organisation} was given an earlier version of {len(ids)} of these and is not addressed now: "
            "it keeps what it has, and gets no more of them."
        )


def _say_done(planned: "Plan", added: int) -> None:
    from watchkeeper.log import talk

    parties = dict.fromkeys(line.organisation for line in planned.lines)
    for party in parties:
        lines = planned.of(party)
        gone = sum(line.outcome != "withheld" for line in lines)
        talk().print(f"released to {party}: {gone} of {len(lines)} objects")
    talk().print(f"{added} objects are new in the collection")
