"""A collection of a peer, as TAXII 2.1 gives it; and what a watchkeeper tells of it beyond that.

Nothing that a server answers is trusted: addresses that lead to another server are not followed, sizes and forms are
checked, and a ``more`` that brings nothing new ends the walk.
"""

import time
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import quote, urljoin, urlsplit

import msgspec
from msgspec import Meta

from watchkeeper.errors import ConfigError, FeedError
from watchkeeper.exchange.hub.intake import NotAnEnvelopeError, objects_of
from watchkeeper.exchange.hub.moments import read_us, write_us
from watchkeeper.exchange.hub.words import STIX_ID
from watchkeeper.exchange.sync.accounts import Account
from watchkeeper.exchange.sync.peers import Peer
from watchkeeper.exchange.sync.provenance import Passed
from watchkeeper.exchange.sync.way import Way, same_server

MEDIA: Final = "application/taxii+json;version=2.1"
PAGE: Final = 1000
"""Objects of a page that are asked for."""

MOST_POSTED: Final = 500
"""Objects of one request."""

_FIRST, _LAST = "x-taxii-date-added-first", "x-taxii-date-added-last"
_SECOND_US: Final = 1_000_000
_POLLS: Final = 60
_T = TypeVar("_T")


class _Discovery(msgspec.Struct, frozen=True):
    api_roots: tuple[str, ...] = ()
    default: str | None = None


class _Root(msgspec.Struct, frozen=True):
    max_content_length: int = 1 << 20


class _Collection(msgspec.Struct, frozen=True):
    id: Annotated[str, Meta(max_length=100)]
    title: str = ""
    alias: str | None = None
    can_read: bool = False
    can_write: bool = False


class _Collections(msgspec.Struct, frozen=True):
    collections: tuple[_Collection, ...] = ()


class _Paging(msgspec.Struct, frozen=True):
    more: bool = False
    next: str | int | None = None


class Entry(msgspec.Struct, frozen=True):
    """A line of a manifest."""

    id: str
    version: str
    date_added: str = ""


class _Manifest(_Paging, frozen=True):
    objects: tuple[Entry, ...] = ()


class Failure(msgspec.Struct, frozen=True):
    """An object that the peer did not take, and what it says."""

    id: str
    message: str = ""


class _Status(msgspec.Struct, frozen=True):
    id: str
    status: str
    success_count: int = 0
    failure_count: int = 0
    failures: tuple[Failure, ...] = ()


class Place(msgspec.Struct, frozen=True):
    """Where a walk goes on: objects added after a moment, and the peer's own word for the page.

    ``jumped``: of what was added in one moment a page held a part, and there is no way to the rest.
    """

    after: str | None = None
    next: str | None = None
    jumped: bool = False


class Found(msgspec.Struct, frozen=True):
    """A page: objects as they stand in it; when the last was added; where the next page begins, None at the end."""

    raws: tuple[bytes, ...]
    last: str | None
    following: Place | None


class Sent(msgspec.Struct, frozen=True):
    """What became of objects that were posted."""

    taken: int
    failures: tuple[Failure, ...]


class Remote:
    """The collection of a peer.

    Args:
        way: to its server.
        peer: which collection.

    Raises:
        ConfigError: there is no such collection, or more than one root.
        FeedError: the server cannot be used.
    """

    def __init__(self, way: Way, peer: Peer, sleep: Callable[[float], None] = time.sleep) -> None:
        self._way, self._peer, self._sleep = way, peer, sleep
        self._root = self._api_root()
        self.most_bytes = max(1 << 16, self._json(self._root, _Root).max_content_length)
        found = self._json(f"{self._root}collections/", _Collections).collections
        named = [c for c in found if peer.theirs in (c.id, c.alias)] or [
            c for c in found if c.title == peer.theirs
        ]
        if len(named) != 1:
            raise ConfigError(
                f"{peer.name} has {'no' if not named else 'more than one'} collection {peer.theirs!r} for us.",
                f"It shows {', '.join(c.title or c.id for c in found[:10]) or 'none'}.",
            )
        self.collection = named[0]
        self._at = f"{self._root}collections/{quote(named[0].id, safe='')}/"

    # Reading

    def page(self, place: Place) -> Found:
        """A page of objects.

        Raises:
            FeedError: it cannot be had, or is no page.
        """
        answer = self._get(f"{self._at}objects/", place)
        paging = _read(answer.body, _Paging)
        try:
            raws = tuple(objects_of(answer.body)) if b'"objects"' in answer.body else ()
        except NotAnEnvelopeError as error:
            if paging.more or not _is_empty(answer.body):
                raise FeedError(f"{self._way.host}: {error}", "Ask who runs it.") from error
            raws = ()
        first, last = _moment(answer.headers.get(_FIRST)), _moment(answer.headers.get(_LAST))
        return Found(raws, last, _following(place, paging, first, last))

    def manifest(self, place: Place) -> tuple[tuple[Entry, ...], Place | None]:
        """A page of the manifest, and where the next begins."""
        answer = self._get(f"{self._at}manifest/", place)
        found = _read(answer.body, _Manifest)
        first, last = _moment(answer.headers.get(_FIRST)), _moment(answer.headers.get(_LAST))
        if last is None and found.objects:
            first, last = _moment(found.objects[0].date_added), _moment(found.objects[-1].date_added)
        return found.objects, _following(place, found, first, last)

    def version(self, id: str, version: str) -> tuple[bytes, ...]:
        """One version of an object; nothing where the peer has it no more."""
        if not STIX_ID.fullmatch(id):
            return ()
        params = {"match[version]": version} if version else {}
        answer = self._way.ask(
            "GET", f"{self._at}objects/{quote(id, safe='')}/", params=params, media=MEDIA, fine=(200, 404)
        )
        if answer.status == 404 or b'"objects"' not in answer.body:
            return ()
        try:
            return tuple(objects_of(answer.body))
        except NotAnEnvelopeError:
            return ()

    def _get(self, path: str, place: Place) -> Any:
        params = {"limit": str(PAGE)}
        params |= {} if place.after is None else {"added_after": place.after}
        params |= {} if place.next is None else {"next": place.next}
        return self._way.ask("GET", path, params=params, media=MEDIA)

    # Writing

    def post(self, raws: Sequence[bytes]) -> Sent:
        """Post some objects, and wait until the peer has looked at them.

        Raises:
            FeedError: it does not take them.
        """
        body = b'{"objects":[' + b",".join(raws) + b"]}"
        answer = self._way.ask("POST", f"{self._at}objects/", body=body, media=MEDIA)
        status = _read(answer.body, _Status)
        for _ in range(_POLLS):
            if status.status == "complete":
                return Sent(status.success_count, status.failures)
            self._sleep(1.0)
            status = self._json(f"{self._root}status/{quote(status.id, safe='')}/", _Status)
        raise FeedError(f"{self._way.host} does not finish.", "It is asked again next time.")

    # What a watchkeeper tells of its collections

    def account(self, after: str | None, upto: str | None) -> Account | None:
        """What the peer says that it gives us of what was added in between; None where it is no watchkeeper."""
        params = {} if after is None else {"after": after}
        params |= {} if upto is None else {"upto": upto}
        answer = self._way.ask("GET", self._beside("account"), params=params, fine=(200, 401, 403, 404, 405))
        return _read(answer.body, Account) if answer.status == 200 else None

    def tell(self, passed: Sequence[Passed]) -> None:
        """Tell the peer which nodes passed on what we posted."""
        body = msgspec.json.encode({"objects": passed})
        self._way.ask("POST", self._beside("paths"), body=body, fine=(200, 204))

    def _beside(self, what: str) -> str:
        return f"/exchange/collections/{quote(self.collection.id, safe='')}/{what}"

    # Finding the root

    def _api_root(self) -> str:
        path = urlsplit(self._peer.url).path.rstrip("/") + "/"
        found = self._json(path, _Discovery)
        roots = tuple(dict.fromkeys(urljoin(self._peer.url, root) for root in found.api_roots))
        if not roots:
            return path
        for root in roots:
            if not same_server(root, self._peer.url):
                raise ConfigError(
                    f"{self._peer.name} names an API root on another server.", "Give that as its url."
                )
        if len(roots) > 1 and found.default is None:
            raise ConfigError(
                f"{self._peer.name} has {len(roots)} API roots.", f"Give one: {', '.join(roots[:5])}"
            )
        chosen = roots[0] if len(roots) == 1 else urljoin(self._peer.url, found.default or "")
        return urlsplit(chosen).path.rstrip("/") + "/"

    def _json(self, path: str, kind: type[_T]) -> _T:
        return _read(self._way.ask("GET", path, media=MEDIA).body, kind)


def _read(body: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FeedError(
            f"What came is no TAXII 2.1: {str(error)[:200]}.", "Look at the peer's url."
        ) from error


def _is_empty(body: bytes) -> bool:
    try:
        return not msgspec.json.decode(body).get("objects")
    except (msgspec.DecodeError, AttributeError, RecursionError):
        return False


def _moment(text: str | None) -> str | None:
    """A time of adding, where it is one."""
    try:
        return None if text is None else write_us(read_us(text))
    except ValueError:
        return None


def _following(place: Place, paging: _Paging, first: str | None, last: str | None) -> Place | None:
    """Where the next page begins. A server without ``next`` is asked by time, a little overlapping: of what was added
    in one moment, a page may have held a part."""
    if not paging.more:
        return None
    if paging.next is not None:
        return Place(place.after, str(paging.next))
    if last is None:
        return None
    coarse = all(read_us(moment) % _SECOND_US == 0 for moment in (first or last, last))
    overlapping = write_us(read_us(last) - (_SECOND_US if coarse else 1))
    if overlapping > (place.after or ""):
        return Place(overlapping)
    return Place(last, jumped=True) if last > (place.after or "") else None
