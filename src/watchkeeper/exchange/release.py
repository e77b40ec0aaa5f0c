"""The release gate: whether a thing may go to a recipient, for a purpose, at a time; and why, or why not.

One pure function, :func:`decide`. Nothing is released that no rule lets out: an unmarked thing, an unreadable marking
and an empty group are for nobody. Every rule that stands against a release is named, in words for who is on duty.

Levels of TLP are words. Each stands for agreements that a recipient has to have made *by name*; none of them
implies another. A stricter level asks for those of the wider ones as well, so that adding a marking to a thing can
never let somebody in.

Sources: FIRST, *Traffic Light Protocol 2.0* (2022-08); MISP taxonomy *PAP* (Permissible Actions Protocol).
"""

from collections.abc import Callable
from typing import Final, Literal

import msgspec

from watchkeeper.model.finding import REAL
from watchkeeper.model.marking import (
    PURPOSES,
    Marking,
    MixedRealmsError,
    Pap,
    Part,
    Purpose,
    Recipient,
    Tlp,
    both,
)
from watchkeeper.model.time import to_iso

Outcome = Literal["allow", "deny", "redact"]

KEPT: Final[dict[Tlp, tuple[Tlp, ...]]] = {
    "clear": (),
    "green": ("green",),
    "amber": ("green", "amber"),
    "amber+strict": ("green", "amber", "amber+strict"),
    "red": ("green", "amber", "amber+strict", "red"),
}
"""The levels that a recipient has to have agreed to keep, each by name, to be given a thing of that level."""

PERMITTED: Final[dict[Pap, frozenset[Purpose]]] = {
    "clear": frozenset(PURPOSES),
    "green": frozenset({"awareness", "investigation", "protection", "exercise"}),
    "amber": frozenset({"awareness", "investigation", "exercise"}),
    "red": frozenset({"awareness", "exercise"}),
}
"""What a thing may be released for. PAP red allows only what nobody can notice (to know of it); amber also looking into
it with the help of others; green also acting to protect (blocking, warning, guarding); clear everything. An exercise
acts on nothing real."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that may be released: its id and conditions, and the things it refers to.

    ``parts`` are held more closely than the whole. ``refs`` are the ids it mentions; of each group in ``needs`` it has
    to keep one at least, or it says nothing any more (both ends of a relationship; some object of a report).
    """

    id: str
    marking: Marking
    parts: tuple[Part, ...] = ()
    refs: tuple[str, ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()


class Reason(msgspec.Struct, frozen=True):
    """A rule by its name, and what it says of this case."""

    rule: str
    says: str


class Decision(msgspec.Struct, frozen=True):
    """``redact``: it may go without the parts in ``withheld``. ``reasons`` are never empty."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    withheld: tuple[Part, ...] = ()


class _Case(msgspec.Struct, frozen=True):
    """What a rule looks at beside the marking."""

    recipient: Recipient
    names: frozenset[str]
    purpose: Purpose
    at: int
    named: bool
    by: str | None


def decide(
    item: Item, recipient: Recipient, purpose: Purpose, at: int, *, named: bool = False, by: str | None = None
) -> Decision:
    """Whether the item may go to the recipient, for the purpose, at a time [ms UTC].

    Args:
        named: the way on which it would go names this organisation: it is addressed by a share, or stands itself
            among the readers of the collection (a collection that anybody may read names nobody). Where this is
            False only a releasability marking can name the recipient, which green and stricter levels ask for. Red asks
            for a releasability marking with the organisation in it, always.
        by: the organisation that releases it: the one that put it here. Under originator control that has to be the
            originator; None is nobody we know.
    """
    case = _Case(recipient, recipient.names, purpose, at, named, by)
    against = _against(item.marking, case)
    if against:
        return Decision("deny", against)
    reason = _lets_in(item.marking, case)
    if not item.parts:
        return Decision("allow", (reason,))
    withheld = [(part, why) for part in item.parts if (why := _against_part(item.marking, part, case))]
    if not withheld:
        return Decision("allow", (reason,))
    return Decision(
        "redact",
        (reason, *(Reason(why[0].rule, f"{part.selector}: {why[0].says}") for part, why in withheld)),
        tuple(part for part, _ in withheld),
    )


def _against(marking: Marking, case: _Case) -> tuple[Reason, ...]:
    """Every rule that stands against the release."""
    found = [Reason(rule, says) for rule, test in _FOR_ALL if (says := test(marking, case)) is not None]
    if case.recipient.organisation != marking.originator:
        found += [
            Reason(rule, says) for rule, test in _FOR_OTHERS if (says := test(marking, case)) is not None
        ]
    return tuple(found)


def _against_part(whole: Marking, part: Part, case: _Case) -> tuple[Reason, ...]:
    try:
        return _against(both(whole, part.marking), case)
    except MixedRealmsError:
        return (Reason("realm", f"it is {part.marking.realm} within a thing that is {whole.realm}."),)


def _lets_in(marking: Marking, case: _Case) -> Reason:
    """What the release rests on, where nothing stands against it."""
    who = case.recipient.organisation
    if who == marking.originator:
        return Reason("originator", f"{who} made it.")
    clear = marking.tlp == "clear"
    level = "TLP:CLEAR may go to anyone" if clear else f"{_label(marking)} is a level that {who} keeps"
    if marking.releasable_to:
        return Reason("releasability", f"{level}; {release_words(marking)} has {who} in it.")
    return Reason("tlp", f"{level}." if clear else f"{level}, and {who} is named for it.")


def _revoked(marking: Marking, case: _Case) -> str | None:
    since = case.recipient.revoked_at
    if since is None or case.at < since:
        return None
    return f"{case.recipient.organisation} is no partner any more since {to_iso(since)}."


def _expired(marking: Marking, case: _Case) -> str | None:
    if marking.expires is None or case.at < marking.expires:
        return None
    return f"Its release ended at {to_iso(marking.expires)}."


def _realm(marking: Marking, case: _Case) -> str | None:
    if marking.realm == REAL:
        return None
    exercise = marking.realm.removeprefix("exercise:")
    if exercise not in case.recipient.exercises:
        return f"It belongs to exercise {exercise}, in which {case.recipient.organisation} takes no part."
    if case.purpose != "exercise":
        return f"It belongs to exercise {exercise} and is released for exercise only, not for {case.purpose}."
    return None


def _unknown(marking: Marking, case: _Case) -> str | None:
    if not marking.unknown:
        return None
    return f"It carries a marking that cannot be read here ({', '.join(marking.unknown)})."


def _tlp(marking: Marking, case: _Case) -> str | None:
    if marking.tlp is None:
        return "It carries no TLP level, and nothing says what that means here."
    missing = [level for level in KEPT[marking.tlp] if level not in case.recipient.accepts]
    if missing:
        levels = ", ".join(f"TLP:{level.upper()}" for level in missing)
        return f"{_label(marking)}: {case.recipient.organisation} has not agreed to keep {levels}."
    if marking.tlp != "clear" and marking.tlp != "red" and not (case.named or marking.releasable_to):
        return f"{_label(marking)}: nothing names {case.recipient.organisation} for it."
    return None


def _red(marking: Marking, case: _Case) -> str | None:
    if marking.tlp != "red":
        return None
    name = f"org:{case.recipient.organisation}"
    if any(name in group for group in marking.releasable_to):
        return None
    return f"TLP:RED is for organisations named one by one, and {case.recipient.organisation} is not."


def _releasable(marking: Marking, case: _Case) -> str | None:
    for group in marking.releasable_to:
        if case.names.isdisjoint(group):
            return f"{group_words(group)}, and {case.recipient.organisation} is not in it."
    return None


def _originator(marking: Marking, case: _Case) -> str | None:
    if not marking.originator_control or (case.by is not None and case.by == marking.originator):
        return None
    return f"Only its originator ({marking.originator or 'not known'}) may pass it on."


def _pap(marking: Marking, case: _Case) -> str | None:
    if marking.pap is None or case.purpose in PERMITTED[marking.pap]:
        return None
    return f"PAP:{marking.pap.upper()} does not permit what is done for {case.purpose}."


def _purpose(marking: Marking, case: _Case) -> str | None:
    if marking.purposes is None or case.purpose in marking.purposes:
        return None
    allowed = ", ".join(marking.purposes) or "nothing"
    return f"It is released for {allowed}, not for {case.purpose}."


def _agreed(marking: Marking, case: _Case) -> str | None:
    if case.purpose in case.recipient.purposes:
        return None
    return f"Nothing was agreed with {case.recipient.organisation} about {case.purpose}."


_Rule = tuple[str, Callable[[Marking, _Case], str | None]]
_FOR_ALL: Final[tuple[_Rule, ...]] = (("revoked", _revoked), ("expiry", _expired), ("realm", _realm))
_FOR_OTHERS: Final[tuple[_Rule, ...]] = (
    ("unknown", _unknown),
    ("tlp", _tlp),
    ("tlp-red", _red),
    ("releasability", _releasable),
    ("originator-control", _originator),
    ("pap", _pap),
    ("purpose", _purpose),
    ("agreement", _agreed),
)
RULES: Final = tuple(rule for rule, _ in (*_FOR_ALL, *_FOR_OTHERS))
"""The rules by name. The first three bind the originator too."""


def _label(marking: Marking) -> str:
    return "no TLP level" if marking.tlp is None else f"TLP:{marking.tlp.upper()}"


def group_words(group: tuple[str, ...]) -> str:
    """A group of releasability as people write it: ``REL TO EST, FIN``."""
    return f"REL TO {', '.join(name.partition(':')[2] for name in group) or 'NOBODY'}"


def release_words(marking: Marking) -> str:
    """All groups of a marking as people write them."""
    return " and ".join(group_words(group) for group in marking.releasable_to)


def wider(new: Marking, old: Marking) -> bool:
    """Whether somebody could be given by ``new`` what it could not be given by ``old``.

    Exact for all recipients, purposes, times and releasing organisations, where the way names the recipient; but for
    three changes that always count as wider, because a version has no business making them: another realm, another
    originator, and a TLP level that was or is not stated (what that means is for its holder to say first).
    """
    if new.realm != old.realm or (new.tlp is None) != (old.tlp is None):
        return True
    if new.originator is not None and new.originator != old.originator:
        return True
    made_by = frozenset() if old.originator is None else frozenset({f"org:{old.originator}"})
    anybody = new.originator is not None or _lets_in_others(new, frozenset())
    if anybody and _later(new.expires, old.expires):
        return True
    return _lets_in_others(new, made_by) and (
        bool(old.unknown)
        or (old.originator_control and not new.originator_control)
        or not set(_kept(old)) <= set(_kept(new))
        or not _purposes(new) <= _purposes(old)
        or any(_passes(_groups(new), made_by | group) for group in _groups(old))
    )


def _lets_in_others(marking: Marking, but: frozenset[str]) -> bool:
    """Whether anybody under none of the names in ``but``, and not as originator, could ever be given it."""
    return (
        not marking.unknown
        and marking.tlp is not None
        and not (marking.originator_control and marking.originator is None)
        and bool(_purposes(marking))
        and _passes(_groups(marking), but)
    )


def _later(new: int | None, old: int | None) -> bool:
    return old is not None and (new is None or new > old)


def _kept(marking: Marking) -> tuple[Tlp, ...]:
    return () if marking.tlp is None else KEPT[marking.tlp]


def _purposes(marking: Marking) -> frozenset[Purpose]:
    purposes = frozenset(PURPOSES if marking.purposes is None else marking.purposes)
    if marking.pap is not None:
        purposes &= PERMITTED[marking.pap]
    return purposes if marking.realm == REAL else purposes & {"exercise"}


def _groups(marking: Marking) -> list[frozenset[str]]:
    """The groups in which a recipient has to be; red adds that of all organisations that are named."""
    groups = [frozenset(group) for group in marking.releasable_to]
    if marking.tlp == "red":
        groups.append(frozenset(n for group in groups for n in group if n.startswith("org:")))
    return groups


def _passes(groups: list[frozenset[str]], avoiding: frozenset[str]) -> bool:
    """Whether a recipient can exist that is in every group under none of the names to avoid.

    It has one organisation, at most one country and as many communities as it likes.
    """
    left = [group - avoiding for group in groups]
    left = [group for group in left if not any(name.startswith("community:") for name in group)]
    if not left:
        return True
    for name in left[0]:
        other = [group for group in left if name not in group]
        kind = "country:" if name.startswith("org:") else "org:"
        if not other or any(n.startswith(kind) for n in frozenset.intersection(*other)):
            return True
    return False
