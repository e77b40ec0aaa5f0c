"""Which combinations a ship's findings make, and which findings make each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import permutations

import msgspec

from watchkeeper.cases.combinations import ANY, LISTED, Combination, Step
from watchkeeper.cases.weights import Weights
from watchkeeper.model.finding import Finding
from watchkeeper.model.time import SECOND, from_iso

_NEVER = 1 << 62
"""The end of what is still open."""


@dataclass(frozen=True, slots=True)
class Held:
    """A combination that holds: the findings, in the order of its steps, and the least strength among them."""

    combination: Combination
    members: tuple[Finding, ...]
    strength: float


class _Moment(msgspec.Struct, frozen=True, gc=False):
    """A finding in time [ms UTC], and what it is worth."""

    finding: Finding
    start: int
    end: int
    strength: float


_Link = tuple[_Moment, "_Link | None"]
"""A finding that a chain has come to, and how."""


def held(
    findings: Sequence[Finding], combinations: Iterable[Combination], table: Weights, lists: Sequence[str]
) -> list[Held]:
    """The combinations that one ship's findings make, each once, by its strongest findings and then the earliest.

    Args:
        findings: of one ship.
        combinations: those to look for.
        table: what confidence and trust are worth.
        lists: the titles of the lists that name the ship.
    """
    kinds = {f.behaviour for f in findings}
    found = []
    for combination in combinations:
        if may_hold(combination, kinds):
            one = _hold(combination, kinds, findings, table, lists)
            if one is not None:
                found.append(one)
    return found


def may_hold(combination: Combination, kinds: AbstractSet[str]) -> bool:
    """Whether the kinds of findings alone rule it out; most ships have few, so this settles most."""
    if combination.listed and LISTED not in kinds:
        return False
    return not any(step.any_of.isdisjoint(kinds) and ANY not in step.any_of for step in combination.steps)


def _hold(
    combination: Combination,
    kinds: set[str],
    findings: Sequence[Finding],
    table: Weights,
    lists: Sequence[str],
) -> Held | None:
    listing = _listing(combination, findings, table, lists)
    if combination.listed and listing is None:
        return None
    steps = [_moments(step, kinds, findings, table) for step in combination.steps]
    if not all(steps):
        return None
    for level in sorted({m.strength for step in steps for m in step}, reverse=True):
        members = _first_chain(combination, [[m for m in step if m.strength >= level] for step in steps])
        if members is not None:
            strength = min(m.strength for m in members)
            shown = tuple(m.finding for m in members)
            if listing is not None:
                strength, shown = min(strength, table.strength(listing)), (listing, *shown)
            return Held(combination, shown, strength)
    return None


def _listing(
    combination: Combination, findings: Sequence[Finding], table: Weights, lists: Sequence[str]
) -> Finding | None:
    """The finding that says a list of the kind asked for names the ship."""
    if not combination.listed or not (
        ANY in combination.listed or any(_is_named(title, combination.listed) for title in lists)
    ):
        return None
    return max((f for f in findings if f.behaviour == LISTED), key=table.strength)


def _moments(step: Step, kinds: set[str], findings: Sequence[Finding], table: Weights) -> list[_Moment]:
    """The findings that can show a step, in order of time."""
    if ANY in step.any_of:
        kinds = {kind for kind in kinds if kind != LISTED and table.of(kind).about == "conduct"}
    else:
        kinds = kinds & step.any_of
    fitting = [
        _Moment(f, _ms(f.start), _NEVER if f.end is None else _ms(f.end), table.strength(f))
        for f in findings
        if f.behaviour in kinds and (not step.at or (f.asset is not None and _is_at(f.asset, step.at)))
    ]
    return sorted(fitting, key=_in_time)


_ms = lru_cache(maxsize=1 << 16)(from_iso)
"""A time as ms UTC; the same findings are looked at again for every change of rank."""


def _in_time(moment: _Moment) -> tuple[int, str]:
    return moment.start, moment.finding.id


def _is_at(asset: str, patterns: Iterable[str]) -> bool:
    """Whether an asset is meant: by its id, ``layer/feature``, or the feature's part of it."""
    return _is_named(asset, patterns) or _is_named(asset.partition("/")[2], patterns)


def _is_named(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns)


def _first_chain(combination: Combination, steps: list[list[_Moment]]) -> list[_Moment] | None:
    if not all(steps):
        return None
    for choice in _by_asset(steps) if combination.assets == "same" else [steps]:
        for order in [range(len(steps))] if combination.ordered else permutations(range(len(steps))):
            chain = _chain(combination, [choice[k] for k in order])
            if chain is not None:
                return [chain[list(order).index(k)] for k in range(len(steps))]
    return None


def _by_asset(steps: list[list[_Moment]]) -> Iterator[list[list[_Moment]]]:
    """The same steps once for each asset that all of them name."""
    at: list[defaultdict[str, list[_Moment]]] = []
    for step in steps:
        at.append(defaultdict(list))
        for moment in step:
            if moment.finding.asset is not None:
                at[-1][moment.finding.asset].append(moment)
    for asset in at[0]:
        if all(asset in one for one in at):
            yield [one[asset] for one in at]


def _chain(combination: Combination, steps: Sequence[list[_Moment]]) -> list[_Moment] | None:
    """One finding a step, each after the one before it and near enough; the earliest such chain."""
    reached: list[_Link] = [(moment, None) for moment in steps[0]]
    for step in steps[1:]:
        reached = _go_on(combination, reached, step)
    if not reached:
        return None
    chain: list[_Moment] = []
    link: _Link | None = reached[0]
    while link is not None:
        chain.append(link[0])
        link = link[1]
    return chain[::-1]


def _go_on(combination: Combination, reached: list[_Link], step: list[_Moment]) -> list[_Link]:
    """The findings of a step that follow one reached already.

    Of those that began before, the one that ended last is the nearest; where the asset must be another, the
    last of another asset counts. So one pass in order of time is enough.
    """
    within = _NEVER if combination.within_s is None else int(combination.within_s * SECOND)
    apart = combination.assets == "different"
    links: list[_Link] = []
    last: dict[str | None, _Link] = {}
    k = 0
    for moment in step:
        while k < len(reached) and _before(reached[k][0], moment, strictly=combination.ordered):
            asset = reached[k][0].finding.asset if apart else None
            if not (apart and asset is None) and (
                asset not in last or reached[k][0].end > last[asset][0].end
            ):
                last[asset] = reached[k]
            k += 1
        nearest = _nearest(last, moment.finding.asset, apart=apart)
        if nearest is not None and moment.start - nearest[0].end <= within:
            links.append((moment, nearest))
    return links


def _before(a: _Moment, b: _Moment, *, strictly: bool) -> bool:
    """Whether a begins before b; of two that begin together one is the first, unless the order is asked for."""
    return a.start < b.start if strictly else _in_time(a) < _in_time(b)


def _nearest(last: dict[str | None, _Link], asset: str | None, *, apart: bool) -> _Link | None:
    if not apart:
        return last.get(None)
    if asset is None:
        return None
    others = [link for name, link in last.items() if name != asset]
    return max(others, key=lambda link: link[0].end, default=None)
