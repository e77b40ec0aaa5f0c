"""What others sent, kept apart from what was found here: as events of the log, and documents of their own collections.

``received``: every object, byte for byte, with who made it, who handed it on, when, and the SHA-256 of its bytes;
beside it, what it is of ours (a finding, a ship, a case). ``indicators``: every value to look for.
``received-files``: every file, with what of it was refused and why. The same object is kept once, however often it
comes.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from watchkeeper.cases.alarms.wording import in_realm, json_values, name_of, plain
from watchkeeper.exchange.things import Incoming, Indicator, Kept, Things
from watchkeeper.model.event import Document, Draft, Event, Get
from watchkeeper.model.finding import REAL
from watchkeeper.model.time import from_iso

RECEIVED: Final = "received"
INDICATORS: Final = "indicators"
FILES: Final = "received-files"
OBJECT: Final = "received.object"
FILE: Final = "received.file"

REFUSED_KEPT: Final = 1_000
"""Parts of one file that were refused and are kept with their reason; all are counted."""
REVOKED: Final = "revoked"
GONE: Final = "gone"
"""The state of an indicator that a later version of its object no longer has."""

_UNKNOWN: Final = "unknown"
_NAME_MOST: Final = 120


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where something came from: the organisation that handed it on (empty where nobody said), the format, the file.

    ``sha256`` is that of the whole file.
    """

    sender: str
    format: str
    file: str
    sha256: str


def drafts(incoming: Incoming, source: Provenance, *, at: int, actor: str) -> Iterator[Draft]:
    """The events that keep a file: one for each object, and one for the file.

    Args:
        incoming: what it holds.
        source: where it came from.
        at: when it was received [ms UTC].
        actor: who took it in.
    """
    records = _records(incoming.things)
    sought: dict[str, list[Indicator]] = {}
    for indicator in incoming.indicators:
        sought.setdefault(indicator.object, []).append(indicator)
    for kept in incoming.kept:
        yield _object(kept, source, records.get(kept.thing), sought.get(kept.id, []), at, actor)
    yield Draft(
        kind=FILE,
        subject=source.sha256,
        at=at,
        actor=actor,
        body=json_values(source)
        | {
            "objects": len(incoming.kept),
            "refused": len(incoming.refused),
            "refused_parts": json_values(incoming.refused[:REFUSED_KEPT]),
        },
        key=f"{FILE}:{source.sha256}:{name_of(source.sender)}",
    )


def _object(
    kept: Kept,
    source: Provenance,
    record: Mapping[str, Any] | None,
    indicators: Iterable[Indicator],
    at: int,
    actor: str,
) -> Draft:
    digest = hashlib.sha256(kept.data).hexdigest()
    maker = plain(kept.originator or source.sender or _UNKNOWN, _NAME_MOST)
    realm = kept.marking.realm
    body = {
        "object": kept.id,
        "type": kept.type,
        "version": kept.version,
        "format": source.format,
        "originator": maker,
        "received_from": source.sender,
        "file": source.file,
        "file_sha256": source.sha256,
        "sha256": digest,
        "marking": json_values(kept.marking),
        "thing": kept.thing,
        "revoked": kept.revoked,
        "record": record,
        "indicators": json_values(list(indicators)),
        **_data(kept.data),
    }
    subject = plain(kept.id, 300)
    key = f"{OBJECT}:{name_of(realm, maker, kept.id, digest)}"
    return Draft(kind=OBJECT, subject=subject, at=at, actor=actor, body=body, realm=realm, key=key)


def _data(data: bytes) -> dict[str, str]:
    """The bytes, so that JSON can hold them."""
    try:
        return {"data": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def bytes_of(body: Mapping[str, Any]) -> bytes:
    """The bytes of a received object, as they came."""
    text: str | None = body.get("data")
    return base64.b64decode(body["base64"]) if text is None else text.encode()


def kept_of(document: Document) -> Kept:
    """A received object as it is passed on."""
    body = document.body
    return msgspec.convert(
        {k: body[k] for k in ("type", "version", "marking", "originator", "thing", "revoked")}
        | {"id": body["object"], "data": bytes_of(body)},
        Kept,
    )


def _records(things: Things) -> dict[str, dict[str, Any]]:
    """What is kept of our things beside the object, by the name of the thing."""
    named: list[tuple[str, msgspec.Struct]] = [
        *((f"finding:{f.id}", f) for f in things.findings),
        *((f"vessel:{v.mmsi or v.imo}", v) for v in things.vessels),
        *((f"asset:{a.id}", a) for a in things.assets),
        *((f"alert:{a.id}", a) for a in things.alerts),
        *((f"case:{c.id}", c) for c in things.cases),
    ]
    return {name: json_values(thing) for name, thing in named}


class ReceivedProjector:
    """``received``, ``indicators`` and ``received-files``: of each object its newest version, for each who made it.

    A version that came before, or the same version with other bytes, changes nothing but a count.
    """

    kinds = frozenset((OBJECT, FILE))

    def apply(self, event: Event, get: Get) -> Iterable[Document]:
        """The documents after the event."""
        if event.kind == FILE:
            return (_file(event),)
        return self._object(event, get)

    def _object(self, event: Event, get: Get) -> Iterator[Document]:
        body = event.body
        id = in_realm(event.realm, name_of(RECEIVED, body["originator"], body["object"]))
        before = get(RECEIVED, id)
        if before is not None and body["version"] <= before.body["version"]:
            same = body["version"] == before.body["version"]
            yield msgspec.structs.replace(
                before,
                seq=event.seq,
                body=before.body | {"conflicts": before.body["conflicts"] + same},
            )
            return
        yield _received(event, id)
        now = {(one["kind"], one["value"]): one for one in body["indicators"]}
        for one in before.body["indicators"] if before is not None else ():
            if (one["kind"], one["value"]) not in now:
                yield _indicator(event, one, GONE)
        for one in now.values():
            yield _indicator(event, one, REVOKED if body["revoked"] else "active")


def _received(event: Event, id: str) -> Document:
    body = event.body
    what = body["thing"].partition(":")[0] or "kept"
    record = body["record"] or {}
    start = record.get("start")
    return Document(
        collection=RECEIVED,
        id=id,
        realm=event.realm,
        seq=event.seq,
        state=REVOKED if body["revoked"] else what,
        t=event.at if start is None else from_iso(start),
        mmsi=record.get("mmsi") or None,
        text=" ".join(str(record.get(k) or "") for k in ("name", "summary", "headline")) + f" {body['type']}",
        body=body | {"received_at": event.at, "conflicts": 0},
    )


def _indicator(event: Event, one: Mapping[str, Any], state: str) -> Document:
    body = event.body
    return Document(
        collection=INDICATORS,
        id=in_realm(
            event.realm, name_of(INDICATORS, body["originator"], body["object"], one["kind"], one["value"])
        ),
        realm=event.realm,
        seq=event.seq,
        state=state,
        t=event.at,
        mmsi=int(one["value"]) if one["kind"] == "mmsi" else None,
        text=f"{one['kind']}:{one['value']} {one['name']}",
        body={**one, "originator": body["originator"], "received_from": body["received_from"]},
    )


def _file(event: Event) -> Document:
    return Document(
        collection=FILES,
        id=name_of(event.subject, event.body["sender"]),
        realm=REAL,
        seq=event.seq,
        state="refused in part" if event.body["refused"] else "received",
        t=event.at,
        text=f"{event.body['file']} {event.body['sender']}",
        body=event.body | {"by": event.actor},
    )
