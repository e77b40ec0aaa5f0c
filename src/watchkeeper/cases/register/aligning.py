"""From common fingerprints to passages: runs of words that two texts share, with a few words that differ."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
from rapidfuzz.distance import Levenshtein

_PLACES_MOST: Final = 8
"""A fingerprint that stands in more places says nothing, and is passed over."""
_TRIED_MOST: Final = 2_000
"""Beginnings that are followed: real reports need one for each passage, noise would need any number."""
_AFTER_A_SKIP: Final = 2
"""Words that must agree after some that do not."""


class Run(msgspec.Struct, frozen=True):
    """Words ``i0`` to ``i1`` of one text are much like ``j0`` to ``j1`` of the other (ends excluded)."""

    i0: int
    i1: int
    j0: int
    j1: int
    alike: float


def runs_shared(
    one: Sequence[str],
    other: Sequence[str],
    prints: Mapping[int, Sequence[int]],
    other_prints: Mapping[int, Sequence[int]],
    *,
    bridge: int,
    least_words: int,
    least_alike: float,
) -> list[Run]:
    """The runs that two texts share, in the order of the first; none overlaps another in either text.

    Args:
        one: folded words.
        other: folded words of the other text.
        prints: fingerprints of the first with the words at which they begin.
        other_prints: the same of the other.
        bridge: words in a row that may differ inside a run.
        least_words: of a run, in the text where it is shorter.
        least_alike: of a run, 0 to 1.
    """
    if len(one) >= least_words and one == other:
        return [Run(0, len(one), 0, len(other), 1.0)]
    found: list[Run] = []
    followed: dict[int, int] = {}  # by how far apart the two places are: up to where they were followed
    tried = 0
    for i, j in _seeds(prints, other_prints):
        if i < followed.get(j - i, 0) or tried == _TRIED_MOST:
            continue
        tried += 1
        i1, j1 = _extended(one, other, i, j, +1, bridge)
        i0, j0 = _extended(one, other, i - 1, j - 1, -1, bridge)
        i0, j0 = i0 + 1, j0 + 1
        followed[j - i] = followed[j1 - i1] = i1
        if min(i1 - i0, j1 - j0) < least_words:
            continue
        alike = Levenshtein.normalized_similarity(one[i0:i1], other[j0:j1], score_cutoff=least_alike)
        if alike >= least_alike:
            found.append(Run(i0, i1, j0, j1, alike))
    return _apart(found)


def _seeds(
    prints: Mapping[int, Sequence[int]], others: Mapping[int, Sequence[int]]
) -> Iterator[tuple[int, int]]:
    pairs = (
        (i, j)
        for value, places in prints.items()
        if len(places) <= _PLACES_MOST and len(others.get(value, ())) <= _PLACES_MOST
        for i in places
        for j in others.get(value, ())
    )
    return iter(sorted(pairs))


def _extended(
    one: Sequence[str], other: Sequence[str], i: int, j: int, step: int, bridge: int
) -> tuple[int, int]:
    """The first places, from ``i`` and ``j`` in steps of ``step``, at which the texts part for good."""

    def same(a: int, b: int) -> bool:
        return 0 <= a < len(one) and 0 <= b < len(other) and one[a] == other[b]

    skips = sorted(
        ((a, b) for a in range(bridge + 1) for b in range(bridge + 1) if a or b),
        key=lambda skip: (sum(skip), skip),
    )
    while True:
        while same(i, j):
            i, j = i + step, j + step
        for a, b in skips:
            there = [(i + step * (a + k), j + step * (b + k)) for k in range(_AFTER_A_SKIP)]
            if all(same(*place) for place in there):
                i, j = there[0]
                break
        else:
            return i, j


def _apart(runs: Sequence[Run]) -> list[Run]:
    """The longest runs first, each only where no longer one lies in either text."""
    kept: list[Run] = []
    for run in sorted(runs, key=lambda r: (r.i0 - r.i1, r.i0, r.j0)):
        if all((run.i1 <= k.i0 or run.i0 >= k.i1) and (run.j1 <= k.j0 or run.j0 >= k.j1) for k in kept):
            kept.append(run)
    return sorted(kept, key=lambda r: r.i0)
