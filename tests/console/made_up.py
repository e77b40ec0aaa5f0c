"""Reports made up for tests: as many ships as wanted, each with a track, a silence and findings."""

from typing import Any

import numpy as np

from watchkeeper.console.report import Report
from watchkeeper.console.tracks import Track
from watchkeeper.model.asset import Asset
from watchkeeper.model.finding import REAL, Evidence, Finding, Measured, finding_id
from watchkeeper.model.time import HOUR, MINUTE, from_iso, to_iso

START = from_iso("2026-03-01T00:00:00Z")
DAY_MINUTES = 24 * 60
BEHAVIOURS = (
    "ais-gap", "encounter", "loitering", "drifting", "position-jump", "identity-clash",
    "identity-change", "impossible-value", "asset-loitering", "anchor-drag", "listed-vessel",
)  # fmt: skip
WORDS = {
    "title": "{id} title",
    "measures": "Reports farther apart than the ship's class and speed make us expect.",
    "why": "A ship that switches its transponder off cannot be followed.",
    "innocent": "Weak reception, a power cut on board, a crowded radio channel.",
    "next": "Ask the neighbouring coast station whether it heard the ship.",
    "sources": ["ITU-R M.1371-5, table 1: class A at anchor reports every 3 min", "Welch et al. 2022: 12 h"],
}


def track(seed: int, lat: float = 57.2, lon: float = 19.4) -> Track:
    """A day of one-minute reports: silent from 10:00 to 13:00, slow from 16:00 to 18:00."""
    rng = np.random.default_rng(seed)
    minutes = np.concatenate([np.arange(0, 600), np.arange(780, DAY_MINUTES)])
    speed = np.where((minutes >= 960) & (minutes < 1080), 1.5, 11.0) + rng.normal(0, 0.3, len(minutes))
    course = np.radians(rng.uniform(0, 360)) + np.cumsum(rng.normal(0, 0.03, len(minutes)))
    step = speed / 60 / 60 * np.diff(minutes, prepend=0)
    south_to_north = lat + rng.uniform(-1.2, 1.2) + np.cumsum(step * np.cos(course))
    west_to_east = lon + rng.uniform(-0.5, 0.5) + np.cumsum(step * np.sin(course)) / np.cos(np.radians(lat))
    west_to_east = (west_to_east + 180.0) % 360.0 - 180.0
    return Track(START + minutes * MINUTE, south_to_north, west_to_east, np.clip(speed, 0, None))


def finding(behaviour: str, mmsi: int, name: str | None, path: Track, at: int, **changed: Any) -> Finding:
    """A finding of the given behaviour, with two raw lines, at one position of the track."""
    start = int(path.t[at])
    evidence = tuple(
        Evidence(
            "aisdk-2026-03-01.csv",
            1000 + i,
            to_iso(start + i * HOUR),
            shows,
            f"01/03/2026,Class A,{mmsi},{name},{i}",
        )
        for i, shows in enumerate(("last report before", "first report after"))
    )
    fields: dict[str, Any] = {
        "id": finding_id(REAL, behaviour, str(mmsi), f"aisdk-2026-03-01.csv:{at}"),
        "behaviour": behaviour,
        "version": 1,
        "mmsi": mmsi,
        "imo": 9_074_729,
        "name": name,
        "start": to_iso(start),
        "end": to_iso(start + 2 * HOUR),
        "lat": float(path.lat[at]),
        "lon": float(path.lon[at]),
        "asset": "Estlink 2" if behaviour in ("asset-loitering", "anchor-drag") else None,
        "measured": (
            Measured("silence", 3.0, "h", ">", 2.0),
            Measured("witnesses", 12, "count", ">=", 3),
            Measured("receiver_outage", False, "", "is", "no"),
        ),
        "evidence": evidence,
        "confidence": "medium",
        "confidence_reason": "Twelve other ships were heard near it in every quarter hour.",
        "realm": REAL,
        "summary": "Not heard for 3 h 00 min while twelve ships around it were.",
    }
    return Finding(**(fields | changed))


def alert(rank: int, mmsi: int, name: str | None, findings: list[Finding]) -> dict[str, Any]:
    """An alert whose rank is a small tree."""
    leaf = {"source": "HELCOM 2024, table 3", "finding": None, "children": []}
    terms = [
        leaf
        | {
            "label": f.behaviour,
            "value": 2.0,
            "children": [leaf | {"label": "medium confidence", "value": 2.0, "finding": f.id}],
        }
        for f in findings
    ]
    tree = {
        "label": "score",
        "value": 2.0 * len(findings),
        "source": "sum of its terms",
        "finding": None,
        "children": terms,
    }
    return {
        "rank": rank,
        "mmsi": mmsi,
        "imo": 9_074_729,
        "name": name,
        "flag": "Cook Islands",
        "ship_type": "Tanker",
        "headline": "Silent for 3 h, then 2 h at 1.5 kn over Estlink 2",
        "score": 2.0 * len(findings),
        "tree": tree,
        "reasons": [f.summary for f in findings],
        "finding_ids": [f.id for f in findings],
    }


def cable() -> Asset:
    line = [[18.2, 57.9], [19.3, 57.6], [21.0, 57.4]]
    return Asset(
        id="c1",
        name="Gotland–Ventspils",
        kind="cable",
        buffer_m=1852.0,
        geometry={"type": "LineString", "coordinates": line},
    )


def run(alerts: int) -> dict[str, Any]:
    return {
        "start": to_iso(START),
        "end": to_iso(START + 24 * HOUR),
        "region": "central Baltic",
        "bbox": [16.0, 54.5, 23.0, 60.0],
        "vessels": 1508,
        "rows": {
            "read": 1_000_000,
            "kept": 930_000,
            "exact_duplicate": 60_000,
            "no_position": 9_000,
            "quarantined": 1_000,
        },
        "behaviours": {
            b: {
                "status": "ran",
                "findings": alerts,
                "set_aside": {"in an anchorage": 12, "receiver_outage": 3},
            }
            for b in BEHAVIOURS
        },
        "lists": [{"title": "OFAC SDN", "entries": 1450, "as_of": "2026-02-27"}],
        "assets": 1,
        "versions": {"watchkeeper": "0.1.0"},
        "seconds": {"read": 3.2, "detect": 0.4},
    }


def report(ships: int, *, names: list[str] | None = None, lat: float = 57.2, lon: float = 19.4) -> Report:
    """A report of ``ships`` ships; the first have the given names."""
    tracks, findings, alerts = {}, [], []
    for i in range(ships):
        mmsi = 219_000_000 + i
        name = names[i] if names and i < len(names) else f"TEST SHIP {i + 1}"
        path = track(i, lat, lon)
        mine = [
            finding(BEHAVIOURS[(i + k) % len(BEHAVIOURS)], mmsi, name, path, at)
            for k, at in enumerate((599, 800, 1000)[: 1 + i % 3])
        ]
        tracks[mmsi], alerts = [path], [*alerts, alert(i + 1, mmsi, name, mine)]
        findings += mine
    return Report(
        title="Ships that need attention, 1 March 2026",
        run=run(ships),
        alerts=alerts,
        findings=findings,
        tracks=tracks,
        assets=[cable()],
        behaviours={b: WORDS | {"title": b.replace("-", " ").capitalize()} for b in BEHAVIOURS},
        simulated=True,
        attribution=["Simulated data", "Land: Natural Earth, public domain"],
    )
