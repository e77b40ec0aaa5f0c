"""A day of simulated traffic shared by all replays, and the runner of the laws."""

import sys
from pathlib import Path

import pytest

from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import Simulation, SimulationSpec

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "laws"))


@pytest.fixture(scope="session")
def traffic() -> Simulation:
    """As long as the longest incident; each replay moves it to its own hours."""
    return simulate(SimulationSpec(seed=3, hours=40, rows=60_000, cases_per_behaviour=0, behaviours=()))
