"""Decisions for tests, and a projector of them."""

from collections.abc import Iterable
from typing import Any

from watchkeeper.model.event import Document, Draft, Event, Get

AT = 1_767_600_000_000


def draft(n: int, kind: str = "finding.opened", **changes: Any) -> Draft:
    """The n-th decision: about one of seven ships."""
    given: dict[str, Any] = {
        "kind": kind,
        "subject": f"finding-{n % 7}",
        "at": AT + n * 1000,
        "actor": "watch",
        "body": {"n": n, "name": f"Jökull [{n}] ŁÓDŹ", "score": n * 0.37 % 5, "mmsi": 200_000_000 + n % 7},
        "key": f"key-{n}",
    }
    return Draft(**(given | changes))


class Findings:
    """``findings``: the last of what was said of each subject, and how often something was."""

    kinds = frozenset({"finding.opened", "finding.updated", "finding.withdrawn"})

    def apply(self, event: Event, get: Get) -> Iterable[Document]:
        before = get("findings", event.subject)
        times = before.body["times"] + 1 if before else 1
        yield Document(
            collection="findings",
            id=event.subject,
            realm=event.realm,
            state=event.kind.split(".")[1],
            t=event.at,
            mmsi=event.body.get("mmsi"),
            score=float(event.body.get("score", 0.0)),
            text=str(event.body.get("name", "")),
            body={"times": times, "said": event.body},
        )
