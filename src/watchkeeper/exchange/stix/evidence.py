"""The raw records of a finding as ``observed-data`` with one ``artifact`` of their lines, by hash."""

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import Any, Final

from watchkeeper.exchange.stix.ids import artifact_id
from watchkeeper.exchange.stix.scope import Entry, Scope, stamp
from watchkeeper.exchange.words import changed_at
from watchkeeper.model.finding import Evidence, Finding
from watchkeeper.model.time import from_iso

EVIDENCE: Final = "extension-definition--c7a9e3f4-0b52-4d18-8c6e-41f5d2a0b987"
MIME: Final = "text/plain"


def evidence_id(scope: Scope, finding: Finding) -> str | None:
    """The id of the observed data of a finding; None where it has no evidence."""
    return scope.id("observed-data", f"finding:{finding.id}") if finding.evidence else None


def evidence_objects(scope: Scope, finding: Finding) -> Iterator[Entry]:
    """The observed data, and the lines: a line for each record, empty where it was not kept."""
    id = evidence_id(scope, finding)
    if id is None:
        return
    marking = scope.marking("evidence", finding.id)
    payload = b"".join((one.raw or "").encode() + b"\n" for one in finding.evidence)
    artifact = {
        "type": "artifact",
        "spec_version": "2.1",
        "id": artifact_id(payload),
        "mime_type": MIME,
        "payload_bin": base64.b64encode(payload).decode(),
        "hashes": {"SHA-256": hashlib.sha256(payload).hexdigest()},
    }
    yield Entry(artifact, marking)
    times = [from_iso(one.t) for one in finding.evidence]
    yield scope.entry(
        id,
        (from_iso(finding.start), changed_at(scope.things, finding)),
        marking,
        {
            "first_observed": stamp(min(times)),
            "last_observed": stamp(max(times)),
            "number_observed": len(times),
            "object_refs": [artifact["id"]],
        },
        extensions={EVIDENCE: {"records": [_record(one) for one in finding.evidence]}},
    )


def _record(one: Evidence) -> dict[str, Any]:
    says = {"source": one.source, "row": one.row, "time": one.t, "shows": one.shows}
    return says if one.raw is None else says | {"bytes": len(one.raw.encode())}


def evidence_of(says: dict[str, Any], artifact: dict[str, Any] | None) -> tuple[Evidence, ...]:
    """The records from our extension and the artifact; without it, the lines are not known.

    Raises:
        ValueError: it is not what we write, or the lines are not those of the hash.
    """
    payload = None if artifact is None else _payload(artifact)
    found = []
    at = 0
    for record in says["records"]:
        length = record.get("bytes")
        raw = None
        if payload is not None and length is not None:
            raw = payload[at : at + length].decode()
        at += (length or 0) + 1
        found.append(Evidence(record["source"], record["row"], record["time"], record["shows"], raw))
    if payload is not None and at != len(payload):
        raise ValueError("the artifact has other lines than the records say")
    return tuple(found)


def _payload(artifact: dict[str, Any]) -> bytes:
    try:
        payload = base64.b64decode(artifact["payload_bin"], validate=True)
    except binascii.Error as error:
        raise ValueError(f"payload_bin is not base64: {error}") from error
    given = artifact.get("hashes", {}).get("SHA-256")
    if given != hashlib.sha256(payload).hexdigest():
        raise ValueError("the artifact is not what its SHA-256 says")
    return payload
