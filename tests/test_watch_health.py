"""What a watch says of itself over HTTP, and its log as lines of JSON."""

import json
import logging
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from watchkeeper import log
from watchkeeper.errors import UsageError
from watchkeeper.feeds.health import Picture, State
from watchkeeper.model.time import MINUTE
from watchkeeper.watch import Progress
from watchkeeper.watch_health import Standing, answering


def picture(feed: str, state: State) -> Picture:
    return Picture(
        feed=feed, state=state, reason="as it is", since=0, last=None, usual_ms=None, limit_ms=60_000, clock_ms=None,
        per_s=5.0, messages=7, bytes=70, duplicates=0.25, reconnects=1, dropped=2,
    )  # fmt: skip


def get(port: int, path: str) -> tuple[int, bytes]:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, error.read()


def test_health_and_metrics() -> None:
    now = [1_000_000]
    standing = Standing(lambda: now[0])
    with answering(standing, 0) as port:
        assert get(port, "/health")[0] == 200, "it is starting"
        standing(Progress([picture("roof", State.LIVE), picture("sea", State.DOWN)], 50, 3, 940_000, 4, 1.5))
        status, body = get(port, "/health")
        assert (status, json.loads(body)["status"]) == (200, "ok")
        assert json.loads(body)["feeds"]["sea"] == {"state": "down", "reason": "as it is"}
        figures = get(port, "/metrics")[1].decode()
        assert 'watchkeeper_feed_live{feed="roof"} 1.0' in figures
        assert 'watchkeeper_feed_live{feed="sea"} 0.0' in figures
        assert "watchkeeper_watch_behind_seconds 60.0" in figures
        assert "watchkeeper_watch_judged 4.0" in figures
        standing(Progress([picture("roof", State.SILENT), picture("sea", State.DOWN)], 50, 3, 940_000))
        assert get(port, "/health")[0] == 503, "it hears nothing"
        standing(Progress([picture("roof", State.LIVE)], 50, 3, 940_000))
        now[0] += 2 * MINUTE
        assert get(port, "/health")[0] == 503, "it does not turn"
        assert get(port, "/")[0] == 404
        with pytest.raises(UsageError, match="cannot be had"), answering(standing, port):
            pass


def test_the_log_as_lines_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    log.set_up(debug=False, as_json=True)
    try:
        logging.getLogger("watchkeeper.feeds").warning("%s: two\nlines", "roof")
        try:
            raise ValueError("no")
        except ValueError:
            logging.getLogger("watchkeeper.feeds").exception("it failed")
    finally:
        log.set_up(debug=False)
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["level"], first["room"], first["message"]) == (
        "warning",
        "watchkeeper.feeds",
        "roof: two\nlines",
    )
    assert "ValueError: no" in second["error"]
