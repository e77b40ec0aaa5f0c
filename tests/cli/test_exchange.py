"""``exchange``: the hub is set up, partners are added, everything is said for people and for programs."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from watchkeeper.cli import edge
from watchkeeper.cli.app import app


class Desk:
    """Commands in a folder without configuration."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *words: str, code: int = 0) -> str:
        """What a command says on standard output."""
        edge.log.talk.cache_clear()
        assert edge.run(["exchange", *words]) == code, self.capsys.readouterr().err
        self.said = self.capsys.readouterr()
        return self.said.out

    def lines(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self(*words, "--json").splitlines()]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WATCHKEEPER_STORE", raising=False)
    return Desk(capsys)


def test_a_demo_to_try(desk: Desk, tmp_path: Path) -> None:
    (made,) = desk.lines("init", "--demo", "--port", "9000")
    assert (tmp_path / "watch" / "store.toml").is_file()
    assert made["discovery"] == "http://127.0.0.1:9000/taxii2/"
    assert made["api_root"] == "http://127.0.0.1:9000/taxii2/demo/"
    assert set(made["collections"]) == {"rw", "ro", "wo", "private"}
    assert [set(each) for each in made["accounts"]] == [{"user", "password", "organisation"}] * 2
    assert len({each["organisation"] for each in made["accounts"]}) == 2
    (again,) = desk.lines("init", "--demo")
    assert again["collections"] == made["collections"]
    assert again["accounts"][0]["password"] != made["accounts"][0]["password"]
    words = desk("init", "--demo", "--table")
    assert "watchkeeper serve --store watch --port 8700" in words


def test_a_hub_without_a_demo(desk: Desk) -> None:
    assert desk.lines("init") == []
    assert desk.lines("collection", "list") == []


def test_organisations(desk: Desk) -> None:
    desk("init")
    desk("org", "add", "Border Guard", "--country", "EST", "--accepts", "green", "--community", "baltic")
    desk("org", "add", "Navy", "--may-relay", "--purpose", "awareness", "--purpose", "protection")
    guard, navy = desk.lines("org", "list")
    assert guard["agreement"]["country"] == "EST"
    assert guard["agreement"]["accepts"] == ["clear", "green"]
    assert navy["agreement"]["may_relay"] is True
    desk(
        "org", "change", "Navy", "--own-only", "--identity", "identity--7c5b2c5e-6d2a-4f7a-9d6b-1d1f3a0f9b11"
    )
    desk("org", "change", "Border Guard", "--revoke")
    guard, navy = desk.lines("org", "list")
    assert guard["agreement"]["accepts"] == ["clear", "green"]
    assert guard["agreement"]["revoked_at"] is not None
    assert navy["agreement"]["may_relay"] is False
    assert navy["identity"].startswith("identity--")
    desk("org", "change", "Border Guard", "--restore")
    assert desk.lines("org", "list")[0]["agreement"]["revoked_at"] is None
    assert "Border Guard" in desk("org", "list", "--table")
    for words in (
        ("add", "B\u043erder Guard"), ("add", "border guard"), ("add", "Navy"), ("add", "X", "--country", "Estonia"),
        ("add", "Y", "--accepts", "pink"), ("change", "Nobody"), ("add", "Z", "--identity", "indicator--1"),
    ):  # fmt: skip
        desk("org", *words, code=2)


def test_collections(desk: Desk) -> None:
    desk("init")
    desk("org", "add", "Navy")
    (made,) = desk.lines(
        "collection", "add", "Baltic", "--alias", "baltic", "--read", "Navy", "--write", "Army"
    )
    assert "no such organisation yet: Army" in desk.said.err
    assert (made["root"], made["unmarked"], made["readers"]) == ("hub", "amber", ["Navy"])
    (changed,) = desk.lines(
        "collection", "change", "baltic", "--unmarked", "green", "--allow", "green", "--read", "nobody"
    )
    assert (changed["unmarked"], changed["allowed"], changed["readers"]) == ("green", ["green"], [])
    assert (changed["alias"], changed["writers"]) == ("baltic", ["Army"])
    desk("root", "second", "--title", "Second", "--max-bytes", "5000000")
    (other,) = desk.lines("collection", "add", "Other", "--root", "second", "--realm", "exercise:spring")
    assert other["realm"] == "exercise:spring"
    assert "Baltic" in desk("collection", "list", "--table")
    desk("collection", "remove", "baltic")
    assert [each["title"] for each in desk.lines("collection", "list")] == ["Other"]
    for words in (
        ("add", "X", "--unmarked", "pink"), ("add", "X", "--root", "none"), ("add", "X", "--realm", "play"),
        ("add", "X", "--id", "7"), ("remove", "baltic"), ("change", "baltic", "--title", "x"),
    ):  # fmt: skip
        desk("collection", *words, code=2)


def test_users_and_keys(desk: Desk) -> None:
    desk("init")
    desk("org", "add", "Navy")
    desk("user", "add", "liaison", "--org", "Navy", "--no-password")
    assert desk.lines("user", "list") == [{"user": "liaison", "organisation": "Navy", "disabled": False}]
    assert "liaison" in desk("user", "list", "--table")
    assert desk("key", "make", "liaison", "--read", "--write").startswith("wk_")
    desk("key", "make", "liaison", code=2)
    desk("key", "make", "nobody", "--read", code=2)
    desk("user", "add", "other", "--org", "None", "--no-password", code=2)


def test_a_password_comes_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner()
    for words in (["init"], ["org", "add", "Navy"]):
        assert run.invoke(app, ["exchange", *words]).exit_code == 0
    words = ["exchange", "user", "add", "anna", "--org", "Navy", "--password-stdin"]
    assert run.invoke(app, words, input="a sea of four words\n").exit_code == 0
    from watchkeeper.api.access.desk import Desk as Users
    from watchkeeper.store.folder import Store

    with Store.open("watch", write=False) as store:
        assert Users(store.engine).users.signing_in("anna", "a sea of four words") is not None
