"""The turning of a watch: until it is told to stop, or its feeds have ended for good."""

from collections.abc import Callable, Sequence
from threading import Event as Flag
from typing import Final, Protocol

from watchkeeper.model.event import Event
from watchkeeper.watching.parts import Change
from watchkeeper.watching.runner import Vigil

PAUSE_S: Final = 0.1
"""When nothing came: short beside the two seconds within which a report must be on the map."""


class Feeds(Protocol):
    """What receives, seen from the one who works."""

    def changes(self) -> Sequence[Change]:
        """Changes of state since they were last asked for."""
        ...

    def over(self) -> bool:
        """Whether every feed has ended for good: nothing will come any more."""
        ...


def keep_watch(
    vigil: Vigil,
    feeds: Feeds,
    clock: Callable[[], int],
    stop: Flag,
    told: Callable[[Sequence[Event]], object],
) -> None:
    """Turn the watch. When it returns its state is kept, and its feeds may be closed.

    Args:
        vigil: the watch.
        feeds: what receives.
        clock: the present [ms UTC].
        stop: set by whoever wants it to end.
        told: called with what was written to the log.
    """
    while not stop.is_set():
        now = clock()
        over = feeds.over()  # asked before looking: what came before the end is then there
        for change in feeds.changes():
            told(vigil.health(change, now))
        turn = vigil.turn(now)
        if turn.events:
            told(turn.events)
        if turn.lines:
            continue
        if over:
            told(vigil.end(now))
            return
        stop.wait(PAUSE_S)
    vigil.checkpoint()
