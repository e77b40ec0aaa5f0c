"""Findings and ships for tests of alerts."""

from typing import Any

from hypothesis import strategies as st

from watchkeeper.model.finding import Finding
from watchkeeper.model.picture import Ship
from watchkeeper.model.time import HOUR, from_iso, to_iso

DAY_BEGINS = from_iso("2025-03-01")


def ship(mmsi: int) -> Ship:
    return Ship(mmsi, 0, f"SHIP {mmsi}", "", "DK", 70, 1, 100.0)


def finding(behaviour: str, mmsi: int = 1, number: int = 0, **other: Any) -> Finding:
    """A finding of two hours from midnight, unless said otherwise."""
    fields: dict[str, Any] = {
        "id": f"{behaviour}-{number}", "behaviour": behaviour, "version": 1, "mmsi": mmsi, "lat": 57.0, "lon": 18.0,
        "start": at(0), "end": at(2), "measured": (), "evidence": (), "confidence": "high",
        "confidence_reason": "why", "realm": "real", "summary": f"{behaviour} {number}.",
    }  # fmt: skip
    return Finding(**(fields | other))


def at(hours: float) -> str:
    """So many hours after the first of March 2025 began."""
    return to_iso(DAY_BEGINS + round(hours * HOUR))


@st.composite
def some_findings(draw: st.DrawFn, behaviours: list[str], ships: int = 1, most: int = 7) -> list[Finding]:
    """Findings of a few ships within two days, some open, some at an asset, in order of time."""
    found = []
    for number in range(draw(st.integers(0, most))):
        start = draw(st.integers(0, 48))
        length = draw(st.one_of(st.none(), st.integers(0, 12)))
        found.append(
            finding(
                draw(st.sampled_from(behaviours)),
                draw(st.integers(1, ships)),
                number,
                start=at(start),
                end=None if length is None else at(start + length),
                asset=draw(st.sampled_from([None, "Estlink 2", "C-Lion1"])),
                confidence=draw(st.sampled_from(["low", "medium", "high"])),
                trust=draw(st.sampled_from(["trusted", "suspect", "unreliable"])),
            )
        )
    return sorted(found, key=lambda f: (f.start, f.behaviour, f.id))
