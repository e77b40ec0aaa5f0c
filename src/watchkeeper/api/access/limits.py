"""Rate limits: buckets that fill with time, one for each caller."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import msgspec

_CALLERS_KEPT: Final = 10_000


class Rate(msgspec.Struct, frozen=True):
    """So many at once, and so many a second after that."""

    burst: float
    per_s: float


REQUESTS: Final = Rate(200, 50)
"""Of one user or key; of one address where nobody is signed in."""

LOGINS: Final = Rate(10, 10 / 300)
"""Of one address, and of one name."""


class Limiter:
    """Counts what callers take. Safe to use from several threads.

    Args:
        rate: what each caller may take.
        seconds: a clock that only goes forward [s].
    """

    def __init__(self, rate: Rate, seconds: Callable[[], float]) -> None:
        self._rate, self._seconds = rate, seconds
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: str) -> float:
        """Take one. 0 where there was one, else the seconds until there will be."""
        now = self._seconds()
        with self._lock:
            left, since = self._left.pop(caller, (self._rate.burst, now))
            left = min(self._rate.burst, left + (now - since) * self._rate.per_s)
            enough = left >= 1.0
            self._left[caller] = (left - 1.0 if enough else left, now)
            # The oldest bucket is the one that was not asked for longest: most likely full again.
            while len(self._left) > _CALLERS_KEPT:
                self._left.popitem(last=False)
        return 0.0 if enough else (1.0 - left) / self._rate.per_s

    def wait(self, caller: str) -> float:
        """The seconds until there will be one to take, without taking it."""
        now = self._seconds()
        with self._lock:
            left, since = self._left.get(caller, (self._rate.burst, now))
        return max(
            0.0, (1.0 - min(self._rate.burst, left + (now - since) * self._rate.per_s)) / self._rate.per_s
        )
