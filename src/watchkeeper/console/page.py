"""Writes a page: one file, nothing fetched, no script but its own."""

import base64
import hashlib
import html
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

from watchkeeper.console.payload import pack
from watchkeeper.console.report import Report
from watchkeeper.errors import OutputError, WatchkeeperError

SIZE_MOST: Final = 15_000_000
"""Bytes. A page beyond this is slow to open and is refused by mail servers."""
_ALERTS_MOST: Final = 1_000
_ALERTS_LEAST: Final = 50
_POINTS_MOST: Final = 300_000
_POINTS_LEAST: Final = 20_000


def write_report(path: Path, report: Report) -> int:
    """Write the report to ``path`` and return its size in bytes; see :func:`write_page`."""
    return write_page(path, render(report))


def write_page(path: Path, page: bytes) -> int:
    """Write a page to ``path`` and return its size in bytes. The file appears whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(page)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(
            f"{path} cannot be written: {error.strerror}.", "Give another folder, or make room."
        ) from error
    return len(page)


def render(report: Report) -> bytes:
    """The report as bytes; with fewer track points, then fewer ships, to stay under :data:`SIZE_MOST`."""
    alerts, points = _ALERTS_MOST, _POINTS_MOST
    while True:
        page = fill("report", report.title, pack(report, alerts, points))
        if len(page) <= SIZE_MOST or alerts <= _ALERTS_LEAST:
            return page
        if points > _POINTS_LEAST:
            points //= 2
        else:
            alerts //= 2


def fill(name: str, title: str, data: bytes) -> bytes:
    """One of the pages (``report``, ``attribution``) with its script, its style and its packed data.

    Raises:
        WatchkeeperError: the package was built without the page's script.
    """
    script, style = _asset(f"{name}.js"), _asset(f"{name}.css")
    shell = Template(files("watchkeeper.console").joinpath(f"{name}.html").read_text("utf-8"))
    return shell.substitute(
        title=html.escape(title),
        policy=_policy(script, style),
        script=script,
        style=style,
        data=data.decode("ascii"),
    ).encode("utf-8")


def _policy(script: str, style: str) -> str:
    """The content security policy: own script and style by hash, the map's worker as a blob, nothing else."""
    rules = {
        "default-src": "'none'",
        "script-src": _hash(script),
        "style-src": _hash(style),
        "img-src": "data: blob:",
        "worker-src": "blob:",
        "connect-src": "blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _asset(name: str) -> str:
    """A built file of the page, which must not end the element it is put into."""
    source = files("watchkeeper.console").joinpath("assets", name)
    if not source.is_file():
        raise WatchkeeperError(
            f"The report's page is not built: {name} is missing.", "Run `make setup` to build it."
        )
    text = source.read_text("utf-8")
    for end in ("</script", "</style", "<!--"):
        assert end not in text.lower(), f"{name} holds {end}, which would end its element early"
    return text
