"""One ship against lists: listed, not listed or no answer, with what was consulted and how old it is.

Registers and flag performance lists that are given with them say what is known of the hull and its flag.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, Literal

import msgspec

from watchkeeper.errors import ListError
from watchkeeper.lists.disagreements import disagreements
from watchkeeper.lists.entries import (
    Document,
    FlagPerformance,
    ListEntry,
    ShipRegister,
    UnreadableList,
    VesselList,
)
from watchkeeper.lists.flag_performance import FlagIndex
from watchkeeper.lists.matching import ListIndex, Match
from watchkeeper.lists.names import normal_name
from watchkeeper.lists.registers import RegisterIndex
from watchkeeper.lists.values import IMO_DIGITS, MMSI_DIGITS
from watchkeeper.model.imo import valid_imo
from watchkeeper.model.register import FlagStanding, ShipFacts

Kind = Literal["imo", "mmsi", "name"]
Outcome = Literal["listed", "not listed", "cannot tell", "could not be read"]

KIND_NAME: Final[dict[Kind, str]] = {"imo": "IMO number", "mmsi": "MMSI", "name": "name"}
_IMO_WEIGHTS: Final = range(IMO_DIGITS, 1, -1)  # IMO A.1117(30)


class ListAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What one list says.

    ``age_days`` counts from ``as_of``; ``searchable`` is the number of entries that have such an identifier.
    """

    list: str
    title: str
    path: str
    outcome: Outcome
    reason: str = ""
    matches: tuple[Match, ...] = ()
    format: str | None = None
    as_of: str | None = None
    age_days: int | None = None
    file_written: str | None = None
    sha256: str | None = None
    entries: int = 0
    searchable: int = 0
    rejected: int = 0
    unread_values: int = 0
    notes: tuple[str, ...] = ()


class Consulted(msgspec.Struct, frozen=True, kw_only=True):
    """A register or flag performance list: how many ships or flags it holds; ``age_days`` from ``as_of``."""

    list: str
    title: str
    path: str
    format: str
    as_of: str | None
    age_days: int | None
    holds: int
    rejected: int
    notes: tuple[str, ...] = ()


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of every list consulted. ``problem`` says why the query cannot be an identifier.

    ``facts`` are what registers and lists know of the hulls asked for or found, ``standings`` how their flags
    are ranked, ``disagreements`` where lists that name the ship differ.
    """

    query: str
    kind: Kind
    value: str
    problem: str = ""
    today: str
    answers: tuple[ListAnswer, ...]
    consulted: tuple[Consulted, ...] = ()
    facts: tuple[ShipFacts, ...] = ()
    standings: tuple[FlagStanding, ...] = ()
    disagreements: tuple[str, ...] = ()

    @property
    def listed(self) -> bool:
        """Whether some list has the ship."""
        return any(answer.outcome == "listed" for answer in self.answers)


def check(
    query: str, lists: Sequence[VesselList | ShipRegister | FlagPerformance | UnreadableList], today: date
) -> CheckReport:
    """Look an IMO number (7 digits), an MMSI (9 digits) or a name up in every list.

    Raises:
        ListError: no list to consult, or nothing asked.
    """
    if not lists:
        raise ListError("No list was consulted, so nothing can be said.", "Name one with --list FILE.")
    kind, value, problem = _understood(query)
    answers = tuple(
        _unreadable(one) if isinstance(one, UnreadableList) else _answer(one, kind, value, problem, today)
        for one in lists
        if isinstance(one, UnreadableList | VesselList)
    )
    found = [(answer.title, match.entry) for answer in answers for match in answer.matches]
    asked = {int(value)} if kind == "imo" and not problem else set()
    facts = _facts(lists, asked | {imo for _, entry in found for imo in entry.imos if valid_imo(imo)})
    flags = dict.fromkeys(flag for flag in (*(f.flag for f in facts), *(e.flag for _, e in found)) if flag)
    ranks = FlagIndex(one for one in lists if isinstance(one, FlagPerformance))
    return CheckReport(
        query=query,
        kind=kind,
        value=value,
        problem=problem,
        today=today.isoformat(),
        answers=answers,
        consulted=tuple(
            _consulted(one, today) for one in lists if isinstance(one, ShipRegister | FlagPerformance)
        ),
        facts=facts,
        standings=tuple(standing for flag in flags if (standing := ranks.of(flag))),
        disagreements=disagreements(found),
    )


def _facts(lists: Sequence[object], imos: set[int]) -> tuple[ShipFacts, ...]:
    index = RegisterIndex(
        (one for one in lists if isinstance(one, ShipRegister)),
        (one for one in lists if isinstance(one, VesselList)),
    )
    return tuple(known for imo in sorted(imos) if (known := index.of(imo)))


def _consulted(one: ShipRegister | FlagPerformance, today: date) -> Consulted:
    return Consulted(
        list=one.id,
        title=one.title,
        path=one.path,
        format=one.format,
        as_of=one.as_of,
        age_days=_age(one, today),
        holds=len(one.ships if isinstance(one, ShipRegister) else one.flags),
        rejected=len(one.rejected),
        notes=one.notes,
    )


def _age(one: Document, today: date) -> int | None:
    return (today - date.fromisoformat(one.as_of)).days if one.as_of else None


def _understood(query: str) -> tuple[Kind, str, str]:
    """What was asked: kind, the value in its plain form, and what is wrong with it."""
    plain = query.strip()
    number = re.fullmatch(r"(?:(?:IMO|MMSI)[\s:.#]*)?([\d\s]+)", plain, re.IGNORECASE)
    digits = re.sub(r"\D", "", number[1]) if number else ""
    if len(digits) == IMO_DIGITS:
        return "imo", digits, "" if valid_imo(int(digits)) else _imo_problem(digits)
    if len(digits) == MMSI_DIGITS:
        return "mmsi", digits, ""
    if not normal_name(plain):
        raise ListError(
            f"{query!r} is no IMO number, MMSI or name.", "Give 7 digits, 9 digits or a ship's name."
        )
    return "name", plain, ""


def _imo_problem(digits: str) -> str:
    total = sum(int(d) * w for d, w in zip(digits, _IMO_WEIGHTS, strict=False))
    if digits[0] == "0":
        return f"{digits} is not an IMO number: it begins with 0"
    return f"{digits} is not an IMO number: its check digit would be {total % 10}"


def _unreadable(one: UnreadableList) -> ListAnswer:
    reason = f"{one.reason} {one.next_step}".strip()
    return ListAnswer(
        list=one.path, title=one.path, path=one.path, outcome="could not be read", reason=reason
    )


def _answer(one: VesselList, kind: Kind, value: str, problem: str, today: date) -> ListAnswer:
    index = ListIndex([one])
    search: dict[Kind, Callable[[], list[Match]]] = {
        "imo": lambda: index.match(imo=int(value)),
        "mmsi": lambda: index.match(mmsi=int(value)),
        "name": lambda: index.named(value),
    }
    matches = tuple(search[kind]())
    searchable = sum(_has(entry, kind) for entry in one.entries)
    outcome: Outcome = "listed" if matches else "not listed"
    reason = ""
    if problem:
        outcome, reason = "cannot tell", problem
    elif not searchable:
        outcome, reason = "cannot tell", f"no entry of this list gives a {KIND_NAME[kind]}"
    return ListAnswer(
        list=one.id,
        title=one.title,
        path=one.path,
        outcome=outcome,
        reason=reason,
        matches=matches,
        format=one.format,
        as_of=one.as_of,
        age_days=_age(one, today),
        file_written=one.file_written,
        sha256=one.sha256,
        entries=len(one.entries),
        searchable=searchable,
        rejected=len(one.rejected),
        unread_values=sum(len(entry.unread) for entry in one.entries),
        notes=one.notes,
    )


def _has(entry: ListEntry, kind: Kind) -> bool:
    return {"imo": any(map(valid_imo, entry.imos)), "mmsi": bool(entry.mmsis), "name": bool(entry.names)}[
        kind
    ]
