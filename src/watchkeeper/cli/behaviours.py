"""``behaviours``: the catalogue."""

import difflib
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchkeeper.cli import options
from watchkeeper.cli.output import for_programs, print_lines, print_page, table
from watchkeeper.errors import UsageError

if TYPE_CHECKING:
    from watchkeeper.model.behaviour import Behaviour

SECTIONS: Final = {
    "measures": "What it measures",
    "why": "Why it matters",
    "innocent": "Innocent causes",
    "next": "Next step",
}
_DIRECTION: Final = {1: "higher finds less", -1: "lower finds less"}


def behaviours(
    which: Annotated[str | None, typer.Argument(metavar="[ID]", help="One behaviour, in full.")] = None,
    as_json: options.Json = None,
) -> None:
    """List the behaviours; with an ID, show what it measures, its thresholds with units, and its sources.

    Example: watchkeeper behaviours ais-gap
    """
    from watchkeeper.behaviours import all_behaviours

    known = all_behaviours()
    if which is not None and which not in known:
        near = difflib.get_close_matches(which, known, 1)
        advice = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."
        raise UsageError(f"There is no behaviour {which}.", advice)
    chosen = [known[which]] if which else list(known.values())
    if for_programs(as_json):
        print_lines(_record(one) for one in chosen)
    elif which:
        _print_in_full(known[which])
    else:
        rows = [(one.id, one.version, one.title) for one in chosen]
        print_page(table(("Behaviour", ">Version", "Measures"), rows))


def _record(one: "Behaviour") -> dict[str, Any]:
    from watchkeeper.cases.redflags import flags_of
    from watchkeeper.cases.weights import weights

    return {
        "id": one.id,
        "version": one.version,
        "title": one.title,
        **{section: one.doc[section] for section in SECTIONS},
        "thresholds": [
            {
                "name": t.name,
                "default": t.default,
                "unit": t.unit.symbol,
                "monotone": one.monotone.get(t.name),
            }
            for t in one.thresholds.values()
        ],
        "references": [{"title": r.title, "where": r.where, "figure": r.figure} for r in one.references],
        "marks": one.marks,
        "weight": weights().of(one.id),
        "red_flags": [flag.id for flag in flags_of(one.id)],
    }


def _print_in_full(one: "Behaviour") -> None:
    from watchkeeper.cases.redflags import catalogue, flags_of
    from watchkeeper.cases.weights import weights

    weight = weights().of(one.id)
    flags = (
        ", ".join(flag.title for flag in flags_of(one.id))
        or f"none: {catalogue().no_flag.get(one.id, 'unknown')}"
    )
    thresholds = [
        (t.name, t.default, t.unit.symbol, _DIRECTION.get(one.monotone.get(t.name, 0)))
        for t in one.thresholds.values()
    ]
    references = [(r.title, r.where, r.figure) for r in one.references]
    print_page(
        f"{one.id}, version {one.version}",
        *(f"\n{heading}: {one.doc[section]}" for section, heading in SECTIONS.items()),
        "",
        table(("Threshold", ">Default", "Unit", ""), thresholds),
        table(("Source", "Where", "Figure taken"), references),
        f"Weight in a ship's score: {weight.weight:g} ({weight.source})",
        f"Red flags that it shows: {flags}",
    )
