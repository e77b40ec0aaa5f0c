"""An incident's reconstructed ship among simulated ships, as one simulated day."""

from dataclasses import replace

import msgspec
import numpy as np

from watchkeeper.exercises.incidents import Incident
from watchkeeper.exercises.scenario import Expect, Scenario, ScenarioShip, scenario_assets
from watchkeeper.exercises.scenario_batches import scenario_batches
from watchkeeper.exercises.ships import Identity, Station
from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import (
    REPORT_DTYPES,
    Reports,
    Simulation,
    SimulationSpec,
    StaticMessages,
)
from watchkeeper.model.asset import LINE_KINDS
from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.time import HOUR


def background(incident: Incident, rows: int, seed: int = 1) -> Simulation:
    """Simulated traffic of the incident's hours, without injected cases."""
    return simulate(
        SimulationSpec(
            seed=seed, start=incident.start, hours=incident.hours, rows=rows, cases_per_behaviour=0, behaviours=()
        )
    )  # fmt: skip


def embed(
    traffic: Simulation, incident: Incident, interval_s: float | None = None, course_deg: float | None = None
) -> Simulation:
    """The incident's ship among simulated ships, over the incident's lines.

    Args:
        traffic: simulated ships; moved in time to begin with the incident, and cut to its hours.
        incident: what is replayed.
        interval_s: how often the ship reports, where not as the incident says [s].
        course_deg: standard deviation of the course it reports [deg].
    """
    shift = incident.start_ms - traffic.spec.start_ms
    kept = traffic.reports.t + shift < incident.start_ms + incident.hours * HOUR
    reports = Reports(**{name: getattr(traffic.reports, name)[kept] for name in REPORT_DTYPES})
    reports.t = reports.t + shift
    statics = replace(traffic.statics, t=traffic.statics.t + shift)
    places = [a for a in traffic.assets if a.kind not in LINE_KINDS]
    made = replace(
        traffic,
        spec=replace(traffic.spec, start=incident.start, hours=incident.hours),
        reports=reports,
        statics=statics,
        truth=[],
        listed=[],
    )
    if incident.ship is None:
        lines = scenario_assets(_scenario(incident, _NOBODY))
        return replace(made, assets=lines + places)
    ship = incident.ship
    if interval_s is not None:
        ship = msgspec.structs.replace(ship, interval_s=interval_s)
    if course_deg is not None:
        noise = msgspec.structs.replace(ship.noise, course_deg=course_deg)
        ship = msgspec.structs.replace(ship, noise=noise)
    scenario = _scenario(incident, ship)
    positions, said, lines, _ = scenario_batches(scenario)
    _join(made, ship, positions, said)
    return replace(made, assets=lines + places)


_NOBODY = ScenarioShip(mmsi=0, begin=(0.0, 0.0), legs=())


def _scenario(incident: Incident, ship: ScenarioShip) -> Scenario:
    return Scenario(
        title=incident.title,
        note="reconstructed",
        start=incident.start,
        ships=(ship,),
        assets=incident.assets,
        expect=(Expect(behaviour=incident.told, mmsi=ship.mmsi, found=True),),
    )


def _join(made: Simulation, ship: ScenarioShip, positions: Positions, said: Statics) -> None:
    """Add the ship's reports and static messages in order of time."""
    number, static = len(made.stations), len(made.identities)
    made.stations = np.append(made.stations, np.int8(Station.CLASS_A))
    made.identities = [*made.identities, _identity(ship)]
    n, r = len(positions), made.reports
    columns = {"ship": np.full(n, number), "static": np.full(n, static)} | {
        name: getattr(positions, name) for name in REPORT_DTYPES if name not in ("ship", "static")
    }
    both = {
        name: np.concatenate((getattr(r, name), columns[name])).astype(dtype)
        for name, dtype in REPORT_DTYPES.items()
    }
    both["t"] -= both["t"] % 1000  # the files have whole seconds
    order = np.argsort(both["t"], kind="stable")
    made.reports = Reports(**{name: column[order] for name, column in both.items()})
    m, s = len(said), made.statics
    joined = (
        np.concatenate((s.t, said.t)),
        np.concatenate((s.ship, np.full(m, number))),
        np.concatenate((s.static, np.full(m, static))),
        np.concatenate((s.mmsi, said.mmsi)),
    )
    order = np.argsort(joined[0], kind="stable")
    made.statics = StaticMessages(*(column[order] for column in joined))


def _identity(ship: ScenarioShip) -> Identity:
    return Identity(
        imo=ship.imo,
        name=ship.name,
        callsign=ship.callsign,
        ship_type=ship.ship_type,
        length_m=int(ship.length_m),
        beam_m=int(ship.beam_m),
        draught_m=ship.draught_m,
        destination=ship.destination,
    )
