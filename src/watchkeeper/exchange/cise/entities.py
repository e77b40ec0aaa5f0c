"""Ships, findings, cases and alerts as entities of CISE: Vessel, Anomaly, Incident, Risk.

Elements come in the order of the schemas. Each entity carries, as a document, the thing as we hold it, so that another
watchkeeper has it whole; the fields of CISE say what they can say.
"""

import base64
from typing import Any, Final
from xml.etree.ElementTree import Element, QName, SubElement

import msgspec

from watchkeeper.exchange.catalogue import published_as
from watchkeeper.exchange.caveats import banner, of_thing
from watchkeeper.exchange.cise import words
from watchkeeper.exchange.things import KnownCase, RaisedAlert, Things, Vessel
from watchkeeper.exchange.untrusted import xml_text
from watchkeeper.exchange.words import (
    changed_at,
    measured_words,
    title_of,
    uuid_of,
    vessel_key,
    vessels_by_mmsi,
)
from watchkeeper.model.finding import REAL, Finding
from watchkeeper.model.marking import Marking
from watchkeeper.model.time import from_iso, to_iso

ENTITY: Final = "http://www.cise.eu/datamodel/v1/entity/"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
PREFIXES: Final = {
    name: f"{ENTITY}{name}/"
    for name in ("vessel", "anomaly", "incident", "document", "organization", "location", "risk")
} | {"xsi": XSI}
DOCUMENT: Final = "application/vnd.watchkeeper.{}+json"
"""The subject of the document that holds a thing as we hold it."""


class Entities:
    """Makes the entities of one export. Those of ships are made anew for each place in which they stand."""

    def __init__(self, things: Things) -> None:
        self.things = things
        self._findings = {finding.id: finding for finding in things.findings}
        self._alerts = {alert.id: alert for alert in things.alerts}
        self._fixes = {fix.mmsi: fix for fix in things.fixes}
        self._known = vessels_by_mmsi(things)
        self._simulated = things.simulated or things.realm != REAL

    def vessel(self, parent: Element, tag: str, vessel: Vessel, *, whole: bool = True) -> Element:
        """A ship. ``whole`` False: only by what it is known, where it stands in another entity."""
        made = SubElement(parent, tag)
        facts = vessel.facts
        self._identified(made, uuid_of(self.things, vessel_key(vessel)), vessel.as_of)
        if whole:
            self._metadata(made, self._marking("vessel", str(vessel.mmsi or vessel.imo)))
        _add(made, "Name", vessel.name)
        if whole:
            self._fix(made, vessel)
            self._document(made, "vessel", vessel)
            for role, name in (
                ("VesselRegisteredOwner", facts and facts.owner),
                ("ShipOperatingCompany", facts and facts.operator),
                ("VesselCompany", facts and facts.manager),
            ):
                if name:
                    behind = SubElement(made, "InvolvedAgentRel")
                    _add(
                        _typed(SubElement(behind, "Agent"), "organization", "Organization"), "LegalName", name
                    )
                    _add(behind, "AgentRole", role)
        _add(made, "Nationality", vessel.flag)
        _add(made, "CallSign", vessel.callsign)
        _add(made, "Deadweight", facts and facts.deadweight_t and round(facts.deadweight_t))
        _add(made, "Draught", vessel.draught_m)
        _add(made, "GrossTonnage", facts and facts.gross_tonnage)
        _add(made, "IMONumber", vessel.imo)
        _add(made, "Length", vessel.length_m or (facts and facts.length_m))
        _add(made, "MMSI", vessel.mmsi or None)
        _add(made, "ShipType", words.ship_type(vessel.ship_type, facts))
        _add(made, "YearBuilt", facts and facts.built)
        return made

    def anomaly(self, parent: Element, tag: str, finding: Finding) -> Element:
        """A finding."""
        made = SubElement(parent, tag)
        said = "; ".join((finding.summary, *map(measured_words, finding.measured)))
        self._identified(made, finding.id, changed_at(self.things, finding))
        self._metadata(
            made,
            self._marking("finding", finding.id, "evidence"),
            Abstract=title_of(self.things, finding.behaviour),
            Description=said,
            InformationReliabilityLevel=words.reliability(finding.confidence),
        )
        self._happened(made, from_iso(finding.start), from_iso(finding.end) if finding.end else None)
        self._place(made, finding.lat, finding.lon)
        for mmsi in filter(None, (finding.mmsi, finding.other_mmsi)):
            self._involved(made, mmsi, "Participant")
        self._document(made, "finding", finding)
        _add(made, "AnomalyType", published_as(finding.behaviour).cise)
        return made

    def incident(self, parent: Element, tag: str, known: KnownCase) -> Element:
        """A case."""
        made, case = SubElement(parent, tag), known.case
        self._identified(made, uuid_of(self.things, f"case:{known.id}"), case.changed_at)
        self._metadata(
            made,
            self._marking("case", known.id, "notes"),
            Abstract=case.title,
            Comments=", ".join(case.tags),
            Description="\n".join(filter(None, (case.summary, case.target, case.effect))),
        )
        self._happened(made, *((case.when.begins, case.when.ends) if case.when else (None, None)))
        findings = self.findings_of(known)
        for finding in findings:
            within = SubElement(made, "InvolvedWithRel")
            _typed(self.anomaly(within, "Event", finding), "anomaly", "Anomaly")
            _add(within, "EventRole", "Encompasses")
        if case.place and case.place.lat is not None and case.place.lon is not None:
            self._place(made, case.place.lat, case.place.lon, case.place.name)
        for mmsi in dict.fromkeys(finding.mmsi for finding in findings):
            self._involved(made, mmsi, "Participant")
        self._document(made, "case", known)
        _add(made, "Certainty", words.CERTAINTY[case.status])
        return made

    def risk(self, parent: Element, tag: str, alert: RaisedAlert) -> Element:
        """An alert. Its score ranks the desk's work and is no probability: level and probability are not said."""
        made = SubElement(parent, tag)
        self._identified(made, uuid_of(self.things, f"alert:{alert.id}"), alert.changed_at)
        said = f"{alert.headline} (rank {alert.score:g} among the alerts of the desk; {alert.state})"
        self._metadata(made, self._marking("alert", alert.id), Abstract=alert.headline, Description=said)
        _period(made, "OccurrencePeriod", alert.begins, alert.ends)
        for tag_of, word in (
            ("Level", words.NOT_SAID),
            ("Probability", words.NOT_SAID),
            ("Severity", words.NOT_SAID),
        ):
            _add(made, f"Risk{tag_of}", word)
        _add(made, "RiskType", "Other")
        if alert.mmsi:
            self._involved(made, alert.mmsi)
        for finding in (self._findings[id] for id in alert.finding_ids if id in self._findings):
            within = SubElement(made, "ImpliedEventRel")
            _typed(self.anomaly(within, "Event", finding), "anomaly", "Anomaly")
        self._document(made, "alert", alert, type="RiskDocument")
        return made

    def findings_of(self, known: KnownCase) -> list[Finding]:
        """Those that a case rests on, by its evidence and its alerts."""
        alerts = (self._alerts[id] for id in known.case.alerts if id in self._alerts)
        ids = [e.id for e in known.case.evidence if e.kind == "finding"]
        ids += [id for alert in alerts for id in alert.finding_ids]
        return [self._findings[id] for id in dict.fromkeys(ids) if id in self._findings]

    def _marking(self, kind: str, id: str, *parts: str) -> Marking:
        return of_thing(self.things, kind, id, *parts)

    def _identified(self, made: Element, uuid: str, at: int) -> None:
        identifier = SubElement(made, "Identifier")
        if self.things.author:
            _add(SubElement(identifier, "GeneratedBy"), "LegalName", self.things.author)
        _add(identifier, "GeneratedIn", to_iso(at))
        _add(identifier, "UUID", uuid)

    def _metadata(self, made: Element, marking: Marking, **said: str) -> None:
        """What is said of an entity, and its marking: as CISE says it, and whole in ``Designation``."""
        over = banner(self.things)
        fields = said | {
            "Designation": words.designation(marking),
            "InformationSecurityClassification": words.NOT_CLASSIFIED,
            "InformationSensitivityDegree": words.sensitivity(marking),
        }
        if over:
            fields["Abstract"] = f"{over}: {fields.get('Abstract', '')}".rstrip(": ")
        metadata = SubElement(made, "Metadata")
        for tag in sorted(fields):  # the schema has them in the order of the alphabet
            _add(metadata, tag, fields[tag])

    def _happened(self, made: Element, begins: int | None, ends: int | None) -> None:
        _add(made, "NatureType", "Simulated" if self._simulated else "Observed")
        if begins is not None:
            _period(made, "OccurrencePeriod", begins, ends)

    def _place(self, made: Element, lat: float, lon: float, name: str = "") -> None:
        relation = SubElement(made, "LocationRel")
        _location(relation, lat, lon, name)
        _add(relation, "SourceType", "Simulation" if self._simulated else "Estimation")

    def _fix(self, made: Element, vessel: Vessel) -> None:
        """Where she reported to be: what AIS says is declared by the ship."""
        fix = self._fixes.get(vessel.mmsi)
        if fix is None:
            return
        relation = SubElement(made, "LocationRel")
        _location(relation, fix.lat, fix.lon)
        _add(relation, "COG", fix.cog_deg)
        _add(relation, "Heading", fix.heading_deg)
        _period(relation, "PeriodOfTime", fix.t, fix.t)
        _add(relation, "SourceType", "Simulation" if self._simulated else "Declaration")
        _add(relation, "SensorType", "AutomaticIdentificationSystem")
        _add(relation, "SOG", fix.sog_kn)

    def _involved(self, made: Element, mmsi: int, role: str = "") -> None:
        ship = self._known[mmsi]
        relation = SubElement(made, "InvolvedObjectRel")
        _typed(self.vessel(relation, "Object", ship, whole=False), "vessel", "Vessel")
        _add(relation, "ObjectRole", role or None)

    def _document(self, made: Element, kind: str, thing: msgspec.Struct, type: str = "") -> None:
        types = {"vessel": "VesselDocument", "alert": "RiskDocument"}
        document = SubElement(SubElement(made, "DocumentRel"), "Document")
        _typed(document, "document", type or types.get(kind, "EventDocument"))
        _add(document, "Subject", DOCUMENT.format(kind))
        _add(document, "Title", f"{kind}.json")
        _add(document, "Content", base64.b64encode(msgspec.json.encode(thing)).decode())
        _add(document, "DocumentType", "Other")


def _typed(element: Element, space: str, name: str) -> Element:
    element.set(str(QName(XSI, "type")), QName(PREFIXES[space], name))  # type: ignore[arg-type]
    return element


def _location(relation: Element, lat: float, lon: float, name: str = "") -> None:
    location = SubElement(relation, "Location")
    geometry = SubElement(location, "Geometry")
    _add(geometry, "Latitude", f"{lat:.6f}")
    _add(geometry, "Longitude", f"{lon:.6f}")
    if name:
        _add(_typed(location, "location", "NamedLocation"), "GeographicName", name)


def _period(parent: Element, tag: str, begins: int, ends: int | None) -> None:
    """Dates and times of day apart, as CISE has them, in UTC."""
    period = SubElement(parent, tag)
    for which, moment in (("End", ends), ("Start", begins)):
        if moment is not None:
            date, _, time = to_iso(moment).partition("T")
            _add(period, f"{which}Date", f"{date}Z")
            _add(period, f"{which}Time", time)


def _add(parent: Element, tag: str, value: Any) -> None:
    if value is not None and value != "":
        SubElement(parent, tag).text = xml_text(value)
