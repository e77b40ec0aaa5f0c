"""A small server that answers as MISP's documented REST interface does; PyMISP talks to it as to any other."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "k" * 40


class Server:
    """Holds events by UUID, and the sharing groups of whoever keeps it."""

    def __init__(self, groups: list[dict[str, Any]] | None = None) -> None:
        self.events: dict[str, dict[str, Any]] = {}
        self.groups = groups or []
        self.asked: list[str] = []
        self.answers: dict[str, tuple[int, bytes]] = {}
        """Answers in place of the usual ones, by path."""

    def answer(self, method: str, path: str, body: Any, key: str) -> tuple[int, Any]:
        self.asked.append(f"{method} {path}")
        if key != KEY:
            return 403, {"name": "Authentication failed.", "message": "Authentication failed.", "url": path}
        if path == "/servers/getVersion":
            return 200, {"version": "2.5.34", "perm_sync": True, "perm_sighting": True}
        if path == "/servers/getPyMISPVersion.json":
            return 200, {"version": "2.5.34"}
        if path == "/users/view/me":
            return 200, {"User": {"id": "1", "role_id": "1"}, "Role": {"perm_sync": "1"}, "UserSetting": []}
        if path in ("/sharing_groups/index", "/sharingGroups/index"):
            return 200, {"response": [{"SharingGroup": group} for group in self.groups]}
        kind, _, id = path.rpartition("/")
        if kind == "/events/view":
            return (
                (200, self.events[id])
                if id in self.events
                else (404, {"message": "Invalid event", "url": path})
            )
        if path == "/events/add" or kind == "/events/edit":
            return self.stored(body, None if path == "/events/add" else id)
        return 404, {"message": "not here", "url": path}

    def stored(self, body: Any, id: str | None) -> tuple[int, Any]:
        event = body["Event"] if isinstance(body, dict) and "Event" in body else body
        if not event.get("info"):
            return 403, {"message": "Could not add Event", "errors": {"info": ["Info cannot be empty."]}}
        if id is None and event["uuid"] in self.events:
            return 403, {"message": "Event already exists"}
        if event["distribution"] == "4" and not any(
            g["id"] == event.get("sharing_group_id") for g in self.groups
        ):
            return 403, {"message": "Invalid sharing group"}
        if id is not None and int(event["timestamp"]) < int(self.events[id]["Event"]["timestamp"]):
            return 403, {"message": "Event could not be saved: older than the one that is there"}
        self.events[event["uuid"]] = {"Event": event}
        return 200, {"Event": event}


@contextmanager
def serving(server: Server) -> Iterator[str]:
    """Its address while it runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if self.path in server.answers:
                status, data = server.answers[self.path]
            else:
                said = json.loads(body) if body else None
                status, made = server.answer(
                    self.command, self.path, said, self.headers.get("Authorization", "")
                )
                data = json.dumps(made).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_POST = do_HEAD = do_GET  # noqa: N815 - the server's own names

        def log_message(self, format: str, *args: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_port}"
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
