"""Circular reporting: reports that lean on one text are one source, however many there are.

Passages that two reports share are found by winnowed fingerprints of folded words, confirmed by aligning the words, and
shown with their places in both. Left out of the count, and said to be so: passages that stand in quotation marks in
both (both quote one statement; they may be independent otherwise) and the boilerplate of a publisher.
"""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from importlib.resources import files
from itertools import combinations
from typing import Literal

import msgspec

from watchkeeper.cases.register.aligning import Run, runs_shared
from watchkeeper.cases.register.fingerprints import grams, winnowed
from watchkeeper.cases.register.folding import Word, words
from watchkeeper.cases.register.quotation import Spans, inside, quoted_spans
from watchkeeper.cases.register.sources import Report

Why = Literal["counts", "both quote it", "boilerplate"]


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The thresholds of ``circular.toml``; see there for units and origin."""

    words_in_gram: int
    window: int
    bridge: int
    passage_words: int
    passage_alike: float
    lean_share: float
    lean_words: int
    lean_long: int
    words_most: int
    boilerplate_reports: int


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A passage that two reports share: offsets in each text [characters], how many words, whether it counts."""

    start: int
    end: int
    other_start: int
    other_end: int
    words: int
    alike: float
    why: Why


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two reports by their SHA-256. ``share`` of the shorter one's words that stands in passages that count, 0 to 1."""

    one: str
    other: str
    passages: tuple[Passage, ...]
    words: int
    share: float
    leans: bool
    because: str


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """Reports in groups that count as one source each, and every pair that shares anything."""

    groups: tuple[tuple[str, ...], ...]
    pairs: tuple[Pair, ...]

    @property
    def count(self) -> int:
        """How many sources there are."""
        return len(self.groups)


class _Read(msgspec.Struct, frozen=True):
    """A report, read: its words, fingerprints and quotations."""

    report: Report
    words: list[Word]
    prints: dict[int, list[int]]
    quoted: Spans


@cache
def limits() -> Limits:
    """The thresholds in force."""
    text = files(__package__).joinpath("circular.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Limits)


def sources(reports: Sequence[Report], at_limits: Limits | None = None) -> Sources:
    """How many sources some reports are.

    Reports lean on one text where a good part of the shorter one stands in the other; those of one publisher are one
    source too. Groups are joined through common members, and stand in the order of the reports.

    Args:
        reports: each text once.
        at_limits: other thresholds than those of ``circular.toml``.
    """
    limit = at_limits or limits()
    read = [_read(report, limit) for report in reports]
    plates = _boilerplate(read, limit)
    pairs = [_pair(one, other, plates, limit) for one, other in combinations(read, 2)]
    joined = [(p.one, p.other) for p in pairs if p.leans]
    groups = _groups([report.sha256 for report in reports], joined)
    return Sources(groups=groups, pairs=tuple(p for p in pairs if p.passages or p.leans))


def compare(one: Report, other: Report, at_limits: Limits | None = None) -> Pair:
    """Two reports beside each other."""
    limit = at_limits or limits()
    return _pair(_read(one, limit), _read(other, limit), frozenset(), limit)


def _read(report: Report, limit: Limits) -> _Read:
    found = words(report.text)[: limit.words_most]
    prints = winnowed(grams([word.folded for word in found], limit.words_in_gram), limit.window)
    return _Read(report, found, prints, quoted_spans(report.text))


def _pair(one: _Read, other: _Read, plates: Collection[int], limit: Limits) -> Pair:
    mine, theirs = [w.folded for w in one.words], [w.folded for w in other.words]
    runs = runs_shared(
        mine,
        theirs,
        one.prints,
        other.prints,
        bridge=limit.bridge,
        least_words=limit.passage_words,
        least_alike=limit.passage_alike,
    )
    passages = tuple(_passage(run, one, other, plates, limit) for run in runs)
    counted = sum(passage.words for passage in passages if passage.why == "counts")
    shorter = min(len(mine), len(theirs))
    share = counted / shorter if shorter else 0.0
    leans, because = _verdict(one.report, other.report, passages, counted, share, limit)
    return Pair(
        one=one.report.sha256,
        other=other.report.sha256,
        passages=passages,
        words=counted,
        share=round(share, 3),
        leans=leans,
        because=because,
    )


def _passage(run: Run, one: _Read, other: _Read, plates: Collection[int], limit: Limits) -> Passage:
    first, last = one.words[run.i0], one.words[run.i1 - 1]
    there, to = other.words[run.j0], other.words[run.j1 - 1]
    inner = grams([word.folded for word in one.words[run.i0 : run.i1]], limit.words_in_gram)
    why: Why = "counts"
    if inner and sum(gram in plates for gram in inner) > len(inner) / 2:
        why = "boilerplate"
    elif inside(one.quoted, first.start, last.end) and inside(other.quoted, there.start, to.end):
        why = "both quote it"
    return Passage(
        start=first.start,
        end=last.end,
        other_start=there.start,
        other_end=to.end,
        words=min(run.i1 - run.i0, run.j1 - run.j0),
        alike=round(run.alike, 3),
        why=why,
    )


def _verdict(
    one: Report, other: Report, passages: Sequence[Passage], counted: int, share: float, limit: Limits
) -> tuple[bool, str]:
    """Whether two reports are one source, and why or why not."""
    longest = max((passage.words for passage in passages if passage.why == "counts"), default=0)
    if longest >= limit.lean_long or (counted >= limit.lean_words and share >= limit.lean_share):
        return True, f"{counted} words, {share:.0%} of the shorter report, stand in both"
    if one.publisher and one.publisher.casefold() == other.publisher.casefold():
        return True, f"both are of {one.publisher}"
    if not passages:
        return False, "no shared passage"
    said = Counter(passage.why for passage in passages)
    if said["both quote it"] and not counted:
        return False, "they share only what both quote: on that statement they are one source, otherwise two"
    if said["boilerplate"] and not counted:
        return False, "they share only the boilerplate of a publisher"
    return False, f"only {counted} words, {share:.0%} of the shorter report, stand in both"


def _boilerplate(read: Iterable[_Read], limit: Limits) -> frozenset[int]:
    """Grams that stand in several reports of one publisher: what it writes under everything."""
    by_publisher: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for one in read:
        if one.report.publisher:
            folded = [word.folded for word in one.words]
            by_publisher[one.report.publisher.casefold()].update(set(grams(folded, limit.words_in_gram)))
    return frozenset(
        gram
        for counts in by_publisher.values()
        for gram, n in counts.items()
        if n >= limit.boilerplate_reports
    )


def _groups(ids: Sequence[str], joined: Iterable[tuple[str, str]]) -> tuple[tuple[str, ...], ...]:
    group = {id: k for k, id in enumerate(ids)}
    for one, other in joined:
        here, there = sorted((group[one], group[other]))
        group = {id: here if k == there else k for id, k in group.items()}
    members: defaultdict[int, list[str]] = defaultdict(list)
    for id in ids:
        members[group[id]].append(id)
    return tuple(tuple(some) for some in members.values())
