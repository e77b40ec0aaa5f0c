"""What registers know of ships and flags: words for behaviours, without a reader or a file in sight."""

from dataclasses import dataclass
from typing import Literal

Standing = Literal["white", "grey", "black"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagSpell:
    """A time under one flag: ISO 3166-1 alpha-2 (None where the text names no country) and ISO dates."""

    flag: str | None
    flag_text: str
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipFacts:
    """Facts on one hull; None where not known.

    ``built`` is a year; ``gross_tonnage`` has no unit (ITC 1969); ``deadweight_t`` tonnes; ``length_m`` and
    ``beam_m`` metres; ``flag`` ISO 3166-1 alpha-2; ``class_society`` the classification society; ``insurer``
    the P&I club. ``source`` names register and date. ``disagreements`` are sentences on fields for which
    sources give different values; the value used is the first named.
    """

    imo: int
    source: str
    as_of: str | None = None
    name: str | None = None
    former_names: tuple[str, ...] = ()
    built: int | None = None
    gross_tonnage: float | None = None
    deadweight_t: float | None = None
    length_m: float | None = None
    beam_m: float | None = None
    ship_type: str | None = None
    flag: str | None = None
    flag_history: tuple[FlagSpell, ...] = ()
    owner: str | None = None
    operator: str | None = None
    manager: str | None = None
    insurer: str | None = None
    class_society: str | None = None
    disagreements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagStanding:
    """How port state control ranks a flag.

    ``flag`` is ISO 3166-1 alpha-2; ``inspections`` and ``detentions`` count three years (Paris MoU);
    ``excess_factor`` is the publisher's measure of how far a flag is from the limits; ``source`` names list
    and date.
    """

    flag: str
    standing: Standing
    source: str
    as_of: str | None = None
    rank: int | None = None
    inspections: int | None = None
    detentions: int | None = None
    excess_factor: float | None = None
