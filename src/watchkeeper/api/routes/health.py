"""Whether the server lives and can work, and figures for Prometheus. No secrets, nothing about ships."""

from ipaddress import ip_address
from typing import Literal

import msgspec
import sqlalchemy as sa

from watchkeeper.api.access.roles import NO_SCOPE
from watchkeeper.api.declare import Call, Nothing, Reply, route
from watchkeeper.api.problems import Refused
from watchkeeper.errors import StoreError

_FORMAT = "text/plain; version=1.0.0; charset=utf-8"


class Health(msgspec.Struct, frozen=True):
    """``ok``, or ``failing`` with what does not work."""

    status: Literal["ok", "failing"]
    failing: tuple[str, ...] = ()


@route("GET", "/health/live", answer=Health, scope=NO_SCOPE)
def health_live(call: Call[Nothing, Nothing]) -> Health:
    """Whether the server answers at all."""
    return Health("ok")


@route("GET", "/health/ready", answer=Health, scope=NO_SCOPE)
def health_ready(call: Call[Nothing, Nothing]) -> Reply:
    """Whether the log can be read and the audit written; 503 where not."""
    return _ready(call)


@route("GET", "/health", answer=Health, scope=NO_SCOPE)
def health(call: Call[Nothing, Nothing]) -> Reply:
    """The same as ready."""
    return _ready(call)


@route("GET", "/metrics", answer=str, scope=NO_SCOPE, media=_FORMAT)
def metrics(call: Call[Nothing, Nothing]) -> Reply:
    """Figures in Prometheus' format; for this machine, or a key with the scope metrics:read."""
    forwarded = "forwarded" in call.headers or "x-forwarded-for" in call.headers
    if not (call.who.user and call.who.may("metrics:read", "viewer")) and (
        forwarded or not _loopback(call.address)
    ):
        raise Refused(403, "Figures are for this machine.", "Use a key with the scope metrics:read.")
    return Reply(call.services.figures.text())


def _ready(call: Call[Nothing, Nothing]) -> Reply:
    failing = []
    try:
        call.services.decisions.head()
    except (StoreError, sa.exc.SQLAlchemyError):
        failing.append("log")
    if call.services.desk.audit.full:
        failing.append("audit")
    return Reply(Health("failing" if failing else "ok", tuple(failing)), 503 if failing else 200)


def _loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
