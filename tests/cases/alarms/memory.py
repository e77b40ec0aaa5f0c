"""A log of decisions in memory, with the same promises as the one in SQL; tests run on either."""

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from watchkeeper.model.event import Document, Draft, Event, Page, Projector, Query


class MemoryLog:
    """Appends, reads and projects as :class:`watchkeeper.model.event.Decisions` says."""

    def __init__(self, projectors: Iterable[Projector], events: Iterable[Event] = ()) -> None:
        self.projectors = tuple(projectors)
        self.events: list[Event] = []
        self.keys: dict[str, Event] = {}
        self.kept: dict[tuple[str, str], Document] = {}
        for event in events:
            self._write(event)

    def append(self, drafts: Sequence[Draft]) -> list[Event]:
        return [self._appended(draft) for draft in drafts]

    def _appended(self, draft: Draft) -> Event:
        if draft.key is not None and draft.key in self.keys:
            return self.keys[draft.key]
        # What is not plain JSON fails here, as it would in SQL.
        fields = msgspec.json.decode(msgspec.json.encode(draft))
        assert fields["body"] == draft.body, "a body holds plain JSON values"
        event = Event(**fields, seq=len(self.events) + 1, hash="")
        before = self.events[-1].hash if self.events else ""
        digest = hashlib.sha256(before.encode() + msgspec.json.encode(event)).hexdigest()
        return self._write(msgspec.structs.replace(event, hash=digest))

    def _write(self, event: Event) -> Event:
        self.events.append(event)
        if event.key is not None:
            self.keys[event.key] = event
        for projector in self.projectors:
            if event.kind in projector.kinds:
                for document in projector.apply(event, self.document):
                    assert document.body == msgspec.json.decode(msgspec.json.encode(document.body))
                    stamped = msgspec.structs.replace(document, seq=event.seq)
                    self.kept[document.collection, document.id] = stamped
        return event

    def read(
        self, after: int = 0, *, kinds: Sequence[str] = (), subject: str | None = None, limit: int = 1000
    ) -> list[Event]:
        def wanted(event: Event) -> bool:
            fits = not kinds or any(
                event.kind == k or (k.endswith(".") and event.kind.startswith(k)) for k in kinds
            )
            return fits and subject in (None, event.subject)

        return [event for event in self.events[after:] if wanted(event)][:limit]

    def head(self) -> int:
        return len(self.events)

    def document(self, collection: str, id: str) -> Document | None:
        return self.kept.get((collection, id))

    def documents(self, query: Query) -> Page:
        found = [d for d in self.kept.values() if _fits(d, query)]
        orders = {"score": lambda d: (-d.score, d.id), "t": lambda d: (-d.t, d.id), "id": lambda d: d.id}
        found.sort(key=orders[query.order])
        start = int(query.after or 0)
        items = tuple(found[start : start + query.limit])
        more = start + len(items) < len(found)
        return Page(items=items, total=len(found), next=str(start + len(items)) if more else None)

    def rebuilt(self) -> "MemoryLog":
        """The same events, projected anew."""
        return MemoryLog(self.projectors, self.events)


def _fits(document: Document, query: Query) -> bool:
    return (
        document.collection == query.collection
        and document.realm == query.realm
        and (not query.states or document.state in query.states)
        and query.mmsi in (None, document.mmsi)
        and (query.t_from is None or document.t >= query.t_from)
        and (query.t_to is None or document.t <= query.t_to)
        and query.text.casefold() in document.text.casefold()
    )
