"""Decisions as events, and the documents that are kept of them.

An event says that something was decided, found or done: a finding was opened, an alert acknowledged, a case noted.
It is written once and never changed. A *document* is what holds now (a current finding, an alert, a case), made from
events by a :class:`Projector`; it can always be made again.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, Protocol

import msgspec

from watchkeeper.model.finding import REAL

Order = Literal["score", "t", "id"]
"""Highest score first; latest first; by id. Ties by id."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An event to be written.

    ``kind`` is ``<what>.<happened>`` (``finding.opened``); ``subject`` the id of what it is about; ``at`` when it was
    decided [ms UTC], given by the caller; ``actor`` who did it (``watch``, ``system``, ``user:<name>``); ``body`` plain
    JSON values; ``key`` makes it idempotent: of several events with one key only the first is kept.
    """

    kind: str
    subject: str
    at: int
    actor: str
    body: dict[str, Any] = {}
    realm: str = REAL
    key: str | None = None


class Event(Draft, frozen=True, kw_only=True):
    """An event that is written: ``seq`` from 1 without gaps, ``hash`` over it and the event before (SHA-256, hex)."""

    seq: int
    hash: str


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What holds now of one thing. Beside ``body``, the columns by which documents are sought and ordered.

    ``collection`` (``findings``, ``alerts``, ``cases`` ...) and ``id`` name it; ``state`` is a word of its own
    vocabulary; ``mmsi`` the ship, if it is about one; ``t`` the time it is about [ms UTC]; ``text`` what a search looks
    into.
    """

    collection: str
    id: str
    state: str
    t: int
    body: dict[str, Any]
    realm: str = REAL
    mmsi: int | None = None
    score: float = 0.0
    text: str = ""
    seq: int = 0


Get = Callable[[str, str], Document | None]
"""The document of a collection and an id as it is now, within the transaction."""


class Projector(Protocol):
    """Makes documents of events. Pure: the same events give the same documents."""

    kinds: frozenset[str]
    """The kinds of event it wants to see."""

    def apply(self, event: Event, get: Get) -> Iterable[Document]:
        """The documents that the event changes, as they are after it."""
        ...


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Documents that are sought. Empty tuples and None mean *any*; ``after`` is the ``next`` of the page before."""

    collection: str
    realm: str = REAL
    states: tuple[str, ...] = ()
    mmsi: int | None = None
    t_from: int | None = None
    t_to: int | None = None
    text: str = ""
    order: Order = "t"
    limit: int = 100
    after: str | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some documents, how many there are in all (None where they are more than are counted), and where the next page
    begins (None at the end)."""

    items: tuple[Document, ...]
    total: int | None
    next: str | None = None


class Decisions(Protocol):
    """The log of decisions, as the other rooms see it."""

    def append(self, drafts: Sequence[Draft]) -> list[Event]:
        """Write all or none; the events as they stand in the log (those with a known ``key`` as first written)."""
        ...

    def read(
        self, after: int = 0, *, kinds: Sequence[str] = (), subject: str | None = None, limit: int = 1000
    ) -> list[Event]:
        """Events with ``seq`` above ``after``, in order; a kind ending in ``.`` stands for all that begin so."""
        ...

    def head(self) -> int:
        """The ``seq`` of the last event, 0 for none."""
        ...

    def document(self, collection: str, id: str) -> Document | None:
        """One document."""
        ...

    def documents(self, query: Query) -> Page:
        """A page of documents."""
        ...
