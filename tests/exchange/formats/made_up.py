"""A small day that never was: two ships, a cable, three findings, an alert and a case, and listings of a ship."""

import io
from dataclasses import replace
from typing import Any

import msgspec

from watchkeeper.behaviours import all_behaviours
from watchkeeper.cases.register.case import Case, Claim, Exhibit, Note, Place, Source, When
from watchkeeper.cases.register.sources import Report
from watchkeeper.exchange.formats import writer
from watchkeeper.exchange.things import (
    Fix,
    KnownCase,
    Listing,
    Marked,
    RaisedAlert,
    Things,
    Vessel,
)
from watchkeeper.model.asset import Asset
from watchkeeper.model.finding import Evidence, Finding, Measured
from watchkeeper.model.marking import Marking
from watchkeeper.model.picture import ListMatch
from watchkeeper.model.register import FlagSpell, ShipFacts
from watchkeeper.model.time import from_iso

DAY = "2025-03-01"
AT = from_iso(f"{DAY}T12:00:00Z")
AMBER = Marking(
    tlp="amber+strict",
    pap="green",
    releasable_to=(("country:EST", "country:FIN"),),
    originator="Coast Guard",
    purposes=("awareness", "protection"),
)


def finding(number: int, behaviour: str = "anchor-drag", **changes: Any) -> Finding:
    """A finding about the first ship."""
    said: dict[str, Any] = {
        "id": f"00000000-0000-5000-8000-{number:012d}",
        "behaviour": behaviour,
        "version": 2,
        "mmsi": 273_000_001,
        "imo": 9_074_729,
        "name": "ESTELLE <A&B>",
        "start": f"{DAY}T06:0{number}:00Z",
        "end": f"{DAY}T07:0{number}:00Z",
        "lat": 59.437222,
        "lon": 24.745 + number / 100,
        "asset": "layer/test-cable",
        "measured": (Measured("loss of speed", 3.25, "kn", ">=", 2.0), Measured("crossed", True, "")),
        "evidence": (Evidence("day.csv", 17 + number, f"{DAY}T06:00:00Z", "beginning", "raw;line"),),
        "confidence": "medium",
        "confidence_reason": "one receiver",
        "realm": "real",
        "summary": "slower by 3.25 kn than her own usual speed while she crossed Test Cable",
    }
    return Finding(**said | changes)


def things(**changes: Any) -> Things:
    """All of it."""
    findings = (
        finding(1),
        finding(2, "ais-gap", end=None, asset=None),
        finding(3, "encounter", other_mmsi=230_000_002),
    )
    facts = ShipFacts(
        imo=9_074_729, source="Register of 2025-01", built=1994, gross_tonnage=57_000.0, deadweight_t=105_000.0,
        former_names=("OLD NAME",),
        flag_history=(FlagSpell(flag="LR", flag_text="Liberia", since="2010-01-01", until="2020-01-01"),),
        owner="Owner Ltd", manager="Manager Ltd", insurer="Club",
    )  # fmt: skip
    vessels = (
        Vessel(mmsi=273_000_001, imo=9_074_729, name="ESTELLE <A&B>", callsign="UABC", flag="RU", ship_type=80,
               length_m=244.0, draught_m=14.5, facts=facts, as_of=AT),
        Vessel(mmsi=230_000_002, name="=NEVA", flag="FI", ship_type=70, as_of=AT),
    )  # fmt: skip
    cable = Asset(
        id="layer/test-cable", name="Test Cable", kind="cable", buffer_m=1852.0, operator="Operator", source="Made up",
        geometry={"type": "LineString", "coordinates": [[24.0, 59.0], [25.0, 60.0]]},
    )  # fmt: skip
    case = Case(
        kind="incident", title="Cable fault, Gulf of Finland", status="suspected",
        summary="A cable was cut.\nTwo ships near.",
        opened_at=AT, opened_by="user:duty", changed_at=AT + 60_000, alerts=("alert-1",),
        notes=(Note(AT, "user:duty", "Called the operator."),),
        evidence=(Exhibit(at=AT, by="user:duty", kind="finding", id=findings[0].id),),
        claims=(Claim(at=AT, by="user:duty", party="Operator", said_on=DAY, says="the cable is cut", source="press"),),
        tags=("hybrid-domain:infrastructure", "rsit:availability:sabotage"),
        when=When(begins=AT - 3_600_000, ends=AT, precision="hour"),
        place=Place(name="Gulf of Finland", lat=59.5, lon=24.8, within_m=500.0, asset="layer/test-cable"),
        target="Test Cable", effect="outage",
        sources=(Source(at=AT, by="user:duty", sha256="ab" * 32, grade="B2", title="Press release"),),
    )  # fmt: skip
    alert = RaisedAlert(
        id="alert-1", mmsi=273_000_001, name="ESTELLE <A&B>", headline="Slowed over a cable", score=72.5, state="new",
        finding_ids=(findings[0].id, findings[1].id), begins=AT - 7_200_000, changed_at=AT,
    )  # fmt: skip
    match = ListMatch("EU designated vessels", "XLII-17", "imo", "high", "same IMO number", "833/2014", DAY)
    said = Things(
        author="Coast Guard",
        version="0.1",
        findings=findings,
        vessels=vessels,
        fixes=(
            Fix(mmsi=273_000_001, t=AT, lat=59.5, lon=24.9, sog_kn=7.2, cog_deg=81.0, heading_deg=80.0),
            Fix(mmsi=230_000_002, t=AT, lat=59.6, lon=24.9),
        ),
        assets=(cable,),
        alerts=(alert,),
        cases=(KnownCase(id="case-1", state="open", case=case),),
        listings=(Listing(mmsi=273_000_001, match=match),),
        reports=(
            Report(
                sha256="ab" * 32,
                text="The cable is cut.",
                title="Press release",
                publisher="Operator",
                at=AT,
                by="u",
            ),
        ),
        behaviours=all_behaviours(),
        markings=Marked(default=AMBER),
        changed={findings[0].id: AT},
    )
    return replace(said, **changes)


def exercise(id: str = "baltic-26") -> Things:
    """The same in an exercise."""
    realm = f"exercise:{id}"
    real = things()
    findings = tuple(msgspec.structs.replace(one, realm=realm) for one in real.findings)
    return replace(real, realm=realm, findings=findings, simulated=True)


def written(name: str, some: Things) -> bytes:
    """The bytes of a format."""
    out = io.BytesIO()
    write = writer(name).write
    assert write is not None
    write(some, out)
    return out.getvalue()
