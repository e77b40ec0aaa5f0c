"""``store``: what the commands print for people and programs, their exit codes, and what they leave behind."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from watchkeeper.cli.store import app
from watchkeeper.errors import InputError, OutputError, StoreError, UsageError
from watchkeeper.model.event import Draft
from watchkeeper.store.folder import DATABASE, Store

AT = 1_767_600_000_000


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with thirty notes."""
    from watchkeeper.cases import alarms, register

    monkeypatch.delenv(DATABASE, raising=False)
    run("create", str(tmp_path / "store"))
    projectors = (*alarms.projectors(), *register.projectors())
    with Store.open(tmp_path / "store", write=True, projectors=projectors) as store:
        store.decisions.append(
            [
                Draft(
                    kind="note.made", subject=f"n{n}", at=AT + n, actor="user:a", body={"n": n}, key=f"k{n}"
                )
                for n in range(30)
            ]
        )
    return tmp_path / "store"


def run(*arguments: str, fails: type[Exception] | None = None) -> str:
    result = CliRunner().invoke(app, list(arguments))
    if fails is None:
        assert result.exit_code == 0, (result.output, result.exception)
    else:
        assert isinstance(result.exception, fails), (result.output, result.exception)
    return result.stdout


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("command", ["create", "info", "verify", "compact", "export", "backup", "restore"])
def test_help_has_an_example(command: str) -> None:
    assert f"Example: watchkeeper store {command}" in " ".join(run(command, "--help").split())


def test_info(where: Path) -> None:
    (told,) = lines(run("info", str(where), "--json"))
    assert told["decisions"] == 30
    assert len(told["hash"]) == 64
    assert told["observations"] is None
    assert told["database"].endswith("decisions.sqlite")
    shown = run("info", str(where), "--table")
    assert "nothing was observed yet" in shown
    assert told["hash"][:20] in shown
    with Store.open(where, write=True) as store:
        assert store.lake.info().files == 0
    assert "0 positions" in run("info", str(where), "--table")
    assert lines(run("info", str(where), "--json"))[0]["observations"]["files"] == 0


def test_a_folder_that_is_no_store(tmp_path: Path) -> None:
    for command in ("info", "verify", "compact", "export"):
        run(command, str(tmp_path), fails=StoreError)
    run("backup", str(tmp_path), str(tmp_path / "b.zst"), fails=StoreError)
    assert list(tmp_path.iterdir()) == []


def test_verify(where: Path) -> None:
    assert run("verify", str(where), "--json") == ""
    assert "no damage found" in run("verify", str(where), "--table")
    database = sqlite3.connect(where / "decisions.sqlite")
    database.execute("UPDATE events SET actor = 'user:b' WHERE seq = 11")
    database.commit()
    found = lines(run("verify", str(where), "--json", fails=StoreError))
    assert tuple(found[0][name] for name in ("part", "kind", "where")) == (
        "decisions",
        "event-changed",
        "event 11",
    )
    assert "n10" in found[0]["effect"]
    assert "event-changed" in run("verify", str(where), "--quick", "--table", fails=StoreError)
    run("verify", str(where), "--rebuild", fails=StoreError)
    database.execute("UPDATE events SET actor = 'user:a' WHERE seq = 11")
    database.execute(
        "INSERT INTO documents VALUES ('alerts', 'made up', 'real', 1, 'new', NULL, 0, 0.0, '', '', '{}')"
    )
    database.commit()
    (found_one,) = lines(run("verify", str(where), "--json", fails=StoreError))
    assert found_one["kind"] == "document-surplus"
    assert run("verify", str(where), "--rebuild", "--json") == ""
    assert run("verify", str(where), "--json") == ""
    database.close()


def test_damage_has_the_exit_code_of_stores(where: Path) -> None:
    database = sqlite3.connect(where / "decisions.sqlite")
    database.execute("DELETE FROM events WHERE seq = 11")
    database.commit()
    database.close()
    result = CliRunner().invoke(app, ["verify", str(where)])
    assert isinstance(result.exception, StoreError)
    assert result.exception.exit_code == 9


def test_damage_of_the_lake_is_found_beside(where: Path) -> None:
    with Store.open(where, write=True) as store:
        assert store.lake.id
    (where / "lake" / "lake.json").write_text("{}")
    found = lines(run("verify", str(where), "--json", fails=StoreError))
    assert [(f["part"], f["kind"]) for f in found] == [("lake", "head-garbled")]


def test_export(where: Path, tmp_path: Path) -> None:
    exported = lines(run("export", str(where)))
    assert [e["seq"] for e in exported] == list(range(1, 31))
    assert lines(run("export", str(where), "--after", "28")) == exported[28:]
    assert run("export", str(where), "--kind", "alert.") == ""
    assert len(lines(run("export", str(where), "--kind", "note."))) == 30
    run("export", str(where), "--out", str(tmp_path / "e.ndjson"))
    assert lines((tmp_path / "e.ndjson").read_text()) == exported
    run("export", str(where), "--out", str(tmp_path / "e.ndjson"), fails=OutputError)


def test_backup_and_restore(where: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.ndjson.zst"
    (made,) = lines(run("backup", str(where), str(file), "--json"))
    assert made["seq"] == 30
    run("backup", str(where), str(file), fails=OutputError)
    (told,) = lines(run("restore", str(file), str(tmp_path / "back"), "--json"))
    assert told["hash"] == made["hash"]
    assert run("export", str(tmp_path / "back")) == run("export", str(where))
    run("restore", str(file), str(tmp_path / "back"), fails=StoreError)
    file.write_bytes(file.read_bytes()[:-9])
    run("restore", str(file), str(tmp_path / "other"), fails=InputError)
    assert run("verify", str(tmp_path / "back"), "--json") == ""


def test_compact(where: Path) -> None:
    (told,) = lines(run("compact", str(where), "--forget-before", "2026-01-01", "--json"))
    assert told == {"joined_files": 0, "forgotten_dates": []}
    run("compact", str(where), "--forget-before", "yesterday", fails=UsageError)
    with Store.open(where, write=True):
        run("compact", str(where), fails=StoreError)


def test_create_refuses_a_password(tmp_path: Path) -> None:
    run("create", str(tmp_path / "s"), "--database", "postgresql://a:b@c/d", fails=StoreError)
    assert not (tmp_path / "s").exists()
