"""Mattermost (and what understands its incoming webhooks). Text from the air is escaped: no links, no mentions."""

import re
from typing import Final

import msgspec

from watchkeeper.notify.guard import Resolve, resolve
from watchkeeper.notify.http import send as send_to
from watchkeeper.notify.message import Message
from watchkeeper.notify.routes import Route

_MARKUP: Final = re.compile(r"([\\`*_{}\[\]()#+\-!|~<>&:$])")
_MENTION: Final = re.compile(r"@")


def send(route: Route, message: Message, *, now: int, resolving: Resolve = resolve) -> None:
    """Hand a message to an incoming webhook. The service knows no idempotency: a message may come twice.

    Raises:
        NotifyError: it was not accepted.
    """
    text = "\n".join((f"**{escaped(message.title)}**", *(escaped(line) for line in message.lines)))
    body = msgspec.json.encode({"text": text, "username": "watchkeeper"})
    send_to(
        "POST",
        route.url,
        body,
        {"Idempotency-Key": message.id},
        private=route.private,
        resolving=resolving,
    )


def escaped(text: str) -> str:
    """Text that Markdown leaves as it is, in which nobody is called (a zero-width space parts ``@`` from a name)."""
    return _MENTION.sub("@\u200b", _MARKUP.sub(r"\\\1", text))
