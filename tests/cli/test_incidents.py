"""``incidents``: entering, finding, importing reports and counting sources, from the outside."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.desk import Desk
from cli.desk import opened as new_store

TEXTS = Path(__file__).parent.parent / "cases" / "register" / "texts"


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    with new_store(tmp_path / "watch") as store:
        made = Desk(store, capsys, monkeypatch)
        yield made


def entered(desk: Desk, *more: str) -> str:
    lines = desk.does("incidents", "new", "C-Lion1 cut", *more, table=False).splitlines()
    return str(json.loads(lines[0])["subject"])


def test_an_incident_is_entered_by_hand_and_found_again(desk: Desk) -> None:
    id = entered(
        desk,
        *("--from", "2024-11-18", "--point", "56.3,18.2", "--asset", "C-Lion1", "--effect", "28 h outage"),
        *("--tag", "hybrid-domain:infrastructure", "--tag", "rsit:availability:sabotage"),
    )
    desk.does("cases", "new", "No incident")
    for found in (
        ["list"], ["search", "lion1"], ["search", "--tag", "rsit:"], ["search", "--bbox", "9,53,31,66"],
        ["search", "--from", "2024-11-18", "--to", "2024-11-18"], ["search", "--status", "suspected", "sabotage"],
    ):  # fmt: skip
        assert id[:8] in desk.does("incidents", *found)
        assert "No incident" not in desk.does("incidents", *found)
    for missed in (
        ["search", "anchor"],
        ["search", "--tag", "rsit:fraud:"],
        ["search", "--from", "2024-11-20"],
    ):
        assert id[:8] not in desk.does("incidents", *missed)
    page = desk.does("incidents", "show", id)
    assert "2024-11-18 00:00 to 2024-11-18 23:59, known to the day" in page
    assert "C-Lion1, 56.3000, 18.2000" in page


def test_tags_are_added_taken_away_and_listed(desk: Desk) -> None:
    id = entered(desk)
    desk.does("incidents", "tag", id, "nis2-sector:energy", "hybrid-tool:physical-operations")
    desk.does("incidents", "tag", id, "nis2-sector:energy", "--remove")
    assert json.loads(desk.does("incidents", "show", id, table=False))["tags"] == [
        "hybrid-tool:physical-operations"
    ]
    assert "not verified against the PDF" in desk.does("incidents", "tags")
    code, _, err = desk.answer("incidents", "tag", id, "nis2-sector:enrgy")
    assert (code, "Did you mean nis2-sector:energy" in err) == (2, True)


def test_a_report_is_stored_proposals_are_accepted_and_quotes_checked(desk: Desk, tmp_path: Path) -> None:
    id = entered(desk)
    report = TEXTS / "a-agency.txt"
    out = desk.does("incidents", "import", str(report))
    assert "9224984" in out
    assert json.loads(desk.does("incidents", "show", id, table=False))["taken"] == []
    lines = desk.does(
        "incidents", "import", str(report), "--into", id, "--accept", "1", "--grade", "B2", table=False
    )
    proposal = json.loads(lines)["proposals"][0]
    page = desk.does("incidents", "show", id)
    assert f"imo = {proposal['value']}: “9224984”" in page
    assert "B2, Usually reliable, probably true" in page
    assert "DOES NOT MATCH" not in page
    with desk.store.engine.begin() as connection:
        changed = "UPDATE documents SET body = replace(body, 'HELSINGFORS', 'Helsinki') WHERE collection = 'reports'"
        assert connection.exec_driver_sql(changed).rowcount == 1
    assert "QUOTE DOES NOT MATCH: imo “9224984”" in desk.does("incidents", "show", id)


def test_reports_that_lean_on_one_text_count_once(desk: Desk) -> None:
    id = entered(desk)
    for name in ("a-agency", "b-rewritten", "c-independent"):
        desk.does("incidents", "import", str(TEXTS / f"{name}.txt"), "--into", id)
    out = desk.does("incidents", "sources", id)
    assert "3 reports, 2 sources" in out
    assert "one source;" in out
    assert "90 kilometers" in out
    told = json.loads(desk.does("incidents", "sources", id, table=False))
    assert told["sources"] == 2
    assert len(told["pairs"]) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["new", "x", "--from", "soon"], 2, "is not a time"), (["new", "x", "--to", "2024-11-18"], 2, "without --from"),
        (["new", "x", "--point", "x"], 2, "is no point"), (["new", "x", "--point", "99,0"], 2, "no point on the earth"),
        (["new", "x", "--tag", "x"], 2, "no tag"),
        (["new", "x", "--from", "2024-11-18", "--precision", "week"], 2, "week"),
        (["import", "none.txt"], 3, "none.txt"), (["import", "REPORT", "--accept", "1"], 2, "without --into"),
        (["import", "REPORT", "--into", "ID", "--accept", "99"], 2, "no proposal 99"),
        (["import", "REPORT", "--into", "ID", "--grade", "Z9"], 2, "is no grade"),
        (["search", "--status", "x"], 2, "no status"),
        (["import", "BINARY"], 3, "is not UTF-8"), (["import", "EMPTY"], 3, "holds no text"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_nothing_written(
    desk: Desk, tmp_path: Path, arguments: list[str], code: int, says: str
) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xfa")
    (tmp_path / "empty").write_bytes(b"")
    stand_in = {
        "ID": entered(desk), "REPORT": str(TEXTS / "a-agency.txt"),
        "BINARY": str(tmp_path / "binary"), "EMPTY": str(tmp_path / "empty"),
    }  # fmt: skip
    head = desk.watch.log.head()
    got, _, err = desk.answer("incidents", *(stand_in.get(a, a) for a in arguments))
    assert (got, says in err) == (code, True), err
    assert desk.watch.log.head() == head
