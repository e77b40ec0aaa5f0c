"""How port state control ranks flags: the white, grey and black list of the Paris MoU.

The colour follows from three years of inspections and detentions by a binomial test (Paris MoU, *Explanatory
note "White", "Grey" and "Black List"*): with yardstick ``p`` and ``N`` inspections the limits are
``N p + 0.5 + z sqrt(N p (1 - p))`` (black to grey) and ``N p - 0.5 - z sqrt(N p (1 - p))`` (grey to white).
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from watchkeeper.errors import ListError
from watchkeeper.lists.entries import FlagPerformance
from watchkeeper.lists.flags import flag_from_text
from watchkeeper.lists.opening import ListFile
from watchkeeper.lists.reading import Gathering
from watchkeeper.lists.values import clean, iso_date, quantity
from watchkeeper.model.register import FlagStanding, Standing

YARDSTICK: Final = 0.07
"""Share of inspections that may end in a detention (Paris MoU, explanatory note)."""
Z: Final = 1.645
"""Standard deviations of one-sided 95 % certainty (same note)."""
FEWEST_INSPECTIONS: Final = 30
"""In three years; flags with fewer are not ranked (same note)."""
FEW_DIFFER: Final = 0.2
"""With more than this share of colours that do not follow from their counts, the columns are shifted."""

_COLOURS: Final[dict[str, Standing]] = {"white": "white", "grey": "grey", "gray": "grey", "black": "black"}


def standing_of(inspections: int, detentions: int) -> Standing | None:
    """The colour that follows from the counts; None for fewer than 30 inspections."""
    if inspections < FEWEST_INSPECTIONS:
        return None
    expected = inspections * YARDSTICK
    margin = 0.5 + Z * math.sqrt(expected * (1.0 - YARDSTICK))
    if detentions > expected + margin:
        return "black"
    return "white" if detentions < expected - margin else "grey"


class FlagReading(Gathering):
    """A list of flags being read."""

    def __init__(self, list_id: str, title: str) -> None:
        super().__init__(list_id, title)
        self.flags: list[FlagStanding] = []
        self._compared = self._differ = 0

    def add(self, row: int, said: Mapping[str, str | None], as_of: str | None = None) -> None:
        """Take a row: ``flag``, and ``standing`` or ``inspections`` with ``detentions``; the rest if there."""
        flag = flag_from_text(said.get("flag"))
        if flag is None:
            self.reject(row, f"{said.get('flag')!r} is no country", "")
            return
        counts = {what: _count(said.get(what)) for what in ("inspections", "detentions", "rank")}
        inspections, detentions = counts["inspections"], counts["detentions"]
        computed = None
        if inspections is not None and detentions is not None:
            if detentions > inspections:
                self.reject(row, f"{detentions:,} detentions in {inspections:,} inspections", flag)
                return
            computed = standing_of(inspections, detentions)
        published = _colour(said.get("standing"))
        if published and computed:
            self._compared += 1
            self._differ += published != computed
        standing = published or computed
        if standing is None:
            self.reject(row, "neither white, grey or black nor counts from which that follows", flag)
            return
        if any(one.flag == flag for one in self.flags):
            self.reject(row, f"{flag} is there twice", str(said.get("flag")))
            return
        self.flags.append(
            FlagStanding(
                flag=flag,
                standing=standing,
                source=self.title,
                as_of=iso_date(as_of),
                rank=counts["rank"],
                inspections=inspections,
                detentions=detentions,
                excess_factor=_decimal(said.get("excess_factor")),
            )
        )

    def done(self, file: ListFile, format_name: str) -> FlagPerformance:
        """The list as read.

        Raises:
            ListError: no flag in it, or colours that do not follow from the counts beside them.
        """
        if not self.flags:
            raise ListError(f"{file.path}: no flag in this list ({self.instead()}).", "Check its columns.")
        if self._differ > FEW_DIFFER * self._compared:
            raise ListError(
                f"{file.path}: {self._differ:,} of {self._compared:,} standings do not follow from inspections "
                "and detentions.",
                "Check whether the columns are shifted against the header.",
            )
        if self._differ:
            self.notes.append(
                f"{self._differ:,} standings do not follow from their counts; taken as published"
            )
        self.as_of = self.as_of or max((one.as_of for one in self.flags if one.as_of), default=None)
        flags = (replace(one, as_of=one.as_of or self.as_of) for one in self.flags)
        return FlagPerformance(flags=tuple(flags), **self.about(file, format_name))


class FlagIndex:
    """Standings by flag; of several lists the newest that ranks the flag decides."""

    def __init__(self, lists: Iterable[FlagPerformance] = ()) -> None:
        self._by_flag: dict[str, FlagStanding] = {}
        for one in sorted(lists, key=lambda given: given.as_of or ""):
            self._by_flag |= {standing.flag: standing for standing in one.flags}

    def __len__(self) -> int:
        return len(self._by_flag)

    def of(self, flag: str) -> FlagStanding | None:
        """The standing of a flag (ISO 3166-1 alpha-2), None where it is not ranked."""
        return self._by_flag.get(flag.upper())


def _colour(text: str | None) -> Standing | None:
    words = (clean(text) or "").casefold().replace("-", " ").split()
    return next((_COLOURS[word] for word in words if word in _COLOURS), None)


def _count(text: str | None) -> int | None:
    plain = clean(text)
    if plain is None:
        return 0 if (text or "").strip() == "0" else None
    number = quantity(plain)
    return int(number) if number is not None and number == int(number) else None


def _decimal(text: str | None) -> float | None:
    try:
        number = float((clean(text) or "nan").replace(",", ".").replace("−", "-"))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
