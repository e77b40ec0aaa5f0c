"""The reconstructed incidents among simulated ships: what must be said of them, and of the innocent ones nothing."""

from pathlib import Path

import numpy as np
import pytest
from lawful import World, findings

from watchkeeper.attribute import Request, attribute
from watchkeeper.behaviours import all_behaviours
from watchkeeper.config import load_settings
from watchkeeper.errors import UsageError
from watchkeeper.exercises.incidents import RECONSTRUCTED, Incident, all_incidents, incident
from watchkeeper.exercises.incidents.replay import embed
from watchkeeper.exercises.ships import Station
from watchkeeper.exercises.simulation import Simulation
from watchkeeper.exercises.writers import write_dma, write_layers
from watchkeeper.model.asset import PLACE_KINDS
from watchkeeper.model.finding import Finding
from watchkeeper.model.imo import valid_imo
from watchkeeper.model.mmsi import MmsiClass, classify
from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.time import from_iso
from watchkeeper.model.units import METRES_PER_NMI
from watchkeeper.scan import ScanRequest, scan

ABOUT_ASSETS = [b for name, b in all_behaviours().items() if name.startswith(("anchor-", "asset-", "zone-"))]
HEARD = [(10.0, 1.0), (10.0, 25.0), (180.0, 1.0), (180.0, 25.0)]
"""Seconds between reports, and the scatter of the course in degrees."""

INCIDENTS = all_incidents()
CASES = [name for name, one in INCIDENTS.items() if one.told != "quiet"]
SLOWED = [name for name, one in INCIDENTS.items() if one.told == "anchor-drag"]
STEADY = [name for name, one in INCIDENTS.items() if one.told == "attribution"]
QUIET = [name for name, one in INCIDENTS.items() if one.told == "quiet"]


def world_of(day: Simulation) -> World:
    """What a source gives of the day."""
    r = day.reports
    at = np.flatnonzero((np.abs(r.lat) <= 90) & (classify(r.mmsi) == MmsiClass.SHIP))
    at = at[np.argsort(r.t[at], kind="stable")]
    n = len(at)
    positions = Positions(
        r.t[at], np.arange(1, n + 1), r.mmsi[at], r.lat[at], r.lon[at], r.sog_kn[at], r.cog_deg[at],
        r.heading_deg[at], r.nav_status[at], np.where(day.stations[r.ship[at]] == Station.CLASS_A, 1, 2).astype("i1"),
    )  # fmt: skip
    _, first = np.unique(r.static[at], return_index=True)
    first = np.sort(first[r.static[at][first] >= 0])
    who = [day.identities[k] for k in r.static[at][first]]
    statics = Statics(
        positions.t[first], positions.row[first], positions.mmsi[first],
        np.array([w.imo for w in who], "i4"), np.array([w.name.encode() for w in who], "S20"),
        np.array([w.callsign.encode() for w in who], "S7"), np.array([w.ship_type for w in who], "i2"),
        np.array([w.length_m for w in who], "f4"), np.array([w.beam_m for w in who], "f4"),
        np.array([w.draught_m for w in who], "f4"), np.array([w.destination.encode() for w in who], "S20"),
        positions.ais_class[first],
    )  # fmt: skip
    places = tuple(a for a in day.assets if a.kind in PLACE_KINDS)
    return World(positions, statics, tuple(a for a in day.assets if a.kind not in PLACE_KINDS), places)


def told_of(traffic: Simulation, one: Incident, heard: tuple[float, float]) -> list[Finding]:
    return findings(world_of(embed(traffic, one, *heard)), behaviours=ABOUT_ASSETS)


@pytest.mark.parametrize("heard", HEARD, ids=lambda h: f"every{h[0]:.0f}s-course{h[1]:.0f}deg")
@pytest.mark.parametrize("name", SLOWED)
def test_a_ship_that_slowed_down_is_found(name: str, heard: tuple[float, float], traffic: Simulation):
    one = incident(name)
    assert one.ship is not None
    assert one.fault is not None
    given = told_of(traffic, one, heard)
    begin, end = from_iso(one.fault.begin), from_iso(one.fault.end)
    mine = [f for f in given if f.behaviour == "anchor-drag" and f.mmsi == one.ship.mmsi]
    assert any(f.asset == one.fault.asset and from_iso(f.start) <= end for f in mine), mine
    assert any(f.end is not None and from_iso(f.end) >= begin for f in mine)
    others = [f.summary for f in given if f.behaviour == "anchor-drag" and f.mmsi != one.ship.mmsi]
    assert others == []


@pytest.mark.parametrize("heard", HEARD, ids=lambda h: f"every{h[0]:.0f}s-course{h[1]:.0f}deg")
@pytest.mark.parametrize("name", QUIET)
def test_nothing_is_said_of_the_innocent(name: str, heard: tuple[float, float], traffic: Simulation):
    given = told_of(traffic, incident(name), heard)
    assert [(f.behaviour, f.mmsi, f.summary) for f in given] == []


def scanned(traffic: Simulation, one: Incident, heard: tuple[float, float], folder: Path) -> Path:
    day = embed(traffic, one, *heard)
    write_dma(day, folder / "day.csv")
    write_layers(day, folder / "assets.geojson")
    scan(
        ScanRequest(
            inputs=(str(folder / "day.csv"),), out=folder / "out", settings=load_settings(None, {}, ()),
            now=one.start_ms, layers=(folder / "assets.geojson",), report=False, simulated=True,
        ),
        lambda _: None,
    )  # fmt: skip
    return folder / "out"


@pytest.mark.parametrize(
    ("name", "heard"),
    [(name, HEARD[3]) for name in SLOWED] + [(name, heard) for name in STEADY for heard in HEARD],
)
def test_attribution_names_the_ship_first(
    name: str, heard: tuple[float, float], traffic: Simulation, tmp_path: Path
):
    one = incident(name)
    assert one.ship is not None
    assert one.fault is not None
    fault, folder = one.fault, scanned(traffic, one, heard, tmp_path)
    metres = fault.within_nmi and fault.within_nmi * METRES_PER_NMI
    window = from_iso(fault.begin), from_iso(fault.end)
    answer = attribute(Request(folder, fault.asset, *window, fault.near, metres))
    assert [(c.rank, c.mmsi) for c in answer.candidates][:1] == [(1, one.ship.mmsi)]


@pytest.mark.parametrize("name", INCIDENTS)
def test_an_incident_says_what_is_real(name: str):
    one = incident(name)
    assert all(a.position_class == "schematic" for a in one.assets)
    assert all(fact.source and fact.date for fact in one.facts)
    if one.ship is not None:
        assert "RECON" in one.ship.name
        assert one.ship.imo == 0 or valid_imo(one.ship.imo)
    assert (one.fault is not None) == (one.told != "quiet")
    assert RECONSTRUCTED


def test_the_six_and_the_three():
    assert set(CASES) == {"newnew-polar-bear", "yi-peng-3", "eagle-s", "vezhen", "abha", "fitburg"}
    assert set(QUIET) == {"sgv-flot", "silver-dania", "nord-stream"}


def test_an_unknown_incident():
    with pytest.raises(UsageError, match="no incident 'titanic'"):
        incident("titanic")
