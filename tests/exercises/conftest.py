"""One small simulated day for each sea, shared by the tests."""

import pytest

from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import Simulation, SimulationSpec

REGIONS = ("baltic", "antimeridian", "arctic")


@pytest.fixture(scope="session", params=REGIONS)
def day(request: pytest.FixtureRequest) -> Simulation:
    return simulate(SimulationSpec(seed=11, region=request.param, rows=300_000, cases_per_behaviour=4))


@pytest.fixture(scope="session")
def clean_day() -> Simulation:
    return simulate(SimulationSpec(seed=5, rows=250_000, cases_per_behaviour=1, dirt=0.0))
