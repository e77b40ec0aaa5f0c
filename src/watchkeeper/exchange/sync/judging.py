"""What becomes of a version that comes in, beside what is here already: pure, one object at a time.

1. What this node made, only this node makes new versions of; and what is here from its originator itself, only that.
2. The same id and version with the same content is one object, whichever way it came.
3. The same id and version with other content: a copy that lacks parts never takes the place of one that lacks fewer;
   what comes from its originator itself takes the place of what others said it was; else what was first stays, and the
   conflict is kept and told.
4. A later version (``modified``) goes before an earlier one. Only its originator, or who takes the thing back, may mark
   it for more than before; of anybody else it is held for no more than that.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from watchkeeper.exchange.redaction import HANDLING
from watchkeeper.exchange.required import COMMON, required_of

Fate = Literal["add", "widen", "there", "replace", "fuller", "conflict", "loop", "ours", "first-hand"]
"""``add``: as a version like any other; ``widen``: one that may be marked for more than the one before."""

_BARE: Final = COMMON | {
    "created_by_ref", "revoked", "extensions", "object_marking_refs", "granular_markings", "labels",
}  # fmt: skip


class Here(msgspec.Struct, frozen=True, kw_only=True):
    """A version that is here: who posted it; whether it is the one that came, by id and version; how much it lacks.

    ``made_by`` is the organisation that it says made it, or empty. ``same``: its content is the same.
    """

    seq: int
    poster: str
    made_by: str
    matches: bool
    same: bool = False
    lacks: int = 0
    versioned: bool = True


class Coming(msgspec.Struct, frozen=True, kw_only=True):
    """A version that comes from ``source``. ``looped``: it has been at this node. ``bare``: it only takes back."""

    source: str
    made_by: str
    looped: bool = False
    lacks: int = 0
    bare: bool = False


def fate(coming: Coming, here: Sequence[Here], us: str) -> tuple[Fate, int | None]:
    """What becomes of it, and the ``seq`` that it takes the place of or stands against.

    Args:
        here: versions of the same object that are here, all.
        us: the organisation of this node.
    """
    known = next((one for one in here if one.matches), None)
    if known is not None and known.same:
        return "there", known.seq
    if coming.made_by == us or (not coming.made_by and any(one.poster == us for one in here)):
        echo = known is not None and coming.lacks > known.lacks
        return ("fuller" if echo else "ours"), None if known is None else known.seq
    if known is not None:
        return _against(coming, known), known.seq
    if coming.looped:
        return "loop", None
    direct = coming.source == coming.made_by
    if not direct and any(one.poster == one.made_by == coming.made_by != "" for one in here):
        return "first-hand", None
    return ("widen" if here and (direct or coming.bare) else "add"), None


def _against(coming: Coming, known: Here) -> Fate:
    """Other content under the same id and version."""
    direct, again = coming.source == coming.made_by, coming.source == known.poster
    if not known.versioned:
        # What has no versions is only ever said anew: by who said it, of what it lacked or for whom it is.
        return "widen" if again and coming.lacks <= known.lacks else "fuller" if coming.lacks else "conflict"
    if coming.lacks > known.lacks or (coming.lacks == known.lacks and coming.lacks):
        return "fuller"
    if coming.lacks < known.lacks:
        at_first_hand = known.poster == known.made_by and not again
        return "conflict" if at_first_hand else "replace"
    return "replace" if direct and known.poster != known.made_by else "conflict"


def lacks(object: Mapping[str, Any]) -> int:
    """How many of its parts were withheld on the way."""
    said = object.get("extensions")
    note = said.get(HANDLING) if isinstance(said, dict) else None
    withheld = note.get("withheld") if isinstance(note, dict) else None
    return len(withheld) if isinstance(withheld, list) else 0


def is_bare(object: Mapping[str, Any]) -> bool:
    """Whether a version takes an object back and tells nothing that it need not."""
    return object.get("revoked") is True and object.keys() <= (_BARE | required_of(object))
