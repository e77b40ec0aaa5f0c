"""The documentation says what is: links lead somewhere, examples run, what has a name is named."""

import io
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from watchkeeper import errors
from watchkeeper.behaviours import all_behaviours
from watchkeeper.model.behaviour import Behaviour
from watchkeeper.sources.options import ReadOptions

REPO = Path(__file__).parent.parent
PAGES = [*REPO.glob("*.md"), *sorted((REPO / "docs").rglob("*.md"))]
PAGE_LINES = 500
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def script(name: str) -> ModuleType:
    """A module of ``scripts/``, which is no package."""
    spec = spec_from_file_location(name, REPO / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def docs() -> ModuleType:
    return script("build_docs")


@pytest.fixture(scope="module")
def lock() -> ModuleType:
    return script("lock_behaviours")


def examples(page: str, language: str) -> list[str]:
    text = (REPO / page).read_text("utf-8")
    return [code for kind, code in CODE.findall(text) if kind == language]


@pytest.fixture(params=list(all_behaviours()))
def behaviour(request: pytest.FixtureRequest) -> Behaviour:
    return all_behaviours()[request.param]


def test_every_behaviour_is_complete(behaviour: Behaviour) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", behaviour.id)
    assert behaviour.version >= 1
    assert all(behaviour.doc[key] for key in ("title", "measures", "why", "innocent", "next"))
    assert all(each.title and each.where and each.figure for each in behaviour.references)
    assert set(behaviour.monotone) <= set(behaviour.thresholds)
    assert set(behaviour.monotone.values()) <= {-1, +1}
    assert behaviour.judging is not None


def test_a_behaviour_lies_in_the_file_of_its_name(behaviour: Behaviour) -> None:
    assert behaviour.detect.__module__.rpartition(".")[2] == behaviour.id.replace("-", "_")


def test_the_catalogue_holds_every_behaviour(docs: ModuleType, behaviour: Behaviour) -> None:
    assert f"(behaviours/{behaviour.id}.md)" in docs.pages()["reference/behaviours.md"]
    text = docs.pages()[f"reference/behaviours/{behaviour.id}.md"]
    assert text.startswith(f"# {behaviour.id}\n")
    for name in behaviour.thresholds:
        assert f"| `{name}` |" in text
    for reference in behaviour.references:
        assert reference.figure in text


def test_the_changelog_names_every_behaviour_and_its_version(behaviour: Behaviour) -> None:
    text = (REPO / "CHANGELOG.md").read_text("utf-8")
    entries = [line for line in text.splitlines() if f"`{behaviour.id}`" in line]
    assert entries
    assert behaviour.version == 1 or any(f"version {behaviour.version}" in line for line in entries)


def test_the_lock_agrees_with_the_code(lock: ModuleType) -> None:
    assert not lock.silent_changes(lock.locked(), lock.declared()), "raise the version"
    assert lock.locked() == lock.declared(), "run `make behaviours-lock`"


def test_a_changed_default_needs_a_raised_version(lock: ModuleType) -> None:
    before = {"ais-gap": {"version": 2, "min_gap": "1 h"}}
    silent = {"ais-gap": {"version": 2, "min_gap": "2 h"}}
    said = {"ais-gap": {"version": 3, "min_gap": "2 h"}}
    back = {"ais-gap": {"version": 1, "min_gap": "1 h"}}
    assert lock.silent_changes(before, silent) == ["ais-gap: min_gap changed, but the version is still 2"]
    assert lock.silent_changes(before, back) == ["ais-gap: version 2 became 1"]
    assert not lock.silent_changes(before, said)
    assert not lock.silent_changes({}, said)


def test_what_the_lock_writes_can_be_read(lock: ModuleType) -> None:
    assert tomllib.loads(lock.written(lock.declared())) == lock.declared()


def test_every_command_has_help_with_an_example(docs: ModuleType) -> None:
    names = docs.command_names()
    assert ("scan",) in names
    assert ("lists", "check") in names
    for name in names:
        assert f"Example: watchkeeper {' '.join(name)}" in docs.help_of(*name), name


def test_the_readme_names_every_command(docs: ModuleType) -> None:
    text = (REPO / "README.md").read_text("utf-8")
    missing = [name for name in docs.top_commands() if not re.search(rf"`[^`]*\b{name}\b", text)]
    assert not missing


def test_every_exit_code_is_documented(docs: ModuleType) -> None:
    text = docs.exit_codes()
    classes = [each for each in vars(errors).values() if isinstance(each, type)]
    codes = {each.exit_code for each in classes if issubclass(each, errors.WatchkeeperError)}
    assert codes == {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)} - {0, 130}


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = re.search(r"^(make test)\b", (REPO / "README.md").read_text("utf-8"), re.MULTILINE)
    assert command
    assert command[1] in (REPO / ".ci" / "run").read_text("utf-8")


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (REPO / "Makefile").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPO).as_posix())
def test_pages(page: Path, docs: ModuleType) -> None:
    text = page.read_text("utf-8")
    assert text.count("\n") <= PAGE_LINES
    assert set(re.findall(r"`make ([a-z-]+)`", text)) <= make_targets()
    assert not list(_dead_links(page, text, set(docs.pages())))


def _dead_links(page: Path, text: str, generated: set[str]) -> Iterator[str]:
    docs_folder = REPO / "docs"
    for link in LINK.findall(text):
        target = link.partition("#")[0]
        if not target or target.startswith(("http://", "https://", "mailto:")):
            continue
        file = (page.parent / target).resolve()
        made = file.is_relative_to(docs_folder) and file.relative_to(docs_folder).as_posix() in generated
        if not (file.exists() or made):
            yield link


def test_generated_pages_are_short(docs: ModuleType) -> None:
    assert all(text.count("\n") <= PAGE_LINES for text in docs.pages().values())


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="MkDocs is not installed (`make setup` installs it)")
    run = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path],
        cwd=REPO, capture_output=True, text=True, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    home = (tmp_path / "index.html").read_text("utf-8")
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?://[^"]+"', home)


def test_the_behaviour_of_the_guide_is_one() -> None:
    source = next(
        code for code in examples("docs/how-to/add-a-behaviour.md", "python") if "@behaviour" in code
    )
    declared = _run(source)["status_mismatch"]
    assert isinstance(declared, Behaviour)
    assert declared.id == "status-mismatch"
    assert declared.judging is not None


def test_the_source_of_the_guide_reads_its_log() -> None:
    page = "docs/how-to/add-a-source.md"
    source = _run(next(code for code in examples(page, "python") if "def batches" in code))
    line = re.search(r"`(2025-[^`]+)`", (REPO / page).read_text("utf-8"))
    assert line
    log = b"when;ship;y;x;knots\n" + line[1].encode() + b"\nnonsense\n"
    assert source["sniff"](log, "radar.log")
    (batch,) = source["batches"](io.BytesIO(log), 0, "radar.log", ReadOptions(now=2_000_000_000_000))
    assert batch.positions.mmsi.tolist() == [219000001]
    assert batch.positions.sog_kn.tolist() == [pytest.approx(11.4)]
    assert batch.rows["read"] == 2
    assert [record.line for record in batch.quarantine] == [3]


def _run(source: str) -> dict[str, object]:
    names: dict[str, object] = {"__name__": "guide"}
    exec(compile(source, "guide", "exec"), names)
    return names
