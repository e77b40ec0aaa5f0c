"""``attribute``: the table for people, JSON for programs, the file for a page, and what is refused."""

import json
from pathlib import Path

import pytest

from scan_folders import Ship, cable, write
from watchkeeper.cli import edge

WINDOW = ("--from", "2025-03-01T05:00Z", "--to", "2025-03-01T07:00Z")


@pytest.fixture
def data(tmp_path: Path) -> str:
    ships = [
        Ship(219000001, "[ORDINARY]", 57.02),
        Ship(219000002, "SILENT", 57.01, silent=(4.5, 7.5)),
        Ship(219000003, "EARLY", 57.0, 4.0),
    ]
    edge.log.talk.cache_clear()
    return str(write(tmp_path / "out", ships, [cable()]))


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = edge.run(["attribute", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_table_says_who_how_and_why(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys, "--asset", "Test Cable", *WINDOW, "--data", data, "--table",
                          "--near", "57.0,20.0", "--uncertainty", "3nm")  # fmt: skip
    assert code == 0
    assert "SIMULATED" in out
    assert "3.0 nmi" in out
    assert out.index("SILENT") < out.index("[ORDINARY]")
    for words in (
        "not heard for 3 h 0",
        "06:00",
        "EARLY",
        "outside the window",
        "sum of its terms",
        "Top speed taken",
    ):
        assert words in out


def test_json_is_one_object_and_the_file_has_the_same(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = answer(capsys, "--asset", "test-cable", *WINDOW, "--data", data, "--json",
                            "--out", str(tmp_path / "answer"))  # fmt: skip
    assert code == 0
    record = json.loads(out)
    assert [c["name"] for c in record["candidates"]] == ["SILENT", "[ORDINARY]"]
    assert record["candidates"][0]["silence"]["area"]["type"] in ("Polygon", "MultiPolygon")
    assert record["question"]["stretch"]["type"] == "MultiLineString"
    assert record["version"] == 1
    assert json.loads((tmp_path / "answer" / "attribution.json").read_text()) == record
    assert "attribution.json" in err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--asset", "tset-cable", *WINDOW), 2, "Test Cable"),
        (("--asset", "test-cable", *WINDOW[2:], "--from", "2025-03-01T08:00Z"), 2, "Exchange"),
        (("--asset", "test-cable", *WINDOW, "--near", "57"), 2, "--near"),
        (("--asset", "test-cable", *WINDOW, "--near", "57,20", "--uncertainty", "3 h"), 4, "length"),
        (("--asset", "test-cable", "--from", "soon", "--to", "later"), 2, "not a time"),
        (("--asset", "test-cable", *WINDOW, "--layer", "nothing.geojson"), 6, "nothing.geojson"),
        (("--asset", "test-cable", *WINDOW, "--out", "/proc/nowhere"), 5, "/proc/nowhere"),
    ],
)
def test_what_is_refused_and_with_which_code(
    data: str, arguments: tuple[str, ...], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given, out, err = answer(capsys, *arguments, "--data", data)
    assert given == code
    assert says in err
    assert not out


def test_a_folder_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = answer(capsys, "--asset", "x", *WINDOW, "--data", str(tmp_path / "no"))
    assert code == 3
    assert "no such folder" in err
