"""The turning of a watch: until it is told to stop, or its feeds have ended for good.

A store that takes nothing for a while (a full disk, a database that is gone) does not end it: what comes waits in
memory, then in the spool, then at the feed, and is worked through when the store takes it again.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from threading import Event as Flag
from typing import Final, Protocol

from watchkeeper.errors import StoreError, TakenError
from watchkeeper.model.event import Event
from watchkeeper.model.time import MINUTE
from watchkeeper.watching.parts import Change
from watchkeeper.watching.runner import Vigil

PAUSE_S: Final = 0.1
"""When nothing came: short beside the two seconds within which a report must be on the map."""

TROUBLE_S: Final = 1.0
"""Until it is tried again with a store that takes nothing."""

_SAY_MS: Final = MINUTE
_LOG = logging.getLogger(__name__)


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

    Raises:
        TakenError: another process writes the store now.
        StoreError: the store takes nothing when the watch ends; what waits is in the spool.
    """
    trouble = _Trouble()
    waiting: deque[Change] = deque()
    while not stop.is_set():
        now = clock()
        over = feeds.over()  # asked before looking: what came before the end is then there
        waiting += feeds.changes()
        try:
            while waiting:
                told(vigil.health(waiting[0], now))
                waiting.popleft()
            turn = vigil.turn(now)
        except TakenError:
            raise
        except StoreError as error:
            trouble.with_store(error, now)
            stop.wait(TROUBLE_S)
            continue
        trouble.over(now)
        if turn.events:
            told(turn.events)
        if turn.lines:
            continue
        if over:
            told(vigil.end(now))
            return
        stop.wait(PAUSE_S)
    told(vigil.stop(clock()))


class _Trouble:
    """Says what the store does not take, once a minute, and when it takes it again."""

    def __init__(self) -> None:
        self._since: int | None = None
        self._said_at = self._last_at = 0

    def with_store(self, error: StoreError, now: int) -> None:
        if self._since is None or now - self._said_at >= _SAY_MS:
            self._said_at = now
            _LOG.error("The store takes nothing; nothing is lost, and it is tried again. %s", error)
        self._since, self._last_at = self._since or now, now

    def over(self, now: int) -> None:
        if self._since is not None and now - self._last_at >= _SAY_MS:
            _LOG.warning("The store has taken everything for a minute.")
            self._since = None
