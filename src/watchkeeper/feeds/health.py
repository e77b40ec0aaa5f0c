"""How healthy a feed is, by its own usual interval: dead or quiet, told apart. Pure: the clock is an argument.

========  ==========================================================================================================
starting  nothing was heard yet
live      messages come as they use to
degraded  messages come, but some are lost, the connection breaks often, or it has only just come back
silent    connected, but nothing came for twenty times the usual interval (its 99 % quantile), at least 30 s
down      not connected for 10 s, or refused
========  ==========================================================================================================

What is usual is measured, in steps of a second, over the last 512 intervals. A silence counts in it as long as the
limit that it passed, so that a feed which has become slower for good is live again after a few messages, and one
that is dead is not.
"""

from collections import deque
from enum import StrEnum
from statistics import median
from typing import Final

import msgspec

from watchkeeper.model.time import MINUTE, NO_TIME, SECOND

WINDOW: Final = 512
QUANTILE: Final = 0.99
SILENT_AFTER: Final = 20
SILENT_LEAST_MS: Final = 30 * SECOND
START_MS: Final = MINUTE
"""How long nothing may come where little is known yet."""

LEARNT: Final = 8
"""Intervals after which what is usual is known."""

DOWN_MS: Final = 10 * SECOND
RETURN_MESSAGES: Final = 3
"""Seconds with messages, none too late after the one before, until a feed that was silent or down is live again."""

RECONNECTS: Final = 3
RECONNECTS_MS: Final = 10 * MINUTE
"""So many new connections in this time are a connection that breaks often."""

TROUBLE_MS: Final = MINUTE
"""How long a loss (dropped datagrams, a full disk) is held against a feed."""

_RATE_MS: Final = MINUTE
_RETURNING: Final = "messages come again"
_OFFSETS: Final = 301


class State(StrEnum):
    """See the module."""

    STARTING = "starting"
    LIVE = "live"
    DEGRADED = "degraded"
    SILENT = "silent"
    DOWN = "down"


class Transition(msgspec.Struct, frozen=True):
    """A feed changed at ``at`` [ms UTC]. ``since``: when it was last heard, ``NO_TIME`` if never."""

    feed: str
    at: int
    before: State
    after: State
    since: int
    reason: str


class Picture(msgspec.Struct, frozen=True):
    """A feed at a moment.

    ``last`` when it was last heard [ms UTC], or None; ``usual_ms`` its 99 % interval and ``limit_ms`` after which it
    is silent; ``clock_ms`` how much later it is heard than it says (median), or None; ``per_s`` messages over the last
    minute; ``duplicates`` which share of them another feed brought too, 0-1.
    """

    feed: str
    state: State
    reason: str
    since: int
    last: int | None
    usual_ms: int | None
    limit_ms: int
    clock_ms: int | None
    per_s: float
    messages: int
    bytes: int
    duplicates: float
    reconnects: int
    dropped: int


class Health:
    """The health of one feed. Tell it what happens; :meth:`look` says what that means.

    ``usual_ms``: the usual interval as it was before a restart, if known.
    """

    def __init__(self, feed: str, now: int, usual_ms: int | None = None) -> None:
        self.feed = feed
        self.state, self.reason, self.since = State.STARTING, "nothing was heard yet", now
        self.messages = self.bytes = self.reconnects = self.dropped = 0
        self.last = NO_TIME
        self._intervals: deque[int] = deque([usual_ms] * LEARNT if usual_ms is not None else [], WINDOW)
        self._usual = usual_ms
        self._began = now
        self._connected = False
        self._apart_since = now
        self._why = ""
        self._refused = False
        self._returning = 0
        self._connections: deque[int] = deque(maxlen=RECONNECTS + 1)
        self._trouble = ""
        self._trouble_at = NO_TIME
        self._offsets: deque[int] = deque(maxlen=_OFFSETS)
        self._seconds: deque[tuple[int, int]] = deque()
        self._compared = self._again = 0

    def connected(self, now: int) -> None:
        """The connection stands."""
        if self._connections:
            self.reconnects += 1
        self._connections.append(now)
        self._connected, self._refused = True, False
        self._apart_since = now
        if self.state is State.DOWN or self.last == NO_TIME:
            self._began = now

    def apart(self, now: int, why: str, *, refused: bool = False) -> None:
        """The connection ended, or could not be made; ``refused`` if the other side will not have us."""
        if self._connected or not self._why:
            self._apart_since = now
        self._connected, self._why, self._refused = False, why, refused

    def heard(self, now: int, messages: int, size: int, own_time: int | None = None) -> None:
        """Messages came. ``own_time`` is what one of them says of its time [ms UTC]."""
        self.messages += messages
        self.bytes += size
        if own_time is not None:
            self._offsets.append(now - own_time)
        second = now - now % SECOND
        if self._seconds and self._seconds[-1][0] == second:
            self._seconds[-1] = (second, self._seconds[-1][1] + messages)
        else:
            self._seconds.append((second, messages))
        if self.last != NO_TIME and now // SECOND == self.last // SECOND:
            self.last = max(self.last, now)
            return
        interval = now - self.last
        late = self.last != NO_TIME and interval > self.limit_ms
        if self.last != NO_TIME and interval > 0 and self._connected_since() <= self.last:
            self._intervals.append(min(interval, self.limit_ms))
            self._usual = None
        if self.state in (State.SILENT, State.DOWN, State.DEGRADED, State.STARTING):
            self._returning = 1 if late else self._returning + 1
        self.last = now

    def trouble(self, now: int, what: str, dropped: int = 0) -> None:
        """Something was lost, or may be: it is held against the feed for a minute."""
        self._trouble, self._trouble_at = what, now
        self.dropped += dropped

    def compared(self, messages: int, again: int) -> None:
        """Of so many messages that were looked at, so many had come through another feed too."""
        self._compared += messages
        self._again += again
        if self._compared > 10_000:
            self._compared //= 2
            self._again //= 2

    @property
    def usual_ms(self) -> int | None:
        """The 99 % interval [ms]; None where too few are known."""
        if len(self._intervals) < LEARNT:
            return None
        if self._usual is None:
            ordered = sorted(self._intervals)
            self._usual = ordered[min(len(ordered) - 1, int(len(ordered) * QUANTILE))]
        return self._usual

    @property
    def limit_ms(self) -> int:
        """After how long without a message it is silent [ms]."""
        usual = self.usual_ms
        if usual is None:
            return max(START_MS, SILENT_AFTER * max(self._intervals, default=0))
        return max(SILENT_LEAST_MS, SILENT_AFTER * usual)

    def look(self, now: int) -> Transition | None:
        """What it is now; the change, if it is another than before."""
        if self.last > now or self._began > now:  # the clock was set back: what lies ahead of it never comes
            self.last, self._began = min(self.last, now), min(self._began, now)
        state, reason = self._judged(now)
        if state is self.state:
            self.reason = reason
            return None
        if state in (State.SILENT, State.DOWN):
            self._returning = 0
        change = Transition(self.feed, now, self.state, state, self.last, reason)
        self.state, self.reason, self.since = state, reason, now
        return change

    def picture(self, now: int) -> Picture:
        """How it is now."""
        while self._seconds and now - self._seconds[0][0] > _RATE_MS:
            self._seconds.popleft()
        span = min(_RATE_MS, max(SECOND, now - self._seconds[0][0])) if self._seconds else _RATE_MS
        return Picture(
            feed=self.feed, state=self.state, reason=self.reason, since=self.since,
            last=self.last if self.last != NO_TIME else None, usual_ms=self.usual_ms, limit_ms=self.limit_ms,
            clock_ms=self.clock_ms, per_s=sum(n for _, n in self._seconds) * SECOND / span,
            messages=self.messages, bytes=self.bytes,
            duplicates=self._again / self._compared if self._compared else 0.0,
            reconnects=self.reconnects, dropped=self.dropped,
        )  # fmt: skip

    @property
    def clock_ms(self) -> int | None:
        """How much later messages are heard than they say [ms]: the median, which one wrong clock does not move."""
        return round(median(self._offsets)) if self._offsets else None

    def _connected_since(self) -> int:
        return self._connections[-1] if self._connections else NO_TIME

    def _judged(self, now: int) -> tuple[State, str]:
        if not self._connected:
            if self._refused:
                return State.DOWN, self._why
            if self._why and now - self._apart_since >= DOWN_MS:
                return State.DOWN, self._why
            if self.state in (State.STARTING, State.DOWN):
                return self.state, self._why or self.reason
        quiet = now - max(self.last, self._began)
        if quiet > self.limit_ms:
            return State.SILENT, f"connected, but nothing came for {quiet // SECOND} s"
        if self.state is State.DOWN and not self._returning:
            return self.state, "connected again, and nothing was heard yet"
        if self.state is State.SILENT and not self._returning:
            return self.state, f"connected, but nothing came for {quiet // SECOND} s"
        if self.last == NO_TIME:
            return State.STARTING, "nothing was heard yet"
        return self._how_live(now)

    def _how_live(self, now: int) -> tuple[State, str]:
        """Messages come: is all well?"""
        returning = self.state in (State.SILENT, State.DOWN) or (
            self.state is State.DEGRADED and self.reason == _RETURNING
        )
        if returning and self._returning < RETURN_MESSAGES:
            return State.DEGRADED, _RETURNING
        if self._trouble and now - self._trouble_at < TROUBLE_MS:
            return State.DEGRADED, self._trouble
        if len(self._connections) > RECONNECTS and now - self._connections[0] < RECONNECTS_MS:
            return (
                State.DEGRADED,
                f"the connection broke {RECONNECTS} times in {RECONNECTS_MS // MINUTE} minutes",
            )
        return State.LIVE, "messages come as they use to"
