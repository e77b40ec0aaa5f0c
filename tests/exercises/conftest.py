"""One small simulated day for each sea, shared by the tests.

Rows enough that ships report every minute or so: a case of eight false fixes takes place within half an hour.
"""

import pytest

from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import Simulation, SimulationSpec

REGIONS = ("baltic", "antimeridian", "arctic")


@pytest.fixture(scope="session", params=REGIONS)
def day(request: pytest.FixtureRequest) -> Simulation:
    return simulate(SimulationSpec(seed=11, region=request.param, rows=400_000, cases_per_behaviour=4))


@pytest.fixture(scope="session")
def clean_day() -> Simulation:
    return simulate(SimulationSpec(seed=5, rows=250_000, cases_per_behaviour=1, dirt=0.0))
