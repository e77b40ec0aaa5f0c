"""What surrounds every answer: its id, headers that browsers obey, a line in the access log, figures."""

import time
from typing import Final, TextIO

import msgspec
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchkeeper.api.access.secret import new_id
from watchkeeper.api.figures import Figures

_HEADERS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "no-store"),
)
"""Set where the answer does not say otherwise."""

_HSTS: Final = "max-age=31536000"


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the access log. ``ms`` is how long it took until the last byte; no query, which may name ships."""

    at: int
    request: str
    method: str
    path: str
    status: int
    bytes: int
    ms: float
    address: str
    user: str


class Surround:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, figures: Figures, log: TextIO | None = None) -> None:
        self._app, self._figures, self._log = app, figures, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = new_id()
        begin = time.perf_counter()
        status, size = 500, 0

        async def sending(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(MutableHeaders(scope=message), scope)
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            self._note(scope, status, size, time.perf_counter() - begin)

    def _note(self, scope: Scope, status: int, size: int, seconds: float) -> None:
        name = scope.get("route_name", "none")
        self._figures.requests.labels(scope["method"], name, status).inc()
        if not scope.get("streaming"):
            self._figures.seconds.labels(name).observe(seconds)
        if self._log is None:
            return
        client = scope.get("client")
        line = Access(
            at=time.time_ns() // 1_000_000,
            request=scope["request_id"],
            method=scope["method"],
            path=scope["path"][:500],
            status=status,
            bytes=size,
            ms=round(seconds * 1000, 1),
            address=client[0] if client else "",
            user=scope.get("who", ""),
        )
        self._log.write(msgspec.json.encode(line).decode() + "\n")


def _add_headers(headers: MutableHeaders, scope: Scope) -> None:
    headers["X-Request-ID"] = scope["request_id"]
    for name, value in _HEADERS:
        headers.setdefault(name, value)
    if scope["scheme"] == "https":
        headers["Strict-Transport-Security"] = _HSTS
