"""A way to one server of a partner: only there, at public addresses unless the user says that it is an own one.

As :mod:`watchkeeper.notify.http` sends, and with the answer: bounded in time and size, without redirects or proxies.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from watchkeeper.errors import InputError, LimitError, OutputError, UsageError

if TYPE_CHECKING:
    import httpx

    from watchkeeper.exchange.misp.feed import Get
    from watchkeeper.exchange.misp.push import Ask

_TIMEOUT_S: Final = 30.0
_MOST_BYTES: Final = 64 << 20


def way_to(base: str, headers: Mapping[str, str], *, private: bool) -> "Ask":
    """Requests below an address; the name is resolved once, and every request goes to that very address.

    Args:
        base: of the server (``https://misp.example.org``).
        headers: for each request, such as the key.
        private: whether it may be inside the own network, and there in the clear.

    Raises:
        UsageError: no address, or one that may not be reached.
    """
    import httpx

    from watchkeeper.notify.faults import NotifyError
    from watchkeeper.notify.guard import target

    try:
        to = target(base, private=private)
    except NotifyError as error:
        raise UsageError(
            error.what, "Correct the address; --private allows one inside your own network."
        ) from error
    parts = urlsplit(base)
    host = f"[{to.address}]" if ":" in to.address else to.address
    root = f"{to.scheme}://{host}:{to.port}{parts.path.rstrip('/')}"
    said = {"Host": parts.netloc, "Accept": "application/json", "User-Agent": "watchkeeper", **headers}

    def ask(method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        own = said if body is None else {**said, "Content-Type": "application/json"}
        try:
            with (
                httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
                client.stream(
                    method, root + path, content=body, headers=own, extensions={"sni_hostname": to.host}
                ) as answer,
            ):
                return answer.status_code, _read(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise OutputError(
                f"{to.host} did not answer: {type(error).__name__}.", "Try again later."
            ) from error

    return ask


def files_at(base: str, *, private: bool) -> "Get":
    """The files below an address, by name.

    Raises:
        UsageError: no address, or one that may not be reached.
    """
    ask = way_to(base, {}, private=private)

    def get(name: str) -> bytes:
        status, data = ask("GET", f"/{name}")
        if status != 200:
            raise InputError(
                f"{base}/{name}: the server answers {status}.", "Give the address of a MISP feed."
            )
        return data

    return get


def _read(answer: "httpx.Response") -> bytes:
    """The body, which may not be larger than what could be used."""
    data = bytearray()
    for chunk in answer.iter_bytes():
        data += chunk
        if len(data) > _MOST_BYTES:
            raise LimitError(f"The answer is larger than {_MOST_BYTES >> 20} MiB.", "Ask for less.")
    return bytes(data)
