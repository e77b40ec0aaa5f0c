"""``cases``: opening, filling and reading a case, from the outside."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.desk import Desk
from cli.desk import opened as new_store


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    with new_store(tmp_path / "watch") as store:
        made = Desk(store, capsys, monkeypatch)
        made.watch.find("anchor-drag", 219000606)
        made.watch.judge()
        yield made


def opened(desk: Desk, *more: str) -> str:
    (line,) = desk.does("cases", "new", "Slow over C-Lion1", *more, table=False).splitlines()
    return str(json.loads(line)["subject"])


def shown(desk: Desk, case: str) -> dict[str, object]:
    return dict(json.loads(desk.does("cases", "show", case, table=False)))


def test_a_case_from_an_alert_to_its_end(desk: Desk, tmp_path: Path) -> None:
    case = opened(desk, "--alert", desk.watch.alert.id[:8], "--as", "anna")
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"a photograph")
    finding = desk.watch.standing.says.findings[0].id
    for arguments in (
        ["note", case, "The operator was called."],
        ["evidence", case, "--finding", finding, "--shows", "the drag"],
        ["evidence", case, "--line", "aisdk.csv:17: 18/11/2024"],
        ["evidence", case, "--file", str(photo)],
        ["claim", case, "It was an anchor.", "--by", "Owner", "--on", "2025-03-05",
         *("--source", "letter", "--to", "the ship")],
        ["status", case, "confirmed", "--reason", "the anchor was found"],
    ):  # fmt: skip
        desk.watch.wait(1)
        desk.does("cases", *arguments)
    page = desk.does("cases", "show", case[:6])
    assert "confirmed (the anchor was found), open" in page
    assert hashlib.sha256(b"a photograph").hexdigest() in page
    assert "Owner: It was an anchor.; attributed to the ship (source: letter)" in page
    assert "[anchor-drag] 219000606: anchor-drag 0." in page
    assert (
        page.index("[anchor-drag]")
        < page.index("[case] user:anna: opened")
        < page.index("The operator was called.")
    )
    held = shown(desk, case)
    assert len(held["timeline"]) > 8  # type: ignore[arg-type]
    desk.does("cases", "close", case, "--reason", "handed on")
    assert case[:8] not in desk.does("cases", "list")
    assert case[:8] in desk.does("cases", "list", "--state", "closed")
    code, _, err = desk.answer("cases", "note", case, "x")
    assert (code, "is closed" in err) == (2, True)
    desk.does("cases", "reopen", case, "--reason", "new data")
    assert case[:8] in desk.does("cases", "list", "--text", "c-lion1")


def test_more_alerts_are_added(desk: Desk) -> None:
    case = opened(desk)
    desk.does("cases", "add", case, desk.watch.alert.id)
    assert shown(desk, case)["alerts"] == [desk.watch.alert.id]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["note", "CASE", " "], "is empty"), (["status", "CASE", "proven", "--reason", "x"], "is no status"),
        (["evidence", "CASE"], "one thing"), (["evidence", "CASE", "--line", "a", "--finding", "b"], "one thing"),
        (["evidence", "CASE", "--file", "none.jpg"], "none.jpg"), (["show", "ffff"], "names no case"),
        (["claim", "CASE", "x", "--by", "y", "--on", "soon", "--source", "z"], "is not a date"),
        (["list", "--state", "done"], "is no state"), (["new", " "], "is empty"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(desk: Desk, arguments: list[str], says: str) -> None:
    case = opened(desk)
    head = desk.watch.log.head()
    code, _, err = desk.answer("cases", *(case if a == "CASE" else a for a in arguments))
    assert code in (2, 3)
    assert says in err
    assert desk.watch.log.head() == head
