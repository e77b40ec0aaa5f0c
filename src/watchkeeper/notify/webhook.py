"""Webhooks: JSON, signed so that the receiver can tell who sent it and when (HMAC-SHA256)."""

import hashlib
import hmac
from typing import Final

import msgspec

from watchkeeper.model.time import MINUTE
from watchkeeper.notify.guard import Resolve, resolve
from watchkeeper.notify.http import send as send_to
from watchkeeper.notify.message import Message, values
from watchkeeper.notify.routes import Route

SIGNATURE: Final = "X-Watchkeeper-Signature"
TIMESTAMP: Final = "X-Watchkeeper-Timestamp"
_FRESH_MS: Final = 5 * MINUTE


def send(route: Route, message: Message, *, now: int, resolving: Resolve = resolve) -> None:
    """Hand a message to a webhook.

    Raises:
        NotifyError: it was not accepted.
    """
    body = msgspec.json.encode({"version": 1, **values(message), "text": message.text})
    headers = {
        "Idempotency-Key": message.id,
        TIMESTAMP: str(now),
        SIGNATURE: signature(route.secret, now, body),
    }
    send_to("POST", route.url, body, headers, private=route.private, resolving=resolving)


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """``sha256=`` and the HMAC of ``<timestamp>.<body>``: the time is signed, so nothing can be sent again later."""
    signed = str(timestamp).encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def verified(secret: str, timestamp: str, body: bytes, given: str, *, now: int) -> bool:
    """Whether a webhook is ours and not older than five minutes: what a receiver does."""
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(now - int(timestamp)) > _FRESH_MS:
        return False
    return hmac.compare_digest(signature(secret, int(timestamp), body).encode(), given.encode())
