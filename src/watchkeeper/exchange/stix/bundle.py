"""A bundle of STIX 2.1: every object with one level of TLP, all definitions it needs, no dangling reference.

The same things give the same bytes.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any, BinaryIO

import msgspec

from watchkeeper.exchange.marking_definitions import definitions_for, marked, tlp_definition
from watchkeeper.exchange.stix import extensions
from watchkeeper.exchange.stix.asset import asset_object
from watchkeeper.exchange.stix.behaviour import behaviour_object
from watchkeeper.exchange.stix.case import alert_id, alert_objects, case_objects, case_report
from watchkeeper.exchange.stix.evidence import evidence_objects
from watchkeeper.exchange.stix.finding import finding_id, finding_objects
from watchkeeper.exchange.stix.identity import author, project
from watchkeeper.exchange.stix.ids import stix_id
from watchkeeper.exchange.stix.rule import rule_objects
from watchkeeper.exchange.stix.scope import CLEAR, Entry, Scope
from watchkeeper.exchange.stix.vessel import vessel_objects
from watchkeeper.exchange.things import KnownCase, Listing, RaisedAlert, Things, Vessel
from watchkeeper.exchange.words import vessels_by_mmsi
from watchkeeper.model.finding import REAL
from watchkeeper.model.marking import How, Marking, both


def told(things: Things) -> list[Entry]:
    """Every object with its marking, each id once, in a fixed order; without definitions.

    What is told twice under two markings is told under both.
    """
    found: dict[str, Entry] = {}
    for entry in _told(things):
        id = entry.object["id"]
        known = found.get(id)
        found[id] = entry if known is None else known._replace(marking=both(known.marking, entry.marking))
    return list(found.values())


def definitions(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """The marking definitions and extension definitions that some objects need, and who defined the extensions."""
    markings: dict[str, dict[str, Any]] = {}
    used: set[str] = set()
    under: dict[tuple[Marking, How], None] = {}
    for entry in entries:
        under[entry.marking, "remove"] = None
        for part in entry.parts:
            under[msgspec.structs.replace(part.marking, realm=REAL), part.how] = None
        used |= set(entry.object.get("extensions", ()))
    for marking, how in under:
        for one in definitions_for(marking, how):
            markings.setdefault(one["id"], one)
    clear = tlp_definition("clear")
    markings.setdefault(clear["id"], clear)
    used |= {key for one in markings.values() for key in one.get("extensions", ())}
    ours = [extensions.definition(id) for id in sorted(used) if id in extensions.schemas()]
    return [
        *(markings[id] for id in sorted(markings)),
        marked(project().object, CLEAR),
        *(marked(one, CLEAR) for one in ours),
    ]


def objects_of(things: Things) -> list[dict[str, Any]]:
    """All objects of an export: closed under references, each with its markings."""
    entries = told(things)
    return [*definitions(entries), *(marked(e.object, e.marking, e.parts) for e in entries)]


def bundle_of_findings(things: Things, ids: Iterable[str]) -> list[dict[str, Any]]:
    """The objects of some findings: with their ships, assets, evidence and rules."""
    return objects_of(_narrowed(things, set(ids), (), ()))


def bundle_of_case(things: Things, case: str) -> list[dict[str, Any]]:
    """The objects of a case: with its alerts and everything they rest on.

    Raises:
        KeyError: there is no such case.
    """
    known = next((one for one in things.cases if one.id == case), None)
    if known is None:
        raise KeyError(case)
    return objects_of(_of_case(things, known))


def write(things: Things, out: BinaryIO) -> None:
    """Write a bundle, an object a line. Objects of others stand in it as they came, byte for byte."""
    lines = [msgspec.json.encode(one) for one in objects_of(things)]
    ours = {one["id"] for one in map(msgspec.json.decode, lines)}
    lines += [kept.data for kept in things.passed_on if kept.id not in ours]
    digest = hashlib.sha256(b"\n".join(lines)).hexdigest()
    id = stix_id("bundle", f"bundle:{digest}")
    out.write(b'{"type":"bundle","id":"%b","objects":[\n' % id.encode())
    out.write(b",\n".join(lines))
    out.write(b"\n]}\n")


def dangling(objects: Iterable[Mapping[str, Any]]) -> set[str]:
    """Ids that are referred to and are not among the objects."""
    given = list(objects)
    return {ref for one in given for ref in _refs(one)} - {str(one["id"]) for one in given}


def _told(things: Things) -> Iterator[Entry]:
    scope = Scope(things)
    yield from _catalogue(scope)
    yield from _of_the_sea(scope)
    yield from _incidents(scope)
    for known in things.cases:
        own = Scope(_of_case(things, known))
        refs = dict.fromkeys(e.object["id"] for e in (*_of_the_sea(own), *_incidents(own)))
        yield case_report(scope, known, list(refs))


def _catalogue(scope: Scope) -> Iterator[Entry]:
    """Who says it, and what was looked for."""
    who = author(scope)
    if who is not None:
        yield who
    for id in dict.fromkeys(f.behaviour for f in scope.things.findings):
        behaviour = scope.things.behaviours.get(id)
        yield behaviour_object(id, behaviour)
        if behaviour is not None:
            yield from rule_objects(scope, behaviour)


def _of_the_sea(scope: Scope) -> Iterator[Entry]:
    """Ships, assets, and what was found."""
    things = scope.things
    ships = _ships(scope)
    listed: dict[int, list[Listing]] = {}
    for one in things.listings:
        listed.setdefault(one.mmsi, []).append(one)
    for ship in _hulls(scope):
        yield from vessel_objects(scope, ship, [one for v in ship for one in listed.get(v.mmsi, ())])
    for asset in things.assets:
        yield asset_object(scope, asset)
    for finding in things.findings:
        yield from evidence_objects(scope, finding)
        yield from finding_objects(scope, finding, ships)


def _incidents(scope: Scope) -> Iterator[Entry]:
    """Alerts and cases."""
    things = scope.things
    sightings = {finding.id: finding_id(scope, finding) for finding in things.findings}
    alerts = {alert.id: alert_id(scope, alert.id) for alert in things.alerts}
    ships = _ships(scope)
    for alert in things.alerts:
        yield from alert_objects(scope, alert, sightings, ships)
    for known in things.cases:
        yield from case_objects(scope, known, sightings, alerts)


def _ships(scope: Scope) -> dict[int, str]:
    return {mmsi: scope.vessel_id(vessel) for mmsi, vessel in vessels_by_mmsi(scope.things).items()}


def _hulls(scope: Scope) -> Iterable[list[Vessel]]:
    """Ships, each once: a hull that was heard under two MMSIs is one."""
    things = scope.things
    found: dict[str, list[Vessel]] = {}
    for vessel in (*vessels_by_mmsi(things).values(), *(v for v in things.vessels if not v.mmsi)):
        found.setdefault(scope.vessel_id(vessel), []).append(vessel)
    return found.values()


def _of_case(things: Things, known: KnownCase) -> Things:
    """What belongs to a case."""
    alerts = [alert for alert in things.alerts if alert.id in known.case.alerts]
    findings = {id for alert in alerts for id in alert.finding_ids}
    findings |= {one.id for one in known.case.evidence if one.kind == "finding"}
    return _narrowed(things, findings, alerts, (known,))


def _narrowed(
    things: Things, findings: Set[str], alerts: Sequence[RaisedAlert], cases: Sequence[KnownCase]
) -> Things:
    """Only some findings, alerts and cases, with the ships and assets that these name."""
    found = tuple(f for f in things.findings if f.id in findings)
    ships = {m for f in found for m in (f.mmsi, f.other_mmsi)} | {alert.mmsi for alert in alerts}
    assets = {f.asset for f in found} | {c.case.place.asset for c in cases if c.case.place}
    return replace(
        things,
        findings=found,
        vessels=tuple(v for v in things.vessels if v.mmsi in ships),
        assets=tuple(a for a in things.assets if a.id in assets),
        alerts=tuple(alerts),
        cases=tuple(cases),
        listings=tuple(one for one in things.listings if one.mmsi in ships),
        passed_on=(),
    )


def _refs(value: Any, key: str = "") -> Iterator[str]:
    """Every id in a property that ends in ``_ref`` or ``_refs``, however deep."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _refs(one, str(name))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _refs(one, key)
    elif isinstance(value, str) and key.endswith(("_ref", "_refs")):
        yield value
