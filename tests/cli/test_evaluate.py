"""``evaluate`` from the command line: a table for people, JSON lines for programs, clear refusals."""

import json
from pathlib import Path

import pytest

from watchkeeper.cli import edge

SCENARIO = Path(__file__).parents[1] / "scenarios" / "loitering"


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    edge.log.talk.cache_clear()
    code = edge.run(("evaluate", *arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_day_and_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(str(path) for path in SCENARIO.glob("*.toml"))
    day = (
        "--seeds",
        "1",
        "--regions",
        "baltic",
        "--rows",
        "100000",
        "--cases",
        "1",
        "--density",
        "1",
        "--jobs",
        "1",
    )
    code, out, _ = answer(capsys, *files, *day, "--json")
    assert code == 0
    lines = [json.loads(line) for line in out.splitlines()]
    quality = {line["behaviour"]: line for line in lines if "quiet_vessel_days" in line}
    assert quality["loitering"]["cases"] == 1
    assert quality["loitering"]["quiet_vessel_days"] > 50
    held = [line for line in lines if "met" in line]
    assert len(held) >= len(files)
    assert all(line["met"] for line in held)


def test_scenarios_only(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys, *map(str, SCENARIO.glob("fires*.toml")), "--seeds", "0", "--table")
    assert code == 0
    assert "expectations met" in out


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (("--regions", "moon"), 2),
        (("--dirt", "much"), 2),
        (("--dirt", ","), 2),
        (("--density", "99"), 2),
        (("--seeds", "0", "no-such.toml"), 3),
    ],
)
def test_what_cannot_be_is_refused(
    capsys: pytest.CaptureFixture[str], wrong: tuple[str, ...], code: int
) -> None:
    given, _, error = answer(capsys, *wrong)
    assert given == code
    assert "Traceback" not in error
