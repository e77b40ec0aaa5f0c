"""How a later version is held that somebody else than its originator brings: for nobody more than the one before.

What it says is taken, so that nothing is lost; the marking that it claims is not believed as far as it is wider.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from watchkeeper.exchange.hub.adding import stands_at
from watchkeeper.exchange.hub.shelves import Held
from watchkeeper.model.marking import Marking, MixedRealmsError, Part, both


def narrowed(new: Held, before: Held, object: Mapping[str, Any]) -> Held:
    """The new version's markings and those of the version before, all of which have to hold.

    Args:
        new: as the new version says, with the level that was not stated filled in.
        before: how the version before is held, likewise.
        object: the new version.
    """
    try:
        marking = both(before.marking, new.marking)
    except MixedRealmsError:
        return new  # the hub refuses it
    parts = {part.selector: part for part in new.parts}
    for old in before.parts:
        now = parts.get(old.selector)
        if now is not None:
            how = "remove" if "remove" in (old.how, now.how) else now.how
            together = both(_in(old.marking, marking), _in(now.marking, marking))
            parts[old.selector] = Part(selector=old.selector, marking=together, how=how)
        elif stands_at(object, old.selector):
            parts[old.selector] = old
    return Held(marking, tuple(parts.values()))


def _in(part: Marking, whole: Marking) -> Marking:
    return msgspec.structs.replace(part, realm=whole.realm)
