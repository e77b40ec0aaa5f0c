"""What stands in for spool, lake and log where only the runner is tested."""

from collections.abc import Collection, Sequence
from typing import Any

from watchkeeper.model.event import Document, Draft, Event, Page, Query
from watchkeeper.model.finding import Finding
from watchkeeper.model.time import from_iso


class Spooled:
    """Lines in memory that appear as a test lets them."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self._lines = content.splitlines(keepends=True)
        self._at = 0
        self.there = len(self._lines)

    def read(self, most: int) -> tuple[bytes, int]:
        first, size, taken = self._at + 1, 0, []
        while self._at < self.there and size + len(self._lines[self._at]) <= most:
            taken.append(self._lines[self._at])
            size += len(self._lines[self._at])
            self._at += 1
        return b"".join(taken), first

    def seek(self, line: int) -> None:
        self._at = line - 1

    def text(self, line: int) -> str:
        return self._lines[line - 1].decode().rstrip("\n")

    def __len__(self) -> int:
        return len(self._lines)


class Kept:
    """A lake in memory: rows by epoch."""

    def __init__(self, feeds: Sequence[Spooled]) -> None:
        self._feeds = {feed.name: feed for feed in feeds}
        self.epochs: dict[int, list[int]] = {}
        self.unreadable = 0

    def append(self, epoch: int, batches: Sequence[Any], said: Sequence[Any]) -> None:
        assert epoch not in self.epochs
        self.epochs[epoch] = [int(r) for b in batches for r in b.row]

    def sync(self) -> None:
        pass

    def compact(self, until_epoch: int, now: int) -> None:
        assert until_epoch <= max(self.epochs, default=0)

    def epoch(self) -> int:
        return max(self.epochs, default=0)

    def truncate_after(self, epoch: int) -> None:
        self.epochs = {e: rows for e, rows in self.epochs.items() if e <= epoch}

    def texts(self, wanted: Collection[tuple[str, int]]) -> dict[tuple[str, int], str | None]:
        return {(feed, line): self._feeds[feed].text(line) for feed, line in wanted}

    def quarantine(self, records: Sequence[Any]) -> None:
        self.unreadable += len(records)

    def released(self, places: dict[str, int]) -> None:
        pass

    @property
    def rows(self) -> list[int]:
        return sorted(r for rows in self.epochs.values() for r in rows)


class Log:
    """A log in memory that keeps findings."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._keys: dict[str, Event] = {}
        self._documents: dict[str, Document] = {}

    def append(self, drafts: Sequence[Draft]) -> list[Event]:
        written = []
        for d in drafts:
            if d.key is not None and d.key in self._keys:
                written.append(self._keys[d.key])
                continue
            event = Event(
                kind=d.kind, subject=d.subject, at=d.at, actor=d.actor, body=d.body, realm=d.realm, key=d.key,
                seq=len(self.events) + 1, hash="",
            )  # fmt: skip
            self.events.append(event)
            written.append(event)
            if d.key is not None:
                self._keys[d.key] = event
            if event.kind.startswith("finding."):
                self._documents[event.subject] = Document(
                    collection="findings", id=event.subject, state=event.kind.partition(".")[2], seq=event.seq,
                    t=from_iso(event.body["finding"]["start"]), body=event.body,
                )  # fmt: skip
        return written

    def read(self, after: int = 0, **_: Any) -> list[Event]:
        return self.events[after:]

    def head(self) -> int:
        return len(self.events)

    def document(self, collection: str, id: str) -> Document | None:
        return self._documents.get(id)

    def documents(self, query: Query) -> Page:
        items = tuple(self._documents.values()) if query.collection == "findings" else ()
        return Page(items=items, total=len(items))

    @property
    def standing(self) -> dict[str, dict[str, Any]]:
        """Findings that hold, by id."""
        return {id: d.body["finding"] for id, d in self._documents.items() if d.state != "withdrawn"}

    def kinds(self, subject: str) -> list[str]:
        return [e.kind for e in self.events if e.subject == subject]


def spans(findings: Sequence[Finding]) -> set[tuple[str, int, str]]:
    return {(f.behaviour, f.mmsi, f.start) for f in findings}
