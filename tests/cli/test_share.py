"""``share`` and the ledger of the exchange, from the outside."""

import json
from pathlib import Path
from typing import Any

import pytest

from cases.alarms.watching import Watch
from watchkeeper.cli import desk, edge
from watchkeeper.exchange.hub.hub import Hub
from watchkeeper.exchange.hub.words import Account, Filter
from watchkeeper.store.folder import Store

US = "Coast Guard"


class Command:
    """The whole program over one store."""

    def __init__(self, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.store, self.capsys = store, capsys
        edge.log.talk.cache_clear()

    def answer(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        code = edge.run([*arguments, "--store", str(self.store)])
        said = self.capsys.readouterr()
        return code, said.out, said.err

    def says(self, *arguments: str) -> str:
        """What a command that succeeds writes."""
        code, out, err = self.answer(*arguments)
        assert code == 0, err
        return out

    def lines(self, *arguments: str) -> list[Any]:
        """The same, for programs."""
        return [json.loads(line) for line in self.says(*arguments, "--json").splitlines()]

    def pull(self, organisation: str, at: int | None = None) -> dict[str, Any]:
        """What a partner's program is given."""
        with Store.open(self.store, write=False, decide=True, projectors=desk.projectors()) as store:
            hub = Hub(store.engine, store.decisions)
            collection = hub.collections.named("releases")
            page = hub.page(
                collection, Account(user="robot", organisation=organisation), Filter(), at or desk.now_ms()
            )
            return {row.id: json.loads(raw) for row, raw in zip(page.rows, page.bytes, strict=True)}


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    folder = tmp_path / "watch"
    Store.create(folder)
    made = Command(folder, capsys)
    for name, country in ((US, "EST"), ("Navy", "EST"), ("Liaison", "FIN")):
        made.says(
            "exchange", "org", "add", name, "--country", country, "--accepts", "green", "--accepts", "amber"
        )
    with Store.open(folder, write=True, projectors=desk.projectors()) as store:
        watch = Watch(store.decisions)
        watch.find("anchor-drag", 219000606)
        watch.judge()
        alert = watch.alert.id
    made.says("cases", "new", "Slow over C-Lion1", "--alert", alert, "--json")
    return made


def case(command: Command) -> str:
    return str(command.lines("cases", "list")[0]["id"])


def share(command: Command, *more: str) -> list[str]:
    return ["share", case(command), "--by", US, "--to", "Navy", "--to", "Liaison", *more]


def incident(command: Command) -> str:
    lines = command.lines(*share(command, "--dry-run"))
    return next(str(line["object"]) for line in lines if line["type"] == "report")


def test_a_dry_run_says_for_each_object_and_partner_what_goes_and_why(command: Command) -> None:
    lines = command.lines(*share(command, "--rel-to", "est", "--dry-run"))
    by = {(line["organisation"], line["type"]): line for line in lines}
    assert by["Navy", "report"]["outcome"] == "goes"
    assert by["Liaison", "report"]["outcome"] == "withheld"
    assert by["Liaison", "report"]["rule"] == "releasability"
    assert by["Liaison", "sighting"]["outcome"] == "withheld"
    assert len({line["object"] for line in lines}) * 2 == len(lines)
    page = command.says(*share(command, "--rel-to", "EST", "--dry-run"), "--table")
    assert "REL TO EST, and Liaison is not in it." in page
    assert not command.lines("exchange", "collection", "list")


def test_nothing_is_released_without_being_asked(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, err = command.answer(*share(command))
    assert code == 2
    assert "Nothing was released" in err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)
    command.says(*share(command))
    assert not command.lines("exchange", "ledger")


def test_what_was_shown_is_what_is_pulled_and_answered_for(command: Command) -> None:
    shown = command.lines(*share(command, "--rel-to", "EST", "--yes", "--as", "anna"))
    for name in ("Navy", "Liaison"):
        goes = {
            line["object"] for line in shown if line["organisation"] == name and line["outcome"] != "withheld"
        }
        given = {id for id, object in command.pull(name).items() if object["type"] != "marking-definition"}
        assert given == goes
    ledger = command.lines("exchange", "ledger", "--to", "Liaison")
    assert {entry["rule"] for entry in ledger if entry["happened"] == "withheld"} >= {"releasability"}
    assert {entry["happened"] for entry in ledger} >= {"withheld", "pulled", "refused"}
    report = incident(command)
    (navy,), (liaison,) = (
        command.lines("exchange", "why", report, "--to", name) for name in ("Navy", "Liaison")
    )
    assert navy["given"]
    assert not liaison["given"]
    assert liaison["now"][0]["decision"]["reasons"][0]["rule"] == "releasability"
    words = command.says("exchange", "why", report, "--to", "Liaison", "--table")
    assert "REL TO EST, and Liaison is not in it." in words
    assert "pulled   never" in words
    assert "Navy" in command.says("exchange", "ledger", "--table")


def test_taking_it_back(command: Command) -> None:
    command.says(*share(command, "--yes"))
    report = incident(command)
    command.pull("Navy")
    command.says("exchange", "retract", report, "--by", US, "--reason", "The wrong ship.")
    (holder,) = command.lines("exchange", "holders", report)
    assert (holder["organisation"], holder["outstanding"]) == ("Navy", True)
    assert command.pull("Navy")[report]["revoked"] is True
    (holder,) = command.lines("exchange", "holders", report)
    assert not holder["outstanding"]
    assert "told" in command.says("exchange", "holders", report, "--table")
    assert [
        e["says"] for e in command.lines("exchange", "ledger", "--to", "Navy") if e["happened"] == "retracted"
    ] == ["The wrong ship."]


def test_the_ledger_is_verified_and_a_change_shows(command: Command) -> None:
    command.says(*share(command, "--yes"))
    command.pull("Navy")
    (whole,) = command.lines("exchange", "verify")
    assert whole["pulls"] == 1
    assert whole["objects"] > 5
    assert not whole["faults"]
    with Store.open(command.store, write=True) as store, store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE exchange_pulls SET organisation = 'Liaison'")
        connection.exec_driver_sql("UPDATE exchange_objects SET bytes = x'7b7d' WHERE seq = 1")
    code, out, err = command.answer("exchange", "verify", "--json")
    assert code == 9
    assert len(json.loads(out)["faults"]) == 2
    assert "not whole" in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--tlp", "blue"], "no level of TLP"),
        (["--pap", "white"], "pap"),
        (["--rel-to", "Estonia"], "country codes"),
        (["--expires", "tomorrow"], "not a time"),
        (["--purpose", "revenge"], "purpose"),
        (["--to", "Navi"], "no organisation 'Navi'"),
        (["--geometry-tlp", "secret"], "no level of TLP"),
    ],
)
def test_what_cannot_be_meant(command: Command, arguments: list[str], says: str) -> None:
    code, _, err = command.answer(*share(command, *arguments, "--dry-run"))
    assert code == 2
    assert says in err


def test_nobody_shares_without_a_name(command: Command) -> None:
    code, _, err = command.answer("share", case(command), "--to", "Navy", "--dry-run")
    assert code == 2
    assert "Nobody says who shares" in err


def test_notes_and_raw_records_may_be_held_more_closely(command: Command) -> None:
    command.says("cases", "note", case(command), "A name that stays here.")
    command.says(*share(command, "--notes-tlp", "red", "--evidence-tlp", "amber+strict", "--yes"))
    given = command.pull("Navy")
    assert "A name that stays here." not in json.dumps(given)
    assert not [id for id in given if id.startswith("artifact--")]
    assert [id for id in given if id.startswith("sighting--")]


def test_objects_are_named_by_how_they_begin(command: Command) -> None:
    command.says(*share(command, "--yes"))
    report = incident(command)
    assert command.lines("exchange", "why", report[:20], "--to", "Navy")[0]["object"] == report
    code, _, err = command.answer("exchange", "holders", "report")
    assert code == 2
    assert "names no object" in err
    code, _, err = command.answer("exchange", "why", report, "--to", "Nobody")
    assert "no organisation Nobody" in err
