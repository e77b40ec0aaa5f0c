"""Facts on ships from several registers and lists, put together by IMO number.

A register names nobody: being in one is no match. The newest source that gives a field decides it; where
others give another value, that is said.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from watchkeeper.errors import ListError
from watchkeeper.lists.entries import Rejected, ShipRegister, VesselList
from watchkeeper.lists.facts import read_facts
from watchkeeper.lists.names import normal_text
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Gathering
from watchkeeper.lists.values import DateOrder, clean, imo_numbers, iso_date
from watchkeeper.model.imo import valid_imo
from watchkeeper.model.register import ShipFacts

_NOT_COMPARED: Final = frozenset(
    ("imo", "source", "as_of", "former_names", "flag_history", "disagreements", "ship_type")
)
"""Fields that are not single values, or that every register words in its own way."""


class RegisterReading(Gathering):
    """A register being read."""

    def __init__(self, register_id: str, title: str) -> None:
        super().__init__(register_id, title)
        self.ships: list[ShipFacts] = []
        self.unread: list[Rejected] = []

    def add(
        self,
        row: int,
        imo: str | None,
        said: Mapping[str, str | None],
        as_of: str | None = None,
        date_order: DateOrder = "unknown",
    ) -> None:
        """Take a ship's facts as texts by field. Without one valid IMO number the row is rejected."""
        numbers = imo_numbers(imo)
        valid = [number for number in numbers.found if valid_imo(number)]
        if len(valid) != 1 or len(numbers.found) != 1:
            self.reject(
                row, f"not one valid IMO number: {clean(imo) or 'none'}", str(clean(said.get("name")))
            )
            return
        dated = iso_date(as_of, date_order)
        facts, unread = read_facts(valid[0], said, self.title, dated)
        self.ships.append(facts)
        self.unread += (Rejected(row, what, str(valid[0])) for what in (*numbers.unread, *unread))
        if dated is None and clean(as_of):
            self.unread.append(Rejected(row, f"{as_of!r} is not a date that can be read one way only", ""))

    def done(self, file: ListFile, format_name: str) -> ShipRegister:
        """The register as read.

        Raises:
            ListError: no ship in it.
        """
        if not self.ships:
            raise ListError(
                f"{file.path}: no ship in this register ({self.instead()}).",
                "Check whether the columns are shifted against the header.",
            )
        self.as_of = self.as_of or max((s.as_of for s in self.ships if s.as_of), default=None)
        return ShipRegister(
            ships=tuple(replace(ship, as_of=ship.as_of or self.as_of) for ship in self.ships),
            unread=tuple(self.unread),
            **self.about(file, format_name),
        )


class RegisterIndex:
    """Registers, and lists that state facts, made searchable by IMO number."""

    def __init__(self, registers: Iterable[ShipRegister] = (), lists: Iterable[VesselList] = ()) -> None:
        self._by_imo: defaultdict[int, list[ShipFacts]] = defaultdict(list)
        for register in registers:
            for ship in register.ships:
                self._by_imo[ship.imo].append(ship)
        for one in lists:
            for entry in one.entries:
                if entry.facts is not None:
                    self._by_imo[entry.facts.imo].append(entry.facts)

    def __len__(self) -> int:
        return len(self._by_imo)

    def all(self, imo: int) -> tuple[ShipFacts, ...]:
        """What every source says, the newest first; undated ones last, in the order given."""
        return tuple(sorted(self._by_imo.get(imo, ()), key=lambda ship: ship.as_of or "", reverse=True))

    def of(self, imo: int) -> ShipFacts | None:
        """What is known of the hull, None where no source knows it."""
        known = self.all(imo)
        return _merged(known) if known else None


def _merged(known: tuple[ShipFacts, ...]) -> ShipFacts:
    first = known[0]
    chosen: dict[str, Any] = {}
    disagreements: list[str] = []
    for field in fields(ShipFacts):
        given = [(value, ship) for ship in known if (value := getattr(ship, field.name)) not in (None, ())]
        if not given:
            continue
        chosen[field.name] = given[0][0]
        if field.name not in _NOT_COMPARED:
            disagreements += _told(field.name, given)
    sources = dict.fromkeys(ship.source for ship in known)
    chosen |= {"source": ", ".join(sources), "disagreements": tuple(disagreements)}
    return replace(first, **chosen)


def _told(field: str, given: list[tuple[Any, ShipFacts]]) -> list[str]:
    """A sentence where sources differ on a field, the value used first."""
    words: dict[object, str] = {}
    for value, ship in given:
        words.setdefault(_compared(value), f"{_shown(value)} ({_said_by(ship)})")
    return [f"{field.replace('_', ' ')}: {' or '.join(words.values())}"] if len(words) > 1 else []


def _compared(value: Any) -> object:
    """Whole units, and words without case and signs: 56,068.0 and 56068 do not disagree."""
    return normal_text(value) if isinstance(value, str) else round(value)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:,.10g}" if value > 9999 else f"{value:g}"


def _said_by(ship: ShipFacts) -> str:
    return f"{ship.source}, {ship.as_of}" if ship.as_of else ship.source
