"""A server on this machine that stands in for the publishers, and a catalogue of our own."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from watchkeeper.fetching import catalogue as catalogue_module
from watchkeeper.fetching import download
from watchkeeper.fetching.catalogue import Item
from watchkeeper.fetching.store import ENVIRONMENT, Store

Answer = Callable[[BaseHTTPRequestHandler], None]


class Publisher:
    """Serves what was put under a path; counts requests."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.asked.append(f"{self.command} {self.path}")
                answer = publisher.answers.get(self.path.partition("?")[0])
                if answer is None:
                    self.send_error(404)
                else:
                    answer(self)

            do_POST = do_GET  # noqa: N815 - the server's own name

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def put(self, path: str, content: str | bytes, status: int = 200, **headers: str) -> str:
        """Serve this content; its address."""
        body = content.encode() if isinstance(content, str) else content

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.rfile.read(int(request.headers.get("Content-Length", 0)))
            request.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                request.send_header(name.replace("_", "-"), value)
            request.end_headers()
            request.wfile.write(body)

        self.answers[path] = answer
        return self.address(path)

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    """The server; plain http is let through, as this machine has no certificate."""
    monkeypatch.setattr(download, "SCHEMES", frozenset({"http", "https"}))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    served = Publisher()
    yield served
    served.close()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "fetched"))
    return Store()


def an_item(name: str = "own-list", **changes: object) -> Item:
    """A list of ours as an item of the catalogue."""
    item = Item(
        name=name,
        title="Our own list",
        publisher="us",
        licence="CC0",
        terms="https://example.org/terms",
        kind="list",
        suffix=".csv",
        max_mb=1,
        least=1,
    )
    return msgspec.structs.replace(item, **changes)


@pytest.fixture
def with_catalogue(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts items into the catalogue in place of the real ones."""

    def put(*items: Item) -> None:
        from watchkeeper.fetching import names

        ours = {item.name: item for item in items}
        monkeypatch.setattr(catalogue_module, "catalogue", lambda: ours)
        monkeypatch.setattr(names, "catalogue", lambda: ours)

    return put
