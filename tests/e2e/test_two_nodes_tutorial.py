"""The commands of the tutorial of two nodes, run as a reader would type them."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parent.parent.parent / "docs" / "tutorial" / "two-nodes.md"
PORT = "8701"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What all commands together print."""
    folder = tmp_path_factory.mktemp("two-nodes")
    script = "\n".join(re.findall(r"```sh\n(.*?)```", TUTORIAL.read_text("utf-8"), re.DOTALL))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        script = script.replace(PORT, str(free.getsockname()[1]))  # another one may be in use here
    here = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["bash", "-eu", "-m", "-c", f"trap 'kill %1 2>/dev/null' EXIT\n{script}"],
        cwd=folder,
        env=os.environ | {"PATH": f"{here}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_case_is_there_as_far_as_it_may(run: str) -> None:
    runs = re.findall(r"coast +pull +(\d+) +(\d+) +(\d+) +(\d+) +\d+ +\d+ +(\d+) +yes", run)
    first, second, after = runs
    assert first[0] == first[1] == first[2] != "0"
    assert first[3] == "0"
    assert int(first[4]) > 10, "findings and evidence are known to the other store"
    assert second[:2] == ("0", "0")
    assert after[:3] == ("1", "1", "1")
    assert "redacted" in run


def test_who_has_it_is_known_and_told(run: str) -> None:
    assert re.search(r"Coast Guard +Coast Guard .* coast ", run), "the path of the report"
    assert "Border Guard" in run
    assert '"faults":[]' in run
