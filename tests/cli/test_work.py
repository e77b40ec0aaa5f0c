"""The commands that work: scan, explain, simulate, demo, from the outside."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from watchkeeper.cli import edge

MMSI = 219000606
OUTPUTS = {
    "interference.geojson",
    "findings.ndjson", "findings.geojson", "alerts.ndjson", "tracks.parquet", "vessels.parquet", "quarantine.ndjson",
    "assets.geojson", "places.geojson", "run.json", "report.html",
}  # fmt: skip
WAIT_S = 60.0


def rows() -> Iterator[str]:
    """A ship at anchor, every ten seconds, that says once to sail at 102.2 kn."""
    yield "t,mmsi,lat,lon,sog_kn,name,imo"
    for k in range(60):
        speed = 102.2 if k == 30 else 0.1
        yield f"2024-11-18T06:{k // 6:02d}:{k % 6}0Z,{MMSI},56.{1000 + k % 2},11.2000,{speed},[LOTUS],9329760"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a day and a list, without configuration of anybody's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    (tmp_path / "day.csv").write_text("\n".join(rows()) + "\n")
    listed = "imo,mmsi,name,program,source,as_of\n9329760,,EXAMPLE,PROGRAMME,a source,2025-01-31\n"
    (tmp_path / "list.csv").write_text(listed)
    edge.log.talk.cache_clear()
    return tmp_path


@pytest.fixture
def scanned(here: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert edge.run(["scan", "day.csv", "--out", "result", "--list", "list.csv"]) == 0
    capsys.readouterr()
    return here / "result"


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = edge.run(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


class TestScan:
    def test_results_go_to_the_folder_and_alerts_to_standard_output(
        self, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, out, err = answer(capsys, "scan", "day.csv", "--out", "result", "--list", "list.csv")
        assert code == 0
        assert {path.name for path in (here / "result").iterdir()} == OUTPUTS
        assert out == (here / "result" / "alerts.ndjson").read_text()
        assert [json.loads(line)["mmsi"] for line in out.splitlines()] == [MMSI]
        assert "read 60 rows" in err
        assert "nothing was compared with cables" in err
        assert "dated 2025-01-31" in err

    def test_the_table_shows_names_as_they_are_sent(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, err = answer(capsys, "scan", "day.csv", "--out", "result", "--table", "--no-report")
        assert code == 0
        assert "[LOTUS]" in out
        assert "no ship was compared with sanctions" in err
        assert not Path("result/report.html").exists()

    def test_a_quiet_day_says_so(self, capsys: pytest.CaptureFixture[str]) -> None:
        calm = "impossible-value.max_speed=103kn"
        code, out, _ = answer(
            capsys, "scan", "day.csv", "--out", "result", "--table", "--no-report", "--set", calm
        )
        assert code == 0
        assert "No ship shows a behaviour above its threshold" in out
        assert (
            json.loads(Path("result/run.json").read_text())["thresholds"]["impossible-value"]["max_speed"]
            == 103
        )

    def test_lists_of_the_configuration_are_used_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("watchkeeper.toml").write_text('lists = ["list.csv"]')
        _, out, _ = answer(capsys, "scan", "day.csv", "--out", "result", "--no-report")
        assert any("listed-vessel" in reason for reason in json.loads(out.splitlines()[0])["reasons"])

    def test_an_earlier_scan_is_replaced_only_by_force(
        self, scanned: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = (scanned / "run.json").read_bytes()
        code, out, err = answer(capsys, "scan", "day.csv", "--out", "result")
        assert (code, out) == (5, "")
        assert "--force" in err
        assert (scanned / "run.json").read_bytes() == before
        assert answer(capsys, "scan", "day.csv", "--out", "result", "--force")[0] == 0

    def test_a_missing_input_leaves_nothing_behind(
        self, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = set(here.iterdir())
        code, out, err = answer(capsys, "scan", "absent.csv", "--out", "result")
        assert (code, out) == (3, "")
        assert "absent.csv" in err
        assert set(here.iterdir()) == before

    def test_an_interruption_leaves_nothing_behind(self, here: Path) -> None:
        command = [
            sys.executable,
            "-c",
            "from watchkeeper.cli import main; main()",
            "scan",
            "-",
            "--out",
            "result",
        ]
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=here,
            # Jobs started in the background of a shell inherit a SIGINT that is ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as process:
            assert process.stdin is not None
            process.stdin.write("\n".join(rows()))
            process.stdin.flush()
            until = time.monotonic() + WAIT_S
            while not list(here.glob(".result.*")) and time.monotonic() < until:
                time.sleep(0.05)
            assert list(here.glob(".result.*")), "the scan did not begin"
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=WAIT_S)
        assert process.returncode == 130, err
        assert out == ""
        assert "interrupted" in err
        assert not list(here.glob("*result*"))


class TestExplain:
    def test_a_ship_by_mmsi(self, scanned: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, _ = answer(capsys, "explain", str(MMSI), "--data", str(scanned))
        said = json.loads(out)
        assert code == 0
        assert said["alert"]["mmsi"] == MMSI
        by_behaviour = {one["finding"]["behaviour"]: one for one in said["findings"]}
        assert set(by_behaviour) == {"impossible-value", "listed-vessel"}
        one = by_behaviour["impossible-value"]
        assert one["sources"]
        assert one["innocent_causes"]
        assert one["next_step"]
        line = one["finding"]["evidence"][0]
        assert line["raw"] == list(rows())[line["row"] - 1]

    def test_for_people(self, scanned: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, _ = answer(capsys, "explain", str(MMSI), "--data", str(scanned), "--table")
        assert code == 0
        for words in (
            "[LOTUS]",
            "102.2",
            "60",
            "kn",
            "Innocent causes",
            "Next step",
            "ITU-R M.1371",
            "Confidence",
        ):
            assert words in out
        assert list(rows())[31] in out.replace("\n", "")

    def test_a_finding_by_the_beginning_of_its_id(
        self, scanned: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        ids = [json.loads(line)["id"] for line in (scanned / "findings.ndjson").read_text().splitlines()]
        for one in ids:
            code, out, _ = answer(capsys, "explain", one[:8].upper(), "--data", str(scanned))
            assert code == 0
            assert json.loads(out)["finding"]["id"] == one

    @pytest.mark.parametrize(("which", "words"), [("abc", "at least 4"), ("00000000", "findings.ndjson")])
    def test_what_is_not_there(
        self, which: str, words: str, scanned: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, out, err = answer(capsys, "explain", which, "--data", str(scanned))
        assert (code, out) == (2, "")
        assert words in err

    def test_two_that_begin_alike(self, scanned: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = scanned / "findings.ndjson"
        line = file.read_text().splitlines()[0]
        one = json.loads(line)["id"]
        file.write_text(line + "\n" + line.replace(one, one[:-1] + "0") + "\n")
        code, _, err = answer(capsys, "explain", one[:8], "--data", str(scanned))
        assert code == 2
        assert one in err

    def test_a_damaged_file(self, scanned: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with (scanned / "findings.ndjson").open("a") as file:
            file.write('{"id": 3}\n')
        code, _, err = answer(capsys, "explain", "ffffffff", "--data", str(scanned))
        assert code == 3
        assert "findings.ndjson:3" in err

    def test_control_characters_do_not_reach_the_terminal(
        self, scanned: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = scanned / "findings.ndjson"
        file.write_text(file.read_text().replace("[LOTUS]", "\\u001b[2J"))
        _, out, _ = answer(capsys, "explain", str(MMSI), "--data", str(scanned), "--table")
        assert "\x1b" not in out
        assert "·[2J" in out


class TestSimulate:
    def test_every_format(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        formats = [part for name in ("dma", "noaa", "nmea") for part in ("--format", name)]
        short = ["--rows", "2000", "--hours", "8", "--cases", "0"]
        code, out, err = answer(capsys, "simulate", "--out", "made", *short, *formats)
        assert code == 0, err
        names = {"day.csv", "day_noaa.csv", "day.nmea", "assets.geojson", "list.csv", "truth.ndjson"}
        assert {path.name for path in (here / "made").iterdir()} == names
        assert {Path(line).name for line in out.splitlines()} == names

    @pytest.mark.parametrize(
        "wrong", [["--region", "atlantis"], ["--hours", "1"], ["--format", "xml"], ["--start", "x"]]
    )
    def test_what_cannot_be_simulated(self, wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        code, out, err = answer(capsys, "simulate", "--out", "made", *wrong)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        assert not Path("made").exists()


def test_demo(here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    code, out, err = answer(capsys, "demo", "--out", "demo", "--rows", "150000", "--cases", "1", "--open")
    assert code == 0, err
    report = (here / "demo" / "result" / "report.html").resolve()
    assert "Against the truth" in out
    assert "ais-gap" in out
    assert str(report) in out.replace("\n", "")
    assert opened == [report.as_uri()]
    assert json.loads((here / "demo" / "result" / "run.json").read_text())["simulated"] is True


def test_a_list_of_the_environment_that_is_missing_stops_the_scan(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHKEEPER__LISTS", "absent.csv")
    code, _, err = answer(capsys, "scan", "day.csv", "--out", "result")
    assert code == 7
    assert "absent.csv" in err
