"""What a watch says of itself over HTTP on loopback: ``/health`` for a supervisor, ``/metrics`` for Prometheus."""

from collections.abc import Callable
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

import msgspec
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from watchkeeper.errors import UsageError
from watchkeeper.feeds.health import Picture, State
from watchkeeper.model.time import MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watchkeeper.watch import Progress

STUCK_MS: Final = MINUTE
"""A watch that has not turned for so long is not well."""

_HEARING: Final = (State.LIVE, State.DEGRADED, State.STARTING)


class Standing:
    """How the watch stands, as it last said.

    Args:
        clock: the present [ms UTC].
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock, self._told_at = clock, clock()
        self._progress: Progress | None = None

    def __call__(self, progress: "Progress") -> None:
        """Take what it says."""
        self._progress, self._told_at = progress, self._clock()

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether it is well, and what there is to say: it turns, and hears through at least one feed."""
        now, progress = self._clock(), self._progress
        turned_ms = now - self._told_at
        feeds = {p.feed: {"state": p.state, "reason": p.reason} for p in progress.feeds} if progress else {}
        hears = any(feed["state"] in _HEARING for feed in feeds.values()) or not feeds
        well = turned_ms < STUCK_MS and hears
        told = {"status": "ok" if well else "failing", "turned_ms_ago": turned_ms, "feeds": feeds}
        if progress is not None:
            told |= {"lines": progress.lines, "ships": progress.ships, "heard_until": progress.heard_until}
        return well, told

    def metrics(self) -> bytes:
        """In the format that Prometheus reads."""
        registry, progress, now = CollectorRegistry(), self._progress, self._clock()

        def gauge(name: str, about: str, value: float) -> None:
            Gauge(f"watchkeeper_watch_{name}", about, registry=registry).set(value)

        gauge("turned_seconds", "Time since it last turned.", (now - self._told_at) / SECOND)
        if progress is None:
            return generate_latest(registry)
        gauge("lines", "Lines worked through since the start.", progress.lines)
        gauge("ships", "Ships in memory.", progress.ships)
        gauge("judged", "How often everything was judged since the start.", progress.judged)
        gauge("judging_seconds", "How long judging everything took last.", progress.judging_s)
        if progress.ships:
            behind = (now - progress.heard_until) / SECOND
            gauge("behind_seconds", "How old the newest time is that was worked through.", behind)
        _feeds(registry, progress)
        return generate_latest(registry)


def _feeds(registry: CollectorRegistry, progress: "Progress") -> None:
    names: dict[str, tuple[str, Callable[[Picture], float]]] = {
        "messages": ("Messages since the start.", lambda p: p.messages),
        "messages_per_second": ("Messages a second over the last minute.", lambda p: p.per_s),
        "dropped": ("Messages lost that are known of.", lambda p: p.dropped),
        "reconnects": ("Connections made anew.", lambda p: p.reconnects),
        "duplicates_share": ("Share of messages that another feed brought too.", lambda p: p.duplicates),
        "live": ("1 where it is live.", lambda p: float(p.state is State.LIVE)),
    }
    for name, (about, value) in names.items():
        gauge = Gauge(f"watchkeeper_feed_{name}", about, ("feed",), registry=registry)
        for picture in progress.feeds:
            gauge.labels(picture.feed).set(value(picture))


@contextmanager
def answering(standing: Standing, port: int) -> "Iterator[int]":
    """Answer on a port of loopback (0 takes a free one), while inside; the port.

    Raises:
        UsageError: the port cannot be had.
    """

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/health":
                well, told = standing.health()
                status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
                self._say(status, "application/json", msgspec.json.encode(told))
            elif self.path == "/metrics":
                self._say(HTTPStatus.OK, "text/plain; version=0.0.4", standing.metrics())
            else:
                self._say(HTTPStatus.NOT_FOUND, "text/plain", b"/health or /metrics\n")

        def _say(self, status: HTTPStatus, kind: str, text: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            """Nobody wants a line for every look."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Answer)
    except OSError as error:
        raise UsageError(
            f"Port {port} of 127.0.0.1 cannot be had: {error.strerror}.", "Take another."
        ) from error
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="health", daemon=True).start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
