"""``explain``: one finding, or all of one ship, down to the raw line."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from watchkeeper.cli import options
from watchkeeper.cli.output import cell, for_programs, print_lines, print_page, table
from watchkeeper.errors import InputError, UsageError

if TYPE_CHECKING:
    from watchkeeper.cases.alerts import Alert, Node
    from watchkeeper.model.behaviour import Behaviour
    from watchkeeper.model.finding import Finding

T = TypeVar("T")

_AGAIN: Final = "Give the folder that `watchkeeper scan --out` wrote."
_LEAST_PREFIX: Final = 4


def explain(
    which: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="Finding (its id or the beginning of it), or the MMSI of an alert."
        ),
    ],
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="What scan wrote.")],
    as_json: options.Json = None,
) -> None:
    """Show what was measured against which threshold, the raw lines, innocent causes and the next step.

    Example: watchkeeper explain 219165000 --data result
    """
    from watchkeeper.behaviours import all_behaviours

    alert, findings = _asked_for(which, data)
    known = all_behaviours()
    if for_programs(as_json):
        records = [_record(finding, known.get(finding.behaviour)) for finding in findings]
        print_lines([{"alert": alert, "findings": records}] if alert else records)
        return
    if alert is not None:
        _print_alert(alert)
    for finding in findings:
        _print_finding(finding, known.get(finding.behaviour))


def _asked_for(which: str, data: Path) -> "tuple[Alert | None, list[Finding]]":
    from watchkeeper.cases.alerts import Alert
    from watchkeeper.model.finding import Finding

    if which.isdecimal():
        alert = next((a for a in _lines(data / "alerts.ndjson", Alert) if which == str(a.mmsi)), None)
        if alert is not None:
            findings = {
                f.id: f for f in _lines(data / "findings.ndjson", Finding) if f.id in alert.finding_ids
            }
            return alert, [findings[finding_id] for finding_id in alert.finding_ids]
    if len(which) < _LEAST_PREFIX:
        raise UsageError(f"{which} is too short for an id.", f"Give at least {_LEAST_PREFIX} characters.")
    found = [f for f in _lines(data / "findings.ndjson", Finding) if f.id.startswith(which.lower())]
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} findings begin with {which}.", f"The first two: {found[0].id}, {found[1].id}."
        )
    if not found:
        raise UsageError(
            f"{data} has no finding and no alert {which}.", "See alerts.ndjson and findings.ndjson there."
        )
    return None, found


def _lines(path: Path, kind: type[T]) -> Iterator[T]:
    """The records of a file of JSON lines, one at a time.

    Raises:
        InputError: missing, unreadable, or not what a scan writes.
    """
    import msgspec

    decoder = msgspec.json.Decoder(kind)
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield decoder.decode(line)
                except msgspec.MsgspecError as error:
                    raise InputError(f"{path}:{number}: {error}.", _AGAIN) from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}.", _AGAIN) from error


def _record(finding: "Finding", declared: "Behaviour | None") -> dict[str, Any]:
    record: dict[str, Any] = {"finding": finding}
    if declared is not None:
        record |= {
            "behaviour_version": declared.version,
            "sources": [
                {"title": r.title, "where": r.where, "figure": r.figure} for r in declared.references
            ],
            "why": declared.doc["why"],
            "innocent_causes": declared.doc["innocent"],
            "next_step": declared.doc["next"],
        }
    return record


def _print_alert(alert: "Alert") -> None:
    facts = (f"MMSI {alert.mmsi}", f"IMO {alert.imo}" if alert.imo else "", alert.flag or "", alert.ship_type)
    print_page(
        f"Rank {alert.rank}: {cell(alert.name) or 'no name'} ({', '.join(f for f in facts if f)})",
        cell(alert.headline),
        "",
        table(("Weighed", ">Score", "Where the weight comes from"), _branches(alert.tree, 0)),
    )


def _branches(node: "Node", depth: int) -> Iterator[tuple[str, float, str]]:
    finding = f" {node.finding[:8]}" if node.finding else ""
    yield "  " * depth + node.label + finding, node.value, node.source
    for child in node.children:
        yield from _branches(child, depth + 1)


def _print_finding(finding: "Finding", declared: "Behaviour | None") -> None:
    measured = [(m.name, m.value, m.unit, m.comparison, m.threshold) for m in finding.measured]
    other = f" and {finding.other_mmsi}" if finding.other_mmsi else ""
    asset = f", at {cell(finding.asset)}" if finding.asset else ""
    print_page(
        f"{finding.behaviour} {finding.id} (MMSI {finding.mmsi}{other})",
        cell(finding.summary),
        f"{finding.start} to {finding.end or 'the data end'}, {finding.lat:.5f} {finding.lon:.5f}{asset}",
        f"Confidence {finding.confidence}: {cell(finding.confidence_reason)}",
        "",
        table(("Measured", ">Value", "Unit", "", ">Threshold"), measured),
        "Evidence:",
    )
    for e in finding.evidence:
        print_page(f"  {cell(e.shows)}: {e.source} line {e.row}, {e.t}", f"    {cell(e.raw) or '(not kept)'}")
    if declared is None:
        print_page(f"\n{finding.behaviour} is not installed here, so its sources cannot be shown.\n")
        return
    if declared.version != finding.version:
        print_page(f"\nFound by version {finding.version}; this is about version {declared.version}.")
    print_page(
        "",
        table(
            ("Thresholds come from", "Where", "Figure"),
            ((r.title, r.where, r.figure) for r in declared.references),
        ),
        f"Why it matters: {declared.doc['why']}",
        f"Innocent causes: {declared.doc['innocent']}",
        f"Next step: {declared.doc['next']}\n",
    )
