"""Things as MISP events: one for each case, and one for what belongs to none.

A case's text and the reports it rests on are event reports. Every UUID follows from what it names, so the same things
make the same event, and a new version of a case updates the event.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec

from watchkeeper.exchange.misp.building import LONGEST, Builder
from watchkeeper.exchange.misp.vocabulary import tag
from watchkeeper.exchange.things import KnownCase, Things
from watchkeeper.exchange.words import changed_at, newest
from watchkeeper.model.time import to_iso

if TYPE_CHECKING:
    from pymisp import MISPEvent

CASE: Final = "watchkeeper case"
"""The comment of the attribute that holds a case whole."""
_COMPLETE: Final = 2


def events(things: Things) -> "Iterator[MISPEvent]":
    """An event a case, then one of findings and ships of no case, where there are any."""
    left = things
    for known in things.cases:
        part, left = _split(left, things, known)
        yield _case_event(part, known)
    if left.findings or left.alerts or (left.vessels and not things.cases):
        yield _rest_event(replace(left, cases=(), reports=()))


def as_json(event: "MISPEvent") -> bytes:
    """An event as a JSON text: the same event, the same bytes."""
    return msgspec.json.encode({"Event": msgspec.json.decode(event.to_json())}, order="sorted")


def _split(left: Things, whole: Things, known: KnownCase) -> tuple[Things, Things]:
    """What belongs to a case, and what is left without it."""
    case = known.case
    alerts = tuple(alert for alert in whole.alerts if alert.id in case.alerts)
    ids = {id for alert in alerts for id in alert.finding_ids} | {
        e.id for e in case.evidence if e.kind == "finding"
    }
    findings = tuple(finding for finding in whole.findings if finding.id in ids)
    ships = {mmsi for f in findings for mmsi in (f.mmsi, f.other_mmsi)} | {alert.mmsi for alert in alerts}
    named = {finding.asset for finding in findings} | {case.place.asset if case.place else None}
    digests = {source.sha256 for source in case.sources}
    part = replace(
        whole, cases=(known,), alerts=alerts, findings=findings,
        vessels=tuple(v for v in whole.vessels if v.mmsi in ships), fixes=(),
        assets=tuple(asset for asset in whole.assets if asset.id in named),
        listings=tuple(listing for listing in whole.listings if listing.mmsi in ships),
        reports=tuple(report for report in whole.reports if report.sha256 in digests),
    )  # fmt: skip
    rest = tuple(finding for finding in left.findings if finding.id not in ids)
    ships = {mmsi for f in rest for mmsi in (f.mmsi, f.other_mmsi)}
    return part, replace(
        left, findings=rest, alerts=tuple(alert for alert in left.alerts if alert not in alerts),
        vessels=tuple(v for v in whole.vessels if v.mmsi in ships),
        listings=tuple(listing for listing in whole.listings if listing.mmsi in ships),
        assets=tuple(asset for asset in whole.assets if asset.id in {finding.asset for finding in rest}),
    )  # fmt: skip


def _case_event(things: Things, known: KnownCase) -> "MISPEvent":
    case = known.case
    at = max([case.changed_at, *(changed_at(things, finding) for finding in things.findings)])
    building = Builder(things, f"case:{known.id}", case.title, at)
    if known.state == "closed":
        building.made.analysis = _COMPLETE
    for name in (tag("incident-status", case.status), *map(_tag, case.tags)):
        building.made.add_tag(name)
    building.sea()
    building.report(case.title, _told(known), "case")
    for report in things.reports:
        building.report(report.title, report.text, f"report:{report.sha256}")
    record = msgspec.json.encode(known).decode()
    if len(record.encode()) <= LONGEST:
        building.attribute(record, CASE)
    return building.made


def _rest_event(things: Things) -> "MISPEvent":
    at = newest(things)
    info = f"Behaviour of ships, to {to_iso(at)[:16].replace('T', ' ')} UTC"
    building = Builder(things, f"findings:{to_iso(at)[:10]}", info, at)
    building.sea()
    return building.made


def _told(known: KnownCase) -> str:
    """The case as a text in Markdown."""
    case = known.case
    lines = [f"# {case.title}", f"Status: {case.status}. {case.status_reason}".strip(), case.summary]
    for title, text in (("Affected", case.target), ("Effect", case.effect)):
        if text:
            lines.append(f"{title}: {text}")
    for title, rows in (
        ("Claims", [f"{c.said_on}, {c.party}: {c.says} ({c.source})" for c in case.claims]),
        ("Sources", [f"{s.title or s.sha256} ({s.grade})" for s in case.sources]),
        ("Notes", [f"{to_iso(n.at)}, {n.by}: {n.text}" for n in case.notes]),
    ):
        if rows:
            lines += [f"## {title}", *(f"- {row}" for row in rows)]
    return "\n\n".join(filter(None, lines))


def _tag(ours: str) -> str:
    """A tag of the register as MISP writes it: its own taxonomies where it has them."""
    space, _, rest = ours.partition(":")
    if space in ("hybrid-domain", "hybrid-tool"):
        return tag(space, rest)
    predicate, _, value = rest.partition(":")
    return f'{space}:{predicate}="{value}"' if value else f"{space}:{predicate}"
