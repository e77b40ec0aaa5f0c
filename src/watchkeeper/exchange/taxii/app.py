"""The application: from a request to an answer, every refusal a TAXII error message."""

import logging
from collections.abc import Callable
from typing import Final

import anyio
import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from watchkeeper.errors import InputError, StoreError, UsageError
from watchkeeper.exchange.hub.hub import Hub
from watchkeeper.exchange.hub.words import Account
from watchkeeper.exchange.taxii import resources
from watchkeeper.exchange.taxii.answers import CHALLENGE, MEDIA, Answer, RefusedError, not_found, refusal
from watchkeeper.exchange.taxii.bodies import Bodies
from watchkeeper.exchange.taxii.media import check_accept, check_content
from watchkeeper.exchange.taxii.resources import Asking

PATH: Final = "/taxii2"
"""Where the server is mounted."""

_LOG: Final = logging.getLogger("watchkeeper.exchange")
_THREADS: Final = 8

Authenticate = Callable[[str, str], Account | None]
"""Who asks, by the header Authorization and the address; None for nobody. It may raise ``RefusedError`` (429)."""

_Handler = Callable[..., Answer]
_COLLECTION: Final = ("*", "collections", "*")
_ROUTES: Final[dict[tuple[str, ...], dict[str, _Handler]]] = {
    (): {"GET": resources.discovery},
    ("*",): {"GET": resources.api_root},
    ("*", "status", "*"): {"GET": resources.get_status},
    ("*", "collections"): {"GET": resources.list_collections},
    _COLLECTION: {"GET": resources.one_collection},
    (*_COLLECTION, "manifest"): {"GET": resources.get_manifest},
    (*_COLLECTION, "objects"): {"GET": resources.get_objects, "POST": resources.post_objects},
    (*_COLLECTION, "objects", "*"): {"GET": resources.get_object, "DELETE": resources.delete_object},
    (*_COLLECTION, "objects", "*", "versions"): {"GET": resources.get_versions},
}


class Taxii:
    """The server.

    Args:
        hub: what is served.
        authenticate: who asks; called in a thread.
        now: the clock [ms UTC].
    """

    def __init__(self, hub: Hub, authenticate: Authenticate, now: Callable[[], int]) -> None:
        self._hub, self._authenticate, self._now = hub, authenticate, now
        self._bodies = Bodies()
        # Lines of their own: who hashes passwords holds up nobody who is known, and nobody here the pages of people.
        self._door, self._work = anyio.CapacityLimiter(4), anyio.CapacityLimiter(_THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(scope, receive)
        except RefusedError as error:
            answer = refusal(error, scope.get("request_id", ""))
        except StoreError as error:
            _LOG.warning("TAXII: %s", error)
            busy = RefusedError(
                503, "The database does not answer. Try again in a moment.", {"Retry-After": "5"}
            )
            answer = refusal(busy, scope.get("request_id", ""))
        except (InputError, UsageError) as error:
            answer = refusal(RefusedError(422, str(error)), scope.get("request_id", ""))
        await Response(answer.body, answer.status, answer.headers, MEDIA)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        headers = Headers(scope=scope)
        account = await anyio.to_thread.run_sync(
            self._authenticate, headers.get("authorization", ""), _address(scope), limiter=self._door
        )
        if account is None:
            raise RefusedError(
                401, "Sign in with a name and password, or a key.", {"WWW-Authenticate": CHALLENGE}
            )
        scope["who"] = account.user
        handler, given = _routed(scope)
        check_accept(headers.get("accept"))
        asking = Asking(self._hub, account, PATH, scope.get("query_string", b""), self._now())
        if scope["method"] != "POST":
            return await anyio.to_thread.run_sync(handler, asking, *given, limiter=self._work)
        check_content(headers.get("content-type"), headers.get("content-encoding"))
        most = await anyio.to_thread.run_sync(_most, asking, *given, limiter=self._work)
        body = await self._bodies.read(receive, headers.get("content-length"), most)
        try:
            asking = Asking(self._hub, account, PATH, asking.query, self._now(), body)
            return await anyio.to_thread.run_sync(handler, asking, *given, limiter=self._work)
        finally:
            self._bodies.let_go(body)


def _routed(scope: Scope) -> tuple[_Handler, list[str]]:
    path: str = scope["path"]
    parts = [part for part in path.removeprefix(PATH).split("/") if part]
    for pattern, methods in _ROUTES.items():
        if len(pattern) == len(parts) and all(
            p in ("*", part) for p, part in zip(pattern, parts, strict=True)
        ):
            handler = methods.get(scope["method"])
            if handler is None:
                allowed = ", ".join(methods)
                raise RefusedError(405, f"This takes {allowed}.", {"Allow": allowed})
            scope["route_name"] = f"taxii_{handler.__name__}"
            return handler, [part for p, part in zip(pattern, parts, strict=True) if p == "*"]
    raise not_found()


def _most(asking: Asking, *given: str) -> int:
    """The bytes that a body may have, once it is clear that the caller may send one."""
    root, name = given
    asking.writable(root, name)
    return asking.root(root).max_bytes


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0])[:64] if client else "unknown"
