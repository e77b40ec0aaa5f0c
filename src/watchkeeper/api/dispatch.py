"""From a request to an answer: who asks, may they, what do they bring, what do they get, and the row it leaves."""

import inspect
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import msgspec
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from watchkeeper.api.access.audit import row_of
from watchkeeper.api.access.desk import COOKIE
from watchkeeper.api.access.who import NOBODY, Who
from watchkeeper.api.declare import Call, Nothing, Reply, Route
from watchkeeper.api.problems import Refused, problem, refusal_of
from watchkeeper.api.reading import parse_body, read_body, read_params
from watchkeeper.api.services import Services
from watchkeeper.errors import WatchkeeperError
from watchkeeper.model.finding import REAL

CSRF_HEADER: Final = "x-watchkeeper"
"""State-changing requests by cookie need it, with any value: a form of another site cannot send a header."""

SLOW_LINE: Final = anyio.CapacityLimiter(8)
"""Those who hash passwords or wait for other servers wait here, so that they hold up nobody else."""

_AUDIT_IDS: Final = 1000
_CHANGING: Final = ("POST", "PUT", "PATCH", "DELETE")
_ENCODE: Final = msgspec.json.Encoder().encode


def endpoint(route: Route, services: Services) -> Callable[[Request], Awaitable[Response]]:
    """What Starlette calls for a route."""
    is_async = inspect.iscoroutinefunction(route.handler)
    line = SLOW_LINE if route.slow else None

    async def answer(request: Request) -> Response:
        asking = Asking(route, services, request)
        try:
            raw = b""
            if route.body is not None or is_async or route.slow:
                await anyio.to_thread.run_sync(asking.admit)
                if route.body is not None:
                    raw = await read_body(request, route, services.limits)
            if is_async:
                call = asking.call(raw)
                return asking.response(call, await route.handler(call))
            return await anyio.to_thread.run_sync(asking.work, raw, limiter=line)
        except WatchkeeperError as error:
            return problem(refusal_of(error), asking.request_id)
        except sa.exc.SQLAlchemyError:
            broken = Refused(
                503, "The database does not answer.", "Try again in a moment.", {"Retry-After": "5"}
            )
            return problem(broken, asking.request_id)

    return answer


class Asking:
    """One request on its way. Its steps may run in a worker thread."""

    def __init__(self, route: Route, services: Services, request: Request) -> None:
        self.route, self.services, self.request = route, services, request
        self.now = services.now()
        self.address = _address(request)
        self.request_id: str = request.scope["request_id"]
        self.cookies = _cookies(request.headers.get("cookie", ""))
        self.who: Who | None = None

    def work(self, raw: bytes) -> Response:
        """All of a request whose handler is a plain function."""
        if self.who is None:
            self.admit()
        call = self.call(raw)
        return self.response(call, self.route.handler(call))

    def admit(self) -> None:
        """Find out who asks, and whether they may.

        Raises:
            Refused: 401, 403, 429 or 503.
        """
        desk, route = self.services.desk, self.route
        headers = self.request.headers
        token = self.cookies.get(COOKIE, "")
        who = desk.who(headers.get("authorization", ""), token, self.now)
        desk.admit(f"user {who.user}" if who else f"address {self.address}")
        self._check_origin(who)
        self.who = who or NOBODY
        self.request.scope["who"] = self.who.name
        if route.open:
            return
        if who is None:
            raise Refused(
                401, "You are not signed in, or no longer.", "Sign in, or send a key as Authorization: Bearer.",
                {"WWW-Authenticate": 'Bearer realm="watchkeeper"'},
            )  # fmt: skip
        if not who.may(route.scope, route.role):
            lacking = (
                f"the scope {route.scope}" if not who.has_scope(route.scope) else f"the role {route.role}"
            )
            raise Refused(403, f"This needs {lacking}.", "Ask an administrator.")
        if desk.audit.full:
            self.services.figures.audit_waiting_full.inc()
            raise Refused(503, "The audit cannot be written, so nothing is shown.", "Ask an administrator.")

    def call(self, raw: bytes) -> Call[Any, Any]:
        """The request as the handler sees it.

        Raises:
            Refused: 400 for what it brings, 403 for a realm that the caller does not belong to.
        """
        assert self.who is not None
        request = self.request
        params = read_params(self.route.params, request.path_params, request.query_params.multi_items())
        realm = getattr(params, "realm", REAL)
        if not self.who.may_see(realm):
            raise Refused(403, f"You do not belong to {realm}.", "Ask an administrator to add you.")
        return Call(
            services=self.services,
            who=self.who,
            params=params,
            body=Nothing() if self.route.body is None else parse_body(raw, self.route),
            now=self.now,
            address=self.address,
            origin=f"{request.url.scheme}://{request.url.netloc}",
            query=request.query_params,
            headers=request.headers,
            cookies=self.cookies,
        )

    def response(self, call: Call[Any, Any], made: Any) -> Response:
        """The answer, after its row of the audit is taken."""
        route = self.route
        if route.about:
            self._leave_row(call)
        if isinstance(made, Response):
            return made
        reply = made if isinstance(made, Reply) else Reply(made)
        media = reply.media or route.media
        status = reply.status or route.status
        if reply.body is None:
            return Response(None, status, reply.headers)
        body = reply.body if isinstance(reply.body, bytes) else _ENCODE(reply.body)
        return Response(body, status, reply.headers, media)

    def _leave_row(self, call: Call[Any, Any]) -> None:
        ids = tuple(call.seen[:_AUDIT_IDS])
        realm = getattr(call.params, "realm", REAL)
        self.services.desk.audit.note(
            row_of(
                call.who, at=self.now, did=self.route.name, about=self.route.about, ids=ids, realm=realm,
                address=self.address, request=self.request_id,
            )
        )  # fmt: skip

    def _check_origin(self, who: Who | None) -> None:
        """Refuse what another site makes a signed-in browser send."""
        if self.request.method not in _CHANGING:
            return
        headers = self.request.headers
        origin = headers.get("origin")
        ours = origin is None or urlsplit(origin).netloc == headers.get("host", "")
        by_cookie = who is not None and who.token is not None
        if not ours or (by_cookie and not self.route.form and CSRF_HEADER not in headers):
            raise Refused(
                403, "This request may have been sent by another site.", f"Send the header {CSRF_HEADER}: 1."
            )


def _cookies(header: str) -> dict[str, str]:
    """Cookies of a header; none where it is not as browsers send them."""
    if not header:
        return {}
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}


def _address(request: Request) -> str:
    """Where the caller is, as plain text: a proxy that is trusted may still pass on what it was told."""
    host = request.client.host if request.client else "unknown"
    return "".join(c for c in host if c.isascii() and c.isprintable())[:64]
