"""Two objects and what stands between them."""

from watchkeeper.exchange.stix.ids import CREATED
from watchkeeper.exchange.stix.scope import Entry, Scope
from watchkeeper.model.marking import Marking


def relationship(
    scope: Scope,
    source: str,
    type: str,
    target: str,
    marking: Marking,
    *,
    says: str = "",
    times: tuple[int, int] = (CREATED, CREATED),
) -> Entry:
    """``source`` stands to ``target`` as ``type`` says; ``says`` describes it in a word (``owner``)."""
    id = scope.id("relationship", f"relationship:{source}:{type}:{says}:{target}")
    return scope.entry(
        id,
        times,
        marking,
        {
            "relationship_type": type,
            "description": says or None,
            "source_ref": source,
            "target_ref": target,
        },
    )
