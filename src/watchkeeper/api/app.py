"""The application: every declared route, and what surrounds it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Final, TextIO

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.routing import Route as Path
from starlette.types import ASGIApp

from watchkeeper.api import routes
from watchkeeper.api.declare import Route
from watchkeeper.api.dispatch import endpoint
from watchkeeper.api.middleware import Surround
from watchkeeper.api.problems import Refused, problem
from watchkeeper.api.services import Services
from watchkeeper.api.taxii import PATH, broken, make_taxii

THREADS: Final = 8
"""Work that is under way at once, beside the slow line and attribution."""


def make_app(services: Services, log: TextIO | None = None) -> ASGIApp:
    """The application over a store.

    Args:
        services: what routes are given.
        log: where the access log goes, one JSON object a line; nowhere for None.
    """
    inner = Starlette(
        routes=[
            Mount(PATH, make_taxii(services), name="taxii"),
            *(_path(route, services) for route in all_routes()),
        ],
        lifespan=lambda _: _lifespan(services),
        exception_handlers={HTTPException: _refused_by_router, Exception: _broken},
    )
    return Surround(inner, services.figures, log)


@cache
def all_routes() -> tuple[Route, ...]:
    """Every declared route."""
    return routes.all_routes()


def _path(route: Route, services: Services) -> Path:
    answer = endpoint(route, services)

    async def named(request: Request) -> Response:
        request.scope["route_name"] = route.name
        return await answer(request)

    return Path(_pattern(route), named, methods=[route.method], name=route.name)


def _pattern(route: Route) -> str:
    """As Starlette writes it: an id may hold slashes (assets' do) where it is the last of a path."""
    return route.path.removesuffix("{id}") + "{id:path}" if route.path.endswith("{id}") else route.path


@asynccontextmanager
async def _lifespan(services: Services) -> AsyncIterator[None]:
    # Few threads and quick turns: else every answer waits for the interpreter behind many others.
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    services.desk.audit.start()
    services.hub.pulls.start()
    await services.live.start()
    try:
        yield
    finally:
        await services.live.stop()
        services.workers.shutdown(wait=False, cancel_futures=True)
        services.hub.pulls.stop()
        services.desk.audit.stop()


async def _refused_by_router(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    steps = {
        404: "See /openapi.json for what there is.",
        405: "See the Allow header for what this address takes.",
    }
    refused = Refused(error.status_code, f"{error.detail}.", steps.get(error.status_code, ""), error.headers)
    return problem(refused, request.scope["request_id"])


async def _broken(request: Request, error: Exception) -> Response:
    """The answer to a fault of ours; Starlette raises the error again behind it, so that it is logged."""
    if request.scope["path"].startswith(f"{PATH}/"):
        return broken(request)
    refused = Refused(500, "This is a fault of watchkeeper.", "Report the request's id; the log says more.")
    return problem(refused, request.scope["request_id"])
