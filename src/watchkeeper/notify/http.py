"""One request to a configured address: guarded, bounded in time and size, without redirects or proxies."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import httpx

from watchkeeper.notify.faults import NotifyError
from watchkeeper.notify.guard import Resolve, resolve, target

_TIMEOUT_S: Final = 10.0
_READ_MOST: Final = 2000
_AGAIN: Final = frozenset((408, 425, 429))
"""Refusals of the moment; other 4xx will be the same next time."""


def send(
    method: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    private: bool,
    resolving: Resolve = resolve,
) -> None:
    """Send a body, and have it accepted (2xx).

    Raises:
        NotifyError: refused here or there, or nobody answered.
    """
    to = target(url, private=private, resolving=resolving)
    pinned = httpx.URL(url).copy_with(host=to.address)
    own = {"Host": urlsplit(url).netloc, "Content-Type": "application/json", "User-Agent": "watchkeeper"}
    extensions = {"sni_hostname": to.host}
    try:
        with (
            httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
            client.stream(
                method, pinned, content=body, headers={**own, **headers}, extensions=extensions
            ) as answer,
        ):
            said = _beginning(answer) if answer.is_error else ""
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotifyError(
            f"{to.host} did not answer: {type(error).__name__}.", "It is tried again."
        ) from error
    if 300 <= status < 400:
        raise NotifyError(
            f"{to.host} sends elsewhere ({status}).", "Configure the address it sends to.", again=False
        )
    if not 200 <= status < 300:
        again = status >= 500 or status in _AGAIN
        raise NotifyError(f"{to.host} answered {status}{': ' + said if said else ''}.", again=again)


def _beginning(answer: httpx.Response) -> str:
    """The first signs of an answer, in one line; the rest is not read."""
    for chunk in answer.iter_bytes(_READ_MOST):
        text = chunk.decode("utf-8", "replace")[:200]
        return "".join(c if c.isprintable() else " " for c in text).strip()
    return ""
