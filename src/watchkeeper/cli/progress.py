"""Progress of long work on standard error: share, rate, time left. Nothing where no person looks at it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from watchkeeper.log import talk

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class Stages:
    """Bars, one below the other, one for each stage of the work."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._stage = ""
        self._task: TaskID | None = None
        self._began = 0.0

    def show(self, stage: str, done: float, total: float | None, count: int = 0, unit: str = "rows") -> None:
        """``done`` of ``total`` (None where not known), which were ``count`` things so far."""
        if stage != self._stage:
            self.end()
            self._stage, self._began = stage, time.monotonic()
            self._task = self._bars.add_task(stage, total=total, rate="")
        assert self._task is not None
        rate = count / max(time.monotonic() - self._began, 1e-3)
        said = f"{count:,} {unit}, {rate:,.0f}/s" if count else ""
        self._bars.update(self._task, completed=done, total=total, rate=said)

    def end(self) -> None:
        """The stage is done."""
        if self._task is not None:
            self._bars.update(self._task, total=1, completed=1)
            self._bars.stop_task(self._task)


@contextmanager
def stages() -> Iterator[Stages]:
    """Show bars while inside."""
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    bars = Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}", markup=False),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=talk(),
        disable=not talk().is_terminal,
    )
    with bars:
        shown = Stages(bars)
        yield shown
        shown.end()
