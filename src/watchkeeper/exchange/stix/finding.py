"""A finding as ``sighting`` of its behaviour, with our extension ``finding``: what was measured, by which rule."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from watchkeeper.exchange.stix.behaviour import behaviour_id
from watchkeeper.exchange.stix.evidence import evidence_id
from watchkeeper.exchange.stix.rule import rule_id
from watchkeeper.exchange.stix.scope import Entry, Scope, stamp_of
from watchkeeper.exchange.words import changed_at
from watchkeeper.model.finding import Confidence, Evidence, Finding
from watchkeeper.model.time import from_iso

FINDING: Final = "extension-definition--f3d85b06-7e41-4c9a-a2d3-95b0e6c1f728"
_MMSI_MOST: Final = 999_999_999
CONFIDENCE: Final[dict[Confidence, int]] = {"low": 15, "medium": 50, "high": 85}
"""*STIX 2.1*, appendix A, the scale None / Low / Med / High."""


def finding_id(scope: Scope, finding: Finding) -> str:
    """The id of a finding's sighting."""
    return scope.id("sighting", f"finding:{finding.id}")


def finding_objects(scope: Scope, finding: Finding, ships: Mapping[int, str]) -> Iterator[Entry]:
    """The sighting and the place.

    Args:
        scope: of the export.
        finding: what was found.
        ships: ids of the ships' objects by MMSI.
    """
    things = scope.things
    marking = scope.marking("finding", finding.id)
    times = (from_iso(finding.start), changed_at(things, finding))
    place = scope.id("location", f"finding:{finding.id}")
    yield scope.entry(
        place,
        times,
        marking,
        {
            "name": f"{finding.lat:.4f}, {finding.lon:.4f}",
            "latitude": finding.lat,
            "longitude": finding.lon,
        },
    )
    evidence = evidence_id(scope, finding)
    behaviour = things.behaviours.get(finding.behaviour)
    yield scope.entry(
        finding_id(scope, finding),
        times,
        marking,
        {
            "description": finding.summary,
            "first_seen": stamp_of(finding.start),
            "last_seen": stamp_of(finding.end) if _forward(finding) else None,
            "count": 1,
            "sighting_of_ref": behaviour_id(finding.behaviour),
            "observed_data_refs": [evidence] if evidence else [],
            "where_sighted_refs": [ref for ref in (scope.author, place) if ref],
            "confidence": CONFIDENCE[finding.confidence],
        },
        extensions={
            FINDING: {
                **_says(finding),
                "software": f"watchkeeper {things.version}".rstrip(),
                "rule_ref": rule_id(scope, behaviour) if behaviour else None,
                "vessel_refs": list(dict.fromkeys(ships[m] for m in _ships(finding) if m in ships)),
                "asset_refs": [scope.asset_id(finding.asset)] if finding.asset in scope.assets else [],
            }
        },
    )


def _ships(finding: Finding) -> list[int]:
    return [mmsi for mmsi in (finding.mmsi, finding.other_mmsi) if mmsi]


def _forward(finding: Finding) -> bool:
    """STIX wants the end not to lie before the beginning."""
    return finding.end is not None and from_iso(finding.end) >= from_iso(finding.start)


def _says(finding: Finding) -> dict[str, Any]:
    says: dict[str, Any] = msgspec.to_builtins(finding)
    says = {"finding_id": says.pop("id")} | says
    del says["evidence"]
    says["measured"] = [{k: v for k, v in one.items() if v is not None} for one in says["measured"]]
    return says


def finding_of(says: dict[str, Any], evidence: tuple[Evidence, ...]) -> Finding:
    """The finding from our extension.

    Raises:
        ValueError: it is not what we write.
    """
    measured = [{"value": None} | one for one in says.get("measured", [])]
    given = {key: says[key] for key in Finding.__struct_fields__ if key in says}
    known = given | {"id": says["finding_id"], "measured": measured, "evidence": []}
    finding = msgspec.convert({"end": None} | known, Finding)
    for time in (finding.start, finding.end):
        if time is not None:
            from_iso(time)
    if not (0 <= finding.mmsi <= _MMSI_MOST and abs(finding.lat) <= 90 and abs(finding.lon) <= 180):
        raise ValueError("its MMSI or its place is out of range")
    return msgspec.structs.replace(finding, evidence=evidence)
