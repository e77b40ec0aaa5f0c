"""explain and redflags: what a tired reader must find, in 80 columns, for every kind of finding."""

import json
from pathlib import Path

import msgspec
import pytest

from cases.making import at, finding, ship
from watchkeeper.behaviours import all_behaviours
from watchkeeper.cases.alerts import raise_alerts
from watchkeeper.cases.known import Known
from watchkeeper.cases.redflags import catalogue, flags_of
from watchkeeper.cli import edge
from watchkeeper.cli.explaining import WIDTH, finding_lines, setting_of
from watchkeeper.model.finding import Evidence, Finding, Measured
from watchkeeper.model.picture import ListMatch
from watchkeeper.model.register import FlagStanding, ShipFacts

MMSI = 219000606
RAW = "2025-03-01T00:00:00Z,219000606,57.0,18.0,11.2," + "x" * 120
KNOWN = Known(
    lists=(
        ListMatch("EU list", "EXAMPLE", "imo", "high", "same IMO number", "3s(2)(b)", "2025-01-31", (("flag", "PA"),)),
        ListMatch("OFAC SDN", "EXAMPLE", "imo", "high", "same IMO number", "", "2025-02-01", (("flag", "GA"),)),
    ),
    facts=ShipFacts(imo=9329760, source="a register, 2025-01-01", built=2006, insurer="A CLUB",
                    disagreements=("owner: A or B",)),
    standing=FlagStanding(flag="GA", standing="black", source="Paris MoU, 2025-07-01"),
    consulted=("EU list", "OFAC SDN", "UK list"),
)  # fmt: skip


def full(behaviour: str, number: int = 0, **other) -> Finding:
    """A finding as a scan writes it: values beside the thresholds of the behaviour, raw lines."""
    declared = all_behaviours()[behaviour]
    measured = tuple(
        Measured(f"measured {t.name}", 7.25, t.unit.symbol, ">=", t.default)
        for t in declared.thresholds.values()
    )
    evidence = (Evidence("day.csv", 1, at(0), "beginning", RAW), Evidence("day.csv", 9, at(2), "end", None))
    return finding(behaviour, MMSI, number, measured=measured, evidence=evidence, **other)


@pytest.fixture
def result(tmp_path: Path) -> Path:
    found = [
        full("ais-gap", id="aaaaaaaa-1", trust="suspect", trust_reason="position-jump: 3 jumps"),
        full("anchor-drag", id="bbbbbbbb-2", start=at(5), end=at(6), asset="Estlink 2"),
        full("listed-vessel", id="cccccccc-3", end=None),
        finding("encounter", 2, id="dddddddd-4"),
    ]
    alerts = raise_alerts(found, ship, lambda mmsi: KNOWN if mmsi == MMSI else Known())
    (tmp_path / "findings.ndjson").write_bytes(b"\n".join(map(msgspec.json.encode, found)))
    (tmp_path / "alerts.ndjson").write_bytes(b"\n".join(map(msgspec.json.encode, alerts)))
    thresholds = {"ais-gap": {t.name: t.default for t in all_behaviours()["ais-gap"].thresholds.values()}}
    (tmp_path / "run.json").write_text(json.dumps({"thresholds": thresholds}))
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert edge.run(arguments) == 0
    return capsys.readouterr().out


def fits(text: str) -> None:
    assert not [line for line in text.splitlines() if len(line) > WIDTH and RAW not in line]


class TestOfAShip:
    def test_all_a_duty_officer_asks_for(self, result: Path, capsys: pytest.CaptureFixture[str]) -> None:
        text = said(capsys, "explain", str(MMSI), "--data", str(result), "--table")
        fits(text)
        flat = " ".join(text.split())
        for words in (
            "RANK 1, SCORE", "First step: ", "How the score is made up", "positions suspect, times 0.8",
            "Listed, not heard, then slow over an asset within a day (cccccccc, aaaaaaaa, bbbbbbbb)",
            "AIS or LRIT switched off (aaaaaaaa)", "EU criterion (b)", "programs: 3s(2)(b)", "standing: black",
            "What would change the rank", "What the lists say", "Where the lists disagree",
            "flag: EU list (2025-01-31): PA; OFAC SDN (2025-02-01): GA", "UK list: does not name the ship",
            "built 2006", "insurer A CLUB", "owner: A or B", "Flag GA in port state control", "Findings (3)",
        ):  # fmt: skip
            assert words in flat, words
        assert text.count(RAW) == 3

    def test_what_would_change_the_rank(self, result: Path, capsys: pytest.CaptureFixture[str]) -> None:
        text = said(capsys, "explain", "2", "--data", str(result), "--table")
        assert "no alert" in text
        assert "if the meeting proved to be a tow" in text

    def test_for_programs(self, result: Path, capsys: pytest.CaptureFixture[str]) -> None:
        whole = json.loads(said(capsys, "explain", str(MMSI), "--data", str(result), "--json"))
        assert {c["name"] for c in whole["alert"]["combinations"]} >= {"listed-dark-then-slow-at-asset"}
        assert whole["alert"]["red_flags"]
        assert whole["alert"]["lists_differ"]
        gap = next(one for one in whole["findings"] if one["finding"]["behaviour"] == "ais-gap")
        assert gap["finding"]["trust"] == "suspect"
        assert gap["settings"]["measured min_gap"] == "min_gap"
        assert gap["red_flags"][0]["id"] == "ais-disabled"
        assert gap["innocent_causes"]
        assert gap["sources"]


@pytest.mark.parametrize("behaviour", list(all_behaviours()))
def test_every_kind_of_finding_is_told_whole(behaviour: str) -> None:
    declared = all_behaviours()[behaviour]
    lines = list(
        finding_lines(full(behaviour, trust="unreliable", trust_reason="why not"), declared, {}, flags=True)
    )
    text = "\n".join(lines)
    fits(text)
    flat = " ".join(text.split()).casefold()
    for words in (
        "confidence high: why", "positions unreliable: why not", "day.csv line 1", "(not kept)",
        *(f"measured {name}" for name in declared.thresholds), *(r.figure for r in declared.references),
        declared.doc["why"], declared.doc["innocent"], declared.doc["next"],
        *(flag.title for flag in flags_of(behaviour)), catalogue().no_flag.get(behaviour, ""),
    ):  # fmt: skip
        assert " ".join(words.split()).casefold() in flat, words


def test_a_finding_by_its_id(result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "explain", "aaaaaaaa", "--data", str(result), "--table")
    assert "RANK" not in text
    assert RAW in text.splitlines()[-100:] or RAW in text
    assert "practice 1" in text
    assert "(min_gap)" in text


def test_a_ship_without_an_alert_has_findings_all_the_same(
    result: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outage = finding("receiver-outage", 219000999, id="eeeeeeee-5")
    with (result / "findings.ndjson").open("ab") as file:
        file.write(b"\n" + msgspec.json.encode(outage))
    text = said(capsys, "explain", "219000999", "--data", str(result), "--table")
    assert "receiver-outage eeeeeeee-5" in text
    assert "None: the receivers' failing" in text


def test_a_setting_that_was_changed_is_told_with_its_default() -> None:
    declared = all_behaviours()["ais-gap"]
    measured = Measured("silence", 5.0, "h", ">=", 2.0)
    assert setting_of(measured, declared, {"min_gap": 2.0}) == "min_gap"
    assert setting_of(measured, declared, {}) is None
    one = finding("ais-gap", measured=(measured,))
    text = "\n".join(finding_lines(one, declared, {"min_gap": 2.0}, flags=False))
    assert "5 h" in text
    assert "at least 2 h" in text
    assert f"by default {declared.thresholds['min_gap'].default:g}" in " ".join(text.split())


def test_two_settings_that_fit_are_not_guessed() -> None:
    declared = all_behaviours()["ais-gap"]
    counts = {n: 3.0 for n, t in declared.thresholds.items() if t.unit.symbol == "count"}
    assert len(counts) > 1
    assert setting_of(Measured("others", 1, "count", ">=", 3.0), declared, counts) is None


def test_a_behaviour_that_is_not_installed() -> None:
    text = "\n".join(finding_lines(finding("third-party"), None, {}, flags=True))
    assert "third-party is not installed here" in text


def test_a_run_that_is_damaged(result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (result / "run.json").write_text('{"thresholds": 3}')
    assert edge.run(["explain", "aaaaaaaa", "--data", str(result)]) == 3
    assert "run.json" in capsys.readouterr().err


class TestRedflags:
    def test_for_people(self, capsys: pytest.CaptureFixture[str]) -> None:
        text = said(capsys, "redflags", "--table")
        fits(text)
        flat = " ".join(text.split())
        for flag in catalogue().flag:
            assert flag.title in flat
            assert flag.not_observable in flat
            assert all(source.says in flat for source in flag.source)

    def test_for_programs(self, capsys: pytest.CaptureFixture[str]) -> None:
        flags = [json.loads(line) for line in said(capsys, "redflags", "--json").splitlines()]
        assert [flag["id"] for flag in flags] == [flag.id for flag in catalogue().flag]
        assert all(
            source["document"] and source["date"] and source["says"] for f in flags for source in f["sources"]
        )
        assert all(source["section"] or not source["verified"] for f in flags for source in f["sources"])


def test_combinations_of_ones_own_from_the_command_line(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    Path("mine.toml").write_text("[[combination]]\nname = 'Mine'\n")
    for arguments in (["--combinations", "mine.toml"], ["--set", "combinations=mine.toml"]):
        assert edge.run(["scan", "day.csv", "--out", "result", *arguments]) == 4
        assert "mine.toml: combination Mine" in capsys.readouterr().err
    assert not Path("result").exists()


def test_a_combination_of_ones_own_counts(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    rows = (f"2024-11-18T06:{k:02d}:00Z,{MMSI},56.1,11.2,{102.2 if k == 30 else 0.1}" for k in range(60))
    Path("day.csv").write_text("\n".join(["t,mmsi,lat,lon,sog_kn", *rows]) + "\n")
    mine = {"name": "mine", "title": "Mine", "why": "w", "source": "s", "origin": "o"}
    keys = "".join(f"{key} = '{value}'\n" for key, value in mine.items())
    steps = "and = [{ any_of = ['impossible-value'] }]\n"
    Path("mine.toml").write_text(f"[[combination]]\n{keys}weight = 7\n{steps}")
    Path("watchkeeper.toml").write_text('combinations = ["mine.toml"]\n')
    (alert,) = map(
        json.loads, said(capsys, "scan", "day.csv", "--out", "result", "--no-report", "--json").splitlines()
    )
    assert [(c["name"], c["adds"]) for c in alert["combinations"]] == [("mine", 7.0)]
