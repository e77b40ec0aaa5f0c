"""What may be done with a thing, and with whom it may be shared: its marking; and who asks: a recipient.

A marking is a normal form: however many markings an object carries, they add up to one, and each further one can only
narrow it (:func:`both`). Nothing here is a number: levels of TLP are words, and who is meant by one is decided in
``exchange/release.py``.

Sources: FIRST, *Traffic Light Protocol 2.0* (2022-08); MISP taxonomy *PAP* (Permissible Actions Protocol).
"""

from typing import Final, Literal, TypeVar

import msgspec

from watchkeeper.model.finding import REAL

Tlp = Literal["clear", "green", "amber", "amber+strict", "red"]
TLP: Final[tuple[Tlp, ...]] = ("clear", "green", "amber", "amber+strict", "red")
"""Each is meant for fewer than the one before."""

Pap = Literal["clear", "green", "amber", "red"]
PAP: Final[tuple[Pap, ...]] = ("clear", "green", "amber", "red")
"""Each allows fewer actions than the one before."""

Purpose = Literal["awareness", "investigation", "protection", "enforcement", "exercise"]
PURPOSES: Final[tuple[Purpose, ...]] = (
    "awareness",
    "investigation",
    "protection",
    "enforcement",
    "exercise",
)

How = Literal["remove", "coarsen"]

_Level = TypeVar("_Level")


class Marking(msgspec.Struct, frozen=True, kw_only=True):
    """The conditions under which a thing may be released, all of which have to hold.

    ``tlp`` is None for what was not marked: whoever holds it says what that means. ``releasable_to`` are groups of
    names (``org:<name>``, ``country:<ISO 3166 alpha-3>``, ``community:<name>``): the recipient has to be in every one;
    no group says nothing, an empty group is nobody. ``originator`` is the organisation that made it; with
    ``originator_control`` nobody else passes it on. ``expires`` [ms UTC]: from then on it is released to nobody.
    ``purposes``: what it may be used for; None says nothing. ``unknown``: ids of markings that we cannot read; such a
    thing goes to nobody but its originator.
    """

    tlp: Tlp | None = None
    pap: Pap | None = None
    releasable_to: tuple[tuple[str, ...], ...] = ()
    originator: str | None = None
    originator_control: bool = False
    expires: int | None = None
    purposes: tuple[Purpose, ...] | None = None
    realm: str = REAL
    unknown: tuple[str, ...] = ()


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an object that is held more closely than the whole: where it is, and what is done to withhold it.

    ``selector`` is that of STIX 2.1 granular markings (``extensions.<id>.geometry``, ``object_refs.[1]``).
    """

    selector: str
    marking: Marking
    how: How = "remove"


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """Who would receive it: one organisation, and what was agreed with it.

    ``accepts`` names the levels of TLP that it has agreed to keep: each one by name, none implies another. ``country``
    is its ISO 3166 alpha-3 code. ``exercises`` are those it takes part in. From ``revoked_at`` [ms UTC] on it receives
    nothing.
    """

    organisation: str
    country: str | None = None
    communities: tuple[str, ...] = ()
    accepts: tuple[Tlp, ...] = ("clear",)
    purposes: tuple[Purpose, ...] = ("awareness",)
    exercises: tuple[str, ...] = ()
    revoked_at: int | None = None

    @property
    def names(self) -> frozenset[str]:
        """How releasability names it."""
        own = {f"org:{self.organisation}", *(f"community:{c}" for c in self.communities)}
        return frozenset(own | ({f"country:{self.country}"} if self.country else set()))


class MixedRealmsError(ValueError):
    """Two markings of different realms cannot hold for one thing."""


def both(first: Marking, second: Marking) -> Marking:
    """The marking that holds where both do; never wider than either.

    Raises:
        MixedRealmsError: one is real and the other of an exercise, or they are of two exercises.
    """
    if first.realm != second.realm:
        raise MixedRealmsError(f"{first.realm} and {second.realm}")
    groups = dict.fromkeys((*first.releasable_to, *second.releasable_to))
    return Marking(
        tlp=_stricter(TLP, first.tlp, second.tlp),
        pap=_stricter(PAP, first.pap, second.pap),
        releasable_to=tuple(groups),
        originator=first.originator or second.originator,
        originator_control=first.originator_control or second.originator_control,
        expires=min((e for e in (first.expires, second.expires) if e is not None), default=None),
        purposes=_common(first.purposes, second.purposes),
        realm=first.realm,
        unknown=tuple(dict.fromkeys((*first.unknown, *second.unknown))),
    )


def _stricter(order: tuple[_Level, ...], first: _Level | None, second: _Level | None) -> _Level | None:
    given = [level for level in (first, second) if level is not None]
    return max(given, key=order.index, default=None)


def _common(
    first: tuple[Purpose, ...] | None, second: tuple[Purpose, ...] | None
) -> tuple[Purpose, ...] | None:
    if first is None or second is None:
        return second if first is None else first
    return tuple(p for p in first if p in second)
