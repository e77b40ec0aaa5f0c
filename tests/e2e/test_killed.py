"""A run killed in the middle leaves nothing that looks like a result, and nothing that a later run trips over."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_dma

SCAN = (sys.executable, "-c", "from watchkeeper.cli import main; main()", "scan")
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("killed") / "day.csv"
    write_dma(simulate(SimulationSpec(seed=5, region="baltic", rows=400_000, cases_per_behaviour=1)), path)
    return path


def leftovers(folder: Path) -> list[Path]:
    return list(folder.glob(".out.unfinished-*"))


@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.5])
def test_a_killed_run_leaves_no_result_and_the_next_is_whole(
    day: Path, tmp_path: Path, seconds: float
) -> None:
    command = [*SCAN, str(day), "--out", str(tmp_path / "out")]
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + PATIENCE_S
    while not leftovers(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(seconds)
    run.kill()
    assert run.wait() == -9, "it was to be killed in the middle, not to finish before"
    assert leftovers(tmp_path)
    assert not (tmp_path / "out").exists()

    subprocess.run(command, check=True, capture_output=True)
    assert leftovers(tmp_path) == []
    assert (tmp_path / "out" / "run.json").stat().st_size > 0
