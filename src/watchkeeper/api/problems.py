"""What is refused, said as ``application/problem+json`` (RFC 9457) with the next step."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.responses import Response

from watchkeeper import errors

MEDIA: Final = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request was not answered. ``next_step`` says what to do about it; ``request_id`` names it in the log."""

    title: str
    status: int
    detail: str
    next_step: str
    request_id: str
    type: str = "about:blank"


class Refused(errors.WatchkeeperError):
    """A request that is not answered, with its status code.

    Args:
        status: of HTTP.
        what: what is wrong with the request, one sentence.
        next_step: what the caller can do, one sentence.
        headers: further headers of the answer, such as Retry-After.
    """

    def __init__(
        self, status: int, what: str, next_step: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(what, next_step)
        self.status = status
        self.headers = dict(headers or {})


def not_found(what: str, id: object) -> Refused:
    """404: nothing of that id that the caller may see."""
    return Refused(404, f"There is no {what} {str(id)[:100]}.", "Check the id; lists show those there are.")


def too_many(seconds: float) -> Refused:
    """429: come back after so many seconds."""
    wait = max(1, round(seconds + 0.5))
    return Refused(429, "Too many requests.", f"Wait {wait} s and send it again.", {"Retry-After": str(wait)})


_STATUS: Final[tuple[tuple[type[errors.WatchkeeperError], int], ...]] = (
    (errors.UsageError, 422),
    (errors.InputError, 422),
    (errors.LayerError, 422),
    (errors.ConfigError, 422),
    (errors.StoreError, 503),
)


def refusal_of(error: errors.WatchkeeperError) -> Refused:
    """An error of the house as a refusal; 500 for those that the caller cannot have caused."""
    if isinstance(error, Refused):
        return error
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    return Refused(status, error.what, error.next_step)


def problem(refused: Refused, request_id: str) -> Response:
    """The answer that says so."""
    body = Problem(
        title=HTTPStatus(refused.status).phrase,
        status=refused.status,
        detail=refused.what,
        next_step=refused.next_step,
        request_id=request_id,
    )
    return Response(msgspec.json.encode(body), refused.status, refused.headers, MEDIA)
