"""``alerts``: the list, the actions, mutes and the hand-over, from the outside."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.desk import ROOMS, Desk
from cli.desk import opened as new_store
from watchkeeper.cases.alarms.states import ACTIONS
from watchkeeper.cli import edge
from watchkeeper.model.time import HOUR, MINUTE

HOSTILE = "\x1b[2J[red]LOTUS\u202e\n<b>OK"


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    with new_store(tmp_path / "watch") as store:
        made = Desk(store, capsys, monkeypatch)
        made.watch.find("anchor-drag", 219000606)
        made.watch.find("ais-gap", 273000111, 1, summary=HOSTILE)
        made.watch.health("feed.silent", "kystverket")
        made.watch.judge()
        yield made


def id_of(desk: Desk, mmsi: int = 219000606) -> str:
    return next(alert.id for alert in desk.watch.alerts if alert.mmsi == mmsi)


def state_of(desk: Desk, mmsi: int = 219000606) -> str:
    return next(alert.state for alert in desk.watch.alerts if alert.mmsi == mmsi)


class TestList:
    def test_a_table_for_people(self, desk: Desk) -> None:
        out = desk.does("alerts", "list")
        assert "3 alerts" in out
        assert out.index("kystverket") < out.index("219000606") < out.index("273000111")

    def test_lines_for_programs(self, desk: Desk) -> None:
        lines = [json.loads(line) for line in desk.does("alerts", "list", table=False).splitlines()]
        assert [line["standing"]["says"]["about"] for line in lines] == ["feed", "ship", "ship"]

    def test_by_state_ship_and_words(self, desk: Desk) -> None:
        assert "1 alerts" in desk.does("alerts", "list", "--mmsi", "273000111")
        assert "0 alerts" in desk.does("alerts", "list", "--state", "closed")
        assert "1 alerts" in desk.does("alerts", "list", "--text", "kystverket")
        code, _, err = desk.answer("alerts", "list", "--state", "done")
        assert (code, "is no state" in err) == (2, True)

    def test_names_from_the_air_cannot_move_the_terminal(self, desk: Desk) -> None:
        for out in (desk.does("alerts", "list"), desk.does("alerts", "show", id_of(desk, 273000111))):
            assert not [c for c in out if not c.isprintable() and c != "\n"]


class TestActions:
    @pytest.mark.parametrize(
        ("arguments", "state"),
        [
            (["acknowledge"], "acknowledged"), (["snooze"], "snoozed"), (["snooze", "--for", "4 h"], "snoozed"),
            (["assign", "--to", "bo"], "assigned"), (["confirm"], "confirmed"),
            (["dismiss", "--reason", "cable layer"], "dismissed"),
        ],
    )  # fmt: skip
    def test_each_is_written_with_who_and_when(self, desk: Desk, arguments: list[str], state: str) -> None:
        verb, *rest = arguments
        out = desk.does("alerts", verb, id_of(desk)[:6], *rest, "--as", "anna")
        assert state_of(desk) == state
        event = desk.watch.log.read()[-1]
        assert (event.actor, event.at) == ("user:anna", desk.watch.now)
        assert "user:anna" in out

    def test_to_the_end_and_back(self, desk: Desk) -> None:
        id = id_of(desk)
        desk.does("alerts", "confirm", id)
        desk.does("alerts", "close", id)
        desk.does("alerts", "reopen", id, "--reason", "it was another ship")
        assert state_of(desk) == "new"
        page = desk.does("alerts", "show", id)
        assert re.search(r"confirmed.*\n.*closed.*\n.*reopened: it was another ship", page)

    def test_several_at_once_or_none(self, desk: Desk) -> None:
        both = [id_of(desk), id_of(desk, 273000111)]
        desk.does("alerts", "dismiss", both[0], "--reason", "known")
        code, _, err = desk.answer("alerts", "acknowledge", *both)
        assert (code, state_of(desk, 273000111)) == (2, "new")
        assert "is dismissed" in err
        assert "can:" in err

    def test_snooze_until(self, desk: Desk) -> None:
        desk.does("alerts", "snooze", id_of(desk), "--until", "2025-03-02T14:00:00Z")
        alert = next(a for a in desk.watch.alerts if a.mmsi == 219000606)
        assert alert.body["snoozed_until"] == desk.now + 2 * HOUR
        desk.watch.now += 2 * HOUR
        desk.watch.beat()
        assert state_of(desk) == "new"

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["acknowledge", "ff"], "names no alert"), (["acknowledge", "ffffffff"], "names no alert"),
            (["dismiss", "ID"], "needs a reason"), (["snooze", "ID", "--for", "8 d"], "within 7 days"),
            (["snooze", "ID", "--for", "1 h", "--until", "2025-03-02"], "both given"),
            (["snooze", "ID", "--for", "ages"], "not a quantity"),
            (["acknowledge", "ID", "--as", "a\nb"], "is no name"),
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_refused_with_a_way_on(
        self, desk: Desk, arguments: list[str], says: str
    ) -> None:
        head = desk.watch.log.head()
        code, out, err = desk.answer("alerts", *(id_of(desk) if a == "ID" else a for a in arguments))
        assert code in (2, 4)
        assert (out, says in err) == ("", True), err
        assert err.count("\n") == 1
        assert desk.watch.log.head() == head


class TestMutesAndHandover:
    def test_a_mute_is_set_listed_and_lifted(self, desk: Desk) -> None:
        desk.does("alerts", "mute", "--mmsi", "219000606", "--for", "7 d", "--reason", "survey")
        assert "new, muted" in desk.does("alerts", "list")
        (line,) = desk.does("alerts", "mutes", table=False).splitlines()
        assert json.loads(line)["reason"] == "survey"
        assert "ship 219000606" in desk.does("alerts", "mutes")
        desk.does("alerts", "unmute", json.loads(line)["id"][:8])
        assert desk.does("alerts", "mutes", table=False) == ""

    def test_a_mute_without_end_is_refused(self, desk: Desk) -> None:
        code, _, err = desk.answer("alerts", "mute", "--mmsi", "1", "--reason", "x")
        assert (code, "needs an end" in err) == (2, True)

    def test_the_hand_over_is_read_and_kept(self, desk: Desk) -> None:
        desk.watch.now += 5 * MINUTE
        desk.does("alerts", "acknowledge", id_of(desk), "--as", "anna")
        head = desk.watch.log.head()
        out = desk.does("alerts", "handover", "--as", "anna")
        assert "LOOK AT FIRST (3 of 3 open)" in out
        assert "NOT LIVE NOW" in out
        assert "anna acknowledged" in out
        assert desk.watch.log.head() == head
        kept = json.loads(desk.does("alerts", "handover", "--keep", "--note", "Quiet.", table=False))
        assert kept["note"] == "Quiet."
        assert desk.watch.log.read()[-1].kind == "shift.handed-over"

    def test_a_shift_that_has_not_begun_is_refused(self, desk: Desk) -> None:
        code, _, err = desk.answer("alerts", "handover", "--from", "2025-03-03")
        assert (code, "not begun" in err) == (2, True)


@pytest.mark.parametrize("room", list(ROOMS))
def test_every_verb_has_an_example_that_names_it(desk: Desk, room: str) -> None:
    for command in ROOMS[room].registered_commands:
        assert command.callback is not None
        verb = command.name or command.callback.__name__
        example = re.search(r"Example: (.*)", command.callback.__doc__ or "")
        assert example is not None, verb
        assert example[1].startswith(f"watchkeeper {room} {verb}")
        assert edge.run([room, verb, "--help"]) == 0


def test_no_store_is_one_line_that_says_what_to_do(tmp_path: Path, desk: Desk) -> None:
    assert edge.run(["alerts", "list", "--store", str(tmp_path / "none")]) == 9
    err = desk.capsys.readouterr().err
    assert err.count("\n") == 1
    assert "store create" in err


def test_the_how_to_says_what_the_table_says() -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "work-alerts.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)[^`]*`(?: \| | )", page, re.MULTILINE)
    assert set(rows) == set(ACTIONS)
