"""Real servers on loopback, for what leaves the house: HTTP that answers as told, and SMTP that keeps what it gets."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class HttpServer:
    """Answers each request with the next of ``answers`` (200 when they are used up), and keeps the requests."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[int] = []
        self.headers: dict[str, str] = {}
        self.body = b"ok"
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                got = Request(self.command, self.path, dict(self.headers), self.rfile.read(length))
                outer.requests.append(got)
                self.send_response(outer.answers.pop(0) if outer.answers else 200)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            do_GET = do_POST = do_PUT = _any  # noqa: N815 - names of http.server

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"


class SmtpServer:
    """As much of RFC 5321 as a client needs. ``refuse`` is the answer to RCPT, where it is not empty."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.recipients: list[str] = []
        self.refuse = ""
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, line: str) -> None:
                self.wfile.write(line.encode() + b"\r\n")

            def handle(self) -> None:
                self.say("220 relay ready")
                while line := self.rfile.readline().decode("utf-8").strip():
                    verb = line[:4].upper()
                    if verb == "EHLO":
                        self.say("250 relay")
                    elif verb == "RCPT" and outer.refuse:
                        self.say(outer.refuse)
                    elif verb == "DATA":
                        self.say("354 go on")
                        lines = []
                        while (got := self.rfile.readline().decode("utf-8")) not in (".\r\n", ""):
                            lines.append(got.removeprefix(".") if got.startswith("..") else got)
                        outer.mails.append("".join(lines))
                        self.say("250 kept")
                    elif verb == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        if verb == "RCPT":
                            outer.recipients.append(line.partition(":")[2])
                        self.say("250 ok")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]


@contextmanager
def running(made: Any) -> Iterator[Any]:
    """The server, served from a thread until the end."""
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        thread.join()
