"""The words of ``explain``: a ship, or a finding, in 80 columns for somebody who has to decide now.

Raw lines are never broken: they are there to be copied and searched for.
"""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from watchkeeper.cases.redflags import catalogue, flags_of
from watchkeeper.cli.output import cell

if TYPE_CHECKING:
    from watchkeeper.cases.alerts import Alert, Node
    from watchkeeper.model.behaviour import Behaviour
    from watchkeeper.model.finding import Finding, Measured
    from watchkeeper.model.register import FlagStanding, ShipFacts

WIDTH: Final = 80
_ID: Final = 8
"""Characters of a finding's id that are shown: enough to ask for it."""
_NAME, _VALUE = 43, 10
_WORDS: Final = {">": "above", ">=": "at least", "<": "below", "<=": "at most", "==": "is", "!=": "is not"}
_FACTS: Final = {
    "built": "built", "gross_tonnage": "gross tonnage", "deadweight_t": "deadweight [t]", "ship_type": "type",
    "flag": "flag", "owner": "owner", "operator": "operator", "manager": "manager", "insurer": "insurer",
    "class_society": "class",
}  # fmt: skip


def wrapped(text: str, indent: int = 2, *, first: str | None = None) -> Iterator[str]:
    """A text in lines, indented; ``first`` begins the first of them."""
    begins = " " * indent if first is None else first
    yield from textwrap.wrap(
        cell(text),
        WIDTH,
        initial_indent=begins,
        subsequent_indent=" " * max(indent, len(first or "")),
        break_on_hyphens=False,
    )


def heading(text: str) -> Iterator[str]:
    """A heading under an empty line."""
    yield ""
    yield text


def alert_lines(alert: "Alert", first_step: str) -> Iterator[str]:
    """All that the alert of a ship says, but its findings."""
    facts = (f"MMSI {alert.mmsi}", f"IMO {alert.imo}" if alert.imo else "", alert.flag or "", alert.ship_type)
    yield f"RANK {alert.rank}, SCORE {alert.score:g}: {cell(alert.name) or 'no name'}"
    yield ", ".join(cell(fact) for fact in facts if fact)
    yield ""
    yield from wrapped(alert.headline, 0)
    if first_step:
        yield from wrapped(first_step, 12, first="First step: ")
    yield from heading("How the score is made up")
    yield from _branches(alert.tree.children, 1)
    if alert.combinations:
        yield from heading("Findings that mean more together")
        for one in alert.combinations:
            ids = ", ".join(finding_id[:_ID] for finding_id in one.finding_ids)
            yield from wrapped(f"{one.title} ({ids}). {one.why}", 9, first=f"{one.adds:>+7.1f}  ")
    yield from heading("What would change the rank")
    if not alert.sensitivity:
        yield "  No single change that was tried moves it."
    for change in alert.sensitivity:
        there = f"rank {change.rank}" if change.rank else "no alert"
        yield from wrapped(f"if {change.text} (score {change.score:g})", 12, first=f"  {there:<9} ")
    yield from _flag_lines(alert)
    yield from _list_lines(alert)
    yield from _register_lines(alert.facts, alert.flag_standing)


def _branches(nodes: Iterable["Node"], depth: int) -> Iterator[str]:
    for node in nodes:
        finding = f" {node.finding[:_ID]}" if node.finding else ""
        source = f": {node.source}" if node.source else ""
        first = f"{'  ' * depth}{node.value:>6.1f}  "
        yield from wrapped(f"{node.label}{finding}{source}", len(first), first=first)
        yield from _branches(node.children, depth + 1)


def _flag_lines(alert: "Alert") -> Iterator[str]:
    yield from heading("Red flags of authorities that this shows")
    if not alert.red_flags:
        yield "  None. That others cannot be seen here: watchkeeper redflags."
    for flag in alert.red_flags:
        by = ", ".join((*(finding_id[:_ID] for finding_id in flag.findings), *flag.fields))
        yield from wrapped(f"{flag.title} ({by})", 4, first="  ")
        for source in flag.sources:
            yield from wrapped(source, 6)


def _list_lines(alert: "Alert") -> Iterator[str]:
    if alert.lists:
        yield from heading("What the lists say")
    for match in alert.lists:
        programmes = f"; {match.programs}" if match.programs else ""
        entry = f"{match.list_title} ({match.as_of}): {match.entry}{programmes}"
        yield from wrapped(
            f"{entry}. Matched by {match.by}, {match.confidence} confidence: {match.reason}", 4, first="  "
        )
    if alert.lists_differ:
        yield from heading("Where the lists disagree")
    for difference in alert.lists_differ:
        said = "; ".join(
            f"{one.list}{f' ({one.as_of})' if one.as_of else ''}: {one.value}" for one in difference.said
        )
        yield from wrapped(f"{difference.about}: {said}", 4, first="  ")


def _register_lines(facts: "ShipFacts | None", standing: "FlagStanding | None") -> Iterator[str]:
    if facts is not None:
        yield from heading(f"What registers say ({cell(facts.source)})")
        known = (
            f"{word} {getattr(facts, name)}"
            for name, word in _FACTS.items()
            if getattr(facts, name) is not None
        )
        yield from wrapped(", ".join(known))
        for sentence in facts.disagreements:
            yield from wrapped(f"Disagree: {sentence}", 4, first="  ")
    if standing is not None:
        yield from heading(f"Flag {standing.flag} in port state control")
        yield from wrapped(f"{standing.standing} list ({standing.source})")


def finding_lines(
    finding: "Finding", declared: "Behaviour | None", in_force: Mapping[str, float], *, flags: bool
) -> Iterator[str]:
    """All that is known of a finding.

    Args:
        finding: the finding.
        declared: its behaviour, where it is installed.
        in_force: the behaviour's thresholds when it was found.
        flags: whether to tell the red flags too; the alert of a ship has told them.
    """
    other = f" and {finding.other_mmsi}" if finding.other_mmsi else ""
    asset = f", at {finding.asset}" if finding.asset else ""
    yield "-" * WIDTH
    yield f"{finding.behaviour} {finding.id}"
    yield from wrapped(finding.summary, 0)
    yield from heading("  ".join((f"MMSI {finding.mmsi}{other}", f"version {finding.version}")))
    yield from wrapped(
        f"{finding.start} to {finding.end or 'the end of the data (still open)'}", 12, first="When        "
    )
    yield from wrapped(f"{finding.lat:.5f} {finding.lon:.5f}{asset}", 12, first="Where       ")
    yield from wrapped(f"{finding.confidence}: {finding.confidence_reason}", 12, first="Confidence  ")
    trust = f": {finding.trust_reason}" if finding.trust_reason else ""
    yield from wrapped(f"{finding.trust}{trust}", 12, first="Positions   ")
    if finding.measured:
        yield from heading("Measured, and when it is reported")
    for measured in finding.measured:
        setting = _setting(setting_of(measured, declared, in_force), declared, in_force)
        yield from _measured(measured, setting)
    yield from heading("Raw lines that show it")
    for e in finding.evidence:
        yield from wrapped(f"{e.shows}: {e.source} line {e.row}, {e.t}", 4, first="  ")
        yield f"    {cell(e.raw) or '(not kept)'}"
    if declared is None:
        yield ""
        yield from wrapped(f"{finding.behaviour} is not installed here, so its sources cannot be shown.", 0)
    else:
        yield from _background(finding, declared)
    if flags:
        yield from _named_by(finding.behaviour)
    yield ""


def setting_of(
    measured: "Measured", declared: "Behaviour | None", in_force: Mapping[str, float]
) -> str | None:
    """The threshold that a value was measured against, where unit and value leave no doubt which it is."""
    if declared is None or not isinstance(measured.threshold, int | float):
        return None
    fitting = [
        name
        for name, threshold in declared.thresholds.items()
        if threshold.unit.symbol == measured.unit
        and in_force.get(name, threshold.default) == measured.threshold
    ]
    return fitting[0] if len(fitting) == 1 else None


def _measured(m: "Measured", setting: str) -> Iterator[str]:
    """A line of the table; what is too long for it is a sentence."""
    unit = "" if m.unit in ("", "1", "count") else f" {m.unit}"
    limit = ""
    if m.threshold is not None:
        limit = f"{_WORDS.get(m.comparison, m.comparison)} {cell(m.threshold)}".strip()
        limit += ("" if isinstance(m.threshold, str) else unit) + setting
    value = "unknown" if m.value is None else cell(m.value) + ("" if isinstance(m.value, str) else unit)
    name = cell(m.name)
    row = f"  {name:<{_NAME}}  {value:>{_VALUE}}"
    if len(name) <= _NAME and len(value) <= _VALUE:
        yield from wrapped(limit, len(row) + 2, first=f"{row}  ") if limit else (row,)
    else:
        said = f"{value} ({m.unit})" if isinstance(m.value, str) and m.unit else value
        yield from wrapped(f"{name}: {said}" + (f", {limit}" if limit else ""), 4, first="  ")


def _setting(name: str | None, declared: "Behaviour | None", in_force: Mapping[str, float]) -> str:
    """The name of a setting, and its default where another value was in force."""
    if name is None or declared is None:
        return ""
    default = declared.thresholds[name].default
    return f" ({name})" if in_force.get(name, default) == default else f" ({name}, by default {default:g})"


def _background(finding: "Finding", declared: "Behaviour") -> Iterator[str]:
    if declared.version != finding.version:
        yield ""
        yield from wrapped(
            f"Found by version {finding.version}; what follows is about version {declared.version}.", 0
        )
    yield from heading("Where the thresholds come from")
    for r in declared.references:
        yield from wrapped(f"{r.title}, {r.where}: {r.figure}", 4, first="  ")
    yield from wrapped(
        f"All of them with their defaults: watchkeeper behaviours {declared.id}", 4, first="  "
    )
    for title, section in (("Why it matters", "why"), ("Innocent causes", "innocent"), ("Next step", "next")):
        yield from heading(title)
        said = declared.doc[section]
        yield from wrapped(said[:1].upper() + said[1:])


def _named_by(behaviour: str) -> Iterator[str]:
    yield from heading("Red flags")
    reason = catalogue().no_flag.get(behaviour)
    if reason:
        yield from wrapped(f"None: {reason}.")
    for flag in flags_of(behaviour):
        yield from wrapped(flag.title, 4, first="  ")
        for source in flag.source:
            yield from wrapped(f"{catalogue().citation(source)}: {source.says}", 6)
