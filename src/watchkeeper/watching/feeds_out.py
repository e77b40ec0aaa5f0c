"""When feeds were not live: told by the health of feeds, asked by the judges of silence."""

from collections.abc import Sequence
from typing import Any

from watchkeeper.engine.context import FeedOut


class FeedsOut:
    """Spans in which feeds were not live, by number of the feed."""

    def __init__(self, feeds: Sequence[str]) -> None:
        self._feeds = list(feeds)
        self._over: list[FeedOut] = []
        self._since: dict[int, int] = {}

    def went(self, feed: str, since: int) -> None:
        """A feed brought nothing any more after ``since`` [ms UTC]."""
        number = self._feeds.index(feed)
        self._since.setdefault(number, since)

    def came(self, feed: str, at: int) -> None:
        """It brings something again."""
        number = self._feeds.index(feed)
        since = self._since.pop(number, None)
        if since is not None and at > since:
            self._over.append(FeedOut(number, feed, since, at))

    def spans(self, now: int) -> list[FeedOut]:
        """All spans; those that last end with ``now``."""
        lasting = [FeedOut(n, self._feeds[n], since, max(now, since)) for n, since in self._since.items()]
        return [*self._over, *lasting]

    def forget(self, before: int) -> None:
        """Drop spans that ended before a time."""
        self._over = [out for out in self._over if out.end >= before]

    def snapshot(self) -> dict[str, Any]:
        """Plain values, by names of feeds."""
        return {
            "over": [[out.name, out.start, out.end] for out in self._over],
            "since": {self._feeds[n]: since for n, since in self._since.items()},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a snapshot; feeds that are not watched any more are left out."""
        known = {name: n for n, name in enumerate(self._feeds)}
        self._over = [FeedOut(known[f], f, a, b) for f, a, b in state["over"] if f in known]
        self._since = {known[f]: since for f, since in state["since"].items() if f in known}
