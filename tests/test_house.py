"""The house stays as it was drawn: who may import whom, no clock in the core, no accusing words."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from watchkeeper.model import records

REPO = Path(__file__).parent.parent
PACKAGE = REPO / "src" / "watchkeeper"
MODULES = sorted(PACKAGE.rglob("*.py"))

# docs/decisions/0001-the-house.md. ``errors`` and the package itself (its version) are open to all.
BELOW_ENGINE = {"model", "kernels", "sources", "layers", "lists", "behaviours"}
MAY_IMPORT = {
    "model": set(),
    "kernels": {"model"},
    "sources": {"model", "kernels"},
    "layers": {"model", "kernels"},
    "lists": {"model"},
    "fetching": {"model", "lists", "layers", "sources"},
    "behaviours": {"model", "kernels"},
    "engine": BELOW_ENGINE,
    "store": {"model"},
    "feeds": {"model", "kernels", "sources"},
    "cases": {"model", "kernels"},
    "notify": {"model"},
    "exercises": BELOW_ENGINE | {"engine", "cases"},
    "watching": BELOW_ENGINE | {"engine", "cases", "store", "feeds", "surroundings", "config"},
    "console": BELOW_ENGINE | {"engine", "cases", "exercises"},
    "exchange": {"model", "kernels", "lists", "cases", "store"},
    "api": BELOW_ENGINE | {"engine", "cases", "store", "feeds", "watching", "console", "exchange"},
}
TIMELESS = ("model", "kernels", "sources", "behaviours", "engine", "cases")
WALL_CLOCK = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
PURE_LIBRARIES = {
    "numpy",
    "numba",
    "llvmlite",  # what numba compiles to
    "rapidfuzz",  # how far apart two names are
}

# Where a broad ``except`` is meant: a behaviour or a process ends itself there, and says so.
EDGES = {"cli/edge.py", "engine/engine.py", "engine/judging.py"}

LINES_USUAL, LINES_AT_MOST, SHARE_USUAL = 300, 400, 0.9

UNITS = ("_m", "_kn", "_deg", "_s", "_ms", "_nmi", "_km", "_h", "_min", "_bytes", "_rows")
IN_DEGREES_BY_NAME = {"lat", "lon"}

ACCUSING = re.compile(r"suspicious|\billegal|\bguilty|culprit|\bcriminal", re.IGNORECASE)
SOMEBODYS_MACHINE = re.compile(r"(?<![\w.~])/(?:work|root|home|Users)/")
TEXT_SUFFIXES = {"", ".py", ".md", ".toml", ".lock", ".sh", ".ts", ".css", ".html", ".json", ".yml", ".csv"}


def room_of(module: Path) -> str:
    """The room a module stands in; empty for those at the top."""
    parts = module.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


@cache
def tree_of(module: Path) -> ast.Module:
    return ast.parse(module.read_text("utf-8"))


def imports_of(module: Path) -> Iterator[str]:
    """Everything the module imports, wherever in it, by full name."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def in_rooms(*rooms: str) -> list[Path]:
    return [module for module in MODULES if room_of(module) in rooms]


def named(modules: list[Path]) -> list[object]:
    return [pytest.param(module, id=str(module.relative_to(PACKAGE))) for module in modules]


def test_every_room_is_drawn() -> None:
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert rooms == {*MAY_IMPORT, "cli"}


@pytest.mark.parametrize("module", named(in_rooms(*MAY_IMPORT)))
def test_imports_point_one_way(module: Path) -> None:
    room = room_of(module)
    allowed = MAY_IMPORT[room] | {room, "errors", "__version__"}
    ours = {name.split(".")[1] for name in imports_of(module) if name.startswith("watchkeeper.")}
    assert ours <= allowed, f"{room} may import {sorted(allowed)}"


# Where compiled kernels are kept on disk is decided in one module, which holds no kernel.
COMPILER = PACKAGE / "kernels" / "compiled.py"


@pytest.mark.parametrize("module", named([m for m in in_rooms("kernels", "behaviours") if m != COMPILER]))
def test_kernels_and_behaviours_are_pure(module: Path) -> None:
    standard = {
        "collections",
        "dataclasses",
        "enum",
        "functools",
        "importlib",
        "itertools",
        "math",
        "pkgutil",
        "tomllib",
        "typing",
    }
    outside = {name.split(".")[0] for name in imports_of(module)} - {"watchkeeper"}
    assert outside <= standard | PURE_LIBRARIES


@pytest.mark.parametrize("module", named([m for m in MODULES if room_of(m) != "kernels"]))
def test_compiling_is_the_business_of_kernels(module: Path) -> None:
    assert "numba" not in {name.split(".")[0] for name in imports_of(module)}


@pytest.mark.parametrize("module", named(in_rooms(*TIMELESS)))
def test_the_core_has_no_clock(module: Path) -> None:
    imported = {name for name in imports_of(module) if name in WALL_CLOCK}
    read = {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    assert not imported | (read & WALL_CLOCK), "time is an argument"


@pytest.mark.parametrize("module", named([m for m in MODULES if room_of(m) != "cli"]))
def test_only_commands_talk(module: Path) -> None:
    printing = [
        node.lineno
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not printing


@pytest.mark.parametrize("module", named(MODULES))
def test_broad_excepts_stand_only_at_edges(module: Path) -> None:
    broad = [
        handler.lineno
        for handler in ast.walk(tree_of(module))
        if isinstance(handler, ast.ExceptHandler) and _catches_everything(handler)
    ]
    assert not broad or module.relative_to(PACKAGE).as_posix() in EDGES, f"lines {broad}"


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    """Whether every exception ends here; one that tidies up and raises again does not."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"})
        for kind in kinds
    )


def test_modules_are_short() -> None:
    lines = {module: module.read_text("utf-8").count("\n") for module in MODULES}
    too_long = {str(module.relative_to(PACKAGE)): n for module, n in lines.items() if n > LINES_AT_MOST}
    assert not too_long
    usual = sum(n <= LINES_USUAL for n in lines.values())
    assert usual >= SHARE_USUAL * len(lines)


@pytest.mark.parametrize(
    "room", [PACKAGE, *(PACKAGE / room for room in (*MAY_IMPORT, "cli"))], ids=lambda room: room.name
)
def test_every_room_says_what_may_live_there(room: Path) -> None:
    assert ast.get_docstring(tree_of(room / "__init__.py"))


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(m.relative_to(PACKAGE)) for m in MODULES if m.read_text() and not ast.get_docstring(tree_of(m))
    ]
    assert not silent


@pytest.mark.parametrize("kind", [records.Positions, records.Statics])
def test_bare_numbers_end_in_their_unit(kind: type[records.Positions]) -> None:
    floats = {name for name, dtype in kind.DTYPES.items() if np.dtype(dtype).kind == "f"}
    assert floats
    assert not {name for name in floats - IN_DEGREES_BY_NAME if not name.endswith(UNITS)}


def tracked() -> list[Path]:
    """The files under version control; those that can be, where there is no repository."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=REPO, capture_output=True, check=True, text=True
        ).stdout.split("\0")
        files = [REPO / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        inside = ("src", "tests", "docs", "scripts", "benchmarks")
        files = list(chain.from_iterable((REPO / folder).rglob("*") for folder in inside))
    return [file for file in files if file.is_file() and file.suffix in TEXT_SUFFIXES]


def test_nothing_names_somebodys_machine() -> None:
    assert not _lines_with(SOMEBODYS_MACHINE, tracked())


def test_nothing_accuses() -> None:
    spoken = [f for f in tracked() if f.is_relative_to(PACKAGE) or f.is_relative_to(REPO / "web")]
    assert spoken
    assert not _lines_with(ACCUSING, spoken)


def _lines_with(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    return [
        f"{file.relative_to(REPO)}:{number}: {line.strip()[:100]}"
        for file in files
        for number, line in enumerate(file.read_text("utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def test_locks_name_no_registry() -> None:
    for lock in (*REPO.glob("requirements*.lock"), REPO / "web" / "package-lock.json"):
        text = lock.read_text("utf-8")
        assert '"resolved"' not in text, lock
        assert not re.search(r"index-url|find-links|pythonhosted|npmjs\.", text), lock
