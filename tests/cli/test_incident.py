"""``demo incident`` from the outside: what is real, what was found, who is named; never without the word."""

from pathlib import Path

import pytest

from watchkeeper.cli import edge
from watchkeeper.exercises.incidents import RECONSTRUCTED, all_incidents
from watchkeeper.exercises.incidents.telling import page


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = edge.run(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys, "demo", "incident", "--list")
    assert code == 0
    assert all(name in out for name in all_incidents())


@pytest.mark.parametrize("arguments", [("titanic",), ()])
def test_what_is_not_there(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = answer(capsys, "demo", "incident", *arguments)
    assert (code, out) == (2, "")
    assert "--list" in err or "eagle-s" in err


def test_a_replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "replayed"
    code, said, _ = answer(capsys, "demo", "incident", "eagle-s", "--out", str(out), "--rows", "20000")
    assert code == 0
    assert said.startswith(RECONSTRUCTED)
    for part in (
        "unverified",
        "What the reconstruction adds",
        "anchor-drag, 2024-12-25T09:0",
        "1. EAGLE S (RECONSTR)",
    ):
        assert part in said
    assert RECONSTRUCTED in (out / "result" / "report.html").read_text("utf-8")


@pytest.mark.parametrize("name", all_incidents())
def test_its_page(name: str) -> None:
    one = all_incidents()[name]
    text = page(name, one)
    assert RECONSTRUCTED in text
    assert one.outcome in text
    assert all(f.text in text for f in one.facts)
