"""Matrix, by the client API: the transaction id makes a second attempt no second message."""

from urllib.parse import quote

import msgspec

from watchkeeper.notify.guard import Resolve, resolve
from watchkeeper.notify.http import send as send_to
from watchkeeper.notify.message import Message
from watchkeeper.notify.routes import Route


def send(route: Route, message: Message, *, now: int, resolving: Resolve = resolve) -> None:
    """Say a message in a room. Plain text only: a client shows it as it is.

    Matrix client-server API v1.11, ``PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}``.

    Raises:
        NotifyError: it was not accepted.
    """
    room, transaction = quote(route.room, safe=""), quote(message.id, safe="")
    url = f"{route.url.rstrip('/')}/_matrix/client/v3/rooms/{room}/send/m.room.message/{transaction}"
    body = msgspec.json.encode({"msgtype": "m.text", "body": message.text})
    send_to(
        "PUT",
        url,
        body,
        {"Authorization": f"Bearer {route.secret}"},
        private=route.private,
        resolving=resolving,
    )
