"""What is shipped: a wheel with everything in it, which runs where nothing else of the repository is."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import watchkeeper

REPO = Path(__file__).parent.parent
SHIPPED = (
    "py.typed",
    "cases/weights.toml",
    "lists/countries.csv",
    "lists/mid.csv",
    "fetching/catalogue.toml",
    "layers/data/land.npz",
    "console/report.html",
    "console/attribution.html",
    "console/assets/report.js",
    "console/assets/report.css",
    "console/assets/maplibre-gl.LICENSE.txt",
)
WHEEL_LIMIT, SDIST_LIMIT = 8_000_000, 12_000_000
"""Bytes. Land and the page's script are most of them; more means that something came along unseen."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with wheel and source archive, built without a network."""
    folder = tmp_path_factory.mktemp("dist")
    run = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", folder], cwd=REPO, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (wheel,) = built.glob("*.whl")
    return wheel


def test_the_wheel_holds_what_runs_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in SHIPPED if f"watchkeeper/{name}" not in names]
    assert all(name.startswith(("watchkeeper/", f"watchkeeper-{watchkeeper.__version__}.")) for name in names)
    assert not [name for name in names if "__pycache__" in name or name.endswith((".nbi", ".nbc"))]
    assert wheel.stat().st_size < WHEEL_LIMIT


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        folder = f"watchkeeper-{watchkeeper.__version__}.dist-info"
        metadata = archive.read(f"{folder}/METADATA").decode()
        assert f"{folder}/licenses/LICENSE" in archive.namelist()
    assert "License-Expression: Apache-2.0" in metadata
    assert "Requires-Python: <3.14,>=3.11" in metadata


def test_the_source_archive_can_build_the_wheel_without_node(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert {"pyproject.toml", "LICENSE", "README.md"} <= names
    assert not [name for name in SHIPPED if f"src/watchkeeper/{name}" not in names]
    assert not [name for name in names if "node_modules" in name]
    assert archive.stat().st_size < SDIST_LIMIT


def test_the_wheel_runs_by_itself(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    command = (
        f"import watchkeeper; assert watchkeeper.__file__.startswith({str(site)!r}); "
        "from watchkeeper.cli import main; main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", command, "behaviours", "--json"],
        cwd=tmp_path, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(site)},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert '"ais-gap"' in run.stdout


def test_the_version_is_said_once_for_all() -> None:
    assert f'version = "{watchkeeper.__version__}"' in (REPO / "pyproject.toml").read_text("utf-8")
    assert f"## {watchkeeper.__version__}" in (REPO / "CHANGELOG.md").read_text("utf-8")
