"""What is answered: resources, pages, and refusals as TAXII error messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import msgspec

from watchkeeper.exchange.hub.moments import write_us
from watchkeeper.exchange.hub.words import Row

MEDIA: Final = "application/taxii+json;version=2.1"
CHALLENGE: Final = 'Basic realm="watchkeeper", charset="UTF-8", Bearer realm="watchkeeper"'
"""Of 401 (RFC 9110, 11.6.1)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body and headers."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """A request that is not answered.

    Args:
        status: of HTTP.
        what: what is wrong with it, and what to do.
        headers: further headers, such as Allow.
    """

    def __init__(self, status: int, what: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(what)
        self.status, self.what, self.headers = status, what, dict(headers or {})


def not_found() -> RefusedError:
    """404: there is nothing here that the caller may know of."""
    return RefusedError(404, "There is nothing here, or nothing that you may see.")


def refusal(error: RefusedError, request_id: str) -> Answer:
    """The TAXII error message that says so."""
    said = {
        "title": HTTPStatus(error.status).phrase,
        "description": error.what,
        "error_id": request_id,
        "http_status": str(error.status),
    }
    return Answer(msgspec.json.encode(said), error.status, error.headers)


def resource(value: Mapping[str, Any], status: int = 200) -> Answer:
    """A resource without what says nothing: TAXII knows no empty lists."""
    said = {name: each for name, each in value.items() if each is not None and each not in ("", [], ())}
    return Answer(msgspec.json.encode(said), status)


def paged(kind: str, parts: Sequence[bytes], rows: Sequence[Row], next_: str | None) -> Answer:
    """A page of a list that is named ``kind``; its parts are JSON already and are joined as they are.

    Args:
        rows: what the parts are about, for the headers.
        next_: where the following page begins; None at the end.
    """
    head = b'{"more":false' if next_ is None else b'{"more":true,"next":' + msgspec.json.encode(next_)
    listed = b',"' + kind.encode() + b'":[' + b",".join(parts) + b"]" if parts else b""
    headers = {}
    if rows:
        headers["X-TAXII-Date-Added-First"] = write_us(rows[0].added_us)
        headers["X-TAXII-Date-Added-Last"] = write_us(rows[-1].added_us)
    return Answer(head + listed + b"}", 200, headers)
