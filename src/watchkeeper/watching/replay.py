"""A stretch of the lake again, by a clock that the caller sets: the same engine, the same judges, another realm."""

from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from watchkeeper.model.records import Array, Positions, Statics
from watchkeeper.watching.intake import Taken


class Recorded(Protocol):
    """What was observed, in order of time; ``sources`` are the names that packed rows refer to, and may grow."""

    sources: list[str]

    def batches(self) -> Iterator[tuple[Positions, Statics]]:
        """Positions with the static data of the same stretch of time."""
        ...


class Replayed:
    """An intake that gives what had been heard by a time: the time of the turn is that of the past."""

    def __init__(self, recorded: Recorded) -> None:
        self.feeds = recorded.sources
        self._batches = recorded.batches()
        self._positions, self._statics = Positions.empty(), Statics.empty()
        self._until: int | None = None
        self._over = False

    @property
    def over(self) -> bool:
        """Whether all was given."""
        return self._over and not len(self._positions) and not len(self._statics)

    def take(self, now: int) -> Taken:
        """Everything up to a time [ms UTC] that was not given before."""
        while not self._over and (self._until is None or self._until <= now):
            self._read()
        early, later = self._positions.t <= now, self._positions.t > now
        said, unsaid = self._statics.t <= now, self._statics.t > now
        positions, statics = self._positions.take(early), self._statics.take(said)
        self._positions, self._statics = self._positions.take(later), self._statics.take(unsaid)
        rows = Counter(position=len(positions), static=len(statics))
        return Taken(positions, statics, len(positions) + len(statics), rows)

    def _read(self) -> None:
        batch = next(self._batches, None)
        if batch is None:
            self._over = True
            return
        positions, statics = batch
        self._positions = Positions.concat([self._positions, positions])
        self._statics = Statics.concat([self._statics, statics])
        if len(positions):
            self._until = int(positions.t[-1])

    def places(self) -> dict[str, int]:
        """A replay is not gone on with: it begins again."""
        return {}

    def snapshot(self) -> dict[str, Array]:
        """Nothing."""
        return {}

    def restore(self, state: dict[str, Array], places: dict[str, int]) -> None:
        """Nothing to do."""
