"""What one recipient may have of things that leave as a file: each decided on, and whole without the rest.

The gate for formats without objects of their own. What a thing leans on goes with it: a finding without its ship is not
given, an alert without any finding neither, and no id of what is withheld stays in what is given.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import msgspec

from watchkeeper.exchange.caveats import of_thing
from watchkeeper.exchange.gate import Gate
from watchkeeper.exchange.release import Decision, Item, Reason
from watchkeeper.exchange.things import KnownCase, RaisedAlert, Things
from watchkeeper.model.finding import Finding
from watchkeeper.model.marking import Marking, Part, Purpose, Recipient

_PARTS: Final = {"finding": "evidence", "asset": "geometry", "case": "notes"}
"""What of a thing may be held more closely. A geometry is withheld with its asset: a map without it says nothing."""
_LEANS: Final = Reason("reference", "it leans on something that is withheld")
_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class Withheld:
    """A thing that is not given (``deny``), or not whole (``redact``), and why."""

    thing: str
    outcome: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """What goes, and what of it does not."""

    things: Things
    withheld: tuple[Withheld, ...]

    def rules(self) -> dict[str, int]:
        """How often each rule withheld something."""
        return dict(Counter(reason.rule for one in self.withheld for reason in one.reasons))


def released(things: Things, recipient: Recipient, purpose: Purpose, at: int) -> Released:
    """What the recipient may have, for the purpose, at a time [ms UTC]."""
    gate = _Decisions(things, Gate(recipient, purpose, named=True), at)
    vessels = gate.kept("vessel", ((str(v.mmsi or v.imo), v) for v in things.vessels))
    ships = {vessel.mmsi for vessel in things.vessels} - {vessel.mmsi for vessel in vessels}
    assets = tuple(
        a for a in gate.kept("asset", ((a.id, a) for a in things.assets)) if a.id not in gate.without["asset"]
    )
    lost = {asset.id for asset in things.assets} - {asset.id for asset in assets}
    findings = tuple(
        _finding(finding, lost, bare=finding.id in gate.without["finding"])
        for finding in gate.kept("finding", ((f.id, f) for f in things.findings))
        if gate.stands(f"finding:{finding.id}", finding.mmsi not in ships and finding.other_mmsi not in ships)
    )
    there = {finding.id for finding in findings}
    alerts = tuple(
        msgspec.structs.replace(alert, finding_ids=tuple(id for id in alert.finding_ids if id in there))
        for alert in gate.kept("alert", ((a.id, a) for a in things.alerts))
        if gate.stands(f"alert:{alert.id}", alert.mmsi not in ships and _some(alert, there))
    )
    reports = gate.kept("report", ((r.sha256, r) for r in things.reports))
    held = {report.sha256 for report in things.reports} - {report.sha256 for report in reports}
    cases = tuple(
        _case(known, {a.id for a in alerts}, there, held, lost, bare=known.id in gate.without["case"])
        for known in gate.kept("case", ((c.id, c) for c in things.cases))
    )
    named = ((f"{one.match.list_title}:{one.match.entry}", one) for one in things.listings)
    listings = tuple(one for one in gate.kept("listing", named) if one.mmsi not in ships)
    rest = replace(
        things, vessels=vessels, fixes=tuple(fix for fix in things.fixes if fix.mmsi not in ships), assets=assets,
        findings=findings, alerts=alerts, cases=cases, listings=listings, reports=reports, passed_on=(),
        markings=replace(things.markings, of=gate.marks()),
    )  # fmt: skip
    return Released(rest, tuple(gate.withheld))


class _Decisions:
    """Decides on things one after the other, and keeps what was withheld."""

    def __init__(self, things: Things, gate: Gate, at: int) -> None:
        self._things, self._gate, self._at = things, gate, at
        self.withheld: list[Withheld] = []
        self.without: dict[str, set[str]] = {kind: set() for kind in _PARTS}
        """Those that go without their part."""
        self._given: Counter[str] = Counter()

    def kept(self, kind: str, named: Iterable[tuple[str, _Thing]]) -> tuple[_Thing, ...]:
        """Those of a kind that are not denied."""
        return tuple(thing for id, thing in named if self._decided(kind, id).outcome != "deny")

    def stands(self, name: str, whole: bool) -> bool:
        """Whether a thing that may go stands without what is withheld."""
        if not whole:
            self.withheld.append(Withheld(name, "deny", (_LEANS,)))
        return whole

    def marks(self) -> dict[str, Marking]:
        """The markings of things, without those of parts that do not go with them."""
        gone = {f"{part}:{id}" for kind, part in _PARTS.items() for id in self.without[kind]}
        gone |= {part for kind, part in _PARTS.items() if self._given[kind] <= len(self.without[kind])}
        return {name: marking for name, marking in self._things.markings.of.items() if name not in gone}

    def _decided(self, kind: str, id: str) -> Decision:
        part = _PARTS.get(kind)
        named = self._things.markings.of
        parts: tuple[Part, ...] = ()
        if part is not None and (f"{part}:{id}" in named or part in named):
            parts = (Part(selector=part, marking=of_thing(self._things, part, id)),)
        item = Item(id=f"{kind}:{id}", marking=of_thing(self._things, kind, id), parts=parts)
        decision = self._gate.decide(item, self._at, by=self._things.author or None)
        self._given[kind] += decision.outcome != "deny"
        if decision.outcome == "redact":
            self.without[kind].add(id)
        if decision.outcome != "allow":
            self.withheld.append(Withheld(item.id, decision.outcome, decision.reasons))
        return decision


def _some(alert: RaisedAlert, there: set[str]) -> bool:
    return not alert.finding_ids or any(id in there for id in alert.finding_ids)


def _finding(finding: Finding, lost: set[str], *, bare: bool) -> Finding:
    changes: dict[str, Any] = {"evidence": ()} if bare else {}
    if finding.asset in lost:
        changes["asset"] = None
    return msgspec.structs.replace(finding, **changes)


def _case(
    known: KnownCase, alerts: set[str], findings: set[str], reports: set[str], lost: set[str], *, bare: bool
) -> KnownCase:
    case = known.case
    place = case.place
    if place is not None and place.asset in lost:
        place = msgspec.structs.replace(place, asset=None)
    kept = msgspec.structs.replace(
        case,
        alerts=tuple(id for id in case.alerts if id in alerts),
        evidence=tuple(
            one
            for one in case.evidence
            if (one.kind != "finding" or one.id in findings)
            and (one.kind != "document" or one.id not in reports)
        ),
        notes=() if bare else case.notes,
        sources=tuple(source for source in case.sources if source.sha256 not in reports),
        taken=tuple(taken for taken in case.taken if taken.sha256 not in reports),
        place=place,
    )
    return msgspec.structs.replace(known, case=kept)
