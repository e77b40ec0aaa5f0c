"""A store for the commands of the desk: a log in memory in its place, until there is one on disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
import typer

from cases.alarms.memory import MemoryLog
from cases.alarms.watching import Watch
from watchkeeper.cli import alerts, cases, desk, edge, incidents

ROOMS = {"alerts": alerts.app, "cases": cases.app, "incidents": incidents.app}


class Held(NamedTuple):
    decisions: MemoryLog


class Desk:
    """A watch in memory that the commands open, and what they answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.watch = Watch(MemoryLog(desk.projectors()))
        self.now = self.watch.now
        self.capsys = capsys
        self.writes: list[bool] = []
        monkeypatch.setattr(desk, "open_store", self._open)
        for module in ("alerts", "shift", "cases", "incidents"):
            monkeypatch.setattr(f"watchkeeper.cli.{module}.now_ms", lambda: self.watch.now)
        app = typer.Typer()
        for name, room in ROOMS.items():
            app.add_typer(room, name=name)
        monkeypatch.setattr(edge, "app", app)
        edge.log.talk.cache_clear()

    @contextmanager
    def _open(self, store: Path, write: bool) -> Iterator[Held]:
        assert store == Path("watch")
        self.writes.append(write)
        before = len(self.watch.log.events)  # type: ignore[attr-defined]
        yield Held(self.watch.log)  # type: ignore[arg-type]
        assert write or len(self.watch.log.events) == before, "what is opened for reading is not written"  # type: ignore[attr-defined]

    def answer(self, *arguments: str, table: bool = True) -> tuple[int, str, str]:
        """The exit code, standard output and standard error of a command."""
        shape = "--table" if table else "--json"
        where = [] if arguments[:2] == ("incidents", "tags") else ["--store", "watch"]
        code = edge.run([*arguments, *where, shape])
        said = self.capsys.readouterr()
        return code, said.out, said.err

    def does(self, *arguments: str, table: bool = True) -> str:
        """What a command that succeeds writes."""
        code, out, err = self.answer(*arguments, table=table)
        assert (code, err) == (0, ""), err
        return out
