"""One address to one file: encrypted connections only, also when redirected; size and time limited."""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
import msgspec

from watchkeeper import __version__
from watchkeeper.errors import FetchError

SCHEMES: Final = frozenset({"https"})
"""How an address, and every address it redirects to, may begin."""
MAX_REDIRECTS: Final = 5
CONNECT_S: Final = 20.0
SILENCE_S: Final = 330.0
"""Longest wait for the next bytes: a map query may be computed for 300 s before it answers."""
TOTAL_S: Final = 3_600.0
ABSENT: Final = frozenset((403, 404, 410))
"""Answers for *not there*: a store of files may say 403 for a name it does not hold."""

_NETWORK: Final = (
    "Check the network (HTTPS_PROXY is used where set). What was fetched earlier stays in use; "
    "a file from another machine is taken with --from FILE."
)
_AGAIN: Final = "Try again later; what was fetched earlier stays in use."

Progress = Callable[[int, int | None], None]
"""Told bytes so far, and of how many where that is known."""


class NotThereError(FetchError):
    """The server has nothing under this address."""


class Downloaded(msgspec.Struct, frozen=True):
    """What came: the address that answered, bytes, their SHA-256, and the date the server states."""

    address: str
    bytes: int
    sha256: str
    last_modified: str | None


def client() -> httpx.Client:
    """A client that follows no redirect by itself."""
    limits = httpx.Timeout(SILENCE_S, connect=CONNECT_S)
    agent = {"User-Agent": f"watchkeeper/{__version__}"}
    return httpx.Client(timeout=limits, follow_redirects=False, headers=agent)


def download(
    http: httpx.Client, address: str, into: Path, limit: int, progress: Progress, query: str = ""
) -> Downloaded:
    """Stream an address into a file, which is replaced.

    ``query`` is sent as the form field ``data``.

    Raises:
        FetchError: no network, an error of the server, not https, too large, too slow, broken off.
        NotThereError: nothing under this address.
    """
    try:
        for _ in range(MAX_REDIRECTS + 1):
            _encrypted(address)
            request = http.build_request(
                "POST" if query else "GET", address, data={"data": query} if query else None
            )
            response = http.send(request, stream=True)
            try:
                if response.next_request is None:
                    return _kept(response, address, into, limit, progress)
                address = str(response.next_request.url)
            finally:
                response.close()
    except httpx.TimeoutException as error:
        raise FetchError(f"{_host(address)} does not answer in time.", _NETWORK) from error
    except httpx.RemoteProtocolError as error:
        raise FetchError(f"The download from {_host(address)} broke off ({error}).", _AGAIN) from error
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise FetchError(f"{_host(address)} cannot be reached ({error}).", _NETWORK) from error
    except httpx.DecodingError as error:
        raise FetchError(f"What {_host(address)} sent cannot be unpacked ({error}).", _AGAIN) from error
    raise FetchError(f"{_host(address)} redirects more than {MAX_REDIRECTS} times.", _AGAIN)


def _kept(response: httpx.Response, address: str, into: Path, limit: int, progress: Progress) -> Downloaded:
    if response.status_code in ABSENT:
        raise NotThereError(
            f"{address}: not there (HTTP {response.status_code}).", "Look at the publisher's page."
        )
    if response.status_code != httpx.codes.OK:
        raise FetchError(f"{_host(address)} answers HTTP {response.status_code}.", _AGAIN)
    stated = response.headers.get("Content-Length", "")
    total = int(stated) if stated.isascii() and stated.isdigit() else None
    if total is not None and total > limit:
        raise _too_large(address, limit)
    digest, count = hashlib.sha256(), 0
    with into.open("wb") as file:
        for chunk in _in_time(response.iter_bytes(), address):
            count += len(chunk)
            if count > limit:
                raise _too_large(address, limit)
            digest.update(chunk)
            file.write(chunk)
            progress(count, total)
    if not count:
        raise FetchError(f"{_host(address)} sent nothing.", _AGAIN)
    return Downloaded(address, count, digest.hexdigest(), response.headers.get("Last-Modified"))


def _in_time(chunks: Iterator[bytes], address: str) -> Iterator[bytes]:
    end = time.monotonic() + TOTAL_S
    for chunk in chunks:
        if time.monotonic() > end:
            raise FetchError(f"{_host(address)} is too slow: not done in {TOTAL_S / 60:.0f} min.", _AGAIN)
        yield chunk


def _encrypted(address: str) -> None:
    if urlsplit(address).scheme not in SCHEMES:
        raise FetchError(
            f"{_host(address)}: not an encrypted address ({address[:100]}).", "Only https is followed."
        )


def _too_large(address: str, limit: int) -> FetchError:
    return FetchError(
        f"{address}: larger than {limit >> 20} MiB.", "The publisher changed the file; look at its page."
    )


def _host(address: str) -> str:
    return urlsplit(address).netloc or address[:100]
