"""The commands of the tutorial, run as a reader would type them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parent.parent.parent / "docs" / "tutorial" / "a-first-watch.md"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What all commands together print."""
    folder = tmp_path_factory.mktemp("tutorial")
    script = "\n".join(re.findall(r"```sh\n(.*?)```", TUTORIAL.read_text("utf-8"), re.DOTALL))
    here = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=folder,
        env=os.environ | {"PATH": f"{here}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert (folder / "decisions.backup").stat().st_size > 0
    return done.stdout


def test_an_alert_is_acknowledged_and_becomes_a_case(run: str) -> None:
    assert '"kind":"alert.raised"' in run or "alert raised" in run
    assert "acknowledged" in run
    assert "Slow over the cable" in run
    assert "engine trouble" in run
