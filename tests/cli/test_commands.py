"""Every command: its help, what it prints for people and for programs, exit codes, and how fast it starts."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from watchkeeper import __version__, errors
from watchkeeper.behaviours import all_behaviours
from watchkeeper.cli import edge
from watchkeeper.cli.app import EXIT_CODES, app
from watchkeeper.config import known_settings

WATCHKEEPER = (sys.executable, "-c", "from watchkeeper.cli import main; main()")
LIST = "imo,mmsi,name,program,source,as_of\n9329760,,EXAMPLE,PROGRAMME,a source,2025-01-31\n"


def paths(command: Any, name: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    below = getattr(command, "commands", {})
    return [name] + [path for each, one in below.items() for path in paths(one, (*name, each))]


COMMANDS = paths(get_command(app))


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("WATCHKEEPER__")}
    return subprocess.run(
        [*WATCHKEEPER, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environ,
        timeout=60,
        check=False,
    )


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without configuration of anybody's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    return tmp_path


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = edge.run(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture(autouse=True)
def _fresh_talk() -> None:
    edge.log.talk.cache_clear()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_shows_an_example_that_names_the_command(command: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert "Example: watchkeeper " + " ".join(command) in result.output


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_option_says_what_it_is(command: tuple[str, ...]) -> None:
    one = get_command(app)
    for name in command:
        one = one.commands[name]  # type: ignore[attr-defined]
    for parameter in one.params:
        assert getattr(parameter, "help", None), f"{command}: {parameter.name}"


def test_help_names_every_exit_code() -> None:
    kinds = [errors.WatchkeeperError]
    for kind in kinds:
        kinds += kind.__subclasses__()
        assert f" {kind.exit_code} " in EXIT_CODES, kind
    assert str(edge.INTERRUPTED) in EXIT_CODES
    text = " ".join(CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output.split())
    assert EXIT_CODES in text


def test_the_version() -> None:
    assert run("--version").stdout.strip() == __version__


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nonsense"], 2, "watchkeeper --help"),
        (["scan"], 2, "watchkeeper scan --help"),
        (["scan", "x", "--out", "y", "--bbbox", "1,2,3,4"], 2, "--bbbox"),
        (["scan", "x", "--out", "y", "--bbox", "1,2,3"], 2, "--bbox 9,53,31,66"),
        (["scan", "x", "--out", "y", "--from", "yesterday"], 2, "--from yesterday"),
        (["scan", "x", "--out", "y", "--rate", "10"], 2, "--start"),
        (["behaviours", "aisgap"], 2, "ais-gap"),
        (["config", "show", "--config", "absent.toml"], 4, "absent.toml"),
        (["config", "show", "--set", "ais-gap.min_gp=2h"], 4, "ais-gap.min_gap"),
        (["lists", "check", "9329760"], 7, "--list FILE"),
        (["explain", "219165000", "--data", "nowhere"], 3, "watchkeeper scan --out"),
        (["layers", "check", "absent.geojson"], 6, "absent.geojson"),
    ],
)
def test_errors_are_one_line_with_a_code_and_a_next_step(
    arguments: list[str], code: int, words: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    got, out, err = answer(capsys, *arguments)
    assert got == code
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert words in err
    assert not list(here.iterdir())


def test_no_arguments_is_a_question_for_help(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys)
    assert code == 2
    assert "Usage" in out


class TestEdge:
    """What becomes of exceptions that no command expects."""

    @pytest.fixture
    def raising(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        def fail_with(error: BaseException) -> None:
            def fail(*_: object) -> None:
                raise error

            monkeypatch.setattr("watchkeeper.config.load_settings", fail)

        return fail_with

    def test_a_fault_says_how_to_see_the_traceback(
        self, raising: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        raising(RuntimeError("two\nlines"))
        code, out, err = answer(capsys, "config", "show")
        assert (code, out) == (1, "")
        assert "unexpected RuntimeError: two lines" in err
        assert "--debug" in err
        assert "Traceback" not in err

    def test_debug_shows_the_traceback(self, raising: Any, capsys: pytest.CaptureFixture[str]) -> None:
        raising(RuntimeError("a fault"))
        code, _, err = answer(capsys, "--debug", "config", "show")
        assert code == 1
        assert "Traceback" in err

    def test_a_full_disk_is_an_output_error(self, raising: Any, capsys: pytest.CaptureFixture[str]) -> None:
        raising(OSError(28, "No space left on device", "out/tracks.parquet"))
        code, _, err = answer(capsys, "config", "show")
        assert code == errors.OutputError.exit_code
        assert "disk is full" in err

    def test_an_interruption(self, raising: Any, capsys: pytest.CaptureFixture[str]) -> None:
        raising(KeyboardInterrupt())
        code, out, err = answer(capsys, "config", "show")
        assert (code, out) == (130, "")
        assert "interrupted" in err


class TestConfigShow:
    def test_as_json(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (here / "watchkeeper.toml").write_text('[engine]\nlateness = "1 h"\n')
        code, out, err = answer(capsys, "config", "show", "--set", "ais-gap.min_gap=2h")
        rows = {row["setting"]: row for row in map(json.loads, out.splitlines())}
        assert code == 0
        assert set(rows) == set(known_settings())
        assert rows["engine.lateness"] == {
            "setting": "engine.lateness", "value": 60.0, "unit": "min", "from": "watchkeeper.toml:2",
        }  # fmt: skip
        assert rows["behaviours.ais-gap.min_gap"]["from"] == "--set"
        assert "watchkeeper.toml" in err

    def test_as_table(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, _ = answer(capsys, "config", "show", "--table")
        assert code == 0
        line = next(line for line in out.splitlines() if "ais-gap.min_gap " in line)
        assert line.split()[1:] == ["1", "h", "default"]


class TestBehaviours:
    def test_the_catalogue_as_json_holds_everything(self, capsys: pytest.CaptureFixture[str]) -> None:
        _, out, _ = answer(capsys, "behaviours")
        records = {record["id"]: record for record in map(json.loads, out.splitlines())}
        assert set(records) == set(all_behaviours())
        for behaviour in all_behaviours().values():
            record = records[behaviour.id]
            assert {t["name"] for t in record["thresholds"]} == set(behaviour.thresholds)
            assert all(t["unit"] for t in record["thresholds"])
            assert len(record["references"]) == len(behaviour.references)
            assert all(record[section] for section in ("measures", "why", "innocent", "next"))

    def test_one_in_full(self, capsys: pytest.CaptureFixture[str]) -> None:
        _, out, _ = answer(capsys, "behaviours", "ais-gap", "--table")
        for words in ("min_gap", "Innocent causes", "Next step", "ITU-R M.1371"):
            assert words in out

    def test_all_in_short(self, capsys: pytest.CaptureFixture[str]) -> None:
        _, out, _ = answer(capsys, "behaviours", "--table")
        assert all(name in out for name in all_behaviours())


class TestListsCheck:
    @pytest.fixture
    def a_list(self, here: Path) -> Path:
        path = here / "list.csv"
        path.write_text(LIST)
        return path

    def test_listed(self, a_list: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, _ = answer(capsys, "lists", "check", "IMO 9329760", "--list", str(a_list))
        report = json.loads(out)
        assert code == 0
        assert [one["outcome"] for one in report["answers"]] == ["listed"]

    def test_not_listed_names_the_list_and_its_age(
        self, a_list: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, out, _ = answer(capsys, "lists", "check", "9074729", "--table", "--list", str(a_list))
        assert code == 0
        assert "not listed" in out
        assert "2025-01-31" in out

    def test_the_lists_of_the_configuration(
        self, a_list: Path, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (here / "watchkeeper.toml").write_text('lists = ["list.csv"]')
        code, out, _ = answer(capsys, "lists", "check", "9329760")
        assert code == 0
        assert json.loads(out)["answers"][0]["outcome"] == "listed"


class TestLayersCheck:
    @pytest.fixture
    def layer(self, here: Path) -> Path:
        line = {"type": "LineString", "coordinates": [[20.0, 59.0], [21.0, 59.5]]}
        feature = {"type": "Feature", "properties": {"name": "[A] cable", "kind": "cable"}, "geometry": line}
        path = here / "cables.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
        return path

    def test_as_json(self, layer: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, _ = answer(capsys, "layers", "check", str(layer))
        assert code == 0
        assert json.loads(out)["kinds"] == {"cable": 1}

    def test_as_table(self, layer: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, _ = answer(capsys, "layers", "check", "--table", str(layer))
        assert code == 0
        assert "[A] cable" in out


def test_a_reader_that_leaves_is_no_error() -> None:
    command = f"{sys.executable} -c 'from watchkeeper.cli import main; main()' behaviours"
    result = subprocess.run(
        ["bash", "-c", f"{command} | head -c 10"], capture_output=True, text=True, timeout=60, check=False
    )
    assert len(result.stdout) == 10
    assert result.stderr == ""


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["config", "show"], ["behaviours"], ["lists", "check", "9329760", "--list", "list.csv"]],
)
def test_light_commands_import_nothing_heavy(
    arguments: list[str], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    code = (
        "import sys, atexit\n"
        "heavy = 'numba', 'pyarrow', 'shapely', 'pyogrio', 'pyproj'\n"
        "atexit.register(lambda: print([m for m in heavy if m in sys.modules], file=sys.stderr))\n"
        "from watchkeeper.cli import main; main()"
    )
    begin = time.perf_counter()
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
        check=True,
    )
    record_property("seconds", round(time.perf_counter() - begin, 2))
    assert result.stderr.splitlines()[-1] == "[]"
