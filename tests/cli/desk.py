"""A store with a watch in it, and the commands of the desk beside it."""

from pathlib import Path

import pytest
import typer

from cases.alarms.watching import Watch
from watchkeeper.cli import alerts, cases, desk, edge, incidents
from watchkeeper.store.folder import Store

ROOMS = {"alerts": alerts.app, "cases": cases.app, "incidents": incidents.app}


class Desk:
    """A watch that holds its store open for writing, and what commands answer that work in it meanwhile."""

    def __init__(
        self, store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.store = store
        self.watch = Watch(store.decisions)
        self.now = self.watch.now
        self.capsys = capsys
        for module in ("alerts", "shift", "cases", "incidents"):
            monkeypatch.setattr(f"watchkeeper.cli.{module}.now_ms", lambda: self.watch.now)
        app = typer.Typer()
        for name, room in ROOMS.items():
            app.add_typer(room, name=name)
        monkeypatch.setattr(edge, "app", app)
        edge.log.talk.cache_clear()

    def answer(self, *arguments: str, table: bool = True) -> tuple[int, str, str]:
        """The exit code, standard output and standard error of a command."""
        shape = "--table" if table else "--json"
        where = [] if arguments[:2] == ("incidents", "tags") else ["--store", str(self.store.where)]
        code = edge.run([*arguments, *where, shape])
        said = self.capsys.readouterr()
        return code, said.out, said.err

    def does(self, *arguments: str, table: bool = True) -> str:
        """What a command that succeeds writes."""
        code, out, err = self.answer(*arguments, table=table)
        assert (code, err) == (0, ""), err
        return out


def opened(folder: Path) -> Store:
    """A new store, open for the watch."""
    Store.create(folder)
    return Store.open(folder, write=True, projectors=desk.projectors())
