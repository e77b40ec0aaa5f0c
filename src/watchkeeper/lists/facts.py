"""The texts of a record that state facts on a hull, read into :class:`~watchkeeper.model.register.ShipFacts`."""

import re
from collections.abc import Mapping
from typing import Final

from watchkeeper.lists.flags import flag_from_text
from watchkeeper.lists.values import clean, names_in, quantity, split, year_of
from watchkeeper.model.register import FlagSpell, ShipFacts

TEXTS: Final = ("ship_type", "owner", "operator", "manager", "insurer", "class_society")
QUANTITIES: Final = {
    "gross_tonnage": 500_000.0,
    "deadweight_t": 700_000.0,
    "length_m": 500.0,
    "beam_m": 130.0,
}
"""The most a ship has had, rounded up: Pioneering Spirit 403,342 GT and 124 m wide, Seawise Giant 564,763 t,
Prelude 488 m. More is another column or another unit."""
FIELDS: Final = (
    "name",
    "former_names",
    "built",
    *QUANTITIES,
    "ship_type",
    "flag",
    "flag_history",
    *TEXTS[1:],
)
"""What a record may say, by the names of the fields."""

_LONGEST_SPELL: Final = 200
"""Characters of one flag with its dates."""
_DATE: Final = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
_SPELL: Final = re.compile(
    rf"(?P<flag>\D*?)[\s(:,]*(?:(?:from|since)\s+)?(?P<since>{_DATE})?"
    rf"\s*(?:(?:-|–|/|to|until)\s*(?P<until>{_DATE})?)?\s*\)?"
)


def read_facts(
    imo: int, said: Mapping[str, str | None], source: str, as_of: str | None
) -> tuple[ShipFacts, tuple[str, ...]]:
    """Facts on a hull from texts by field, and sentences on texts that could not be understood."""
    unread: list[str] = []
    facts: dict[str, float | None] = {}
    for field, most in QUANTITIES.items():
        value = quantity(said.get(field))
        if value is not None and value > most:
            value = None
        facts[field] = value
    built = year_of(said.get("built"))
    for field, value in {**facts, "built": built}.items():
        if value is None and (text := clean(said.get(field))):
            unread.append(f"{text[:40]!r} is not a {field.replace('_', ' ')} that can be used")
    return ShipFacts(
        imo=imo,
        source=source,
        as_of=as_of,
        name=next(iter(names_in(said.get("name"))), None),
        former_names=names_in(said.get("former_names")),
        built=built,
        gross_tonnage=facts["gross_tonnage"],
        deadweight_t=facts["deadweight_t"],
        length_m=facts["length_m"],
        beam_m=facts["beam_m"],
        flag=flag_from_text(said.get("flag")),
        flag_history=flag_history(said.get("flag_history")),
        ship_type=clean(said.get("ship_type")),
        owner=clean(said.get("owner")),
        operator=clean(said.get("operator")),
        manager=clean(said.get("manager")),
        insurer=clean(said.get("insurer")),
        class_society=clean(said.get("class_society")),
    ), tuple(unread)


def flag_history(text: str | None) -> tuple[FlagSpell, ...]:
    """Flags of a cell with the times under them: ``Panama (2019-2021); Liberia 2021-05-01/``."""
    spells: list[FlagSpell] = []
    for part in split(text):
        found = _SPELL.fullmatch(part) if len(part) <= _LONGEST_SPELL else None
        country = clean(found["flag"] if found else part)
        if country:
            since, until = (found["since"], found["until"]) if found else (None, None)
            spells.append(
                FlagSpell(flag=flag_from_text(country), flag_text=country, since=since, until=until)
            )
    return tuple(spells)
