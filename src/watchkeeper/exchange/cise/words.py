"""The words of CISE 1.5.3 for ours, and back. Where it has none, the stricter or the emptier word is taken."""

from collections.abc import Mapping
from typing import Any, Final

from watchkeeper.exchange.caveats import caveat, marking_of
from watchkeeper.model.finding import REAL, Confidence
from watchkeeper.model.marking import Marking, Purpose, Tlp, both
from watchkeeper.model.register import ShipFacts
from watchkeeper.model.shiptypes import CARGO, FISHING, HIGH_SPEED, PASSENGER, TANKER

NOT_SAID: Final = "NonSpecified"
NOT_CLASSIFIED: Final = "NonClassified"

_SENSITIVITY: Final[Mapping[Tlp, str]] = {
    "clear": "White",
    "green": "Green",
    "amber": "Amber",
    "amber+strict": "Red",
    "red": "Red",
}
"""TLP 1, which knows no AMBER+STRICT: what may not leave an organisation must not read as AMBER."""
_LEVEL: Final[Mapping[str, Tlp]] = {"White": "clear", "Green": "green", "Amber": "amber", "Red": "red"}
_PURPOSE: Final[Mapping[Purpose, str]] = {
    "awareness": "Security",
    "protection": "Security",
    "investigation": "LawEnforcementMonitoring",
    "enforcement": "LawEnforcementOperation",
}
_USES: Final[Mapping[str, tuple[Purpose, ...]]] = {
    "Security": ("awareness", "protection"),
    "LawEnforcementMonitoring": ("investigation",),
    "LawEnforcementOperation": ("enforcement",),
}
_RELIABILITY: Final[Mapping[Confidence, str]] = {
    "high": "HighConfidence",
    "medium": "Confident",
    "low": "LowConfidence",
}
_CONFIDENCE: Final[Mapping[str, Confidence]] = {
    "VeryHighConfidence": "high",
    "HighConfidence": "high",
    "Confident": "medium",
}
CERTAINTY: Final[Mapping[str, str]] = {
    "suspected": "Possible",
    "confirmed": "Observed",
    "refuted": "Unlikely",
}
STATUS: Final[Mapping[str, str]] = {"Observed": "confirmed", "Unlikely": "refuted"}
_SHIP_TYPES: Final = (
    (FISHING, "FishingVessel"),
    (PASSENGER, "PassengerShip"),
    (CARGO, "GeneralCargoShip"),
    (HIGH_SPEED, "HighSpeedCraft"),
)
_OIL: Final = ("oil", "crude")
_CODES: Final[Mapping[str, int]] = {
    "FishingVessel": 30,
    "HighSpeedCraft": 40,
    "PassengerShip": 60,
    "BulkCarrier": 70,
    "GeneralCargoShip": 70,
    "OilTanker": 80,
}


def sensitivity(marking: Marking) -> str:
    """InformationSensitivity; ``Red`` for what is not marked."""
    return _SENSITIVITY[marking.tlp or "red"]


def purpose(marking: Marking) -> str:
    """The one purpose that a payload can name: the first of those that it may be used for."""
    words = [_PURPOSE[use] for use in marking.purposes or () if use in _PURPOSE]
    return words[0] if words and marking.realm == REAL else NOT_SAID


def marking_from(said: Mapping[str, str | None]) -> Marking:
    """A marking from the fields of a payload or of an entity's metadata: all of them hold.

    ``Designation`` is our line; the fields of CISE can narrow it, never widen it. Classified information is for nobody
    here.
    """
    line = said.get("Designation") or ""
    fields: dict[str, Any] = {}
    level = said.get("InformationSensitivity") or said.get("InformationSensitivityDegree")
    whole = marking_of(line) if line.startswith(("TLP:", "PAP:", "REL TO ", "EXERCISE ")) else Marking()
    if whole.tlp is None or sensitivity(whole) != level:
        fields["tlp"] = _LEVEL.get(level or "")
    if said.get("Purpose") in _USES and purpose(whole) != said.get("Purpose"):
        fields["purposes"] = _USES[str(said["Purpose"])]
    secret = said.get("InformationSecurityLevel") or said.get("InformationSecurityClassification")
    if secret not in (None, NOT_SAID, NOT_CLASSIFIED):
        fields["unknown"] = (f"CISE {secret}",)
    return both(whole, Marking(**fields, realm=whole.realm))


def designation(marking: Marking) -> str:
    """Our line, for Metadata/Designation."""
    return caveat(marking)


def reliability(confidence: Confidence) -> str:
    """InformationReliabilityLevel."""
    return _RELIABILITY[confidence]


def confidence(reliability: str | None) -> Confidence:
    """Back; low for words that say less than *confident*."""
    return _CONFIDENCE.get(reliability or "", "low")


def ship_type(code: int | None, facts: ShipFacts | None) -> str:
    """VesselType. AIS says *tanker* of gas and chemicals too: only where a register says oil is it an OilTanker."""
    if code is None:
        return NOT_SAID
    if code in TANKER and facts is not None and any(word in (facts.ship_type or "").lower() for word in _OIL):
        return "OilTanker"
    return next((word for codes, word in _SHIP_TYPES if code in codes), "Other")


def ship_code(word: str | None) -> int | None:
    """The code of AIS that comes nearest."""
    return _CODES.get(word or "")
