"""Events and documents as rows, and the hash that chains the events.

The hash of an event is SHA-256, in hex, over four lines in UTF-8: the id of the store; the hash of the event before
(64 zeros for the first); a JSON array of ``seq, at, realm, kind, subject, actor, key``; the body as it is stored.
"""

import hashlib
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, NoReturn

import msgspec

from watchkeeper.errors import StoreError
from watchkeeper.model.event import Document, Draft, Event

GENESIS: Final = "0" * 64
"""The hash before the first event."""

COLUMNS: Final = ("seq", "at", "realm", "kind", "subject", "actor", "body", "key", "hash")
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
_TEXTS: Final = ("realm", "kind", "subject", "actor", "key")
LONGEST_BYTES: Final = 500
"""Of a name: several stand in one row of an index, which PostgreSQL limits to 2,704 bytes."""

LEAST: Final = -(1 << 63)
GREATEST: Final = (1 << 63) - 1


class EventRow(NamedTuple):
    """A row of ``events``."""

    seq: int
    at: int
    realm: str
    kind: str
    subject: str
    actor: str
    body: str
    key: str | None
    hash: str

    def event(self) -> Event:
        """What the row says."""
        return Event(**(self._asdict() | {"body": msgspec.json.decode(self.body)}))

    def hashed(self, store: str, before: str, seq: int | None = None) -> str:
        """The hash that the row has to have after another, at its own place or at ``seq``."""
        place = self.seq if seq is None else seq
        fields = (place, self.at, self.realm, self.kind, self.subject, self.actor, self.key)
        told = msgspec.json.encode(fields).decode()
        # What was put into a database by hand may be no text that UTF-8 knows.
        line = f"{store}\n{before}\n{told}\n{self.body}".encode("utf-8", "surrogatepass")
        return hashlib.sha256(line).hexdigest()


def row_of(draft: Draft) -> EventRow:
    """A draft as a row that has no place yet.

    Raises:
        StoreError: it cannot be kept: no plain JSON, a NUL in a name, or a time out of range.
    """
    for name in _TEXTS:
        _check_text(name, getattr(draft, name), draft.kind)
    if not fits(draft.at):
        _refuse(draft.kind, f"{draft.at} is no time in ms")
    return EventRow(
        seq=0,
        at=draft.at,
        realm=draft.realm,
        kind=draft.kind,
        subject=draft.subject,
        actor=draft.actor,
        body=json_text(draft.body, draft.kind),
        key=draft.key,
        hash="",
    )


def chained(row: EventRow, store: str, seq: int, before: str) -> EventRow:
    """The row at its place."""
    placed = row._replace(seq=seq)
    return placed._replace(hash=placed.hashed(store, before))


def document_row(document: Document, seq: int) -> dict[str, Any]:
    """A document as a row, as the event ``seq`` left it.

    Raises:
        StoreError: it cannot be kept.
    """
    what = f"document {document.collection}/{document.id}"
    for name in ("collection", "id", "realm", "state"):
        _check_text(name, getattr(document, name), what)
    if not math.isfinite(document.score):
        _refuse(what, f"its score is {document.score}")
    for number in (document.t, document.mmsi or 0):
        if not fits(number):
            _refuse(what, f"{number} is out of range")
    row = msgspec.structs.asdict(document)
    text = _legible(document.text)
    return row | {
        "seq": seq,
        "score": float(document.score),
        "text": text,
        "sought": sought(text),
        "body": json_text(document.body, what),
    }


def document_of(row: Mapping[Any, Any]) -> Document:
    """What a row of ``documents`` says."""
    fields = {name: row[name] for name in Document.__struct_fields__}
    return Document(**(fields | {"body": msgspec.json.decode(row["body"])}))


def sought(text: str) -> str:
    """Text as a search compares it: without case, and with one form for each character."""
    return unicodedata.normalize("NFKC", _legible(text)).casefold()


def _legible(text: str) -> str:
    """Names from the air may hold anything; what cannot be kept becomes the sign for that."""
    return _UNSTORABLE.sub("\ufffd", text)


def json_text(body: Any, what: str) -> str:
    """The body as JSON: keys in order, so that the same body is the same text."""
    try:
        return msgspec.json.encode(body, order="deterministic").decode()
    except (TypeError, UnicodeEncodeError, RecursionError, msgspec.MsgspecError) as error:
        _refuse(what, f"its body is not plain JSON: {error}")


def events_of(rows: Sequence[Sequence[Any]]) -> list[Event]:
    """Rows in the order of ``COLUMNS`` as events."""
    return [EventRow(*row).event() for row in rows]


def storable(text: str) -> bool:
    """Whether both databases can keep a text: PostgreSQL keeps no NUL, and neither keeps half a character."""
    return _UNSTORABLE.search(text) is None


def fits(number: int) -> bool:
    """Whether a column can hold a number."""
    return LEAST <= number <= GREATEST


def _check_text(name: str, value: str | None, what: str) -> None:
    if value is None:
        return
    if not storable(value):
        _refuse(what, f"its {name} holds a NUL character or half of a character")
    if len(value.encode()) > LONGEST_BYTES:
        _refuse(what, f"its {name} is longer than {LONGEST_BYTES} bytes")


def _refuse(what: str, why: str) -> NoReturn:
    raise StoreError(
        f"The decision {what[:80]!r} cannot be kept: {why}.", "This is a fault of whoever made it."
    )
